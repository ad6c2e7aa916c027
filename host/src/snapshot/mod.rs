//! One immutable set of node metrics and label statistics with their times: a value type that knows no I/O.
//!
//! ```
//! use scorelet_host::snapshot::{Defects, MetricType, Operator, Selector, TableBuilder};
//!
//! let mut defects = Defects::default();
//! let mut builder = TableBuilder::new();
//! builder.metric("instance:node_cpu:ratio", MetricType::Cpu, Operator::Average, "5m", "ratio", 42.0);
//! builder.end_row("node-a");
//! let table = builder.finish(&mut defects);
//!
//! let column = table.column(&Selector::new(MetricType::Cpu, Operator::Average));
//! assert_eq!(column, [42.0]);
//! ```

use std::time::SystemTime;

mod builder;
mod column_values;
mod metric;
mod positions;
mod reading;
mod statistics;
mod table;
#[cfg(test)]
mod tests;
mod validity;

pub use builder::{MAX_DISTINCT_METRICS, MAX_ROWS, TableBuilder};
pub use metric::{Metric, MetricType, Operator, Selector};
pub(crate) use reading::unix_time;
pub use reading::{Reading, Unavailable};
pub use statistics::{FALLBACK_LABEL, LabelStatistics, MergeOutcome, Retention, Statistics};
pub use table::{Row, Table};
pub use validity::{Check, Freshness, State, Validity};

/// The period in which metrics were measured, in Unix seconds of the load monitor's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The length as published, for example `5m`.
    pub duration: String,
    /// Begin.
    pub start: i64,
    /// End: metrics are as old as this moment.
    pub end: i64,
}

/// How much of an answer could not be used, and why. Everything not counted here was kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Defects {
    /// Nodes whose name is empty: nothing can be placed on them. Dropped.
    pub unnamed_nodes: u64,
    /// Nodes and labels with wrong JSON types inside. Dropped whole, since the rest of such an entry is not to be trusted.
    pub malformed_entries: u64,
    /// Values that are missing, null, NaN, infinite or beyond a 64-bit float, and those of distinct metrics beyond
    /// [`MAX_DISTINCT_METRICS`]. Only the value is dropped.
    pub lost_values: u64,
    /// Nodes and labels published more than once. The last one counts, as in every JSON decoder.
    pub duplicate_entries: u64,
    /// Nodes and labels beyond [`MAX_ROWS`], each of the two kinds by itself. Dropped.
    pub excess_entries: u64,
}

impl Defects {
    /// Whether everything that was published could be used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// All that is known at one moment. Created once per changed answer of the load monitor, then only read.
#[derive(Debug)]
pub struct Snapshot {
    /// Counts the snapshots of one store, from 1.
    pub id: u64,
    /// Where the load monitor has its data from, for example `Prometheus`.
    pub source: String,
    /// When the load monitor made this answer, in Unix seconds of its clock.
    pub timestamp: i64,
    /// The period in which the node metrics were measured.
    pub window: Window,
    /// When the answer was received, by the host's clock.
    pub received_at: SystemTime,
    /// A row per node.
    pub nodes: Table,
    /// A row per label value, merged over time.
    pub statistics: Statistics,
    /// What of the answer could not be used.
    pub defects: Defects,
}
