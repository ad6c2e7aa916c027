//! The policy against a cluster in memory.

use scorelet_guest::collector::{Check, State, Validity};
use scorelet_guest::testing::{self, Cluster, NodeData};

use super::*;

fn pod() -> Pod {
    Pod::named("web").with_request(resource::CPU, 100.0)
}

/// A node of one core and 1000 bytes that are used to so many per cent.
fn node(name: &str, cpu: f64, memory: f64) -> NodeData {
    offering(name).metric(Selector::average(MetricType::Cpu), cpu).metric(Selector::average(MetricType::Memory), memory)
}

fn offering(name: &str) -> NodeData {
    NodeData::new(name).allocatable(resource::CPU, 1000.0).allocatable(resource::MEMORY, 1000.0)
}

/// A cluster that was measured so many seconds ago.
fn aged(cluster: Cluster, seconds: f64) -> Cluster {
    let check = |age_seconds| Check { state: State::Stale, age_seconds: Some(age_seconds), reason: String::new() };
    let (heartbeat, metrics, statistics) = (check(1.0), check(seconds), check(1.0));
    cluster.validity(Validity { valid: false, heartbeat, metrics, statistics })
}

fn evaluate(cluster: &Cluster, settings: &str) -> Result<Vec<f64>, String> {
    testing::evaluate::<HotSpotGuard>(cluster, &pod(), settings)
}

fn score_of(node: NodeData, settings: &str) -> f64 {
    let scores = evaluate(&Cluster::new().node(node), settings).unwrap();
    assert_eq!(scores.len(), 1);
    scores[0].round()
}

