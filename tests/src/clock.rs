//! A clock that follows tokio's, so that paused time moves it too.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use scorelet_host::clock::Clock;
use tokio::time::Instant;

/// The Unix time at which every test begins: 2026-01-01, 00:00 UTC.
pub const START: i64 = 1_767_225_600;

/// A wall clock and a monotonic one that both advance with tokio's time.
#[derive(Clone, Copy, Debug)]
pub struct TokioClock {
    origin: Instant,
}

impl TokioClock {
    /// A clock that stands at [`START`] now.
    #[must_use]
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }

    /// Waits, which costs no time while tokio's is paused, until so much has passed since the clock was made.
    pub async fn until(&self, since_start: Duration) {
        tokio::time::sleep_until(self.origin + since_start).await;
    }
}

impl Default for TokioClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TokioClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(START.unsigned_abs()) + self.origin.elapsed()
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }
}
