//! `scorelet limits`, and the flags that set limits for every verb that runs policies.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Args;
use serde::Serialize;
use serde_json::Value;

use scorelet_host::kubernetes::Quantity;
use scorelet_host::policy::{LimitEntry, LimitUnit, Limits};

use super::exit::Failure;
use super::input;
use super::output::{Format, bytes, print, print_json, render, table};

/// The flags that set limits. What is not set has the library's default, as in production.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitFlags {
    /// A limit, as NAME=VALUE: `deadline=200ms`, `memory=128Mi`, `fuel=1000000`; may be repeated, and overrides the file
    #[arg(long = "limit", value_name = "NAME=VALUE")]
    limits: Vec<String>,
    /// A file with limits: a JSON object of names and values
    #[arg(long, value_name = "FILE")]
    limits_file: Option<PathBuf>,
}

/// Print every limit of policies: its value, and where that came from.
#[derive(Debug, Args)]
pub(crate) struct ShowLimits {
    #[command(flatten)]
    flags: LimitFlags,
    /// The form of the answer
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(super) output: Format,
}

/// Where the value of a limit came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Origin {
    Default,
    File,
    Flag,
}

#[derive(Serialize)]
struct Answer {
    limits: Vec<LimitAnswer>,
}

#[derive(Serialize)]
struct LimitAnswer {
    name: &'static str,
    value: Option<u64>,
    unit: &'static str,
    origin: Origin,
    meaning: &'static str,
}

impl LimitFlags {
    /// The effective limits.
    pub(crate) fn limits(&self) -> Result<Limits, Failure> {
        self.resolve().map(|(limits, _)| limits)
    }

    fn resolve(&self) -> Result<(Limits, BTreeMap<String, Origin>), Failure> {
        let mut limits = Limits::default();
        let mut origins = BTreeMap::new();
        if let Some(path) = &self.limits_file {
            let from = input::name(path);
            let file: BTreeMap<String, Value> = serde_json::from_slice(&input::read(path)?)
                .with_context(|| format!("{from} is not a JSON object of limits"))
                .map_err(Failure::bad_input)?;
            for (name, value) in file {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                set(&mut limits, &name, &text).with_context(|| from.clone()).map_err(Failure::bad_input)?;
                origins.insert(name, Origin::File);
            }
        }
        for flag in &self.limits {
            let (name, value) = flag.split_once('=').ok_or_else(|| {
                Failure::usage(anyhow!("--limit {flag:?} has no value; write it as NAME=VALUE, such as deadline=200ms"))
            })?;
            set(&mut limits, name, value).context("--limit").map_err(Failure::usage)?;
            origins.insert(name.to_owned(), Origin::Flag);
        }
        limits.validate().map_err(|invalid| Failure::bad_input(invalid.into()))?;
        Ok((limits, origins))
    }
}

impl ShowLimits {
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        let (limits, origins) = self.flags.resolve()?;
        let origin = |entry: &LimitEntry| origins.get(entry.name).copied().unwrap_or(Origin::Default);
        if self.output == Format::Json {
            let limits = limits.entries().iter().map(|entry| answer(entry, origin(entry))).collect();
            print_json(&Answer { limits })?;
        } else {
            let mut rows = table(&["LIMIT", ">VALUE", "ORIGIN", "OF"]);
            for entry in limits.entries() {
                let origin = match origin(&entry) {
                    Origin::Default => "default",
                    Origin::File => "file",
                    Origin::Flag => "flag",
                };
                rows.add_row([entry.name, &shown(&entry), origin, entry.meaning]);
            }
            print(&render(&rows))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn answer(entry: &LimitEntry, origin: Origin) -> LimitAnswer {
    let unit = match entry.unit {
        LimitUnit::Milliseconds => "ms",
        LimitUnit::Bytes => "bytes",
        LimitUnit::Count => "count",
    };
    LimitAnswer { name: entry.name, value: entry.value, unit, origin, meaning: entry.meaning }
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn shown(entry: &LimitEntry) -> String {
    match (entry.value, entry.unit) {
        (None, _) => "none".to_owned(),
        (Some(value), LimitUnit::Milliseconds) => format!("{value} ms"),
        (Some(value), LimitUnit::Bytes) => bytes(value as f64),
        (Some(value), LimitUnit::Count) => value.to_string(),
    }
}

/// Sets a limit from text in its own unit: a time such as `200ms` or `2s`, or an amount such as `128Mi` or `5000`.
fn set(limits: &mut Limits, name: &str, text: &str) -> anyhow::Result<()> {
    let unit = limits.entries().into_iter().find(|entry| entry.name == name).map(|entry| entry.unit);
    let value = match unit {
        Some(LimitUnit::Milliseconds) => milliseconds(text)
            .with_context(|| format!("{name}: {text:?} is not a time; write one such as 200ms or 2s"))?,
        Some(LimitUnit::Bytes | LimitUnit::Count) => Quantity::parse(text)
            .ok()
            .filter(|amount| !amount.is_negative())
            .with_context(|| format!("{name}: {text:?} is not an amount; write one such as 5000 or 128Mi"))?
            .to_units_rounded_up(),
        // The library says which names there are.
        None => 0,
    };
    Ok(limits.set(name, value)?)
}

fn milliseconds(text: &str) -> Option<u64> {
    let (number, factor) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 1),
        (None, Some(number)) => (number, 1_000),
        (None, None) => (text, 1),
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}
