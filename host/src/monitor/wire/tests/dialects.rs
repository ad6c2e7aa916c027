//! Spellings of the two dialects, what counts as load and what does not, and the timestamp in front.

use super::*;
use crate::snapshot::Window;

/// In the form of charstal/load-monitor.
const LOAD_MONITOR: &str = r#"{
  "timestamp": 1670731045,
  "window": {"duration": "5m", "start": 1670730745, "end": 1670731045},
  "source": "Prometheus",
  "data": {"NodeMetricsMap": {
    "k8s-node02": {"metrics": [
      {"name": "kube_node_status_capacity", "type": "cpu", "operator": "Capacity", "rollup": "Latest", "value": 8, "unit": "core"},
      {"name": "kube_node_status_capacity", "type": "hugepages_2mi", "operator": "Capacity", "rollup": "Latest", "value": 0, "unit": "byte"},
      {"name": "kube_node_status_capacity", "type": "ephemeral_storage", "operator": "Capacity", "rollup": "Latest", "value": 18238930944, "unit": "byte"},
      {"name": "instance:node_cpu:ratio", "type": "cpu", "operator": "Avg", "rollup": "5m", "value": 12.34, "unit": "ratio"},
      {"name": "instance:node_cpu:ratio", "type": "cpu", "operator": "Std", "rollup": "5m", "value": 1.5, "unit": "ratio"},
      {"name": "instance:node_memory_utilisation:ratio", "type": "memory", "operator": "Latest", "rollup": "5m", "value": 55, "unit": "ratio"},
      {"name": "node_disk_saturation", "type": "", "operator": "Unknown", "rollup": "5m", "value": 0.25, "unit": ""},
      {"name": "node_network_receive_bytes_excluding_lo", "type": "", "operator": "Unknown", "rollup": "5m", "value": 9000, "unit": "bytes"}
    ], "tags": {}, "metadata": {"dataCenter": ""}},
    "": {"metrics": [
      {"name": "pod_class_of_node_count", "type": "cpu", "operator": "Latest", "rollup": "", "value": 3, "unit": "integer"}
    ], "tags": {}, "metadata": {"dataCenter": ""}}
  }},
  "statistics": {"StatisticsMap": {
    "all": {"metrics": [{"name": "statistic", "type": "cpu", "operator": "Std", "rollup": "15d", "value": 3.05, "unit": "m"}], "tags": {}, "metadata": {"dataCenter": ""}}
  }}
}"#;

/// In the form of paypal/load-watcher.
const LOAD_WATCHER: &str = r#"{
  "timestamp": 1670731045,
  "window": {"duration": "15m", "start": 1670730145, "end": 1670731045},
  "source": "SignalFx",
  "data": {"NodeMetricsMap": {
    "node-1": {"metrics": [
      {"name": "host.cpu.utilization", "type": "CPU", "operator": "AVG", "rollup": "15m", "value": 20},
      {"name": "host.cpu.utilization", "type": "CPU", "operator": "STD", "rollup": "15m", "value": 2},
      {"name": "host.memory.utilization", "type": "Memory", "operator": "Average", "value": 80}
    ], "tags": {}, "metadata": {"dataCenter": "data-center-1"}}
  }}
}"#;

fn selected(answer: &Answer, metric_type: MetricType<'static>, operator: Operator<'static>) -> Vec<f64> {
    answer.nodes.column(&Selector::new(metric_type, operator))
}

