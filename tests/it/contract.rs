//! The whole contract, asked by a policy and answered by the host.

use std::time::{Duration, SystemTime};

use scorelet_host::collector::{CollectorOptions, recorded};
use scorelet_host::policy::{
    Assignments, Candidates, Evaluation, Level, Limits, LoadOptions, PolicyEngine, PolicyError, PolicyErrorKind,
    Request,
};
use scorelet_host::scheduling::{CPU, Container, MEMORY, Node, Pod, Resources};
use scorelet_host::snapshot::{Freshness, Reading};
use scorelet_tests::artifacts;

fn reading() -> Reading {
    let metric = |kind: &str, operator: &str, value: f64| serde_json::json!({"name": "load", "type": kind, "operator": operator, "rollup": "5m", "unit": "ratio", "value": value});
    let body = serde_json::json!({
        "timestamp": 1_767_225_600,
        "window": {"duration": "5m", "start": 1_767_225_270, "end": 1_767_225_570},
        "source": "test",
        "data": {"NodeMetricsMap": {
            "a": {"metrics": [metric("cpu", "Avg", 12.5), metric("gpu", "P95", 3.0)]},
            "b": {"metrics": [metric("memory", "Latest", 50.0)]},
        }},
        "statistics": {"StatisticsMap": {
            "all": {"metrics": [metric("cpu", "Avg", 100.0), metric("cpu", "Std", 10.0)]},
            "shop": {"metrics": [metric("cpu", "Avg", 250.0)]},
        }},
    });
    recorded(&CollectorOptions::default(), body.to_string().as_bytes()).unwrap()
}

fn pod(name: &str) -> Pod {
    Pod {
        name: name.to_owned(),
        namespace: "shop".to_owned(),
        labels: [("app".to_owned(), "web".to_owned())].into(),
        annotations: [("note".to_owned(), "ö".to_owned())].into(),
        requests: Resources::new().with(CPU, 250).with("nvidia.com/gpu", 2),
        limits: Resources::new().with(MEMORY, 1 << 30),
        containers: vec![Container {
            name: "server".to_owned(),
            requests: Resources::new().with(CPU, 200).with("nvidia.com/gpu", 2),
            limits: Resources::new().with(MEMORY, 1 << 30),
        }],
        overhead: Resources::new().with(CPU, 50),
        priority: -7,
    }
}

fn ask(name: &str, reading: &Reading) -> Result<Evaluation, PolicyError> {
    let a = Node {
        labels: [("zone".to_owned(), "east".to_owned())].into(),
        allocatable: Resources::new().with(CPU, 4000),
        requested: Resources::new().with(MEMORY, 1024),
        ..Node::named("a")
    };
    let engine = PolicyEngine::new(Limits::default()).unwrap();
    let policy = engine.load(&artifacts::read(artifacts::PROBE), LoadOptions::default()).unwrap();
    let candidates = Candidates::new([Node::named("unknown"), a]).with_assigned(assignments().current());
    policy.score(reading, &Request { pod: pod(name), candidates })
}

/// Two pods on `a` and one on `unknown`. The window of the metrics ends at 1767225570, and the clock stands 30 s later.
fn assignments() -> Assignments {
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let assignments = Assignments::new();
    assignments.record("a", pod("measured"), at(1_767_225_569));
    assignments.record("a", pod("since"), at(1_767_225_580));
    let limits = Resources::new().with(CPU, 500);
    assignments.record("unknown", Pod { name: "plain".to_owned(), limits, ..Pod::default() }, at(1_767_225_600));
    assignments
}

#[test]
fn every_question_has_its_answer() {
    let evaluation = ask("web", &reading()).unwrap();
    assert_eq!(evaluation.scores, [1.0, 1.0]);
    let lines: Vec<(Level, &str)> = evaluation.logs.iter().map(|line| (line.level, line.message.as_str())).collect();
    let debug = |message| (Level::Debug, message);
    assert_eq!(
        lines,
        [
            (Level::Trace, "configured"),
            debug("pod shop/web priority -7"),
            debug(r#"labels [("app", "web")] annotations [("note", "ö")]"#),
            debug(r#"requests 250 0 [("nvidia.com/gpu", 2.0)]"#),
            debug("limits 0 1073741824 []"),
            debug(r#"container server 200 0 [("nvidia.com/gpu", 2.0)] 0 1073741824 []"#),
            debug("overhead 50 0 []"),
            debug(r#"candidates 2 ["unknown", "a"]"#),
            debug("cpu [NaN, 12.5]"),
            debug("allocatable [NaN, 4000.0]"),
            debug("requested [NaN, 1024.0]"),
            debug("gpu [NaN, NaN]"),
            debug(r#"zone [None, Some("east")]"#),
            debug("assigned to 0 age 0"),
            debug("assigned to 1 age 20"),
            debug(r#"assigned [None, Some("web")] cpu ([0.0, 250.0], [500.0, 0.0], [0.0, 50.0])"#),
            debug("container of 1 cpu 200 0"),
            debug("node a 5m 1767225270 1767225570"),
            debug("metric load Cpu Average 5m ratio 12.5"),
            debug(r#"metric load Other("gpu") Other("P95") 5m ratio 3"#),
            debug(r#"node nowhere: NotFound("nowhere")"#),
            debug("label shop answered by shop fallback false age 0 metrics 1"),
            debug("label nobody answered by all fallback true age 0 metrics 2"),
            debug(r#"nodes 2 ["a", "b"] until 1767225570 row Some(2) column [12.5, NaN]"#),
            debug(r#"labels 2 ["all", "shop"] until 1767225570 row None column [100.0, 250.0]"#),
            (Level::Warn, "valid true: the last good heartbeat was 0 s ago"),
            (Level::Error, "metrics State::Fresh Some(30.0) the metrics' window ended 30 s ago"),
        ]
    );
}

#[test]
fn before_the_first_answer_there_is_no_data() {
    let nothing = Reading::new(None, None, SystemTime::UNIX_EPOCH, Freshness::default());
    let logs = ask("web", &nothing).unwrap().logs;
    let has = |message: &str| logs.iter().any(|line| line.message == message);
    for message in ["cpu [NaN, NaN]", "node a: NoData", "label shop: NoData", "nodes: NoData", "labels: NoData"] {
        assert!(has(message), "{message} is not in {logs:#?}");
    }
    assert!(has("valid false: the load monitor has never answered its health check"), "{logs:#?}");
}

#[test]
fn a_panic_reaches_the_error_with_its_place_and_the_log() {
    let failure = ask("panic", &reading()).unwrap_err();
    assert_eq!(failure.kind(), PolicyErrorKind::Trap);
    assert!(failure.message().starts_with("it crashed: panicked at "), "{failure}");
    assert!(failure.message().ends_with("index out of bounds: the len is 0 but the index is 1"), "{failure}");
    assert_eq!(failure.logs().first().unwrap().message, "configured");
    // The innermost functions are those of the panic; the optimiser has merged the policy's own into its export.
    let exported = "scorelet:policy/scorer@0.1.0#score";
    assert!(failure.backtrace().iter().any(|function| function == exported), "{:?}", failure.backtrace());
    assert!(failure.digest().is_some_and(|digest| digest.starts_with("sha256:")));
}

#[test]
fn a_refusal_comes_in_the_words_of_the_policy() {
    let failure = ask("refuse", &reading()).unwrap_err();
    assert_eq!((failure.kind(), failure.message()), (PolicyErrorKind::Refused, "it refuses to score: not this one"));
}
