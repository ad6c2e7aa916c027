//! One consistent reading of the store, and the five queries that it answers.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::validity::{Freshness, Validity};
use super::{LabelStatistics, Row, Snapshot, Statistics, Table, Window};

/// What was known at one moment: the snapshot of that moment, the age of the last heartbeat, and the moment itself.
///
/// An evaluation takes one reading and asks nothing else, so that all its answers fit together and asking twice gives
/// the same. Taking a reading costs no more than counting one reference to the snapshot, loading the time of the last
/// heartbeat, and asking both clocks once; what was collected is not copied, whatever its size.
#[derive(Clone, Debug)]
pub struct Reading {
    snapshot: Option<Arc<Snapshot>>,
    heartbeat_age: Option<Duration>,
    taken_at: SystemTime,
    freshness: Freshness,
}

/// Why a query has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// Nothing was collected yet.
    #[error("no data of this kind has been collected from the load monitor yet")]
    NoData,
    /// The load monitor publishes nothing for this node or label.
    #[error("the load monitor publishes nothing for {0:?}")]
    NotFound(String),
}

impl Reading {
    /// A reading of a snapshot at a moment.
    #[must_use]
    pub fn new(
        snapshot: Option<Arc<Snapshot>>,
        heartbeat_age: Option<Duration>,
        taken_at: SystemTime,
        freshness: Freshness,
    ) -> Self {
        Self { snapshot, heartbeat_age, taken_at, freshness }
    }

    /// A reading before anything is known, outside of time.
    pub(crate) fn of_nothing() -> Self {
        Self::new(None, None, SystemTime::UNIX_EPOCH, Freshness::default())
    }

    /// The snapshot that this reading pins; `None` before the first update.
    #[must_use]
    pub fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        self.snapshot.as_ref()
    }

    /// The moment of the reading, by the host's clock.
    #[must_use]
    pub fn taken_at(&self) -> SystemTime {
        self.taken_at
    }

    /// How long ago the load monitor was last known to be alive.
    #[must_use]
    pub fn heartbeat_age(&self) -> Option<Duration> {
        self.heartbeat_age
    }

    /// `GetNodeMetrics`: the metrics of one node, and their window.
    ///
    /// # Errors
    /// [`Unavailable`] when there is no snapshot, or no such node in it.
    pub fn node_metrics(&self, node: &str) -> Result<(Row<'_>, &Window), Unavailable> {
        let snapshot = self.published()?;
        let row = snapshot.nodes.row(node).ok_or_else(|| Unavailable::NotFound(node.to_owned()))?;
        Ok((row, &snapshot.window))
    }

    /// `GetStatisticsOfLabel`: the statistics of a label, or of `all` in its place; the answer says which.
    ///
    /// # Errors
    /// [`Unavailable`] when there is no snapshot, or statistics of neither.
    pub fn statistics_of_label(&self, label: &str) -> Result<LabelStatistics<'_>, Unavailable> {
        self.published()?.statistics.of_label(label).ok_or_else(|| Unavailable::NotFound(label.to_owned()))
    }

    /// `GetNodeAllMetrics`: the metrics of all nodes, and their window.
    ///
    /// # Errors
    /// [`Unavailable::NoData`] when there is no snapshot.
    pub fn node_all_metrics(&self) -> Result<(&Table, &Window), Unavailable> {
        self.published().map(|snapshot| (&snapshot.nodes, &snapshot.window))
    }

    /// `GetAllStatistics`: the statistics of all labels; their window is that of the answer that last carried any.
    ///
    /// # Errors
    /// [`Unavailable::NoData`] when there is no snapshot, or no statistics were ever published.
    pub fn all_statistics(&self) -> Result<&Statistics, Unavailable> {
        let statistics = &self.published()?.statistics;
        if statistics.table().is_empty() { Err(Unavailable::NoData) } else { Ok(statistics) }
    }

    /// `Valid`: whether the data can be trusted at the moment of the reading, check by check.
    #[must_use]
    pub fn valid(&self) -> Validity {
        Validity::judge(self.snapshot.as_deref(), self.heartbeat_age, self.taken_at, &self.freshness)
    }

    /// How long before the reading something was seen; zero for what seems to come later.
    #[must_use]
    pub fn age_of(&self, seen: SystemTime) -> Duration {
        self.taken_at.duration_since(seen).unwrap_or_default()
    }

    fn published(&self) -> Result<&Snapshot, Unavailable> {
        self.snapshot.as_deref().ok_or(Unavailable::NoData)
    }
}

/// A moment from Unix seconds; times before 1970 are 1970.
pub(crate) fn unix_time(seconds: i64) -> SystemTime {
    let seconds = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    UNIX_EPOCH.checked_add(seconds).unwrap_or(UNIX_EPOCH)
}
