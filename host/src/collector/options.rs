//! What can be set about a Collector.

use std::time::Duration;

use crate::snapshot::{Freshness, Retention};

/// Load monitors refresh every 60 s; half of that sees each answer soon and asks for none three times.
pub const DEFAULT_UPDATE_INTERVAL: Duration = Duration::from_secs(30);
/// A sixth of the time-out: five heartbeats in a row may be lost before an update is skipped.
pub const DEFAULT_HEARTBEAT_INTERVAL: Duration = Duration::from_secs(10);
/// Twice the update interval: a monitor that is gone for longer has missed a whole update.
pub const DEFAULT_HEARTBEAT_TIMEOUT: Duration = Duration::from_mins(1);
/// Half of the period, so that one hanging request cannot delay the next heartbeat.
pub const DEFAULT_HEARTBEAT_REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// Two thirds of the period, and over before the next update. The largest body that is allowed unless told otherwise,
/// 512 MiB, takes a link of 215 Mbit/s if it is not compressed; usual ones of some MB take one of a few Mbit/s.
pub const DEFAULT_UPDATE_REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// Three refreshes of the monitor: one may be lost without an alarm.
pub const DEFAULT_METRICS_MAX_AGE: Duration = Duration::from_mins(3);
/// The rollup of the statistics themselves: older ones describe pods that no longer run.
pub const DEFAULT_STATISTICS_RETENTION: Duration = Duration::from_hours(15 * 24);
/// Far above the label values of real clusters; about 6 MB with four metrics for each.
pub const DEFAULT_MAX_LABELS: usize = 100_000;

/// A longer period is a mistake of units: no data would be fresh for most of it. It also keeps timers from overflowing.
const LONGEST_INTERVAL: Duration = Duration::from_hours(24);

/// What can be set about a Collector. Start from [`CollectorOptions::default`] and change fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectorOptions {
    /// Period of the metrics updates; at most 24 h. Default 30 s.
    pub update_interval: Duration,
    /// Period of the heartbeats; at most 24 h. Default 10 s.
    pub heartbeat_interval: Duration,
    /// Updates are skipped when the last good heartbeat is older. Default 60 s.
    pub heartbeat_timeout: Duration,
    /// Time for one heartbeat with all its retries; at most its period. Default 5 s.
    pub heartbeat_request_timeout: Duration,
    /// Time for one update's request with all its retries; at most its period. Default 20 s.
    pub update_request_timeout: Duration,
    /// Metrics whose window ended longer ago are stale; longer than zero. Default 180 s.
    pub metrics_max_age: Duration,
    /// How long statistics of a label are kept that is no longer published; longer than zero. Default 15 days.
    pub statistics_retention: Duration,
    /// The most labels to keep, at least 1; beyond, those unseen for longest are dropped. More than
    /// [`MAX_ROWS`](crate::snapshot::MAX_ROWS) are never kept. Default 100,000.
    pub max_labels: usize,
    /// Whether missing statistics make the data invalid. Default true; false for load-watcher, which has none.
    pub require_statistics: bool,
}

impl Default for CollectorOptions {
    fn default() -> Self {
        Self {
            update_interval: DEFAULT_UPDATE_INTERVAL,
            heartbeat_interval: DEFAULT_HEARTBEAT_INTERVAL,
            heartbeat_timeout: DEFAULT_HEARTBEAT_TIMEOUT,
            heartbeat_request_timeout: DEFAULT_HEARTBEAT_REQUEST_TIMEOUT,
            update_request_timeout: DEFAULT_UPDATE_REQUEST_TIMEOUT,
            metrics_max_age: DEFAULT_METRICS_MAX_AGE,
            statistics_retention: DEFAULT_STATISTICS_RETENTION,
            max_labels: DEFAULT_MAX_LABELS,
            require_statistics: true,
        }
    }
}

/// Options that contradict each other; all contradictions at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid Collector options: {}", .problems.join("; "))]
pub struct InvalidOptions {
    problems: Vec<String>,
}

impl InvalidOptions {
    /// The problems, each naming its option.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl CollectorOptions {
    /// Checks that the options fit together; [`super::Collector::start`] does it too.
    ///
    /// # Errors
    /// [`InvalidOptions`] with every problem.
    pub fn validate(&self) -> Result<(), InvalidOptions> {
        let mut problems = Vec::new();
        for (name, interval) in
            [("update_interval", self.update_interval), ("heartbeat_interval", self.heartbeat_interval)]
        {
            if interval.is_zero() || interval > LONGEST_INTERVAL {
                problems
                    .push(format!("{name} ({interval:?}) must be longer than zero and at most {LONGEST_INTERVAL:?}"));
            }
        }
        for (name, timeout, period_name, period) in [
            ("update_request_timeout", self.update_request_timeout, "update_interval", self.update_interval),
            (
                "heartbeat_request_timeout",
                self.heartbeat_request_timeout,
                "heartbeat_interval",
                self.heartbeat_interval,
            ),
        ] {
            if timeout.is_zero() || timeout > period {
                problems.push(format!(
                    "{name} ({timeout:?}) must be longer than zero and at most {period_name} ({period:?})"
                ));
            }
        }
        if self.heartbeat_timeout < self.heartbeat_interval {
            problems.push(format!(
                "heartbeat_timeout ({:?}) must be at least heartbeat_interval ({:?})",
                self.heartbeat_timeout, self.heartbeat_interval
            ));
        }
        for (name, age) in
            [("metrics_max_age", self.metrics_max_age), ("statistics_retention", self.statistics_retention)]
        {
            if age.is_zero() {
                problems.push(format!("{name} ({age:?}) must be longer than zero"));
            }
        }
        if self.max_labels == 0 {
            problems.push("max_labels must be at least 1".to_owned());
        }
        if problems.is_empty() { Ok(()) } else { Err(InvalidOptions { problems }) }
    }

    pub(super) fn freshness(&self) -> Freshness {
        Freshness {
            heartbeat_timeout: self.heartbeat_timeout,
            metrics_max_age: self.metrics_max_age,
            require_statistics: self.require_statistics,
        }
    }

    pub(super) fn retention(&self) -> Retention {
        Retention { max_age: self.statistics_retention, max_labels: self.max_labels }
    }
}
