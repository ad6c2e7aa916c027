//! Starting, and waiting for the first data.

use std::time::Duration;

use scorelet_host::collector::{Collector, CollectorOptions, StartError};
use scorelet_host::snapshot::{State, Unavailable};
use scorelet_host::store::Closed;
use scorelet_tests::monitor::Reply;
use tokio::time::{Instant, timeout};

use super::{Stage, body, disconnect, refreshing};

#[tokio::test(start_paused = true)]
async fn start_succeeds_while_the_monitor_is_down() {
    let monitor = refreshing();
    disconnect(&monitor);
    let (stage, began) = (Stage::new(monitor), Instant::now());
    let status = stage.collector.first_round().await;
    assert_eq!(began.elapsed(), Duration::from_secs(5), "a heartbeat with its retries");
    assert_eq!((status.heartbeat.succeeded, status.heartbeat.failed), (0, 1));
    assert_eq!(status.heartbeat.failure.as_deref(), Some("http://load-monitor:2020 refused the connection"));
    assert_eq!((status.update.skipped, status.update.attempts()), (1, 1));
    assert_eq!(status.update.failure, None);
    assert_eq!(stage.monitor.metrics_calls(), []);
}

#[tokio::test(start_paused = true)]
async fn before_the_first_update_every_query_says_that_there_is_no_data() {
    let monitor = refreshing();
    disconnect(&monitor);
    let stage = Stage::new(monitor);
    stage.collector.first_round().await;
    let reading = stage.read();
    assert!(reading.snapshot().is_none());
    assert_eq!(reading.heartbeat_age(), None);
    assert_eq!(reading.node_metrics("node-a").err(), Some(Unavailable::NoData));
    assert_eq!(reading.statistics_of_label("all").err(), Some(Unavailable::NoData));
    assert_eq!(reading.node_all_metrics().err(), Some(Unavailable::NoData));
    assert_eq!(reading.all_statistics().err(), Some(Unavailable::NoData));
    let validity = reading.valid();
    assert!(!validity.is_valid());
    for (name, check) in validity.checks() {
        assert_eq!((check.state, check.age), (State::Missing, None), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn wait_until_ready_resolves_when_the_monitor_comes_up() {
    let monitor = refreshing();
    disconnect(&monitor);
    let (stage, began) = (Stage::new(monitor), Instant::now());
    let ready = tokio::spawn(stage.collector.reader().wait_until_ready());
    stage.until(46.0).await;
    assert!(!ready.is_finished());
    stage.monitor.set_health(Reply::Answer(()));
    stage.monitor.serve(body(0));
    assert_eq!(ready.await.unwrap(), Ok(()));
    assert_eq!(began.elapsed(), Duration::from_secs(50), "with the next heartbeat");
    assert_eq!(stage.id(), 1);
}

#[tokio::test(start_paused = true)]
async fn wait_until_ready_can_be_bounded_in_time() {
    let monitor = refreshing();
    disconnect(&monitor);
    let stage = Stage::new(monitor);
    let waited = timeout(Duration::from_hours(1), stage.collector.reader().wait_until_ready()).await;
    assert!(waited.is_err());
}

#[tokio::test(start_paused = true)]
async fn wait_until_ready_is_closed_when_the_collector_is_shut_down_first() {
    let monitor = refreshing();
    disconnect(&monitor);
    let stage = Stage::new(monitor);
    let reader = stage.collector.reader().clone();
    let ready = tokio::spawn(reader.wait_until_ready());
    stage.until(100.0).await;
    stage.collector.shutdown().await;
    assert_eq!(ready.await.unwrap(), Err(Closed));
    assert_eq!(reader.wait_until_ready().await, Err(Closed));
    assert_eq!(Closed.to_string(), "the collector stopped before the first snapshot was published");
}

#[tokio::test(start_paused = true)]
async fn wait_until_ready_is_closed_when_the_collector_is_dropped_first() {
    let monitor = refreshing();
    disconnect(&monitor);
    let stage = Stage::new(monitor);
    let ready = stage.collector.reader().wait_until_ready();
    stage.until(100.0).await;
    drop(stage);
    assert_eq!(ready.await, Err(Closed));
}

#[tokio::test(start_paused = true)]
async fn first_round_resolves_at_once_when_it_is_long_over() {
    let stage = Stage::new(refreshing());
    stage.until(95.0).await;
    let began = Instant::now();
    assert_eq!(stage.collector.first_round().await, stage.collector.status());
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[test]
fn start_without_a_runtime_is_an_error() {
    // The monitor in memory tells time by tokio's clock, which works without a runtime too.
    let refused = Collector::start(CollectorOptions::default(), refreshing()).unwrap_err();
    assert!(matches!(refused, StartError::NoRuntime));
    let text = "a Collector must be started within a tokio runtime that has its time driver enabled";
    assert_eq!(refused.to_string(), text);
}

#[test]
fn start_without_a_time_driver_is_an_error() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let refused = runtime.block_on(async { Collector::start(CollectorOptions::default(), refreshing()) }).unwrap_err();
    assert!(matches!(refused, StartError::NoRuntime));
}
