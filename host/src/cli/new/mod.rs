//! `scorelet new`: the beginning of a policy, which builds, passes its tests and scores at once.

mod languages;
mod sdk;
mod template;

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use serde::Serialize;

use super::exit::Failure;
use super::output::{Format, print, print_json, visible};
use languages::{Kind, Language};
use sdk::Sdk;

/// The longest name, as crates.io has it.
const MAX_NAME: usize = 64;

/// Names that mean something else to Rust or to a project in it.
const TAKEN: &str = "abstract alloc as async await become box break const continue core crate do dyn else enum \
    extern false final fn for gen if impl in let loop macro match mod move mut override priv \
    proc-macro pub ref return scorelet-guest self serde static std struct super test trait \
    true try type typeof unsafe unsized use virtual where while yield";

const EXAMPLES: &str = "\
Examples:
  scorelet new my-policy
  scorelet new my-policy --sdk ../scorelet/guest
  scorelet new my-policy --lang javascript
  scorelet new policies/steady --lang python --kind batch";

/// Begin a policy: a folder with a small one that can be built, tested and scored with.
///
/// Nothing that exists is overwritten.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct New {
    /// The policy's name, and its folder: lower-case letters, digits and `-`. Of a path, the last part is the name; `.` is
    /// the folder that one is in
    #[arg(value_name = "NAME")]
    folder: PathBuf,
    /// The language to write it in
    #[arg(long, value_name = "LANGUAGE", value_enum, default_value_t)]
    lang: Language,
    /// What it looks at
    #[arg(long, value_name = "KIND", value_enum, default_value_t)]
    kind: Kind,
    /// For Rust, the folder of the SDK, which is not on crates.io yet: `guest` in a checkout of Scorelet [default: that of
    /// the checkout that this program was built in]
    #[arg(long, value_name = "PATH")]
    sdk: Option<PathBuf>,
    /// The form of the answer
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(super) output: Format,
}

#[derive(Serialize)]
struct Answer<'a> {
    name: &'a str,
    folder: String,
    language: &'static str,
    kind: &'static str,
    /// The folder of the SDK, where the project uses it.
    sdk: Option<&'a str>,
    /// In byte order.
    files: Vec<&'static str>,
    /// Lines of a shell.
    next: Vec<String>,
}

impl New {
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        let name = self.name()?;
        check_that_nothing_is_there(&self.folder)?;
        let sdk = self.sdk()?;
        let dependency = sdk.as_ref().map(Sdk::dependency).transpose()?.unwrap_or_default();
        let values = self.lang.values(self.kind, &name, &dependency);
        let mut files: Vec<(&str, String)> = self
            .lang
            .files(self.kind)
            .into_iter()
            .map(|(path, text)| (path, template::filled(text, &values)))
            .collect();
        files.sort();
        template::write(&self.folder, &files)?;
        let answer = Answer {
            name: &name,
            folder: self.folder.display().to_string(),
            language: self.lang.as_str(),
            kind: self.kind.as_str(),
            sdk: sdk.as_ref().map(Sdk::path),
            files: files.into_iter().map(|(path, _)| path).collect(),
            next: self.next(&values),
        };
        if self.output == Format::Json {
            print_json(&answer)?;
        } else {
            print(&text(&answer))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn name(&self) -> Result<String, Failure> {
        let here = self.is_here().then(env::current_dir).and_then(Result::ok);
        let folder = here.as_ref().unwrap_or(&self.folder);
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_allowed =
            |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
        let begins_well = name.starts_with(|first: char| first.is_ascii_lowercase());
        if !begins_well || !name.chars().all(is_allowed) || name.len() > MAX_NAME {
            return Err(Failure::usage(anyhow!(
                "`{}` is no name for a policy: it may have lower-case letters, digits and `-`, begins with a letter, \
                 and has {MAX_NAME} characters at most, such as `my-policy`",
                if here.is_some() { name } else { self.folder.display().to_string() }
            )));
        }
        if self.lang == Language::Rust && TAKEN.split_whitespace().any(|taken| taken == name) {
            return Err(Failure::usage(anyhow!("`{name}` means something else to Rust; choose another name")));
        }
        Ok(name)
    }

    /// Whether the policy is to be in the folder that one is in.
    fn is_here(&self) -> bool {
        self.folder == Path::new(".")
    }

    /// The SDK, for languages that take one.
    fn sdk(&self) -> Result<Option<Sdk>, Failure> {
        match (&self.sdk, self.lang) {
            (Some(folder), Language::Rust) => Sdk::in_folder(folder).map(Some),
            (Some(_), _) => {
                let advice = "those in other languages get the contract in `wit/` instead";
                Err(Failure::usage(anyhow!("--sdk is for policies in Rust; {advice}")))
            }
            (None, Language::Rust) => {
                let program = env::current_exe().and_then(fs::canonicalize).ok();
                let sdk = program.as_deref().and_then(Sdk::of_program).ok_or_else(|| {
                    Failure::usage(anyhow!(
                        "policies in Rust take the SDK, which is not on crates.io yet: pass --sdk PATH with the folder \
                         `guest` of a checkout of Scorelet"
                    ))
                })?;
                Ok(Some(sdk))
            }
            (None, _) => Ok(None),
        }
    }

    /// What to do now, as lines of a shell.
    fn next(&self, values: &[(&str, String)]) -> Vec<String> {
        let score = "scorelet score {{policy}} --pod pod.yaml --metrics metrics.json";
        let commands = template::filled(&["{{setup}}", "{{build}}", "{{test}}", score].join("\n"), values);
        let there = (!self.is_here()).then(|| format!("cd {}", quoted(&self.folder.display().to_string())));
        there.into_iter().chain(commands.lines().map(str::to_owned)).collect()
    }
}

/// Refuses a place that is taken. An empty folder is none.
fn check_that_nothing_is_there(folder: &Path) -> Result<(), Failure> {
    let taken = |what: &str| {
        let place = folder.display();
        if folder == Path::new(".") {
            return Err(Failure::usage(anyhow!("this folder is not empty; nothing was written: name a new one")));
        }
        Err(Failure::usage(anyhow!("{place} {what}; nothing was written: choose another name, or remove it")))
    };
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => taken("is there already, and not empty"),
        },
        // What a link leads to may be meant to be made by somebody else.
        Err(failure) if failure.kind() == ErrorKind::NotFound && folder.is_symlink() => {
            taken("is a symbolic link to nothing")
        }
        Err(failure) if failure.kind() == ErrorKind::NotFound => Ok(()),
        Err(failure) if failure.kind() == ErrorKind::NotADirectory && folder.exists() => taken("is a file"),
        Err(failure) => {
            let what = format!("cannot look into {}", folder.display());
            Err(Failure::input_output(anyhow::Error::new(failure).context(what)))
        }
    }
}

/// A word as shells read it.
fn quoted(word: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "/._-+,:@%".contains(character);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

fn text(answer: &Answer<'_>) -> String {
    let lines = |lines: &[String]| lines.iter().map(|line| visible(line)).collect::<Vec<_>>().join("\n  ");
    let (files, next) = (answer.files.join("\n  "), lines(&answer.next));
    let (folder, kind, language) = (visible(&answer.folder), answer.kind, answer.language);
    let sdk = answer.sdk.map(|sdk| format!("\n\nthe SDK is in {}", visible(sdk))).unwrap_or_default();
    format!("created {folder}, a policy in {language} ({kind}):\n  {files}{sdk}\n\nnext:\n  {next}")
}
