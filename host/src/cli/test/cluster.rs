//! What a policy is asked about: a pod, nodes, and what a load monitor knows of them, in parts that can be changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::anyhow;
use serde_json::{Map, Value, json};

use scorelet_host::collector::{self, CollectorOptions};
use scorelet_host::kubernetes;
use scorelet_host::policy::{Assigned, Assignments, Candidates, Request};
use scorelet_host::scheduling::{CPU, Node, Pod, Resources};
use scorelet_host::snapshot::{
    self, Defects, Freshness, MetricType, Operator, Reading, Row, Snapshot, Statistics, Table, TableBuilder,
};

use super::document::{self, Amounts, Metrics, Promised, Shorthand};

/// When metrics were measured that are made up, in Unix seconds: the moment is of no importance.
const MEASURED: i64 = 1_767_225_600;

/// How old metrics are where a case does not say, in seconds: load monitors measure once a minute.
const USUAL_AGE: u32 = 60;

/// A cluster at one moment. Cheap to change: what stays the same is shared.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    pod: Pod,
    nodes: Arc<[Node]>,
    /// The nodes, prepared, with the pods that were put on them lately.
    candidates: Candidates,
    assigned: Assigned,
    /// What was collected. The clock stands at the moment when it was received.
    snapshot: Arc<Snapshot>,
}

/// What a load monitor knows.
#[derive(Clone, Debug)]
pub(super) struct Known {
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
    /// A cluster of which a load monitor knows this. Without nodes, its candidates are all that the load monitor knows,
    /// with their published capacity as what they offer.
    pub(super) fn new(known: &Known, pod: document::Pod, nodes: Option<Vec<document::Node>>) -> anyhow::Result<Self> {
        let reading = collector::recorded(&CollectorOptions::default(), known.answer().to_string().as_bytes())?;
        let snapshot = Arc::clone(reading.snapshot().ok_or_else(|| anyhow!("nothing is known of it"))?);
        let mut assigned = Vec::new();
        let nodes: Vec<Node> = match nodes {
            Some(nodes) => nodes.into_iter().map(|node| node_of(node, &mut assigned)).collect(),
            None => Candidates::nodes_of(&snapshot),
        };
        let (pod, assigned) = (pod_of(pod)?, recorded(assigned, snapshot.received_at)?);
        let candidates = Candidates::new(nodes.iter().cloned()).with_assigned(assigned.clone());
        Ok(Self { pod, nodes: nodes.into(), candidates, assigned, snapshot })
    }

