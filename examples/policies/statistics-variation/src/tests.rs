//! The policy against a cluster in memory.

use scorelet_guest::collector::{Check, State, Validity};
use scorelet_guest::testing::{self, Cluster, NodeData};
use scorelet_guest::{Container, Metric};

use super::*;

const MIB: f64 = 1_048_576.0;

fn pod() -> Pod {
    Pod::named("web").with_label("course_id", "a")
}

/// A node of one core and 1 GiB, of which nothing else is known.
fn node() -> NodeData {
    NodeData::new("n1").allocatable(resource::CPU, 1000.0).allocatable(resource::MEMORY, 1024.0 * MIB)
}

fn measured_in_cpu(node: NodeData) -> NodeData {
    node.metric(Selector::average(MetricType::Cpu), 40.0).metric(Selector::standard_deviation(MetricType::Cpu), 16.0)
}

fn measured_in_both(node: NodeData) -> NodeData {
    measured_in_cpu(node)
        .metric(Selector::average(MetricType::Memory), 50.0)
        .metric(Selector::standard_deviation(MetricType::Memory), 10.0)
}

fn saturated(node: NodeData, name: &'static str, used: f64) -> NodeData {
    node.metric(Selector::new(MetricType::other(""), Operator::Unknown).with_name(name), used)
}

fn cpu(average: f64, deviation: f64) -> [(Selector, f64); 2] {
    [(Selector::average(MetricType::Cpu), average), (Selector::standard_deviation(MetricType::Cpu), deviation)]
}

fn memory(average: f64, deviation: f64) -> [(Selector, f64); 2] {
    [(Selector::average(MetricType::Memory), average), (Selector::standard_deviation(MetricType::Memory), deviation)]
}

/// A cluster of one node, in which pods of the label value `a` use 100 ± 10 millicores and 256 ± 10 MiB.
fn cluster(node: NodeData) -> Cluster {
    Cluster::new().node(node).statistics("a", cpu(100.0, 10.0)).statistics("a", memory(256.0, 10.0))
}

/// The same, measured so many seconds ago.
fn aged(cluster: Cluster, seconds: f64) -> Cluster {
    let check = |age_seconds| Check { state: State::Fresh, age_seconds: Some(age_seconds), reason: String::new() };
    let (heartbeat, metrics, statistics) = (check(1.0), check(seconds), check(1.0));
    cluster.validity(Validity { valid: true, heartbeat, metrics, statistics })
}

fn score_of(cluster: &Cluster, pod: &Pod, settings: &str) -> f64 {
    let scores = testing::evaluate::<StatisticsVariation>(cluster, pod, settings).unwrap();
    assert_eq!(scores.len(), 1);
    scores[0]
}

fn rounded(cluster: &Cluster) -> f64 {
    score_of(cluster, &pod(), "").round()
}

