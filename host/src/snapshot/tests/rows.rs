//! Building tables: whatever the order of the calls, rows come out as they went in.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A metric of the model: an identity of a small alphabet, and a value.
type Cell = (usize, f64);

/// Identities that overlap in every part, so that none can be told from another by one of them.
const IDENTITIES: [(&str, MetricType<'static>, Operator<'static>, &str, &str); 7] = [
    ("a", MetricType::Cpu, Operator::Average, "5m", "ratio"),
    ("a", MetricType::Cpu, Operator::Average, "5m", ""),
    ("a", MetricType::Cpu, Operator::Average, "", "ratio"),
    ("a", MetricType::Memory, Operator::Average, "5m", "ratio"),
    ("a", MetricType::Cpu, Operator::Latest, "5m", "ratio"),
    ("b", MetricType::Cpu, Operator::Average, "5m", "ratio"),
    ("", MetricType::Other(std::borrow::Cow::Borrowed("a")), Operator::Unknown, "a", "a"),
];

#[derive(Clone, Debug)]
enum Call {
    Metric(Cell),
    EndRow(String),
    WithdrawRow(String),
    DiscardRow,
}

fn add(builder: &mut TableBuilder, (identity, value): Cell) {
    let (name, metric_type, operator, rollup, unit) = IDENTITIES[identity].clone();
    builder.metric(name, metric_type, operator, rollup, unit, value);
}

fn cells(row: Row<'_>) -> Vec<Cell> {
    let identity = |metric: &Metric<'_>| {
        let plain = (metric.name, metric.metric_type.clone(), metric.operator.clone(), metric.rollup, metric.unit);
        IDENTITIES.iter().position(|known| *known == plain).expect("one of the alphabet")
    };
    row.metrics().map(|metric| (identity(&metric), metric.value)).collect()
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let value = prop_oneof![9 => (-100..100_i32).prop_map(f64::from), 1 => Just(f64::NAN), 1 => Just(f64::INFINITY)];
    let call = prop_oneof![
        8 => (0..IDENTITIES.len(), value).prop_map(Call::Metric),
        3 => "[a-f]?".prop_map(Call::EndRow),
        1 => "[a-f]?".prop_map(Call::WithdrawRow),
        1 => Just(Call::DiscardRow),
    ];
    prop::collection::vec(call, 0..80)
}

proptest! {
    #[test]
    fn any_sequence_of_calls_keeps_the_last_row_of_each_key(calls in calls()) {
        let (mut builder, mut model, mut open, mut ended) = (TableBuilder::new(), BTreeMap::new(), Vec::new(), 0);
        for call in calls {
            match call {
                Call::Metric(cell) => {
                    add(&mut builder, cell);
                    open.extend(cell.1.is_finite().then_some(cell));
                }
                Call::EndRow(key) => {
                    builder.end_row(key.as_str());
                    model.insert(key, Some(std::mem::take(&mut open)));
                    ended += 1;
                }
                Call::WithdrawRow(key) => {
                    builder.withdraw_row(key.as_str());
                    model.insert(key, None);
                    open.clear();
                    ended += 1;
                }
                Call::DiscardRow => {
                    builder.discard_row();
                    open.clear();
                }
            }
        }
        let mut defects = Defects::default();
        let table = builder.finish(&mut defects);
        prop_assert_eq!(defects, Defects { duplicate_entries: ended - model.len() as u64, ..Defects::default() });
        model.retain(|_, row| row.is_some());
        prop_assert_eq!(table.len(), model.len());
        for (row, (key, expected)) in table.rows().zip(model.iter().filter_map(|(key, row)| Some((key, row.as_ref()?)))) {
            prop_assert_eq!(row.key(), key);
            prop_assert_eq!(&cells(row), expected);
        }

        // A table copied row by row is the same table, down to its size.
        let mut copy = TableBuilder::new();
        table.rows().for_each(|row| copy.copy_row(row));
        let copy = copy.finish(&mut Defects::default());
        prop_assert_eq!(copy.heap_bytes(), table.heap_bytes());
        for (left, right) in copy.rows().zip(table.rows()) {
            prop_assert_eq!(left.key(), right.key());
            prop_assert_eq!(cells(left), cells(right));
        }
    }
}

#[test]
fn an_empty_table_answers_every_question() {
    let mut defects = Defects::default();
    for table in [Table::empty(), TableBuilder::new().finish(&mut defects)] {
        assert!(table.is_empty());
        assert_eq!(table.len(), 0);
        assert_eq!(table.rows().count(), 0);
        assert_eq!(table.position(""), None);
        assert!(table.row("n").is_none());
        assert!(table.row_at(0).is_none());
        assert_eq!(table.column(&cpu_load()), [0.0; 0]);
        assert!(table.gather(&cpu_load(), &[Some(0), None]).iter().all(|value| value.is_nan()));
    }
    assert!(defects.is_empty());
}

