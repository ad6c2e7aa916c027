//! What pods are expected to use, and what they request.

use scorelet_guest::{MetricType, Metrics, Pod, Selector, resource};

use crate::Expected;

/// Statistics of memory are in mebibytes, everything else is in bytes.
const MIB: f64 = 1_048_576.0;

/// What kube-scheduler takes a container for that states no request: a tenth of a core, so that a node does not take any
/// number of them.
const DEFAULT_MILLICORES: f64 = 100.0;

/// The same for memory, in bytes: 200 MiB.
const DEFAULT_BYTES: f64 = 200.0 * MIB;

/// What pods are expected to use of a node: millicores and bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PodUsage {
    pub(crate) cpu: Expected,
    pub(crate) memory: Expected,
}

impl PodUsage {
    /// What a pod is expected to use by the statistics of its label value; what it requests, in millicores and bytes, of a
    /// resource that they do not cover.
    pub(crate) fn new(statistics: Option<&Metrics>, cpu: f64, memory: f64) -> Self {
        let expected = |metric_type: MetricType, unit: f64, requested: f64| {
            let find = |selector: &Selector| Some(statistics?.find(selector)? * unit);
            let deviation = find(&Selector::standard_deviation(metric_type.clone())).unwrap_or(0.0);
            Expected { average: find(&Selector::average(metric_type)).unwrap_or(requested), deviation }
        };
        Self { cpu: expected(MetricType::Cpu, 1.0, cpu), memory: expected(MetricType::Memory, MIB, memory) }
    }

    /// The same with another pod.
    pub(crate) fn with(self, pod: Self) -> Self {
        Self { cpu: self.cpu.with(pod.cpu), memory: self.memory.with(pod.memory) }
    }
}

/// What a pod requests, with the default for every container that states nothing.
///
/// At least what kube-scheduler computes for the whole pod, which knows init containers and sidecars too.
pub(crate) fn request_or_default(pod: &Pod, name: &str) -> f64 {
    let default = if name == resource::CPU { DEFAULT_MILLICORES } else { DEFAULT_BYTES };
    let or_default = |request| if request > 0.0 { request } else { default };
    let sum: f64 = pod.containers.iter().map(|container| or_default(container.requests.amount(name))).sum();
    pod.requests.amount(name).max(sum + pod.overhead.amount(name)).max(0.0)
}
