//! The nodes that a policy has to score, prepared once and used for many pods.

use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use self::columns::{Columns, ColumnsBuilder};
use super::assignments::{Assigned, AssignedPod};
use crate::scheduling::{CPU, EPHEMERAL_STORAGE, MEMORY, Node, PODS, Resources};
use crate::snapshot::{MetricType, Operator, Reading, Row, Selector, Snapshot, Table};

mod columns;

/// Candidate nodes in the caller's order, laid out in columns.
///
/// Built once per list of nodes; cheap to clone. It remembers where its nodes stand in the newest snapshot, so that
/// further pods, and further snapshots with the same nodes, cost no matching.
#[derive(Clone, Debug)]
pub struct Candidates {
    prepared: Arc<Prepared>,
    assigned: Assigned,
}

#[derive(Debug)]
struct Prepared {
    names: Arc<[String]>,
    /// The candidates by name, once that was asked for.
    by_name: OnceLock<HashMap<String, Vec<u32>>>,
    labels: Box<[BTreeMap<String, String>]>,
    allocatable: Columns,
    requested: Columns,
    /// What nobody states, once that was asked for: not a number for each candidate.
    unknown: OnceLock<Arc<[f64]>>,
    matched: Mutex<Option<Matched>>,
    read: Mutex<Read>,
}

/// A pod that was assigned to a candidate lately.
#[derive(Clone, Debug)]
pub(super) struct AssignedHere {
    pub(super) candidate: u32,
    pub(super) pod: Arc<AssignedPod>,
    pub(super) age_seconds: f64,
}

/// Where the candidates stand in tables with these keys.
#[derive(Debug)]
struct Matched {
    keys: Arc<[Box<str>]>,
    positions: Arc<[Option<u32>]>,
}

/// What was read of a snapshot for the candidates: the next pod's policy reads the same.
#[derive(Debug, Default)]
struct Read {
    /// The snapshot that the columns are of, which they do not keep alive.
    snapshot: Weak<Snapshot>,
    /// The one that was used last is the last one.
    columns: Vec<(Selector<'static>, Arc<[f64]>)>,
}

/// The longest texts of a selector, in bytes, with which its column is remembered: they are the guest's, and stay when it is
/// gone. Names of metrics have some fifty.
const MAX_TEXTS: usize = 256;

/// Columns that are remembered. A policy reads a handful, and several policies read the same ones.
const MAX_COLUMNS: usize = 16;

impl Candidates {
    /// Prepares nodes for scoring, in this order.
    #[must_use]
    pub fn new(nodes: impl IntoIterator<Item = Node>) -> Self {
        let mut nodes: Vec<Node> = nodes.into_iter().collect();
        let (mut names, mut labels) = (Vec::with_capacity(nodes.len()), Vec::with_capacity(nodes.len()));
        let [mut allocatable, mut requested] = [(); 2].map(|()| ColumnsBuilder::with_capacity(nodes.len()));
        // Once over all of them, each where it is: a list of thousands is more than the processor's caches hold.
        for node in &mut nodes {
            allocatable.push(&node.allocatable);
            requested.push(&node.requested);
            names.push(mem::take(&mut node.name));
            labels.push(mem::take(&mut node.labels));
        }
        let (names, labels) = (names.into(), labels.into());
        let (allocatable, requested) = (allocatable.finish(), requested.finish());
        let (by_name, unknown, matched, read) = (OnceLock::new(), OnceLock::new(), Mutex::default(), Mutex::default());
        let prepared = Prepared { names, by_name, labels, allocatable, requested, unknown, matched, read };
        Self { prepared: Arc::new(prepared), assigned: Assigned::default() }
    }

    /// All nodes of a snapshot in byte order of their names, with their published capacity as what they offer.
    #[must_use]
    pub fn from_snapshot(snapshot: &Snapshot) -> Self {
        Self::new(Self::nodes_of(snapshot))
    }

    /// The nodes that [`Candidates::from_snapshot`] prepares, for whoever wants some of them, or another order.
    #[must_use]
    pub fn nodes_of(snapshot: &Snapshot) -> Vec<Node> {
        let node = |row: Row<'_>| Node {
            name: row.key().to_owned(),
            allocatable: published_capacity(&row),
            ..Node::default()
        };
        snapshot.nodes.rows().map(node).collect()
    }