fn logged() -> String {
    testing::take_log().into_iter().map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

#[test]
fn below_the_thresholds_the_free_share_with_the_pod_counts() {
    assert_eq!(score_of(node("a", 30.0, 60.0), ""), 50.0, "60 and 40");
    assert_eq!(score_of(node("a", 64.0, 94.0), ""), 16.0, "26 and 6");
    assert_eq!(score_of(node("a", 30.0, 60.0), r#"{"weights": {"cpu": 3}}"#), 55.0);
    assert_eq!(score_of(node("a", 30.0, 60.0), r#"{"weights": {"cpu": 0}}"#), 40.0);
    assert_eq!(logged(), "");
}

#[test]
fn a_hot_node_scores_nothing_and_the_log_says_why() {
    let cluster = Cluster::new()
        .node(node("busy", 65.0, 10.0))
        .node(node("fine", 30.0, 60.0))
        .node(node("full", 10.0, 97.3))
        .node(node("both", 80.0, 99.0));
    assert_eq!(evaluate(&cluster, "").unwrap(), [0.0, 50.0, 0.0, 0.0]);
    assert_eq!(
        logged().lines().collect::<Vec<_>>(),
        [
            "node `busy` is hot: 65.0 % of its cpu are used, its threshold is 65 %",
            "node `full` is hot: 97.3 % of its memory are used, its threshold is 95 %",
            "node `both` is hot: 80.0 % of its cpu are used, its threshold is 65 %",
        ]
    );
    let warmer = evaluate(&cluster, r#"{"thresholds": {"cpu": 70}}"#).unwrap();
    assert_eq!(warmer, [57.5, 50.0, 0.0, 0.0], "25 and 90");
}

#[test]
fn many_hot_nodes_are_counted_and_not_all_named() {
    let cluster = (0..25).fold(Cluster::new(), |cluster, index| cluster.node(node(&format!("n{index}"), 90.0, 0.0)));
    assert_eq!(evaluate(&cluster, "").unwrap(), [0.0; 25]);
    let lines = logged();
    assert_eq!(lines.lines().count(), 21);
    assert!(lines.ends_with("\n5 more nodes are hot"), "{lines}");
}

#[test]
fn a_node_label_overrides_the_threshold_of_its_node() {
    let hot = node("a", 70.0, 10.0);
    assert_eq!(score_of(hot.clone(), ""), 0.0);
    assert_eq!(score_of(hot.clone().label("hot-spot-guard/cpu", "80.5"), ""), 55.0, "20 and 90");
    assert_eq!(score_of(node("a", 30.0, 60.0).label("hot-spot-guard/cpu", "30"), ""), 0.0);
    assert_eq!(score_of(node("a", 30.0, 60.0).label("hot-spot-guard/memory", "60"), ""), 0.0);

    let renamed = r#"{"threshold_labels": {"cpu": "max-cpu"}}"#;
    assert_eq!(score_of(hot.clone().label("max-cpu", "80"), renamed), 55.0);
    assert_eq!(score_of(hot.clone().label("hot-spot-guard/cpu", "80"), renamed), 0.0);
    let none = r#"{"threshold_labels": {"cpu": ""}}"#;
    assert_eq!(score_of(hot.label("hot-spot-guard/cpu", "80"), none), 0.0);
}

#[test]
fn a_label_that_is_no_threshold_leaves_the_one_of_the_settings_and_the_log_says_so() {
    for value in ["high", "0", "-5", "101", "NaN", "inf", ""] {
        assert_eq!(score_of(node("a", 64.0, 10.0).label("hot-spot-guard/cpu", value), ""), 58.0, "26 and 90");
        let line = logged();
        assert!(line.starts_with(&format!("the node label `hot-spot-guard/cpu` has the value `{value}`")), "{line}");
    }
}

#[test]
fn pods_assigned_since_the_measurement_heat_their_node() {
    let recent = Pod::named("batch").with_request(resource::CPU, 200.0).with_request(resource::MEMORY, 100.0);
    assert_eq!(score_of(node("a", 30.0, 60.0).assigned(recent.clone(), 5.0), ""), 35.0, "40 and 30");
    assert_eq!(score_of(node("a", 45.0, 60.0).assigned(recent.clone(), 5.0), ""), 0.0);
    assert_eq!(logged(), "node `a` is hot: 65.0 % of its cpu are used, its threshold is 65 %");

    let cluster = Cluster::new().node(node("a", 30.0, 60.0)).node(node("b", 30.0, 60.0).assigned(recent, 5.0));
    let rounded: Vec<f64> = evaluate(&cluster, "").unwrap().into_iter().map(f64::round).collect();
    assert_eq!(rounded, [50.0, 35.0], "each on its own node only");
}

#[test]
fn the_one_that_is_known_decides_alone() {
    let average = Selector::average(MetricType::Cpu);
    assert_eq!(score_of(offering("a").metric(average.clone(), 30.0), ""), 60.0);
    assert_eq!(score_of(offering("a").metric(Selector::latest(MetricType::Cpu), 30.0), ""), 60.0);
    assert_eq!(score_of(NodeData::new("a").metric(average, 30.0), ""), 70.0, "nobody knows what the pod is of it");
}

#[test]
fn a_node_that_was_not_measured_scores_nothing_and_the_log_says_so() {
    let cluster = Cluster::new().node(node("a", 30.0, 60.0)).node(offering("b")).node(NodeData::new("c"));
    assert_eq!(evaluate(&cluster, "").unwrap(), [50.0, 0.0, 0.0]);
    assert_eq!(logged(), "nothing with a weight is known of 2 of 3 nodes, first `b`: they score 0");
}

#[test]
fn a_node_that_offers_nothing_is_hot() {
    assert_eq!(score_of(node("a", 0.0, 0.0).allocatable(resource::CPU, 0.0), ""), 0.0);
}

#[test]
fn expired_metrics_are_rejected_in_words() {
    let cluster = Cluster::new().node(node("a", 30.0, 60.0));
    assert_eq!(evaluate(&aged(cluster.clone(), 180.0), "").unwrap(), [50.0]);
    assert_eq!(
        evaluate(&aged(cluster.clone(), 181.0), "").unwrap_err(),
        "the metrics are 181 s old, more than 180 s: nobody knows which nodes are hot"
    );
    assert_eq!(evaluate(&aged(cluster, 181.0), r#"{"max_age_seconds": 600}"#).unwrap(), [50.0]);
}

#[test]
fn expired_metrics_are_left_out_where_they_are_ignored() {
    let requested = |node: NodeData| node.requested(resource::CPU, 400.0).requested(resource::MEMORY, 900.0);
    let recent = Pod::named("batch").with_request(resource::CPU, 300.0);
    let cluster = Cluster::new()
        .node(requested(node("hot", 99.0, 99.0)))
        .node(offering("recent").assigned(recent, 5.0))
        .node(NodeData::new("unknown"));
    let scores = evaluate(&aged(cluster, 500.0), r#"{"expired": "ignore"}"#).unwrap();
    assert_eq!(scores.into_iter().map(f64::round).collect::<Vec<_>>(), [30.0, 80.0, 0.0], "50 and 10, 60 and 100");
    assert_eq!(
        logged().lines().collect::<Vec<_>>(),
        [
            "the metrics are 500 s old, more than 180 s: scoring by requests",
            "nothing with a weight is known of 1 of 3 nodes, first `unknown`: they score 0",
        ]
    );
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let refused = |settings: &str| evaluate(&Cluster::new(), settings).unwrap_err();
    let words = "it has to be more than 0 and up to 100 per cent";
    assert_eq!(refused(r#"{"thresholds": {"cpu": 0}}"#), format!("`thresholds.cpu` is 0: {words}"));
    assert_eq!(refused(r#"{"thresholds": {"memory": 101}}"#), format!("`thresholds.memory` is 101: {words}"));
    assert!(refused(r#"{"weights": {"cpu": -1}}"#).starts_with("`weights.cpu` is -1: it has to be within 0 to 1e300"));
    assert!(refused(r#"{"weights": {"cpu": 0, "memory": 0}}"#).starts_with("`weights` are both 0: "));
    assert!(refused(r#"{"max_age_seconds": -1}"#).starts_with("`max_age_seconds` is -1: "));
    assert!(refused(r#"{"expired": "keep"}"#).contains("unknown variant `keep`, expected `reject` or `ignore`"));
    assert!(refused(r#"{"thresholds": {"gpu": 1}}"#).contains("unknown field `gpu`, expected `cpu` or `memory`"));
    assert!(refused(r#"{"treshold": 1}"#).contains("unknown field `treshold`, expected one of `thresholds`"));
}