    /// The names of the candidates, in their order.
    pub(super) fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.nodes.iter().map(|node| node.name.as_str())
    }

    /// What a policy is told, and asked.
    pub(super) fn question(&self) -> (Reading, Request) {
        let snapshot = Arc::clone(&self.snapshot);
        let now = snapshot.received_at;
        let reading = Reading::new(Some(snapshot), Some(Duration::ZERO), now, Freshness::default());
        (reading, Request { pod: self.pod.clone(), candidates: self.candidates.clone() })
    }

    /// The same with its candidates from the last one to the first one.
    pub(super) fn reversed(&self) -> Self {
        self.with_candidates(self.nodes.iter().rev().cloned().collect())
    }

    /// The same with its first candidate behind all others.
    pub(super) fn rotated(&self) -> Self {
        let (first, others) = (self.nodes.iter().take(1), self.nodes.iter().skip(1));
        self.with_candidates(others.chain(first).cloned().collect())
    }

    /// The same with candidates that do not say what they offer; `None` where none of them does.
    pub(super) fn without_allocatable(&self) -> Option<Self> {
        let says = |node: &Node| node.allocatable.iter().next().is_some();
        let silent = |node: &Node| Node { allocatable: Resources::new(), ..node.clone() };
        self.nodes.iter().any(says).then(|| self.with_candidates(self.nodes.iter().map(silent).collect()))
    }

    /// The same without statistics of labels; `None` where there are none.
    pub(super) fn without_statistics(&self) -> Option<Self> {
        let has_some = !self.snapshot.statistics.table().is_empty();
        has_some.then(|| self.knowing(self.snapshot.nodes.clone(), Statistics::empty()))
    }

    /// What is measured of nodes: a title for each metric.
    pub(super) fn titles(&self) -> BTreeSet<String> {
        self.snapshot.nodes.rows().flat_map(|row| row.metrics()).map(|metric| title(&metric)).collect()
    }

    /// The same without any metric of a node.
    pub(super) fn without_metrics(&self) -> Self {
        self.with_values(|_, _| None)
    }

    /// The same without the metrics of a title.
    pub(super) fn without(&self, unwanted: &str) -> Self {
        self.with_values(|_, metric| (title(metric) != unwanted).then_some(metric.value))
    }

    /// The first, the middle and the last one of the candidates that the load monitor knows.
    pub(super) fn some_known(&self) -> Vec<&str> {
        let known: Vec<&str> = self.names().filter(|name| self.snapshot.nodes.position(name).is_some()).collect();
        let mut places = vec![0, known.len() / 2, known.len().saturating_sub(1)];
        places.dedup();
        places.into_iter().filter_map(|place| known.get(place).copied()).collect()
    }

    /// The same with no metric of this node.
    pub(super) fn with_unmeasured(&self, node: &str) -> Self {
        self.with_values(|name, metric| (name != node).then_some(metric.value))
    }

    /// The same with a load monitor that does not know this node.
    pub(super) fn with_unknown(&self, node: &str) -> Self {
        let mut builder = TableBuilder::new();
        for row in self.snapshot.nodes.rows().filter(|row| row.key() != node) {
            builder.copy_row(row);
        }
        self.knowing(builder.finish(&mut Defects::default()), self.snapshot.statistics.clone())
    }

    /// The candidates of which a metric is known, in their order.
    pub(super) fn measured(&self, metric: &Promised) -> Vec<&str> {
        let is_measured = |name: &&str| {
            let row = self.snapshot.nodes.row(name);
            row.is_some_and(|row| row.metrics().any(|known| is_meant(metric, &known)))
        };
        self.names().filter(is_measured).collect()
    }

    /// The same with a metric of a node raised.
    pub(super) fn with_more(&self, node: &str, metric: &Promised, more: f64) -> Self {
        self.with_values(|name, known| {
            let is_raised = name == node && is_meant(metric, known);
            Some(if is_raised { known.value + more } else { known.value })
        })
    }

    fn with_candidates(&self, nodes: Vec<Node>) -> Self {
        let candidates = Candidates::new(nodes.iter().cloned()).with_assigned(self.assigned.clone());
        Self { nodes: nodes.into(), candidates, ..self.clone() }
    }

    /// The same with other values of the nodes' metrics; those without a value are left out, and their nodes are known
    /// nevertheless.
    fn with_values(&self, value_of: impl Fn(&str, &snapshot::Metric<'_>) -> Option<f64>) -> Self {
        let mut builder = TableBuilder::new();
        for row in self.snapshot.nodes.rows() {
            for metric in row.metrics() {
                if let Some(value) = value_of(row.key(), &metric) {
                    let (metric_type, operator) = (metric.metric_type.clone(), metric.operator.clone());
                    builder.metric(metric.name, metric_type, operator, metric.rollup, metric.unit, value);
                }
            }
            builder.end_row(row.key());
        }
        self.knowing(builder.finish(&mut Defects::default()), self.snapshot.statistics.clone())
    }

    /// The same with these metrics of nodes and statistics of labels.
    fn knowing(&self, nodes: Table, statistics: Statistics) -> Self {
        let known = &self.snapshot;
        let snapshot = Snapshot {
            id: known.id,
            source: known.source.clone(),
            timestamp: known.timestamp,
            window: known.window.clone(),
            received_at: known.received_at,
            nodes,
            statistics,
            defects: known.defects,
        };
        Self { snapshot: Arc::new(snapshot), ..self.clone() }
    }
}

/// What people call a metric: type and operator, or the name of a metric without a type.
fn title(metric: &snapshot::Metric<'_>) -> String {
    match metric.metric_type.as_str() {
        "" => metric.name.to_owned(),
        metric_type => format!("{metric_type} {}", metric.operator.as_str()),
    }
}

/// Whether a file means this metric.
fn is_meant(promised: &Promised, metric: &snapshot::Metric<'_>) -> bool {
    let metric_type = metric.metric_type.as_str();
    match promised {
        Promised::Meaning(short) => metric_type == short.metric_type && metric.operator.as_str() == short.operator,
        Promised::Name(name) => metric_type.is_empty() && metric.name == name,
    }
}

impl Known {
    /// All of it is made up: the metrics that nodes state, so many seconds old.
    pub(super) fn made_up(nodes: &[document::Node], age: Option<u32>) -> Self {
        let metrics = |node: &document::Node| Some((node.name.clone(), of_node(node.metrics.as_ref()?)));
        Self {
            source: "test cases".to_owned(),
            duration: "5m".to_owned(),
            start: MEASURED - 300,
            end: MEASURED,
            timestamp: MEASURED + i64::from(age.unwrap_or(USUAL_AGE)),
            nodes: nodes.iter().filter_map(metrics).collect(),
            statistics: Vec::new(),
        }
    }

