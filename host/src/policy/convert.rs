//! Between the host's values and those of the contract: the only place where both meet.

use super::embed::bindings::{collector, scheduling, types};
use crate::scheduling::{CPU, Container, MEMORY, Pod, Resources};
use crate::snapshot::{Check, Metric, MetricType, Operator, Row, Selector, State, Unavailable, Validity, Window};

pub(super) fn metrics(row: &Row<'_>) -> Vec<types::Metric> {
    row.metrics().map(|metric| self::metric(&metric)).collect()
}

fn metric(metric: &Metric<'_>) -> types::Metric {
    types::Metric {
        name: metric.name.to_owned(),
        type_: match metric.metric_type {
            MetricType::Cpu => types::MetricType::Cpu,
            MetricType::Memory => types::MetricType::Memory,
            MetricType::Network => types::MetricType::Network,
            MetricType::Disk => types::MetricType::Disk,
            MetricType::Pods => types::MetricType::Pods,
            MetricType::EphemeralStorage => types::MetricType::EphemeralStorage,
            MetricType::Other(published) => types::MetricType::Other(published.to_string()),
        },
        operator: match metric.operator {
            Operator::Average => types::Operator::Average,
            Operator::StandardDeviation => types::Operator::StandardDeviation,
            Operator::Latest => types::Operator::Latest,
            Operator::Capacity => types::Operator::Capacity,
            Operator::Unknown => types::Operator::Unknown,
            Operator::Other(published) => types::Operator::Other(published.to_string()),
        },
        rollup: metric.rollup.to_owned(),
        unit: metric.unit.to_owned(),
        value: metric.value,
    }
}

pub(super) fn selector(selector: types::Selector) -> Selector<'static> {
    Selector {
        metric_type: match selector.type_ {
            types::MetricType::Cpu => MetricType::Cpu,
            types::MetricType::Memory => MetricType::Memory,
            types::MetricType::Network => MetricType::Network,
            types::MetricType::Disk => MetricType::Disk,
            types::MetricType::Pods => MetricType::Pods,
            types::MetricType::EphemeralStorage => MetricType::EphemeralStorage,
            types::MetricType::Other(published) => MetricType::Other(published.into()),
        },
        operator: match selector.operator {
            types::Operator::Average => Operator::Average,
            types::Operator::StandardDeviation => Operator::StandardDeviation,
            types::Operator::Latest => Operator::Latest,
            types::Operator::Capacity => Operator::Capacity,
            types::Operator::Unknown => Operator::Unknown,
            types::Operator::Other(published) => Operator::Other(published.into()),
        },
        rollup: selector.rollup.map(Into::into),
        name: selector.name.map(Into::into),
    }
}

pub(super) fn window(window: &Window) -> types::Window {
    types::Window { duration: window.duration.clone(), start: window.start, end: window.end }
}

pub(super) fn unavailable(unavailable: Unavailable) -> collector::Unavailable {
    match unavailable {
        Unavailable::NoData => collector::Unavailable::NoData,
        Unavailable::NotFound(key) => collector::Unavailable::NotFound(key),
    }
}

pub(super) fn validity(validity: Validity) -> collector::Validity {
    collector::Validity {
        valid: validity.is_valid(),
        heartbeat: check(validity.heartbeat),
        metrics: check(validity.metrics),
        statistics: check(validity.statistics),
    }
}

fn check(check: Check) -> collector::Check {
    collector::Check {
        state: match check.state {
            State::Fresh => collector::State::Fresh,
            State::Stale => collector::State::Stale,
            State::Missing => collector::State::Missing,
            State::Disabled => collector::State::Disabled,
        },
        age_seconds: check.age.map(|age| age.as_secs_f64()),
        reason: check.reason,
    }
}

impl From<&Pod> for scheduling::Pod {
    fn from(pod: &Pod) -> Self {
        Self {
            name: pod.name.clone(),
            namespace: pod.namespace.clone(),
            labels: pod.labels.clone().into_iter().collect(),
            annotations: pod.annotations.clone().into_iter().collect(),
            requests: resources(&pod.requests),
            limits: resources(&pod.limits),
            containers: containers(&pod.containers),
            overhead: resources(&pod.overhead),
            priority: pod.priority,
        }
    }
}

/// An amount in the contract, where what is not stated is 0.
#[expect(clippy::cast_precision_loss, reason = "amounts are exact up to 2^53, which is 8 PiB")]
pub(super) fn amount(resources: &Resources, name: &str) -> f64 {
    resources.get(name).unwrap_or(0) as f64
}

fn containers(containers: &[Container]) -> Vec<scheduling::Container> {
    let stated = |container: &Container| scheduling::Container {
        name: container.name.clone(),
        requests: resources(&container.requests),
        limits: resources(&container.limits),
    };
    containers.iter().map(stated).collect()
}

#[expect(clippy::cast_precision_loss, reason = "amounts are exact up to 2^53, which is 8 PiB")]
fn resources(resources: &Resources) -> scheduling::Resources {
    scheduling::Resources {
        cpu: amount(resources, CPU),
        memory: amount(resources, MEMORY),
        other: resources
            .iter()
            .filter(|(name, _)| ![CPU, MEMORY].contains(name))
            .map(|(name, amount)| (name.to_owned(), amount as f64))
            .collect(),
    }
}
