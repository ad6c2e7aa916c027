//! `score --assigned`: pods that were assigned since the metrics were measured, and what is said when they cannot be used.

use serde_json::{Value, json};

use super::{folder, least_loaded};
use scorelet_tests::artifacts;
use scorelet_tests::program::Finished;

/// A pod on node-a that will use 200 of its 4000 millicores, as `kubectl get pods -o json` gives it in a list of its own.
fn pods(status: &str) -> String {
    format!(
        r#"{{"apiVersion": "v1", "kind": "List", "items": [{{"apiVersion": "v1", "kind": "Pod",
            "metadata": {{"name": "batch-1", "namespace": "shop"}},
            "spec": {{"nodeName": "node-a", "containers": [{{"name": "work", "resources": {{"limits": {{"cpu": "200m"}}}}}}]}},
            "status": {status}}}]}}"#
    )
}

fn score_with(pods: &str, more: &str) -> Finished {
    let packing = artifacts::read(artifacts::TARGET_LOAD_PACKING);
    let arguments = "score policy.wasm --pod pod.yaml --metrics watcher.json --assigned pods.json";
    folder(&packing).and("pods.json", pods).run(&format!("{arguments} {more}"))
}

/// The pods that the policy was told of, and the score of node-a.
fn told(pods: &str) -> (Value, Value) {
    let answer = score_with(pods, "-o json").json();
    (answer["report"]["assigned"].clone(), answer["scores"][0]["score"].clone())
}

#[test]
fn pods_assigned_since_the_measurement_count() {
    // 20 per cent of 4000 millicores are used. The pod will use 600, which makes 35 per cent of the 40 to aim at.
    let without = told(&pods(r#"{"phase": "Pending"}"#).replace("\"nodeName\": \"node-a\", ", ""));
    assert_eq!(without, (json!(0), json!(93.0)));
    // The window ended at midnight; who states no time was assigned at the moment of the file, which is the same.
    for status in [r#"{"phase": "Running", "startTime": "2026-01-01T00:00:00Z"}"#, r#"{"phase": "Running"}"#, "null"] {
        assert_eq!(told(&pods(status)), (json!(1), json!(100.0)), "{status}");
    }
}

#[test]
fn pods_that_the_metrics_show_do_not_count_twice() {
    for status in [
        r#"{"phase": "Running", "startTime": "2025-12-31T23:59:59Z"}"#,
        r#"{"phase": "Succeeded", "startTime": "2026-01-01T00:00:00Z"}"#,
    ] {
        assert_eq!(told(&pods(status)), (json!(0), json!(93.0)), "{status}");
    }
    let elsewhere = pods("null").replace("node-a", "node-z");
    assert_eq!(told(&elsewhere), (json!(0), json!(93.0)));
}

#[test]
fn the_line_below_the_table_counts_them() {
    let finished = score_with(&pods("null"), "");
    assert_eq!(finished.code, 0, "{}", finished.stderr);
    assert!(finished.stdout.contains(" of memory, 1 assigned pod, "), "{}", finished.stdout);
}

#[test]
fn a_policy_that_does_not_ask_is_told_of_none() {
    let folder = folder(&least_loaded()).and("pods.json", pods("null"));
    let arguments = "score policy.wasm --pod pod.yaml --metrics watcher.json --assigned pods.json -o json";
    assert_eq!(folder.run(arguments).json()["report"]["assigned"], 0);
}

#[test]
fn pods_that_cannot_be_used_are_refused_with_their_place() {
    for (pods, error) in [
        (
            "",
            "pods.json: holds no pods; give the output of \"kubectl get pods -o json\", with an empty list if there are \
             none",
        ),
        (
            "kind: Node\n",
            "pods.json: kind: \"Node\" is not a pod; give Pods, such as the output of \"kubectl get pods -o json\"",
        ),
        (
            "kind: Pod\nspec: {nodeName: node-a, containers: [{}]}\n",
            "pods.json: metadata.name: missing or empty; give the pod the name that it has in the cluster",
        ),
    ] {
        assert_eq!(score_with(pods, "").failed(65), error);
    }
    let error = score_with(&pods(r#"{"startTime": "yesterday"}"#), "").failed(65);
    assert!(error.starts_with("pods.json:") && error.contains("items[0].status.startTime: "), "{error}");
    let folder = folder(&least_loaded());
    let arguments = "score policy.wasm --pod pod.yaml --metrics watcher.json --assigned";
    let error = folder.run(&format!("{arguments} nowhere.json")).failed(74);
    assert!(error.starts_with("cannot read nowhere.json: "), "{error}");
    let error = folder.run(&format!("{arguments} - --nodes -")).failed(2);
    assert_eq!(error, "only one file can be -, which is standard input");
}
