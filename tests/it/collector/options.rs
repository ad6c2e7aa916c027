//! What can be set about a Collector, and what cannot.

use std::time::Duration;

use scorelet_host::collector::{Collector, CollectorOptions, StartError};
use scorelet_host::snapshot::Freshness;

use super::{Stage, refreshing};

const DAY: Duration = Duration::from_hours(24);

#[test]
fn the_defaults_are_those_of_the_contract() {
    let CollectorOptions {
        update_interval,
        heartbeat_interval,
        heartbeat_timeout,
        heartbeat_request_timeout,
        update_request_timeout,
        metrics_max_age,
        statistics_retention,
        max_labels,
        require_statistics,
    } = CollectorOptions::default();
    assert_eq!(update_interval, Duration::from_secs(30));
    assert_eq!(heartbeat_interval, Duration::from_secs(10));
    assert_eq!(heartbeat_timeout, Duration::from_mins(1));
    assert_eq!(heartbeat_request_timeout, Duration::from_secs(5));
    assert_eq!(update_request_timeout, Duration::from_secs(20));
    assert_eq!(metrics_max_age, Duration::from_mins(3));
    assert_eq!(statistics_retention, 15 * DAY);
    assert_eq!(max_labels, 100_000);
    assert!(require_statistics);
    assert_eq!(CollectorOptions::default().validate(), Ok(()));
    let freshness = Freshness { heartbeat_timeout, metrics_max_age, require_statistics };
    assert_eq!(Freshness::default(), freshness);
}

#[tokio::test(start_paused = true)]
async fn all_problems_are_told_at_once() {
    let options = CollectorOptions {
        update_interval: Duration::ZERO,
        heartbeat_interval: DAY + Duration::from_secs(1),
        heartbeat_timeout: Duration::from_millis(9_999),
        heartbeat_request_timeout: Duration::ZERO,
        update_request_timeout: Duration::from_secs(20),
        metrics_max_age: Duration::ZERO,
        statistics_retention: Duration::ZERO,
        max_labels: 0,
        ..CollectorOptions::default()
    };
    let problems = [
        "update_interval (0ns) must be longer than zero and at most 86400s",
        "heartbeat_interval (86401s) must be longer than zero and at most 86400s",
        "update_request_timeout (20s) must be longer than zero and at most update_interval (0ns)",
        "heartbeat_request_timeout (0ns) must be longer than zero and at most heartbeat_interval (86401s)",
        "heartbeat_timeout (9.999s) must be at least heartbeat_interval (86401s)",
        "metrics_max_age (0ns) must be longer than zero",
        "statistics_retention (0ns) must be longer than zero",
        "max_labels must be at least 1",
    ];
    let invalid = options.validate().unwrap_err();
    assert_eq!(invalid.problems(), problems);
    let text = format!("invalid Collector options: {}", problems.join("; "));
    assert_eq!(invalid.to_string(), text);

    let monitor = refreshing();
    let refused = Collector::start(options, monitor.clone()).unwrap_err();
    assert!(matches!(refused, StartError::InvalidOptions(_)));
    assert_eq!(refused.to_string(), text);
    assert_eq!((monitor.health_calls(), monitor.metrics_calls()), (vec![], vec![]));
}

#[test]
fn limits_themselves_are_allowed() {
    let options = CollectorOptions {
        update_interval: DAY,
        update_request_timeout: DAY,
        heartbeat_interval: Duration::from_secs(5),
        heartbeat_request_timeout: Duration::from_secs(5),
        heartbeat_timeout: Duration::from_secs(5),
        metrics_max_age: Duration::from_nanos(1),
        statistics_retention: Duration::from_nanos(1),
        max_labels: 1,
        ..CollectorOptions::default()
    };
    assert_eq!(options.validate(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn periods_that_would_overflow_a_timer_are_refused_instead_of_killing_a_loop() {
    let endless = CollectorOptions { update_interval: Duration::MAX, ..CollectorOptions::default() };
    let refused = Collector::start(endless, refreshing()).unwrap_err();
    let text = "invalid Collector options: \
                update_interval (18446744073709551615.999999999s) must be longer than zero and at most 86400s";
    assert_eq!(refused.to_string(), text);
}

#[tokio::test(start_paused = true)]
async fn ages_may_be_endless() {
    let options = CollectorOptions {
        heartbeat_timeout: Duration::MAX,
        metrics_max_age: Duration::MAX,
        statistics_retention: Duration::MAX,
        max_labels: usize::MAX,
        ..CollectorOptions::default()
    };
    let stage = Stage::with_options(options, refreshing());
    stage.until(3600.5).await;
    assert_eq!(stage.id(), 61);
    assert!(stage.read().valid().is_valid());
}
