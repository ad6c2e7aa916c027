//! The candidates of an evaluation, a column at a time.

use crate::assigned::Assigned;
use crate::{Selector, backend, measured};

/// The nodes that an evaluation has to score, in the host's order; handed to [`Policy::score`](crate::Policy::score).
///
/// Every list has one entry per candidate, in that order. The lists stay on the host's side until they are asked for: keep
/// what is read more than once.
pub struct Candidates<'a>(backend::Candidates<'a>);

impl<'a> Candidates<'a> {
    /// For the macro `export` and for `testing`.
    #[doc(hidden)]
    #[must_use]
    pub fn new(handle: &'a backend::CandidatesHandle) -> Self {
        Self(backend::Candidates::new(handle))
    }

    /// The number of candidates.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there is nothing to score.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names of the nodes.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.names()
    }

    /// A metric of each node. NaN where it was not measured, which is not zero: a node that the load monitor does not
    /// know is NaN in every column.
    #[must_use]
    pub fn column(&self, selector: &Selector) -> Vec<f64> {
        self.0.column(selector)
    }

    /// A metric of each node; `None` where it was not measured.
    pub fn measurements(&self, selector: &Selector) -> impl ExactSizeIterator<Item = Option<f64>> + use<> {
        self.column(selector).into_iter().map(measured)
    }

    /// What each node offers to pods: `cpu` in millicores, `memory` and `ephemeral-storage` in bytes, others as counted.
    /// NaN where the node states nothing.
    #[must_use]
    pub fn allocatable(&self, resource: &str) -> Vec<f64> {
        self.0.allocatable(resource)
    }

    /// What the pods on each node have already requested, in the units of [`Candidates::allocatable`]. NaN where the host
    /// does not know.
    #[must_use]
    pub fn requested(&self, resource: &str) -> Vec<f64> {
        self.0.requested(resource)
    }

    /// The value of a label of each node; `None` where the node does not have it.
    #[must_use]
    pub fn label(&self, key: &str) -> Vec<Option<String>> {
        self.0.label(key)
    }

    /// The pods that the host put on the candidates since their metrics were measured, which do not show them yet.
    #[must_use]
    pub fn assigned(&self) -> Assigned<'_> {
        Assigned { candidates: &self.0, pods: self.0.assigned(), count: self.len() }
    }
}
