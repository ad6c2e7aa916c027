//! The policy `target-load-packing`: fills nodes up to a target load of their cpu, and spreads beyond it.
#![forbid(unsafe_code)]

mod formula;
mod settings;

use scorelet_guest::{
    Candidates, Container, MetricType, Pod, Policy, Refusal, Resources, Selector, log, measured, resource,
};

pub use formula::{Load, container_prediction, pod_prediction, score};
pub use settings::Settings;

/// Packs pods onto nodes around a target load.
pub struct TargetLoadPacking {
    settings: Settings,
}

impl Policy for TargetLoadPacking {
    type Settings = Settings;

    fn new(settings: Settings) -> Result<Self, Refusal> {
        Ok(Self { settings: settings.validate()? })
    }

    fn score(&self, pod: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal> {
        let incoming = self.predicted(&pod.containers, &pod.requests, &pod.limits, &pod.overhead);
        let mut pods = vec![incoming; candidates.len()];
        // The pods' label does not matter here.
        for recent in candidates.assigned("") {
            if let Ok(index) = usize::try_from(recent.candidate)
                && let Some(sum) = pods.get_mut(index)
            {
                *sum += self.predicted(&recent.containers, &recent.requests, &recent.limits, &recent.overhead);
            }
        }
        let averages = candidates.measurements(&Selector::average(MetricType::Cpu));
        let latest = candidates.column(&Selector::latest(MetricType::Cpu));
        let capacities = candidates.allocatable(resource::CPU);
        let columns = averages.zip(latest).zip(capacities).zip(pods);
        let loads: Vec<Option<Load>> = columns
            .map(|(((average, latest), capacity), pods)| {
                // A load monitor that publishes no average has its last sample.
                let utilisation = average.or(measured(latest))?;
                Some(Load { capacity: measured(capacity)?, utilisation, pods })
            })
            .collect();
        report_unmeasured(&loads, candidates);
        Ok(loads.iter().map(|load| load.map_or(0.0, |load| score(&load, &self.settings))).collect())
    }
}

scorelet_guest::export!(TargetLoadPacking);

impl TargetLoadPacking {
    /// What a pod will use, in millicores.
    fn predicted(
        &self,
        containers: &[Container],
        requests: &Resources,
        limits: &Resources,
        overhead: &Resources,
    ) -> f64 {
        if containers.is_empty() {
            // A host that does not know the containers: the pod as a whole, which has its overhead in it.
            return pod_prediction([(limits.cpu, requests.cpu)], 0.0, &self.settings);
        }
        let stated = containers.iter().map(|container| (container.limits.cpu, container.requests.cpu));
        pod_prediction(stated, overhead.cpu, &self.settings)
    }
}

/// Says in the log of how many nodes nothing is known.
fn report_unmeasured(loads: &[Option<Load>], candidates: &Candidates<'_>) {
    let Some(first) = loads.iter().position(Option::is_none) else {
        return;
    };
    let count = loads.iter().filter(|load| load.is_none()).count();
    let names = candidates.names();
    let name = names.get(first).map_or("", String::as_str);
    log::warn!("{count} of {} nodes not measured, first `{name}`: they score 0", loads.len());
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests;
