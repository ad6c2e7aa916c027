//! What an attack is asked to score.

use std::fmt::Write as _;
use std::sync::LazyLock;

use scorelet_host::collector::{CollectorOptions, recorded};
use scorelet_host::policy::{Candidates, Request};
use scorelet_host::scheduling::{Node, Pod};
use scorelet_host::snapshot::Reading;

/// A cluster and a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// Two candidates, `a` and `b`.
    Small,
    /// 100,000 candidates whose names are as long as Kubernetes allows: 25 MB of them.
    Huge,
}

static SMALL: LazyLock<(Reading, Request)> = LazyLock::new(|| build(&["a".to_owned(), "b".to_owned()]));
static HUGE: LazyLock<(Reading, Request)> =
    LazyLock::new(|| build(&(0..100_000).map(|number| format!("{number:0253}")).collect::<Vec<_>>()));

impl Scene {
    /// What a policy sees of it, built once per process.
    #[must_use]
    pub fn parts(self) -> &'static (Reading, Request) {
        match self {
            Self::Small => &SMALL,
            Self::Huge => &HUGE,
        }
    }
}

fn build(names: &[String]) -> (Reading, Request) {
    let mut body = r#"{"timestamp": 1767225600, "data": {"NodeMetricsMap": {"#.to_owned();
    for (place, name) in names.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        let metric = r#"{"name": "m", "type": "CPU", "operator": "AVG", "value": 50}"#;
        write!(body, r#"{comma}"{name}": {{"metrics": [{metric}]}}"#).expect("text takes everything");
    }
    body.push_str("}}}");
    let reading = recorded(&CollectorOptions::default(), body.as_bytes()).expect("it is a load monitor's answer");
    let candidates = Candidates::new(names.iter().map(Node::named));
    (reading, Request { pod: Pod::default(), candidates })
}
