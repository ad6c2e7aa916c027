//! Whether collected data can be trusted: three checks, each with its own age and reason.

use std::time::{Duration, SystemTime};

use super::Snapshot;
use super::reading::unix_time;

/// A window that ends later than this from now has a wrong time: a local time taken for UTC is ahead by 14 h at
/// most, a clock that nobody sets by minutes, and milliseconds taken for seconds by thousands of years.
const FURTHEST_AHEAD: Duration = Duration::from_hours(24);

/// How old data may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// A heartbeat older than this is stale.
    pub heartbeat_timeout: Duration,
    /// Node metrics whose window ended longer ago are stale. So are those whose window ends more than a day from now,
    /// whatever is allowed here.
    pub metrics_max_age: Duration,
    /// Whether statistics are expected; a monitor of the load-watcher dialect publishes none.
    pub require_statistics: bool,
}

impl Default for Freshness {
    /// The Collector's defaults: 60 s for heartbeats, 180 s for metrics, statistics required.
    fn default() -> Self {
        Self {
            heartbeat_timeout: Duration::from_mins(1),
            metrics_max_age: Duration::from_mins(3),
            require_statistics: true,
        }
    }
}

/// The verdict of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// Present and fresh.
    Fresh,
    /// Present, and older than allowed; or of a time that cannot be true.
    Stale,
    /// Never seen, or no longer there.
    Missing,
    /// Switched off by configuration.
    Disabled,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The verdict.
    pub state: State,
    /// The age of what was checked, where there is something that can have one.
    pub age: Option<Duration>,
    /// The verdict in words.
    pub reason: String,
}

/// The verdict on everything collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The load monitor answered its health check lately.
    pub heartbeat: Check,
    /// Node metrics are there, and their window ended lately.
    pub metrics: Check,
    /// Statistics of at least one label are there.
    pub statistics: Check,
}

impl State {
    /// The name in tables and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Missing => "missing",
            Self::Disabled => "disabled",
        }
    }
}

impl Check {
    /// Whether the check stands in the way of trusting the data.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        matches!(self.state, State::Stale | State::Missing)
    }

    fn new(state: State, age: Option<Duration>, reason: impl Into<String>) -> Self {
        Self { state, age, reason: reason.into() }
    }
}

impl Validity {
    /// Whether every check passed or is switched off.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        !self.checks().iter().any(|(_, check)| check.has_failed())
    }

    /// The checks with their names, in the order in which they build on each other.
    #[must_use]
    pub fn checks(&self) -> [(&'static str, &Check); 3] {
        [("heartbeat", &self.heartbeat), ("metrics", &self.metrics), ("statistics", &self.statistics)]
    }

    /// Judges what was known at a moment.
    #[must_use]
    pub fn judge(
        snapshot: Option<&Snapshot>,
        heartbeat_age: Option<Duration>,
        now: SystemTime,
        freshness: &Freshness,
    ) -> Self {
        Self {
            heartbeat: heartbeat(heartbeat_age, freshness),
            metrics: metrics(snapshot, now, freshness),
            statistics: statistics(snapshot, now, freshness),
        }
    }
}

fn heartbeat(age: Option<Duration>, freshness: &Freshness) -> Check {
    let Some(age) = age else {
        return Check::new(State::Missing, None, "the load monitor has never answered its health check");
    };
    if age > freshness.heartbeat_timeout {
        let too_old = too_old(age, freshness.heartbeat_timeout);
        return Check::new(State::Stale, Some(age), format!("the last good heartbeat was {too_old}"));
    }
    Check::new(State::Fresh, Some(age), format!("the last good heartbeat was {} ago", Seconds(age)))
}

fn metrics(snapshot: Option<&Snapshot>, now: SystemTime, freshness: &Freshness) -> Check {
    let Some(snapshot) = snapshot else {
        return Check::new(State::Missing, None, "no metrics have been received yet");
    };
    let end = unix_time(snapshot.window.end);
    let (age, ahead) = match now.duration_since(end) {
        Ok(age) => (age, None),
        Err(ahead) => (Duration::ZERO, Some(ahead.duration())),
    };
    if snapshot.nodes.is_empty() {
        return Check::new(State::Missing, Some(age), "the load monitor publishes no nodes");
    }
    if age > freshness.metrics_max_age {
        let too_old = too_old(age, freshness.metrics_max_age);
        return Check::new(State::Stale, Some(age), format!("the metrics' window ended {too_old}"));
    }
    if let Some(ahead) = ahead.filter(|ahead| *ahead > FURTHEST_AHEAD) {
        let reason = format!(
            "the metrics' window ends {} from now: the load monitor's clock is wrong, or the unit of its times \
             (milliseconds?)",
            Seconds(ahead)
        );
        return Check::new(State::Stale, Some(age), reason);
    }
    let reason = match ahead {
        // Up to a second is rounding, since windows end on whole seconds.
        Some(ahead) if ahead >= Duration::from_secs(1) => format!(
            "the metrics' window ends {} from now: the load monitor's clock is ahead of this host's",
            Seconds(ahead)
        ),
        _ => format!("the metrics' window ended {} ago", Seconds(age)),
    };
    Check::new(State::Fresh, Some(age), reason)
}

fn statistics(snapshot: Option<&Snapshot>, now: SystemTime, freshness: &Freshness) -> Check {
    if !freshness.require_statistics {
        return Check::new(State::Disabled, None, "statistics are not required");
    }
    let Some(snapshot) = snapshot else {
        return Check::new(State::Missing, None, "no statistics have been received yet");
    };
    let statistics = &snapshot.statistics;
    let labels = statistics.table().len();
    match statistics.newest() {
        None => Check::new(State::Missing, None, "the load monitor publishes no statistics"),
        Some(newest) => {
            let age = now.duration_since(newest).unwrap_or_default();
            let noun = if labels == 1 { "label" } else { "labels" };
            Check::new(State::Fresh, Some(age), format!("{labels} {noun}, last published {} ago", Seconds(age)))
        }
    }
}

/// The end of a sentence about an age beyond its limit. Where both read the same, it says which is longer.
fn too_old(age: Duration, limit: Duration) -> String {
    let (age, limit) = (Seconds(age).to_string(), Seconds(limit).to_string());
    let just_over = if age == limit { "just over " } else { "" };
    format!("{just_over}{age} ago, longer than the allowed {limit}")
}

/// A duration as people say it: whole seconds, and beyond two minutes the larger units too.
struct Seconds(Duration);

impl std::fmt::Display for Seconds {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.as_secs();
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
        match seconds {
            0..120 => write!(formatter, "{seconds} s"),
            120..7200 => write!(formatter, "{} min {} s", seconds / 60, seconds % 60),
            7200..172_800 => write!(formatter, "{} h {minutes} min", seconds / 3600),
            _ => write!(formatter, "{days} d {hours} h"),
        }
    }
}
