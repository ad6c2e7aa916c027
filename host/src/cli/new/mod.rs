//! `scorelet new`: the beginning of a policy, which builds, passes its tests and scores at once.

mod languages;
mod template;

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Args;
use serde::Serialize;

use super::exit::Failure;
use super::input;
use super::output::{Format, json, print, print_json, visible};
use languages::{Kind, Language};

/// The SDK's package.
const SDK: &str = "scorelet-guest";

/// The longest name, as crates.io has it.
const MAX_NAME: usize = 64;

/// Names that mean something else to Rust or to the project.
const TAKEN: &str = "abstract alloc as async await become box break const continue core crate do dyn else enum \
    extern false final fn for gen if impl in let loop macro match mod move mut override priv \
    proc-macro pub ref return scorelet-guest self serde static std struct super test trait \
    true try type typeof unsafe unsized use virtual where while yield";

const EXAMPLES: &str = "\
Examples:
  scorelet new my-policy --sdk ../scorelet/guest
  scorelet new my-policy --lang javascript
  scorelet new policies/steady --lang python --kind batch";

/// Begin a policy: a folder with a small one that can be built, tested and scored with.
///
/// Nothing that exists is overwritten.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct New {
    /// The policy's name, and its folder: lower-case letters, digits and `-`. Of a path, the last part is the name
    #[arg(value_name = "NAME")]
    folder: PathBuf,
    /// The language to write it in
    #[arg(long, value_name = "LANGUAGE", value_enum, default_value_t)]
    lang: Language,
    /// What it looks at
    #[arg(long, value_name = "KIND", value_enum, default_value_t)]
    kind: Kind,
    /// For Rust, the folder of the SDK on this machine: `guest` in a checkout of Scorelet [default: by version]
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
        let values = self.lang.values(self.kind, name, &sdk);
        let mut files: Vec<(&str, String)> = self
            .lang
            .files(self.kind)
            .into_iter()
            .map(|(path, text)| (path, template::filled(text, &values)))
            .collect();
        files.sort();
        template::write(&self.folder, &files)?;
        let answer = Answer {
            name,
            folder: self.folder.display().to_string(),
            language: self.lang.as_str(),
            kind: self.kind.as_str(),
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

    fn name(&self) -> Result<&str, Failure> {
        let name = self.folder.file_name().and_then(OsStr::to_str).unwrap_or_default();
        let is_allowed =
            |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
        let begins_well = name.starts_with(|first: char| first.is_ascii_lowercase());
        if !begins_well || !name.chars().all(is_allowed) || name.len() > MAX_NAME {
            return Err(Failure::usage(anyhow!(
                "`{}` is no name for a policy: it may have lower-case letters, digits and `-`, begins with a letter, \
                 and has {MAX_NAME} characters at most",
                self.folder.display()
            )));
        }
        if TAKEN.split_whitespace().any(|taken| taken == name) {
            return Err(Failure::usage(anyhow!("`{name}` means something else to Rust; choose another name")));
        }
        Ok(name)
    }

    /// Where the SDK comes from, as lines of `Cargo.toml`.
    fn sdk(&self) -> Result<String, Failure> {
        let Some(folder) = &self.sdk else {
            return Ok(format!(
                "# Not on crates.io yet; until then: {{ path = \"…\" }}, the folder `guest` of a checkout of Scorelet.\n\
                 {SDK} = \"={}\"",
                env!("CARGO_PKG_VERSION")
            ));
        };
        if self.lang != Language::Rust {
            let advice = "those in other languages get the contract in `wit/` instead";
            return Err(Failure::usage(anyhow!("--sdk is for policies in Rust; {advice}")));
        }
        let manifest = folder.join("Cargo.toml");
        let text = input::read_text(&manifest).map_err(|failure| failure.context("--sdk names no crate"))?;
        // A line that every manifest of the SDK has; no reader of TOML is needed for it.
        let line = format!("name=\"{SDK}\"");
        if !text.lines().any(|found| found.split_whitespace().collect::<String>() == line) {
            return Err(Failure::bad_input(anyhow!(
                "{} is not that of {SDK}; pass the folder `guest` of a checkout of Scorelet as --sdk",
                manifest.display()
            )));
        }
        let absolute = fs::canonicalize(folder)
            .with_context(|| format!("cannot find {}", folder.display()))
            .map_err(Failure::input_output)?;
        let absolute = absolute.to_str().ok_or_else(|| {
            Failure::bad_input(anyhow!(
                "the path of {} is not UTF-8 text, which Cargo.toml has to be",
                folder.display()
            ))
        })?;
        // A text of JSON is one of TOML too.
        Ok(format!("{SDK} = {{ path = {} }}", json(&absolute)?))
    }

    /// What to do now, as lines of a shell.
    fn next(&self, values: &[(&str, String)]) -> Vec<String> {
        let note = (self.lang == Language::Rust && self.sdk.is_none())
            .then(|| format!("# {SDK} is not on crates.io yet: Cargo.toml says what to write there until it is"));
        let score = "scorelet score {{policy}} --pod pod.yaml --metrics metrics.json";
        let commands = template::filled(&["{{setup}}", "{{build}}", "{{test}}", score].join("\n"), values);
        std::iter::once(format!("cd {}", self.folder.display()))
            .chain(note)
            .chain(commands.lines().map(str::to_owned))
            .collect()
    }
}

/// Refuses a place that is taken. An empty folder is none.
fn check_that_nothing_is_there(folder: &Path) -> Result<(), Failure> {
    let taken = |what: &str| {
        let place = folder.display();
        Err(Failure::usage(anyhow!("{place} {what}; nothing was written: choose another name, or remove it")))
    };
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => taken("is there already, and not empty"),
        },
        Err(failure) if failure.kind() == ErrorKind::NotFound => Ok(()),
        Err(failure) if failure.kind() == ErrorKind::NotADirectory => taken("is a file"),
        Err(failure) => {
            let what = format!("cannot look into {}", folder.display());
            Err(Failure::input_output(anyhow::Error::new(failure).context(what)))
        }
    }
}

fn text(answer: &Answer<'_>) -> String {
    let (files, next) = (answer.files.join("\n  "), answer.next.join("\n  "));
    let (folder, kind, language) = (visible(&answer.folder), answer.kind, answer.language);
    format!("created {folder}, a policy in {language} ({kind}):\n  {files}\n\nnext:\n  {next}")
}