    /// The same candidates, with the pods that were assigned lately, in the place of those given before. Whoever records
    /// [`Assignments`](super::Assignments) does this for each evaluation, or each few: what these are with stays as it is.
    /// Costs next to nothing, and evaluations pay for it only where a policy asks.
    #[must_use]
    pub fn with_assigned(&self, assigned: Assigned) -> Self {
        Self { prepared: Arc::clone(&self.prepared), assigned }
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

    /// The names, to be handed to a guest without copies on this side.
    pub(super) fn shared_names(&self) -> Arc<[String]> {
        Arc::clone(&self.prepared.names)
    }

    pub(super) fn allocatable(&self, resource: &str) -> Arc<[f64]> {
        self.prepared.allocatable.get(resource).map_or_else(|| self.unknown(), Arc::clone)
    }

    pub(super) fn requested(&self, resource: &str) -> Arc<[f64]> {
        self.prepared.requested.get(resource).map_or_else(|| self.unknown(), Arc::clone)
    }

    /// A column of which nothing is known.
    pub(super) fn unknown(&self) -> Arc<[f64]> {
        Arc::clone(self.prepared.unknown.get_or_init(|| vec![f64::NAN; self.len()].into()))
    }

    pub(super) fn label(&self, key: &str) -> Vec<Option<String>> {
        self.prepared.labels.iter().map(|labels| labels.get(key).cloned()).collect()
    }

    /// The pods that were assigned to candidates and that a reading does not show: by candidate, then oldest first.
    pub(super) fn assigned_since(&self, reading: &Reading) -> Vec<AssignedHere> {
        let mut pods = Vec::new();
        for (pod, age) in self.assigned.since(reading) {
            let age_seconds = age.as_secs_f64();
            let here = |candidate: &u32| AssignedHere { candidate: *candidate, pod: Arc::clone(pod), age_seconds };
            pods.extend(self.prepared.named(&pod.node).iter().map(here));
        }
        // Stable, so that the pods of one candidate keep the order of time.
        pods.sort_by_key(|assigned| assigned.candidate);
        pods
    }

    /// The row of each candidate in a table of nodes.
    pub(super) fn positions(&self, table: &Table) -> Arc<[Option<u32>]> {
        let mut matched = self.prepared.matched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = matched.as_ref().filter(|known| Arc::ptr_eq(&known.keys, table.keys())) {
            return Arc::clone(&known.positions);
        }
        let positions: Arc<[_]> = table.positions(self.prepared.names.iter().map(String::as_str)).into();
        *matched = Some(Matched { keys: Arc::clone(table.keys()), positions: Arc::clone(&positions) });
        positions
    }

    /// A metric of each candidate in a snapshot, where they stand at these positions.
    pub(super) fn column(
        &self,
        selector: Selector<'static>,
        snapshot: &Arc<Snapshot>,
        positions: &[Option<u32>],
    ) -> Arc<[f64]> {
        if selector.text_bytes() > MAX_TEXTS {
            return snapshot.nodes.gather(&selector, positions);
        }
        let read = || self.prepared.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read().column(snapshot, &selector) {
            return known;
        }
        // Not under the lock, where other evaluations would wait for it.
        let column = snapshot.nodes.gather(&selector, positions);
        read().remember(snapshot, selector, Arc::clone(&column));
        column
    }
}

impl Prepared {
    /// The candidates of a name: one, unless the caller has named several alike, or none.
    fn named(&self, name: &str) -> &[u32] {
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name: HashMap<String, Vec<u32>> = HashMap::new();
            for (name, candidate) in self.names.iter().zip(0..) {
                by_name.entry(name.clone()).or_default().push(candidate);
            }
            by_name
        });
        by_name.get(name).map_or(&[], Vec::as_slice)
    }
}

impl Read {
    fn column(&mut self, snapshot: &Arc<Snapshot>, selector: &Selector<'_>) -> Option<Arc<[f64]>> {
        if !self.is_of(snapshot) {
            return None;
        }
        let place = self.columns.iter().position(|(known, _)| known == selector)?;
        let used = self.columns.remove(place);
        let column = Arc::clone(&used.1);
        self.columns.push(used);
        Some(column)
    }

    fn remember(&mut self, snapshot: &Arc<Snapshot>, selector: Selector<'static>, column: Arc<[f64]>) {
        if !self.is_of(snapshot) {
            *self = Self { snapshot: Arc::downgrade(snapshot), columns: Vec::new() };
        }
        // Another evaluation may have been faster.
        self.columns.retain(|(known, _)| *known != selector);
        if self.columns.len() >= MAX_COLUMNS {
            self.columns.remove(0);
        }
        self.columns.push((selector, column));
    }

    /// Two snapshots that are alive never have one address.
    fn is_of(&self, snapshot: &Arc<Snapshot>) -> bool {
        self.snapshot.as_ptr() == Arc::as_ptr(snapshot)
    }
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