    /// What was recorded. Without an age, the clock stands at the recording's timestamp.
    pub(super) fn recorded(recording: &[u8], age: Option<u32>) -> anyhow::Result<Self> {
        let reading = collector::recorded(&CollectorOptions::default(), recording)?;
        let snapshot = reading.snapshot().ok_or_else(|| anyhow!("it is empty"))?;
        let rows = |row: Row<'_>| {
            let metrics: Vec<Metric> = row.metrics().map(|metric| Metric::of(&metric)).collect();
            (row.key().to_owned(), metrics)
        };
        let window = &snapshot.window;
        Ok(Self {
            source: snapshot.source.clone(),
            duration: window.duration.clone(),
            start: window.start,
            end: window.end,
            timestamp: age.map_or(snapshot.timestamp, |age| window.end.saturating_add(age.into())),
            nodes: snapshot.nodes.rows().map(rows).collect(),
            statistics: snapshot.statistics.table().rows().map(rows).collect(),
        })
    }

    /// The same with these statistics of labels.
    pub(super) fn with_statistics(mut self, statistics: &BTreeMap<String, Metrics>) -> Self {
        self.statistics = statistics.iter().map(|(label, metrics)| (label.clone(), of_label(metrics))).collect();
        self
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
    fn of(metric: &snapshot::Metric<'_>) -> Self {
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

/// A node as a candidate. The pods that were put on it go to the others, each with its name.
fn node_of(node: document::Node, all_assigned: &mut Vec<(String, document::Assigned)>) -> Node {
    let document::Node { name, labels, allocatable, requested, assigned, .. } = node;
    all_assigned.extend(assigned.into_iter().map(|pod| (name.clone(), pod)));
    Node { name, labels, allocatable: resources(&allocatable), requested: resources(&requested) }
}

/// The pods that were put on nodes lately. A record of them replaces the one before it of the same name, so that there may
/// not be two.
fn recorded(assigned: Vec<(String, document::Assigned)>, now: SystemTime) -> anyhow::Result<Assigned> {
    let assignments = Assignments::new();
    let mut names = BTreeSet::new();
    for (node, document::Assigned { pod, age_seconds }) in assigned {
        let pod = pod_of(pod)?;
        if !pod.name.is_empty() && !names.insert((pod.namespace.clone(), pod.name.clone())) {
            let Pod { name, namespace, .. } = &pod;
            return Err(anyhow!(
                "there are two assigned pods {name:?} in the namespace {namespace:?}; name each in its own way, or none"
            ));
        }
        let at = now.checked_sub(Duration::from_secs(age_seconds.into())).unwrap_or(now);
        assignments.record(node, pod, at);
    }
    Ok(assignments.current())
}

/// A pod as a policy sees it. What it does not state as a whole is what Kubernetes makes of its containers and its overhead,
/// computed as for a manifest.
fn pod_of(pod: document::Pod) -> anyhow::Result<Pod> {
    let document::Pod { name, namespace, labels, annotations, requests, limits, overhead, containers, priority } = pod;
    let list = |amounts: &Amounts| -> Map<String, Value> {
        amounts.iter().map(|(name, amount)| (name.clone(), Value::from(amount.text.as_str()))).collect()
    };
    let mut manifests: Vec<Value> = containers
        .iter()
        .map(|container| {
            let (requests, limits) = (list(&container.requests), list(&container.limits));
            json!({ "name": container.name, "resources": { "requests": requests, "limits": limits } })
        })
        .collect();
    let has_containers = !manifests.is_empty();
    if !has_containers {
        // A manifest has one at least.
        manifests.push(json!({}));
    }
    let whole = limits.as_ref().map(&list).unwrap_or_default();
    let spec = json!({ "containers": manifests, "overhead": list(&overhead), "resources": { "limits": whole } });
    let read = kubernetes::read_pod(&json!({ "kind": "Pod", "spec": spec }).to_string(), "pod")?;
    Ok(Pod {
        name,
        namespace,
        labels,
        annotations,
        requests: requests.as_ref().map_or(read.requests, resources),
        limits: limits.as_ref().map_or(read.limits, resources),
        containers: if has_containers { read.containers } else { Vec::new() },
        overhead: read.overhead,
        priority,
    })
}

/// Whole amounts: `cpu` in millicores, everything else in its own unit, rounded up.
fn resources(amounts: &Amounts) -> Resources {
    amounts.iter().fold(Resources::new(), |resources, (name, amount)| {
        let quantity = amount.quantity;
        let whole = if name == CPU { quantity.to_millis_rounded_up() } else { quantity.to_units_rounded_up() };
        resources.with(name.as_str(), whole)
    })
}
