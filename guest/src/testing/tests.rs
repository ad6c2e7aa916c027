//! The SDK through its own test doubles.

use log::Level;
use serde::Deserialize;

use super::*;
use crate::collector::{self, Check, State, Unavailable, Validity, Window};
use crate::{
    AssignedContainer, AssignedPod, Container, MetricType, NoSettings, Node, NodePolicy, Operator, Refusal, Selector,
    measured, resource,
};

static CPU: Selector = Selector::average(MetricType::Cpu);
static MEMORY: Selector = Selector::average(MetricType::Memory);

/// A policy that is made of one function.
macro_rules! policy {
    ($name:ident, $score:expr) => {
        struct $name;

        impl Policy for $name {
            type Settings = NoSettings;

            fn new(_: NoSettings) -> Result<Self, Refusal> {
                Ok(Self)
            }

            fn score(&self, pod: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal> {
                let score: fn(&Pod, &Candidates<'_>) -> Result<Vec<f64>, Refusal> = $score;
                score(pod, candidates)
            }
        }
    };
}

fn run<P: Policy>(cluster: &Cluster) -> Result<Vec<f64>, String> {
    evaluate::<P>(cluster, &Pod::named("web"), "")
}

fn three_nodes() -> Cluster {
    Cluster::new()
        .node(NodeData::new("b").metric(CPU.clone(), 40.0).allocatable("cpu", 4000.0).label("zone", "x"))
        .node(NodeData::new("unknown").allocatable("cpu", 2000.0).requested("cpu", 500.0))
        .node(NodeData::new("a").metric(CPU.clone(), 10.0).metric(MEMORY.clone(), 0.0))
}

#[test]
fn columns_follow_the_candidates_and_say_what_was_not_measured() {
    policy!(Columns, |_, candidates| {
        assert_eq!((candidates.len(), candidates.is_empty()), (3, false));
        assert_eq!(candidates.names(), ["b", "unknown", "a"]);
        assert_eq!(candidates.measurements(&CPU).collect::<Vec<_>>(), [Some(40.0), None, Some(10.0)]);
        assert_eq!(candidates.measurements(&MEMORY).collect::<Vec<_>>(), [None, None, Some(0.0)]);
        assert!(candidates.column(&CPU.clone().with_name("x")).iter().all(|value| value.is_nan()));
        let known = |column: Vec<f64>| column.into_iter().map(measured).collect::<Vec<_>>();
        assert_eq!(known(candidates.allocatable(resource::CPU)), [Some(4000.0), Some(2000.0), None]);
        assert_eq!(known(candidates.requested(resource::CPU)), [None, Some(500.0), None]);
        assert_eq!(candidates.label("zone"), [Some("x".to_owned()), None, None]);
        Ok(vec![1.0, 2.0, 3.0])
    });
    assert_eq!(run::<Columns>(&three_nodes()).unwrap(), [1.0, 2.0, 3.0]);
}

#[test]
fn a_node_policy_sees_of_every_node_what_the_columns_say() {
    struct Nodes;

    impl NodePolicy for Nodes {
        type Settings = NoSettings;

        fn new(_: NoSettings) -> Result<Self, Refusal> {
            Ok(Self)
        }

        fn score(&self, pod: &Pod, node: &Node<'_>) -> Result<f64, Refusal> {
            assert_eq!(pod.name, "web");
            let seen = (node.metric(&CPU), node.metric(&MEMORY), node.allocatable("cpu"), node.requested("cpu"));
            let (expected, score) = match node.name() {
                "b" => ((Some(40.0), None, Some(4000.0), None), 1.0),
                "unknown" => ((None, None, Some(2000.0), Some(500.0)), 2.0),
                "a" => ((Some(10.0), Some(0.0), None, None), 3.0),
                other => panic!("no such node: {other}"),
            };
            assert_eq!(seen, expected);
            assert_eq!(node.label("zone"), (node.name() == "b").then_some("x"));
            assert_eq!(node.label("region"), None);
            Ok(score)
        }
    }

    assert_eq!(run::<Nodes>(&three_nodes()).unwrap(), [1.0, 2.0, 3.0]);
}

#[test]
fn a_node_tells_metrics_apart_whether_their_selectors_have_texts_or_not() {
    static GPU: Selector = Selector::average(MetricType::other("gpu"));
    static NPU: Selector = Selector::average(MetricType::other("npu"));

    struct Nodes;

    impl NodePolicy for Nodes {
        type Settings = NoSettings;

        fn new(_: NoSettings) -> Result<Self, Refusal> {
            Ok(Self)
        }

        fn score(&self, _: &Pod, node: &Node<'_>) -> Result<f64, Refusal> {
            let nowhere = CPU.clone().with_name("nowhere");
            let latest = Selector::latest(MetricType::Cpu);
            let seen = [&GPU, &CPU, &nowhere, &latest, &NPU, &MEMORY, &CPU, &GPU].map(|selector| node.metric(selector));
            assert_eq!(seen, [Some(7.0), Some(40.0), None, Some(60.0), Some(8.0), None, Some(40.0), Some(7.0)]);
            Ok(1.0)
        }
    }

    let node = |name| {
        let node = NodeData::new(name).metric(CPU.clone(), 40.0).metric(Selector::latest(MetricType::Cpu), 60.0);
        node.metric(GPU.clone(), 7.0).metric(NPU.clone(), 8.0)
    };
    assert_eq!(run::<Nodes>(&Cluster::new().node(node("a")).node(node("b"))).unwrap(), [1.0, 1.0]);
}

/// Two nodes with pods that were just assigned, and one without between them.
fn with_assigned_pods() -> Cluster {
    let web = |cpu| Pod::named("web").with_label("app", "web").with_request(resource::CPU, cpu);
    let batch = Pod::named("batch").with_container(Container::named("work").with_limit(resource::CPU, 50.0));
    Cluster::new()
        .node(NodeData::new("a").assigned(web(1.0), 5.0).assigned(batch, 90.5).assigned(web(2.0), 5.0))
        .node(NodeData::new("b"))
        .node(NodeData::new("c").assigned(web(3.0), 0.0))
}

#[test]
fn assigned_pods_come_by_candidate_and_oldest_first() {
    policy!(Asks, |_, candidates| {
        let assigned = candidates.assigned();
        let pod = |candidate, age_seconds| AssignedPod { candidate, age_seconds };
        assert_eq!(assigned.pods(), [pod(0, 90.5), pod(0, 5.0), pod(0, 5.0), pod(2, 0.0)]);
        let web = || Some("web".to_owned());
        assert_eq!(assigned.label("app"), [None, web(), web(), web()]);
        assert_eq!(assigned.label("team"), [const { None }; 4]);
        assert_eq!(assigned.requests(resource::CPU), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!((assigned.limits(resource::CPU), assigned.overhead(resource::MEMORY)), (vec![0.0; 4], vec![0.0; 4]));
        assert_eq!(assigned.containers(resource::CPU), [AssignedContainer { pod: 0, request: 0.0, limit: 50.0 }]);
        assert_eq!(assigned.sums(assigned.requests(resource::CPU)), [3.0, 0.0, 3.0]);
        Ok(vec![0.0; candidates.len()])
    });
    run::<Asks>(&with_assigned_pods()).unwrap();
}

#[test]
fn a_node_policy_sees_of_every_node_what_its_own_assigned_pods_request() {
    struct Counts;

    impl NodePolicy for Counts {
        type Settings = NoSettings;

        fn new(_: NoSettings) -> Result<Self, Refusal> {
            Ok(Self)
        }

        fn score(&self, _: &Pod, node: &Node<'_>) -> Result<f64, Refusal> {
            assert_eq!(node.assigned_requests(resource::MEMORY), 0.0);
            Ok(node.assigned_requests(resource::CPU))
        }
    }

    assert_eq!(run::<Counts>(&with_assigned_pods()).unwrap(), [3.0, 0.0, 3.0]);
}

#[test]
fn a_node_policy_that_refuses_names_the_node() {
    struct Fussy;

    impl NodePolicy for Fussy {
        type Settings = NoSettings;

        fn new(_: NoSettings) -> Result<Self, Refusal> {
            Ok(Self)
        }

        fn score(&self, _: &Pod, node: &Node<'_>) -> Result<f64, Refusal> {
            Ok(node.metric(&CPU).ok_or("no cpu load")?)
        }
    }

    assert_eq!(run::<Fussy>(&three_nodes()).unwrap_err(), "node `unknown`: no cpu load");
}

#[test]
fn scores_that_break_the_contract_are_refused_like_the_host_does() {
    policy!(TooFew, |_, _| Ok(vec![1.0, 2.0]));
    policy!(TooMany, |_, _| Ok(vec![1.0; 4]));
    policy!(NotANumber, |_, _| Ok(vec![0.0, f64::NAN, 0.0]));
    policy!(TooHigh, |_, _| Ok(vec![0.0, 100.0, 100.000_000_1]));
    policy!(Negative, |_, _| Ok(vec![-1.0, 0.0, 0.0]));
    policy!(AtTheEnds, |_, _| Ok(vec![0.0, 100.0, -0.0]));
    let cluster = three_nodes();
    assert_eq!(run::<TooFew>(&cluster).unwrap_err(), "2 scores for 3 candidates: one each is needed");
    assert_eq!(run::<TooMany>(&cluster).unwrap_err(), "4 scores for 3 candidates: one each is needed");
    assert!(run::<NotANumber>(&cluster).unwrap_err().starts_with("the score of candidate `unknown` is NaN: "));
    assert!(run::<TooHigh>(&cluster).unwrap_err().starts_with("the score of candidate `a` is 100.0000001: "));
    assert!(run::<Negative>(&cluster).unwrap_err().starts_with("the score of candidate `b` is -1: "));
    assert_eq!(run::<AtTheEnds>(&cluster).unwrap(), [0.0, 100.0, 0.0]);
}

#[test]
fn settings_reach_the_policy_and_its_refusal_reaches_the_caller() {
    #[derive(Default, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Settings {
        score: f64,
    }

    struct Constant(f64);

    impl Policy for Constant {
        type Settings = Settings;

        fn new(settings: Settings) -> Result<Self, Refusal> {
            if settings.score == 13.0 { Err("13 is not for us".into()) } else { Ok(Self(settings.score)) }
        }

        fn score(&self, _: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal> {
            Ok(vec![self.0; candidates.len()])
        }
    }

    let evaluate = |settings| evaluate::<Constant>(&three_nodes(), &Pod::default(), settings);
    assert_eq!(evaluate("").unwrap(), [0.0; 3]);
    assert_eq!(evaluate(r#"{"score": 7.5}"#).unwrap(), [7.5; 3]);
    assert_eq!(evaluate(r#"{"score": 13}"#).unwrap_err(), "13 is not for us");
    assert!(evaluate(r#"{"scores": 1}"#).unwrap_err().contains("unknown field `scores`"));
}

#[test]
fn the_queries_answer_from_the_cluster() {
    policy!(Queries, |_, candidates| {
        let b = collector::node_metrics("b")?;
        assert_eq!((b.node.as_str(), b.metrics.find(&CPU), b.window.duration.as_str()), ("b", Some(40.0), "15m"));
        let unknown = collector::node_metrics("unknown");
        assert_eq!(unknown.unwrap_err(), Unavailable::NotFound("unknown".to_owned()));

        let nodes = collector::node_all_metrics()?;
        assert_eq!((nodes.len(), nodes.is_empty(), nodes.window().end), (3, false, 900));
        assert_eq!(nodes.keys(), ["a", "b", "elsewhere"], "in byte order, with what is no candidate");
        assert_eq!(nodes.column(&CPU), [10.0, 40.0, 90.0]);
        assert_eq!(nodes.row("a").map(|row| row.len()), Some(2));
        assert_eq!(nodes.row("unknown"), None);

        let web = collector::statistics_of_label("web")?;
        assert_eq!((web.label.as_str(), web.is_fallback, web.age_seconds), ("web", false, 60.0));
        assert_eq!(web.metrics.find(&Selector::standard_deviation(MetricType::Cpu)), Some(3.5));
        let other = collector::statistics_of_label("batch")?;
        assert_eq!((other.label.as_str(), other.is_fallback), ("all", true));
        assert_eq!(collector::all_statistics()?.keys(), ["all", "web"]);

        let valid = collector::valid();
        assert!(valid.valid, "{valid:?}");
        assert_eq!(valid.statistics.state, State::Fresh);
        Ok(vec![0.0; candidates.len()])
    });
    let deviation = (Selector::standard_deviation(MetricType::Cpu), 3.5);
    let cluster = three_nodes()
        .bystander(NodeData::new("elsewhere").metric(CPU.clone(), 90.0))
        .window(Window { duration: "15m".to_owned(), start: 0, end: 900 })
        .statistics("web", [deviation])
        .statistics_age("web", 60.0)
        .statistics("all", [(CPU.clone(), 1.0)]);
    run::<Queries>(&cluster).unwrap();
}

#[test]
fn queries_without_data_say_so() {
    policy!(NothingThere, |_, _| {
        assert_eq!(collector::node_metrics("a").unwrap_err(), Unavailable::NoData);
        assert_eq!(collector::statistics_of_label("a").unwrap_err(), Unavailable::NoData);
        assert_eq!(collector::all_statistics().err(), Some(Unavailable::NoData));
        let valid = collector::valid();
        assert_eq!((valid.valid, valid.metrics.state, valid.heartbeat.state), (false, State::Missing, State::Fresh));
        collector::node_all_metrics()?;
        Ok(Vec::new())
    });
    assert_eq!(run::<NothingThere>(&Cluster::new()).unwrap_err(), "no load data has been collected yet");
    assert_eq!(collector::node_metrics("a").unwrap_err(), Unavailable::NoData, "outside of an evaluation");
}

#[test]
fn a_label_without_statistics_and_without_fallback_is_not_found() {
    policy!(Asks, |_, _| {
        collector::statistics_of_label("batch")?;
        Ok(Vec::new())
    });
    let cluster = Cluster::new().statistics("web", [(CPU.clone(), 1.0)]);
    assert_eq!(run::<Asks>(&cluster).unwrap_err(), "the load monitor publishes nothing for `batch`");
}

#[test]
fn a_stated_validity_is_answered() {
    policy!(RefusesStaleData, |_, candidates| {
        let valid = collector::valid();
        if valid.valid { Ok(vec![0.0; candidates.len()]) } else { Err(valid.metrics.reason.into()) }
    });
    let fresh = Check { state: State::Fresh, age_seconds: Some(1.0), reason: "fresh".to_owned() };
    let stale = Check { state: State::Stale, age_seconds: Some(900.0), reason: "measured 900 s ago".to_owned() };
    let validity = Validity { valid: false, heartbeat: fresh.clone(), metrics: stale, statistics: fresh };
    assert_eq!(run::<RefusesStaleData>(&three_nodes().validity(validity)).unwrap_err(), "measured 900 s ago");
}

#[test]
fn values_that_a_host_would_drop_are_dropped() {
    policy!(SeesNothing, |_, candidates| {
        assert_eq!(candidates.measurements(&CPU).collect::<Vec<_>>(), [None]);
        assert_eq!(collector::node_all_metrics().err(), Some(Unavailable::NoData));
        Ok(vec![0.0])
    });
    run::<SeesNothing>(&Cluster::new().node(NodeData::new("a").metric(CPU.clone(), f64::INFINITY))).unwrap();
}

#[test]
fn metrics_as_published_keep_their_spelling() {
    policy!(HugePages, |_, candidates| {
        let huge_pages = Selector::new(MetricType::other("hugepages_2mi"), Operator::other("P99"));
        Ok(candidates.column(&huge_pages))
    });
    let published = crate::Metric {
        name: "instance:huge".to_owned(),
        metric_type: MetricType::Other("hugepages_2mi".to_owned().into()),
        operator: Operator::Other("P99".to_owned().into()),
        rollup: "5m".to_owned(),
        unit: "bytes".to_owned(),
        value: 12.0,
    };
    assert_eq!(run::<HugePages>(&Cluster::new().node(NodeData::new("a").published(published))).unwrap(), [12.0]);
}

#[test]
fn log_lines_from_info_on_reach_the_host() {
    policy!(Talks, |pod, _| {
        log::info!("scoring {}", pod.name);
        log::debug!("not asked for");
        log::warn!("no candidates");
        Ok(Vec::new())
    });
    assert_eq!(take_log(), []);
    run::<Talks>(&Cluster::new()).unwrap();
    assert_eq!(take_log(), [(Level::Info, "scoring web".to_owned()), (Level::Warn, "no candidates".to_owned())]);
    assert_eq!(take_log(), []);
}

#[test]
fn an_instance_takes_its_settings_once_and_before_it_scores() {
    policy!(Plain, |_, candidates| Ok(vec![0.0; candidates.len()]));
    let cluster = three_nodes();
    let candidates = Candidates::new(&cluster);
    let instance = Instance::<Plain>::new();
    let early = instance.score(&Pod::default(), &candidates).unwrap_err();
    assert!(early.words().contains("before it was configured"), "{early:?}");
    assert!(instance.configure("[]").is_err());
    instance.configure("").unwrap();
    assert_eq!(instance.score(&Pod::default(), &candidates).unwrap(), [0.0; 3]);
    let again = instance.configure("").unwrap_err();
    assert!(again.words().contains("has its settings already"), "{again:?}");
}
