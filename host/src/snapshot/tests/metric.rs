//! Spellings, names and selectors of metrics.

use super::*;

#[test]
fn names_of_types_parse_to_themselves() {
    for metric_type in [
        MetricType::Cpu,
        MetricType::Memory,
        MetricType::Network,
        MetricType::Disk,
        MetricType::Pods,
        MetricType::EphemeralStorage,
        MetricType::Other("hugepages_2mi".into()),
        MetricType::Other("".into()),
    ] {
        assert_eq!(MetricType::parse("m", metric_type.as_str()), metric_type);
        assert_eq!(metric_type.clone().into_owned(), metric_type);
    }
}

#[test]
fn names_of_operators_are_those_of_the_contract() {
    for (operator, name) in [
        (Operator::Average, "average"),
        (Operator::StandardDeviation, "standard-deviation"),
        (Operator::Latest, "latest"),
        (Operator::Capacity, "capacity"),
        (Operator::Unknown, "unknown"),
        (Operator::Other("P95".into()), "P95"),
        (Operator::Other("".into()), ""),
    ] {
        assert_eq!(operator.as_str(), name);
        assert_eq!(operator.clone().into_owned(), operator);
    }
}

#[test]
fn spellings_that_only_resemble_known_ones_are_kept() {
    for near in ["cpus", " cpu", "cpu ", "mem", "ephemeral storage", "ｃｐｕ", "cpu\0"] {
        assert_eq!(MetricType::parse("m", near), MetricType::Other(near.into()));
    }
    for near in ["mean", "avg.", "stdev", "last", "max", ""] {
        assert_eq!(Operator::parse(near), Operator::Other(near.into()));
    }
}

#[test]
fn only_the_exact_name_makes_a_type_a_label() {
    assert_eq!(MetricType::parse("pod_class_of_node_count", "cpu"), MetricType::Other("cpu".into()));
    assert_eq!(MetricType::parse("pod_class_of_node_counts", "cpu"), MetricType::Cpu);
    assert_eq!(MetricType::parse("Pod_class_of_node_count", "cpu"), MetricType::Cpu);
}

#[test]
fn a_selector_fits_by_all_that_it_states() {
    let mut builder = TableBuilder::new();
    for (name, rollup, value) in [("b", "5m", 1.0), ("a", "15m", 2.0), ("a", "5m", 3.0), ("c", "", 4.0)] {
        builder.metric(name, MetricType::Cpu, Operator::Average, rollup, "ratio", value);
    }
    builder.end_row("n");
    let table = builder.finish(&mut Defects::default());
    let row = table.row("n").unwrap();
    // In byte order `15m` comes before `5m`.
    assert_eq!(value(row, &cpu_load()), Some(2.0));
    assert_eq!(value(row, &cpu_load().with_rollup("5m")), Some(3.0));
    assert_eq!(value(row, &cpu_load().with_name("b")), Some(1.0));
    assert_eq!(value(row, &cpu_load().with_rollup("")), Some(4.0));
    assert_eq!(value(row, &cpu_load().with_name("b").with_rollup("15m")), None);
    assert_eq!(value(row, &cpu_load().with_name("")), None);
    assert_eq!(value(row, &Selector::new(MetricType::Cpu, Operator::Latest)), None);
    assert_eq!(value(row, &Selector::new(MetricType::Memory, Operator::Average)), None);
    assert_eq!(value(row, &Selector::new(MetricType::Other("cpu".into()), Operator::Average)), None);
}

#[test]
fn names_are_compared_as_bytes() {
    let mut builder = TableBuilder::new();
    for (name, value) in [("é", 1.0), ("z", 2.0), ("Z", 3.0), ("a\0", 4.0)] {
        builder.metric(name, MetricType::Cpu, Operator::Average, "", "", value);
    }
    builder.end_row("n");
    let table = builder.finish(&mut Defects::default());
    assert_eq!(table.column(&cpu_load()), [3.0]);
}
