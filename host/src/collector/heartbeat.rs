//! The heartbeat loop: asks again and again whether the load monitor is alive.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::attempt::{within, words};
use super::options::CollectorOptions;
use super::status::Status;
use crate::monitor::Monitor;
use crate::store::Writer;

/// What the newest heartbeat said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Liveness {
    /// No heartbeat was tried yet.
    Unknown,
    /// The newest heartbeat succeeded.
    Alive,
    /// The newest heartbeat failed.
    Lost,
}

pub(super) struct HeartbeatLoop<M> {
    pub(super) monitor: Arc<M>,
    pub(super) writer: Arc<Writer>,
    pub(super) options: Arc<CollectorOptions>,
    pub(super) liveness: watch::Sender<Liveness>,
    pub(super) status: watch::Sender<Status>,
}

impl<M: Monitor> HeartbeatLoop<M> {
    pub(super) async fn run(self) {
        let mut ticks = interval(self.options.heartbeat_interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.beat().await;
        }
    }

    async fn beat(&self) {
        let answer = within(self.options.heartbeat_request_timeout, || self.monitor.healthy()).await;
        let now = match &answer {
            Ok(()) => {
                self.writer.heartbeat();
                metrics::counter!("scorelet_heartbeats_total", "outcome" => "succeeded").increment(1);
                self.status.send_modify(|status| {
                    status.heartbeat.succeeded += 1;
                    status.heartbeat.failure = None;
                });
                Liveness::Alive
            }
            Err(failure) => {
                metrics::counter!("scorelet_heartbeats_total", "outcome" => "failed").increment(1);
                self.status.send_modify(|status| {
                    status.heartbeat.failed += 1;
                    status.heartbeat.failure = Some(words(failure));
                });
                Liveness::Lost
            }
        };
        // Logged once per change: an outage of a night is two lines.
        let before = *self.liveness.borrow();
        self.liveness.send_if_modified(|liveness| std::mem::replace(liveness, now) != now);
        match answer {
            Err(failure) if before != now => {
                tracing::warn!(error = words(&failure), "the load monitor does not answer its health check");
            }
            Err(failure) => tracing::debug!(error = words(&failure), "the load monitor still does not answer"),
            Ok(()) if before == Liveness::Lost => tracing::info!("the load monitor answers its health check again"),
            Ok(()) if before == Liveness::Unknown => tracing::info!("the load monitor is alive"),
            Ok(()) => tracing::debug!("heartbeat"),
        }
    }
}
