//! A file of test cases as it is written: its keys, and nothing of what they mean.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use anyhow::anyhow;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::{Error as YamlError, MessageFormatter, Spanned, UserMessageFormatter};

use scorelet_host::kubernetes::Quantity;
use scorelet_host::snapshot::Operator;

use crate::cli::exit::Failure;

/// A whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) name: Option<String>,
    pub(super) policy: Option<PathBuf>,
    #[serde(default)]
    pub(super) defaults: Defaults,
    pub(super) cases: Vec<Spanned<Case>>,
    #[serde(default)]
    pub(super) properties: Properties,
}

/// What cases have that do not state it themselves.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Defaults {
    pub(super) pod: Option<Pod>,
    pub(super) nodes: Option<Vec<Node>>,
    pub(super) metrics: Option<PathBuf>,
    pub(super) statistics: Option<BTreeMap<String, Metrics>>,
    pub(super) metrics_age_seconds: Option<u32>,
    pub(super) settings: Option<Value>,
    pub(super) tolerance: Option<f64>,
}

/// A question to a policy, and what is expected of its answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) pod: Option<Pod>,
    pub(super) nodes: Option<Vec<Node>>,
    pub(super) metrics: Option<PathBuf>,
    pub(super) statistics: Option<BTreeMap<String, Metrics>>,
    pub(super) metrics_age_seconds: Option<u32>,
    pub(super) settings: Option<Value>,
    pub(super) tolerance: Option<f64>,
    pub(super) scores: Option<BTreeMap<String, Spanned<f64>>>,
    pub(super) order: Option<Spanned<Vec<Place>>>,
    pub(super) refused: Option<String>,
    pub(super) failure: Option<String>,
    #[serde(default)]
    pub(super) logs: Vec<String>,
}

/// What the policy promises beyond its cases.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Properties {
    pub(super) more_load_never_scores_better: Vec<Promised>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Pod {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) requests: Option<Amounts>,
    pub(super) limits: Option<Amounts>,
    pub(super) overhead: Amounts,
    pub(super) containers: Vec<Container>,
    pub(super) priority: i32,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) requests: Amounts,
    pub(super) limits: Amounts,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Node {
    pub(super) name: String,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) allocatable: Amounts,
    #[serde(default)]
    pub(super) requested: Amounts,
    pub(super) metrics: Option<Metrics>,
    #[serde(default)]
    pub(super) assigned: Vec<Assigned>,
}

/// A pod that was put on a node lately.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assigned {
    #[serde(default)]
    pub(super) pod: Pod,
    pub(super) age_seconds: u32,
}

/// Amounts by resource.
pub(super) type Amounts = BTreeMap<String, Amount>;

/// An amount as Kubernetes writes it, not below zero.
#[derive(Clone, Debug)]
pub(super) struct Amount {
    /// As it is written.
    pub(super) text: String,
    pub(super) quantity: Quantity,
}

/// The metrics of a node or of a label.
#[derive(Clone, Debug)]
pub(super) enum Metrics {
    /// A map from shorthands to values.
    Short(Vec<(Shorthand, f64)>),
    /// A list of metrics as a load monitor publishes them.
    Full(Vec<Metric>),
}

/// A metric by what it means: `cpu average`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shorthand {
    pub(super) metric_type: &'static str,
    pub(super) operator: &'static str,
}

/// A metric of which the policy promises something.
#[derive(Clone, Debug)]
pub(super) enum Promised {
    /// By what it means.
    Meaning(Shorthand),
    /// By its name, of a metric that has no type.
    Name(String),
}

/// A metric as a load monitor publishes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metric {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) r#type: String,
    #[serde(default, deserialize_with = "known_operator")]
    pub(super) operator: String,
    #[serde(default)]
    pub(super) rollup: String,
    #[serde(default)]
    pub(super) unit: String,
    #[serde(deserialize_with = "measured_value")]
    pub(super) value: f64,
}

/// A place in an order: one node, or several that score alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place(pub(super) Vec<String>);

/// Reads YAML text. The failure says where in the file something is wrong.
pub(super) fn parse<T: DeserializeOwned>(text: &str, file: &str) -> Result<T, Failure> {
    // The parser's own limits hold: what aliases add is a million events and 64 MiB at most, and nothing is nested more
    // than 64 levels deep.
    let options = serde_saphyr::options! {
        with_snippet: false,
        // A node may be called `on`.
        strict_booleans: true,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location().map(|place| format!(":{}:{}", place.line(), place.column())).unwrap_or_default();
        Failure::bad_input(anyhow!("{file}{place}: {}", words(&error)))
    })
}