#[test]
fn load_monitor_dialect_is_read_whole() {
    let answer = parsed(LOAD_MONITOR);
    assert_eq!((answer.timestamp, answer.source.as_str()), (1_670_731_045, "Prometheus"));
    assert_eq!(answer.window, Window { duration: "5m".to_owned(), start: 1_670_730_745, end: 1_670_731_045 });
    assert_eq!(keys(&answer.nodes), ["k8s-node02"]);
    assert_eq!(selected(&answer, MetricType::Cpu, Operator::Average), [12.34]);
    assert_eq!(selected(&answer, MetricType::Cpu, Operator::StandardDeviation), [1.5]);
    assert_eq!(selected(&answer, MetricType::Memory, Operator::Latest), [55.0]);
    assert_eq!(selected(&answer, MetricType::EphemeralStorage, Operator::Capacity), [18_238_930_944.0]);
    assert_eq!(keys(&answer.statistics), ["all"]);
    let statistics = metrics(&answer.statistics, "all");
    assert_eq!((statistics[0].name, statistics[0].rollup, statistics[0].unit), ("statistic", "15d", "m"));
    assert_eq!(answer.defects, Defects { unnamed_nodes: 1, ..NO_DEFECTS });
}

#[test]
fn load_watcher_dialect_is_read_whole() {
    let answer = parsed(LOAD_WATCHER);
    assert_eq!(answer.source, "SignalFx");
    assert_eq!(selected(&answer, MetricType::Cpu, Operator::Average), [20.0]);
    assert_eq!(selected(&answer, MetricType::Cpu, Operator::StandardDeviation), [2.0]);
    assert_eq!(selected(&answer, MetricType::Memory, Operator::Average), [80.0]);
    let row = metrics(&answer.nodes, "node-1");
    assert_eq!((row[0].rollup, row[0].unit), ("15m", ""));
    assert_eq!((row[2].rollup, row[2].unit), ("", ""));
    assert!(answer.statistics.is_empty());
    assert_eq!(answer.defects, NO_DEFECTS);
}

