//! The nodes that a policy has to score, prepared once and used for many pods.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::scheduling::{CPU, EPHEMERAL_STORAGE, MEMORY, Node, PODS, Resources};
use crate::snapshot::{MetricType, Operator, Row, Selector, Snapshot, Table};

/// Candidate nodes in the caller's order, laid out in columns.
///
/// Built once per list of nodes; cheap to clone. It remembers where its nodes stand in the newest snapshot, so that
/// further pods, and further snapshots with the same nodes, cost no matching.
#[derive(Clone, Debug)]
pub struct Candidates {
    prepared: Arc<Prepared>,
}

#[derive(Debug)]
struct Prepared {
    names: Box<[String]>,
    labels: Box<[BTreeMap<String, String>]>,
    allocatable: BTreeMap<String, Box<[f64]>>,
    requested: BTreeMap<String, Box<[f64]>>,
    matched: Mutex<Option<Matched>>,
}

/// Where the candidates stand in tables with these keys.
#[derive(Debug)]
struct Matched {
    keys: Arc<[Box<str>]>,
    positions: Arc<[Option<u32>]>,
}

impl Candidates {
    /// Prepares nodes for scoring, in this order.
    #[must_use]
    pub fn new(nodes: impl IntoIterator<Item = Node>) -> Self {
        let nodes: Vec<Node> = nodes.into_iter().collect();
        let allocatable = columns(&nodes, |node| &node.allocatable);
        let requested = columns(&nodes, |node| &node.requested);
        let (names, labels): (Vec<_>, Vec<_>) = nodes.into_iter().map(|node| (node.name, node.labels)).unzip();
        let prepared =
            Prepared { names: names.into(), labels: labels.into(), allocatable, requested, matched: Mutex::default() };
        Self { prepared: Arc::new(prepared) }
    }

    /// All nodes of a snapshot in byte order of their names, with their published capacity as what they offer.
    #[must_use]
    pub fn from_snapshot(snapshot: &Snapshot) -> Self {
        Self::new(snapshot.nodes.rows().map(|row| Node {
            name: row.key().to_owned(),
            allocatable: published_capacity(&row),
            ..Node::default()
        }))
    }

    /// The number of candidates.
    #[must_use]
    pub fn len(&self) -> usize {
        self.prepared.names.len()
    }

    /// Whether there is no candidate.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.prepared.names.is_empty()
    }

    /// The names, in order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.prepared.names
    }

    pub(super) fn allocatable(&self, resource: &str) -> Vec<f64> {
        self.stated(&self.prepared.allocatable, resource)
    }

    pub(super) fn requested(&self, resource: &str) -> Vec<f64> {
        self.stated(&self.prepared.requested, resource)
    }

    pub(super) fn label(&self, key: &str) -> Vec<Option<String>> {
        self.prepared.labels.iter().map(|labels| labels.get(key).cloned()).collect()
    }

    /// The row of each candidate in a table of nodes.
    pub(super) fn positions(&self, table: &Table) -> Arc<[Option<u32>]> {
        let mut matched = self.prepared.matched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = matched.as_ref().filter(|known| Arc::ptr_eq(&known.keys, table.keys())) {
            return Arc::clone(&known.positions);
        }
        let position = |name: &String| table.position(name).and_then(|position| u32::try_from(position).ok());
        let positions: Arc<[_]> = self.prepared.names.iter().map(position).collect();
        *matched = Some(Matched { keys: Arc::clone(table.keys()), positions: Arc::clone(&positions) });
        positions
    }

    fn stated(&self, columns: &BTreeMap<String, Box<[f64]>>, resource: &str) -> Vec<f64> {
        columns.get(resource).map_or_else(|| vec![f64::NAN; self.len()], |column| column.to_vec())
    }
}

/// A column per resource that any node states; NaN where a node does not.
#[expect(clippy::cast_precision_loss, reason = "amounts are exact up to 2^53, which is 8 PiB")]
fn columns(nodes: &[Node], amounts: fn(&Node) -> &Resources) -> BTreeMap<String, Box<[f64]>> {
    let mut columns: BTreeMap<String, Box<[f64]>> = BTreeMap::new();
    for (position, node) in nodes.iter().enumerate() {
        for (name, amount) in amounts(node).iter() {
            if !columns.contains_key(name) {
                columns.insert(name.to_owned(), vec![f64::NAN; nodes.len()].into());
            }
            if let Some(cell) = columns.get_mut(name).and_then(|column| column.get_mut(position)) {
                *cell = amount as f64;
            }
        }
    }
    columns
}

/// What a node offers according to its capacity metrics. A resource in a unit that is not known is left out: a wrong
/// size is worse than none.
fn published_capacity(row: &Row<'_>) -> Resources {
    let mut resources = Resources::new();
    for (name, metric_type) in [
        (CPU, MetricType::Cpu),
        (MEMORY, MetricType::Memory),
        (EPHEMERAL_STORAGE, MetricType::EphemeralStorage),
        (PODS, MetricType::Pods),
    ] {
        let selector = Selector::new(metric_type, Operator::Capacity);
        let metric = row.metric(&selector);
        if let Some(amount) = metric.and_then(|metric| amount(name, metric.unit, metric.value)) {
            resources.set(name, amount);
        }
    }
    resources
}

/// A published capacity in the unit of [`Resources`]: millicores, bytes, or a count.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "negative amounts are left out before")]
fn amount(resource: &str, unit: &str, value: f64) -> Option<u64> {
    let factor = match (resource, unit) {
        (CPU, "core" | "") => 1000.0,
        (MEMORY | EPHEMERAL_STORAGE, "MiB") => 1_048_576.0,
        (CPU, "m") | (MEMORY | EPHEMERAL_STORAGE, "byte" | "bytes" | "") | (PODS, _) => 1.0,
        _ => return None,
    };
    (value >= 0.0).then_some((value * factor).round() as u64)
}
