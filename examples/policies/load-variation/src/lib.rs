//! The policy `load-variation`: prefers nodes whose load is low and steady.
#![forbid(unsafe_code)]

mod formula;
mod settings;

use scorelet_guest::{Candidates, MetricType, Pod, Policy, Refusal, Selector, measured, resource};

pub use formula::{Usage, node_score, score};
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
        let cpu = usages(candidates, MetricType::Cpu, resource::CPU, pod.requests.cpu);
        let memory = usages(candidates, MetricType::Memory, resource::MEMORY, pod.requests.memory);
        Ok(cpu.zip(memory).map(|(cpu, memory)| node_score(cpu, memory, &self.settings)).collect())
    }
}

scorelet_guest::export!(LoadVariation);

/// The usage of a resource of each candidate; `None` where its average or what the node offers is not known.
fn usages(
    candidates: &Candidates<'_>,
    metric_type: MetricType,
    resource: &str,
    requested: f64,
) -> impl Iterator<Item = Option<Usage>> + use<> {
    let averages = candidates.column(&Selector::average(metric_type.clone()));
    let deviations = candidates.column(&Selector::standard_deviation(metric_type));
    let capacities = candidates.allocatable(resource);
    capacities.into_iter().zip(averages).zip(deviations).map(move |((capacity, average), deviation)| {
        let (capacity, average) = (measured(capacity)?, measured(average)?);
        // A load monitor that publishes no deviation leaves the average to decide.
        let deviation = measured(deviation).unwrap_or(0.0);
        Some(Usage::from_utilisation(capacity, requested, average, deviation))
    })
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests;
