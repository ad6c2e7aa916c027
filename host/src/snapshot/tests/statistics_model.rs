//! Random sequences of answers against a plain map with the same rules.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// What the load monitor publishes in one answer, and by how much the clock moved before it.
#[derive(Clone, Debug)]
struct Step {
    labels: BTreeMap<&'static str, Vec<f64>>,
    clock: i64,
}

#[derive(Default)]
struct Model {
    labels: BTreeMap<&'static str, (Vec<f64>, u64)>,
    window_end: i64,
}

impl Model {
    fn merge(&mut self, step: &Step, now: u64, window_end: i64, max_age: u64, max_labels: usize) -> MergeOutcome {
        let mut outcome = MergeOutcome::default();
        if !step.labels.is_empty() {
            self.window_end = window_end;
        }
        self.labels.extend(step.labels.iter().map(|(label, values)| (*label, (values.clone(), now))));
        let before = self.labels.len();
        self.labels.retain(|_, (_, seen)| now.saturating_sub(*seen) <= max_age);
        outcome.expired = (before - self.labels.len()) as u64;
        while self.labels.len() > max_labels {
            let others = self.labels.iter().filter(|(label, _)| **label != "all");
            let oldest = others.max_by_key(|(label, (_, seen))| {
                (now.saturating_sub(*seen), !step.labels.contains_key(*label), **label)
            });
            let Some(oldest) = oldest.map(|(label, _)| *label) else { break };
            self.labels.remove(oldest);
            outcome.evicted += 1;
        }
        outcome
    }
}

fn table(labels: &BTreeMap<&'static str, Vec<f64>>) -> Table {
    let mut builder = TableBuilder::new();
    for (label, values) in labels {
        for value in values {
            builder.metric("statistic", MetricType::Cpu, Operator::Average, "15d", "m", *value);
        }
        builder.end_row(*label);
    }
    builder.finish(&mut Defects::default())
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let label = prop::sample::select(&["all", "a", "b", "c", "d", "e", "z"][..]);
    let values = prop::collection::vec((-100..100_i32).prop_map(f64::from), 0..3);
    let step = (prop::collection::btree_map(label, values, 0..5), -30..60_i64)
        .prop_map(|(labels, clock)| Step { labels, clock });
    prop::collection::vec(step, 1..20)
}

proptest! {
    #[test]
    fn any_sequence_of_answers(steps in steps(), max_age in 0..100_u64, max_labels in 0..8_usize) {
        let retention = Retention { max_age: Duration::from_secs(max_age), max_labels };
        let (mut statistics, mut model, mut now) = (Statistics::empty(), Model::default(), 1_000_u64);
        for (number, step) in (1..).zip(&steps) {
            now = now.saturating_add_signed(step.clock);
            let published = Window { duration: "15d".to_owned(), start: 0, end: number };
            let (next, outcome) = statistics.merge(&table(&step.labels), &published, at(now), retention);
            prop_assert_eq!(outcome, model.merge(step, now, number, max_age, max_labels));
            prop_assert_eq!(next.window().end, model.window_end);
            prop_assert_eq!(keys(next.table()), model.labels.keys().copied().collect::<Vec<_>>());
            for (position, (row, (values, seen))) in next.table().rows().zip(model.labels.values()).enumerate() {
                prop_assert_eq!(&row.metrics().map(|metric| metric.value).collect::<Vec<_>>(), values);
                prop_assert_eq!(next.last_seen(position), Some(at(*seen)));
            }
            prop_assert_eq!(next.last_seen(model.labels.len()), None);
            statistics = next;
        }
    }
}
