//! The policy `statistics-variation`: as `load-variation`, but a pod counts with what pods of its kind really use.
#![forbid(unsafe_code)]

mod formula;
mod pods;
mod settings;

use std::collections::BTreeMap;

use scorelet_guest::{
    Assigned, Candidates, MetricType, Metrics, Operator, Pod, Policy, Refusal, Selector, collector, log, measured,
    resource,
};

pub use formula::{Demand, Expected, Usage, free_share, least_requested, node_score, score};
use pods::{PodUsage, request_or_default};
pub use settings::Settings;

/// The label value whose statistics are those of all pods together.
const ALL: &str = "all";

/// How saturated the disks of a node are, in per cent.
const DISK: &str = "node_disk_saturation";

/// How much of its network's bandwidth a node uses, in per cent.
const NETWORK: &str = "node_network_total_bytes_percentage_excluding_lo";

/// Balances load against the risk that it varies, by the statistics of the pods' label.
pub struct StatisticsVariation {
    settings: Settings,
}

impl Policy for StatisticsVariation {
    type Settings = Settings;

    fn new(settings: Settings) -> Result<Self, Refusal> {
        Ok(Self { settings: settings.validate()? })
    }

    fn score(&self, pod: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal> {
        let Settings { label: key, max_age_seconds, .. } = &self.settings;
        let Some(label) = pod.label(key) else {
            log::warn!("the pod has no label `{key}`: every node scores 0");
            return Ok(vec![0.0; candidates.len()]);
        };
        let assigned = candidates.assigned();
        if let Some(age) = collector::valid().metrics.age_seconds.filter(|age| age > max_age_seconds) {
            log::warn!("the metrics are {age:.0} s old, more than {max_age_seconds} s: scoring by requests");
            return Ok(by_requests(pod, &assigned, candidates));
        }
        let scores = self.by_load(pod, label, &assigned, candidates);
        let Some(first) = scores.iter().position(Option::is_none) else {
            return Ok(scores.into_iter().flatten().collect());
        };
        let count = scores.iter().filter(|score| score.is_none()).count();
        let names = candidates.names();
        let name = names.get(first).map_or("", String::as_str);
        log::warn!("{count} of {} nodes not measured, first `{name}`: scoring them by requests", scores.len());
        let requests = by_requests(pod, &assigned, candidates);
        Ok(scores.into_iter().zip(requests).map(|(score, other)| score.unwrap_or(other)).collect())
    }
}

scorelet_guest::export!(StatisticsVariation);

impl StatisticsVariation {
    /// The score of each candidate; `None` where neither cpu nor memory was measured.
    fn by_load(
        &self,
        pod: &Pod,
        label: &str,
        assigned: &Assigned<'_>,
        candidates: &Candidates<'_>,
    ) -> Vec<Option<f64>> {
        let (pods, free) = match collector::statistics_of_label(label) {
            Ok(statistics) => {
                if statistics.is_fallback {
                    log::info!("no statistics for the label value `{label}`: taking those of `{}`", statistics.label);
                }
                let incoming = PodUsage::new(Some(&statistics.metrics), pod.requests.cpu, pod.requests.memory);
                (with_assigned(incoming, &self.settings.label, assigned, candidates.len()), free_shares(candidates))
            }
            Err(reason) => {
                log::warn!("no statistics for `{label}` or `{ALL}` ({reason}): scoring as load-variation, by requests");
                let incoming = PodUsage::new(None, pod.requests.cpu, pod.requests.memory);
                (vec![incoming; candidates.len()], vec![None; candidates.len()])
            }
        };
        let cpu = usages(candidates, MetricType::Cpu, resource::CPU, pods.iter().map(|pods| pods.cpu));
        let memory = usages(candidates, MetricType::Memory, resource::MEMORY, pods.iter().map(|pods| pods.memory));
        cpu.zip(memory).zip(free).map(|((cpu, memory), free)| node_score(cpu, memory, free, &self.settings)).collect()
    }
}

/// What the pod to be placed and those assigned since the metrics were measured are expected to use of each candidate.
fn with_assigned(incoming: PodUsage, key: &str, assigned: &Assigned<'_>, candidates: usize) -> Vec<PodUsage> {
    let mut usages = vec![incoming; candidates];
    // Asked for once each: a cluster has a few labels, and may have thousands of pods.
    let mut statistics: BTreeMap<String, Option<Metrics>> = BTreeMap::new();
    let requests = assigned.requests(resource::CPU).into_iter().zip(assigned.requests(resource::MEMORY));
    for ((pod, label), (cpu, memory)) in assigned.pods().iter().zip(assigned.label(key)).zip(requests) {
        let label = label.unwrap_or_else(|| ALL.to_owned());
        let published = |label: &str| collector::statistics_of_label(label).ok().map(|answer| answer.metrics);
        if !statistics.contains_key(&label) {
            statistics.insert(label.clone(), published(&label));
        }
        let metrics = statistics.get(&label).and_then(Option::as_ref);
        if let Some(usage) = usages.get_mut(pod.candidate as usize) {
            *usage = usage.with(PodUsage::new(metrics, cpu, memory));
        }
    }
    usages
}

/// The lower free share of each candidate's disks and network; `None` where neither is published.
fn free_shares(candidates: &Candidates<'_>) -> Vec<Option<f64>> {
    // The load monitor publishes them without a type, and does not say how they were computed.
    let shares = |name: &'static str| {
        let selector = Selector::new(MetricType::other(""), Operator::Unknown).with_name(name);
        candidates.measurements(&selector).map(|used| used.map(free_share))
    };
    let both = shares(DISK).zip(shares(NETWORK));
    both.map(|(disk, network)| [disk, network].into_iter().flatten().reduce(f64::min)).collect()
}

