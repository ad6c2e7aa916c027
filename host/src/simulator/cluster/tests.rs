//! What a simulated cluster promises.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;

/// 2025-11-16, 01:23:45 UTC.
const NOW: i64 = 1_763_256_225;

fn cluster(nodes: u32, labels: u32) -> SimulatedCluster {
    SimulatedCluster { nodes, labels, seed: 42, dialect: Dialect::LoadMonitor }
}

fn parse(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

/// Metrics by name, type and operator.
fn metrics(entry: &Value) -> BTreeMap<(String, String, String), f64> {
    let text = |metric: &Value, field: &str| metric[field].as_str().unwrap().to_owned();
    let metrics = entry["metrics"].as_array().unwrap();
    let by_key: BTreeMap<_, _> = metrics
        .iter()
        .map(|metric| {
            let key = (text(metric, "name"), text(metric, "type"), text(metric, "operator"));
            (key, metric["value"].as_f64().unwrap())
        })
        .collect();
    assert_eq!(by_key.len(), metrics.len(), "a metric is there twice");
    by_key
}

fn value(of: &BTreeMap<(String, String, String), f64>, name: &str, kind: &str, operator: &str) -> f64 {
    of[&(name.to_owned(), kind.to_owned(), operator.to_owned())]
}

fn nodes(document: &Value) -> &serde_json::Map<String, Value> {
    document["data"]["NodeMetricsMap"].as_object().unwrap()
}

fn measured(document: &Value) -> Vec<BTreeMap<(String, String, String), f64>> {
    nodes(document).values().map(metrics).filter(|metrics| metrics.len() > 6).collect()
}

#[test]
fn same_seed_and_minute_give_the_same_bytes() {
    let body = cluster(30, 5).body(NOW);
    assert_eq!(body, cluster(30, 5).body(NOW));
    // 45 seconds into the minute; its whole is one refresh.
    assert_eq!(body, cluster(30, 5).body(NOW - 45));
    assert_eq!(body, cluster(30, 5).body(NOW + 14));
    assert_ne!(body, cluster(30, 5).body(NOW + 15), "the next minute");
    assert_ne!(body, SimulatedCluster { seed: 43, ..cluster(30, 5) }.body(NOW), "another seed");
}

#[test]
fn the_bytes_are_pinned() {
    // A change of this digest changes every simulated cluster: it needs a line in the changelog.
    use sha2::{Digest, Sha256};
    let digest: [u8; 32] = Sha256::digest(cluster(30, 5).body(NOW)).into();
    assert_eq!(digest[..8], [0xc0, 0x2f, 0xf0, 0x94, 0xa2, 0x1d, 0xe3, 0xdb], "{digest:02x?}");
}

#[test]
fn a_node_stays_itself_when_the_cluster_grows() {
    let (small, big) = (cluster(12, 5), cluster(2_000, 5));
    assert_eq!(small.host_body(NOW, "worker-0007").unwrap(), big.host_body(NOW, "worker-0007").unwrap());
}

#[test]
fn the_window_ends_at_the_last_minute() {
    let document = parse(&cluster(1, 0).body(NOW));
    assert_eq!(document["timestamp"], NOW - 45);
    assert_eq!(document["window"]["end"], NOW - 45);
    assert_eq!(document["window"]["start"], NOW - 45 - 300);
    assert_eq!(document["window"]["duration"], "5m");
}

#[test]
fn any_time_has_a_body() {
    for now in [i64::MIN, -1, 0, i64::MAX] {
        assert_eq!(nodes(&parse(&cluster(3, 2).body(now))).len(), 3, "at {now}");
    }
}

#[test]
fn has_the_nodes_and_labels_asked_for_in_byte_order() {
    let document = parse(&cluster(150, 40).body(NOW));
    let names: Vec<&String> = nodes(&document).keys().collect();
    assert_eq!(names.len(), 150);
    assert!(cluster(150, 40).node_names().eq(names.iter().map(|name| (*name).clone())));

    let labels = document["statistics"]["StatisticsMap"].as_object().unwrap();
    assert_eq!(labels.len(), 41, "the labels and `all`");
    assert!(labels.contains_key("all"));
    assert!(cluster(150, 40).label_values().all(|label| labels.contains_key(&label)));

    // The maps are written in the order of their keys, which a parser into a sorted map would hide.
    let text = String::from_utf8(cluster(150, 40).body(NOW)).unwrap();
    let places: Vec<usize> = std::iter::once("all".to_owned())
        .chain(cluster(150, 40).label_values())
        .map(|label| text.find(&format!("\"{label}\":{{")).unwrap())
        .collect();
    assert!(places.is_sorted());
}

#[test]
fn an_empty_cluster_is_a_body_too() {
    let document = parse(&cluster(0, 0).body(NOW));
    assert!(nodes(&document).is_empty());
    assert!(document["statistics"]["StatisticsMap"].as_object().unwrap().is_empty());
}

#[test]
fn a_measured_node_has_24_metrics_and_its_labels() {
    let document = parse(&cluster(100, 20).body(NOW));
    let mut with_labels = 0;
    for node in measured(&document) {
        let of_labels = node.keys().filter(|(name, ..)| name == "pod_class_of_node_count").count();
        assert_eq!(node.len() - of_labels, 24);
        assert!(of_labels <= 3);
        with_labels += usize::from(of_labels > 0);
    }
    assert!(with_labels > 30, "{with_labels} nodes run pods of labels");
}

#[test]
fn few_nodes_are_not_measured_and_none_in_a_tiny_cluster() {
    let unmeasured = |count: u32| {
        let document = parse(&cluster(count, 3).body(NOW));
        count as usize - measured(&document).len()
    };
    assert_eq!(unmeasured(9), 0);
    assert_eq!(unmeasured(10), 1);
    assert_eq!(unmeasured(300), 10);
    let document = parse(&cluster(10, 3).body(NOW));
    let bare = nodes(&document).values().map(metrics).find(|node| node.len() == 6).unwrap();
    assert!(bare.keys().all(|(.., operator)| operator == "Capacity"));
}

#[test]
fn utilisation_is_plausible_and_consistent() {
    let mut cpu = Vec::new();
    // A day, in steps that meet every hour at another minute.
    for step in 0..24 {
        let document = parse(&cluster(60, 5).body(NOW + step * 3_660));
        for node in measured(&document) {
            for (name, kind) in [(CPU, "cpu"), (MEMORY, "memory")] {
                let average = value(&node, name, kind, "Avg");
                let deviation = value(&node, name, kind, "Std");
                let latest = value(&node, name, kind, "Latest");
                assert!((0.0..=100.0).contains(&average), "{name} {average}");
                assert!((0.0..=100.0).contains(&latest), "{name} {latest}");
                assert!(deviation >= 0.0);
                // The farthest of five samples with this deviation is two deviations away.
                assert!((latest - average).abs() <= 2.0 * deviation + 1e-9, "{average} ± {deviation}, now {latest}");
            }
            cpu.push(value(&node, CPU, "cpu", "Avg"));
        }
    }
    assert!(cpu.iter().any(|average| *average > 80.0), "no hot node");
    assert!(cpu.iter().any(|average| *average < 5.0), "no idle node");
    assert!(cpu.iter().filter(|average| (10.0..75.0).contains(*average)).count() > cpu.len() / 2);
}

const CPU: &str = "instance:node_cpu:ratio";
const MEMORY: &str = "instance:node_memory_utilisation:ratio";

#[test]
fn measurements_fit_the_capacities() {
    let document = parse(&cluster(100, 20).body(NOW));
    for node in measured(&document) {
        let capacity = |kind| value(&node, "kube_node_status_capacity", kind, "Capacity");
        let unknown = |name| value(&node, name, "", "Unknown");
        assert!(unknown("node_network_receive_bytes_excluding_lo") < capacity("network"));
        assert!(unknown("node_network_transmit_bytes_excluding_lo") < capacity("network"));
        assert!(
            unknown("node_network_receive_drop_bytes_excluding_lo")
                <= unknown("node_network_receive_bytes_excluding_lo")
        );
        assert!((0.0..=1.0).contains(&unknown("node_disk_util_rate")));
        let reads_and_writes = unknown("node_disk_read_util_rate") + unknown("node_disk_write_util_rate");
        assert!((unknown("node_disk_total_util_rate") - reads_and_writes).abs() < 1e-9);
        assert!((unknown("node_cpu_util_rate") * 100.0 - value(&node, CPU, "cpu", "Avg")).abs() < 1e-9);

        let pods = value(&node, "node_running_pod_count", "", "Latest");
        let of_labels: f64 =
            node.iter().filter(|((name, ..), _)| name == "pod_class_of_node_count").map(|(_, pods)| pods).sum();
        assert!(of_labels <= pods && pods <= capacity("pods"), "{of_labels} of {pods} of {}", capacity("pods"));
        assert!(value(&node, "node_thread_count", "", "Latest") >= pods);
    }
}

#[test]
fn statistics_are_absolute_and_all_is_their_pool() {
    let document = parse(&cluster(3, 25).body(NOW));
    let labels = document["statistics"]["StatisticsMap"].as_object().unwrap();
    for (kind, unit) in [("cpu", "m"), ("memory", "MiB")] {
        let averages: Vec<f64> = labels
            .iter()
            .filter(|(label, _)| *label != "all")
            .map(|(_, entry)| value(&metrics(entry), "statistic", kind, "Avg"))
            .collect();
        let all = value(&metrics(&labels["all"]), "statistic", kind, "Avg");
        let least = averages.iter().copied().fold(f64::INFINITY, f64::min);
        let most = averages.iter().copied().fold(0.0, f64::max);
        assert!(least < all && all < most, "{least} {all} {most}");
        for metric in labels.values().flat_map(|entry| entry["metrics"].as_array().unwrap()) {
            if metric["type"] == kind {
                assert_eq!(metric["unit"], unit);
                assert_eq!(metric["rollup"], "15d");
            }
        }
    }
}

#[test]
fn the_load_watcher_knows_utilisation_only() {
    let cluster = SimulatedCluster { dialect: Dialect::LoadWatcher, ..cluster(20, 5) };
    let document = parse(&cluster.body(NOW));
    assert!(document.get("statistics").is_none());
    assert_eq!(cluster.label_values().count(), 0);
    assert_eq!(nodes(&document).len(), 20);
    let mut without_cpu = 0;
    for node in nodes(&document).values() {
        let list = node["metrics"].as_array().unwrap();
        assert!((2..=6).contains(&list.len()));
        without_cpu += usize::from(list.iter().all(|metric| metric["type"] != "CPU"));
        for metric in list {
            assert!(metric.get("unit").is_none());
            assert!(["CPU", "Memory"].contains(&metric["type"].as_str().unwrap()));
            assert!(["AVG", "STD", "Latest"].contains(&metric["operator"].as_str().unwrap()));
            assert_ne!(metric.get("rollup"), Some(&Value::from("")), "an empty rollup is left out");
            assert_eq!(metric.get("rollup").is_none(), metric["operator"] == "Latest");
        }
    }
    assert_eq!(without_cpu, 1);
}

#[test]
fn one_host_is_as_in_the_whole() {
    let cluster = cluster(20, 5);
    let whole = parse(&cluster.body(NOW));
    for name in cluster.node_names() {
        let one = parse(&cluster.host_body(NOW, &name).unwrap());
        assert_eq!(nodes(&one).len(), 1);
        assert_eq!(nodes(&one)[&name], nodes(&whole)[&name]);
        assert_eq!(one["window"], whole["window"]);
        assert!(one["statistics"]["StatisticsMap"].as_object().unwrap().is_empty());
    }
}

#[test]
fn other_spellings_of_a_host_are_unknown() {
    let hosts =
        ["", "worker", "worker-", "worker-1", "worker-00001", "worker-+001", "worker-0000", "worker-0021", "all"];
    for host in hosts {
        assert_eq!(cluster(20, 5).host_body(NOW, host), None, "{host}");
    }
}
