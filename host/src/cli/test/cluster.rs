//! What a policy is asked about: a pod, nodes, and what a load monitor knows of them, in parts that can be changed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::anyhow;
use serde_json::{Map, Value, json};

use scorelet_host::collector::{self, CollectorOptions};
use scorelet_host::policy::{Assignments, Candidates, Request};
use scorelet_host::scheduling::{CPU, Container, Node, Pod, Resources};
use scorelet_host::snapshot::{MetricType, Operator, Reading, Row, Snapshot};

use super::document::{self, Amounts, Metrics, Shorthand};
use crate::cli::exit::Failure;

/// When metrics were measured that are made up, in Unix seconds: the moment is of no importance.
const MEASURED: i64 = 1_767_225_600;

/// How old metrics are where a case does not say, in seconds: load monitors measure once a minute.
const USUAL_AGE: u32 = 60;

/// A cluster at one moment.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    pod: Pod,
    /// The candidates.
    nodes: Vec<Node>,
    /// The pods that were put on nodes lately, each with its node and its age.
    assigned: Vec<(String, Pod, Duration)>,
    known: Known,
}

/// What a load monitor knows.
#[derive(Clone, Debug)]
struct Known {
    source: String,
    duration: String,
    start: i64,
    end: i64,
    timestamp: i64,
    nodes: Vec<(String, Vec<Metric>)>,
    statistics: Vec<(String, Vec<Metric>)>,
}

/// A metric, its type and operator in the words of the contract.
#[derive(Clone, Debug)]
struct Metric {
    name: String,
    r#type: String,
    operator: String,
    rollup: String,
    unit: String,
    value: f64,
}

impl Cluster {
    /// A cluster in which all is made up, of which the metrics are so many seconds old.
    pub(super) fn made_up(pod: document::Pod, nodes: Vec<document::Node>, age: Option<u32>) -> Self {
        let mut known = Known {
            source: "test cases".to_owned(),
            duration: "5m".to_owned(),
            start: MEASURED - 300,
            end: MEASURED,
            timestamp: MEASURED + i64::from(age.unwrap_or(USUAL_AGE)),
            nodes: Vec::new(),
            statistics: Vec::new(),
        };
        for node in &nodes {
            if let Some(metrics) = &node.metrics {
                known.nodes.push((node.name.clone(), of_node(metrics)));
            }
        }
        Self::with(known, pod, nodes)
    }

    /// A cluster whose load was recorded. Without nodes, its candidates are all that the load monitor knew, with their
    /// published capacity as what they offer; without an age, the clock stands at the recording's timestamp.
    pub(super) fn recorded(
        recording: &[u8],
        pod: document::Pod,
        nodes: Option<Vec<document::Node>>,
        age: Option<u32>,
    ) -> anyhow::Result<Self> {
        let reading = collector::recorded(&CollectorOptions::default(), recording)?;
        let snapshot = reading.snapshot().ok_or_else(|| anyhow!("it is empty"))?;
        let known = Known::of(snapshot, age);
        let names_all = nodes.is_none();
        let mut cluster = Self::with(known, pod, nodes.unwrap_or_default());
        if names_all {
            cluster.nodes = Candidates::nodes_of(snapshot);
        }
        Ok(cluster)
    }

    /// The same with these statistics of labels.
    pub(super) fn with_statistics(mut self, statistics: &BTreeMap<String, Metrics>) -> Self {
        self.known.statistics = statistics.iter().map(|(label, metrics)| (label.clone(), of_label(metrics))).collect();
        self
    }

    fn with(known: Known, pod: document::Pod, nodes: Vec<document::Node>) -> Self {
        let mut cluster = Self { pod: pod_of(pod), nodes: Vec::new(), assigned: Vec::new(), known };
        for node in nodes {
            let document::Node { name, labels, allocatable, requested, assigned, .. } = node;
            for document::Assigned { pod, age_seconds } in assigned {
                let age = Duration::from_secs(age_seconds.into());
                cluster.assigned.push((name.clone(), pod_of(pod), age));
            }
            let (allocatable, requested) = (resources(&allocatable), resources(&requested));
            cluster.nodes.push(Node { name, labels, allocatable, requested });
        }
        cluster
    }

