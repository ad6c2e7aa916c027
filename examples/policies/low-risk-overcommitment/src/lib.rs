//! The policy `low-risk-overcommitment`: prefers nodes where pods can use their limits without getting in each other's way.
#![forbid(unsafe_code)]

mod beta;
mod formula;
mod settings;

use scorelet_guest::{Assigned, Candidates, MetricType, Pod, Policy, Refusal, Selector, log, measured, resource};

pub use beta::Beta;
pub use formula::{Commitment, Load, limit_risk, load_risk, node_score, risk};
pub use settings::{LimitWeights, Settings};

/// Places pods where overcommitment is least likely to hurt.
pub struct LowRiskOvercommitment {
    settings: Settings,
}

impl Policy for LowRiskOvercommitment {
    type Settings = Settings;

    fn new(settings: Settings) -> Result<Self, Refusal> {
        Ok(Self { settings: settings.validate()? })
    }

    fn score(&self, pod: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal> {
        let stated = [pod.requests.cpu, pod.requests.memory, pod.limits.cpu, pod.limits.memory];
        if stated.iter().all(|amount| *amount <= 0.0) {
            log::info!("the pod states neither requests nor limits of cpu and memory: every node scores 0");
            return Ok(vec![0.0; candidates.len()]);
        }
        let assigned = candidates.assigned();
        let weights = self.settings.limit_weights;
        let cpu = self.risks(&CPU, weights.cpu, pod, &assigned, candidates);
        let memory = self.risks(&MEMORY, weights.memory, pod, &assigned, candidates);
        report_unknown_limits(candidates);
        let mut unmeasured = Vec::new();
        let scores = cpu.into_iter().zip(memory).enumerate().map(|(index, (cpu, memory))| {
            if [cpu, memory].iter().flatten().any(|risk| risk.is_measured) {
                node_score(cpu.map(|risk| risk.amount), memory.map(|risk| risk.amount))
            } else {
                unmeasured.push(index);
                0.0
            }
        });
        let scores: Vec<f64> = scores.collect();
        report_unmeasured(&unmeasured, candidates);
        Ok(scores)
    }
}

scorelet_guest::export!(LowRiskOvercommitment);

/// A resource, by its names in the three vocabularies that it occurs in.
struct Resource {
    metric_type: MetricType,
    /// Of what nodes offer and pods request.
    name: &'static str,
    /// Of the sum of the limits on a node, as Kubernetes calls it in quotas.
    limits: &'static str,
}

static CPU: Resource = Resource { metric_type: MetricType::Cpu, name: resource::CPU, limits: "limits.cpu" };
static MEMORY: Resource = Resource { metric_type: MetricType::Memory, name: resource::MEMORY, limits: "limits.memory" };

/// The risk of one resource of one node.
#[derive(Clone, Copy)]
struct Risk {
    amount: f64,
    /// Whether the load is known.
    is_measured: bool,
}

impl LowRiskOvercommitment {
    /// The risk of a resource of each candidate; `None` where the node does not state what it offers.
    fn risks(
        &self,
        resource: &Resource,
        weight: f64,
        pod: &Pod,
        assigned: &Assigned<'_>,
        candidates: &Candidates<'_>,
    ) -> Vec<Option<Risk>> {
        let averages = candidates.column(&Selector::average(resource.metric_type.clone()));
        let latest = candidates.column(&Selector::latest(resource.metric_type.clone()));
        let deviations = candidates.column(&Selector::standard_deviation(resource.metric_type.clone()));
        let loads = averages.into_iter().zip(latest).zip(deviations).map(|((average, latest), deviation)| {
            // A load monitor that publishes no average has its last sample; one without deviation leaves the average.
            let average = measured(average).or(measured(latest))?;
            Some(Load { average, deviation: measured(deviation).unwrap_or(0.0) })
        });
        let commitments = commitments(resource, pod, assigned, candidates);
        let risks = commitments.into_iter().zip(loads).map(|(commitment, load)| {
            let amount = risk(&commitment?, load.as_ref(), self.settings.smoothing_window, weight);
            Some(Risk { amount, is_measured: load.is_some() })
        });
        risks.collect()
    }
}

/// What is promised of a resource of each candidate; `None` where the node does not state what it offers.
fn commitments(
    resource: &Resource,
    pod: &Pod,
    assigned: &Assigned<'_>,
    candidates: &Candidates<'_>,
) -> Vec<Option<Commitment>> {
    let requests: Vec<f64> = assigned.requests(resource.name).into_iter().map(|request| request.max(0.0)).collect();
    let limits = assigned.limits(resource.name);
    let beyond = limits.iter().zip(&requests).map(|(limit, request)| (limit - request).max(0.0));
    let recent = assigned.sums(requests.iter().copied()).into_iter().zip(assigned.sums(beyond));
    let capacities = candidates.allocatable(resource.name).into_iter();
    let columns = capacities.zip(candidates.requested(resource.name)).zip(candidates.requested(resource.limits));
    let commitments = columns.zip(recent).map(|(((capacity, requested), limits), (requests, beyond))| {
        // Where the host does not know, the pods that were just assigned are all that is known.
        let requested = measured(requested).unwrap_or(requests);
        let knows_limits = measured(limits).is_some();
        let limits = measured(limits).unwrap_or(requested + beyond);
        let (pod_request, pod_limit) = (pod.requests.amount(resource.name), pod.limits.amount(resource.name));
        Some(Commitment { capacity: measured(capacity)?, requested, limits, knows_limits, pod_request, pod_limit })
    });
    commitments.collect()
}

/// Says in the log when the host does not know what pods may use at most.
fn report_unknown_limits(candidates: &Candidates<'_>) {
    let unknown = |resource: &Resource| candidates.requested(resource.limits).iter().all(|limits| limits.is_nan());
    if !candidates.is_empty() && unknown(&CPU) && unknown(&MEMORY) {
        log::info!(
            "the host knows no limits of the pods on the nodes (`{}`, `{}`): taking their requests",
            CPU.limits,
            MEMORY.limits
        );
    }
}

/// Says in the log of how many nodes no load is known.
fn report_unmeasured(unmeasured: &[usize], candidates: &Candidates<'_>) {
    if let Some(first) = unmeasured.first() {
        let names = candidates.names();
        let name = names.get(*first).map_or("", String::as_str);
        log::warn!("{} of {} nodes not measured, first `{name}`: they score 0", unmeasured.len(), names.len());
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests;
