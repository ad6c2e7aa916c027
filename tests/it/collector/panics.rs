//! A load monitor's client that panics: the loops go on, and readers are told.

use std::time::Duration;

use scorelet_host::snapshot::State;
use scorelet_tests::log::Log;
use scorelet_tests::monitor::Reply;

use super::{Stage, body, cpu, every, refreshing, times};

const PANICKED: &str =
    "the client of the load monitor panicked; this is a defect in it, and the panic's message tells where";

/// A panic where the call is made, and one where its future is driven.
fn panics<T>() -> [Reply<T>; 2] {
    [Reply::Panic, Reply::Panic.after(Duration::ZERO)]
}

#[tokio::test(start_paused = true)]
async fn a_health_check_that_panics_is_a_failed_heartbeat() {
    for panic in panics() {
        let stage = Stage::new(refreshing());
        stage.until(5.0).await;
        stage.monitor.set_health(panic);
        stage.until(25.0).await;
        let status = stage.collector.status().heartbeat;
        assert_eq!((status.succeeded, status.failed, status.failure.as_deref()), (1, 2, Some(PANICKED)));
        stage.monitor.set_health(Reply::Answer(()));
        stage.until(60.5).await;
        let status = stage.collector.status().heartbeat;
        assert_eq!((status.succeeded, status.failed, status.failure), (5, 2, None));
        assert_eq!(times(&stage.monitor.health_calls()), every(10, 7), "and no further tries within a period");
        assert_eq!(times(&stage.monitor.metrics_calls()), every(30, 3));
    }
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_panics_is_a_failed_update() {
    for panic in panics() {
        let stage = Stage::new(refreshing());
        stage.until(5.0).await;
        stage.monitor.set_metrics(panic);
        stage.until(65.0).await;
        let status = stage.collector.status().update;
        assert_eq!((status.published, status.failed, status.failure.as_deref()), (1, 2, Some(PANICKED)));
        assert_eq!(stage.id(), 1, "the last snapshot stays");
        stage.monitor.serve(body(90));
        stage.until(90.5).await;
        assert_eq!((stage.id(), cpu(&stage.read(), "node-a")), (2, Some(40.0)));
        assert_eq!(times(&stage.monitor.metrics_calls()), every(30, 4));
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_always_panics_makes_the_data_invalid_and_says_so() {
    let log = Log::capture();
    let stage = Stage::new(refreshing());
    stage.until(5.0).await;
    assert_eq!(log.take().len(), 2);
    stage.monitor.set_health(Reply::Panic);
    stage.monitor.set_metrics(Reply::Panic);
    stage.until(200.0).await;
    let validity = stage.read().valid();
    assert_eq!((validity.heartbeat.state, validity.metrics.state), (State::Stale, State::Stale));
    let warned = [
        format!("WARN the load monitor does not answer its health check error={PANICKED}"),
        format!("WARN updates fail; the last snapshot is kept error={PANICKED}"),
        "WARN updates are skipped: no good heartbeat for 90 s; the last snapshot is kept".to_owned(),
    ];
    assert_eq!(log.take(), warned);
}
