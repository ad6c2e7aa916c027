//! Answers for native tests, from a cluster in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::mem;
use std::rc::Rc;

use log::Level;

use crate::collector::{LabelStatistics, NodeMetrics, Unavailable, Validity, Window};
use crate::testing::{Cluster, NodeData};
use crate::{AssignedContainer, AssignedPod, Metrics, Pod, Selector};

pub use crate::testing::Cluster as CandidatesHandle;

/// The label value that answers for those that have no statistics of their own.
const FALLBACK_LABEL: &str = "all";

thread_local! {
    /// The cluster of the evaluation that this thread is in.
    static CLUSTER: RefCell<Option<Rc<Cluster>>> = const { RefCell::new(None) };
    static LOG: RefCell<Vec<(Level, String)>> = const { RefCell::new(Vec::new()) };
}

pub(crate) struct Candidates<'a>(Vec<&'a NodeData>);

impl<'a> Candidates<'a> {
    pub(crate) fn new(cluster: &'a CandidatesHandle) -> Self {
        Self(cluster.candidates().collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.0.iter().map(|node| node.name().to_owned()).collect()
    }

    pub(crate) fn column(&self, selector: &Selector) -> Vec<f64> {
        self.0.iter().map(|node| node.metrics().find(selector).unwrap_or(f64::NAN)).collect()
    }

    pub(crate) fn allocatable(&self, resource: &str) -> Vec<f64> {
        self.0.iter().map(|node| node.allocatable_amount(resource).unwrap_or(f64::NAN)).collect()
    }

    pub(crate) fn requested(&self, resource: &str) -> Vec<f64> {
        self.0.iter().map(|node| node.requested_amount(resource).unwrap_or(f64::NAN)).collect()
    }

    pub(crate) fn label(&self, key: &str) -> Vec<Option<String>> {
        self.0.iter().map(|node| node.label_value(key).map(str::to_owned)).collect()
    }

    pub(crate) fn assigned(&self) -> Vec<AssignedPod> {
        let entry = |(candidate, _, age_seconds)| AssignedPod { candidate, age_seconds };
        self.assigned_pods().map(entry).collect()
    }

    pub(crate) fn assigned_requests(&self, resource: &str) -> Vec<f64> {
        self.assigned_pods().map(|(_, pod, _)| pod.requests.amount(resource)).collect()
    }

    pub(crate) fn assigned_limits(&self, resource: &str) -> Vec<f64> {
        self.assigned_pods().map(|(_, pod, _)| pod.limits.amount(resource)).collect()
    }

    pub(crate) fn assigned_overhead(&self, resource: &str) -> Vec<f64> {
        self.assigned_pods().map(|(_, pod, _)| pod.overhead.amount(resource)).collect()
    }

    pub(crate) fn assigned_label(&self, key: &str) -> Vec<Option<String>> {
        self.assigned_pods().map(|(_, pod, _)| pod.label(key).map(str::to_owned)).collect()
    }

    pub(crate) fn assigned_containers(&self, resource: &str) -> Vec<AssignedContainer> {
        let mut stated = Vec::new();
        for (number, (_, pod, _)) in (0_u32..).zip(self.assigned_pods()) {
            stated.extend(pod.containers.iter().map(|container| AssignedContainer {
                pod: number,
                request: container.requests.amount(resource),
                limit: container.limits.amount(resource),
            }));
        }
        stated
    }

    /// By candidate, and those of one candidate oldest first, with the age in seconds.
    fn assigned_pods(&self) -> impl Iterator<Item = (u32, &Pod, f64)> {
        (0_u32..)
            .zip(&self.0)
            .flat_map(|(candidate, node)| node.assigned_pods().map(move |(pod, age)| (candidate, pod, age)))
    }
}

pub(crate) struct MetricTable {
    window: Window,
    rows: BTreeMap<String, Metrics>,
}

impl MetricTable {
    pub(crate) fn window(&self) -> Window {
        self.window.clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.rows.keys().cloned().collect()
    }

    pub(crate) fn row(&self, key: &str) -> Option<Metrics> {
        self.rows.get(key).cloned()
    }

    pub(crate) fn column(&self, selector: &Selector) -> Vec<f64> {
        self.rows.values().map(|metrics| metrics.find(selector).unwrap_or(f64::NAN)).collect()
    }
}

pub(crate) fn node_metrics(node: &str) -> Result<NodeMetrics, Unavailable> {
    let mut table = node_all_metrics()?;
    let metrics = table.rows.remove(node).ok_or_else(|| Unavailable::NotFound(node.to_owned()))?;
    Ok(NodeMetrics { node: node.to_owned(), metrics, window: table.window })
}

pub(crate) fn statistics_of_label(label: &str) -> Result<LabelStatistics, Unavailable> {
    let cluster = cluster().filter(|cluster| !cluster.is_unobserved()).ok_or(Unavailable::NoData)?;
    let found = [label, FALLBACK_LABEL].into_iter().find_map(|key| Some((key, cluster.label_data(key)?)));
    let (key, data) = found.ok_or_else(|| Unavailable::NotFound(label.to_owned()))?;
    Ok(LabelStatistics {
        label: key.to_owned(),
        is_fallback: key != label,
        metrics: data.metrics.clone(),
        age_seconds: data.age_seconds,
    })
}

pub(crate) fn node_all_metrics() -> Result<MetricTable, Unavailable> {
    let cluster = cluster().ok_or(Unavailable::NoData)?;
    table(&cluster, cluster.observed().map(|node| (node.name().to_owned(), node.metrics().clone())).collect())
}

pub(crate) fn all_statistics() -> Result<MetricTable, Unavailable> {
    let cluster = cluster().ok_or(Unavailable::NoData)?;
    table(&cluster, cluster.labels().map(|(label, data)| (label.to_owned(), data.metrics.clone())).collect())
}

pub(crate) fn valid() -> Validity {
    cluster().as_deref().unwrap_or(&Cluster::new()).current_validity()
}

/// Keeps the line for [`take_log`] and shows it beside the failing test.
#[expect(clippy::print_stderr, reason = "the test harness shows it with the test that fails")]
pub(crate) fn log(level: Level, message: &str) {
    eprintln!("{level}: {message}");
    LOG.with_borrow_mut(|log| log.push((level, message.to_owned())));
}

/// The lines since the last call, in this thread.
pub(crate) fn take_log() -> Vec<(Level, String)> {
    LOG.take()
}

/// Nothing to do: a native panic is reported by the test that it fails.
pub(crate) fn report_panics() {}

/// Lets this thread's queries answer from a cluster while `evaluation` runs.
pub(crate) fn answer_from<T>(cluster: &Cluster, evaluation: impl FnOnce() -> T) -> T {
    /// Puts the outer cluster back, after a panic too.
    struct Restore(Option<Rc<Cluster>>);

    impl Drop for Restore {
        fn drop(&mut self) {
            CLUSTER.set(mem::take(&mut self.0));
        }
    }

    let _restore = Restore(CLUSTER.replace(Some(Rc::new(cluster.clone()))));
    evaluation()
}

fn cluster() -> Option<Rc<Cluster>> {
    CLUSTER.with_borrow(Clone::clone)
}

fn table(cluster: &Cluster, rows: BTreeMap<String, Metrics>) -> Result<MetricTable, Unavailable> {
    if rows.is_empty() { Err(Unavailable::NoData) } else { Ok(MetricTable { window: cluster.measured_in(), rows }) }
}
