//! Loading policies from files.

use std::path::{Path, PathBuf};

use anyhow::anyhow;

use scorelet_host::policy::{Limits, LoadOptions, Policy, PolicyEngine};

use super::exit::Failure;
use super::source::read_file;

/// Where `make policies` leaves the sample policies.
pub(super) const SAMPLES: &str = "target/policies";

/// An engine with the limits of production, which are the defaults.
pub(super) fn engine() -> Result<PolicyEngine, Failure> {
    Ok(PolicyEngine::new(Limits::default())?)
}

/// Loads a policy under the name of its file.
pub(super) fn load(engine: &PolicyEngine, path: &Path, settings: &str) -> Result<Policy, Failure> {
    let bytes = read_policy(path)?;
    let options = LoadOptions { name: name(path), settings: settings.to_owned() };
    engine.load(&bytes, options).map_err(|failure| Failure::from(failure).context(path.display().to_string()))
}

/// Reads a policy's file; a directory or a missing file is said in words.
pub(super) fn read_policy(path: &Path) -> Result<Vec<u8>, Failure> {
    if path.is_dir() {
        return Err(Failure::bad_input(anyhow!("{} is a directory; pass a policy's .wasm file", path.display())));
    }
    read_file(path)
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
    path.file_stem().map_or_else(|| "policy".to_owned(), |stem| stem.to_string_lossy().into_owned())
}
