//! The life of a policy inside of one instance: settings first, then evaluations.

use std::cell::OnceCell;

use crate::{Candidates, Pod, Policy, Refusal, backend, logging, settings};

/// One instance of a policy, as the host drives it.
pub struct Instance<P>(OnceCell<P>);

impl<P: Policy> Instance<P> {
    /// An instance without settings.
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceCell::new())
    }

    /// Takes the settings, once.
    ///
    /// # Errors
    ///
    /// The policy's refusal of its settings, or of a second call.
    pub fn configure(&self, settings: &str) -> Result<(), Refusal> {
        backend::report_panics();
        logging::install();
        let policy = P::new(settings::parse(settings)?)?;
        self.0.set(policy).map_err(|_| Refusal::new("this instance has its settings already: configure a new one"))
    }

    /// Scores every candidate.
    ///
    /// # Errors
    ///
    /// The policy's refusal to score, or of a call before [`Instance::configure`].
    pub fn score(&self, pod: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal> {
        match self.0.get() {
            Some(policy) => policy.score(pod, candidates),
            None => {
                Err(Refusal::new("this instance was asked to score before it was configured: call `configure` first"))
            }
        }
    }
}

impl<P: Policy> Default for Instance<P> {
    fn default() -> Self {
        Self::new()
    }
}
