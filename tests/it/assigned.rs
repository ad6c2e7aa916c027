//! Pods that were assigned lately: a policy sees those that the metrics do not show yet, and no others.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use scorelet_host::collector::{CollectorOptions, recorded};
use scorelet_host::policy::{Assignments, Candidates, Evaluation, Limits, LoadOptions, Policy, PolicyEngine, Request};
use scorelet_host::scheduling::{CPU, Node, Pod, Resources};
use scorelet_host::snapshot::Reading;
use scorelet_tests::artifacts;

/// The end of the window of all metrics here, in Unix seconds.
const WINDOW_END: u64 = 1_767_225_600;

/// A moment, in seconds before or after the end of the window.
fn at(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(WINDOW_END.checked_add_signed(seconds).unwrap())
}

/// Two nodes that are used to ten per cent, measured so many seconds ago.
fn reading(age: u64) -> Reading {
    let load = serde_json::json!({"metrics": [{"name": "load", "type": "cpu", "operator": "Avg", "value": 10.0}]});
    let body = serde_json::json!({
        "timestamp": WINDOW_END + age,
        "window": {"duration": "5m", "start": WINDOW_END - 300, "end": WINDOW_END},
        "data": {"NodeMetricsMap": {"a": load, "b": load}},
    });
    recorded(&CollectorOptions::default(), body.to_string().as_bytes()).unwrap()
}

/// A pod that will use so many millicores.
fn pod(name: &str, millicores: u64) -> Pod {
    Pod { name: name.to_owned(), limits: Resources::new().with(CPU, millicores), ..Pod::default() }
}

/// Two nodes of one core.
fn nodes() -> Candidates {
    let allocatable = Resources::new().with(CPU, 1000);
    Candidates::new(["a", "b"].map(|name| Node { allocatable: allocatable.clone(), ..Node::named(name) }))
}

/// A policy that aims at half of a node's cpu: it scores 75 for a quarter, and 100 for the half.
fn packing() -> Policy {
    let engine = PolicyEngine::new(Limits::default()).unwrap();
    let options = LoadOptions { settings: r#"{"target": 50}"#.to_owned(), ..LoadOptions::default() };
    engine.load(&artifacts::read(artifacts::TARGET_LOAD_PACKING), options).unwrap()
}

/// The next pod will use 150 millicores: a quarter of a node with the ten per cent that were measured.
fn next(assignments: &Assignments) -> Request {
    Request { pod: pod("next", 150), candidates: nodes().with_assigned(assignments.current()) }
}

fn seen(evaluation: &Evaluation) -> (usize, &[f64]) {
    (evaluation.report.assigned, &evaluation.scores)
}

#[test]
fn pods_assigned_since_the_measurement_are_seen_and_older_ones_are_not() {
    let (policy, assignments) = (packing(), Assignments::new());
    assignments.record("b", pod("measured", 250), at(-1));
    assignments.record("elsewhere", pod("elsewhere", 250), at(30));
    let evaluation = policy.score(&reading(60), &next(&assignments)).unwrap();
    assert_eq!(seen(&evaluation), (0, &[75.0, 75.0][..]));

    assignments.record("a", pod("new", 250), at(0));
    let evaluation = policy.score(&reading(60), &next(&assignments)).unwrap();
    assert_eq!(seen(&evaluation), (1, &[100.0, 75.0][..]));

    // Of each node its own, and of all that come there the sum.
    assignments.record("b", pod("newer", 100), at(59));
    assignments.record("b", pod("newest", 150), at(60));
    let evaluation = policy.score(&reading(60), &next(&assignments)).unwrap();
    assert_eq!(seen(&evaluation), (3, &[100.0, 100.0][..]));
}

#[test]
fn pods_are_forgotten_when_they_are_gone_or_of_age() {
    let (policy, assignments) = (packing(), Assignments::new());
    assignments.record("a", pod("gone", 250), at(1));
    assignments.record("b", pod("old", 250), at(1));
    assignments.forget("", "gone");
    let evaluation = policy.score(&reading(301), &next(&assignments)).unwrap();
    assert_eq!(seen(&evaluation), (1, &[75.0, 100.0][..]));
    let evaluation = policy.score(&reading(302), &next(&assignments)).unwrap();
    assert_eq!(seen(&evaluation), (0, &[75.0, 75.0][..]), "the metrics may be older than what is remembered");
}

#[test]
fn the_same_request_on_the_same_reading_has_the_same_answer() {
    let (policy, assignments, reading) = (packing(), Assignments::new(), reading(60));
    let request = next(&assignments);
    assert_eq!(seen(&policy.score(&reading, &request).unwrap()), (0, &[75.0, 75.0][..]));
    assignments.record("a", pod("later", 250), at(10));
    assert_eq!(seen(&policy.score(&reading, &request).unwrap()), (0, &[75.0, 75.0][..]));
    assert_eq!(seen(&policy.score(&reading, &next(&assignments)).unwrap()), (1, &[100.0, 75.0][..]));
}
