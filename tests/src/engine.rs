//! Engines for tests that do not depend on time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use scorelet_host::policy::{EngineOptions, Limits, PolicyEngine, Ticking};

/// An engine in which time passes only by [`PolicyEngine::tick`].
///
/// # Panics
/// When the limits are invalid.
#[must_use]
pub fn ticked_by_hand(limits: Limits) -> PolicyEngine {
    let options = EngineOptions { limits, ticking: Ticking::Manual, ..EngineOptions::default() };
    PolicyEngine::with_options(options).expect("the limits are valid")
}

/// Ticks an engine from a thread of its own until dropped.
#[derive(Debug)]
pub struct Clockwork {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Clockwork {
    /// Starts it.
    #[must_use]
    pub fn start(engine: &PolicyEngine) -> Self {
        let (engine, stop) = (engine.clone(), Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                engine.tick();
                std::thread::yield_now();
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Clockwork {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(ended.is_some_and(|ended| ended.is_ok()), "ticking does not panic");
    }
}
