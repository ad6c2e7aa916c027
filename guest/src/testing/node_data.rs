//! A node of a cluster in memory.

use std::collections::BTreeMap;

use crate::{Metric, Metrics, Pod, Selector};

/// A node as a test states it. What is not stated is not known: a node without metrics is one that the load monitor does
/// not know.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeData {
    name: String,
    metrics: Metrics,
    allocatable: BTreeMap<String, f64>,
    requested: BTreeMap<String, f64>,
    labels: BTreeMap<String, String>,
    /// Oldest first, with the age in seconds.
    assigned: Vec<(Pod, f64)>,
}

impl NodeData {
    /// A node of which only the name is known.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// States the metric that the selector names. NaN and infinite values are dropped, as the host drops them.
    #[must_use]
    pub fn metric(self, selector: Selector, value: f64) -> Self {
        self.published((selector, value).into())
    }

    /// States a metric as published. NaN and infinite values are dropped, as the host drops them.
    #[must_use]
    pub fn published(mut self, metric: Metric) -> Self {
        self.metrics.extend(Some(metric).filter(|metric| metric.value.is_finite()));
        self
    }

    /// States what the node offers to pods: `cpu` in millicores, `memory` in bytes.
    #[must_use]
    pub fn allocatable(mut self, resource: impl Into<String>, amount: f64) -> Self {
        self.allocatable.insert(resource.into(), amount);
        self
    }

    /// States what the pods on the node have already requested: `cpu` in millicores, `memory` in bytes.
    #[must_use]
    pub fn requested(mut self, resource: impl Into<String>, amount: f64) -> Self {
        self.requested.insert(resource.into(), amount);
        self
    }

    /// States a label.
    #[must_use]
    pub fn label(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.insert(key.into(), value.into());
        self
    }

    /// States a pod that the host put on the node so many seconds ago, since the metrics were measured.
    #[must_use]
    pub fn assigned(mut self, pod: Pod, age_seconds: f64) -> Self {
        let place = self.assigned.partition_point(|(_, age)| *age >= age_seconds);
        self.assigned.insert(place, (pod, age_seconds));
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    pub(crate) fn allocatable_amount(&self, resource: &str) -> Option<f64> {
        self.allocatable.get(resource).copied()
    }

    pub(crate) fn requested_amount(&self, resource: &str) -> Option<f64> {
        self.requested.get(resource).copied()
    }

    pub(crate) fn assigned_pods(&self) -> impl Iterator<Item = (&Pod, f64)> {
        self.assigned.iter().map(|(pod, age_seconds)| (pod, *age_seconds))
    }

    pub(crate) fn label_value(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(String::as_str)
    }
}
