//! Memory follows the values that were published, not nodes times metrics.

use super::*;

fn builder_of(rows: usize, fill: impl Fn(usize, &mut TableBuilder)) -> Table {
    let mut builder = TableBuilder::new();
    for row in 0..rows {
        fill(row, &mut builder);
        builder.end_row(format!("node-{row:04}"));
    }
    builder.finish(&mut Defects::default())
}

#[test]
fn metrics_that_one_node_each_has_cost_by_value_and_not_by_node() {
    const NODES: usize = 5_000;
    const SHARED: usize = 24;
    let table = builder_of(NODES, |row, builder| {
        for shared in 0..SHARED {
            let name = format!("metric-{shared:02}");
            builder.metric(&name, MetricType::Cpu, Operator::Average, "5m", "ratio", 1.0);
        }
        let label = MetricType::Other(format!("label-{row:04}").into());
        builder.metric("pod_class_of_node_count", label, Operator::Latest, "", "integer", 1.0);
    });
    let selector = Selector::new(MetricType::Other("label-4999".into()), Operator::Latest);
    assert_eq!(value(table.row("node-4999").unwrap(), &selector), Some(1.0));
    assert_eq!(value(table.row("node-4998").unwrap(), &selector), None);

    let values = NODES * (SHARED + 1);
    // A key is 9 bytes and a pointer with length; a column's own description is below 200 bytes with its texts.
    let bound = values * 16 + NODES * (9 + 16 + 4 + 16) + (NODES + SHARED) * 200;
    let nodes_times_metrics = NODES * (NODES + SHARED) * 8;
    let bytes = table.heap_bytes();
    assert!(bytes <= bound, "{bytes} bytes, allowed are {bound}");
    assert!(bytes * 50 < nodes_times_metrics, "{bytes} bytes");
    assert!(bytes > values * 8, "{bytes} bytes are fewer than the values alone");
}

/// The bytes of 30 rows that all have one metric, where the first `count` rows have a second one.
fn bytes_with_second_metric_in(count: usize) -> usize {
    let table = builder_of(30, |row, builder| {
        builder.metric("m", MetricType::Cpu, Operator::Average, "", "", 1.0);
        if row < count {
            builder.metric("m", MetricType::Memory, Operator::Average, "", "", 2.0);
        }
    });
    assert_eq!(
        table
            .column(&Selector::new(MetricType::Memory, Operator::Average))
            .iter()
            .filter(|value| !value.is_nan())
            .count(),
        count
    );
    table.heap_bytes()
}

#[test]
fn a_column_is_sparse_exactly_while_that_is_smaller() {
    // Dense is 30 × 8 bytes, sparse is 12 bytes a value: equal at 20 values. All 30 rows share one layout, so their
    // number says nothing; the row counts in between have the same two layouts.
    let bytes: Vec<usize> = (1..30).map(bytes_with_second_metric_in).collect();
    for (before, pair) in (1..).zip(bytes.windows(2)) {
        let growth = pair[1] - pair[0];
        assert_eq!(growth, if before < 20 { 12 } else { 0 }, "from {before} values to one more");
    }
}

#[test]
fn texts_are_counted_once_however_often_they_occur() {
    let long = "x".repeat(10_000);
    let table_of = |name: &str, rollup: &str, label: &str, rows: usize| {
        builder_of(rows, |_, builder| {
            builder.metric(name, MetricType::Other(label.to_owned().into()), Operator::Average, rollup, rollup, 1.0);
        })
        .heap_bytes()
    };
    let short = table_of("m", "", "", 1);
    for (long_text, texts) in [
        (table_of(&long, "", "", 1), 1),
        (table_of("m", &long, "", 1), 1),
        (table_of(&long, &long, "", 1), 1),
        (table_of("m", "", &long, 1), 1),
        (table_of(&long, &long, &long, 1), 2),
    ] {
        let growth = long_text - short;
        assert!((texts * 10_000 - 40..texts * 10_000 + 100).contains(&growth), "{growth} bytes for {texts} texts");
    }
    let per_row = (table_of(&long, &long, &long, 101) - table_of(&long, &long, &long, 1)) / 100;
    assert!(per_row < 60, "{per_row} bytes for each further row with the same texts");
}

#[test]
fn keys_are_counted() {
    let short = loads([("a", 1.0)]).heap_bytes();
    let long = loads([("a".repeat(1000).as_str(), 1.0)]).heap_bytes();
    assert_eq!(long - short, 999);
}

#[test]
fn rows_that_were_discarded_or_replaced_leave_no_columns() {
    let with = |unwanted: fn(&mut TableBuilder)| {
        let mut builder = TableBuilder::new();
        for number in 0..100 {
            builder.metric(&format!("m{number}"), MetricType::Cpu, Operator::Average, "", "", 1.0);
        }
        unwanted(&mut builder);
        builder.metric("load", MetricType::Cpu, Operator::Average, "5m", "ratio", 42.0);
        builder.end_row("n");
        builder.finish(&mut Defects::default())
    };
    let lean = loads([("n", 42.0)]);
    for table in [with(TableBuilder::discard_row), with(|builder| builder.end_row("n"))] {
        assert_eq!(table.column(&cpu_load()), [42.0]);
        assert_eq!(table.heap_bytes(), lean.heap_bytes());
    }
}

#[test]
fn rows_that_alternate_between_layouts_store_each_layout_once() {
    let table_of = |rows: usize| {
        builder_of(rows, |row, builder| {
            for metric in 0..50 {
                let name = format!("{}-{metric}", row % 2);
                builder.metric(&name, MetricType::Cpu, Operator::Average, "", "", 1.0);
            }
        })
        .heap_bytes()
    };
    let per_row = (table_of(1000) - table_of(500)) / 500;
    // 50 values of at most 12 bytes, a key of 9 and a pointer with length, and the number of the layout.
    assert!(per_row <= 50 * 12 + 9 + 16 + 4, "{per_row} bytes a row");
}

