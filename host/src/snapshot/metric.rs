//! A metric: what it means, how it is named, and how a selector picks one.

use std::borrow::Cow;

/// The metric whose `type` is a pod label's value instead of a resource.
const LABEL_TYPED_METRIC: &str = "pod_class_of_node_count";

/// What a metric measures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetricType<'a> {
    /// Processor time.
    Cpu,
    /// Memory.
    Memory,
    /// Network.
    Network,
    /// Disk.
    Disk,
    /// Pods on the node.
    Pods,
    /// Local storage for pods.
    EphemeralStorage,
    /// Anything else, spelled as published; may be empty.
    Other(Cow<'a, str>),
}

impl<'a> MetricType<'a> {
    /// Folds the spellings of the known load monitors, for a metric of this name.
    ///
    /// The metric `pod_class_of_node_count` is always [`MetricType::Other`]: its type is a label's value, and a label
    /// named `cpu` is not load.
    #[must_use]
    pub fn parse(metric_name: &str, published: impl Into<Cow<'a, str>>) -> Self {
        let published = published.into();
        if metric_name == LABEL_TYPED_METRIC {
            return Self::Other(published);
        }
        match known(&published, &["cpu", "memory", "network", "disk", "pods", "ephemeral_storage", "ephemeral-storage"])
        {
            Some(0) => Self::Cpu,
            Some(1) => Self::Memory,
            Some(2) => Self::Network,
            Some(3) => Self::Disk,
            Some(4) => Self::Pods,
            Some(_) => Self::EphemeralStorage,
            None => Self::Other(published),
        }
    }

    /// The name in tables and JSON: lower case, or as published for [`MetricType::Other`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Network => "network",
            Self::Disk => "disk",
            Self::Pods => "pods",
            Self::EphemeralStorage => "ephemeral-storage",
            Self::Other(published) => published,
        }
    }

    /// The same type, owning its text.
    #[must_use]
    pub fn into_owned(self) -> MetricType<'static> {
        match self {
            Self::Cpu => MetricType::Cpu,
            Self::Memory => MetricType::Memory,
            Self::Network => MetricType::Network,
            Self::Disk => MetricType::Disk,
            Self::Pods => MetricType::Pods,
            Self::EphemeralStorage => MetricType::EphemeralStorage,
            Self::Other(published) => MetricType::Other(Cow::Owned(published.into_owned())),
        }
    }
}

/// How a value was computed from its samples.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator<'a> {
    /// The mean of the samples.
    Average,
    /// Their standard deviation.
    StandardDeviation,
    /// The newest sample.
    Latest,
    /// The size of the resource; never load.
    Capacity,
    /// The load monitor says itself that it does not know.
    Unknown,
    /// Anything else, spelled as published; may be empty.
    Other(Cow<'a, str>),
}

impl<'a> Operator<'a> {
    /// Folds the spellings of the known load monitors.
    #[must_use]
    pub fn parse(published: impl Into<Cow<'a, str>>) -> Self {
        let published = published.into();
        match known(&published, &["avg", "average", "std", "latest", "capacity", "unknown"]) {
            Some(0 | 1) => Self::Average,
            Some(2) => Self::StandardDeviation,
            Some(3) => Self::Latest,
            Some(4) => Self::Capacity,
            Some(_) => Self::Unknown,
            None => Self::Other(published),
        }
    }

    /// The name in tables and JSON: lower case, or as published for [`Operator::Other`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Average => "average",
            Self::StandardDeviation => "standard-deviation",
            Self::Latest => "latest",
            Self::Capacity => "capacity",
            Self::Unknown => "unknown",
            Self::Other(published) => published,
        }
    }

    /// The same operator, owning its text.
    #[must_use]
    pub fn into_owned(self) -> Operator<'static> {
        match self {
            Self::Average => Operator::Average,
            Self::StandardDeviation => Operator::StandardDeviation,
            Self::Latest => Operator::Latest,
            Self::Capacity => Operator::Capacity,
            Self::Unknown => Operator::Unknown,
            Self::Other(published) => Operator::Other(Cow::Owned(published.into_owned())),
        }
    }
}

/// The position of a spelling among the known ones, whatever its case.
fn known(published: &str, spellings: &[&str]) -> Option<usize> {
    spellings.iter().position(|spelling| published.eq_ignore_ascii_case(spelling))
}

/// One measured value of one node or label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric<'a> {
    /// The name at the source, as published.
    pub name: &'a str,
    /// What is measured.
    pub metric_type: &'a MetricType<'static>,
    /// How the value was computed.
    pub operator: &'a Operator<'static>,
    /// The period that the operator covers, as published.
    pub rollup: &'a str,
    /// The unit as published; empty when the load monitor did not say.
    pub unit: &'a str,
    /// Always finite.
    pub value: f64,
}

/// Names a metric by what it means.
///
/// Of several metrics of a row that fit, the first by (name, rollup, unit) in byte order is taken, and of several that
/// agree in these too, the one published first: the answer never depends on the order of a JSON object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Selector<'a> {
    /// What is measured.
    pub metric_type: MetricType<'a>,
    /// How the value was computed.
    pub operator: Operator<'a>,
    /// Only this rollup, when given.
    pub rollup: Option<Cow<'a, str>>,
    /// Only this name, when given.
    pub name: Option<Cow<'a, str>>,
}

impl<'a> Selector<'a> {
    /// Any metric of this type and operator.
    #[must_use]
    pub const fn new(metric_type: MetricType<'a>, operator: Operator<'a>) -> Self {
        Self { metric_type, operator, rollup: None, name: None }
    }

    /// Only metrics of this name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Cow<'a, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Only metrics of this rollup.
    #[must_use]
    pub fn with_rollup(mut self, rollup: impl Into<Cow<'a, str>>) -> Self {
        self.rollup = Some(rollup.into());
        self
    }

    /// The bytes of all texts in it.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        let of_type = if let MetricType::Other(published) = &self.metric_type { published.len() } else { 0 };
        let of_operator = if let Operator::Other(published) = &self.operator { published.len() } else { 0 };
        let named: usize = [&self.rollup, &self.name].into_iter().flatten().map(|text| text.len()).sum();
        of_type + of_operator + named
    }

    /// Whether a metric of the right type and operator fits.
    pub(super) fn fits(&self, name: &str, rollup: &str) -> bool {
        self.rollup.as_deref().is_none_or(|wanted| wanted == rollup)
            && self.name.as_deref().is_none_or(|wanted| wanted == name)
    }
}
