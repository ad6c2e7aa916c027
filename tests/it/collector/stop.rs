//! Stopping: no call to the load monitor outlives the Collector.

use std::time::Duration;

use scorelet_tests::monitor::{MemoryMonitor, Reply};
use tokio::time::sleep;

use super::{Stage, cpu, refreshing, spans};

#[tokio::test(start_paused = true)]
async fn after_shutdown_nobody_calls_the_monitor() {
    let stage = Stage::new(refreshing());
    stage.until(65.0).await;
    let (monitor, reader) = (stage.monitor, stage.collector.reader().clone());
    stage.collector.shutdown().await;
    let calls = (monitor.health_calls(), monitor.metrics_calls());
    sleep(Duration::from_hours(1)).await;
    assert_eq!((monitor.health_calls(), monitor.metrics_calls()), calls);
    assert_eq!((calls.0.len(), calls.1.len()), (7, 3));
    assert_eq!(cpu(&reader.read(), "node-a"), Some(1.0), "readers keep what they have");
    assert_eq!(reader.wait_until_ready().await, Ok(()));
    assert!(!reader.read().valid().is_valid());
}

#[tokio::test(start_paused = true)]
async fn shutdown_ends_calls_that_are_under_way() {
    let stage = Stage::new(MemoryMonitor::new(Reply::Answer(()), Reply::Never));
    stage.until(33.0).await;
    stage.monitor.set_health(Reply::Never);
    stage.until(42.0).await;
    let monitor = stage.monitor;
    stage.collector.shutdown().await;
    assert_eq!(spans(&monitor.health_calls()).last(), Some(&(40.0, Some(42.0))));
    assert_eq!(spans(&monitor.metrics_calls()).last(), Some(&(30.0, Some(42.0))));
}

#[tokio::test(start_paused = true)]
async fn shutdown_at_once_is_no_race() {
    let stage = Stage::new(refreshing());
    let monitor = stage.monitor;
    stage.collector.shutdown().await;
    let calls = (monitor.health_calls(), monitor.metrics_calls());
    sleep(Duration::from_hours(1)).await;
    assert_eq!((monitor.health_calls(), monitor.metrics_calls()), calls);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_collector_stops_the_loops() {
    let stage = Stage::new(MemoryMonitor::new(Reply::Answer(()), Reply::Never));
    stage.until(45.0).await;
    let monitor = stage.monitor;
    drop(stage.collector);
    sleep(Duration::from_hours(1)).await;
    assert_eq!(monitor.health_calls().len(), 5);
    assert_eq!(spans(&monitor.metrics_calls()), [(0.0, Some(20.0)), (30.0, Some(45.0))]);
}
