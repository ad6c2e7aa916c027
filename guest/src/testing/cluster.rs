//! A cluster in memory: what the host would know in one evaluation.

use std::collections::BTreeMap;

use crate::collector::{Check, State, Validity, Window};
use crate::testing::NodeData;
use crate::{Metric, Metrics};

/// A cluster as a test states it: candidates, what the load monitor publishes of them, and statistics.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    candidates: Vec<NodeData>,
    bystanders: Vec<NodeData>,
    statistics: BTreeMap<String, LabelData>,
    window: Window,
    validity: Option<Validity>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LabelData {
    pub(crate) metrics: Metrics,
    pub(crate) age_seconds: f64,
}

impl Cluster {
    /// A cluster without nodes and statistics, measured over five minutes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            candidates: Vec::new(),
            bystanders: Vec::new(),
            statistics: BTreeMap::new(),
            window: Window { duration: "5m".to_owned(), start: 0, end: 300 },
            validity: None,
        }
    }

    /// Adds a candidate, after those that are there.
    #[must_use]
    pub fn node(mut self, node: NodeData) -> Self {
        self.candidates.push(node);
        self
    }

    /// Adds a node that is no candidate, but known to the queries of [`collector`](crate::collector).
    #[must_use]
    pub fn bystander(mut self, node: NodeData) -> Self {
        self.bystanders.push(node);
        self
    }

    /// States the statistics of a label value, published just now: of [`Metric`]s, or of pairs of a
    /// [`Selector`](crate::Selector) and a value.
    #[must_use]
    pub fn statistics<M: Into<Metric>>(
        mut self,
        label: impl Into<String>,
        metrics: impl IntoIterator<Item = M>,
    ) -> Self {
        let metrics = metrics.into_iter().map(Into::into).filter(|metric: &Metric| metric.value.is_finite());
        self.statistics.entry(label.into()).or_default().metrics.extend(metrics);
        self
    }

    /// States how many seconds ago the load monitor last published a label value.
    #[must_use]
    pub fn statistics_age(mut self, label: impl Into<String>, seconds: f64) -> Self {
        self.statistics.entry(label.into()).or_default().age_seconds = seconds;
        self
    }

    /// States when the metrics were measured.
    #[must_use]
    pub fn window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// States the answer of [`collector::valid`](crate::collector::valid). Unless stated, everything that is there is
    /// fresh.
    #[must_use]
    pub fn validity(mut self, validity: Validity) -> Self {
        self.validity = Some(validity);
        self
    }

    pub(crate) fn candidates(&self) -> impl Iterator<Item = &NodeData> {
        self.candidates.iter()
    }

    /// The nodes that the load monitor knows.
    pub(crate) fn observed(&self) -> impl Iterator<Item = &NodeData> {
        self.candidates.iter().chain(&self.bystanders).filter(|node| !node.metrics().is_empty())
    }

    pub(crate) fn labels(&self) -> impl Iterator<Item = (&str, &LabelData)> {
        self.statistics.iter().map(|(label, data)| (label.as_str(), data))
    }

    pub(crate) fn label_data(&self, label: &str) -> Option<&LabelData> {
        self.statistics.get(label)
    }

    /// True when nothing was collected yet.
    pub(crate) fn is_unobserved(&self) -> bool {
        self.statistics.is_empty() && self.observed().next().is_none()
    }

    pub(crate) fn measured_in(&self) -> Window {
        self.window.clone()
    }

    pub(crate) fn current_validity(&self) -> Validity {
        self.validity.clone().unwrap_or_else(|| {
            let heartbeat = check(true, "heartbeat");
            let metrics = check(self.observed().next().is_some(), "node metrics");
            let statistics = check(!self.statistics.is_empty(), "statistics");
            let valid = [&metrics, &statistics].iter().all(|check| check.state == State::Fresh);
            Validity { valid, heartbeat, metrics, statistics }
        })
    }
}

impl Default for Cluster {
    fn default() -> Self {
        Self::new()
    }
}

fn check(is_there: bool, what: &str) -> Check {
    if is_there {
        Check { state: State::Fresh, age_seconds: Some(0.0), reason: format!("{what}: as stated by the test") }
    } else {
        Check { state: State::Missing, age_seconds: None, reason: format!("{what}: none stated by the test") }
    }
}
