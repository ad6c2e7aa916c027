//! The update loop: fetches everything, and publishes a new snapshot when there is something new.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::attempt::{aside, within, words};
use super::heartbeat::Liveness;
use super::next::{ClockStep, next_snapshot};
use super::options::CollectorOptions;
use super::status::Status;
use crate::clock::Clock;
use crate::monitor::{Monitor, MonitorError, wire};
use crate::snapshot::{Check, Defects, MergeOutcome, Reading, Snapshot, State, unix_time};
use crate::store::{Reader, Writer};

/// A wall clock that differs from the monotonic one by more than this was set, and did not merely drift.
const CLOCK_STEP: Duration = Duration::from_mins(1);

/// Windows end on whole seconds: what is ahead by no more than one may be rounding.
const ROUNDING: Duration = Duration::from_secs(1);

pub(super) struct UpdateLoop<M> {
    monitor: Arc<M>,
    writer: Arc<Writer>,
    reader: Reader,
    clock: Arc<dyn Clock>,
    options: Arc<CollectorOptions>,
    liveness: watch::Receiver<Liveness>,
    status: watch::Sender<Status>,
    current: Option<Arc<Snapshot>>,
    /// The time that the answer behind `current` began with; `None` when it told none, so that nothing equals it.
    current_timestamp: Option<i64>,
    /// When the body behind `current` came, by both clocks.
    current_received: Option<(SystemTime, Duration)>,
    last_logged: Option<LogState>,
    /// Whether the metrics were stale at the last update.
    was_stale: bool,
    /// Whether the log has told that the load monitor's clock is ahead. Never again, since whether a window ends in the
    /// future changes with each update and each refresh.
    has_told_ahead: bool,
}

/// What came of one update.
enum Outcome {
    Published {
        snapshot: Arc<Snapshot>,
        dropped: MergeOutcome,
    },
    /// The load monitor has not refreshed since the last answer.
    Unchanged,
    /// The last good heartbeat is older than allowed, or there was none.
    Skipped {
        heartbeat_age: Option<Duration>,
    },
    Failed(MonitorError),
}

/// What was last told to the log; a line is written when it changes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LogState {
    Fresh,
    /// Fresh, but for values that could not be used. How many is no state: it may differ in every answer. A node
    /// without a name is none of them: load monitors publish one for whatever they cannot attribute, all the time.
    Defective,
    Stale,
    Skipped,
    Failed,
}

impl<M: Monitor> UpdateLoop<M> {
    pub(super) fn new(
        monitor: Arc<M>,
        writer: Arc<Writer>,
        reader: Reader,
        clock: Arc<dyn Clock>,
        options: Arc<CollectorOptions>,
        liveness: watch::Receiver<Liveness>,
        status: watch::Sender<Status>,
    ) -> Self {
        Self {
            monitor,
            writer,
            reader,
            clock,
            options,
            liveness,
            status,
            current: None,
            current_timestamp: None,
            current_received: None,
            last_logged: None,
            was_stale: false,
            has_told_ahead: false,
        }
    }

