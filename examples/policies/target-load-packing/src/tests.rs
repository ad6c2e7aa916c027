//! The policy against a cluster in memory.

use scorelet_guest::Container;
use scorelet_guest::testing::{self, Cluster, NodeData};

use super::*;

/// A pod that will use so many millicores.
fn pod(millicores: f64) -> Pod {
    Pod::named("web").with_container(Container::named("server").with_limit(resource::CPU, millicores))
}

/// A node of one core that is used to so many per cent.
fn node(used: f64) -> NodeData {
    NodeData::new("n1").allocatable(resource::CPU, 1000.0).metric(Selector::average(MetricType::Cpu), used)
}

fn score_on(node: NodeData, pod: &Pod, settings: &str) -> f64 {
    let scores = testing::evaluate::<TargetLoadPacking>(&Cluster::new().node(node), pod, settings).unwrap();
    assert_eq!(scores.len(), 1);
    scores[0]
}

fn logged() -> String {
    testing::take_log().into_iter().map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_load_with_the_pod_on_it_is_compared_with_the_target() {
    let settings = r#"{"target": 50}"#;
    assert_eq!(score_on(node(0.0), &pod(250.0), settings), 75.0);
    assert_eq!(score_on(node(25.0), &pod(250.0), settings), 100.0);
    assert_eq!(score_on(node(25.0), &pod(500.0), settings), 25.0);
    assert_eq!(score_on(node(25.0), &pod(800.0), settings), 0.0);
    assert_eq!(score_on(node(20.0), &pod(200.0), ""), 100.0, "the target is 40 unless it is set");
    assert_eq!(logged(), "");
}

#[test]
fn pods_assigned_since_the_measurement_add_their_prediction() {
    let settings = r#"{"target": 50}"#;
    let node = node(10.0).assigned(pod(150.0), 20.0).assigned(pod(100.0), 5.0);
    assert_eq!(score_on(node.clone(), &pod(150.0), settings), 100.0);
    assert_eq!(score_on(node, &pod(400.0), settings), 25.0);

    let cluster =
        Cluster::new().node(self::node(10.0)).node(self::node(10.0).assigned(pod(300.0), 1.0)).node(self::node(10.0));
    let scores = testing::evaluate::<TargetLoadPacking>(&cluster, &pod(150.0), settings).unwrap();
    assert_eq!(scores, [75.0, 45.0, 75.0], "each counts on its own node only");
}

#[test]
fn every_container_counts_by_the_best_that_is_known_of_it() {
    let limited = Container::named("a").with_limit(resource::CPU, 100.0).with_request(resource::CPU, 50.0);
    let requesting = Container::named("b").with_request(resource::CPU, 100.0);
    let mut pod = Pod::named("web").with_container(limited).with_container(requesting);
    assert_eq!(score_on(node(0.0), &pod, r#"{"target": 50}"#), 75.0, "100 and 150 of 1000");
    pod.overhead.set(resource::CPU, 250.0);
    assert_eq!(score_on(node(0.0), &pod, r#"{"target": 50}"#), 100.0, "250 more");

    let silent = Pod::named("web").with_container(Container::named("c"));
    assert_eq!(score_on(node(0.0), &silent, r#"{"target": 50}"#), 0.0, "all of the node's 1000");
    assert_eq!(score_on(node(0.0), &silent, r#"{"target": 50, "default_millicores": 250}"#), 75.0);
}

#[test]
fn a_pod_without_known_containers_counts_as_a_whole() {
    let settings = r#"{"target": 50, "request_multiplier": 2}"#;
    assert_eq!(score_on(node(0.0), &Pod::named("web").with_request(resource::CPU, 125.0), settings), 75.0);
    assert_eq!(score_on(node(0.0), &Pod::named("web").with_limit(resource::CPU, 500.0), settings), 100.0);
    assert_eq!(score_on(node(0.0), &Pod::named("web"), settings), 0.0);
}

#[test]
fn the_last_sample_stands_in_for_an_average() {
    let node = NodeData::new("n1").allocatable(resource::CPU, 1000.0);
    let sampled = node.metric(Selector::latest(MetricType::Cpu), 25.0);
    assert_eq!(score_on(sampled.clone(), &pod(250.0), r#"{"target": 50}"#), 100.0);
    let both = sampled.metric(Selector::average(MetricType::Cpu), 50.0);
    assert_eq!(score_on(both, &pod(250.0), r#"{"target": 50}"#), 25.0);
}

#[test]
fn a_node_that_was_not_measured_scores_nothing_and_the_log_says_so() {
    let cluster = Cluster::new()
        .node(node(20.0))
        .node(NodeData::new("capacity-only").allocatable(resource::CPU, 1000.0))
        .node(NodeData::new("no-allocatable").metric(Selector::average(MetricType::Cpu), 20.0));
    let scores = testing::evaluate::<TargetLoadPacking>(&cluster, &pod(200.0), "").unwrap();
    assert_eq!(scores, [100.0, 0.0, 0.0]);
    assert_eq!(logged(), "2 of 3 nodes not measured, first `capacity-only`: they score 0");
}

#[test]
fn the_policy_is_the_formula_to_the_last_bit() {
    let values = (0..200).map(|step| f64::from(step) * 0.57 + 0.1);
    let cluster = values.clone().fold(Cluster::new(), |cluster, used| cluster.node(node(used)));
    let settings = Settings { target: 61.8, ..Settings::default() };
    let load = |utilisation| Load { capacity: 1000.0, utilisation, pods: 33.3 };
    let expected: Vec<f64> = values.map(|used| score(&load(used), &settings)).collect();
    let scores = testing::evaluate::<TargetLoadPacking>(&cluster, &pod(33.3), r#"{"target": 61.8}"#).unwrap();
    assert_eq!(scores, expected);
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let refused =
        |settings: &str| testing::evaluate::<TargetLoadPacking>(&Cluster::new(), &pod(1.0), settings).unwrap_err();
    for (settings, value) in [(r#"{"target": 0}"#, "0"), (r#"{"target": 100}"#, "100"), (r#"{"target": -4}"#, "-4")] {
        let words = format!("`target` is {value}: it has to be more than 0 and less than 100 per cent");
        assert_eq!(refused(settings), words);
    }
    assert!(refused(r#"{"request_multiplier": -1}"#).starts_with("`request_multiplier` is -1: "));
    assert!(refused(r#"{"default_millicores": -1}"#).starts_with("`default_millicores` is -1: "));
    assert!(refused(r#"{"goal": 1}"#).contains("unknown field `goal`, expected one of `target`"));
    assert!(Settings { target: f64::NAN, ..Settings::default() }.validate().is_err());
    assert!(Settings { request_multiplier: f64::INFINITY, ..Settings::default() }.validate().is_err());
}
