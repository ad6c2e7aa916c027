//! When the loops call the load monitor.

use std::time::Duration;

use scorelet_host::collector::CollectorOptions;
use scorelet_tests::monitor::{MemoryMonitor, Reply};

use super::{Stage, body, every, refreshing, spans, times};

#[tokio::test(start_paused = true)]
async fn the_first_heartbeat_and_the_first_update_come_at_once() {
    let stage = Stage::new(refreshing());
    let status = stage.collector.first_round().await;
    assert_eq!((status.heartbeat.succeeded, status.update.published), (1, 1));
    assert_eq!(spans(&stage.monitor.health_calls()), [(0.0, Some(0.0))]);
    assert_eq!(spans(&stage.monitor.metrics_calls()), [(0.0, Some(0.0))]);
    assert_eq!(stage.id(), 1);
}

#[tokio::test(start_paused = true)]
async fn heartbeats_come_every_10_s_and_updates_every_30_s() {
    let stage = Stage::new(refreshing());
    stage.until(180.5).await;
    assert_eq!(times(&stage.monitor.health_calls()), every(10, 19));
    assert_eq!(times(&stage.monitor.metrics_calls()), every(30, 7));
    let status = stage.collector.status();
    assert_eq!((status.heartbeat.succeeded, status.heartbeat.failed), (19, 0));
    assert_eq!((status.update.published, status.update.unchanged), (4, 3));
    assert_eq!((status.update.skipped, status.update.failed), (0, 0));
    assert_eq!((status.heartbeat.attempts(), status.update.attempts()), (19, 7));
}

#[tokio::test(start_paused = true)]
async fn both_periods_can_be_set() {
    let options = CollectorOptions {
        heartbeat_interval: Duration::from_secs(2),
        heartbeat_request_timeout: Duration::from_secs(1),
        update_interval: Duration::from_secs(7),
        update_request_timeout: Duration::from_secs(7),
        ..CollectorOptions::default()
    };
    let stage = Stage::with_options(options, refreshing());
    stage.until(30.5).await;
    assert_eq!(times(&stage.monitor.health_calls()), every(2, 16));
    assert_eq!(times(&stage.monitor.metrics_calls()), every(7, 5));
}

#[tokio::test(start_paused = true)]
async fn a_slow_update_never_delays_heartbeats() {
    let slow = Reply::Answer(body(0).into()).after(Duration::from_secs(19));
    let stage = Stage::new(MemoryMonitor::new(Reply::Answer(()), slow));
    stage.until(90.5).await;
    assert_eq!(times(&stage.monitor.health_calls()), every(10, 10));
    let fetches = stage.monitor.metrics_calls();
    assert_eq!(spans(&fetches), [(0.0, Some(19.0)), (30.0, Some(49.0)), (60.0, Some(79.0)), (90.0, None)]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_heartbeat_delays_no_update_but_the_first() {
    let stage = Stage::new(refreshing());
    stage.monitor.set_health(Reply::Answer(()).after(Duration::from_secs(4)));
    stage.until(70.5).await;
    assert_eq!(times(&stage.monitor.health_calls()), every(10, 8));
    assert_eq!(times(&stage.monitor.metrics_calls()), [4.0, 34.0, 64.0]);
}
