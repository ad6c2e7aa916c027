//! The five queries on live load data, for policies that want more than the metrics of their candidates.
//!
//! During one evaluation all of them answer from one frozen snapshot: asking twice gives the same answer, and two answers
//! always fit together. In a native test they answer from the cluster that [`testing`](crate::testing) evaluates in, and
//! with [`Unavailable::NoData`] outside of an evaluation.

use std::error::Error;
use std::fmt;

pub use crate::bindings::scorelet::policy::collector::{Check, State, Validity};
pub use crate::bindings::scorelet::policy::types::Window;
use crate::{Metrics, Selector, backend};

/// Why a query has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// Nothing has been collected yet.
    NoData,
    /// The load monitor publishes nothing for this node or label.
    NotFound(String),
}

impl fmt::Display for Unavailable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoData => formatter.write_str("no load data has been collected yet"),
            Self::NotFound(name) => write!(formatter, "the load monitor publishes nothing for `{name}`"),
        }
    }
}

impl Error for Unavailable {}

/// All that is known of one node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeMetrics {
    /// The name of the node.
    pub node: String,
    /// Its metrics in the order published.
    pub metrics: Metrics,
    /// When they were measured.
    pub window: Window,
}

/// Statistics of the pods that share a label value.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelStatistics {
    /// The label value whose statistics these are: the one asked for, or `all` when there were none for it.
    pub label: String,
    /// True when `all` answered in the place of the label value asked for.
    pub is_fallback: bool,
    /// The statistics in the order published.
    pub metrics: Metrics,
    /// Seconds since the load monitor last published this label value. Statistics outlive a failing offline job, so this
    /// may be days.
    pub age_seconds: f64,
}

/// A frozen table: a row per node (or label value), a column per metric. It stays on the host's side; a policy pays for
/// what it reads.
pub struct MetricTable(pub(crate) backend::MetricTable);

impl MetricTable {
    /// When the node metrics were measured. For statistics: the period of the answer that last carried any.
    #[must_use]
    pub fn window(&self) -> Window {
        self.0.window()
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The node names (or label values), in byte order.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.0.keys()
    }

    /// One row; `None` when there is no such key.
    #[must_use]
    pub fn row(&self, key: &str) -> Option<Metrics> {
        self.0.row(key)
    }

    /// One value per row, in the order of the keys. NaN where the row has no fitting metric: not measured, which is not
    /// zero.
    #[must_use]
    pub fn column(&self, selector: &Selector) -> Vec<f64> {
        self.0.column(selector)
    }
}

/// The metrics of one node.
///
/// # Errors
///
/// [`Unavailable`] when nothing was collected yet, or nothing for this node.
pub fn node_metrics(node: &str) -> Result<NodeMetrics, Unavailable> {
    backend::node_metrics(node)
}

/// The statistics of one label value; those of `all` when the load monitor has none for it, and the answer says so.
///
/// # Errors
///
/// [`Unavailable`] when nothing was collected yet, or neither for this label value nor for `all`.
pub fn statistics_of_label(label: &str) -> Result<LabelStatistics, Unavailable> {
    backend::statistics_of_label(label)
}

/// The metrics of all nodes that the load monitor knows, candidates or not.
///
/// # Errors
///
/// [`Unavailable::NoData`] when nothing was collected yet.
pub fn node_all_metrics() -> Result<MetricTable, Unavailable> {
    backend::node_all_metrics().map(MetricTable)
}

/// The statistics of all label values.
///
/// # Errors
///
/// [`Unavailable::NoData`] when none was ever published.
pub fn all_statistics() -> Result<MetricTable, Unavailable> {
    backend::all_statistics().map(MetricTable)
}

/// Whether the data can be trusted, check by check, at the moment the evaluation began.
#[must_use]
pub fn valid() -> Validity {
    backend::valid()
}
