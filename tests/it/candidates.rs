//! Candidates that were prepared once: for many pods, many snapshots, and several policies at once.

use scorelet_host::collector::{CollectorOptions, recorded};
use scorelet_host::policy::{Candidates, Limits, LoadOptions, Policy, PolicyEngine, Request};
use scorelet_host::scheduling::{Node, Pod};
use scorelet_host::snapshot::Reading;
use scorelet_tests::body::Body;
use scorelet_tests::clock::START;
use scorelet_tests::engine::ticked_by_hand;
use scorelet_tests::wat_policy::{OK, policy};
use scorelet_tests::{artifacts, cluster};
use serde_json::json;

fn reading(nodes: &[(&str, f64)]) -> Reading {
    let body = nodes.iter().fold(Body::at(START), |body, (name, load)| body.node(name, *load, 0.0));
    recorded(&CollectorOptions::default(), &Vec::from(body)).unwrap()
}

fn least_loaded(engine: &PolicyEngine) -> Policy {
    engine.load(&artifacts::read(artifacts::LEAST_LOADED), LoadOptions::default()).unwrap()
}

fn request(names: &[&str]) -> Request {
    Request { pod: Pod::default(), candidates: Candidates::new(names.iter().map(|name| Node::named(*name))) }
}

#[test]
fn a_snapshot_answers_for_itself_whatever_was_asked_before() {
    let policy = least_loaded(&ticked_by_hand(Limits::default()));
    let request = request(&["c", "a", "unknown", "b"]);
    let known = [
        (reading(&[("a", 10.0), ("b", 20.0), ("c", 30.0)]), [70.0, 90.0, 0.0, 80.0]),
        // The same nodes, and other ones.
        (reading(&[("a", 40.0), ("b", 50.0), ("c", 60.0)]), [40.0, 60.0, 0.0, 50.0]),
        (reading(&[("0", 1.0), ("b", 5.0), ("unknown", 7.0)]), [0.0, 0.0, 93.0, 95.0]),
    ];
    for place in [0, 0, 1, 0, 2, 1, 1, 2, 0] {
        let (reading, scores) = &known[place];
        assert_eq!(policy.score(reading, &request).unwrap().scores, scores, "snapshot {place}");
    }
}

#[test]
fn a_snapshot_that_is_gone_is_not_remembered() {
    let policy = least_loaded(&ticked_by_hand(Limits::default()));
    let request = request(&["a"]);
    // Each one likely lies where the one before it lay.
    for load in 0..100 {
        let load = f64::from(load);
        let scores = policy.score(&reading(&[("a", load)]), &request).unwrap().scores;
        assert_eq!(scores, [100.0 - load]);
    }
}

#[test]
fn evaluations_at_once_share_candidates_and_no_answers() {
    let policy = least_loaded(&ticked_by_hand(Limits::default()));
    let request = request(&["a", "b"]);
    std::thread::scope(|scope| {
        for load in [10.0, 20.0, 30.0, 40.0] {
            let (policy, request) = (&policy, &request);
            scope.spawn(move || {
                for step in 0..50 {
                    let reading = reading(&[("a", load), ("b", load + f64::from(step))]);
                    let scores = policy.score(&reading, request).unwrap().scores;
                    assert_eq!(scores, [100.0 - load, 100.0 - load - f64::from(step)]);
                }
            });
        }
    });
}

#[test]
fn policies_that_share_candidates_read_what_they_would_read_alone() {
    let engine = ticked_by_hand(Limits::default());
    let load = |path| engine.load(&artifacts::read(path), LoadOptions::default()).unwrap();
    let policies = [load(artifacts::LEAST_LOADED), load(artifacts::LOAD_VARIATION)];
    let reading = cluster::reading(50);
    let alone: Vec<_> =
        policies.iter().map(|policy| policy.score(&reading, &cluster::request(&reading)).unwrap().scores).collect();
    let shared = cluster::request(&reading);
    for _ in 0..3 {
        for (policy, scores) in policies.iter().zip(&alone) {
            assert_eq!(policy.score(&reading, &shared).unwrap().scores, *scores);
        }
    }
}

/// More columns than are remembered.
const COLUMNS: u32 = 40;

/// A tenth of the sum of the columns `t00` to `t39`, read one after the other.
fn summing() -> Vec<u8> {
    let body = format!(
        "(loop $again
             (i32.store8 (i32.const 1025) (i32.add (i32.const 48) (i32.div_u (global.get $column) (i32.const 10))))
             (i32.store8 (i32.const 1026) (i32.add (i32.const 48) (i32.rem_u (global.get $column) (i32.const 10))))
             (call $candidates-column (local.get $candidates)
                 (i32.const 6) (i32.const 1024) (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0)
                 (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 512))
             (global.set $sum (f64.add (global.get $sum) (f64.load (i32.load (i32.const 512)))))
             (global.set $column (i32.add (global.get $column) (i32.const 1)))
             (br_if $again (i32.lt_u (global.get $column) (i32.const {COLUMNS}))))
         (f64.store (i32.const 64) (f64.div (global.get $sum) (f64.const 10)))
         (call $scores (i32.const 64) (i32.const 1))"
    );
    let data = "(global $column (mut i32) (i32.const 0)) (global $sum (mut f64) (f64.const 0))
        (data (i32.const 1024) \"t00\")";
    policy(OK, &body, data)
}

#[test]
fn more_columns_than_are_remembered_are_read_all_the_same() {
    let metric =
        |column: u32| json!({"name": "n", "type": format!("t{column:02}"), "operator": "Avg", "value": column});
    let metrics: Vec<_> = (0..COLUMNS).map(metric).collect();
    let body = json!({"timestamp": START, "data": {"NodeMetricsMap": {"a": {"metrics": metrics}}}});
    let reading = recorded(&CollectorOptions::default(), body.to_string().as_bytes()).unwrap();
    let policy = ticked_by_hand(Limits::default()).load(&summing(), LoadOptions::default()).unwrap();
    let request = request(&["a"]);
    for _ in 0..3 {
        // 0 and 1 and so on up to 39 are 780.
        assert_eq!(policy.score(&reading, &request).unwrap().scores, [78.0]);
    }
}