fn words(error: &YamlError) -> String {
    match error {
        YamlError::AliasError { error, .. } | YamlError::WithSnippet { error, .. } => words(error),
        YamlError::Budget { .. }
        | YamlError::AliasReplayCounterOverflow { .. }
        | YamlError::AliasReplayLimitExceeded { .. }
        | YamlError::AliasExpansionLimitExceeded { .. }
        | YamlError::AliasReplayStackDepthExceeded { .. } => {
            "too many aliases, too deeply nested or too long; write aliases out, or divide the file".to_owned()
        }
        _ => UserMessageFormatter.format_message(error).into_owned(),
    }
}

impl Shorthand {
    const TYPES: [&'static str; 6] = ["cpu", "memory", "network", "disk", "pods", "ephemeral-storage"];
    const OPERATORS: [&'static str; 4] = ["average", "standard-deviation", "latest", "capacity"];

    fn parse(text: &str) -> Result<Self, String> {
        let known = |word: &str, words: &[&'static str]| words.iter().copied().find(|known| *known == word);
        let read = || {
            let (metric_type, operator) = text.split_once(' ')?;
            Some(Self { metric_type: known(metric_type, &Self::TYPES)?, operator: known(operator, &Self::OPERATORS)? })
        };
        read().ok_or_else(|| {
            let (types, operators) = (Self::TYPES.join(", "), Self::OPERATORS.join(", "));
            format!("{text:?} is no metric: write one of {types}, a space, and one of {operators}")
        })
    }
}

impl fmt::Display for Shorthand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.metric_type, self.operator)
    }
}

impl<'de> Deserialize<'de> for Shorthand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl fmt::Display for Promised {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Meaning(metric) => metric.fmt(formatter),
            Self::Name(name) => formatter.write_str(name),
        }
    }
}

impl<'de> Deserialize<'de> for Promised {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // Names have no spaces. One that is a type only was meant as a shorthand.
        let is_name = !text.is_empty() && !text.contains(' ') && !Shorthand::TYPES.contains(&text.as_str());
        if is_name {
            Ok(Self::Name(text))
        } else {
            Shorthand::parse(&text).map(Self::Meaning).map_err(D::Error::custom)
        }
    }
}

/// A measured value. What is not finite is not measured, and a load monitor would leave it out.
struct Measured(f64);

impl<'de> Deserialize<'de> for Measured {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        measured_value(deserializer).map(Self)
    }
}

fn measured_value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let value = f64::deserialize(deserializer)?;
    if !value.is_finite() {
        return Err(D::Error::custom(format_args!(
            "a metric cannot be {value}; write a number, or leave out what is not measured"
        )));
    }
    Ok(value)
}

/// The operator of a metric that is written in full, in any spelling that is known; may be empty.
fn known_operator<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_known = matches!(text.as_str(), "" | "standard-deviation")
        || !matches!(Operator::parse(text.as_str()), Operator::Other(_));
    if !is_known {
        let words = "write one of average, standard-deviation, latest, capacity and unknown";
        return Err(D::Error::custom(format_args!("{text:?} is no operator: {words}")));
    }
    Ok(text)
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let quantity = Quantity::parse(text.trim()).map_err(D::Error::custom)?;
        if quantity.is_negative() {
            return Err(D::Error::custom(format_args!("{text:?} is below zero; write an amount of 0 or more")));
        }
        Ok(Self { text, quantity })
    }
}

impl<'de> Deserialize<'de> for Metrics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Metrics;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map such as {\"cpu average\": 40}, or a list of metrics")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Metrics, A::Error> {
                let mut metrics = Vec::new();
                while let Some((metric, Measured(value))) = map.next_entry()? {
                    metrics.push((metric, value));
                }
                Ok(Metrics::Short(metrics))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Metrics, A::Error> {
                let mut metrics = Vec::new();
                while let Some(metric) = list.next_element()? {
                    metrics.push(metric);
                }
                Ok(Metrics::Full(metrics))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Place;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the name of a node in quotes, or a list of names that score alike")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Place, E> {
                Ok(Place(vec![name.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Place, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = list.next_element()? {
                    names.push(name);
                }
                Ok(Place(names))
            }
        }

        deserializer.deserialize_any(Either)
    }
}
