//! One candidate, as a policy that scores node by node sees it.

use std::cell::OnceCell;

use crate::column_cache::ColumnCache;
use crate::{Candidates, Selector, measured};

/// One candidate; handed to [`NodePolicy::score`](crate::NodePolicy::score).
///
/// The first node that is asked for something fetches it for all nodes, so that a metric costs one call to the host per
/// evaluation and not one per node. After that an answer costs comparing what is asked for with what was fetched, some
/// nanoseconds as long as a policy reads a handful of different things.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    columns: &'a Columns<'a>,
    index: usize,
}

impl<'a> Node<'a> {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        let names = self.columns.names.get_or_init(|| self.columns.candidates.names());
        names.get(self.index).map_or("", String::as_str)
    }

    /// The value of a metric; `None` when it was not measured, which is not zero.
    #[inline]
    #[must_use]
    pub fn metric(&self, selector: &Selector) -> Option<f64> {
        let column = self.columns.metrics.column(selector, |selector| self.columns.candidates.column(selector));
        self.amount(column)
    }

    /// What the node offers to pods: `cpu` in millicores, `memory` and `ephemeral-storage` in bytes, others as counted.
    /// `None` when the node states nothing.
    #[inline]
    #[must_use]
    pub fn allocatable(&self, resource: &str) -> Option<f64> {
        let column = self.columns.allocatable.column(resource, |name| self.columns.candidates.allocatable(name));
        self.amount(column)
    }

    /// What the pods on the node have already requested, in the units of [`Node::allocatable`]. `None` when the host does
    /// not know.
    #[inline]
    #[must_use]
    pub fn requested(&self, resource: &str) -> Option<f64> {
        let column = self.columns.requested.column(resource, |name| self.columns.candidates.requested(name));
        self.amount(column)
    }

    /// The value of a label; `None` when the node does not have it.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&'a str> {
        let column = self.columns.labels.column(key, |key| self.columns.candidates.label(key));
        column.get(self.index).and_then(Option::as_deref)
    }

    /// What the pods request of a resource that the host put on the node since its metrics were measured: their sum. See
    /// [`Candidates::assigned`].
    #[must_use]
    pub fn assigned_requests(&self, resource: &str) -> f64 {
        let sums = |resource: &str| {
            let assigned = self.columns.candidates.assigned();
            assigned.sums(assigned.requests(resource))
        };
        self.columns.assigned_requests.column(resource, sums).get(self.index).copied().unwrap_or(0.0)
    }

    #[inline]
    fn amount(&self, column: &[f64]) -> Option<f64> {
        column.get(self.index).copied().and_then(measured)
    }
}

/// The columns that the nodes of one evaluation share.
pub(crate) struct Columns<'a> {
    candidates: &'a Candidates<'a>,
    names: OnceCell<Vec<String>>,
    metrics: ColumnCache<Selector, f64>,
    allocatable: ColumnCache<String, f64>,
    requested: ColumnCache<String, f64>,
    labels: ColumnCache<String, Option<String>>,
    assigned_requests: ColumnCache<String, f64>,
}

impl<'a> Columns<'a> {
    pub(crate) const fn new(candidates: &'a Candidates<'a>) -> Self {
        Self {
            candidates,
            names: OnceCell::new(),
            metrics: ColumnCache::new(),
            allocatable: ColumnCache::new(),
            requested: ColumnCache::new(),
            labels: ColumnCache::new(),
            assigned_requests: ColumnCache::new(),
        }
    }

    /// The candidates in the host's order.
    pub(crate) fn nodes(&self) -> impl ExactSizeIterator<Item = Node<'_>> {
        (0..self.candidates.len()).map(|index| Node { columns: self, index })
    }
}
