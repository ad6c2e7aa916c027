//! Outages: which updates are skipped, how soon it is over, and what an operator reads of it.

use std::time::Duration;

use scorelet_host::collector::CollectorOptions;
use scorelet_host::monitor::MonitorErrorKind;
use scorelet_tests::body::Body;
use scorelet_tests::clock::START;
use scorelet_tests::log::Log;
use scorelet_tests::monitor::{MemoryMonitor, Reply};

use super::{Stage, body, disconnect, every, refreshing, times};

const NOT_HEALTHY: Reply<()> = Reply::Failure(MonitorErrorKind::Status(503), String::new());

#[tokio::test(start_paused = true)]
async fn updates_are_skipped_when_the_last_good_heartbeat_is_older_than_60_s() {
    let stage = Stage::new(refreshing());
    stage.until(5.0).await;
    stage.monitor.set_health(NOT_HEALTHY);
    stage.until(89.5).await;
    // At 60 s the heartbeat is 60 s old, and not older.
    assert_eq!(times(&stage.monitor.metrics_calls()), [0.0, 30.0, 60.0]);
    assert_eq!(stage.collector.status().update.skipped, 0);
    stage.until(150.5).await;
    assert_eq!(times(&stage.monitor.metrics_calls()), [0.0, 30.0, 60.0]);
    let status = stage.collector.status().update;
    assert_eq!((status.published, status.unchanged, status.skipped, status.failed), (2, 1, 3, 0));
    assert_eq!(stage.id(), 2, "the last snapshot stays");
}

#[tokio::test(start_paused = true)]
async fn a_millisecond_more_is_too_old() {
    let heartbeat_timeout = Duration::from_millis(59_999);
    let options = CollectorOptions { heartbeat_timeout, ..CollectorOptions::default() };
    let stage = Stage::with_options(options, refreshing());
    stage.until(5.0).await;
    stage.monitor.set_health(NOT_HEALTHY);
    stage.until(60.5).await;
    assert_eq!(times(&stage.monitor.metrics_calls()), [0.0, 30.0]);
    assert_eq!(stage.collector.status().update.skipped, 1);
}

#[tokio::test(start_paused = true)]
async fn the_heartbeat_that_is_back_starts_a_skipped_update_at_once() {
    let stage = Stage::new(refreshing());
    stage.until(5.0).await;
    stage.monitor.set_health(NOT_HEALTHY);
    stage.until(155.0).await;
    assert_eq!(stage.collector.status().update.skipped, 3);
    stage.monitor.set_health(Reply::Answer(()));
    stage.until(220.5).await;
    assert_eq!(times(&stage.monitor.metrics_calls()), [0.0, 30.0, 60.0, 160.0, 190.0, 220.0]);
    assert_eq!(stage.collector.status().update.skipped, 3);
}

