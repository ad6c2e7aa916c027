//! Random documents against a plain model: what was published, row by row, as it stands in the JSON.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// One metric of the model, as published.
#[derive(Clone, Debug)]
struct Published {
    name: &'static str,
    metric_type: &'static str,
    operator: &'static str,
    rollup: Option<&'static str>,
    unit: Option<&'static str>,
    value: Option<f64>,
}

/// A metric in a form that can be compared: name, type, operator, rollup, unit, and the bits of the value.
type Plain = (String, MetricType<'static>, Operator<'static>, String, String, u64);

const NAMES: [&str; 4] = ["a", "b", "pod_class_of_node_count", "NaN \"\\"];
const ROLLUPS: [Option<&str>; 4] = [None, Some(""), Some("5m"), Some("15d")];

/// Published spellings and what they mean, but for the metric whose type is a label.
const TYPES: [(&str, MetricType<'static>); 4] = [
    ("cpu", MetricType::Cpu),
    ("CPU", MetricType::Cpu),
    ("Memory", MetricType::Memory),
    ("hugepages_2mi", MetricType::Other(std::borrow::Cow::Borrowed("hugepages_2mi"))),
];
const OPERATORS: [(&str, Operator<'static>); 5] = [
    ("Avg", Operator::Average),
    ("AVG", Operator::Average),
    ("Std", Operator::StandardDeviation),
    ("Capacity", Operator::Capacity),
    ("", Operator::Other(std::borrow::Cow::Borrowed(""))),
];

impl Published {
    fn to_json(&self) -> Value {
        let mut metric = json!({"name": self.name, "type": self.metric_type, "operator": self.operator});
        metric["value"] = json!(self.value);
        for (field, text) in [("rollup", self.rollup), ("unit", self.unit)] {
            if let Some(text) = text {
                metric[field] = json!(text);
            }
        }
        metric
    }

    fn meaning(&self) -> (MetricType<'static>, Operator<'static>) {
        let known = TYPES.iter().find(|(spelling, _)| *spelling == self.metric_type).expect("one of the alphabet");
        let operator = OPERATORS.iter().find(|(spelling, _)| *spelling == self.operator).expect("one of the alphabet");
        match self.name {
            "pod_class_of_node_count" => (MetricType::Other(self.metric_type.into()), operator.1.clone()),
            _ => (known.1.clone(), operator.1.clone()),
        }
    }

    fn to_plain(&self) -> Option<Plain> {
        let (metric_type, operator) = self.meaning();
        let (rollup, unit) = (self.rollup.unwrap_or_default().to_owned(), self.unit.unwrap_or_default().to_owned());
        Some((self.name.to_owned(), metric_type, operator, rollup, unit, self.value?.to_bits()))
    }
}

fn plain(metric: Metric<'_>) -> Plain {
    (
        metric.name.to_owned(),
        metric.metric_type.clone(),
        metric.operator.clone(),
        metric.rollup.to_owned(),
        metric.unit.to_owned(),
        metric.value.to_bits(),
    )
}

/// The rule of `wit/types.wit`, word by word, over the published row.
fn selected<'a>(row: &'a [Plain], selector: &Selector<'_>) -> Option<&'a Plain> {
    let fits = |metric: &&Plain| {
        metric.1 == selector.metric_type
            && metric.2 == selector.operator
            && selector.rollup.as_ref().is_none_or(|rollup| *rollup == metric.3)
            && selector.name.as_ref().is_none_or(|name| *name == metric.0)
    };
    // `min_by` gives the first of several that are equal.
    row.iter().filter(fits).min_by(|left, right| {
        (left.0.as_bytes(), left.3.as_bytes(), left.4.as_bytes()).cmp(&(
            right.0.as_bytes(),
            right.3.as_bytes(),
            right.4.as_bytes(),
        ))
    })
}

/// Mostly the first of an alphabet, so that the metrics of a row often compete for the same selector.
fn mostly_first<T: Clone + std::fmt::Debug>(alphabet: &'static [T]) -> impl Strategy<Value = T> {
    prop_oneof![Just(alphabet[0].clone()), prop::sample::select(alphabet)]
}

fn metric() -> impl Strategy<Value = Published> {
    let text = (mostly_first(&NAMES), mostly_first(&TYPES), mostly_first(&OPERATORS));
    let optional = (prop::sample::select(&ROLLUPS[..]), prop::sample::select(&[None, Some("ratio"), Some("m")][..]));
    // Sixteenths: decimal text and binary float have the same value, whatever the reader's rounding.
    let value = prop::option::weighted(0.9, (-4_000_000..4_000_000_i32).prop_map(|value| f64::from(value) / 16.0));
    (text, optional, value).prop_map(|((name, metric_type, operator), (rollup, unit), value)| Published {
        name,
        metric_type: metric_type.0,
        operator: operator.0,
        rollup,
        unit,
        value,
    })
}

/// Nodes in the order of the document; a name may come more than once. Names need not be ASCII, nor free of quotes.
fn nodes() -> impl Strategy<Value = Vec<(String, Vec<Published>)>> {
    let key = prop_oneof!["[a-e]", Just(String::new()), Just("NaN".to_owned()), "\\PC{1,3}"];
    prop::collection::vec((key, prop::collection::vec(metric(), 0..8)), 0..12)
}

/// What a selector asks for: mostly something that one of the published metrics is.
#[derive(Clone, Debug)]
struct Question {
    like: prop::sample::Index,
    with_name: bool,
    with_rollup: bool,
}

impl Question {
    fn of(&self, nodes: &[(String, Vec<Published>)]) -> Selector<'static> {
        let metrics: Vec<&Published> = nodes.iter().flat_map(|(_, row)| row).collect();
        if metrics.is_empty() {
            return cpu_load();
        }
        let like = metrics[self.like.index(metrics.len())];
        let (metric_type, operator) = like.meaning();
        let mut selector = Selector::new(metric_type, operator);
        if self.with_rollup {
            selector = selector.with_rollup(like.rollup.unwrap_or_default());
        }
        if self.with_name {
            selector = selector.with_name(like.name);
        }
        selector
    }
}

fn question() -> impl Strategy<Value = Question> {
    (any::<prop::sample::Index>(), prop::bool::weighted(0.3), prop::bool::weighted(0.2))
        .prop_map(|(like, with_name, with_rollup)| Question { like, with_name, with_rollup })
}

/// Written by hand around `serde_json`, whose maps cannot hold a key twice.
fn document(nodes: &[(String, Vec<Published>)]) -> String {
    let entries = nodes.iter().map(|(key, row)| {
        let metrics: Vec<Value> = row.iter().map(Published::to_json).collect();
        format!("{}:{}", json!(key), json!({"metrics": metrics, "tags": {}}))
    });
    with_nodes(&entries.collect::<Vec<_>>().join(","))
}

/// The rows that must come out: of a name the last, none without a name, no metric without a value.
fn model(nodes: &[(String, Vec<Published>)]) -> BTreeMap<&str, Vec<Plain>> {
    let named = nodes.iter().filter(|(key, _)| !key.is_empty());
    named.map(|(key, row)| (key.as_str(), row.iter().filter_map(Published::to_plain).collect())).collect()
}

fn bits(column: &[f64]) -> Vec<Option<u64>> {
    column.iter().map(|value| (!value.is_nan()).then(|| value.to_bits())).collect()
}

fn read_back(number: &str) -> f64 {
    let answer = parsed(with_metrics(&format!(r#"{{"name":"m","type":"cpu","operator":"Avg","value":{number}}}"#)));
    assert_eq!(answer.defects, NO_DEFECTS);
    answer.nodes.column(&cpu_load())[0]
}

proptest! {
    #[test]
    fn rows_come_out_exactly_as_published(nodes in nodes()) {
        let answer = parsed(document(&nodes));
        let model = model(&nodes);
        prop_assert_eq!(keys(&answer.nodes), model.keys().copied().collect::<Vec<_>>());
        for (position, (key, published)) in model.iter().enumerate() {
            let row = answer.nodes.row(key).expect("the key is there");
            prop_assert_eq!(&row.metrics().map(plain).collect::<Vec<_>>(), published);
            prop_assert_eq!(answer.nodes.position(key), Some(position));
        }
        let named: Vec<_> = nodes.iter().filter(|(key, _)| !key.is_empty()).collect();
        let lost = named.iter().flat_map(|(_, row)| row).filter(|metric| metric.value.is_none()).count();
        let expected = Defects {
            unnamed_nodes: (nodes.len() - named.len()) as u64,
            lost_values: lost as u64,
            duplicate_entries: (named.len() - model.len()) as u64,
            ..NO_DEFECTS
        };
        prop_assert_eq!(answer.defects, expected);
    }

    #[test]
    fn columns_rows_and_the_published_metrics_give_the_same_values(nodes in nodes(), question in question()) {
        let (answer, selector, model) = (parsed(document(&nodes)), question.of(&nodes), model(&nodes));
        let expected: Vec<_> = model.values().map(|row| selected(row, &selector)).collect();
        let values: Vec<_> = expected.iter().map(|metric| metric.map(|metric| metric.5)).collect();
        prop_assert_eq!(bits(&answer.nodes.column(&selector)), values);
        for (position, expected) in expected.into_iter().enumerate() {
            let row = answer.nodes.row_at(position).expect("there is a row for each of the model");
            prop_assert_eq!(row.metric(&selector).map(plain), expected.cloned());
        }
    }

    #[test]
    fn gathering_is_picking_from_the_column(
        nodes in nodes(), question in question(), positions in prop::collection::vec(prop::option::of(0..16_u32), 0..20),
    ) {
        let (table, selector) = (parsed(document(&nodes)).nodes, question.of(&nodes));
        let column = table.column(&selector);
        let picked: Vec<f64> = positions
            .iter()
            .map(|position| position.and_then(|row| column.get(row as usize)).copied().unwrap_or(f64::NAN))
            .collect();
        prop_assert_eq!(bits(&table.gather(&selector, &positions)), bits(&picked));
    }

    #[test]
    fn the_order_of_the_nodes_is_irrelevant(
        (nodes, shuffled) in nodes()
            .prop_map(|nodes| nodes.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect::<Vec<_>>())
            .prop_flat_map(|nodes| (Just(nodes.clone()), Just(nodes).prop_shuffle())),
        question in question(),
    ) {
        let (one, other) = (parsed(document(&nodes)), parsed(document(&shuffled)));
        let selector = question.of(&nodes);
        prop_assert_eq!(one.nodes.keys(), other.nodes.keys());
        prop_assert_eq!(bits(&one.nodes.column(&selector)), bits(&other.nodes.column(&selector)));
        for (left, right) in one.nodes.rows().zip(other.nodes.rows()) {
            prop_assert!(left.metrics().map(plain).eq(right.metrics().map(plain)));
        }
        prop_assert_eq!(one.nodes.heap_bytes(), other.nodes.heap_bytes());
        prop_assert_eq!(one.defects, other.defects);
    }

    #[test]
    fn a_bad_number_changes_nothing_but_its_own_value(nodes in nodes(), bad in prop::sample::select(&["NaN", "+Inf", "-Inf"][..])) {
        let usual = document(&nodes);
        // `null` stands for a lost value in the usual document; outside of quotes, so that names keep theirs.
        let (with_null, with_bad) = (parsed(&usual), parsed(usual.replace(r#""value":null"#, &format!(r#""value":{bad}"#))));
        prop_assert_eq!(with_bad.nodes.keys(), with_null.nodes.keys());
        for (left, right) in with_bad.nodes.rows().zip(with_null.nodes.rows()) {
            prop_assert!(left.metrics().map(plain).eq(right.metrics().map(plain)));
        }
        prop_assert_eq!(with_bad.defects, with_null.defects);
    }

    #[test]
    fn any_number_is_read_to_the_last_bit(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
        prop_assert_eq!(read_back(&json!(value).to_string()).to_bits(), value.to_bits());
    }
}
