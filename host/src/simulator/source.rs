//! What the simulator serves, and in which dialect.

use super::{Replay, ReplayClock, SimulatedCluster};

/// How often a load monitor renews its body, in seconds. Real ones sleep a minute between two queries of their own
/// source, so a client that polls every 30 s sees each body twice.
pub const REFRESH_SECONDS: i64 = 60;

/// Which load monitor is imitated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// The load monitor with capacities, many kinds of metrics and statistics of labels.
    #[default]
    LoadMonitor,
    /// Its parent, the load-watcher: processor and memory only, no units, no statistics.
    LoadWatcher,
}

impl Dialect {
    /// The path that answers whether the monitor is healthy. The path of the other dialect is unknown to this one.
    #[must_use]
    pub fn health_path(self) -> &'static str {
        match self {
            Self::LoadMonitor => "/healthy",
            Self::LoadWatcher => "/watcher/health",
        }
    }
}

/// Where the bodies come from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Source {
    /// A cluster that is computed.
    Cluster(SimulatedCluster),
    /// A body that was recorded from a real monitor.
    Replay(Replay),
}

impl Source {
    /// The dialect of the bodies, which decides the path of the health check.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Cluster(cluster) => cluster.dialect,
            Self::Replay(replay) => replay.dialect(),
        }
    }

    /// The time for which the body that is current at `now_unix` was made: equal times mean equal bodies.
    pub(super) fn refreshed_at(&self, now_unix: i64) -> i64 {
        match self {
            Self::Replay(replay) if replay.clock() == ReplayClock::Recorded => 0,
            _ => last_refresh(now_unix),
        }
    }

    /// Everything there is at a time.
    pub(super) fn body(&self, now_unix: i64) -> Vec<u8> {
        match self {
            Self::Cluster(cluster) => cluster.body(now_unix),
            Self::Replay(replay) => replay.body(now_unix),
        }
    }

    /// One node only, or `None` when there is no such node.
    pub(super) fn host_body(&self, now_unix: i64, host: &str) -> Option<Vec<u8>> {
        match self {
            Self::Cluster(cluster) => cluster.host_body(now_unix, host),
            Self::Replay(replay) => replay.host_body(now_unix, host),
        }
    }
}

impl From<SimulatedCluster> for Source {
    fn from(cluster: SimulatedCluster) -> Self {
        Self::Cluster(cluster)
    }
}

impl From<Replay> for Source {
    fn from(replay: Replay) -> Self {
        Self::Replay(replay)
    }
}

/// When a monitor that refreshes on the minute did so last.
pub(super) fn last_refresh(now_unix: i64) -> i64 {
    now_unix.saturating_sub(now_unix.rem_euclid(REFRESH_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refreshes_on_the_minute_before_and_after_the_epoch() {
        assert_eq!(last_refresh(125), 120);
        assert_eq!(last_refresh(120), 120);
        assert_eq!(last_refresh(-1), -60);
        assert_eq!(last_refresh(i64::MIN), i64::MIN);
    }
}
