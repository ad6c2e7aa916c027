//! The time, as something that is handed in: tests bring their own, and nothing else asks the operating system.

use std::fmt::Debug;
use std::time::{Duration, SystemTime};

/// A source of time.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The wall clock, to compare with times that a load monitor publishes. May jump.
    fn now(&self) -> SystemTime;

    /// Time since some fixed moment, to measure ages of what was seen here. Never goes back.
    fn monotonic(&self) -> Duration;
}

/// The operating system's clocks. Where it has coarse ones, which tell the time of the last tick of the kernel, up to 10 ms
/// ago: a reading asks both, and ages are told in seconds.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    origin: Duration,
}

impl SystemClock {
    /// A clock whose monotonic time starts now.
    #[must_use]
    pub fn new() -> Self {
        Self { origin: system::monotonic() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        system::now()
    }

    fn monotonic(&self) -> Duration {
        system::monotonic().saturating_sub(self.origin)
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use rustix::time::{ClockId, clock_gettime};

    pub(super) fn now() -> SystemTime {
        // A clock before 1970 is one that was never set.
        UNIX_EPOCH.checked_add(time(ClockId::RealtimeCoarse)).unwrap_or(UNIX_EPOCH)
    }

    pub(super) fn monotonic() -> Duration {
        time(ClockId::MonotonicCoarse)
    }

    fn time(clock: ClockId) -> Duration {
        Duration::try_from(clock_gettime(clock)).unwrap_or_default()
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::sync::LazyLock;
    use std::time::{Duration, Instant, SystemTime};

    static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

    pub(super) fn now() -> SystemTime {
        SystemTime::now()
    }

    pub(super) fn monotonic() -> Duration {
        ORIGIN.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn both_clocks_follow_those_of_the_standard_library() {
        // A tick of the kernel, and a machine that stood still in between.
        const APART: Duration = Duration::from_secs(10);
        let (clock, begin) = (SystemClock::new(), Instant::now());
        let wall = clock.now().duration_since(SystemTime::now()).unwrap_or_else(|behind| behind.duration());
        assert!(wall < APART, "{wall:?}");
        assert!(clock.monotonic().abs_diff(begin.elapsed()) < APART);
        // It goes on, and does not go back.
        let first = clock.monotonic();
        while clock.monotonic() == first {
            assert!(begin.elapsed() < APART, "it stands still");
        }
        assert!(clock.monotonic() > first);
    }
}
