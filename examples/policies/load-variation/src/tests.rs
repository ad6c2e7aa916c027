//! The policy against a cluster in memory.

use scorelet_guest::testing::{self, Cluster, NodeData};

use super::*;

fn evaluate(cluster: &Cluster, settings: &str) -> Result<Vec<f64>, String> {
    let pod = Pod::named("web").with_request(resource::CPU, 400.0).with_request(resource::MEMORY, 1e9);
    testing::evaluate::<LoadVariation>(cluster, &pod, settings)
}

fn cpu(node: NodeData, average: f64, deviation: f64) -> NodeData {
    node.allocatable(resource::CPU, 4000.0)
        .metric(Selector::average(MetricType::Cpu), average)
        .metric(Selector::standard_deviation(MetricType::Cpu), deviation)
}

fn memory(node: NodeData, average: f64, deviation: f64) -> NodeData {
    node.allocatable(resource::MEMORY, 1e10)
        .metric(Selector::average(MetricType::Memory), average)
        .metric(Selector::standard_deviation(MetricType::Memory), deviation)
}

fn score_of(node: NodeData, settings: &str) -> f64 {
    let scores = evaluate(&Cluster::new().node(node), settings).unwrap();
    assert_eq!(scores.len(), 1);
    scores[0]
}

#[test]
fn per_cent_of_what_the_node_offers_is_its_load() {
    // 400 of 4000 millicores are the 10 of 100 of the formula's own tests.
    assert_eq!(score_of(cpu(NodeData::new("a"), 40.0, 36.0), "").round(), 57.0);
    assert_eq!(score_of(cpu(NodeData::new("a"), -40.0, 36.0), r#"{"sensitivity": 2}"#).round(), 65.0);
    assert_eq!(score_of(cpu(NodeData::new("a"), 40.0, 120.0), "").round(), 25.0);
    assert_eq!(score_of(memory(NodeData::new("a"), 40.0, 36.0), "").round(), 57.0);
}

#[test]
fn the_lower_one_of_cpu_and_memory_counts() {
    assert_eq!(score_of(memory(cpu(NodeData::new("a"), 40.0, 36.0), 90.0, 0.0), "").round(), 50.0);
    assert_eq!(score_of(memory(cpu(NodeData::new("a"), 90.0, 0.0), 40.0, 36.0), "").round(), 50.0);
}

#[test]
fn a_deviation_that_was_not_measured_counts_as_none() {
    let node = NodeData::new("a").allocatable(resource::CPU, 4000.0).metric(Selector::average(MetricType::Cpu), 40.0);
    assert_eq!(score_of(node, "").round(), 75.0);
}

#[test]
fn a_resource_without_average_or_allocatable_is_not_measured() {
    let without_allocatable = NodeData::new("a").metric(Selector::average(MetricType::Cpu), 40.0);
    assert_eq!(score_of(without_allocatable.clone(), ""), 0.0);
    assert_eq!(score_of(memory(without_allocatable, 40.0, 36.0), "").round(), 57.0);

    let without_average = NodeData::new("a")
        .allocatable(resource::CPU, 4000.0)
        .metric(Selector::standard_deviation(MetricType::Cpu), 5.0)
        .metric(Selector::capacity(MetricType::Cpu), 4.0);
    assert_eq!(score_of(without_average, ""), 0.0);
    assert_eq!(score_of(NodeData::new("a"), ""), 0.0);
}

#[test]
fn a_node_that_offers_nothing_scores_nothing() {
    let node = cpu(NodeData::new("a"), 40.0, 36.0).allocatable(resource::CPU, 0.0);
    assert_eq!(score_of(node, ""), 0.0);
}

#[test]
fn the_policy_is_the_formula_to_the_last_bit() {
    let settings = Settings { margin: 1.3, sensitivity: 2.7 };
    let values = (0..200).map(|step| (f64::from(step) * 0.37 + 0.1, f64::from(step) * 0.21 + 0.05));
    let cluster = values.clone().fold(Cluster::new(), |cluster, (average, deviation)| {
        cluster.node(cpu(NodeData::new(format!("{average}")), average, deviation))
    });
    let expected: Vec<f64> = values
        .map(|(average, deviation)| score(&Usage { capacity: 4000.0, requested: 400.0, average, deviation }, &settings))
        .collect();
    assert_eq!(evaluate(&cluster, r#"{"margin": 1.3, "sensitivity": 2.7}"#).unwrap(), expected);
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let refused = |settings: &str| evaluate(&Cluster::new(), settings).unwrap_err();
    assert_eq!(refused(r#"{"margin": -1}"#), "`margin` is -1: it has to be finite and at least 0");
    for settings in [r#"{"sensitivity": 0}"#, r#"{"sensitivity": -0.0}"#] {
        let words = refused(settings);
        assert!(words.starts_with("`sensitivity` is "), "{words}");
    }
    let misspelt = refused(r#"{"margn": 1}"#);
    assert!(misspelt.contains("unknown field `margn`, expected `margin` or `sensitivity`"), "{misspelt}");
    assert!(Settings { margin: f64::NAN, ..Settings::default() }.validate().is_err());
    assert!(Settings { sensitivity: f64::INFINITY, ..Settings::default() }.validate().is_err());
}
