//! Policies, loaded once for each of their settings, and asked.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use scorelet_host::policy::{LoadOptions, Policy, PolicyEngine, PolicyError, PolicyErrorKind};

use super::cluster::Cluster;
use super::compare::Outcome;
use crate::cli::exit::Failure;
use crate::cli::{input, policies};

/// What asks policies.
pub(super) struct Runner {
    engine: PolicyEngine,
    files: BTreeMap<PathBuf, Vec<u8>>,
    loaded: BTreeMap<(PathBuf, String), Policy>,
    digests: BTreeMap<PathBuf, String>,
}

impl Runner {
    pub(super) fn new(engine: PolicyEngine) -> Self {
        Self { engine, files: BTreeMap::new(), loaded: BTreeMap::new(), digests: BTreeMap::new() }
    }

    /// Loads the policy of a file. Whether it refuses the settings is told when it is asked.
    pub(super) fn load(&mut self, file: &Path, settings: &str) -> Result<(), Failure> {
        self.policy(file, settings).map(drop)
    }

    /// What the policy of a file makes of a cluster. A failure is one to ask, and not one of the policy's.
    pub(super) fn ask(&mut self, file: &Path, settings: &str, cluster: &Cluster) -> Result<Outcome, Failure> {
        let policy = match self.policy(file, settings)? {
            Ok(policy) => policy,
            Err(failure) => return Ok(Err(failure)),
        };
        let (reading, request) = cluster.question();
        Ok(policy.score(&reading, &request))
    }

    /// The digest of a file that was loaded.
    pub(super) fn digest(&self, file: &Path) -> Option<&str> {
        self.digests.get(file).map(String::as_str)
    }

    fn policy(&mut self, file: &Path, settings: &str) -> Result<Result<Policy, PolicyError>, Failure> {
        let key = (file.to_owned(), settings.to_owned());
        if let Some(policy) = self.loaded.get(&key) {
            return Ok(Ok(policy.clone()));
        }
        let bytes = match self.files.entry(file.to_owned()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(read(file)?),
        };
        let options =
            LoadOptions { name: policies::name(file), settings: settings.to_owned(), ..LoadOptions::default() };
        match policies::load_with(&self.engine, bytes, options) {
            Ok(policy) => {
                self.digests.insert(file.to_owned(), policy.digest().to_owned());
                self.loaded.insert(key, policy.clone());
                Ok(Ok(policy))
            }
            Err(failure) if is_of_the_file(&failure) => Err(policies::unloadable(file, failure)),
            Err(failure) => {
                if let Some(digest) = failure.digest() {
                    self.digests.insert(file.to_owned(), digest.to_owned());
                }
                Ok(Err(failure))
            }
        }
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    if !input::is_standard_input(file) && !file.exists() {
        return Err(Failure::bad_input(anyhow!(
            "there is no policy {}: build it first, or name another one with --policy FILE",
            file.display()
        )));
    }
    input::read(file)
}

/// Whether no case could end otherwise.
fn is_of_the_file(failure: &PolicyError) -> bool {
    let is_of_any_case = matches!(
        failure.kind(),
        PolicyErrorKind::NotWasm
            | PolicyErrorKind::TooLarge
            | PolicyErrorKind::Incompatible
            | PolicyErrorKind::InvalidLimits
            | PolicyErrorKind::Internal
    );
    is_of_any_case || policies::is_of_compiling(failure)
}
