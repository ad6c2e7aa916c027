//! How to name a metric by what it means.

use std::borrow::Cow;

use crate::column_cache::Key;
use crate::{Metric, MetricType, Operator};

/// Names a metric by its type and operator and, where that is not enough, by its rollup and name at the source.
///
/// Cheap to make and to compare. A `static` is made once:
///
/// ```
/// use scorelet_guest::{MetricType, Selector};
///
/// static CPU: Selector = Selector::average(MetricType::Cpu);
/// static HUGE_PAGES: Selector = Selector::latest(MetricType::other("hugepages_2mi"));
/// let last_hour = Selector::average(MetricType::Cpu).with_rollup("1h");
/// assert_ne!(CPU, last_hour);
/// # let _ = &HUGE_PAGES;
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Selector {
    /// What is measured.
    pub metric_type: MetricType,
    /// How it is computed.
    pub operator: Operator,
    /// The period that the operator covers, as published; every period when `None`.
    pub rollup: Option<Cow<'static, str>>,
    /// The name at the source; every name when `None`.
    pub name: Option<Cow<'static, str>>,
}

impl Selector {
    /// Metrics of this type and operator, of every rollup and name.
    #[must_use]
    pub const fn new(metric_type: MetricType, operator: Operator) -> Self {
        Self { metric_type, operator, rollup: None, name: None }
    }

    /// The average. Of a node's `Cpu` and `Memory` it is the utilisation in per cent, 0 to 100.
    #[must_use]
    pub const fn average(metric_type: MetricType) -> Self {
        Self::new(metric_type, Operator::Average)
    }

    /// The standard deviation, in the unit of the average.
    #[must_use]
    pub const fn standard_deviation(metric_type: MetricType) -> Self {
        Self::new(metric_type, Operator::StandardDeviation)
    }

    /// The last sample.
    #[must_use]
    pub const fn latest(metric_type: MetricType) -> Self {
        Self::new(metric_type, Operator::Latest)
    }

    /// The size of the resource, which says nothing of its load.
    #[must_use]
    pub const fn capacity(metric_type: MetricType) -> Self {
        Self::new(metric_type, Operator::Capacity)
    }

    /// Only metrics with this name at the source.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Only metrics whose operator covers this period, as published: `5m`, `15d`.
    #[must_use]
    pub fn with_rollup(mut self, rollup: impl Into<Cow<'static, str>>) -> Self {
        self.rollup = Some(rollup.into());
        self
    }

    /// True when the metric is one of those that this selector names.
    #[must_use]
    pub fn fits(&self, metric: &Metric) -> bool {
        self.metric_type == metric.metric_type
            && self.operator == metric.operator
            && self.rollup.as_ref().is_none_or(|rollup| *rollup == metric.rollup)
            && self.name.as_ref().is_none_or(|name| *name == metric.name)
    }
}

impl Key for Selector {
    /// Nearly all selectors are without a text.
    #[inline]
    fn code(&self) -> Option<u32> {
        let metric_type = match self.metric_type {
            MetricType::Cpu => 0,
            MetricType::Memory => 1,
            MetricType::Network => 2,
            MetricType::Disk => 3,
            MetricType::Pods => 4,
            MetricType::EphemeralStorage => 5,
            MetricType::Other(_) => return None,
        };
        let operator = match self.operator {
            Operator::Average => 0,
            Operator::StandardDeviation => 1,
            Operator::Latest => 2,
            Operator::Capacity => 3,
            Operator::Unknown => 4,
            Operator::Other(_) => return None,
        };
        (self.rollup.is_none() && self.name.is_none()).then_some(metric_type << 8 | operator)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_selector_without_a_text_has_a_code_of_its_own_and_others_have_none() {
        let other = MetricType::other("gpu");
        let types = [
            MetricType::Cpu,
            MetricType::Memory,
            MetricType::Network,
            MetricType::Disk,
            MetricType::Pods,
            MetricType::EphemeralStorage,
        ];
        let operators =
            [Operator::Average, Operator::StandardDeviation, Operator::Latest, Operator::Capacity, Operator::Unknown];
        let mut codes = HashSet::new();
        for metric_type in &types {
            for operator in &operators {
                let plain = Selector::new(metric_type.clone(), operator.clone());
                assert!(codes.insert(plain.code().unwrap()), "{plain:?}");
                assert_eq!(plain.clone().with_rollup("5m").code(), None);
                assert_eq!(plain.with_name("load").code(), None);
            }
            assert_eq!(Selector::new(metric_type.clone(), Operator::other("P95")).code(), None);
        }
        assert_eq!(Selector::average(other).code(), None);
    }
}
