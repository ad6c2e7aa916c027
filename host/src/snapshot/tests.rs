//! Tests of snapshots: rows and columns, memory, statistics over time, validity, and the five queries.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::*;

mod memory;
mod metric;
mod reading;
mod rows;
mod statistics;
mod statistics_model;
mod validity;

/// The `timestamp` and `window.end` of [`snapshot`].
const TIMESTAMP: i64 = 1_670_731_045;

const FRESHNESS: Freshness = Freshness {
    heartbeat_timeout: Duration::from_mins(1),
    metrics_max_age: Duration::from_mins(3),
    require_statistics: true,
};

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A table with one metric of this value in each row.
fn loads<'a>(rows: impl IntoIterator<Item = (&'a str, f64)>) -> Table {
    let mut builder = TableBuilder::new();
    for (key, value) in rows {
        builder.metric("load", MetricType::Cpu, Operator::Average, "5m", "ratio", value);
        builder.end_row(key);
    }
    builder.finish(&mut Defects::default())
}

fn cpu_load() -> Selector<'static> {
    Selector::new(MetricType::Cpu, Operator::Average)
}

/// The value of the metric of a row that a selector picks.
fn value(row: Row<'_>, selector: &Selector<'_>) -> Option<f64> {
    row.metric(selector).map(|metric| metric.value)
}

fn keys(table: &Table) -> Vec<&str> {
    table.keys().iter().map(|key| &**key).collect()
}

fn window(duration: &str, end: i64) -> Window {
    Window { duration: duration.to_owned(), start: end - 300, end }
}

/// Statistics of these labels, published at a moment.
fn statistics(labels: &[(&str, f64)], seen: SystemTime) -> Statistics {
    let retention = Retention { max_age: Duration::from_secs(1), max_labels: usize::MAX };
    Statistics::empty().merge(&loads(labels.iter().copied()), &window("15d", 1000), seen, retention).0
}

/// A snapshot of these nodes and labels, made and received at [`TIMESTAMP`].
fn snapshot(nodes: &[(&str, f64)], labels: &[(&str, f64)]) -> Snapshot {
    let received_at = at(TIMESTAMP.unsigned_abs());
    Snapshot {
        id: 1,
        source: "Prometheus".to_owned(),
        timestamp: TIMESTAMP,
        window: window("5m", TIMESTAMP),
        received_at,
        nodes: loads(nodes.iter().copied()),
        statistics: statistics(labels, received_at),
        defects: Defects::default(),
    }
}
