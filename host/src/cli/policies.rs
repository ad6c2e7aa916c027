//! Loading policies from files.

use std::path::{Path, PathBuf};

use anyhow::anyhow;

use scorelet_host::policy::{LoadOptions, Policy, PolicyEngine};

use super::exit::Failure;
use super::input;
use super::limits::LimitFlags;

/// Where `make policies` leaves the sample policies.
pub(super) const SAMPLES: &str = "target/policies";

/// An engine with the limits of the command line; by default those of production.
pub(super) fn engine(limits: &LimitFlags) -> Result<PolicyEngine, Failure> {
    Ok(PolicyEngine::new(limits.limits()?)?)
}

/// Loads a policy under the name of its file.
pub(super) fn load(engine: &PolicyEngine, path: &Path, settings: &str) -> Result<Policy, Failure> {
    let bytes = input::read(path)?;
    let options = LoadOptions { name: name(path), settings: settings.to_owned(), ..LoadOptions::default() };
    engine.load(&bytes, options).map_err(|failure| Failure::unloadable(&input::name(path), failure))
}

/// All policies in the folder of samples.
pub(super) fn samples() -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(SAMPLES).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "wasm")).collect();
    paths.sort();
    if paths.is_empty() {
        return Err(Failure::bad_input(anyhow!(
            "no policies in {SAMPLES}: build the samples with `make policies`, or name .wasm files"
        )));
    }
    Ok(paths)
}

/// The name of a policy: that of its file, without the ending.
pub(super) fn name(path: &Path) -> String {
    let stem = path.file_stem().filter(|_| !input::is_standard_input(path));
    stem.map_or_else(|| "policy".to_owned(), |stem| stem.to_string_lossy().into_owned())
}