    /// The names of the candidates, in their order.
    pub(super) fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.nodes.iter().map(|node| node.name.as_str())
    }

    /// What a policy is told, and asked.
    pub(super) fn question(&self) -> Result<(Reading, Request), Failure> {
        let reading = collector::recorded(&CollectorOptions::default(), self.known.answer().to_string().as_bytes())
            .map_err(|failure| Failure::internal(failure.into()))?;
        let assignments = Assignments::new();
        for (node, pod, age) in &self.assigned {
            let at = reading.taken_at().checked_sub(*age).unwrap_or(reading.taken_at());
            assignments.record(node.as_str(), pod.clone(), at);
        }
        let candidates = Candidates::new(self.nodes.iter().cloned()).with_assigned(assignments.current());
        Ok((reading, Request { pod: self.pod.clone(), candidates }))
    }

    /// The same with its candidates from the last one to the first one.
    pub(super) fn reversed(&self) -> Self {
        let mut other = self.clone();
        other.nodes.reverse();
        other
    }

    /// The same with its first candidate behind all others.
    pub(super) fn rotated(&self) -> Self {
        let mut other = self.clone();
        if !other.nodes.is_empty() {
            other.nodes.rotate_left(1);
        }
        other
    }

    /// What is measured of nodes: a title for each metric.
    pub(super) fn titles(&self) -> BTreeSet<String> {
        self.known.nodes.iter().flat_map(|(_, metrics)| metrics).map(Metric::title).collect()
    }

    /// The same without any metric of a node.
    pub(super) fn without_metrics(&self) -> Self {
        self.with_metrics(|_| false)
    }

    /// The same without the metrics of a title.
    pub(super) fn without(&self, title: &str) -> Self {
        self.with_metrics(|metric| metric.title() != title)
    }

    fn with_metrics(&self, keep: impl Fn(&Metric) -> bool) -> Self {
        let mut other = self.clone();
        for (_, metrics) in &mut other.known.nodes {
            metrics.retain(&keep);
        }
        other
    }

    /// The same with a metric of a node raised; `None` where the node does not have it.
    pub(super) fn with_more(&self, node: &str, metric: Shorthand, more: f64) -> Option<Self> {
        let mut other = self.clone();
        let (_, metrics) = other.known.nodes.iter_mut().find(|(name, _)| name == node)?;
        let mut raised = false;
        for known in metrics.iter_mut().filter(|known| known.is(metric)) {
            known.value += more;
            raised = true;
        }
        raised.then_some(other)
    }
}

impl Known {
    fn of(snapshot: &Snapshot, age: Option<u32>) -> Self {
        let rows = |row: Row<'_>| {
            let metrics: Vec<Metric> = row.metrics().map(|metric| Metric::of(&metric)).collect();
            (row.key().to_owned(), metrics)
        };
        let window = &snapshot.window;
        Self {
            source: snapshot.source.clone(),
            duration: window.duration.clone(),
            start: window.start,
            end: window.end,
            timestamp: age.map_or(snapshot.timestamp, |age| window.end.saturating_add(age.into())),
            nodes: snapshot.nodes.rows().map(rows).collect(),
            statistics: snapshot.statistics.table().rows().map(rows).collect(),
        }
    }

    /// The answer of a load monitor that knows this.
    fn answer(&self) -> Value {
        let rows = |rows: &[(String, Vec<Metric>)]| -> Map<String, Value> {
            let row = |(key, metrics): &(String, Vec<Metric>)| {
                let metrics: Vec<Value> = metrics.iter().map(Metric::published).collect();
                (key.clone(), json!({ "metrics": metrics }))
            };
            rows.iter().map(row).collect()
        };
        json!({
            "timestamp": self.timestamp,
            "window": { "duration": self.duration, "start": self.start, "end": self.end },
            "source": self.source,
            "data": { "NodeMetricsMap": rows(&self.nodes) },
            "statistics": { "StatisticsMap": rows(&self.statistics) },
        })
    }
}

/// The operator that load monitors abbreviate, and how.
const DEVIATION: (&str, &str) = ("standard-deviation", "Std");

impl Metric {
    fn of(metric: &scorelet_host::snapshot::Metric<'_>) -> Self {
        Self {
            name: metric.name.to_owned(),
            r#type: metric.metric_type.as_str().to_owned(),
            operator: metric.operator.as_str().to_owned(),
            rollup: metric.rollup.to_owned(),
            unit: metric.unit.to_owned(),
            value: metric.value,
        }
    }

