//! Metrics and what they measure.

use std::borrow::Cow;
use std::slice;

use crate::Selector;

/// What a metric measures.
///
/// The host folds the spellings of the known load monitors into the named cases (`cpu` and `CPU` are both
/// [`MetricType::Cpu`]). A metric that counts the pods of a label has the label's value as its type and is always
/// [`MetricType::Other`], even when that value is `cpu`: a label never becomes load.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MetricType {
    /// Processor time.
    Cpu,
    /// Memory.
    Memory,
    /// Network traffic.
    Network,
    /// Disk traffic.
    Disk,
    /// The number of pods.
    Pods,
    /// Local ephemeral storage.
    EphemeralStorage,
    /// Everything else, as published.
    Other(Cow<'static, str>),
}

impl MetricType {
    /// A type that has no case of its own, in the load monitor's spelling.
    #[must_use]
    pub const fn other(name: &'static str) -> Self {
        Self::Other(Cow::Borrowed(name))
    }
}

/// How a value was computed from its samples.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// The arithmetic mean.
    Average,
    /// The standard deviation.
    StandardDeviation,
    /// The last sample.
    Latest,
    /// The size of a resource, never its load: a node that publishes its capacity and nothing else has not been
    /// measured.
    Capacity,
    /// What a load monitor calls `Unknown`.
    Unknown,
    /// Everything else, as published.
    Other(Cow<'static, str>),
}

impl Operator {
    /// An operator that has no case of its own, in the load monitor's spelling.
    #[must_use]
    pub const fn other(name: &'static str) -> Self {
        Self::Other(Cow::Borrowed(name))
    }
}

/// One measured value.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// The name at the source, for example `instance:node_cpu:ratio`.
    pub name: String,
    /// What was measured.
    pub metric_type: MetricType,
    /// How the value was computed.
    pub operator: Operator,
    /// The period that the operator covers, as published: `5m`, `15d`, or the empty string.
    pub rollup: String,
    /// The unit as published.
    ///
    /// Utilisation of a node is in per cent, 0 to 100, and calls its unit `ratio`. Statistics of a label are absolute:
    /// `m` is millicores, `MiB` is mebibytes. Empty when the load monitor did not say.
    pub unit: String,
    /// Always finite: the host drops everything else.
    pub value: f64,
}

/// A metric as a test states it: without unit, and without the name and rollup that the selector leaves open.
impl From<(Selector, f64)> for Metric {
    fn from((selector, value): (Selector, f64)) -> Self {
        Self {
            name: selector.name.unwrap_or_default().into_owned(),
            metric_type: selector.metric_type,
            operator: selector.operator,
            rollup: selector.rollup.unwrap_or_default().into_owned(),
            unit: String::new(),
            value,
        }
    }
}

/// The metrics of one node or label, in the order published.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics(Vec<Metric>);

impl Metrics {
    /// The value of the metric that the selector names.
    ///
    /// When several fit, the first by (name, rollup, unit) in byte order is taken; of several that agree in these too,
    /// the one published first. `None` when none fits.
    #[must_use]
    pub fn find(&self, selector: &Selector) -> Option<f64> {
        let fitting = self.iter().filter(|metric| selector.fits(metric));
        // Of equal ones, `min_by` keeps the first.
        fitting.min_by(|one, other| rank(one).cmp(&rank(other))).map(|metric| metric.value)
    }

    /// The metrics in the order published.
    pub fn iter(&self) -> slice::Iter<'_, Metric> {
        self.0.iter()
    }

    /// The number of metrics.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Metric> for Metrics {
    fn from_iter<I: IntoIterator<Item = Metric>>(metrics: I) -> Self {
        Self(metrics.into_iter().collect())
    }
}

impl Extend<Metric> for Metrics {
    fn extend<I: IntoIterator<Item = Metric>>(&mut self, metrics: I) {
        self.0.extend(metrics);
    }
}

impl<'a> IntoIterator for &'a Metrics {
    type Item = &'a Metric;
    type IntoIter = slice::Iter<'a, Metric>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Metrics {
    type Item = Metric;
    type IntoIter = std::vec::IntoIter<Metric>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

fn rank(metric: &Metric) -> (&str, &str, &str) {
    (&metric.name, &metric.rollup, &metric.unit)
}

/// A value of a column as an option: `None` for NaN, which is how a column says "not measured".
///
/// ```
/// use scorelet_guest::measured;
///
/// assert_eq!(measured(f64::NAN), None);
/// assert_eq!(measured(0.0), Some(0.0));
/// ```
#[must_use]
pub const fn measured(value: f64) -> Option<f64> {
    if value.is_nan() { None } else { Some(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(name: &str, rollup: &str, unit: &str, value: f64) -> Metric {
        Metric {
            name: name.to_owned(),
            metric_type: MetricType::Cpu,
            operator: Operator::Average,
            rollup: rollup.to_owned(),
            unit: unit.to_owned(),
            value,
        }
    }

    #[test]
    fn the_first_by_name_rollup_and_unit_is_found_in_any_order_of_publication() {
        let selector = Selector::average(MetricType::Cpu);
        let published = [
            metric("b", "1m", "a", 4.0),
            metric("a", "5m", "a", 3.0),
            metric("a", "1m", "b", 2.0),
            metric("a", "1m", "a", 1.0),
        ];
        assert_eq!(published.iter().cloned().collect::<Metrics>().find(&selector), Some(1.0));
        assert_eq!(published.iter().rev().cloned().collect::<Metrics>().find(&selector), Some(1.0));
        assert_eq!(published.iter().take(3).cloned().collect::<Metrics>().find(&selector), Some(2.0));
        assert_eq!(published.iter().take(2).cloned().collect::<Metrics>().find(&selector), Some(3.0));
    }

    #[test]
    fn of_equal_metrics_the_one_published_first_is_found() {
        let metrics: Metrics = [metric("a", "", "", 1.0), metric("a", "", "", 2.0)].into_iter().collect();
        assert_eq!(metrics.find(&Selector::average(MetricType::Cpu)), Some(1.0));
    }

    #[test]
    fn a_given_name_or_rollup_has_to_be_equal() {
        let metrics: Metrics = [metric("a", "5m", "", 1.0), metric("b", "15m", "", 2.0)].into_iter().collect();
        let selector = Selector::average(MetricType::Cpu);
        assert_eq!(metrics.find(&selector.clone().with_name("b")), Some(2.0));
        assert_eq!(metrics.find(&selector.clone().with_rollup("15m")), Some(2.0));
        assert_eq!(metrics.find(&selector.clone().with_name("a").with_rollup("15m")), None);
        assert_eq!(metrics.find(&selector.with_name("")), None);
    }

    #[test]
    fn capacity_is_not_load() {
        let metrics: Metrics = [Metric::from((Selector::capacity(MetricType::Cpu), 8.0))].into_iter().collect();
        assert_eq!(metrics.find(&Selector::average(MetricType::Cpu)), None);
        assert_eq!(metrics.find(&Selector::latest(MetricType::Cpu)), None);
        assert_eq!(metrics.find(&Selector::capacity(MetricType::Cpu)), Some(8.0));
    }

    #[test]
    fn a_label_named_cpu_is_not_cpu() {
        let metrics: Metrics = [Metric::from((Selector::average(MetricType::other("cpu")), 8.0))].into_iter().collect();
        assert_eq!(metrics.find(&Selector::average(MetricType::Cpu)), None);
    }
}