fn logged() -> String {
    testing::take_log().into_iter().map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_pod_counts_with_the_statistics_of_its_label() {
    assert_eq!(rounded(&Cluster::new().node(measured_in_cpu(node())).statistics("a", cpu(100.0, 10.0))), 67.0);
    assert_eq!(rounded(&Cluster::new().node(measured_in_cpu(node())).statistics("a", cpu(100.0, 200.0))), 65.0);
    assert_eq!(rounded(&cluster(measured_in_both(node()))), 57.0);
    assert_eq!(logged(), "");
}

#[test]
fn what_the_pod_requests_does_not_count_beside_statistics() {
    let pod = pod().with_request(resource::CPU, 900.0).with_request(resource::MEMORY, 1e9);
    assert_eq!(score_of(&cluster(measured_in_both(node())), &pod, "").round(), 57.0);
}

#[test]
fn a_resource_without_statistics_counts_with_its_request() {
    let cluster = Cluster::new().node(measured_in_both(node())).statistics("a", memory(0.0, 0.0));
    let pod = pod().with_request(resource::CPU, 100.0);
    assert_eq!(score_of(&cluster, &pod, "").round(), 67.0);
}

#[test]
fn the_free_share_of_disks_and_network_counts_where_it_is_published() {
    let node = measured_in_both(node());
    assert_eq!(rounded(&cluster(saturated(node.clone(), NETWORK, 90.0))), 10.0);
    assert_eq!(rounded(&cluster(saturated(saturated(node.clone(), NETWORK, 90.0), DISK, 95.0))), 5.0);
    assert_eq!(rounded(&cluster(saturated(node.clone(), DISK, 130.0))), 0.0);
    assert_eq!(rounded(&cluster(saturated(node, DISK, 10.0))), 57.0);
}

#[test]
fn pods_assigned_since_the_measurement_count_with_their_statistics() {
    let batch = Pod::named("batch").with_label("course_id", "b");
    let unlabelled = Pod::named("plain").with_request(resource::CPU, 500.0);
    let with = |node: NodeData| {
        Cluster::new()
            .node(measured_in_cpu(node))
            .statistics("a", cpu(100.0, 10.0))
            .statistics("b", cpu(50.0, 250.0))
            .statistics("all", cpu(20.0, 5.0))
    };
    assert_eq!(rounded(&with(node().assigned(pod(), 5.0))), 62.0, "0.4 + 0.1 + 0.1 and 0.16");
    assert_eq!(rounded(&with(node().assigned(batch.clone(), 5.0))), 60.0, "0.4 + 0.1 + 0.05 and 0.25");
    assert_eq!(rounded(&with(node().assigned(unlabelled, 5.0))), 66.0, "0.4 + 0.1 + 0.02 and 0.16");

    let scores = testing::evaluate::<StatisticsVariation>(
        &with(node()).node(measured_in_cpu(node()).assigned(batch, 5.0)).node(measured_in_cpu(node())),
        &pod(),
        "",
    );
    let rounded: Vec<f64> = scores.unwrap().into_iter().map(f64::round).collect();
    assert_eq!(rounded, [67.0, 60.0, 67.0], "each counts on its own node only");
}

#[test]
fn an_assigned_pod_without_any_statistics_counts_with_its_request() {
    let stranger = Pod::named("x").with_label("course_id", "x").with_request(resource::CPU, 200.0);
    let cluster =
        Cluster::new().node(measured_in_cpu(node()).assigned(stranger, 5.0)).statistics("a", cpu(100.0, 10.0));
    assert_eq!(rounded(&cluster), 57.0, "0.4 + 0.1 + 0.2 and 0.16");
}

#[test]
fn a_label_without_statistics_takes_those_of_all_and_says_so() {
    let cluster = Cluster::new().node(measured_in_cpu(node())).statistics("all", cpu(100.0, 10.0));
    assert_eq!(rounded(&cluster), 67.0);
    assert_eq!(logged(), "no statistics for the label value `a`: taking those of `all`");
}

#[test]
fn a_pod_without_the_label_scores_nothing_and_says_so() {
    let cluster = cluster(measured_in_both(node()));
    assert_eq!(score_of(&cluster, &Pod::named("web"), ""), 0.0);
    assert_eq!(logged(), "the pod has no label `course_id`: every node scores 0");
    let team = Pod::named("web").with_label("team", "a");
    assert_eq!(score_of(&cluster, &team, r#"{"label": "team"}"#).round(), 57.0);
}

#[test]
fn a_node_that_was_not_measured_scores_by_requests_and_the_log_says_so() {
    let of = |cpu: f64, memory: f64| {
        let pod = pod().with_request(resource::CPU, cpu).with_request(resource::MEMORY, memory * MIB);
        score_of(&cluster(node()), &pod, "")
    };
    assert_eq!(of(100.0, 512.0), 50.0);
    assert_eq!(of(230.0, 100.0), 77.0);
    assert_eq!(of(0.0, 0.0), 100.0);
    assert_eq!(of(2000.0, 0.0), 0.0);
    let _ = testing::take_log();

    let cluster = cluster(measured_in_both(node())).node(node().requested(resource::CPU, 250.0));
    let scores = testing::evaluate::<StatisticsVariation>(&cluster, &pod(), "").unwrap();
    assert_eq!(scores[1], 75.0);
    assert_eq!(logged(), "1 of 2 nodes not measured, first `n1`: scoring them by requests");
    assert_eq!(score_of(&Cluster::new().node(NodeData::new("n1")), &pod(), ""), 0.0, "nothing at all is known of it");
}

#[test]
fn capacity_and_disks_alone_are_no_load() {
    let node = saturated(node().metric(Selector::capacity(MetricType::Cpu), 1.0), DISK, 99.0);
    assert_eq!(score_of(&cluster(node), &pod(), ""), 100.0);
    assert!(logged().contains("not measured"));
}

#[test]
fn metrics_older_than_allowed_score_by_requests_and_the_log_says_so() {
    let at = |seconds: f64, settings: &str| {
        let node = measured_in_both(node()).requested(resource::CPU, 400.0).requested(resource::MEMORY, 0.0);
        score_of(&aged(cluster(node), seconds), &pod(), settings).round()
    };
    assert_eq!(at(120.0, ""), 57.0);
    assert_eq!(logged(), "");
    assert_eq!(at(121.0, ""), 60.0);
    assert_eq!(logged(), "the metrics are 121 s old, more than 120 s: scoring by requests");
    assert_eq!(at(121.0, r#"{"max_age_seconds": 300}"#), 57.0);
    assert_eq!(at(1.0, r#"{"max_age_seconds": 0}"#), 60.0);
}

#[test]
fn containers_without_a_request_count_with_the_default() {
    let silent = pod().with_container(Container::named("one")).with_container(Container::named("two"));
    assert_eq!(score_of(&cluster(node()), &silent, ""), 60.0, "400 of 1024 MiB, and 200 of 1000 millicores");

    let loud = Container::named("three").with_request(resource::CPU, 450.0).with_request(resource::MEMORY, MIB);
    let mixed = pod().with_container(Container::named("one")).with_container(loud).with_request(resource::CPU, 450.0);
    assert_eq!(score_of(&cluster(node()), &mixed, ""), 45.0, "100 and 450 of 1000 millicores");

    let large_init = pod().with_container(Container::named("one")).with_request(resource::CPU, 700.0);
    assert_eq!(score_of(&cluster(node()), &large_init, ""), 30.0, "what kube-scheduler computes is more");
}

#[test]
fn where_the_host_does_not_know_requests_those_of_assigned_pods_count() {
    let assigned = Pod::named("b").with_request(resource::CPU, 300.0);
    let unknown = node().assigned(assigned, 5.0);
    assert_eq!(score_of(&cluster(unknown.clone()), &pod(), ""), 70.0);
    assert_eq!(score_of(&cluster(unknown.requested(resource::CPU, 500.0)), &pod(), ""), 50.0);
}

#[test]
fn without_any_statistics_it_is_load_variation_and_says_so() {
    let cluster = Cluster::new().node(saturated(measured_in_both(node()), NETWORK, 90.0).assigned(pod(), 5.0));
    let pod = pod().with_request(resource::CPU, 100.0).with_request(resource::MEMORY, 512.0 * MIB);
    assert_eq!(score_of(&cluster, &pod, "").round(), 45.0);
    let line = logged();
    assert!(
        line.starts_with("no statistics for `a` or `all` (the load monitor publishes nothing for `a`): "),
        "{line}"
    );
}

#[test]
fn metrics_with_a_unit_and_a_rollup_are_found() {
    let published = |metric_type, value| Metric {
        name: "statistic".to_owned(),
        rollup: "15d".to_owned(),
        unit: "m".to_owned(),
        ..Metric::from((Selector::average(metric_type), value))
    };
    let cluster = Cluster::new().node(measured_in_cpu(node())).statistics("a", [published(MetricType::Cpu, 100.0)]);
    assert_eq!(rounded(&cluster), 67.0);
}

#[test]
fn the_policy_is_the_formula_to_the_last_bit() {
    let settings = Settings { margin: 1.3, sensitivity: 2.7, ..Settings::default() };
    let pods = Expected { average: 100.0, deviation: 10.0 };
    let values = (0..200).map(|step| (f64::from(step) * 0.37 + 0.1, f64::from(step) * 0.21 + 0.05));
    let empty = Cluster::new().statistics("a", cpu(100.0, 10.0));
    let cluster = values.clone().fold(empty, |cluster, (average, deviation)| {
        let node = node().metric(Selector::average(MetricType::Cpu), average);
        cluster.node(node.metric(Selector::standard_deviation(MetricType::Cpu), deviation))
    });
    let usage = |(average, deviation)| Usage::from_utilisation(1000.0, average, deviation, pods);
    let expected: Vec<f64> = values.map(|value| score(&usage(value), &settings)).collect();
    let json = r#"{"margin": 1.3, "sensitivity": 2.7}"#;
    assert_eq!(testing::evaluate::<StatisticsVariation>(&cluster, &pod(), json).unwrap(), expected);
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let refused =
        |settings: &str| testing::evaluate::<StatisticsVariation>(&Cluster::new(), &pod(), settings).unwrap_err();
    assert_eq!(refused(r#"{"margin": -1}"#), "`margin` is -1: it has to be finite and at least 0");
    assert_eq!(refused(r#"{"max_age_seconds": -1}"#), "`max_age_seconds` is -1: it has to be finite and at least 0");
    assert_eq!(refused(r#"{"label": ""}"#), "`label` is empty: it has to be the key of a pod label");
    assert!(refused(r#"{"sensitivity": 0}"#).starts_with("`sensitivity` is 0: "));
    assert!(refused(r#"{"margn": 1}"#).contains("unknown field `margn`, expected one of `label`, `margin`"));
    assert!(Settings { margin: f64::NAN, ..Settings::default() }.validate().is_err());
    assert!(Settings { max_age_seconds: f64::INFINITY, ..Settings::default() }.validate().is_err());
}
