//! Further tries within a period, and the time at which they end.

use std::time::Duration;

use scorelet_host::monitor::MonitorErrorKind;
use scorelet_tests::monitor::{Call, MemoryMonitor, Reply};

use super::{Stage, body, every, refreshing, spans, times};

/// The delays between tries without their jitter, which adds at most as much again.
const DELAYS: [f64; 10] = [0.25, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0];

fn assert_retried(calls: &[Call], seconds: f64) {
    // Without jitter, as many tries as fit; with the most of it, those that fit at double the delays.
    let fit = |factor: f64| {
        let sums = DELAYS.iter().scan(0.0, |sum, delay| {
            *sum += delay * factor;
            Some(*sum)
        });
        1 + sums.take_while(|sum| *sum < seconds).count()
    };
    let tries = times(calls);
    assert!((fit(2.0)..=fit(1.0)).contains(&tries.len()), "{tries:?}");
    assert!(tries.iter().all(|time| *time < seconds), "{tries:?}");
    for (gap, delay) in tries.windows(2).map(|pair| pair[1] - pair[0]).zip(DELAYS) {
        // Timers tick in milliseconds.
        assert!((delay..=2.0 * delay + 0.002).contains(&gap), "{gap} after {delay} in {tries:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn transient_failures_are_tried_again_with_growing_delays() {
    for kind in [
        MonitorErrorKind::Unreachable,
        MonitorErrorKind::Timeout,
        MonitorErrorKind::Status(429),
        MonitorErrorKind::Status(500),
        MonitorErrorKind::Status(503),
    ] {
        let failing = MemoryMonitor::new(Reply::failure(kind, "no"), Reply::failure(kind, "no"));
        let stage = Stage::new(failing);
        stage.until(9.5).await;
        assert_retried(&stage.monitor.health_calls(), 5.0);
        assert_eq!(stage.collector.status().heartbeat.failed, 1, "counted once with all its tries");

        let failing = MemoryMonitor::new(Reply::Answer(()), Reply::failure(kind, "no"));
        let stage = Stage::new(failing);
        stage.until(29.5).await;
        assert_retried(&stage.monitor.metrics_calls(), 20.0);
        assert_eq!(stage.collector.status().update.failed, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn failures_that_stay_are_not_tried_again() {
    for kind in [
        MonitorErrorKind::Status(204),
        MonitorErrorKind::Status(404),
        MonitorErrorKind::Redirect,
        MonitorErrorKind::TooLarge,
        MonitorErrorKind::Malformed,
        MonitorErrorKind::Configuration,
    ] {
        let stage = Stage::new(MemoryMonitor::new(Reply::Answer(()), Reply::failure(kind, "no")));
        stage.until(65.0).await;
        assert_eq!(times(&stage.monitor.metrics_calls()), every(30, 3), "{kind:?}");
        assert_eq!(stage.collector.status().update.failed, 3);

        let stage = Stage::new(MemoryMonitor::new(Reply::failure(kind, "no"), Reply::Never));
        stage.until(25.0).await;
        assert_eq!(times(&stage.monitor.health_calls()), every(10, 3), "{kind:?}");
        assert_eq!(stage.collector.status().heartbeat.failed, 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_monitor_that_hiccups_costs_no_update() {
    let stage = Stage::new(refreshing());
    stage.monitor.set_metrics(Reply::failure(MonitorErrorKind::Status(500), "status 500"));
    stage.until(1.0).await;
    assert_eq!(stage.id(), 0);
    stage.monitor.serve(body(0));
    stage.until(5.0).await;
    assert_eq!(stage.id(), 1);
    let status = stage.collector.status().update;
    assert_eq!((status.published, status.failed, status.failure), (1, 0, None));
}

#[tokio::test(start_paused = true)]
async fn a_health_check_that_never_answers_ends_after_5_s() {
    let stage = Stage::new(MemoryMonitor::new(Reply::Never, Reply::Never));
    stage.until(25.5).await;
    let expected = [(0.0, Some(5.0)), (10.0, Some(15.0)), (20.0, Some(25.0))];
    assert_eq!(spans(&stage.monitor.health_calls()), expected);
    let status = stage.collector.status().heartbeat;
    assert_eq!((status.succeeded, status.failed), (0, 3));
    assert_eq!(status.failure.as_deref(), Some("the load monitor did not answer within 5 s"));
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_never_answers_ends_after_20_s() {
    let stage = Stage::new(MemoryMonitor::new(Reply::Answer(()), Reply::Never));
    stage.until(80.5).await;
    let expected = [(0.0, Some(20.0)), (30.0, Some(50.0)), (60.0, Some(80.0))];
    assert_eq!(spans(&stage.monitor.metrics_calls()), expected);
    assert_eq!(times(&stage.monitor.health_calls()), every(10, 9));
    let status = stage.collector.status().update;
    assert_eq!((status.published, status.failed), (0, 3));
    assert_eq!(status.failure.as_deref(), Some("the load monitor did not answer within 20 s"));
}

#[tokio::test(start_paused = true)]
async fn a_try_that_hangs_does_not_hide_the_failure_before_it() {
    let stage = Stage::new(refreshing());
    stage.monitor.set_metrics(Reply::failure(MonitorErrorKind::Status(500), "status 500"));
    stage.until(1.0).await;
    stage.monitor.set_metrics(Reply::Never);
    stage.until(20.5).await;
    assert_eq!(stage.collector.status().update.failure.as_deref(), Some("status 500"));
    assert_eq!(spans(&stage.monitor.metrics_calls()).last().unwrap().1, Some(20.0));
}

#[tokio::test(start_paused = true)]
async fn an_answer_at_the_last_moment_still_counts() {
    let slow = Reply::Answer(body(0).into()).after(Duration::from_millis(19_999));
    let stage = Stage::new(MemoryMonitor::new(Reply::Answer(()).after(Duration::from_millis(4_999)), slow));
    stage.until(25.5).await;
    assert_eq!(stage.collector.status().heartbeat.failed, 0);
    assert_eq!(stage.id(), 1);
}
