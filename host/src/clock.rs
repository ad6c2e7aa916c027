//! The time, as something that is handed in: tests bring their own, and nothing else asks the operating system.

use std::fmt::Debug;
use std::time::{Duration, Instant, SystemTime};

/// A source of time.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The wall clock, to compare with times that a load monitor publishes. May jump.
    fn now(&self) -> SystemTime;

    /// Time since some fixed moment, to measure ages of what was seen here. Never goes back.
    fn monotonic(&self) -> Duration;
}

/// The operating system's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts now.
    #[must_use]
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }
}
