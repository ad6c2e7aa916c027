//! The form in which a load monitor writes its body.
//!
//! Bodies grow to hundreds of megabytes, so everything here serialises from borrowed or copied values: no metric costs
//! an allocation.

use std::fmt;

use serde::{Serialize, Serializer};

/// The whole body. The order of the fields is that of a real monitor.
#[derive(Serialize)]
pub(super) struct Document<N, L> {
    pub(super) timestamp: i64,
    pub(super) window: Window,
    pub(super) source: &'static str,
    pub(super) data: Data<N>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) statistics: Option<Statistics<L>>,
}

/// The period of the averages, in Unix seconds.
#[derive(Serialize)]
pub(super) struct Window {
    pub(super) duration: &'static str,
    pub(super) start: i64,
    pub(super) end: i64,
}

#[derive(Serialize)]
pub(super) struct Data<N> {
    #[serde(rename = "NodeMetricsMap")]
    pub(super) nodes: N,
}

#[derive(Serialize)]
pub(super) struct Statistics<L> {
    #[serde(rename = "StatisticsMap")]
    pub(super) labels: L,
}

/// What both maps hold: the metrics of a node or of a label.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    metrics: &'a [Metric],
    tags: Tags,
    metadata: Metadata,
}

impl<'a> Entry<'a> {
    pub(super) fn new(metrics: &'a [Metric]) -> Self {
        Self { metrics, tags: Tags {}, metadata: Metadata { data_center: "" } }
    }
}

#[derive(Serialize)]
struct Tags {}

#[derive(Serialize)]
struct Metadata {
    #[serde(rename = "dataCenter")]
    data_center: &'static str,
}

/// One number and what it means.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Metric {
    pub(super) name: &'static str,
    #[serde(rename = "type")]
    pub(super) kind: MetricType,
    pub(super) operator: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rollup: Option<&'static str>,
    #[serde(serialize_with = "number")]
    pub(super) value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<&'static str>,
}

/// The type of a metric, which may be the value of a label.
#[derive(Clone, Copy)]
pub(super) enum MetricType {
    Named(&'static str),
    Label(Name),
}

impl Serialize for MetricType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Named(name) => serializer.serialize_str(name),
            Self::Label(name) => name.serialize(serializer),
        }
    }
}

/// A name that ends in a number of fixed width, so that the order of the numbers is the byte order of the names.
#[derive(Clone, Copy)]
pub(super) struct Name {
    prefix: &'static str,
    number: u32,
    width: usize,
}

impl Name {
    /// The name with this index, counted from 0, among `count` names; the numbers in the names start at 1.
    pub(super) fn new(prefix: &'static str, index: u32, count: u32) -> Self {
        // Four digits for any but huge clusters, so that a node keeps its name when the cluster grows.
        let width = count.checked_ilog10().map_or(4, |log| (log as usize + 1).max(4));
        Self { prefix, number: index.saturating_add(1), width }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{:0width$}", self.prefix, self.number, width = self.width)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Writes a whole number without a fraction, as Go does: `8`, not `8.0`.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn number<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53, up to which every whole number is a float
    #[allow(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    if value.fract() == 0.0 && value.abs() < EXACT {
        serializer.serialize_i64(*value as i64)
    } else {
        serializer.serialize_f64(*value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_like_their_numbers() {
        for count in [1, 9_999, 10_000, 100_000] {
            let first = Name::new("worker", 0, count).to_string();
            let last = Name::new("worker", count - 1, count).to_string();
            assert_eq!(first.len(), last.len());
            assert!(last.ends_with(&count.to_string()), "{last}");
        }
        assert_eq!(Name::new("worker", 6, 12).to_string(), "worker-0007");
    }

    #[test]
    fn writes_numbers_as_the_monitor_does() {
        let write = |value| {
            let metric =
                Metric { name: "n", kind: MetricType::Named(""), operator: "o", rollup: None, value, unit: None };
            serde_json::to_string(&metric).unwrap()
        };
        assert_eq!(write(8.0), r#"{"name":"n","type":"","operator":"o","value":8}"#);
        assert_eq!(write(0.25), r#"{"name":"n","type":"","operator":"o","value":0.25}"#);
    }
}
