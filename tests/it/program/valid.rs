//! `query valid`: three checks with their ages and reasons, and an exit code for scripts.

use serde_json::json;

use super::recorded;
use scorelet_tests::program::{Folder, run};

#[test]
fn fresh_data_is_valid() {
    assert_eq!(
        recorded("query valid").succeeded(),
        "\
CHECK       STATE  AGE  REASON
heartbeat   fresh  0 s  the last good heartbeat was 0 s ago
metrics     fresh  0 s  the metrics' window ended 0 s ago
statistics  fresh  0 s  3 labels, last published 0 s ago

valid
"
    );
    assert_eq!(
        recorded("query valid -o json").json(),
        json!({
            "valid": true,
            "heartbeat": {"state": "fresh", "age_seconds": 0.0, "reason": "the last good heartbeat was 0 s ago"},
            "metrics": {"state": "fresh", "age_seconds": 0.0, "reason": "the metrics' window ended 0 s ago"},
            "statistics": {"state": "fresh", "age_seconds": 0.0, "reason": "3 labels, last published 0 s ago"},
        })
    );
}

#[test]
fn stale_data_is_not_valid_and_says_why() {
    let finished = run("query valid --metrics stale.json");
    assert_eq!((finished.code, finished.stderr.as_str()), (1, ""));
    assert_eq!(
        finished.stdout,
        "\
CHECK       STATE       AGE  REASON
heartbeat   fresh       0 s  the last good heartbeat was 0 s ago
metrics     stale    55 min  the metrics' window ended 55 min 0 s ago, longer than the allowed 3 min 0 s
statistics  missing       -  the load monitor publishes no statistics; if it never does, pass --without-statistics

not valid
"
    );
    let finished = run("query valid --metrics stale.json -o json");
    assert_eq!((finished.code, finished.stderr.as_str()), (1, ""));
    let answer = finished.json();
    assert_eq!(answer["valid"], false);
    assert_eq!((&answer["metrics"]["state"], &answer["metrics"]["age_seconds"]), (&json!("stale"), &json!(3300.0)));
    assert_eq!(
        (&answer["statistics"]["state"], &answer["statistics"]["age_seconds"]),
        (&json!("missing"), &json!(null))
    );
}

#[test]
fn flags_say_what_is_expected_of_the_data() {
    let states = |flags: &str| {
        let finished = run(&format!("query valid --metrics stale.json -o json {flags}"));
        let answer = finished.json();
        let state = |check: &str| answer[check]["state"].as_str().unwrap().to_owned();
        (finished.code, state("metrics"), state("statistics"))
    };
    let expected = |code: i32, metrics: &str, statistics: &str| (code, metrics.to_owned(), statistics.to_owned());
    assert_eq!(states("--max-age 3300"), expected(1, "fresh", "missing"));
    assert_eq!(states("--without-statistics"), expected(1, "stale", "disabled"));
    assert_eq!(states("--max-age 3300 --without-statistics"), expected(0, "fresh", "disabled"));
    assert_eq!(states("--max-age 3300 --dialect load-watcher"), expected(0, "fresh", "disabled"));
}

#[test]
fn an_answer_without_nodes_is_missing_metrics() {
    let body = json!({"timestamp": 1_767_225_600, "data": {"NodeMetricsMap": {}}});
    let finished = Folder::with("body.json", body.to_string()).run("query valid --metrics body.json -o json");
    assert_eq!(finished.code, 1);
    assert_eq!(finished.json()["metrics"]["reason"], "the load monitor publishes no nodes");
}
