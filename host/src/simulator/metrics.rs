//! The metrics of a simulated node or label, in the words of each dialect.

use super::model::{Load, NodeState, Size, Utilisation};
use super::statistics::LabelUse;
use super::wire::{Metric, MetricType, Name};

const CPU_NAME: &str = "instance:node_cpu:ratio";
const MEMORY_NAME: &str = "instance:node_memory_utilisation:ratio";
/// The window of the averages, as the monitor writes it.
pub(super) const WINDOW: &str = "5m";

/// Six capacities, and on a measured node eighteen measurements and the pods of each label.
pub(super) fn load_monitor(state: &NodeState, labels: u32, metrics: &mut Vec<Metric>) {
    capacities(state.size, metrics);
    let Some(load) = &state.load else { return };
    utilisation(CPU_NAME, "cpu", load.cpu, metrics);
    utilisation(MEMORY_NAME, "memory", state.memory, metrics);
    measurements(load, metrics);
    for (label, pods) in load.pods_of_labels.iter().flatten() {
        metrics.push(Metric {
            name: "pod_class_of_node_count",
            kind: MetricType::Label(Name::new(LABEL_PREFIX, *label, labels)),
            operator: "Latest",
            rollup: Some(""),
            value: f64::from(*pods),
            unit: Some("integer"),
        });
    }
}

/// What the values of simulated labels begin with.
pub(super) const LABEL_PREFIX: &str = "course";

/// Processor and memory, in the older words and without units; memory only on a node without load.
pub(super) fn load_watcher(state: &NodeState, metrics: &mut Vec<Metric>) {
    let metric = |name, kind, operator, rollup, value| Metric {
        name,
        kind: MetricType::Named(kind),
        operator,
        rollup,
        value,
        unit: None,
    };
    if let Some(Load { cpu, .. }) = &state.load {
        metrics.extend([
            metric(CPU_NAME, "CPU", "AVG", Some(WINDOW), cpu.average),
            metric(CPU_NAME, "CPU", "STD", Some(WINDOW), cpu.deviation),
            metric(CPU_NAME, "CPU", "Latest", None, cpu.latest),
        ]);
    }
    metrics.extend([
        metric(MEMORY_NAME, "Memory", "AVG", Some(WINDOW), state.memory.average),
        metric(MEMORY_NAME, "Memory", "STD", Some(WINDOW), state.memory.deviation),
    ]);
    if state.load.is_some() {
        metrics.push(metric(MEMORY_NAME, "Memory", "Latest", None, state.memory.latest));
    }
}

/// What is known of the pods of a label.
pub(super) fn label(usage: &LabelUse) -> [Metric; 4] {
    let metric = |kind, operator, value, unit| Metric {
        name: "statistic",
        kind: MetricType::Named(kind),
        operator,
        rollup: Some("15d"),
        value,
        unit: Some(unit),
    };
    [
        metric("cpu", "Std", usage.cpu.deviation, "m"),
        metric("cpu", "Avg", usage.cpu.average, "m"),
        metric("memory", "Std", usage.memory.deviation, "MiB"),
        metric("memory", "Avg", usage.memory.average, "MiB"),
    ]
}

fn capacities(size: Size, metrics: &mut Vec<Metric>) {
    let capacity = |kind, value, unit| Metric {
        name: "kube_node_status_capacity",
        kind: MetricType::Named(kind),
        operator: "Capacity",
        rollup: Some("Latest"),
        value,
        unit: Some(unit),
    };
    metrics.extend([
        capacity("cpu", size.cores, "core"),
        capacity("ephemeral_storage", size.storage_bytes, "byte"),
        capacity("hugepages_2mi", 0.0, "byte"),
        capacity("memory", size.memory_bytes, "byte"),
        capacity("pods", size.pods, "integer"),
        // The one capacity that the monitor counts in `bytes`, not in `byte`.
        capacity("network", size.network_bytes, "bytes"),
    ]);
}

fn utilisation(name: &'static str, kind: &'static str, of: Utilisation, metrics: &mut Vec<Metric>) {
    let metric = |operator, value| Metric {
        name,
        kind: MetricType::Named(kind),
        operator,
        rollup: Some(WINDOW),
        value,
        unit: Some("ratio"),
    };
    metrics.extend([metric("Avg", of.average), metric("Std", of.deviation), metric("Latest", of.latest)]);
}

fn measurements(load: &Load, metrics: &mut Vec<Metric>) {
    let metric = |name, operator, rollup, value, unit| Metric {
        name,
        kind: MetricType::Named(""),
        operator,
        rollup: Some(rollup),
        value,
        unit: Some(unit),
    };
    metrics.extend([
        metric("node_disk_total_util_rate", "Unknown", "", load.disk_reads + load.disk_writes, ""),
        metric("node_disk_read_util_rate", "Unknown", "", load.disk_reads, ""),
        metric("node_disk_write_util_rate", "Unknown", "", load.disk_writes, ""),
        metric("node_running_pod_count", "Latest", "", f64::from(load.pods), "integer"),
        metric("node_thread_count", "Latest", "", f64::from(load.threads), "integer"),
        metric("node_disk_saturation", "Unknown", WINDOW, load.disk_queue, ""),
        metric("node_disk_util_rate", "Unknown", WINDOW, load.disk_busy, ""),
        // The same as the utilisation, but as a share instead of in per cent.
        metric("node_cpu_util_rate", "Unknown", WINDOW, load.cpu.average / 100.0, ""),
        metric("node_network_receive_bytes_excluding_lo", "Unknown", WINDOW, load.received, "bytes"),
        metric("node_network_receive_drop_bytes_excluding_lo", "Unknown", WINDOW, load.receive_dropped, "bytes"),
        metric("node_network_transmit_bytes_excluding_lo", "Unknown", WINDOW, load.transmitted, "bytes"),
        metric("node_network_transmit_drop_bytes_excluding_lo", "Unknown", WINDOW, 0.0, "bytes"),
    ]);
}
