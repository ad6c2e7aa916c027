//! `scorelet inspect`: what a policy's file is, and whether this host can run it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use scorelet_host::policy::{Inspection, Limits, Metadata, Wasi};

use super::exit::Failure;
use super::input;
use super::output::{Format, bytes, print, print_json};
use super::policies::{WasiFlag, name};

/// Tell what a policy's file is and says of itself, what it imports and exports, and whether this host can run it (exit code 1 if not).
///
/// Nothing of the policy is run. A file that is no WebAssembly at all is bad input (exit code 65).
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// The policy's .wasm file; `-` for standard input
    policy: PathBuf,
    /// The form of the answer
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(super) output: Format,
    #[command(flatten)]
    wasi: WasiFlag,
}

#[derive(Serialize)]
struct Answer<'a> {
    name: &'a str,
    digest: &'a str,
    metadata: &'a Metadata,
    kind: &'a str,
    size_bytes: usize,
    built_for: Option<&'a str>,
    offered: &'a str,
    imports: &'a [String],
    exports: &'a [String],
    wasi: Option<&'static str>,
    runnable: bool,
    problems: &'a [String],
}

impl Inspect {
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        let file = input::read(&self.policy)?;
        let inspection = scorelet_host::policy::inspect(&file, Limits::default().module_bytes, self.wasi.wasi())
            .map_err(|failure| Failure::unloadable(&input::name(&self.policy), failure))?;
        let name = name(&self.policy);
        if self.output == Format::Json {
            print_json(&answer(&name, &inspection))?;
        } else {
            print(&text(&name, &inspection))?;
        }
        Ok(ExitCode::from(u8::from(!inspection.problems.is_empty())))
    }
}

fn answer<'a>(name: &'a str, inspection: &'a Inspection) -> Answer<'a> {
    Answer {
        name,
        digest: &inspection.digest,
        metadata: &inspection.metadata,
        kind: inspection.kind.as_str(),
        size_bytes: inspection.size,
        built_for: inspection.built_for.as_deref(),
        offered: &inspection.offered,
        imports: &inspection.imports,
        exports: &inspection.exports,
        wasi: inspection.wasi.map(Wasi::as_str),
        runnable: inspection.problems.is_empty(),
        problems: &inspection.problems,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn text(name: &str, inspection: &Inspection) -> String {
    let list = |heading: &str, names: &[String]| {
        let names = if names.is_empty() { "nothing".to_owned() } else { names.join("\n           ") };
        format!("{heading:<10} {names}\n")
    };
    let built_for = inspection.built_for.as_deref().unwrap_or("another contract");
    let mut text = format!(
        "policy     {name}\n\
         file       {}, {}\n\
         digest     {}\n\
         contract   scorelet:policy {built_for} (this host offers {})\n",
        inspection.kind.as_str().replace('-', " "),
        bytes(inspection.size as f64),
        inspection.digest,
        inspection.offered,
    );
    for (section, said) in inspection.metadata.entries() {
        // The one that would not fit its column.
        let heading = if section == "description" { "about" } else { section };
        text.push_str(&list(heading, &[said.to_owned()]));
    }
    text.push_str(&list("imports", &inspection.imports));
    text.push_str(&list("exports", &inspection.exports));
    text.push_str(match inspection.wasi {
        Some(Wasi::Inert) => "wasi       inert: no files, network or environment, a clock that stands still\n",
        Some(Wasi::Refused) => "wasi       refused\n",
        None => "",
    });
    match inspection.problems.as_slice() {
        [] => text.push_str("runnable   yes"),
        problems => text.push_str(list("runnable", &[vec!["no:".to_owned()], problems.to_vec()].concat()).trim_end()),
    }
    text
}
