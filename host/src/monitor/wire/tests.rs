//! Tests of the wire format: what load monitors really publish, what they never should, and what an attacker would.

use super::{Answer, leading_timestamp, parse};
use crate::monitor::MonitorErrorKind;
use crate::snapshot::{Defects, Metric, MetricType, Operator, Row, Selector, Table};

mod absent;
mod dialects;
mod duplicates;
mod hostile;
mod numbers;
mod properties;
mod types;

const CPU: &str =
    r#"{"name":"instance:node_cpu:ratio","type":"cpu","operator":"Avg","rollup":"5m","value":42.5,"unit":"ratio"}"#;
const NO_DEFECTS: Defects =
    Defects { unnamed_nodes: 0, malformed_entries: 0, lost_values: 0, duplicate_entries: 0, excess_entries: 0 };

/// A document whose `NodeMetricsMap` has these entries.
fn with_nodes(entries: &str) -> String {
    format!(
        r#"{{"timestamp":1670731045,"window":{{"duration":"5m","start":1670730745,"end":1670731045}},"source":"Prometheus","data":{{"NodeMetricsMap":{{{entries}}}}},"statistics":{{"StatisticsMap":{{}}}}}}"#
    )
}

/// A document with one node `n`, which has these metrics.
fn with_metrics(metrics: &str) -> String {
    with_nodes(&format!(r#""n":{{"metrics":[{metrics}],"tags":{{}},"metadata":{{"dataCenter":""}}}}"#))
}

/// A document with a node `bad` of this JSON value between two good nodes.
fn with_bad_node(value: &str) -> String {
    with_nodes(&format!(r#""a":{{"metrics":[{CPU}]}},"bad":{value},"z":{{"metrics":[{CPU}]}}"#))
}

fn parsed(body: impl AsRef<[u8]>) -> Answer {
    let body = body.as_ref();
    parse(body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(body)))
}

/// The message of the refusal, after checking its class.
fn refusal(body: impl AsRef<[u8]>) -> String {
    let error = parse(body.as_ref()).expect_err("the body is refused");
    assert_eq!(error.kind(), MonitorErrorKind::Malformed);
    error.to_string()
}

fn keys(table: &Table) -> Vec<&str> {
    table.keys().iter().map(|key| &**key).collect()
}

fn metrics<'a>(table: &'a Table, key: &str) -> Vec<Metric<'a>> {
    table.row(key).expect("the row is there").metrics().collect()
}

fn cpu_load() -> Selector<'static> {
    Selector::new(MetricType::Cpu, Operator::Average)
}

/// The value of the metric of a row that a selector picks.
fn value(row: Row<'_>, selector: &Selector<'_>) -> Option<f64> {
    row.metric(selector).map(|metric| metric.value)
}

/// Checks that the nodes of [`with_bad_node`] other than `bad` are untouched, and that `bad` is gone and counted.
fn assert_quarantined(body: &str) {
    let answer = parsed(body);
    assert_eq!(keys(&answer.nodes), ["a", "z"], "{body}");
    assert_eq!(answer.nodes.column(&cpu_load()), [42.5, 42.5], "{body}");
    assert_eq!(answer.defects, Defects { malformed_entries: 1, ..NO_DEFECTS }, "{body}");
}
