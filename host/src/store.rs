//! Where the newest snapshot lies: one writer replaces it as a whole, any number of readers take it without waiting.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::snapshot::{Freshness, Reading, Snapshot};

/// Makes a store: its only writer, and a reader to clone.
#[must_use]
pub fn store(clock: Arc<dyn Clock>, freshness: Freshness) -> (Writer, Reader) {
    let (ready, is_ready) = watch::channel(false);
    let shared =
        Arc::new(Shared { snapshot: ArcSwapOption::empty(), last_heartbeat: AtomicU64::new(NEVER), clock, freshness });
    (Writer { shared: Arc::clone(&shared), ready }, Reader { shared, is_ready })
}

/// Replaces what readers see. There is one per store.
#[derive(Debug)]
pub struct Writer {
    shared: Arc<Shared>,
    ready: watch::Sender<bool>,
}

/// Takes readings. Cheap to clone, and usable from any thread.
#[derive(Clone, Debug)]
pub struct Reader {
    shared: Arc<Shared>,
    is_ready: watch::Receiver<bool>,
}

/// The store was dropped by its writer before anything was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the collector stopped before the first snapshot was published")]
pub struct Closed;

/// No heartbeat yet. Milliseconds of a monotonic clock never get here.
const NEVER: u64 = u64::MAX;

#[derive(Debug)]
struct Shared {
    snapshot: ArcSwapOption<Snapshot>,
    /// Milliseconds of the clock's monotonic time. Apart from the snapshot, since it changes three times as often and
    /// no answer depends on both at once.
    last_heartbeat: AtomicU64,
    clock: Arc<dyn Clock>,
    freshness: Freshness,
}

impl Writer {
    /// Notes that the load monitor is alive now.
    pub fn heartbeat(&self) {
        self.shared.last_heartbeat.store(milliseconds(self.shared.clock.monotonic()), Ordering::Relaxed);
    }

    /// Replaces the snapshot. Readings taken before keep theirs.
    pub fn publish(&self, snapshot: Arc<Snapshot>) {
        self.shared.snapshot.store(Some(snapshot));
        self.ready.send_replace(true);
    }
}

impl Reader {
    /// Takes a reading: what is known now. Never waits.
    #[must_use]
    pub fn read(&self) -> Reading {
        Reading::new(
            self.shared.snapshot.load_full(),
            self.heartbeat_age(),
            self.shared.clock.now(),
            self.shared.freshness.clone(),
        )
    }

    /// How long ago the load monitor was last known to be alive.
    #[must_use]
    pub fn heartbeat_age(&self) -> Option<Duration> {
        let last = self.shared.last_heartbeat.load(Ordering::Relaxed);
        (last != NEVER).then(|| self.shared.clock.monotonic().saturating_sub(Duration::from_millis(last)))
    }

    /// Waits for the first snapshot. Wrap it in a time-out to wait for a bounded time.
    ///
    /// # Errors
    /// [`Closed`] when the Collector stops before.
    pub fn wait_until_ready(&self) -> impl Future<Output = Result<(), Closed>> + Send + 'static {
        let mut is_ready = self.is_ready.clone();
        async move { is_ready.wait_for(|ready| *ready).await.map(|_| ()).map_err(|_| Closed) }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(NEVER - 1)
}
