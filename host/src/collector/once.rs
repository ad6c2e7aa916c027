//! Readings without loops: of a load monitor asked once, or of a recorded answer.

use std::sync::Arc;
use std::time::Duration;

use super::attempt::timed_out;
use super::next::next_snapshot;
use super::options::CollectorOptions;
use crate::clock::Clock;
use crate::monitor::{Monitor, MonitorError, wire};
use crate::snapshot::{Reading, unix_time};

/// What came of asking a load monitor once.
#[derive(Debug)]
pub struct Once {
    /// What is known now.
    pub reading: Reading,
    /// What came of the health check.
    pub heartbeat: Result<(), MonitorError>,
    /// What came of fetching the metrics. Tried even if the health check failed, as the data may still be there.
    pub update: Result<(), MonitorError>,
}

/// Asks a load monitor once, without retries: one health check and one fetch, side by side.
///
/// For programs that look and go; a program that stays starts a [`super::Collector`].
pub async fn once<M: Monitor>(options: &CollectorOptions, monitor: &M, clock: &dyn Clock) -> Once {
    let (heartbeat, body) = tokio::join!(
        limited(options.heartbeat_request_timeout, monitor.healthy()),
        limited(options.update_request_timeout, monitor.fetch()),
    );
    let received_at = clock.now();
    let answer = body.and_then(|body| wire::parse(&body));
    let (snapshot, update) = match answer {
        Ok(answer) => (Some(Arc::new(next_snapshot(None, answer, received_at, options.retention()).0)), Ok(())),
        Err(failure) => (None, Err(failure)),
    };
    let heartbeat_age = heartbeat.is_ok().then_some(Duration::ZERO);
    let reading = Reading::new(snapshot, heartbeat_age, received_at, options.freshness());
    Once { reading, heartbeat, update }
}

/// A reading of a recorded answer of a load monitor: the clock stands at its `timestamp`, and the heartbeat counts as
/// just seen.
///
/// # Errors
/// [`crate::monitor::MonitorErrorKind::Malformed`] when it is not a load monitor's answer.
pub fn recorded(options: &CollectorOptions, body: &[u8]) -> Result<Reading, MonitorError> {
    let answer = wire::parse(body)?;
    let received_at = unix_time(answer.timestamp);
    let (snapshot, _) = next_snapshot(None, answer, received_at, options.retention());
    Ok(Reading::new(Some(Arc::new(snapshot)), Some(Duration::ZERO), received_at, options.freshness()))
}

async fn limited<T>(time: Duration, call: impl Future<Output = Result<T, MonitorError>>) -> Result<T, MonitorError> {
    tokio::time::timeout(time, call).await.unwrap_or_else(|_| Err(timed_out(time)))
}
