//! The Collector: a heartbeat loop and an update loop that keep a store in step with a load monitor.
//!
//! ```no_run
//! use scorelet_host::collector::{Collector, CollectorOptions};
//! use scorelet_host::monitor::http::{HttpMonitor, HttpMonitorOptions};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let monitor = HttpMonitor::new(HttpMonitorOptions::new("http://load-monitor:2020"))?;
//! let collector = Collector::start(CollectorOptions::default(), monitor)?;
//! collector.reader().wait_until_ready().await?;
//! println!("{}", collector.reader().read().valid().is_valid());
//! collector.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Counters
//!
//! Through the facade of the crate `metrics`: the counters `scorelet_heartbeats_total` (by `outcome`: succeeded, failed),
//! `scorelet_updates_total` (by `outcome`: published, unchanged, skipped, failed) and `scorelet_dropped_total` (by `kind`, as
//! the fields of [`Defects`](crate::snapshot::Defects) are called, and `expired_labels` and `evicted_labels`); the gauges
//! `scorelet_nodes` and `scorelet_labels`.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::{Clock, SystemClock};
use crate::monitor::Monitor;
use crate::store::{Reader, store};

mod attempt;
mod heartbeat;
mod next;
mod once;
mod options;
mod status;
mod update;

pub use once::{Once, once, recorded};
pub use options::{
    CollectorOptions, DEFAULT_HEARTBEAT_INTERVAL, DEFAULT_HEARTBEAT_REQUEST_TIMEOUT, DEFAULT_HEARTBEAT_TIMEOUT,
    DEFAULT_MAX_LABELS, DEFAULT_METRICS_MAX_AGE, DEFAULT_STATISTICS_RETENTION, DEFAULT_UPDATE_INTERVAL,
    DEFAULT_UPDATE_REQUEST_TIMEOUT, InvalidOptions,
};
pub use status::{HeartbeatStatus, Status, UpdateStatus};

/// Two running loops. Created once per process and load monitor; dropping it stops them.
#[derive(Debug)]
pub struct Collector {
    loops: JoinSet<()>,
    reader: Reader,
    status: watch::Receiver<Status>,
}

/// Why a Collector could not start. A load monitor that is down is no reason.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The options contradict each other.
    #[error(transparent)]
    InvalidOptions(#[from] InvalidOptions),
    /// There is no tokio runtime to run the loops on.
    #[error("a Collector must be started within a tokio runtime that has its time driver enabled")]
    NoRuntime,
}

impl Collector {
    /// Starts both loops on the current tokio runtime, which needs its time driver.
    ///
    /// The first heartbeat and the first update run at once, in the background: use
    /// [`Reader::wait_until_ready`] or [`Collector::first_round`] to wait for them.
    ///
    /// # Errors
    /// [`StartError`]; never because the load monitor is down.
    pub fn start<M: Monitor>(options: CollectorOptions, monitor: M) -> Result<Self, StartError> {
        Self::start_with_clock(options, monitor, Arc::new(SystemClock::new()))
    }

    /// Like [`Collector::start`], with a clock of the caller's.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start_with_clock<M: Monitor>(
        options: CollectorOptions,
        monitor: M,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        options.validate()?;
        let runtime = Handle::try_current().map_err(|_| StartError::NoRuntime)?;
        if !has_time_driver() {
            return Err(StartError::NoRuntime);
        }
        let monitor = Arc::new(monitor);
        let options = Arc::new(options);
        let (writer, reader) = store(Arc::clone(&clock), options.freshness());
        let writer = Arc::new(writer);
        let (status_sender, status) = watch::channel(Status::default());
        let (liveness_sender, liveness) = watch::channel(heartbeat::Liveness::Unknown);

        let heartbeat = heartbeat::HeartbeatLoop {
            monitor: Arc::clone(&monitor),
            writer: Arc::clone(&writer),
            options: Arc::clone(&options),
            liveness: liveness_sender,
            status: status_sender.clone(),
        };
        let update = update::UpdateLoop::new(monitor, writer, reader.clone(), clock, options, liveness, status_sender);
        let mut loops = JoinSet::new();
        loops.spawn_on(heartbeat.run(), &runtime);
        loops.spawn_on(update.run(), &runtime);
        Ok(Self { loops, reader, status })
    }

    /// A reader of the store, to clone and keep.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// What the loops have done so far.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Waits until the first heartbeat and the first update have been tried, and tells what came of them.
    pub async fn first_round(&self) -> Status {
        let mut status = self.status.clone();
        match status.wait_for(|status| status.heartbeat.attempts() > 0 && status.update.attempts() > 0).await {
            Ok(status) => status.clone(),
            // The loops end only with the Collector itself.
            Err(_) => self.status(),
        }
    }

    /// Stops both loops and waits until they have ended. Readers keep what they have.
    pub async fn shutdown(mut self) {
        self.loops.shutdown().await;
    }
}

/// Whether timers work on the current runtime. Without this, the loops would die unseen at their first tick.
fn has_time_driver() -> bool {
    // The runtime does not tell in any other way. The panic's message says what is missing, as the error does.
    std::panic::catch_unwind(|| drop(tokio::time::sleep(Duration::ZERO))).is_ok()
}
