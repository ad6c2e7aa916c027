//! Failed updates: the last good snapshot stays, and the failure is told until the next success.

use std::sync::Arc;

use scorelet_host::monitor::MonitorErrorKind;
use scorelet_tests::monitor::{MemoryMonitor, Reply};

use super::{Stage, body, cpu, deviation, times};

/// One good update, one that fails in the given way, one that is good again.
async fn survives(reply: Reply<Vec<u8>>, failure: &str) {
    let stage = Stage::new(MemoryMonitor::serving(body(0)));
    stage.until(5.0).await;
    let good = stage.read();
    stage.monitor.set_metrics(reply);
    stage.until(55.0).await;

    let reading = stage.read();
    assert!(Arc::ptr_eq(reading.snapshot().unwrap(), good.snapshot().unwrap()));
    assert_eq!(cpu(&reading, "node-a"), Some(40.0));
    assert_eq!(deviation(&reading, "all"), Some((3.0, 55)));
    assert_eq!(reading.node_all_metrics().unwrap().0.len(), 1);
    assert_eq!(reading.all_statistics().unwrap().table().len(), 1);
    assert!(reading.valid().is_valid(), "a failed update alone invalidates nothing");
    let status = stage.collector.status().update;
    assert_eq!((status.published, status.failed, status.unchanged), (1, 1, 0));
    assert_eq!(status.failure.as_deref(), Some(failure));

    stage.monitor.serve(body(60).node("node-b", 10.0, 10.0));
    stage.until(60.5).await;
    assert_eq!((stage.id(), cpu(&stage.read(), "node-b")), (2, Some(10.0)));
    let status = stage.collector.status().update;
    assert_eq!((status.published, status.failed, status.failure), (2, 1, None));
}

async fn survives_failure(kind: MonitorErrorKind, message: &str) {
    survives(Reply::failure(kind, message), message).await;
}

async fn survives_body(body: impl Into<Vec<u8>>, failure: &str) {
    survives(Reply::Answer(body.into()), failure).await;
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_monitor_costs_nothing_but_the_update() {
    survives_failure(MonitorErrorKind::Unreachable, "http://load-monitor:2020 refused the connection").await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_host_costs_nothing_but_the_update() {
    survives_failure(MonitorErrorKind::Status(404), "http://load-monitor:2020/watcher answered with status 404").await;
}

#[tokio::test(start_paused = true)]
async fn a_monitor_with_nothing_cached_costs_nothing_but_the_update() {
    survives_failure(MonitorErrorKind::Status(500), "http://load-monitor:2020/watcher answered with status 500").await;
}

#[tokio::test(start_paused = true)]
async fn an_overloaded_monitor_costs_nothing_but_the_update() {
    survives_failure(MonitorErrorKind::Status(503), "http://load-monitor:2020/watcher answered with status 503").await;
}

#[tokio::test(start_paused = true)]
async fn a_time_out_of_the_client_costs_nothing_but_the_update() {
    survives_failure(MonitorErrorKind::Timeout, "http://load-monitor:2020/watcher did not answer in time").await;
}

#[tokio::test(start_paused = true)]
async fn a_fetch_without_end_costs_nothing_but_the_update() {
    survives(Reply::Never, "the load monitor did not answer within 20 s").await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_too_large_costs_nothing_but_the_update() {
    survives_failure(MonitorErrorKind::TooLarge, "the body is larger than the allowed 268435456 bytes").await;
}

#[tokio::test(start_paused = true)]
async fn a_truncated_body_costs_nothing_but_the_update() {
    let mut cut: Vec<u8> = body(30).node("node-b", 1.0, 1.0).into();
    let half = cut.len() / 2;
    cut.truncate(half);
    survives_body(cut, &format!("the body is cut off after {half} bytes")).await;
}

#[tokio::test(start_paused = true)]
async fn an_empty_body_costs_nothing_but_the_update() {
    survives_body("", "the body is empty").await;
}

#[tokio::test(start_paused = true)]
async fn a_page_of_a_proxy_costs_nothing_but_the_update() {
    let failure = "the body is not a load monitor's document: expected value at line 1 column 1";
    survives_body("<html><body>Bad gateway</body></html>", failure).await;
}

#[tokio::test(start_paused = true)]
async fn a_document_of_something_else_costs_nothing_but_the_update() {
    let failure = "the body is not a load monitor's document: it has neither `timestamp` nor `window.end`; \
                   does the address belong to a load monitor? at line 1 column 15";
    survives_body(r#"{"status":"ok"}"#, failure).await;
}

#[tokio::test(start_paused = true)]
async fn a_document_with_nothing_but_a_time_costs_nothing_but_the_update() {
    let failure = "the body is not a load monitor's document: it has none of `window`, `data` and `statistics`; \
                   does the address belong to a load monitor? at line 1 column 20";
    survives_body(r#"{"timestamp":123456}"#, failure).await;
}

#[tokio::test(start_paused = true)]
async fn a_document_whose_nodes_are_all_malformed_costs_nothing_but_the_update() {
    let failure = "the body is not a load monitor's document: not one of its nodes is well-formed; \
                   does the load monitor publish another format? at line 1 column 66";
    survives_body(r#"{"timestamp":123456,"data":{"NodeMetricsMap":{"node-a":"broken"}}}"#, failure).await;
}

#[tokio::test(start_paused = true)]
async fn a_malformed_body_is_not_fetched_again_within_its_period() {
    let stage = Stage::new(MemoryMonitor::serving("{"));
    stage.until(35.0).await;
    assert_eq!(times(&stage.monitor.metrics_calls()), [0.0, 30.0]);
    assert_eq!(stage.collector.status().update.failed, 2);
    assert!(stage.read().snapshot().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_malformed_body_is_read_again_when_it_comes_again() {
    // Its timestamp must not count as seen: the same one may come whole the next time.
    let whole: Vec<u8> = body(0).into();
    let mut cut = whole.clone();
    cut.truncate(whole.len() - 1);
    let stage = Stage::new(MemoryMonitor::serving(cut));
    stage.until(5.0).await;
    assert_eq!(stage.id(), 0);
    stage.monitor.serve(whole);
    stage.until(30.5).await;
    assert_eq!(stage.id(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_heartbeat_is_told_until_the_next_good_one() {
    let stage = Stage::new(MemoryMonitor::serving(body(0)));
    stage.until(5.0).await;
    stage.monitor.set_health(Reply::failure(MonitorErrorKind::Status(503), "status 503"));
    stage.until(25.5).await;
    let status = stage.collector.status().heartbeat;
    assert_eq!((status.succeeded, status.failed), (1, 2));
    assert_eq!(status.failure.as_deref(), Some("status 503"));
    stage.monitor.set_health(Reply::Answer(()));
    stage.until(30.5).await;
    let status = stage.collector.status().heartbeat;
    assert_eq!((status.succeeded, status.failed, status.failure), (2, 2, None));
}
