//! How many may do something at once: the others wait for a place, for a limited time.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ticker::Ticks;

/// A number of places.
#[derive(Clone, Debug)]
pub(super) struct Places {
    free: Arc<Semaphore>,
}

/// A place that is taken, until this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Places {
    pub(super) fn new(number: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(number.min(Semaphore::MAX_PERMITS))) }
    }

    /// A free place, first come first served; `None` when there was none for so long.
    pub(super) async fn take(&self, patience: Duration, ticks: &Ticks) -> Option<Place> {
        // The usual case, without looking at the time.
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Some(Place { _permit: permit });
        }
        let free = pin!(Arc::clone(&self.free).acquire_owned());
        match select(free, pin!(ticks.after(patience))).await {
            // The semaphore is never closed.
            Either::Left((permit, _)) => permit.ok().map(|permit| Place { _permit: permit }),
            Either::Right(_) => None,
        }
    }
}
