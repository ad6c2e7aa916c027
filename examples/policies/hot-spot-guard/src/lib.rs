//! The policy `hot-spot-guard`: no more pods for nodes that are hot, and the freest of the others first.
#![forbid(unsafe_code)]

mod formula;
mod settings;

use scorelet_guest::{
    Assigned, Candidates, MetricType, Pod, Policy, Refusal, Selector, collector, log, measured, resource,
};

pub use formula::{Usage, node_score, per_cent};
pub use settings::{Expired, Settings, ThresholdLabels, Thresholds, Weights, is_threshold};

/// So many hot nodes are named in the log, which the host bounds; the others are counted.
const NAMED: usize = 20;

/// Keeps pods away from hot nodes.
pub struct HotSpotGuard {
    settings: Settings,
}

impl Policy for HotSpotGuard {
    type Settings = Settings;

    fn new(settings: Settings) -> Result<Self, Refusal> {
        Ok(Self { settings: settings.validate()? })
    }

    fn score(&self, pod: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal> {
        let Settings { thresholds, threshold_labels, weights, expired, max_age_seconds } = &self.settings;
        let question = Question { pod, assigned: candidates.assigned(), candidates };
        let too_old = collector::valid().metrics.age_seconds.filter(|age| age > max_age_seconds);
        let (cpu, memory) = match (too_old, expired) {
            (Some(age), Expired::Reject) => {
                let words = "nobody knows which nodes are hot";
                return Err(format!("the metrics are {age:.0} s old, more than {max_age_seconds} s: {words}").into());
            }
            (Some(age), Expired::Ignore) => {
                log::warn!("the metrics are {age:.0} s old, more than {max_age_seconds} s: scoring by requests");
                (question.requested(&CPU), question.requested(&MEMORY))
            }
            (None, _) => {
                let cpu = question.thresholds(thresholds.cpu, &threshold_labels.cpu);
                let memory = question.thresholds(thresholds.memory, &threshold_labels.memory);
                (question.measured(&CPU, cpu), question.measured(&MEMORY, memory))
            }
        };
        report_hot(&cpu, &memory, candidates);
        let scores: Vec<Option<f64>> =
            cpu.into_iter().zip(memory).map(|(cpu, memory)| node_score(cpu, memory, weights)).collect();
        report_unknown(&scores, candidates);
        Ok(scores.into_iter().map(|score| score.unwrap_or(0.0)).collect())
    }
}

scorelet_guest::export!(HotSpotGuard);

/// A resource, by its names in the two vocabularies that it occurs in.
struct Resource {
    metric_type: MetricType,
    name: &'static str,
}

static CPU: Resource = Resource { metric_type: MetricType::Cpu, name: resource::CPU };
static MEMORY: Resource = Resource { metric_type: MetricType::Memory, name: resource::MEMORY };

/// What an evaluation is about.
struct Question<'a> {
    pod: &'a Pod,
    assigned: Assigned<'a>,
    candidates: &'a Candidates<'a>,
}

impl Question<'_> {
    /// The usage of a resource of each candidate as it was measured; `None` where it was not.
    fn measured(&self, resource: &Resource, thresholds: Vec<f64>) -> Vec<Option<Usage>> {
        let averages = self.candidates.column(&Selector::average(resource.metric_type.clone()));
        let latest = self.candidates.column(&Selector::latest(resource.metric_type.clone()));
        let loads = averages.into_iter().zip(latest);
        let capacities = self.candidates.allocatable(resource.name).into_iter().zip(self.recent(resource));
        let request = self.pod.requests.amount(resource.name);
        let usages =
            loads.zip(capacities).zip(thresholds).map(|(((average, latest), (capacity, recent)), threshold)| {
                // A load monitor that publishes no average has its last sample.
                let load = measured(average).or(measured(latest))?;
                // Without knowing what a node offers, nobody can say which part of it an amount is.
                let share = |amount| measured(capacity).map_or(0.0, |capacity| per_cent(amount, capacity));
                let used = load + share(recent);
                Some(Usage { used, planned: used + share(request), threshold })
            });
        usages.collect()
    }

    /// The usage of a resource of each candidate as if everything were used that is requested, and nothing were hot;
    /// `None` where the node does not state what it offers.
    fn requested(&self, resource: &Resource) -> Vec<Option<Usage>> {
        let request = self.pod.requests.amount(resource.name);
        let capacities = self.candidates.allocatable(resource.name).into_iter();
        let columns = capacities.zip(self.candidates.requested(resource.name)).zip(self.recent(resource));
        let usages = columns.map(|((capacity, requested), recent)| {
            // Where the host does not know what is requested, the pods that were just assigned are all that is known.
            let requested = measured(requested).unwrap_or(recent);
            let planned = per_cent(requested + request, measured(capacity)?);
            Some(Usage { used: 0.0, planned, threshold: f64::INFINITY })
        });
        usages.collect()
    }

    /// What the pods request that were assigned to each candidate since the metrics were measured.
    fn recent(&self, resource: &Resource) -> Vec<f64> {
        let requests = self.assigned.requests(resource.name);
        self.assigned.sums(requests.into_iter().map(|request| request.max(0.0)))
    }

    /// The threshold of each candidate: the value of its label, or the one of the settings.
    fn thresholds(&self, usual: f64, label: &str) -> Vec<f64> {
        if label.is_empty() {
            return vec![usual; self.candidates.len()];
        }
        let mut misread = None;
        let values = self.candidates.label(label).into_iter().map(|value| {
            let Some(value) = value else {
                return usual;
            };
            let threshold = value.parse::<f64>().ok().filter(|threshold| is_threshold(*threshold));
            threshold.unwrap_or_else(|| {
                misread.get_or_insert(value);
                usual
            })
        });
        let thresholds = values.collect();
        if let Some(value) = misread {
            log::warn!("the node label `{label}` has the value `{value}`, which is no threshold: taking {usual}");
        }
        thresholds
    }
}

/// Says in the log which nodes are hot, and why.
fn report_hot(cpu: &[Option<Usage>], memory: &[Option<Usage>], candidates: &Candidates<'_>) {
    let usages = cpu.iter().zip(memory).enumerate();
    let hot: Vec<(usize, &str, Usage)> = usages
        .filter_map(|(index, (cpu, memory))| {
            let (what, usage) = [("cpu", cpu), ("memory", memory)]
                .into_iter()
                .find_map(|(what, usage)| Some((what, usage.filter(Usage::is_hot)?)))?;
            Some((index, what, usage))
        })
        .collect();
    if hot.is_empty() {
        return;
    }
    let names = candidates.names();
    for (index, what, Usage { used, threshold, .. }) in hot.iter().take(NAMED) {
        let name = names.get(*index).map_or("", String::as_str);
        log::info!("node `{name}` is hot: {used:.1} % of its {what} are used, its threshold is {threshold} %");
    }
    if let Some(more) = hot.len().checked_sub(NAMED).filter(|more| *more > 0) {
        log::info!("{more} more nodes are hot");
    }
}

/// Says in the log of how many nodes nothing is known.
fn report_unknown(scores: &[Option<f64>], candidates: &Candidates<'_>) {
    let Some(first) = scores.iter().position(Option::is_none) else {
        return;
    };
    let count = scores.iter().filter(|score| score.is_none()).count();
    let names = candidates.names();
    let name = names.get(first).map_or("", String::as_str);
    log::warn!("nothing with a weight is known of {count} of {} nodes, first `{name}`: they score 0", scores.len());
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests;