#[tokio::test(start_paused = true)]
async fn the_heartbeat_that_is_back_starts_a_failed_update_at_once() {
    let stage = Stage::new(refreshing());
    stage.until(25.0).await;
    stage.monitor.fail(MonitorErrorKind::Status(404), "status 404");
    stage.until(38.0).await;
    stage.monitor.set_health(Reply::Answer(()));
    stage.monitor.serve(body(38));
    stage.until(70.5).await;
    assert_eq!(times(&stage.monitor.metrics_calls()), [0.0, 30.0, 40.0, 70.0]);
    assert_eq!(stage.id(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_old_recovery_is_no_reason_to_ask_a_failing_monitor_twice() {
    let stage = Stage::new(refreshing());
    stage.until(5.0).await;
    stage.monitor.set_health(NOT_HEALTHY);
    stage.until(15.5).await;
    stage.monitor.set_health(Reply::Answer(()));
    stage.until(25.0).await;
    stage.monitor.set_metrics(Reply::failure(MonitorErrorKind::Status(404), "status 404"));
    stage.until(90.5).await;
    assert_eq!(times(&stage.monitor.metrics_calls()), every(30, 4));
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_an_hour_is_told_at_its_start_and_at_its_end() {
    let log = Log::capture();
    let stage = Stage::new(refreshing());
    stage.until(60.5).await;
    assert_eq!(
        log.take(),
        ["INFO the load monitor is alive", "INFO metrics are fresh reason=the metrics' window ended 0 s ago"]
    );
    disconnect(&stage.monitor);
    stage.until(180.0).await;
    assert_eq!(
        log.take(),
        [
            "WARN the load monitor does not answer its health check \
             error=http://load-monitor:2020 refused the connection",
            "WARN updates fail; the last snapshot is kept error=http://load-monitor:2020 refused the connection",
            "WARN updates are skipped: no good heartbeat for 90 s; the last snapshot is kept",
        ]
    );
    stage.until(3665.0).await;
    assert_eq!(
        log.take(),
        ["WARN the metrics have become stale \
          reason=the metrics' window ended 3 min 30 s ago, longer than the allowed 3 min 0 s"]
    );
    stage.monitor.set_health(Reply::Answer(()));
    stage.monitor.serve(body(3660));
    stage.until(3700.5).await;
    assert_eq!(
        log.take(),
        [
            "INFO the load monitor answers its health check again",
            "INFO metrics are fresh reason=the metrics' window ended 10 s ago",
        ]
    );
    assert_eq!(stage.collector.status().update.skipped, 118);
}

#[tokio::test(start_paused = true)]
async fn a_monitor_that_was_never_there_is_told_once() {
    let log = Log::capture();
    let monitor = refreshing();
    disconnect(&monitor);
    let stage = Stage::new(monitor);
    stage.until(3600.0).await;
    assert_eq!(
        log.take(),
        [
            "WARN the load monitor does not answer its health check \
             error=http://load-monitor:2020 refused the connection",
            "WARN updates are skipped: no good heartbeat ever; the last snapshot is kept",
        ]
    );
    assert_eq!(stage.collector.status().update.skipped, 120);
}

#[tokio::test(start_paused = true)]
async fn a_frozen_monitor_is_told_at_its_start_and_at_its_end() {
    let log = Log::capture();
    let stage = Stage::new(MemoryMonitor::serving(body(0)));
    stage.until(3605.0).await;
    stage.monitor.serve(body(3600));
    stage.until(3700.0).await;
    assert_eq!(
        log.take(),
        [
            "INFO the load monitor is alive",
            "INFO metrics are fresh reason=the metrics' window ended 0 s ago",
            "WARN the load monitor answers, but without fresh metrics \
             reason=the metrics' window ended 3 min 30 s ago, longer than the allowed 3 min 0 s",
            "INFO metrics are fresh reason=the metrics' window ended 30 s ago",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn values_that_are_lost_are_told_once_however_many_they_are() {
    let log = Log::capture();
    let stage = Stage::new(refreshing());
    stage.until(5.0).await;
    assert_eq!(log.take().len(), 2);
    stage.monitor.set_metrics(Reply::computed(|elapsed: Duration| {
        let second = i64::try_from(elapsed.as_secs()).unwrap();
        let lost = if second % 60 == 0 { f64::NAN } else { 1.0 };
        Body::at(START + second).node("node-a", f64::NAN, lost).label("all", 1.0).into()
    }));
    stage.until(600.5).await;
    assert_eq!(stage.read().snapshot().unwrap().defects.lost_values, 2);
    let lines = log.take();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].starts_with("WARN metrics are fresh; some could not be used"), "{lines:?}");
    stage.monitor.serve(body(610));
    stage.until(630.5).await;
    assert_eq!(log.take(), ["INFO metrics are fresh reason=the metrics' window ended 20 s ago"]);
}

#[tokio::test(start_paused = true)]
async fn failing_updates_are_told_and_later_once_that_the_metrics_are_stale() {
    let log = Log::capture();
    let stage = Stage::new(MemoryMonitor::serving(body(0)));
    stage.until(5.0).await;
    assert_eq!(log.take().len(), 2);
    stage.monitor.serve("{");
    stage.until(900.0).await;
    let became_stale = "WARN the metrics have become stale \
                 reason=the metrics' window ended 3 min 30 s ago, longer than the allowed 3 min 0 s";
    let failing = "WARN updates fail; the last snapshot is kept error=the body is cut off after 1 bytes";
    assert_eq!(log.take(), [failing, became_stale]);
    stage.monitor.serve(body(890));
    stage.until(925.0).await;
    assert_eq!(log.take(), ["INFO metrics are fresh reason=the metrics' window ended 10 s ago"]);
    stage.monitor.serve("{");
    stage.until(2000.0).await;
    assert_eq!(log.take(), [failing, &became_stale.replace("30 s ago", "10 s ago")]);
}

#[tokio::test(start_paused = true)]
async fn stale_metrics_that_were_told_are_not_told_again_when_updates_fail() {
    let log = Log::capture();
    let stage = Stage::new(MemoryMonitor::serving(body(-3600)));
    stage.until(5.0).await;
    assert_eq!(log.take().len(), 2);
    stage.monitor.serve("{");
    stage.until(600.0).await;
    let failing = "WARN updates fail; the last snapshot is kept error=the body is cut off after 1 bytes";
    assert_eq!(log.take(), [failing]);
}

#[tokio::test(start_paused = true)]
async fn a_node_without_a_name_is_no_reason_to_warn() {
    let log = Log::capture();
    let stage = Stage::new(MemoryMonitor::serving(body(0).node("", 1.0, 1.0)));
    stage.until(5.0).await;
    assert_eq!(stage.read().snapshot().unwrap().defects.unnamed_nodes, 1);
    let fresh = "INFO metrics are fresh reason=the metrics' window ended 0 s ago";
    assert_eq!(log.take(), ["INFO the load monitor is alive", fresh]);
    stage.monitor.serve(body(30).node("", 1.0, 1.0).node("node-b", f64::NAN, 1.0));
    stage.until(35.0).await;
    assert!(log.take().concat().starts_with("WARN metrics are fresh; some could not be used"));
}

#[tokio::test(start_paused = true)]
async fn a_monitor_clock_ahead_of_ours_is_told_once() {
    for (ahead, told) in [(0, false), (1, false), (2, true), (86_400, true)] {
        let log = Log::capture();
        let stage = Stage::new(MemoryMonitor::new(
            Reply::Answer(()),
            Reply::computed(move |elapsed: Duration| {
                body(i64::try_from(elapsed.as_secs() / 60 * 60).unwrap() + ahead).into()
            }),
        ));
        stage.until(600.5).await;
        let warnings: Vec<_> = log.take().into_iter().filter(|line| line.starts_with("WARN")).collect();
        let reason = if ahead == 2 { "2 s" } else { "24 h 0 min" };
        let warning = format!(
            "WARN metrics look younger than they are; set the load monitor's clock reason=the metrics' window ends \
             {reason} from now: the load monitor's clock is ahead of this host's"
        );
        assert_eq!(warnings, Vec::from_iter(told.then_some(warning)), "{ahead} s");
    }
}
