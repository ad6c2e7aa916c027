//! The host's answers, through the imports of the component.

use std::borrow::Cow;
use std::panic;

use log::Level;

use crate::bindings::scorelet::policy::{collector, logging, types};
use crate::collector::{LabelStatistics, NodeMetrics, Unavailable, Validity, Window};
use crate::{AssignedContainer, AssignedPod, Metric, MetricType, Metrics, Operator, Selector};

pub use crate::bindings::scorelet::policy::scheduling::Candidates as CandidatesHandle;

pub(crate) struct Candidates<'a>(&'a CandidatesHandle);

impl<'a> Candidates<'a> {
    pub(crate) fn new(handle: &'a CandidatesHandle) -> Self {
        Self(handle)
    }

    pub(crate) fn len(&self) -> usize {
        // A `usize` has 32 bits here.
        self.0.len() as usize
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.0.names()
    }

    pub(crate) fn column(&self, selector: &Selector) -> Vec<f64> {
        self.0.column(&selector.into())
    }

    pub(crate) fn allocatable(&self, resource: &str) -> Vec<f64> {
        self.0.allocatable(resource)
    }

    pub(crate) fn requested(&self, resource: &str) -> Vec<f64> {
        self.0.requested(resource)
    }

    pub(crate) fn label(&self, key: &str) -> Vec<Option<String>> {
        self.0.label(key)
    }

    pub(crate) fn assigned(&self) -> Vec<AssignedPod> {
        self.0.assigned()
    }

    pub(crate) fn assigned_requests(&self, resource: &str) -> Vec<f64> {
        self.0.assigned_requests(resource)
    }

    pub(crate) fn assigned_limits(&self, resource: &str) -> Vec<f64> {
        self.0.assigned_limits(resource)
    }

    pub(crate) fn assigned_overhead(&self, resource: &str) -> Vec<f64> {
        self.0.assigned_overhead(resource)
    }

    pub(crate) fn assigned_label(&self, key: &str) -> Vec<Option<String>> {
        self.0.assigned_label(key)
    }

    pub(crate) fn assigned_containers(&self, resource: &str) -> Vec<AssignedContainer> {
        self.0.assigned_containers(resource)
    }
}

pub(crate) struct MetricTable(collector::MetricTable);

impl MetricTable {
    pub(crate) fn window(&self) -> Window {
        self.0.window()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len() as usize
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.0.keys()
    }

    pub(crate) fn row(&self, key: &str) -> Option<Metrics> {
        self.0.row(key).map(metrics)
    }

    pub(crate) fn column(&self, selector: &Selector) -> Vec<f64> {
        self.0.column(&selector.into())
    }
}

pub(crate) fn node_metrics(node: &str) -> Result<NodeMetrics, Unavailable> {
    let answer = collector::get_node_metrics(node)?;
    Ok(NodeMetrics { node: answer.node, metrics: metrics(answer.metrics), window: answer.window })
}

pub(crate) fn statistics_of_label(label: &str) -> Result<LabelStatistics, Unavailable> {
    let answer = collector::get_statistics_of_label(label)?;
    Ok(LabelStatistics {
        label: answer.label,
        is_fallback: answer.is_fallback,
        metrics: metrics(answer.metrics),
        age_seconds: answer.age_seconds,
    })
}

pub(crate) fn node_all_metrics() -> Result<MetricTable, Unavailable> {
    Ok(MetricTable(collector::get_node_all_metrics()?))
}

pub(crate) fn all_statistics() -> Result<MetricTable, Unavailable> {
    Ok(MetricTable(collector::get_all_statistics()?))
}

pub(crate) fn valid() -> Validity {
    collector::valid()
}

pub(crate) fn log(level: Level, message: &str) {
    let level = match level {
        Level::Error => logging::Level::Error,
        Level::Warn => logging::Level::Warn,
        Level::Info => logging::Level::Info,
        Level::Debug => logging::Level::Debug,
        Level::Trace => logging::Level::Trace,
    };
    logging::log(level, message);
}

/// Lets the host know why the trap that follows a panic happens.
///
/// Past the `log` facade, so that no level can silence it.
pub(crate) fn report_panics() {
    panic::set_hook(Box::new(|info| {
        let message = info.payload_as_str().unwrap_or("a value that is no text");
        let text = match info.location() {
            Some(location) => format!("panicked at {location}: {message}"),
            None => format!("panicked: {message}"),
        };
        logging::log(logging::Level::Error, &text);
    }));
}

fn metrics(published: Vec<types::Metric>) -> Metrics {
    published.into_iter().map(Metric::from).collect()
}

impl From<types::Metric> for Metric {
    fn from(metric: types::Metric) -> Self {
        Self {
            name: metric.name,
            metric_type: match metric.type_ {
                types::MetricType::Cpu => MetricType::Cpu,
                types::MetricType::Memory => MetricType::Memory,
                types::MetricType::Network => MetricType::Network,
                types::MetricType::Disk => MetricType::Disk,
                types::MetricType::Pods => MetricType::Pods,
                types::MetricType::EphemeralStorage => MetricType::EphemeralStorage,
                types::MetricType::Other(name) => MetricType::Other(Cow::Owned(name)),
            },
            operator: match metric.operator {
                types::Operator::Average => Operator::Average,
                types::Operator::StandardDeviation => Operator::StandardDeviation,
                types::Operator::Latest => Operator::Latest,
                types::Operator::Capacity => Operator::Capacity,
                types::Operator::Unknown => Operator::Unknown,
                types::Operator::Other(name) => Operator::Other(Cow::Owned(name)),
            },
            rollup: metric.rollup,
            unit: metric.unit,
            value: metric.value,
        }
    }
}

impl From<&Selector> for types::Selector {
    fn from(selector: &Selector) -> Self {
        Self {
            type_: match &selector.metric_type {
                MetricType::Cpu => types::MetricType::Cpu,
                MetricType::Memory => types::MetricType::Memory,
                MetricType::Network => types::MetricType::Network,
                MetricType::Disk => types::MetricType::Disk,
                MetricType::Pods => types::MetricType::Pods,
                MetricType::EphemeralStorage => types::MetricType::EphemeralStorage,
                MetricType::Other(name) => types::MetricType::Other(name.to_string()),
            },
            operator: match &selector.operator {
                Operator::Average => types::Operator::Average,
                Operator::StandardDeviation => types::Operator::StandardDeviation,
                Operator::Latest => types::Operator::Latest,
                Operator::Capacity => types::Operator::Capacity,
                Operator::Unknown => types::Operator::Unknown,
                Operator::Other(name) => types::Operator::Other(name.to_string()),
            },
            rollup: selector.rollup.as_ref().map(ToString::to_string),
            name: selector.name.as_ref().map(ToString::to_string),
        }
    }
}

impl From<collector::Unavailable> for Unavailable {
    fn from(unavailable: collector::Unavailable) -> Self {
        match unavailable {
            collector::Unavailable::NoData => Self::NoData,
            collector::Unavailable::NotFound(name) => Self::NotFound(name),
        }
    }
}
