//! Misbehaviour on demand, switched while the server runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ways in which a load monitor fails, all off at first.
///
/// Clones share their switches: keep one and hand the other to whoever decides. A monitor that is *down* is one whose
/// server was shut down.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Switches>);

#[derive(Debug, Default)]
struct Switches {
    unhealthy: AtomicBool,
    failing: AtomicBool,
    frozen: AtomicBool,
}

impl Faults {
    /// Nothing wrong.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the health check answers 503.
    #[must_use]
    pub fn unhealthy(&self) -> bool {
        self.0.unhealthy.load(Ordering::Relaxed)
    }

    /// Makes the health check answer 503, or 200 again.
    pub fn set_unhealthy(&self, on: bool) {
        self.0.unhealthy.store(on, Ordering::Relaxed);
    }

    /// Whether `/watcher` answers 500.
    #[must_use]
    pub fn failing(&self) -> bool {
        self.0.failing.load(Ordering::Relaxed)
    }

    /// Makes `/watcher` answer 500, as a monitor does that has nothing cached yet, or bodies again.
    pub fn set_failing(&self, on: bool) {
        self.0.failing.store(on, Ordering::Relaxed);
    }

    /// Whether `/watcher` repeats an old body.
    #[must_use]
    pub fn frozen(&self) -> bool {
        self.0.frozen.load(Ordering::Relaxed)
    }

    /// Makes `/watcher` repeat the last body it served, or the next one if it has served none, with status 200: what a
    /// monitor does whose own source is down. Switched off, the time goes on.
    pub fn set_frozen(&self, on: bool) {
        self.0.frozen.store(on, Ordering::Relaxed);
    }
}
