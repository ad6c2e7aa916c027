//! Drives the engine's epoch, which is how deadlines are noticed.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::watch;
use wasmtime::{Engine, EngineWeak};

/// How often running policies are checked against their deadline. A tenth of the default deadline, at a cost that does
/// not show.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// The number of ticks of an engine so far, which its epoch follows.
#[derive(Clone, Debug, Default)]
pub(super) struct Ticks(Arc<watch::Sender<u64>>);

impl Ticks {
    pub(super) fn now(&self) -> u64 {
        *self.0.borrow()
    }

    pub(super) fn tick(&self, engine: &Engine) {
        self.0.send_modify(|ticks| *ticks = ticks.saturating_add(1));
        engine.increment_epoch();
    }

    /// Done once this much time has passed. Needs no executor of a certain kind.
    pub(super) async fn after(&self, time: Duration) {
        let end = self.now().saturating_add(ticks_of(time));
        // Cannot fail: this is the sender.
        let _ = self.0.subscribe().wait_for(|now| *now >= end).await;
    }
}

/// A thread of its own, so that no busy executor can delay a deadline. Ends with its engine.
#[derive(Debug)]
pub(super) struct Ticker {
    // Dropped first, which wakes the thread.
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(super) fn start(engine: EngineWeak, ticks: Ticks) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new().name("scorelet-ticker".to_owned()).spawn(move || {
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                match engine.upgrade() {
                    Some(engine) => ticks.tick(&engine),
                    None => return,
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        // An executor that drops a task instead of waking it may drop the engine here, on the thread itself.
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != thread::current().id()) {
            // A panic in the thread is impossible, and would be of no use here.
            let _ = thread.join();
        }
    }
}

/// The ticks after which a deadline has surely passed: one more than it has, since the first may come at once.
pub(super) fn ticks_of(deadline: Duration) -> u64 {
    let ticks = deadline.as_nanos().div_ceil(TICK.as_nanos());
    u64::try_from(ticks).unwrap_or(u64::MAX - 1).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_passes_after_its_ticks_and_one_more() {
        for (milliseconds, ticks) in [(0, 1), (1, 2), (10, 2), (11, 3), (100, 11), (1_000, 101)] {
            assert_eq!(ticks_of(Duration::from_millis(milliseconds)), ticks, "{milliseconds} ms");
        }
        assert_eq!(ticks_of(Duration::MAX), u64::MAX);
    }
}
