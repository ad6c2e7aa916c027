//! The policy `load-variation`: prefers nodes whose load is low and steady.
#![forbid(unsafe_code)]

mod formula;
mod settings;

use scorelet_guest::{Candidates, MetricType, Pod, Policy, Refusal, Selector, resource};

pub use formula::{Columns, Usage, score, scores};
pub use settings::Settings;

/// Balances average load against the risk that it varies.
pub struct LoadVariation {
    settings: Settings,
}

impl Policy for LoadVariation {
    type Settings = Settings;

    fn new(settings: Settings) -> Result<Self, Refusal> {
        Ok(Self { settings: settings.validate()? })
    }

    fn score(&self, pod: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal> {
        let cpu = Resource::of(candidates, MetricType::Cpu, resource::CPU);
        let memory = Resource::of(candidates, MetricType::Memory, resource::MEMORY);
        Ok(scores(&cpu.columns(pod.requests.cpu), &memory.columns(pod.requests.memory), &self.settings))
    }
}

scorelet_guest::export!(LoadVariation);

/// What is known of one resource of the candidates.
struct Resource {
    capacities: Vec<f64>,
    averages: Vec<f64>,
    deviations: Vec<f64>,
}

impl Resource {
    fn of(candidates: &Candidates<'_>, metric_type: MetricType, name: &str) -> Self {
        Self {
            capacities: candidates.allocatable(name),
            averages: candidates.column(&Selector::average(metric_type.clone())),
            deviations: candidates.column(&Selector::standard_deviation(metric_type)),
        }
    }

    fn columns(&self, requested: f64) -> Columns<'_> {
        let Self { capacities, averages, deviations } = self;
        Columns { capacities, requested, averages, deviations }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests;
