//! Readings without loops: of a load monitor asked once, or of a recorded answer.

use std::sync::Arc;
use std::time::Duration;

use super::attempt::{aside, timed_out};
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
    let retention = options.retention();
    let (heartbeat, snapshot) = tokio::join!(limited(options.heartbeat_request_timeout, monitor.healthy()), async {
        let body = limited(options.update_request_timeout, monitor.fetch()).await?;
        // Not later: the health check may take longer, and so may the reading of the body.
        let received_at = clock.now();
        aside(move || wire::parse(&body).map(|answer| next_snapshot(None, answer, received_at, None, retention).0))
            .await
    });
    let (snapshot, update) = match snapshot {
        Ok(snapshot) => (Some(Arc::new(snapshot)), Ok(())),
        Err(failure) => (None, Err(failure)),
    };
    let heartbeat_age = heartbeat.is_ok().then_some(Duration::ZERO);
    let reading = Reading::new(snapshot, heartbeat_age, clock.now(), options.freshness());
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
    let (snapshot, _) = next_snapshot(None, answer, received_at, None, options.retention());
    Ok(Reading::new(Some(Arc::new(snapshot)), Some(Duration::ZERO), received_at, options.freshness()))
}

async fn limited<T>(time: Duration, call: impl Future<Output = Result<T, MonitorError>>) -> Result<T, MonitorError> {
    tokio::time::timeout(time, call).await.unwrap_or_else(|_| Err(timed_out(time)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::MonitorErrorKind;
    use crate::snapshot::State;

    const TIMESTAMP: i64 = 1_670_731_045;

    /// A recorded answer of one node and one label, whose window ended so many seconds before its `timestamp`.
    fn recording(timestamp: i64, window_age: i64) -> Vec<u8> {
        let end = timestamp.saturating_sub(window_age);
        let metrics = r#"{"metrics":[{"name":"m","type":"cpu","operator":"Avg","value":42}]}"#;
        format!(
            r#"{{"timestamp":{timestamp},"window":{{"duration":"5m","start":{end},"end":{end}}},"data":{{"NodeMetricsMap":{{"n":{metrics}}}}},"statistics":{{"StatisticsMap":{{"all":{metrics}}}}}}}"#
        )
        .into_bytes()
    }

    fn read(body: &[u8]) -> Reading {
        recorded(&CollectorOptions::default(), body).expect("the recording is an answer")
    }

    #[test]
    fn a_recorded_answer_is_read_at_its_own_time_with_a_heartbeat_just_seen() {
        let reading = read(&recording(TIMESTAMP, 180));
        assert_eq!(reading.taken_at(), unix_time(TIMESTAMP));
        assert_eq!(reading.heartbeat_age(), Some(Duration::ZERO));
        let statistics = reading.statistics_of_label("web").unwrap();
        assert!(statistics.is_fallback);
        assert_eq!(reading.age_of(statistics.last_seen), Duration::ZERO);
        let validity = reading.valid();
        assert!(validity.is_valid());
        assert_eq!(validity.heartbeat.reason, "the last good heartbeat was 0 s ago");
        assert_eq!(validity.metrics.reason, "the metrics' window ended 3 min 0 s ago");
        assert_eq!(validity.statistics.reason, "1 label, last published 0 s ago");
    }

    #[test]
    fn a_recorded_answer_that_was_stale_when_it_was_made_is_stale() {
        assert_eq!(read(&recording(TIMESTAMP, 181)).valid().metrics.state, State::Stale);
    }

    #[test]
    fn a_recorded_answer_of_an_absurd_time_is_read_without_panic() {
        for timestamp in [i64::MIN, -1, 0, i64::MAX] {
            let reading = read(&recording(timestamp, 0));
            assert_eq!(reading.taken_at(), unix_time(timestamp.max(0)));
            assert_eq!(reading.node_metrics("n").unwrap().0.metrics().count(), 1);
            assert_eq!(reading.valid().metrics.state, State::Fresh, "{timestamp}");
        }
    }

    #[test]
    fn a_file_that_is_no_recorded_answer_is_refused() {
        let failure = recorded(&CollectorOptions::default(), b"{}").unwrap_err();
        assert_eq!(failure.kind(), MonitorErrorKind::Malformed);
    }
}
