//! Readings without loops: one look at a monitor, and recorded answers.

use std::time::{Duration, UNIX_EPOCH};

use scorelet_host::collector::{CollectorOptions, Once, once, recorded};
use scorelet_host::monitor::MonitorErrorKind;
use scorelet_host::snapshot::{State, Unavailable};
use scorelet_tests::body::Body;
use scorelet_tests::clock::{START, TokioClock};
use scorelet_tests::monitor::{MemoryMonitor, Reply};

use super::{body, cpu, deviation, spans};

async fn ask(monitor: &MemoryMonitor) -> Once {
    once(&CollectorOptions::default(), monitor, &TokioClock::new()).await
}

#[tokio::test(start_paused = true)]
async fn once_asks_one_time_for_each() {
    let monitor = MemoryMonitor::serving(body(0));
    let Once { reading, heartbeat, update } = ask(&monitor).await;
    assert!(heartbeat.is_ok() && update.is_ok());
    assert!(reading.valid().is_valid());
    assert_eq!(reading.snapshot().unwrap().id, 1);
    assert_eq!((cpu(&reading, "node-a"), deviation(&reading, "all")), (Some(40.0), Some((3.0, 0))));
    assert_eq!(reading.heartbeat_age(), Some(Duration::ZERO));
    assert_eq!(spans(&monitor.health_calls()), [(0.0, Some(0.0))]);
    assert_eq!(spans(&monitor.metrics_calls()), [(0.0, Some(0.0))]);
}

#[tokio::test(start_paused = true)]
async fn once_fetches_even_if_the_health_check_fails() {
    let monitor = MemoryMonitor::serving(body(0));
    monitor.set_health(Reply::failure(MonitorErrorKind::Status(503), "status 503"));
    let Once { reading, heartbeat, update } = ask(&monitor).await;
    assert_eq!(heartbeat.unwrap_err().kind(), MonitorErrorKind::Status(503));
    assert!(update.is_ok());
    assert_eq!((cpu(&reading, "node-a"), reading.heartbeat_age()), (Some(40.0), None));
    assert_eq!(reading.valid().heartbeat.state, State::Missing);
    assert!(!reading.valid().is_valid());
    assert_eq!(monitor.health_calls().len(), 1, "no retries");
}

#[tokio::test(start_paused = true)]
async fn once_tells_why_there_is_no_data() {
    for (reply, kind, message) in [
        (Reply::failure(MonitorErrorKind::Unreachable, "refused"), MonitorErrorKind::Unreachable, "refused"),
        (Reply::Answer(b"{".to_vec()), MonitorErrorKind::Malformed, "the body is cut off after 1 bytes"),
        (Reply::Never, MonitorErrorKind::Timeout, "the load monitor did not answer within 20 s"),
    ] {
        let monitor = MemoryMonitor::new(Reply::Answer(()), reply);
        let Once { reading, heartbeat, update } = ask(&monitor).await;
        assert!(heartbeat.is_ok());
        let failure = update.unwrap_err();
        assert_eq!((failure.kind(), &*failure.to_string()), (kind, message));
        assert_eq!(reading.node_metrics("node-a").err(), Some(Unavailable::NoData));
        assert_eq!(reading.heartbeat_age(), Some(Duration::ZERO));
        assert_eq!(monitor.metrics_calls().len(), 1, "no retries");
    }
}

#[tokio::test(start_paused = true)]
async fn once_received_the_answer_when_it_came_and_not_when_the_health_check_ended() {
    let monitor = MemoryMonitor::new(Reply::Never, Reply::Answer(body(0).into()).after(Duration::from_secs(2)));
    let reading = ask(&monitor).await.reading;
    let start = UNIX_EPOCH + Duration::from_secs(START.unsigned_abs());
    assert_eq!(reading.snapshot().unwrap().received_at, start + Duration::from_secs(2));
    assert_eq!(reading.taken_at(), start + Duration::from_secs(5));
    assert_eq!(deviation(&reading, "all"), Some((3.0, 3)));
}

#[tokio::test(start_paused = true)]
async fn once_gives_up_on_each_in_its_own_time() {
    let monitor = MemoryMonitor::new(Reply::Never, Reply::Never);
    let Once { reading, heartbeat, update } = ask(&monitor).await;
    assert_eq!(heartbeat.unwrap_err().to_string(), "the load monitor did not answer within 5 s");
    assert_eq!(update.unwrap_err().to_string(), "the load monitor did not answer within 20 s");
    assert_eq!(spans(&monitor.health_calls()), [(0.0, Some(5.0))]);
    assert_eq!(spans(&monitor.metrics_calls()), [(0.0, Some(20.0))]);
    assert!(!reading.valid().is_valid());
}

#[test]
fn a_recorded_answer_is_read_as_if_it_had_just_come() {
    let bytes: Vec<u8> = body(0).window_end(START - 20).label("web", 8.0).into();
    let reading = recorded(&CollectorOptions::default(), &bytes).unwrap();
    assert_eq!(reading.taken_at(), UNIX_EPOCH + Duration::from_secs(START.unsigned_abs()));
    assert_eq!(reading.heartbeat_age(), Some(Duration::ZERO));
    assert_eq!((cpu(&reading, "node-a"), deviation(&reading, "web")), (Some(40.0), Some((8.0, 0))));
    let validity = reading.valid();
    assert!(validity.is_valid());
    assert_eq!(validity.metrics.age, Some(Duration::from_secs(20)));
    assert_eq!(reading.snapshot().unwrap().id, 1);
}

#[test]
fn a_recorded_answer_without_statistics_is_judged_by_the_options() {
    let bytes: Vec<u8> = Body::at(START).node("node-a", 1.0, 1.0).null_statistics().into();
    let required = CollectorOptions::default();
    assert_eq!(recorded(&required, &bytes).unwrap().valid().statistics.state, State::Missing);
    let switched_off = CollectorOptions { require_statistics: false, ..required };
    assert!(recorded(&switched_off, &bytes).unwrap().valid().is_valid());
}

#[test]
fn a_recorded_answer_that_is_none_is_malformed() {
    let failure = recorded(&CollectorOptions::default(), b"").unwrap_err();
    assert_eq!((failure.kind(), &*failure.to_string()), (MonitorErrorKind::Malformed, "the body is empty"));
}