/// The usage of a resource of each candidate; `None` where its average or what the node offers is not known.
fn usages(
    candidates: &Candidates<'_>,
    metric_type: MetricType,
    resource: &str,
    pods: impl Iterator<Item = Expected>,
) -> impl Iterator<Item = Option<Usage>> {
    let averages = candidates.column(&Selector::average(metric_type.clone()));
    let deviations = candidates.column(&Selector::standard_deviation(metric_type));
    let capacities = candidates.allocatable(resource);
    capacities.into_iter().zip(averages).zip(deviations).zip(pods).map(|(((capacity, average), deviation), pods)| {
        let (capacity, average) = (measured(capacity)?, measured(average)?);
        // A load monitor that publishes no deviation leaves the average to decide.
        let deviation = measured(deviation).unwrap_or(0.0);
        Some(Usage::from_utilisation(capacity, average, deviation, pods))
    })
}

/// The score of each candidate by requests alone.
fn by_requests(pod: &Pod, assigned: &Assigned<'_>, candidates: &Candidates<'_>) -> Vec<f64> {
    let cpu = demands(resource::CPU, pod, assigned, candidates);
    let memory = demands(resource::MEMORY, pod, assigned, candidates);
    cpu.into_iter().zip(memory).map(|(cpu, memory)| least_requested(cpu, memory)).collect()
}

/// What is requested of a resource of each candidate with the pod on it; `None` where the node does not state what it
/// offers.
fn demands(name: &str, pod: &Pod, assigned: &Assigned<'_>, candidates: &Candidates<'_>) -> Vec<Option<Demand>> {
    let known = assigned.sums(assigned.requests(name).into_iter().map(|request| request.max(0.0)));
    let request = request_or_default(pod, name);
    let columns = candidates.allocatable(name).into_iter().zip(candidates.requested(name)).zip(known);
    let demand = |((capacity, requested), known)| {
        // Where the host does not know what is requested, the pods that were just assigned are all that is known.
        let requested = measured(requested).unwrap_or(known) + request;
        Some(Demand { capacity: measured(capacity)?, requested })
    };
    columns.map(demand).collect()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests;
