//! Any two answers of a load monitor, one after the other: all queries must answer, and all answers fit together.

#![no_main]

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use scorelet_host::collector::{CollectorOptions, recorded};
use scorelet_host::monitor::MonitorErrorKind;
use scorelet_host::monitor::wire::leading_timestamp;
use scorelet_host::snapshot::{
    FALLBACK_LABEL, Metric, Reading, Retention, Row, Selector, Snapshot, State, Table, Unavailable,
};

fuzz_target!(|data: &[u8]| {
    // Between the two stands the separator of JSON text sequences, which no JSON text has in it.
    let mut bodies = data.splitn(2, |byte| *byte == 0x1e);
    let readings = [bodies.next(), bodies.next()].map(|body| read(body?));
    readings.iter().flatten().for_each(check_queries);
    if let [Some(first), Some(second)] = &readings {
        check_merging(snapshot(first), snapshot(second));
    }
});

/// An answer as a reading, unless it is refused in a few words.
fn read(body: &[u8]) -> Option<Reading> {
    let timestamp = leading_timestamp(body);
    match recorded(&CollectorOptions::default(), body) {
        Ok(reading) => {
            let is_said_once =
                body.windows(9).filter(|word| word == b"timestamp").count() == 1 && !body.contains(&b'\\');
            if let Some(timestamp) = timestamp.filter(|_| is_said_once) {
                assert_eq!(snapshot(&reading).timestamp, timestamp);
            }
            Some(reading)
        }
        Err(failure) => {
            assert_eq!(failure.kind(), MonitorErrorKind::Malformed);
            let words = failure.to_string();
            assert!(!words.is_empty() && words.len() < 300, "{words}");
            None
        }
    }
}

fn snapshot(reading: &Reading) -> &Snapshot {
    reading.snapshot().expect("an answer was read")
}

fn check_queries(reading: &Reading) {
    let snapshot = snapshot(reading);
    let (nodes, window) = reading.node_all_metrics().expect("there is a snapshot");
    assert_eq!(window, &snapshot.window);
    check_table(nodes);
    for row in nodes.rows() {
        assert!(!row.key().is_empty());
        let (same, window) = reading.node_metrics(row.key()).expect("the node is published");
        assert!(same.metrics().eq(row.metrics()));
        assert_eq!(window, &snapshot.window);
    }
    let unknown = unknown_key(nodes);
    assert_eq!(reading.node_metrics(&unknown).err(), Some(Unavailable::NotFound(unknown)));

    let statistics = &snapshot.statistics;
    let labels = statistics.table();
    check_table(labels);
    assert_eq!(reading.all_statistics().err(), labels.is_empty().then_some(Unavailable::NoData));
    for row in labels.rows() {
        let answer = reading.statistics_of_label(row.key()).expect("the label is published");
        assert!(!answer.is_fallback && answer.row.metrics().eq(row.metrics()));
        assert_eq!(reading.age_of(answer.last_seen), Duration::ZERO);
    }
    let unknown = unknown_key(labels);
    match reading.statistics_of_label(&unknown) {
        Ok(answer) => assert!(answer.is_fallback && answer.row.key() == FALLBACK_LABEL),
        Err(why) => {
            assert!(labels.row(FALLBACK_LABEL).is_none());
            assert_eq!(why, Unavailable::NotFound(unknown));
        }
    }

    let validity = reading.valid();
    assert_eq!(validity.heartbeat.state, State::Fresh);
    assert_eq!(validity.metrics.state == State::Missing, nodes.is_empty());
    assert_eq!(validity.statistics.state == State::Missing, labels.is_empty());
    assert_eq!(validity.is_valid(), validity.checks().iter().all(|(_, check)| check.state == State::Fresh));
    assert!(validity.checks().iter().all(|(_, check)| !check.reason.is_empty()));
}

