//! `score` when all is well: the ranked table, JSON in the order of the candidates, and warnings about gaps.

use serde_json::{Value, json};

use super::{constant, folder, least_loaded, load_variation, score};
use scorelet_tests::program::{Finished, fixture};
use scorelet_tests::wat_policy::{OK, policy};

/// The text with the numbers of one line replaced that differ from run to run and from build to build.
fn masked(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once(" on snapshot 1: ") {
        Some((policy, _)) if line.ends_with(" host calls") => format!("{policy} on snapshot 1: …"),
        _ => line.to_owned(),
    });
    lines.map(|line| line + "\n").collect()
}

fn with_nodes(policy: &[u8], more: &str) -> Finished {
    let nodes = std::fs::read(fixture("nodes.yaml")).unwrap();
    folder(policy)
        .and("nodes.yaml", nodes)
        .run(&format!("score policy.wasm --pod pod.yaml --nodes nodes.yaml --metrics watcher.json {more}"))
}

#[test]
fn nodes_of_the_load_monitor_are_ranked_best_first() {
    let output = score(&least_loaded(), "").succeeded();
    assert_eq!(
        masked(&output),
        "\
RANK  NODE    SCORE
   1  node-a   60.0
   2  node-b   39.5
   3  node-c    0.0
   4  node-d    0.0

policy on snapshot 1: …
"
    );
}

#[test]
fn the_line_below_the_table_tells_what_it_took() {
    let output = score(&constant(&[1.0, 2.5, 100.0, 0.0]), "").succeeded();
    let (table, report) = output.split_once("\n\n").unwrap();
    assert_eq!(
        table,
        "\
RANK  NODE    SCORE
   1  node-c  100.0
   2  node-b    2.5
   3  node-a    1.0
   4  node-d    0.0"
    );
    let words: Vec<&str> = report.split_whitespace().collect();
    assert!(words[4].parse::<u64>().is_ok(), "{report}");
    assert_eq!(words[..4], ["policy", "on", "snapshot", "1:"]);
    assert_eq!(words[5..10], ["µs,", "64", "KiB", "of", "memory,"]);
}

#[test]
fn json_keeps_the_order_of_the_candidates() {
    let finished = score(&constant(&[1.0, 2.5, 100.0, 0.0]), "-o json");
    assert_eq!((finished.code, finished.stderr.as_str()), (0, ""));
    let mut answer = finished.json();
    let report = answer["report"].take();
    let digest = answer["policy"]["digest"].take();
    assert_eq!(
        answer,
        json!({
            "policy": {"name": "policy", "digest": null},
            "snapshot": {
                "id": 1,
                "source": "Prometheus",
                "window": {"duration": "5m", "start": 1_767_225_300, "end": 1_767_225_600},
            },
            "scores": [
                {"node": "node-a", "score": 1.0},
                {"node": "node-b", "score": 2.5},
                {"node": "node-c", "score": 100.0},
                {"node": "node-d", "score": 0.0},
            ],
            "report": null,
            "logs": [],
        })
    );
    let digest = digest.as_str().unwrap().strip_prefix("sha256:").unwrap();
    assert!(digest.len() == 64 && digest.bytes().all(|digit| digit.is_ascii_hexdigit()), "{digest}");
    assert!(report["wall_us"].is_u64(), "{report}");
    assert_eq!((&report["memory_bytes"], &report["fuel"]), (&json!(65536), &Value::Null));
    assert!(report["host_calls"].is_u64(), "{report}");
}

#[test]
fn given_nodes_are_scored_in_their_order_with_what_they_offer() {
    let finished = with_nodes(&load_variation(), "-o json");
    assert_eq!(finished.code, 0);
    // node-b: (1 - (0.605 + 400/2000 + 0.1225) / 2) * 100 for cpu, which is lower than for memory.
    assert_eq!(
        finished.json()["scores"],
        json!([
            {"node": "node-b", "score": 53.625},
            {"node": "node-a", "score": 75.875},
            {"node": "node-x", "score": 0.0},
        ])
    );
}

#[test]
fn nodes_that_the_load_monitor_does_not_know_are_warned_of_in_both_forms() {
    let warning = "warning: the load monitor does not know 1 of the 3 candidates: node-x\n";
    let finished = with_nodes(&least_loaded(), "");
    assert_eq!((finished.code, finished.stderr.as_str()), (0, warning));
    assert_eq!(
        masked(&finished.stdout),
        "\
RANK  NODE    SCORE
   1  node-a   60.0
   2  node-b   39.5
   3  node-x    0.0

policy on snapshot 1: …
"
    );
    let finished = with_nodes(&least_loaded(), "-o json");
    assert_eq!((finished.code, finished.stderr.as_str()), (0, warning));
}

#[test]
fn stale_data_is_scored_with_a_warning() {
    let stale = std::fs::read(fixture("stale.json")).unwrap();
    let finished =
        folder(&least_loaded()).and("stale.json", stale).run("score policy.wasm --pod pod.yaml --metrics stale.json");
    assert_eq!(finished.code, 0);
    assert_eq!(
        finished.stderr,
        "\
warning: the load monitor publishes no capacities, so the policy does not know what the nodes offer; pass --nodes FILE
warning: the metrics check failed: the metrics' window ended 55 min 0 s ago, longer than the allowed 3 min 0 s
warning: the statistics check failed: the load monitor publishes no statistics
"
    );
}

#[test]
fn without_candidates_there_is_nothing_to_score() {
    let folder = folder(&least_loaded()).and("nobody.json", r#"{"timestamp": 1767225600, "data": null}"#);
    assert_eq!(
        folder.run("score policy.wasm --pod pod.yaml --metrics nobody.json").failed(69),
        "there are no candidates: the load monitor knows no nodes; pass --nodes FILE"
    );
}

#[test]
fn what_the_policy_logs_is_told() {
    // Levels are numbered from trace, 0, to error, 4. Zeros score everybody with 0.
    let policy = policy(
        OK,
        "(call $log (i32.const 2) (i32.const 2048) (i32.const 7))
         (call $log (i32.const 3) (i32.const 2055) (i32.const 5))
         (call $scores (i32.const 1024) (i32.const 4))",
        r#"(data (i32.const 2048) "lookingempty")"#,
    );
    let output = score(&policy, "").succeeded();
    assert!(output.ends_with(" host calls\ninfo  looking\nwarn  empty\n"), "{output}");
    assert_eq!(
        score(&policy, "-o json").json()["logs"],
        json!([{"level": "info", "message": "looking"}, {"level": "warn", "message": "empty"}])
    );
}

#[test]
fn the_name_is_that_of_the_file_without_its_ending() {
    let folder = folder(b"").and("my.policy.v2.wasm", constant(&[1.0; 4]));
    let answer = folder.run("score my.policy.v2.wasm --pod pod.yaml --metrics watcher.json -o json").json();
    assert_eq!(answer["policy"]["name"], "my.policy.v2");
}