#[test]
fn positions_beyond_the_table_have_no_row_and_no_value() {
    let table = loads([("a", 1.0), ("b", 2.0)]);
    assert!(table.row_at(2).is_none());
    assert!(table.row_at(usize::MAX).is_none());
    let gathered = table.gather(&cpu_load(), &[Some(1), Some(2), Some(u32::MAX), None, Some(0), Some(1)]);
    let gathered: Vec<_> = gathered.iter().map(|value| (!value.is_nan()).then_some(*value)).collect();
    assert_eq!(gathered, [Some(2.0), None, None, None, Some(1.0), Some(2.0)]);
}

#[test]
fn values_that_are_not_finite_are_not_added() {
    assert_eq!(
        loads([("a", f64::NAN), ("b", f64::INFINITY), ("c", f64::NEG_INFINITY)])
            .rows()
            .flat_map(|row| row.metrics())
            .count(),
        0
    );
}

#[test]
fn a_row_that_was_not_ended_is_not_in_the_table() {
    let mut builder = TableBuilder::new();
    add(&mut builder, (0, 1.0));
    builder.end_row("n");
    add(&mut builder, (5, 2.0));
    let table = builder.finish(&mut Defects::default());
    assert_eq!(keys(&table), ["n"]);
    assert_eq!(cells(table.row("n").unwrap()), [(0, 1.0)]);
}

#[test]
fn keys_are_shared_with_the_table_before_only_when_they_are_the_same() {
    let first = loads([("a", 1.0), ("b", 2.0)]);
    let same = loads([("b", 3.0), ("a", 4.0)]).sharing_keys_of(&first);
    assert!(std::sync::Arc::ptr_eq(same.keys(), first.keys()));
    assert_eq!(same.column(&cpu_load()), [4.0, 3.0]);
    for other in [loads([("a", 1.0)]), loads([("a", 1.0), ("c", 2.0)]), Table::empty()] {
        assert!(!std::sync::Arc::ptr_eq(other.sharing_keys_of(&first).keys(), first.keys()));
    }
}

proptest! {
    #[test]
    fn many_positions_are_those_of_the_keys_one_by_one(
        known in proptest::collection::btree_set("(node-|pool-[ab]-nodes-)?[a-c\\x00]{0,20}", 0..200),
        others in proptest::collection::vec("(node-|pool-[ab]-nodes-)?[a-c\\x00]{0,20}", 0..8),
        of_those_known in proptest::collection::vec(any::<proptest::sample::Index>(), 0..100),
        begin_alike: bool,
        in_order: bool,
    ) {
        let begin = if begin_alike { "node-" } else { "" };
        let known: Vec<_> = known.iter().map(|key| format!("{begin}{key}")).collect();
        let mut builder = TableBuilder::new();
        for key in &known {
            builder.end_row(key.as_str());
        }
        let table = builder.finish(&mut Defects::default());
        // A few or many of those that are there, in their order or not, some twice, and some that hardly are there.
        let there = of_those_known.iter().filter(|_| !known.is_empty()).map(|index| index.get(&known).clone());
        let mut asked: Vec<_> = there.chain(others.iter().map(|key| format!("{begin}{key}"))).collect();
        if in_order {
            asked.sort();
        }
        let one_by_one: Vec<_> =
            asked.iter().map(|key| table.position(key).map(|position| u32::try_from(position).unwrap())).collect();
        prop_assert_eq!(table.positions(asked.iter().map(String::as_str)), one_by_one);
    }

    #[test]
    fn all_keys_in_their_order_have_their_own_positions(
        known in proptest::collection::btree_set("[a-c]{0,3}", 0..40),
        missing in any::<proptest::sample::Index>(),
    ) {
        let mut builder = TableBuilder::new();
        for key in &known {
            builder.end_row(key.as_str());
        }
        let table = builder.finish(&mut Defects::default());
        let mut expected: Vec<_> = (0..).zip(&known).map(|(position, key)| (key.as_str(), Some(position))).collect();
        if !expected.is_empty() {
            expected.remove(missing.index(expected.len()));
        }
        let (keys, positions): (Vec<_>, Vec<_>) = expected.into_iter().unzip();
        prop_assert_eq!(table.positions(keys.into_iter()), positions);
    }
}