/// Rows and columns are two ways to say the same.
fn check_table(table: &Table) {
    assert!(table.keys().is_sorted_by(|left, right| left < right));
    let rows: Vec<Row<'_>> = table.rows().collect();
    assert_eq!(rows.len(), table.len());
    for (position, row) in rows.iter().enumerate() {
        assert_eq!(table.position(row.key()), Some(position));
        assert!(row.metrics().all(|metric| metric.value.is_finite()));
    }
    for selector in selectors(&rows) {
        let column = table.column(&selector);
        assert_eq!(column.len(), rows.len());
        for (row, value) in rows.iter().zip(&column) {
            let expected = selected(row, &selector);
            assert_eq!(row.metric(&selector), expected);
            assert_eq!((!value.is_nan()).then_some(*value), expected.map(|metric| metric.value));
        }
        let backwards: Vec<Option<u32>> = (0..rows.len()).rev().map(|position| u32::try_from(position).ok()).collect();
        let gathered = table.gather(&selector, &backwards);
        assert!(gathered.iter().map(|value| value.to_bits()).eq(column.iter().rev().map(|value| value.to_bits())));
    }
}

/// What a policy could ask for: each metric by type and operator, and by name and rollup as well. A few dozen, as each
/// asks all rows.
fn selectors<'a>(rows: &[Row<'a>]) -> HashSet<Selector<'a>> {
    let mut selectors = HashSet::new();
    for metric in rows.iter().flat_map(Row::metrics) {
        let any = Selector::new(metric.metric_type.clone(), metric.operator.clone());
        let named = any.clone().with_name(metric.name);
        selectors.extend([
            named.clone().with_rollup(metric.rollup),
            named,
            any.clone().with_rollup(metric.rollup),
            any,
        ]);
        if selectors.len() >= 64 {
            break;
        }
    }
    selectors
}

/// The rule of the contract, word by word: of the metrics that fit, the first by name, rollup and unit.
fn selected<'a>(row: &Row<'a>, selector: &Selector<'_>) -> Option<Metric<'a>> {
    let fits = |metric: &Metric<'_>| {
        *metric.metric_type == selector.metric_type
            && *metric.operator == selector.operator
            && selector.rollup.as_deref().is_none_or(|rollup| rollup == metric.rollup)
            && selector.name.as_deref().is_none_or(|name| name == metric.name)
    };
    // Of several that are equal, `min_by_key` gives the first.
    row.metrics().filter(fits).min_by_key(|metric| (metric.name, metric.rollup, metric.unit))
}

/// A key that comes after all others.
fn unknown_key(table: &Table) -> String {
    format!("{}?", table.keys().last().map_or("", |key| key))
}

/// What the second answer publishes replaces what was known; the rest is kept, as far as there is room.
fn check_merging(first: &Snapshot, second: &Snapshot) {
    let (known, published) = (&first.statistics, second.statistics.table());
    let later = first.received_at.checked_add(Duration::from_secs(60)).unwrap_or(first.received_at);
    let labels: BTreeSet<&str> = known.table().rows().chain(published.rows()).map(|row| row.key()).collect();
    let has_fallback = labels.contains(FALLBACK_LABEL);
    for room in [labels.len(), labels.len() / 2] {
        let retention = Retention { max_age: Duration::from_secs(60), max_labels: room };
        let (merged, dropped) = known.merge(published, &second.window, later, retention);
        let kept = merged.table();
        check_table(kept);
        assert_eq!(kept.len(), room.max(usize::from(has_fallback)));
        assert_eq!(kept.row(FALLBACK_LABEL).is_some(), has_fallback);
        assert_eq!((dropped.expired, dropped.evicted), (0, (labels.len() - kept.len()) as u64));
        assert_eq!(merged.window(), if published.is_empty() { known.window() } else { &second.window });
        for (position, row) in kept.rows().enumerate() {
            let (origin, seen) = match published.row(row.key()) {
                Some(origin) => (Some(origin), later),
                None => (known.table().row(row.key()), first.received_at),
            };
            assert!(row.metrics().eq(origin.expect("one of both has the label").metrics()));
            assert_eq!(merged.last_seen(position), Some(seen));
        }
    }
}
