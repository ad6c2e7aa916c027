//! A policy that asks its host everything there is to ask, and logs the answers for a test to compare.
#![forbid(unsafe_code)]

use scorelet_guest::{Candidates, MetricType, NoSettings, Operator, Pod, Policy, Refusal, Selector, collector, log};

/// Asks everything, and scores every candidate with 1.
pub struct Probe;

impl Policy for Probe {
    type Settings = NoSettings;

    fn new(_: NoSettings) -> Result<Self, Refusal> {
        log::set_max_level(log::LevelFilter::Trace);
        log::trace!("configured");
        Ok(Self)
    }

    #[expect(clippy::indexing_slicing, reason = "it is asked to panic")]
    fn score(&self, pod: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal> {
        if pod.name == "panic" {
            let nothing: [u8; 0] = [];
            let place = pod.labels.len();
            log::debug!("about to panic: {}", nothing[place]);
        }
        if pod.name == "refuse" {
            return Err("not this one".into());
        }
        about_the_pod(pod);
        about_candidates(candidates);
        about_the_collector();
        Ok(vec![1.0; candidates.len()])
    }
}

fn about_the_pod(pod: &Pod) {
    log::debug!("pod {}/{} priority {}", pod.namespace, pod.name, pod.priority);
    log::debug!("labels {:?} annotations {:?}", pod.labels, pod.annotations);
    let (requests, limits) = (&pod.requests, &pod.limits);
    log::debug!("requests {} {} {:?}", requests.cpu, requests.memory, requests.other);
    log::debug!("limits {} {} {:?}", limits.cpu, limits.memory, limits.other);
    for container in &pod.containers {
        let (requests, limits) = (&container.requests, &container.limits);
        log::debug!(
            "container {} {} {} {:?} {} {} {:?}",
            container.name,
            requests.cpu,
            requests.memory,
            requests.other,
            limits.cpu,
            limits.memory,
            limits.other
        );
    }
    log::debug!("overhead {} {} {:?}", pod.overhead.cpu, pod.overhead.memory, pod.overhead.other);
}

fn about_candidates(candidates: &Candidates<'_>) {
    log::debug!("candidates {} {:?}", candidates.len(), candidates.names());
    log::debug!("cpu {:?}", candidates.column(&Selector::average(MetricType::Cpu)));
    log::debug!("allocatable {:?}", candidates.allocatable("cpu"));
    log::debug!("requested {:?}", candidates.requested("memory"));
    log::debug!("gpu {:?}", candidates.allocatable("nvidia.com/gpu"));
    log::debug!("zone {:?}", candidates.label("zone"));
    let assigned = candidates.assigned();
    for pod in assigned.pods() {
        log::debug!("assigned to {} age {}", pod.candidate, pod.age_seconds);
    }
    let cpu = (assigned.requests("cpu"), assigned.limits("cpu"), assigned.overhead("cpu"));
    log::debug!("assigned {:?} cpu {cpu:?}", assigned.label("app"));
    for container in assigned.containers("cpu") {
        log::debug!("container of {} cpu {} {}", container.pod, container.request, container.limit);
    }
}

fn about_the_collector() {
    for node in ["a", "nowhere"] {
        match collector::node_metrics(node) {
            Ok(found) => {
                let window = &found.window;
                log::debug!("node {} {} {} {}", found.node, window.duration, window.start, window.end);
                for metric in &found.metrics {
                    log::debug!(
                        "metric {} {:?} {:?} {} {} {}",
                        metric.name,
                        metric.metric_type,
                        metric.operator,
                        metric.rollup,
                        metric.unit,
                        metric.value
                    );
                }
            }
            Err(reason) => log::debug!("node {node}: {reason:?}"),
        }
    }
    for label in ["shop", "nobody"] {
        match collector::statistics_of_label(label) {
            Ok(found) => log::debug!(
                "label {label} answered by {} fallback {} age {} metrics {}",
                found.label,
                found.is_fallback,
                found.age_seconds,
                found.metrics.len()
            ),
            Err(reason) => log::debug!("label {label}: {reason:?}"),
        }
    }
    for (name, table) in [("nodes", collector::node_all_metrics()), ("labels", collector::all_statistics())] {
        match table {
            Ok(table) => {
                let selector = Selector::new(MetricType::Cpu, Operator::Average);
                log::debug!(
                    "{name} {} {:?} until {} row {:?} column {:?}",
                    table.len(),
                    table.keys(),
                    table.window().end,
                    table.row("a").map(|row| row.len()),
                    table.column(&selector)
                );
            }
            Err(reason) => log::debug!("{name}: {reason:?}"),
        }
    }
    let validity = collector::valid();
    log::warn!("valid {}: {}", validity.valid, validity.heartbeat.reason);
    log::error!("metrics {:?} {:?} {}", validity.metrics.state, validity.metrics.age_seconds, validity.metrics.reason);
}

scorelet_guest::export!(Probe);
