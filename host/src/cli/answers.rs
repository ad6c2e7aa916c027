//! The answers of the five queries as JSON: stable names, only ever added to.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use scorelet_host::policy::LogLine;
use scorelet_host::snapshot::{Check, Defects, LabelStatistics, Reading, Row, Snapshot, Validity, Window};

#[derive(Serialize)]
pub(super) struct WindowAnswer<'a> {
    duration: &'a str,
    start: i64,
    end: i64,
}

#[derive(Serialize)]
pub(super) struct MetricAnswer<'a> {
    name: &'a str,
    r#type: &'a str,
    operator: &'a str,
    rollup: &'a str,
    unit: &'a str,
    value: f64,
}

/// The times that every answer carries.
#[derive(Serialize)]
pub(super) struct Times<'a> {
    window: WindowAnswer<'a>,
    /// Unix seconds of this host's clock.
    received_at: u64,
    /// Seconds since the window ended.
    age_seconds: f64,
}

#[derive(Serialize)]
pub(super) struct NodeAnswer<'a> {
    node: &'a str,
    metrics: Vec<MetricAnswer<'a>>,
    #[serde(flatten)]
    times: Times<'a>,
}

#[derive(Serialize)]
pub(super) struct LabelAnswer<'a> {
    /// The label asked for.
    label: &'a str,
    /// The label that answered.
    answered_by: &'a str,
    is_fallback: bool,
    metrics: Vec<MetricAnswer<'a>>,
    window: WindowAnswer<'a>,
    received_at: u64,
    /// Seconds since the load monitor last published the label.
    age_seconds: f64,
}

#[derive(Serialize)]
pub(super) struct NodesAnswer<'a> {
    source: &'a str,
    timestamp: i64,
    #[serde(flatten)]
    times: Times<'a>,
    dropped: DefectsAnswer,
    nodes: Vec<RowAnswer<'a>>,
}

#[derive(Serialize)]
struct RowAnswer<'a> {
    node: &'a str,
    metrics: Vec<MetricAnswer<'a>>,
}

#[derive(Serialize)]
pub(super) struct LabelsAnswer<'a> {
    source: &'a str,
    window: WindowAnswer<'a>,
    received_at: u64,
    labels: Vec<LabelRowAnswer<'a>>,
}

#[derive(Serialize)]
struct LabelRowAnswer<'a> {
    label: &'a str,
    age_seconds: f64,
    metrics: Vec<MetricAnswer<'a>>,
}

#[derive(Serialize)]
struct DefectsAnswer {
    unnamed_nodes: u64,
    malformed_entries: u64,
    lost_values: u64,
    duplicate_entries: u64,
    excess_entries: u64,
}

#[derive(Serialize)]
pub(super) struct ValidAnswer<'a> {
    valid: bool,
    heartbeat: CheckAnswer<'a>,
    metrics: CheckAnswer<'a>,
    statistics: CheckAnswer<'a>,
}

/// A line of a policy's log.
#[derive(Serialize)]
pub(super) struct LogAnswer<'a> {
    level: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
struct CheckAnswer<'a> {
    state: &'static str,
    age_seconds: Option<f64>,
    reason: &'a str,
}

pub(super) fn node<'a>(reading: &Reading, snapshot: &'a Snapshot, row: &Row<'a>) -> NodeAnswer<'a> {
    NodeAnswer { node: row.key(), metrics: metrics(row), times: times(reading, snapshot) }
}

pub(super) fn label<'a>(
    reading: &Reading,
    snapshot: &'a Snapshot,
    asked: &'a str,
    found: &LabelStatistics<'a>,
) -> LabelAnswer<'a> {
    LabelAnswer {
        label: asked,
        answered_by: found.row.key(),
        is_fallback: found.is_fallback,
        metrics: metrics(&found.row),
        window: window(snapshot.statistics.window()),
        received_at: unix_seconds(snapshot.received_at),
        age_seconds: reading.age_of(found.last_seen).as_secs_f64(),
    }
}

pub(super) fn nodes<'a>(reading: &Reading, snapshot: &'a Snapshot) -> NodesAnswer<'a> {
    let Defects { unnamed_nodes, malformed_entries, lost_values, duplicate_entries, excess_entries } = snapshot.defects;
    NodesAnswer {
        source: &snapshot.source,
        timestamp: snapshot.timestamp,
        times: times(reading, snapshot),
        dropped: DefectsAnswer { unnamed_nodes, malformed_entries, lost_values, duplicate_entries, excess_entries },
        nodes: snapshot.nodes.rows().map(|row| RowAnswer { node: row.key(), metrics: metrics(&row) }).collect(),
    }
}

pub(super) fn labels<'a>(reading: &Reading, snapshot: &'a Snapshot) -> LabelsAnswer<'a> {
    let statistics = &snapshot.statistics;
    let rows = statistics.table().rows().enumerate();
    LabelsAnswer {
        source: &snapshot.source,
        window: window(statistics.window()),
        received_at: unix_seconds(snapshot.received_at),
        labels: rows
            .map(|(position, row)| LabelRowAnswer {
                label: row.key(),
                age_seconds: statistics.last_seen(position).map_or(0.0, |seen| reading.age_of(seen).as_secs_f64()),
                metrics: metrics(&row),
            })
            .collect(),
    }
}

pub(super) fn valid(validity: &Validity) -> ValidAnswer<'_> {
    ValidAnswer {
        valid: validity.is_valid(),
        heartbeat: check(&validity.heartbeat),
        metrics: check(&validity.metrics),
        statistics: check(&validity.statistics),
    }
}

pub(super) fn logs(lines: &[LogLine]) -> Vec<LogAnswer<'_>> {
    lines.iter().map(|line| LogAnswer { level: line.level.as_str(), message: &line.message }).collect()
}

pub(super) fn window(window: &Window) -> WindowAnswer<'_> {
    WindowAnswer { duration: &window.duration, start: window.start, end: window.end }
}

/// Seconds since the metrics of a snapshot were measured; zero for a monitor whose clock is ahead.
pub(super) fn metrics_age(reading: &Reading) -> f64 {
    reading.valid().metrics.age.map_or(0.0, |age| age.as_secs_f64())
}

fn times<'a>(reading: &Reading, snapshot: &'a Snapshot) -> Times<'a> {
    Times {
        window: window(&snapshot.window),
        received_at: unix_seconds(snapshot.received_at),
        age_seconds: metrics_age(reading),
    }
}

fn metrics<'a>(row: &Row<'a>) -> Vec<MetricAnswer<'a>> {
    row.metrics()
        .map(|metric| MetricAnswer {
            name: metric.name,
            r#type: metric.metric_type.as_str(),
            operator: metric.operator.as_str(),
            rollup: metric.rollup,
            unit: metric.unit,
            value: metric.value,
        })
        .collect()
}

fn check(check: &Check) -> CheckAnswer<'_> {
    CheckAnswer {
        state: check.state.as_str(),
        age_seconds: check.age.map(|age| age.as_secs_f64()),
        reason: &check.reason,
    }
}

fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
