//! Loading policies from files.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::anyhow;
use clap::Args;

use scorelet_host::policy::{
    CompiledCache, EngineOptions, Isolation, Limits, LoadOptions, Policy, PolicyEngine, PolicyError, PolicyErrorKind,
    Wasi,
};

use super::exit::{Failure, note};
use super::input;
use super::limits::LimitFlags;
use super::output::bytes as in_words;

/// Where `make policies` leaves the sample policies.
pub(super) const SAMPLES: &str = "target/policies";

/// The flags of verbs that run policies.
#[derive(Debug, Args)]
pub(super) struct EngineFlags {
    #[command(flatten)]
    limits: LimitFlags,
    #[command(flatten)]
    wasi: WasiFlag,
    /// Where compiled policies are kept for the next run [default: the folder `scorelet` among the user's caches]
    #[arg(long, value_name = "FOLDER", env = "SCORELET_CACHE", help_heading = "Compiling")]
    cache: Option<PathBuf>,
    /// Compile policies anew, and keep nothing
    #[arg(long, help_heading = "Compiling")]
    no_cache: bool,
}

impl EngineFlags {
    /// An engine as on the command line; by default with the limits of production.
    pub(super) fn engine(&self) -> Result<PolicyEngine, Failure> {
        self.engine_with(self.limits()?)
    }

    /// The limits on the command line.
    pub(super) fn limits(&self) -> Result<Limits, Failure> {
        self.limits.limits()
    }

    /// An engine as on the command line, but for its limits.
    pub(super) fn engine_with(&self, limits: Limits) -> Result<PolicyEngine, Failure> {
        let folder = self.cache.clone().or_else(|| dirs::cache_dir().map(|folder| folder.join("scorelet")));
        let cache = folder.filter(|_| !self.no_cache).map(CompiledCache::in_folder);
        let options = EngineOptions { limits, wasi: self.wasi.wasi(), cache, ..EngineOptions::default() };
        Ok(PolicyEngine::with_options(options)?)
    }
}

/// The flag of verbs that look at policies.
#[derive(Debug, Args)]
pub(super) struct WasiFlag {
    /// Refuse policies that import WASI, instead of offering them one that does nothing
    #[arg(long, help_heading = "Sandbox")]
    no_wasi: bool,
}

impl WasiFlag {
    pub(super) fn wasi(&self) -> Wasi {
        if self.no_wasi { Wasi::Refused } else { Wasi::Inert }
    }
}

/// Loads a policy under the name of its file.
pub(super) fn load(engine: &PolicyEngine, path: &Path, settings: &str) -> Result<Policy, Failure> {
    load_bytes(engine, &input::read(path)?, path, settings, Isolation::default())
}

/// Loads a policy whose file was read before.
pub(super) fn load_bytes(
    engine: &PolicyEngine,
    bytes: &[u8],
    path: &Path,
    settings: &str,
    isolation: Isolation,
) -> Result<Policy, Failure> {
    let options = LoadOptions { name: name(path), settings: settings.to_owned(), isolation };
    load_with(engine, bytes, options).map_err(|failure| unloadable(path, failure))
}

/// Loads a policy, and says what is being waited for when that takes its time.
pub(super) fn load_with(engine: &PolicyEngine, bytes: &[u8], options: LoadOptions) -> Result<Policy, PolicyError> {
    /// A reader gets impatient.
    const LONG: Duration = Duration::from_secs(1);
    /// Smaller files take that long only on a machine that is busy, which is no news.
    const LARGE: usize = 1 << 20;

    if bytes.len() < LARGE {
        return engine.load(bytes, options);
    }
    let words = compiling(&options.name, bytes.len(), engine.cache().is_some());
    let (loaded, loading) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let wait = move || {
            if loading.recv_timeout(LONG) == Err(RecvTimeoutError::Timeout) {
                note(&words);
            }
        };
        // Without a thread, nothing is said.
        let _ = thread::Builder::new().spawn_scoped(scope, wait);
        let policy = engine.load(bytes, options);
        drop(loaded);
        policy
    })
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn compiling(name: &str, bytes: usize, is_kept: bool) -> String {
    let kept = if is_kept { "; kept in the cache" } else { "" };
    format!("compiling {name} ({}){kept}", in_words(bytes as f64))
}

/// A policy that could not be loaded from this file.
pub(super) fn unloadable(path: &Path, failure: PolicyError) -> Failure {
    let took_too_long = is_of_compiling(&failure);
    let failure = Failure::unloadable(&input::name(path), failure);
    if took_too_long { failure.advice("try --limit compile-time=60s") } else { failure }
}

/// Whether compiling took too long, and not the policy's own code.
pub(super) fn is_of_compiling(failure: &PolicyError) -> bool {
    failure.kind() == PolicyErrorKind::Deadline && failure.message().starts_with("compiling ")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_waited_for_is_said_with_its_size() {
        assert_eq!(compiling("mine", 12_206_604, true), "compiling mine (11.6 MiB); kept in the cache");
        assert_eq!(compiling("mine", 1 << 20, false), "compiling mine (1 MiB)");
    }
}