    fn stated(metric: &document::Metric) -> Self {
        let document::Metric { name, r#type, operator, rollup, unit, value } = metric.clone();
        let r#type = MetricType::parse(&name, r#type).as_str().to_owned();
        let operator = Operator::parse(operator).as_str().to_owned();
        Self { name, r#type, operator, rollup, unit, value }
    }

    /// What people call it: type and operator, or the name of a metric without a type.
    fn title(&self) -> String {
        if self.r#type.is_empty() { self.name.clone() } else { format!("{} {}", self.r#type, self.operator) }
    }

    fn is(&self, metric: Shorthand) -> bool {
        self.r#type == metric.metric_type && self.operator == metric.operator
    }

    fn published(&self) -> Value {
        let operator = if self.operator == DEVIATION.0 { DEVIATION.1 } else { &self.operator };
        json!({
            "name": self.name,
            "type": self.r#type,
            "operator": operator,
            "rollup": self.rollup,
            "unit": self.unit,
            "value": self.value,
        })
    }
}

/// The metrics of a node. A shorthand is load in per cent over five minutes, or a capacity in cores, bytes or a number.
fn of_node(metrics: &Metrics) -> Vec<Metric> {
    metrics_of(metrics, |metric| match (metric.metric_type, metric.operator) {
        ("cpu", "capacity") => ("capacity", "latest", "core"),
        ("memory" | "ephemeral-storage", "capacity") => ("capacity", "latest", "byte"),
        (_, "capacity") => ("capacity", "latest", "integer"),
        _ => ("load", "5m", "ratio"),
    })
}

/// The statistics of a label. A shorthand is an amount over fifteen days: of cpu in millicores, of memory in mebibytes.
fn of_label(metrics: &Metrics) -> Vec<Metric> {
    metrics_of(metrics, |metric| match metric.metric_type {
        "cpu" => ("statistic", "15d", "m"),
        "memory" => ("statistic", "15d", "MiB"),
        _ => ("statistic", "15d", ""),
    })
}

/// Metrics as a load monitor publishes them. Of a shorthand, the function tells name, rollup and unit.
fn metrics_of(metrics: &Metrics, more: fn(&Shorthand) -> (&'static str, &'static str, &'static str)) -> Vec<Metric> {
    let written_out = |(short, value): &(Shorthand, f64)| {
        let (name, rollup, unit) = more(short);
        Metric {
            name: name.to_owned(),
            r#type: short.metric_type.to_owned(),
            operator: short.operator.to_owned(),
            rollup: rollup.to_owned(),
            unit: unit.to_owned(),
            value: *value,
        }
    };
    match metrics {
        Metrics::Short(metrics) => metrics.iter().map(written_out).collect(),
        Metrics::Full(metrics) => metrics.iter().map(Metric::stated).collect(),
    }
}

/// A pod as a policy sees it. What it does not state as a whole is the sum of its containers, and of its overhead.
fn pod_of(pod: document::Pod) -> Pod {
    let document::Pod { name, namespace, labels, annotations, requests, limits, overhead, containers, priority } = pod;
    let container = |container: document::Container| Container {
        name: container.name,
        requests: resources(&container.requests),
        limits: resources(&container.limits),
    };
    let containers: Vec<Container> = containers.into_iter().map(container).collect();
    let overhead = resources(&overhead);
    let requests = requests.map_or_else(
        || sum(containers.iter().map(|container| &container.requests).chain([&overhead])),
        |requests| resources(&requests),
    );
    let limits = limits.map_or_else(
        || {
            let limits = sum(containers.iter().map(|container| &container.limits));
            // What nothing limits does not get the overhead as its limit.
            let limited = overhead.iter().filter(|(name, _)| limits.get(name).is_some());
            let limited = limited.fold(Resources::new(), |limited, (name, amount)| limited.with(name, amount));
            sum([&limits, &limited].into_iter())
        },
        |limits| resources(&limits),
    );
    Pod { name, namespace, labels, annotations, requests, limits, containers, overhead, priority }
}

/// Whole amounts: `cpu` in millicores, everything else in its own unit, rounded up.
fn resources(amounts: &Amounts) -> Resources {
    amounts.iter().fold(Resources::new(), |resources, (name, amount)| {
        let quantity = amount.0;
        let whole = if name == CPU { quantity.to_millis_rounded_up() } else { quantity.to_units_rounded_up() };
        resources.with(name.as_str(), whole)
    })
}

fn sum<'a>(parts: impl Iterator<Item = &'a Resources>) -> Resources {
    parts.flat_map(Resources::iter).fold(Resources::new(), |sum, (name, amount)| {
        let before = sum.get(name).unwrap_or(0);
        sum.with(name, before.saturating_add(amount))
    })
}
