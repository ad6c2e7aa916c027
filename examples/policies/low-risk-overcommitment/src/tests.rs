//! The policy against a cluster in memory.

use scorelet_guest::testing::{self, Cluster, NodeData};

use super::*;

const GIB: f64 = 1_073_741_824.0;

/// A pod that requests a core, and may use two.
fn pod() -> Pod {
    Pod::named("web").with_request(resource::CPU, 1000.0).with_limit(resource::CPU, 2000.0)
}

/// A node of four cores and 4 GiB, on which pods request one core and may use two.
fn node(name: &str) -> NodeData {
    NodeData::new(name)
        .allocatable(resource::CPU, 4000.0)
        .allocatable(resource::MEMORY, 4.0 * GIB)
        .requested(resource::CPU, 1000.0)
        .requested(resource::MEMORY, 0.0)
        .requested("limits.cpu", 2000.0)
        .requested("limits.memory", 0.0)
}

fn used(node: NodeData, cpu: f64, deviation: f64) -> NodeData {
    node.metric(Selector::average(MetricType::Cpu), cpu)
        .metric(Selector::standard_deviation(MetricType::Cpu), deviation)
}

fn scores_of(cluster: &Cluster, pod: &Pod, settings: &str) -> Vec<f64> {
    testing::evaluate::<LowRiskOvercommitment>(cluster, pod, settings).unwrap()
}

fn score_on(node: NodeData, pod: &Pod) -> f64 {
    let scores = scores_of(&Cluster::new().node(node), pod, "");
    assert_eq!(scores.len(), 1);
    scores[0]
}