    pub(super) async fn run(mut self) {
        // The first update needs a heartbeat to go by.
        if self.liveness.wait_for(|liveness| *liveness != Liveness::Unknown).await.is_err() {
            return;
        }
        let mut ticks = interval(self.options.update_interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut behind = false;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                // A monitor that came back is asked at once instead of at the next tick.
                recovered = recovery(&mut self.liveness), if behind => match recovered {
                    Ok(()) => ticks.reset(),
                    Err(_) => return,
                },
            }
            let outcome = self.update().await;
            behind = matches!(outcome, Outcome::Skipped { .. } | Outcome::Failed(_));
            self.report(outcome);
        }
    }

    async fn update(&mut self) -> Outcome {
        // Only a recovery during or after this update is a reason for another one at once.
        self.liveness.mark_unchanged();
        let heartbeat_age = self.reader.heartbeat_age();
        if heartbeat_age.is_none_or(|age| age > self.options.heartbeat_timeout) {
            return Outcome::Skipped { heartbeat_age };
        }
        let body = match within(self.options.update_request_timeout, || self.monitor.fetch()).await {
            Ok(body) => body,
            Err(failure) => return Outcome::Failed(failure),
        };
        let timestamp = wire::leading_timestamp(&body).filter(|timestamp| *timestamp != 0);
        if timestamp.is_some() && timestamp == self.current_timestamp {
            return Outcome::Unchanged;
        }
        let received = (self.clock.now(), self.clock.monotonic());
        match self.next(body, received).await {
            Ok((snapshot, dropped)) => {
                let snapshot = Arc::new(snapshot);
                self.writer.publish(Arc::clone(&snapshot));
                self.current = Some(Arc::clone(&snapshot));
                self.current_timestamp = timestamp;
                self.current_received = Some(received);
                Outcome::Published { snapshot, dropped }
            }
            Err(failure) => Outcome::Failed(failure),
        }
    }

    /// Reads and merges a body.
    async fn next(
        &self,
        body: Vec<u8>,
        received: (SystemTime, Duration),
    ) -> Result<(Snapshot, MergeOutcome), MonitorError> {
        let (previous, retention) = (self.current.clone(), self.options.retention());
        let clock_step = self.clock_step(received);
        aside(move || {
            let answer = wire::parse(&body)?;
            Ok(next_snapshot(previous.as_deref(), answer, received.0, clock_step, retention))
        })
        .await
    }

    /// Whether the wall clock was set since the current snapshot: what it would show now, and what it shows.
    fn clock_step(&self, (now, monotonic): (SystemTime, Duration)) -> Option<ClockStep> {
        let (then, monotonic_then) = self.current_received?;
        let expected = then.checked_add(monotonic.saturating_sub(monotonic_then))?;
        let difference = now.duration_since(expected).unwrap_or_else(|backwards| backwards.duration());
        (difference > CLOCK_STEP).then(|| {
            tracing::warn!(seconds = difference.as_secs(), "this host's clock was set; ages of statistics go on");
            ClockStep { expected, now }
        })
    }

    fn report(&mut self, outcome: Outcome) {
        let name = match &outcome {
            Outcome::Published { .. } => "published",
            Outcome::Unchanged => "unchanged",
            Outcome::Skipped { .. } => "skipped",
            Outcome::Failed(_) => "failed",
        };
        metrics::counter!("scorelet_updates_total", "outcome" => name).increment(1);
        self.status.send_modify(|status| {
            let update = &mut status.update;
            match &outcome {
                Outcome::Published { dropped, .. } => {
                    update.published += 1;
                    update.expired_labels += dropped.expired;
                    update.evicted_labels += dropped.evicted;
                    update.failure = None;
                }
                Outcome::Unchanged => {
                    update.unchanged += 1;
                    update.failure = None;
                }
                Outcome::Skipped { .. } => update.skipped += 1,
                Outcome::Failed(failure) => {
                    update.failed += 1;
                    update.failure = Some(words(failure));
                }
            }
        });
        self.log(outcome);
    }

    fn log(&mut self, outcome: Outcome) {
        let reading = self.reader.read();
        let check = reading.valid().metrics;
        let defects = reading.snapshot().map(|snapshot| snapshot.defects).unwrap_or_default();
        let now = match &outcome {
            Outcome::Skipped { .. } => LogState::Skipped,
            Outcome::Failed(_) => LogState::Failed,
            _ if check.state != State::Fresh => LogState::Stale,
            _ if (Defects { unnamed_nodes: 0, ..defects }).is_empty() => LogState::Fresh,
            _ => LogState::Defective,
        };
        if let Outcome::Published { snapshot, dropped } = &outcome {
            note_snapshot(snapshot, *dropped);
        }
        if self.last_logged.replace(now) == Some(now) {
            tracing::debug!(reason = check.reason, "nothing new to tell of the updates");
        } else {
            tell(outcome, now, defects, &check);
        }
        let is_stale = check.state == State::Stale;
        if is_stale && !self.was_stale && matches!(now, LogState::Skipped | LogState::Failed) {
            tracing::warn!(reason = check.reason, "the metrics have become stale");
        }
        self.was_stale = is_stale;
        if check.state == State::Fresh && !self.has_told_ahead && is_ahead(&reading) {
            self.has_told_ahead = true;
            tracing::warn!(reason = check.reason, "metrics look younger than they are; set the load monitor's clock");
        }
    }
}

/// Tells of a change.
fn tell(outcome: Outcome, now: LogState, defects: Defects, check: &Check) {
    match (outcome, now) {
        (Outcome::Skipped { heartbeat_age }, _) => {
            let since = heartbeat_age.map_or("ever".to_owned(), |age| format!("for {} s", age.as_secs()));
            tracing::warn!("updates are skipped: no good heartbeat {since}; the last snapshot is kept");
        }
        (Outcome::Failed(failure), _) => {
            tracing::warn!(error = words(&failure), "updates fail; the last snapshot is kept");
        }
        (_, LogState::Defective) => {
            tracing::warn!(?defects, reason = check.reason, "metrics are fresh; some could not be used");
        }
        (_, LogState::Fresh) => tracing::info!(reason = check.reason, "metrics are fresh"),
        _ => tracing::warn!(reason = check.reason, "the load monitor answers, but without fresh metrics"),
    }
}

/// Whether the window ends in the future, by more than rounding.
fn is_ahead(reading: &Reading) -> bool {
    reading.snapshot().is_some_and(|snapshot| {
        unix_time(snapshot.window.end).duration_since(reading.taken_at()).is_ok_and(|ahead| ahead > ROUNDING)
    })
}

/// Resolves when the load monitor is seen to be alive after it was not.
async fn recovery(liveness: &mut watch::Receiver<Liveness>) -> Result<(), watch::error::RecvError> {
    loop {
        liveness.changed().await?;
        if *liveness.borrow_and_update() == Liveness::Alive {
            return Ok(());
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
fn note_snapshot(snapshot: &Snapshot, dropped: MergeOutcome) {
    metrics::gauge!("scorelet_nodes").set(snapshot.nodes.len() as f64);
    metrics::gauge!("scorelet_labels").set(snapshot.statistics.table().len() as f64);
    let defects = snapshot.defects;
    for (kind, count) in [
        ("unnamed_nodes", defects.unnamed_nodes),
        ("malformed_entries", defects.malformed_entries),
        ("lost_values", defects.lost_values),
        ("duplicate_entries", defects.duplicate_entries),
        ("excess_entries", defects.excess_entries),
        ("expired_labels", dropped.expired),
        ("evicted_labels", dropped.evicted),
    ] {
        if count > 0 {
            metrics::counter!("scorelet_dropped_total", "kind" => kind).increment(count);
        }
    }
    tracing::debug!(id = snapshot.id, nodes = snapshot.nodes.len(), "published a snapshot");
}
