//! `Valid`: which check fails when, and that all recover.

use std::time::Duration;

use scorelet_host::collector::CollectorOptions;
use scorelet_host::snapshot::{State, Unavailable, Validity};
use scorelet_tests::body::Body;
use scorelet_tests::clock::START;
use scorelet_tests::monitor::{MemoryMonitor, Reply};

use super::{Stage, body, disconnect, refreshing};

fn states(validity: &Validity) -> [State; 3] {
    [validity.heartbeat.state, validity.metrics.state, validity.statistics.state]
}

#[tokio::test(start_paused = true)]
async fn all_is_valid_while_the_monitor_lives_and_refreshes() {
    let stage = Stage::new(refreshing());
    for second in 0..600 {
        stage.until(f64::from(second) + 0.5).await;
        let validity = stage.read().valid();
        assert!(validity.is_valid(), "second {second}: {validity:?}");
        assert_eq!(states(&validity), [State::Fresh; 3]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_monitor_makes_first_the_heartbeat_stale_and_then_the_metrics() {
    let stage = Stage::new(refreshing());
    stage.until(65.0).await;
    disconnect(&stage.monitor);
    // The last good heartbeat was at 60 s, and the last window ended there too.
    stage.until(120.0).await;
    assert_eq!(states(&stage.read().valid()), [State::Fresh; 3]);
    stage.until(120.001).await;
    let validity = stage.read().valid();
    assert_eq!(states(&validity), [State::Stale, State::Fresh, State::Fresh]);
    assert!(!validity.is_valid());
    assert_eq!(validity.heartbeat.age, Some(Duration::from_millis(60_001)));
    assert_eq!(
        validity.heartbeat.reason,
        "the last good heartbeat was just over 60 s ago, longer than the allowed 60 s"
    );
    stage.until(240.0).await;
    assert_eq!(states(&stage.read().valid()), [State::Stale, State::Fresh, State::Fresh]);
    stage.until(300.0).await;
    let validity = stage.read().valid();
    assert_eq!(states(&validity), [State::Stale, State::Stale, State::Fresh]);
    let reason = "the metrics' window ended 4 min 0 s ago, longer than the allowed 3 min 0 s";
    assert_eq!((validity.metrics.age, &*validity.metrics.reason), (Some(Duration::from_mins(4)), reason));
    assert_eq!(validity.statistics.reason, "1 label, last published 4 min 0 s ago");

    stage.monitor.set_health(Reply::Answer(()));
    stage.monitor.serve(body(300));
    stage.until(310.5).await;
    assert!(stage.read().valid().is_valid());
}

#[tokio::test(start_paused = true)]
async fn a_frozen_monitor_makes_the_metrics_stale_although_http_works() {
    let stage = Stage::new(MemoryMonitor::serving(body(0)));
    stage.until(180.0).await;
    assert!(stage.read().valid().is_valid());
    stage.until(180.001).await;
    let validity = stage.read().valid();
    assert_eq!(states(&validity), [State::Fresh, State::Stale, State::Fresh]);
    stage.until(205.0).await;
    stage.monitor.serve(body(180));
    stage.until(210.5).await;
    assert!(stage.read().valid().is_valid());
}

#[tokio::test(start_paused = true)]
async fn a_window_that_stands_still_is_stale_although_the_timestamp_moves() {
    let stage = Stage::new(MemoryMonitor::new(
        Reply::Answer(()),
        Reply::computed(|elapsed: Duration| {
            let now = START + i64::try_from(elapsed.as_secs()).unwrap();
            Body::at(now).window_end(START).node("node-a", 1.0, 1.0).label("all", 1.0).into()
        }),
    ));
    stage.until(180.5).await;
    assert_eq!(stage.id(), 7);
    assert_eq!(states(&stage.read().valid()), [State::Fresh, State::Stale, State::Fresh]);
}

#[tokio::test(start_paused = true)]
async fn an_old_body_is_stale_from_the_start() {
    let stage = Stage::new(MemoryMonitor::serving(body(-86_400)));
    stage.until(5.0).await;
    assert_eq!(stage.read().valid().metrics.state, State::Stale);
    assert_eq!(stage.collector.reader().wait_until_ready().await, Ok(()), "ready is not valid");
}

#[tokio::test(start_paused = true)]
async fn a_monitor_clock_ahead_of_ours_is_age_zero_and_told() {
    let stage = Stage::new(MemoryMonitor::serving(body(100)));
    stage.until(40.0).await;
    let metrics = stage.read().valid().metrics;
    assert_eq!((metrics.state, metrics.age), (State::Fresh, Some(Duration::ZERO)));
    let reason = "the metrics' window ends 60 s from now: the load monitor's clock is ahead of this host's";
    assert_eq!(metrics.reason, reason);
}

#[tokio::test(start_paused = true)]
async fn a_monitor_without_nodes_has_no_metrics() {
    let stage = Stage::new(MemoryMonitor::serving(Body::at(START).label("all", 1.0)));
    stage.until(5.0).await;
    let validity = stage.read().valid();
    assert_eq!(states(&validity), [State::Fresh, State::Missing, State::Fresh]);
    assert_eq!(validity.metrics.reason, "the load monitor publishes no nodes");
}

#[tokio::test(start_paused = true)]
async fn missing_statistics_are_invalid_only_where_they_are_required() {
    for (require_statistics, state) in [(true, State::Missing), (false, State::Disabled)] {
        let options = CollectorOptions { require_statistics, ..CollectorOptions::default() };
        let plain = Body::at(START).node("node-a", 1.0, 1.0).null_statistics();
        let stage = Stage::with_options(options, MemoryMonitor::serving(plain));
        stage.until(5.0).await;
        let reading = stage.read();
        assert_eq!(states(&reading.valid()), [State::Fresh, State::Fresh, state]);
        assert_eq!(reading.valid().is_valid(), !require_statistics);
        assert_eq!(reading.all_statistics().err(), Some(Unavailable::NoData));
        assert_eq!(reading.statistics_of_label("web").err(), Some(Unavailable::NotFound("web".to_owned())));
    }
}
