//! The policy `target-load-packing`: fills nodes up to a target load of their cpu, and spreads beyond it.
#![forbid(unsafe_code)]

mod formula;
mod settings;

use scorelet_guest::{
    Assigned, AssignedContainer, Candidates, MetricType, Pod, Policy, Refusal, Selector, log, measured, resource,
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
        let incoming = self.incoming(pod);
        let pods = self.assigned(&candidates.assigned()).into_iter().map(|recent| incoming + recent);
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
    /// What the pod to be placed will use, in millicores.
    fn incoming(&self, pod: &Pod) -> f64 {
        if pod.containers.is_empty() {
            // A host that does not know the containers: the pod as a whole, which has its overhead in it.
            return self.container(pod.limits.cpu, pod.requests.cpu);
        }
        let stated = pod.containers.iter().map(|container| (container.limits.cpu, container.requests.cpu));
        pod_prediction(stated, pod.overhead.cpu, &self.settings)
    }

    /// What the pods will use of each candidate that were assigned to it lately, in millicores.
    fn assigned(&self, assigned: &Assigned<'_>) -> Vec<f64> {
        let mut predicted = vec![None; assigned.len()];
        for AssignedContainer { pod, request, limit } in assigned.containers(resource::CPU) {
            if let Some(sum) = predicted.get_mut(pod as usize) {
                *sum = Some(sum.unwrap_or(0.0) + self.container(limit, request));
            }
        }
        let whole = assigned.limits(resource::CPU).into_iter().zip(assigned.requests(resource::CPU));
        let overhead = assigned.overhead(resource::CPU);
        let pods = predicted.into_iter().zip(whole).zip(overhead).map(|((containers, (limit, request)), overhead)| {
            let containers = containers.map(|sum: f64| sum + overhead.max(0.0));
            containers.unwrap_or_else(|| self.container(limit, request))
        });
        assigned.sums(pods)
    }

    fn container(&self, limit: f64, request: f64) -> f64 {
        container_prediction(limit, request, &self.settings)
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
