//! A cluster that exists only as a formula: what a load monitor would say about it at any time.

use std::ops::Range;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::metrics;
use super::model::{WINDOW_MINUTES, node_state};
use super::source::{Dialect, last_refresh};
use super::statistics::LabelUse;
use super::wire::{Data, Document, Entry, Metric, Name, Statistics, Window};

/// What the names of simulated nodes begin with.
const NODE_PREFIX: &str = "worker";
/// Most metrics that a node can have: 24 and the pods of three labels.
const METRICS_PER_NODE: usize = 27;
/// What a node adds to a body, in bytes: measured 3,110, and some room so that a big body is not copied while it grows.
const BYTES_PER_NODE: usize = 3_200;
/// The same in the load-watcher's dialect: measured 721.
const BYTES_PER_WATCHER_NODE: usize = 750;
/// What a label adds to a body: measured 491.
const BYTES_PER_LABEL: usize = 520;

/// A simulated cluster. The same fields give the same bytes for the same minute, on every machine.
///
/// Nodes come in four usual sizes. Their load follows the time of the day, a shorter wave and some noise; of every ten
/// nodes one is hot and one is idle. In a cluster of ten or more nodes a few are not measured: the monitor knows their
/// capacity but not their load (in the load-watcher's dialect: their memory but not their processor).
///
/// A body takes about 3 kB per node and 0.5 kB per label, and is built in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SimulatedCluster {
    /// How many nodes there are: `worker-0001` and so on.
    pub nodes: u32,
    /// How many label values have statistics: `course-0001` and so on, and `all` for all of them together. With 0 there
    /// is no `all` either, as if the job that makes the statistics had never run.
    pub labels: u32,
    /// Which of many clusters this is.
    pub seed: u64,
    /// How the cluster is described.
    pub dialect: Dialect,
}

impl SimulatedCluster {
    /// The body of `/watcher` at a time in Unix seconds, which is rounded down to the minute.
    #[must_use]
    pub fn body(&self, now_unix: i64) -> Vec<u8> {
        let labels: Vec<LabelUse> = match self.dialect {
            Dialect::LoadMonitor => (0..self.labels).map(|index| LabelUse::of(self.seed, index)).collect(),
            Dialect::LoadWatcher => Vec::new(),
        };
        let nodes = usize::try_from(self.nodes).unwrap_or(usize::MAX).saturating_mul(self.bytes_per_node());
        let size = nodes.saturating_add(labels.len().saturating_mul(BYTES_PER_LABEL));
        self.document(now_unix, 0..self.nodes, &labels, size)
    }

    /// The body of `/watcher?host=NAME`: that node only and no statistics, or `None` when there is no such node.
    #[must_use]
    pub fn host_body(&self, now_unix: i64, host: &str) -> Option<Vec<u8>> {
        let index = self.index_of(host)?;
        Some(self.document(now_unix, index..index.saturating_add(1), &[], self.bytes_per_node()))
    }

    /// The names of all nodes, in byte order.
    pub fn node_names(&self) -> impl Iterator<Item = String> {
        let count = self.nodes;
        (0..count).map(move |index| Name::new(NODE_PREFIX, index, count).to_string())
    }

    /// The label values with statistics, in byte order and without `all`; none in the load-watcher's dialect.
    pub fn label_values(&self) -> impl Iterator<Item = String> {
        let count = if self.dialect == Dialect::LoadMonitor { self.labels } else { 0 };
        (0..count).map(move |index| Name::new(metrics::LABEL_PREFIX, index, count).to_string())
    }

    fn bytes_per_node(&self) -> usize {
        match self.dialect {
            Dialect::LoadMonitor => BYTES_PER_NODE,
            Dialect::LoadWatcher => BYTES_PER_WATCHER_NODE,
        }
    }

    fn index_of(&self, host: &str) -> Option<u32> {
        let number: u32 = host.strip_prefix(NODE_PREFIX)?.strip_prefix('-')?.parse().ok()?;
        let index = number.checked_sub(1).filter(|index| *index < self.nodes)?;
        // `worker-7` and `worker-+007` are numbers of nodes but not their names.
        (Name::new(NODE_PREFIX, index, self.nodes).to_string() == host).then_some(index)
    }

    fn document(&self, now_unix: i64, nodes: Range<u32>, labels: &[LabelUse], size: usize) -> Vec<u8> {
        /// A wrong guess at the size must not ask for more than any machine has.
        const MOST_RESERVED: usize = 1 << 30;
        let end = last_refresh(now_unix);
        let start = end.saturating_sub(i64::from(WINDOW_MINUTES) * 60);
        let minute = end.div_euclid(60);
        let document = Document {
            timestamp: end,
            window: Window { duration: metrics::WINDOW, start, end },
            source: "Prometheus",
            data: Data { nodes: Nodes { cluster: self, minute, range: nodes } },
            statistics: match self.dialect {
                Dialect::LoadMonitor => Some(Statistics { labels: Labels(labels) }),
                Dialect::LoadWatcher => None,
            },
        };
        let mut body = Vec::with_capacity(size.min(MOST_RESERVED));
        match serde_json::to_writer(&mut body, &document) {
            Ok(()) => body,
            // Keys are strings and a vector takes every byte, so this does not happen; a client would see no document.
            Err(_) => Vec::new(),
        }
    }
}

/// The map of nodes, computed while it is written.
struct Nodes<'a> {
    cluster: &'a SimulatedCluster,
    minute: i64,
    range: Range<u32>,
}

impl Serialize for Nodes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let SimulatedCluster { nodes, labels, seed, dialect } = *self.cluster;
        let mut map = serializer.serialize_map(None)?;
        let mut metrics: Vec<Metric> = Vec::with_capacity(METRICS_PER_NODE);
        for index in self.range.clone() {
            let state = node_state(seed, nodes, labels, index, self.minute);
            metrics.clear();
            match dialect {
                Dialect::LoadMonitor => metrics::load_monitor(&state, labels, &mut metrics),
                Dialect::LoadWatcher => metrics::load_watcher(&state, &mut metrics),
            }
            map.serialize_entry(&Name::new(NODE_PREFIX, index, nodes), &Entry::new(&metrics))?;
        }
        map.end()
    }
}

/// The map of labels, with the pooled one first: `all` is before `course` in byte order.
struct Labels<'a>(&'a [LabelUse]);

impl Serialize for Labels<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let count = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        let mut map = serializer.serialize_map(None)?;
        if let Some(all) = LabelUse::pooled(self.0) {
            map.serialize_entry("all", &Entry::new(&metrics::label(&all)))?;
        }
        for (index, usage) in (0..count).zip(self.0) {
            map.serialize_entry(&Name::new(metrics::LABEL_PREFIX, index, count), &Entry::new(&metrics::label(usage)))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests;