fn logged() -> String {
    testing::take_log().into_iter().map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

#[test]
fn load_beyond_requests_is_half_of_the_risk() {
    assert_eq!(score_on(used(node("a"), 20.0, 0.0), &pod()), 100.0);
    assert_eq!(score_on(used(node("a"), 30.0, 0.0), &pod()), 50.0);
    assert_eq!(logged(), "");
}

#[test]
fn limits_beyond_the_capacity_are_the_other_half() {
    let bursting = pod().with_limit(resource::CPU, 5000.0);
    // 7000 of limits and 2000 of requests on 4000.
    assert_eq!(score_on(used(node("a"), 20.0, 0.0), &bursting).round(), 70.0);
    assert_eq!(score_on(used(node("a"), 30.0, 0.0), &bursting).round(), 20.0);
}

#[test]
fn load_that_varies_is_a_risk_by_its_probability() {
    let varying = used(node("a"), 20.0, 3.0);
    let promised = Commitment {
        capacity: 4000.0,
        requested: 1000.0,
        limits: 2000.0,
        knows_limits: true,
        pod_request: 1000.0,
        pod_limit: 2000.0,
    };
    let expected = risk(&promised, Some(&Load { average: 20.0, deviation: 3.0 }), 5, 0.5);
    assert!(expected > 0.0 && expected < 0.5, "{expected}");
    assert_eq!(score_on(varying, &pod()), node_score(Some(expected), Some(0.0)));
}

#[test]
fn the_riskier_one_of_cpu_and_memory_decides() {
    let node = used(node("a"), 30.0, 0.0).metric(Selector::average(MetricType::Memory), 50.0);
    assert_eq!(score_on(node.clone(), &pod()), 50.0);
    let crowded = node.requested(resource::MEMORY, GIB).requested("limits.memory", 4.0 * GIB);
    let greedy = pod().with_request(resource::MEMORY, GIB).with_limit(resource::MEMORY, 4.0 * GIB);
    // 4 of 6 GiB of limits beyond requests are not there, and 2 GiB are used where 1 GiB is requested.
    assert_eq!(score_on(crowded, &greedy).round(), 17.0);
}

#[test]
fn a_pod_that_states_nothing_scores_nothing_and_the_log_says_so() {
    assert_eq!(score_on(used(node("a"), 20.0, 0.0), &Pod::named("web").with_request("gpu", 1.0)), 0.0);
    let line = logged();
    assert_eq!(line, "the pod states neither requests nor limits of cpu and memory: every node scores 0");
}

#[test]
fn a_node_that_was_not_measured_scores_nothing_and_the_log_says_so() {
    let cluster = Cluster::new()
        .node(used(node("a"), 20.0, 0.0))
        .node(node("capacity-only").metric(Selector::capacity(MetricType::Cpu), 4.0))
        .node(used(NodeData::new("no-allocatable"), 20.0, 0.0));
    assert_eq!(scores_of(&cluster, &pod(), ""), [100.0, 0.0, 0.0]);
    assert_eq!(logged(), "2 of 3 nodes not measured, first `capacity-only`: they score 0");
}

#[test]
fn the_last_sample_stands_in_for_an_average() {
    let sampled = node("a").metric(Selector::latest(MetricType::Cpu), 30.0);
    assert_eq!(score_on(sampled.clone(), &pod()), 50.0);
    assert_eq!(score_on(used(sampled, 20.0, 0.0), &pod()), 100.0);
}

#[test]
fn limits_that_the_host_does_not_know_are_at_least_the_requests() {
    let unknown = NodeData::new("a").allocatable(resource::CPU, 4000.0).requested(resource::CPU, 1000.0);
    assert_eq!(score_on(used(unknown.clone(), 30.0, 0.0), &pod()), 50.0);
    let line = logged();
    assert_eq!(
        line,
        "the host knows no limits of the pods on the nodes (`limits.cpu`, `limits.memory`): taking their requests"
    );
    // 1000 and 4000 of limits, 2000 of requests.
    let bursting = pod().with_limit(resource::CPU, 4000.0);
    assert_eq!(score_on(used(unknown.clone(), 20.0, 0.0), &bursting).round(), 83.0);
    // 2000 more by a pod that was just assigned, whose request the host has counted.
    let recent = Pod::named("b").with_request(resource::CPU, 500.0).with_limit(resource::CPU, 2500.0);
    assert_eq!(score_on(used(unknown.assigned(recent, 5.0), 20.0, 0.0), &bursting).round(), 70.0);
}

#[test]
fn requests_that_the_host_does_not_know_are_at_least_those_of_assigned_pods() {
    let unknown = used(NodeData::new("a").allocatable(resource::CPU, 4000.0), 30.0, 0.0);
    assert_eq!(score_on(unknown.clone(), &pod()), 50.0);
    // 2000 are requested of which 1200 are used; of 5000 in limits 1000 are not there, and 2000 beyond requests.
    let with_two = unknown.assigned(pod(), 5.0).assigned(pod(), 1.0);
    assert_eq!(score_on(with_two, &pod().with_limit(resource::CPU, 0.0)), 75.0);
}

#[test]
fn weights_divide_the_risk_of_each_resource() {
    let cluster = Cluster::new().node(used(node("a"), 30.0, 0.0));
    assert_eq!(scores_of(&cluster, &pod(), r#"{"limit_weights": {"cpu": 0.75}}"#), [75.0]);
    assert_eq!(scores_of(&cluster, &pod(), r#"{"limit_weights": {"memory": 0.75}}"#), [50.0]);
    assert_eq!(scores_of(&cluster, &pod(), r#"{"limit_weights": {"cpu": 1, "memory": 1}}"#), [100.0]);
}

#[test]
fn the_window_widens_the_deviation() {
    let cluster = |deviation| Cluster::new().node(used(node("a"), 20.0, deviation));
    let wide = scores_of(&cluster(2.0), &pod(), r#"{"smoothing_window": 4}"#);
    assert_eq!(wide, scores_of(&cluster(4.0), &pod(), r#"{"smoothing_window": 1}"#));
    assert!(wide < scores_of(&cluster(2.0), &pod(), r#"{"smoothing_window": 1}"#));
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let refused = |settings: &str| {
        testing::evaluate::<LowRiskOvercommitment>(&Cluster::new(), &Pod::named("web"), settings).unwrap_err()
    };
    assert_eq!(
        refused(r#"{"smoothing_window": 0}"#),
        "`smoothing_window` is 0: it has to be at least 1, which means no smoothing"
    );
    assert!(refused(r#"{"smoothing_window": 2.5}"#).starts_with("`smoothing_window`: invalid type: "));
    assert_eq!(refused(r#"{"limit_weights": {"cpu": 1.5}}"#), "`limit_weights.cpu` is 1.5: it has to be within 0 to 1");
    assert_eq!(
        refused(r#"{"limit_weights": {"memory": -1}}"#),
        "`limit_weights.memory` is -1: it has to be within 0 to 1"
    );
    assert!(refused(r#"{"limit_weights": {"gpu": 1}}"#).contains("unknown field `gpu`, expected `cpu` or `memory`"));
    assert!(refused(r#"{"window": 1}"#).contains("unknown field `window`, expected `smoothing_window` or"));
}