#[test]
fn spellings_of_types_are_folded() {
    for (published, folded) in [
        ("cpu", MetricType::Cpu),
        ("CPU", MetricType::Cpu),
        ("memory", MetricType::Memory),
        ("Memory", MetricType::Memory),
        ("network", MetricType::Network),
        ("disk", MetricType::Disk),
        ("pods", MetricType::Pods),
        ("ephemeral_storage", MetricType::EphemeralStorage),
        ("ephemeral-storage", MetricType::EphemeralStorage),
    ] {
        let answer =
            parsed(with_metrics(&format!(r#"{{"name":"m","type":"{published}","operator":"Avg","value":1}}"#)));
        assert_eq!(*metrics(&answer.nodes, "n")[0].metric_type, folded, "{published}");
    }
}

#[test]
fn spellings_of_operators_are_folded() {
    for (published, folded) in [
        ("Avg", Operator::Average),
        ("AVG", Operator::Average),
        ("Average", Operator::Average),
        ("Std", Operator::StandardDeviation),
        ("STD", Operator::StandardDeviation),
        ("Latest", Operator::Latest),
        ("Capacity", Operator::Capacity),
        ("Unknown", Operator::Unknown),
    ] {
        let answer =
            parsed(with_metrics(&format!(r#"{{"name":"m","type":"cpu","operator":"{published}","value":1}}"#)));
        assert_eq!(*metrics(&answer.nodes, "n")[0].operator, folded, "{published}");
    }
}

#[test]
fn unknown_types_operators_and_units_are_kept_as_published() {
    let metric = r#"{"name":"kube_node_status_capacity","type":"hugepages_2mi","operator":"P95 ","rollup":"5M","value":1,"unit":"bytes"}"#;
    let answer = parsed(with_metrics(metric));
    let row = metrics(&answer.nodes, "n");
    assert_eq!(*row[0].metric_type, MetricType::Other("hugepages_2mi".into()));
    assert_eq!(*row[0].operator, Operator::Other("P95 ".into()));
    assert_eq!((row[0].rollup, row[0].unit), ("5M", "bytes"));
    let selector = Selector::new(MetricType::Other("hugepages_2mi".into()), Operator::Other("P95 ".into()));
    assert_eq!(answer.nodes.column(&selector), [1.0]);
    let otherwise = Selector::new(MetricType::Other("HUGEPAGES_2MI".into()), Operator::Other("P95 ".into()));
    assert!(answer.nodes.column(&otherwise)[0].is_nan(), "what is not folded is compared byte by byte");
}

#[test]
fn capacity_is_never_load() {
    let capacity = r#"{"name":"kube_node_status_capacity","type":"cpu","operator":"Capacity","rollup":"Latest","value":8,"unit":"core"}"#;
    let answer = parsed(with_metrics(capacity));
    for operator in [Operator::Average, Operator::StandardDeviation, Operator::Latest, Operator::Unknown] {
        assert!(selected(&answer, MetricType::Cpu, operator.clone())[0].is_nan(), "{operator:?}");
    }
    assert_eq!(selected(&answer, MetricType::Cpu, Operator::Capacity), [8.0]);
}

#[test]
fn a_label_named_like_a_resource_is_never_its_load() {
    for label in ["cpu", "CPU", "memory", "network", "disk", "pods", "ephemeral_storage"] {
        for operator in ["Avg", "AVG", "Average", "Std", "Latest", "Capacity", "Unknown", "", "odd"] {
            // The type comes before the name here: the order of the fields must not matter.
            let metric = format!(
                r#"{{"type":"{label}","operator":"{operator}","value":3,"unit":"integer","name":"pod_class_of_node_count"}}"#
            );
            let answer = parsed(with_metrics(&metric));
            let published = Operator::parse(operator);
            for load in [
                MetricType::Cpu,
                MetricType::Memory,
                MetricType::Network,
                MetricType::Disk,
                MetricType::Pods,
                MetricType::EphemeralStorage,
            ] {
                let column = answer.nodes.column(&Selector::new(load, published.clone()));
                assert!(column[0].is_nan(), "{label} {operator}");
            }
            let as_label = Selector::new(MetricType::Other(label.into()), published);
            assert_eq!(answer.nodes.column(&as_label), [3.0], "{label} {operator}");
        }
    }
}

#[test]
fn times_with_a_fraction_are_cut_to_whole_seconds() {
    let answer =
        parsed(r#"{"timestamp":1670731045.9,"window":{"duration":"5m","start":1670730745.2,"end":1.670731045e9}}"#);
    assert_eq!(answer.timestamp, 1_670_731_045);
    assert_eq!((answer.window.start, answer.window.end), (1_670_730_745, 1_670_731_045));
}

#[test]
fn escapes_in_names_are_read() {
    let answer = parsed(with_nodes(r#""\u006eode \"1\" \\ \ud83d\ude00":{"metrics":[]}"#));
    assert_eq!(keys(&answer.nodes), ["node \"1\" \\ \u{1f600}"]);
}

#[test]
fn leading_timestamp_reads_the_first_field_only() {
    assert_eq!(leading_timestamp(LOAD_MONITOR.as_bytes()), Some(1_670_731_045));
    assert_eq!(leading_timestamp(LOAD_WATCHER.as_bytes()), Some(1_670_731_045));
    assert_eq!(leading_timestamp(b" \n{ \"timestamp\" : -5, what follows is not looked at"), Some(-5));
}

#[test]
fn leading_timestamp_says_nothing_of_bodies_that_begin_otherwise() {
    for body in [
        "",
        "{",
        "{}",
        "[1670731045]",
        "null",
        "1670731045",
        "<html>",
        r#"{"source":"x","timestamp":1670731045}"#,
        r#"{"timestamp":"1670731045"}"#,
        r#"{"timestamp":null}"#,
        r#"{"timestamp":1670731045.5}"#,
        r#"{"timestamp":NaN}"#,
        r#"{"timestamp":99999999999999999999}"#,
        r#"{"timestamp":"#,
    ] {
        assert_eq!(leading_timestamp(body.as_bytes()), None, "{body}");
    }
    let bomb = format!(r#"{{"timestamp":{}"#, "[".repeat(100_000));
    assert_eq!(leading_timestamp(bomb.as_bytes()), None);
}