#[test]
fn a_flood_of_distinct_metrics_is_cut_off() {
    let mut builder = TableBuilder::new();
    for number in 0..MAX_DISTINCT_METRICS {
        assert!(builder.metric(&number.to_string(), MetricType::Cpu, Operator::Average, "", "", 1.0));
    }
    assert!(!builder.metric("one more", MetricType::Cpu, Operator::Average, "", "", 1.0));
    assert!(!builder.metric("0", MetricType::Cpu, Operator::Average, "", "", 1.0), "a repetition is a column too");
    builder.end_row("attacker");
    assert!(builder.metric("0", MetricType::Cpu, Operator::Average, "", "", 1.0), "known metrics still have room");
    builder.end_row("neighbour");
    let table = builder.finish(&mut Defects::default());
    assert_eq!(table.row("attacker").unwrap().metrics().count(), MAX_DISTINCT_METRICS);
    assert_eq!(table.row("neighbour").unwrap().metrics().count(), 1);
}

#[test]
fn a_flood_of_distinct_metrics_in_discarded_rows_leaves_room_for_the_others() {
    let mut builder = TableBuilder::new();
    builder.metric("load", MetricType::Cpu, Operator::Average, "5m", "ratio", 1.0);
    builder.end_row("a");
    for flood in 0..2 {
        // Columns are limited like identities: each name comes twice.
        for number in 0..MAX_DISTINCT_METRICS / 2 {
            for _ in 0..2 {
                builder.metric(&format!("{flood}-{number}"), MetricType::Cpu, Operator::Average, "5m", "x", 1.0);
            }
        }
        builder.discard_row();
    }
    for (key, name) in [("b", "load"), ("c", "another"), ("d", "0-0")] {
        assert!(builder.metric(name, MetricType::Cpu, Operator::Average, "5m", "ratio", 2.0), "{name}");
        builder.end_row(key);
    }
    let table = builder.finish(&mut Defects::default());
    assert_eq!(keys(&table), ["a", "b", "c", "d"]);
    assert_eq!(table.column(&cpu_load()), [1.0, 2.0, 2.0, 2.0]);
    assert_eq!(value(table.row("d").unwrap(), &cpu_load().with_name("0-0")), Some(2.0));
}

#[test]
fn a_flood_of_rows_is_cut_off_and_counted() {
    let mut builder = TableBuilder::new();
    for number in 0..MAX_ROWS + 3 {
        builder.metric("load", MetricType::Cpu, Operator::Average, "5m", "ratio", 1.0);
        builder.end_row(number.to_string());
    }
    let mut defects = Defects::default();
    let table = builder.finish(&mut defects);
    assert_eq!(table.len(), MAX_ROWS);
    assert!(table.row(&(MAX_ROWS - 1).to_string()).is_some() && table.row(&MAX_ROWS.to_string()).is_none());
    assert_eq!(defects, Defects { excess_entries: 3, ..Defects::default() });
}

#[test]
fn a_flood_of_one_key_is_cut_off_and_counted() {
    let mut builder = TableBuilder::new();
    (0..MAX_ROWS + 3).for_each(|_| builder.end_row("a"));
    let mut defects = Defects::default();
    assert_eq!(keys(&builder.finish(&mut defects)), ["a"]);
    let duplicate_entries = MAX_ROWS as u64 - 1;
    assert_eq!(defects, Defects { duplicate_entries, excess_entries: 3, ..Defects::default() });
}

#[test]
fn labels_beyond_the_rows_of_a_table_are_evicted_whatever_the_retention() {
    let labels = |prefix: char| {
        let mut builder = TableBuilder::new();
        (0..MAX_ROWS).for_each(|number| builder.end_row(format!("{prefix}{number}")));
        builder.finish(&mut Defects::default())
    };
    let retention = Retention { max_age: Duration::MAX, max_labels: usize::MAX };
    let (old, _) = Statistics::empty().merge(&labels('a'), &window("15d", 1), at(1), retention);
    let (new, outcome) = old.merge(&labels('b'), &window("15d", 2), at(2), retention);
    assert_eq!((new.table().len(), outcome.evicted), (MAX_ROWS, MAX_ROWS as u64));
    assert!(new.table().keys().iter().all(|key| key.starts_with('b')));
    assert_eq!(new.last_seen(MAX_ROWS - 1), Some(at(2)));
    assert_eq!(new.last_seen(MAX_ROWS), None);
}

#[test]
fn a_flood_of_fitting_metrics_is_gathered_without_a_search_for_each() {
    // A tenth of the allowed number of metrics, each in one row: 10,000 × 10,000 searches would take a minute here.
    let count = MAX_DISTINCT_METRICS / 10;
    let table = builder_of(count, |row, builder| {
        let name = format!("{:06}", count - row);
        builder.metric(
            &name,
            MetricType::Cpu,
            Operator::Average,
            "5m",
            "ratio",
            f64::from(u32::try_from(row).unwrap()),
        );
    });
    let rows = u32::try_from(count).unwrap();
    let positions: Vec<_> = (0..rows).rev().map(Some).collect();
    let column = table.column(&cpu_load());
    let gathered = table.gather(&cpu_load(), &positions);
    assert!(column.iter().eq(gathered.iter().rev()));
    assert_eq!(*table.gather(&cpu_load().with_name("000001"), &[Some(rows - 1)]), [f64::from(rows - 1)]);
}
