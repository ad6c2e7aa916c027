//! Every sample policy, compiled to WebAssembly, end to end on recorded data.

use scorelet_host::collector::{CollectorOptions, recorded};
use scorelet_host::policy::{
    Candidates, Evaluation, Limits, LoadOptions, PolicyEngine, PolicyError, PolicyErrorKind, Request,
};
use scorelet_host::scheduling::{CPU, MEMORY, Node, Pod, Resources};
use scorelet_host::snapshot::Reading;
use scorelet_tests::artifacts;

/// A sample without a test function of its name does not compile.
macro_rules! assert_test_exists {
    ($name:ident) => {
        const _: fn() = $name;
    };
}
scorelet_tests::for_each_sample_policy!(assert_test_exists);

/// A metric's type, operator and value.
type Metric<'a> = (&'a str, &'a str, f64);

/// A load monitor's answer with these metrics per node.
fn reading(nodes: &[(&str, &[Metric<'_>])]) -> Reading {
    reading_of(nodes, &[], 0)
}

/// The same with statistics per label value, measured so many seconds ago.
fn reading_of(nodes: &[(&str, &[Metric<'_>])], labels: &[(&str, &[Metric<'_>])], age: u64) -> Reading {
    let body = serde_json::json!({
        "timestamp": 1_767_225_600 + age,
        "window": {"duration": "5m", "start": 1_767_225_300, "end": 1_767_225_600},
        "source": "test",
        "data": {"NodeMetricsMap": entries(nodes)},
        "statistics": {"StatisticsMap": entries(labels)},
    });
    recorded(&CollectorOptions::default(), body.to_string().as_bytes()).unwrap()
}

fn entries(rows: &[(&str, &[Metric<'_>])]) -> serde_json::Map<String, serde_json::Value> {
    let entry = |(name, metrics): &(&str, &[Metric<'_>])| {
        let metrics: Vec<_> = metrics
            .iter()
            .map(|(kind, operator, value)| {
                // Metrics of disks and network have a name and no type.
                let (name, kind) = if kind.starts_with("node_") { (*kind, "") } else { ("load", *kind) };
                serde_json::json!({"name": name, "type": kind, "operator": operator, "rollup": "5m", "value": value})
            })
            .collect();
        ((*name).to_owned(), serde_json::json!({"metrics": metrics}))
    };
    rows.iter().map(entry).collect()
}

fn node(name: &str, millicores: u64, bytes: u64) -> Node {
    let allocatable = Resources::new().with(CPU, millicores).with(MEMORY, bytes);
    Node { allocatable, ..Node::named(name) }
}

fn evaluate(
    policy: &str,
    settings: &str,
    reading: &Reading,
    pod: Pod,
    nodes: Vec<Node>,
) -> Result<Evaluation, PolicyError> {
    let engine = PolicyEngine::new(Limits::default()).unwrap();
    let options = LoadOptions { settings: settings.to_owned(), ..LoadOptions::default() };
    let request = Request { pod, candidates: Candidates::new(nodes) };
    engine.load(&artifacts::read(policy), options)?.score(reading, &request)
}

fn rounded(evaluation: &Evaluation) -> Vec<f64> {
    evaluation.scores.iter().map(|score| score.round()).collect()
}

fn logged(evaluation: &Evaluation) -> Vec<&str> {
    evaluation.logs.iter().map(|line| line.message.as_str()).collect()
}

#[test]
fn least_loaded() {
    let reading = reading(&[
        ("busy", &[("cpu", "Avg", 90.0), ("memory", "Avg", 20.0)]),
        ("full", &[("CPU", "AVG", 10.0), ("Memory", "AVG", 75.5)]),
        ("capacity-only", &[("cpu", "Capacity", 8.0)]),
        ("half-measured", &[("cpu", "Average", 30.0)]),
        ("beyond", &[("cpu", "Avg", 130.0), ("memory", "Avg", 1.0)]),
    ]);
    let nodes = ["unknown", "busy", "full", "capacity-only", "half-measured", "beyond"].map(Node::named);
    let evaluation = evaluate(artifacts::LEAST_LOADED, "", &reading, Pod::default(), nodes.into()).unwrap();
    assert_eq!(evaluation.scores, [0.0, 10.0, 24.5, 0.0, 70.0, 0.0]);
    assert_eq!(evaluation.logs, []);
}

#[test]
fn load_variation() {
    // Capacity 100, request 10, average 40, deviation 36: the vectors of the formula's definition.
    let pod = || Pod { requests: Resources::new().with(CPU, 10), ..Pod::default() };
    let vector = |average: f64, deviation: f64, settings: &str| {
        let reading = reading(&[("a", &[("cpu", "Avg", average), ("cpu", "Std", deviation)])]);
        let evaluation =
            evaluate(artifacts::LOAD_VARIATION, settings, &reading, pod(), vec![node("a", 100, 1000)]).unwrap();
        evaluation.scores.first().copied().unwrap().round()
    };
    assert_eq!(vector(40.0, 36.0, ""), 57.0);
    assert_eq!(vector(-40.0, 36.0, r#"{"sensitivity": 2}"#), 65.0);
    assert_eq!(vector(40.0, 120.0, ""), 25.0);

    // The lower of both where both are measured, the measured one otherwise, 0 when none.
    let reading = reading(&[
        ("both", &[("cpu", "Avg", 20.0), ("memory", "Avg", 60.0)]),
        ("memory", &[("memory", "Avg", 60.0)]),
        ("none", &[("disk", "Avg", 60.0)]),
    ]);
    let nodes = vec![node("both", 1000, 1000), node("memory", 1000, 1000), node("none", 1000, 1000)];
    let evaluation = evaluate(artifacts::LOAD_VARIATION, "", &reading, Pod::default(), nodes).unwrap();
    assert_eq!(evaluation.scores, [70.0, 70.0, 0.0]);
}

#[test]
fn load_variation_refuses_settings_in_words() {
    for (settings, words) in [
        (r#"{"margn": 2}"#, "margn"),
        (r#"{"margin": "much"}"#, "margin"),
        (r#"{"sensitivity": 0}"#, "sensitivity"),
        ("{", "line 1"),
    ] {
        let failure =
            evaluate(artifacts::LOAD_VARIATION, settings, &reading(&[]), Pod::default(), Vec::new()).unwrap_err();
        assert_eq!(failure.kind(), PolicyErrorKind::RefusedSettings, "{settings}");
        assert!(failure.message().starts_with("it refuses its settings: "), "{failure}");
        assert!(failure.message().contains(words), "{failure}");
    }
}

#[test]
fn statistics_variation() {
    const NETWORK: &str = "node_network_total_bytes_percentage_excluding_lo";
    const MEASURED: &[Metric<'static>] = &[("cpu", "Avg", 40.0), ("cpu", "Std", 16.0)];
    const BOTH: &[Metric<'static>] =
        &[("cpu", "Avg", 40.0), ("cpu", "Std", 16.0), ("memory", "Avg", 50.0), ("memory", "Std", 10.0)];
    let pod = || Pod { labels: [("course_id".to_owned(), "a".to_owned())].into(), ..Pod::default() };
    let label: &[Metric<'_>] =
        &[("cpu", "Avg", 100.0), ("cpu", "Std", 10.0), ("memory", "Avg", 256.0), ("memory", "Std", 10.0)];
    let nodes = || Vec::from(["cpu", "both", "network", "unknown"].map(|name| node(name, 1000, 1 << 30)));
    let saturated: Vec<Metric<'_>> = BOTH.iter().copied().chain([(NETWORK, "Unknown", 90.0)]).collect();
    let rows: &[(&str, &[Metric<'_>])] = &[("cpu", MEASURED), ("both", BOTH), ("network", &saturated)];

    let reading = reading_of(rows, &[("a", label)], 120);
    let evaluation = evaluate(artifacts::STATISTICS_VARIATION, "", &reading, pod(), nodes()).unwrap();
    assert_eq!(rounded(&evaluation), [67.0, 57.0, 10.0, 100.0]);
    assert_eq!(logged(&evaluation), ["1 of 4 nodes not measured, first `unknown`: scoring them by requests"]);

    // Who has no label scores nothing, whatever is known.
    let evaluation = evaluate(artifacts::STATISTICS_VARIATION, "", &reading, Pod::default(), nodes()).unwrap();
    assert_eq!(evaluation.scores, [0.0; 4]);
    assert_eq!(logged(&evaluation), ["the pod has no label `course_id`: every node scores 0"]);

    // The larger deviation is the label's, and the label is one without statistics.
    let all: &[Metric<'_>] = &[("cpu", "Avg", 100.0), ("cpu", "Std", 200.0)];
    let reading = reading_of(rows, &[("all", all)], 0);
    let nodes = vec![node("cpu", 1000, 1 << 30)];
    let evaluation = evaluate(artifacts::STATISTICS_VARIATION, "", &reading, pod(), nodes.clone()).unwrap();
    assert_eq!(rounded(&evaluation), [65.0]);
    assert_eq!(logged(&evaluation), ["no statistics for the label value `a`: taking those of `all`"]);

    // Too old, and no statistics at all.
    let pod = || Pod { requests: Resources::new().with(CPU, 230), ..pod() };
    let reading = reading_of(rows, &[("all", all)], 121);
    let evaluation = evaluate(artifacts::STATISTICS_VARIATION, "", &reading, pod(), nodes.clone()).unwrap();
    assert_eq!(evaluation.scores, [77.0]);
    assert_eq!(logged(&evaluation), ["the metrics are 121 s old, more than 120 s: scoring by requests"]);
    let reading = reading_of(rows, &[], 0);
    let evaluation = evaluate(artifacts::STATISTICS_VARIATION, "", &reading, pod(), nodes.clone()).unwrap();
    let as_load_variation = evaluate(artifacts::LOAD_VARIATION, "", &reading, pod(), nodes).unwrap();
    // The same formula in another order of operations: the last bit may differ.
    assert!((evaluation.scores[0] - as_load_variation.scores[0]).abs() < 1e-9, "{evaluation:?}");
    assert!(logged(&evaluation).concat().starts_with("no statistics for `a` or `all` ("), "{evaluation:?}");
}

#[test]
fn target_load_packing() {
    let reading = reading(&[
        ("idle", &[("cpu", "Avg", 0.0)]),
        ("quarter", &[("cpu", "Avg", 25.0)]),
        ("half", &[("cpu", "Avg", 50.0)]),
        ("full", &[("cpu", "Latest", 80.0)]),
    ]);
    let nodes = || Vec::from(["idle", "quarter", "half", "full", "unknown"].map(|name| node(name, 1000, 1 << 30)));
    let pod = Pod { limits: Resources::new().with(CPU, 250), ..Pod::default() };
    let settings = r#"{"target": 50}"#;
    let evaluation = evaluate(artifacts::TARGET_LOAD_PACKING, settings, &reading, pod, nodes()).unwrap();
    assert_eq!(evaluation.scores, [75.0, 100.0, 25.0, 0.0, 0.0]);
    assert_eq!(logged(&evaluation), ["1 of 5 nodes not measured, first `unknown`: they score 0"]);
    // Of 200 m requested, 300 m will be used.
    let pod = Pod { requests: Resources::new().with(CPU, 200), ..Pod::default() };
    let evaluation = evaluate(artifacts::TARGET_LOAD_PACKING, "", &reading, pod, nodes()).unwrap();
    assert_eq!(evaluation.scores, [85.0, 30.0, 13.0, 0.0, 0.0]);
}

#[test]
fn low_risk_overcommitment() {
    let reading = reading(&[
        ("calm", &[("cpu", "Avg", 20.0), ("memory", "Avg", 10.0)]),
        ("overloaded", &[("cpu", "Avg", 80.0), ("memory", "Avg", 25.0)]),
        ("varying", &[("cpu", "Avg", 40.0), ("cpu", "Std", 10.0)]),
        ("promised", &[("cpu", "Avg", 0.0)]),
    ]);
    let with = |name: &str, millicores: u64, requested: u64, limits: u64| Node {
        requested: Resources::new()
            .with(CPU, requested)
            .with("limits.cpu", limits)
            .with(MEMORY, 0)
            .with("limits.memory", 0),
        ..node(name, millicores, 4 << 30)
    };
    let nodes = vec![
        with("calm", 4000, 1000, 2000),
        with("overloaded", 4000, 1000, 2000),
        with("varying", 1000, 500, 800),
        with("promised", 4000, 0, 4000),
        with("unknown", 4000, 0, 0),
    ];
    let stated = |millicores| Resources::new().with(CPU, millicores);
    let pod = Pod { requests: stated(100), limits: stated(100), ..Pod::default() };
    let evaluation = evaluate(artifacts::LOW_RISK_OVERCOMMITMENT, "", &reading, pod, nodes.clone()).unwrap();
    // By scipy: the probability of more than half of the node, given that it is less than 0.8 of it, is 0.297467.
    assert_eq!(rounded(&evaluation), [100.0, 50.0, 85.0, 99.0, 0.0]);
    assert!((evaluation.scores[2] - 85.126_665).abs() < 1e-5, "{evaluation:?}");
    assert_eq!(logged(&evaluation), ["1 of 5 nodes not measured, first `unknown`: they score 0"]);

    let evaluation = evaluate(artifacts::LOW_RISK_OVERCOMMITMENT, "", &reading, Pod::default(), nodes).unwrap();
    assert_eq!(evaluation.scores, [0.0; 5]);
}

#[test]
fn hot_spot_guard() {
    let rows: &[(&str, &[Metric<'_>])] = &[
        ("fine", &[("cpu", "Avg", 30.0), ("memory", "Avg", 60.0)]),
        ("busy", &[("cpu", "Avg", 65.0), ("memory", "Avg", 10.0)]),
        ("full", &[("cpu", "Avg", 10.0), ("memory", "Avg", 96.0)]),
        ("tough", &[("cpu", "Avg", 70.0), ("memory", "Avg", 10.0)]),
    ];
    let nodes = || {
        let mut nodes = ["fine", "busy", "full", "tough", "unknown"].map(|name| node(name, 1000, 1 << 30));
        nodes[3].labels.insert("hot-spot-guard/cpu".to_owned(), "80".to_owned());
        Vec::from(nodes)
    };
    let pod = || Pod { requests: Resources::new().with(CPU, 100), ..Pod::default() };
    let evaluation = evaluate(artifacts::HOT_SPOT_GUARD, "", &reading_of(rows, &[], 180), pod(), nodes()).unwrap();
    assert_eq!(rounded(&evaluation), [50.0, 0.0, 0.0, 55.0, 0.0]);
    assert_eq!(
        logged(&evaluation),
        [
            "node `busy` is hot: 65.0 % of its cpu are used, its threshold is 65 %",
            "node `full` is hot: 96.0 % of its memory are used, its threshold is 95 %",
            "nothing with a weight is known of 1 of 5 nodes, first `unknown`: they score 0",
        ]
    );

    let expired = reading_of(rows, &[], 181);
    let failure = evaluate(artifacts::HOT_SPOT_GUARD, "", &expired, pod(), nodes()).unwrap_err();
    assert_eq!(failure.kind(), PolicyErrorKind::Refused);
    assert!(failure.message().contains("the metrics are 181 s old, more than 180 s"), "{failure}");
    let ignored = evaluate(artifacts::HOT_SPOT_GUARD, r#"{"expired": "ignore"}"#, &expired, pod(), nodes()).unwrap();
    assert_eq!(rounded(&ignored), [95.0; 5]);
}

#[test]
fn settings_out_of_range_are_refused_in_words() {
    for (policy, settings, words) in [
        (artifacts::STATISTICS_VARIATION, r#"{"label": ""}"#, "`label` is empty"),
        (artifacts::TARGET_LOAD_PACKING, r#"{"target": 0}"#, "`target` is 0"),
        (artifacts::LOW_RISK_OVERCOMMITMENT, r#"{"smoothing_window": 0}"#, "`smoothing_window` is 0"),
        (artifacts::HOT_SPOT_GUARD, r#"{"expired": "keep"}"#, "unknown variant `keep`"),
    ] {
        for (settings, words) in [(settings, words), (r#"{"colour": 1}"#, "unknown field `colour`")] {
            let failure = evaluate(policy, settings, &reading(&[]), Pod::default(), Vec::new()).unwrap_err();
            assert_eq!(failure.kind(), PolicyErrorKind::RefusedSettings, "{settings}");
            assert!(failure.message().contains(words), "{failure}");
        }
    }
}
