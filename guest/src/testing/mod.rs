//! Unit tests of a policy without wasm: a cluster in memory, and an evaluation as the host would do it.
//!
//! Not there on wasm targets. [`collector`](crate::collector) answers from the same cluster.
//!
//! ```
//! use scorelet_guest::testing::{self, Cluster, NodeData};
//! use scorelet_guest::{Candidates, NoSettings, Pod, Policy, Refusal, collector};
//! # use scorelet_guest::{MetricType, Selector};
//!
//! struct OnlyKnown;
//!
//! impl Policy for OnlyKnown {
//!     type Settings = NoSettings;
//!
//!     fn new(_: NoSettings) -> Result<Self, Refusal> {
//!         Ok(Self)
//!     }
//!
//!     fn score(&self, _: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal> {
//!         let known = collector::node_all_metrics()?.keys();
//!         Ok(candidates.names().iter().map(|name| if known.contains(name) { 100.0 } else { 0.0 }).collect())
//!     }
//! }
//!
//! let known = NodeData::new("a").metric(Selector::average(MetricType::Cpu), 40.0);
//! let cluster = Cluster::new().node(known).node(NodeData::new("b"));
//! assert_eq!(testing::evaluate::<OnlyKnown>(&cluster, &Pod::named("web"), "").unwrap(), [100.0, 0.0]);
//!
//! let refused = testing::evaluate::<OnlyKnown>(&Cluster::new(), &Pod::named("web"), "").unwrap_err();
//! assert_eq!(refused, "no load data has been collected yet");
//! ```

mod cluster;
mod node_data;

use log::Level;

use crate::backend::memory;
use crate::instance::Instance;
use crate::{Candidates, Pod, Policy};

pub use cluster::Cluster;
pub use node_data::NodeData;

/// Evaluates a policy as the host does it: a new instance, its settings from JSON text, the scores, and the check of the
/// scores.
///
/// # Errors
///
/// The words with which the policy refused its settings or to score, or what is wrong with its scores.
pub fn evaluate<P: Policy>(cluster: &Cluster, pod: &Pod, settings: &str) -> Result<Vec<f64>, String> {
    memory::answer_from(cluster, || {
        let candidates = Candidates::new(cluster);
        let instance = Instance::<P>::new();
        let scores = instance.configure(settings).and_then(|()| instance.score(pod, &candidates));
        let scores = scores.map_err(crate::Refusal::into_words)?;
        check(&candidates.names(), &scores)?;
        Ok(scores)
    })
}

/// What the policies of this thread have logged since the last call.
#[must_use]
pub fn take_log() -> Vec<(Level, String)> {
    memory::take_log()
}

/// One score per candidate, each finite and within 0 to 100.
fn check(names: &[String], scores: &[f64]) -> Result<(), String> {
    if names.len() != scores.len() {
        return Err(format!("{} scores for {} candidates: one each is needed", scores.len(), names.len()));
    }
    let wrong = names.iter().zip(scores).find(|(_, score)| !(0.0..=100.0).contains(*score));
    wrong.map_or(Ok(()), |(name, score)| {
        Err(format!("the score of candidate `{name}` is {score}: it has to be finite and within 0 to 100"))
    })
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests;
