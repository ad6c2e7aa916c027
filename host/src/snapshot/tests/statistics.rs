//! Statistics over time, rule by rule.

use super::*;

const RETENTION: Retention = Retention { max_age: Duration::from_secs(100), max_labels: 100 };
const NOTHING_DROPPED: MergeOutcome = MergeOutcome { expired: 0, evicted: 0 };

fn merged(known: &Statistics, labels: &[(&str, f64)], now: u64, retention: Retention) -> (Statistics, MergeOutcome) {
    let published = loads(labels.iter().copied());
    known.merge(&published, &window("15d", i64::try_from(now).unwrap()), at(now), retention)
}

/// Labels with the second in which each was last seen.
fn ages(statistics: &Statistics) -> Vec<(&str, u64)> {
    let seen = |position| {
        let seen = statistics.last_seen(position).expect("every row was seen");
        seen.duration_since(UNIX_EPOCH).unwrap().as_secs()
    };
    keys(statistics.table()).into_iter().zip((0..).map(seen)).collect()
}

#[test]
fn a_published_label_replaces_what_was_known() {
    let (first, _) = merged(&Statistics::empty(), &[("web", 1.0)], 10, RETENTION);
    let mut builder = TableBuilder::new();
    builder.metric("other", MetricType::Memory, Operator::Latest, "", "MiB", 5.0);
    builder.end_row("web");
    let published = builder.finish(&mut Defects::default());
    let (second, outcome) = first.merge(&published, &window("15d", 20), at(20), RETENTION);
    let names: Vec<_> = second.table().row("web").unwrap().metrics().map(|metric| metric.name).collect();
    assert_eq!(names, ["other"]);
    assert_eq!(ages(&second), [("web", 20)]);
    assert_eq!(outcome, NOTHING_DROPPED);
}

#[test]
fn a_label_that_is_no_longer_published_is_kept_with_its_age() {
    let (first, _) = merged(&Statistics::empty(), &[("all", 1.0), ("web", 2.0)], 10, RETENTION);
    let (second, outcome) = merged(&first, &[("all", 3.0), ("db", 4.0)], 20, RETENTION);
    assert_eq!(ages(&second), [("all", 20), ("db", 20), ("web", 10)]);
    assert_eq!(second.table().column(&cpu_load()), [3.0, 4.0, 2.0]);
    assert_eq!(outcome, NOTHING_DROPPED);
    assert_eq!(ages(&first), [("all", 10), ("web", 10)], "the statistics before are untouched");
}

#[test]
fn an_empty_answer_keeps_rows_ages_and_window() {
    let (first, _) = merged(&Statistics::empty(), &[("all", 1.0)], 10, RETENTION);
    let (second, outcome) = merged(&first, &[], 20, RETENTION);
    assert_eq!(ages(&second), [("all", 10)]);
    assert_eq!(*second.window(), window("15d", 10));
    assert_eq!(outcome, NOTHING_DROPPED);
    let (third, _) = merged(&second, &[("web", 1.0)], 30, RETENTION);
    assert_eq!(*third.window(), window("15d", 30));
}

#[test]
fn a_label_published_without_metrics_replaces_too() {
    let (first, _) = merged(&Statistics::empty(), &[("web", 1.0)], 10, RETENTION);
    let (second, _) = merged(&first, &[("web", f64::NAN)], 20, RETENTION);
    assert_eq!(second.of_label("web").unwrap().row.metrics().count(), 0);
    assert_eq!(ages(&second), [("web", 20)]);
}

#[test]
fn a_label_expires_when_unseen_for_longer_than_the_retention_and_not_before() {
    let (first, _) = merged(&Statistics::empty(), &[("all", 1.0)], 10, RETENTION);
    for (age, is_kept) in [
        (Duration::from_secs(99), true),
        (Duration::from_secs(100), true),
        (Duration::from_nanos(100_000_000_001), false),
    ] {
        let (second, outcome) = first.merge(&Table::empty(), &window("15d", 20), at(10) + age, RETENTION);
        assert_eq!(second.table().len(), usize::from(is_kept), "{age:?}");
        assert_eq!(outcome, MergeOutcome { expired: u64::from(!is_kept), evicted: 0 }, "{age:?}");
    }
}

#[test]
fn beyond_the_maximum_the_label_unseen_for_longest_goes_first() {
    let three = Retention { max_labels: 3, ..RETENTION };
    let (statistics, _) = merged(&Statistics::empty(), &[("a", 1.0)], 30, three);
    let (statistics, _) = merged(&statistics, &[("z", 1.0)], 31, three);
    let (statistics, outcome) = merged(&statistics, &[("m", 1.0)], 32, three);
    assert_eq!(outcome, NOTHING_DROPPED);
    let (statistics, outcome) = merged(&statistics, &[("n", 1.0)], 33, three);
    assert_eq!(ages(&statistics), [("m", 32), ("n", 33), ("z", 31)]);
    assert_eq!(outcome, MergeOutcome { expired: 0, evicted: 1 });
}

#[test]
fn of_labels_of_one_age_the_last_by_key_goes_first() {
    let two = Retention { max_labels: 2, ..RETENTION };
    let (statistics, outcome) =
        merged(&Statistics::empty(), &[("c", 1.0), ("a", 2.0), ("b", 3.0), ("d", 4.0)], 10, two);
    assert_eq!(ages(&statistics), [("a", 10), ("b", 10)]);
    assert_eq!(statistics.table().column(&cpu_load()), [2.0, 3.0]);
    assert_eq!(outcome, MergeOutcome { expired: 0, evicted: 2 });
}

#[test]
fn the_label_for_all_pods_is_never_evicted() {
    for max_labels in [0, 1, 2] {
        let retention = Retention { max_labels, ..RETENTION };
        let (statistics, _) = merged(&Statistics::empty(), &[("all", 1.0)], 10, retention);
        let (statistics, outcome) = merged(&statistics, &[("a", 1.0), ("b", 2.0)], 20, retention);
        assert_eq!(statistics.of_label("all").unwrap().last_seen, at(10), "at most {max_labels}");
        assert_eq!(outcome.evicted, 3 - max_labels.max(1) as u64, "at most {max_labels}");
        assert_eq!(statistics.table().len(), max_labels.max(1), "at most {max_labels}");
    }
}

#[test]
fn no_label_at_all_may_be_kept_when_none_is_allowed() {
    let none = Retention { max_labels: 0, ..RETENTION };
    let (statistics, outcome) = merged(&Statistics::empty(), &[("a", 1.0), ("b", 2.0)], 10, none);
    assert!(statistics.table().is_empty());
    assert_eq!(outcome, MergeOutcome { expired: 0, evicted: 2 });
}

#[test]
fn a_clock_set_back_drops_nothing() {
    let (first, _) = merged(&Statistics::empty(), &[("web", 1.0)], 1_000_000, RETENTION);
    let (second, outcome) = merged(&first, &[("all", 1.0)], 500, RETENTION);
    assert_eq!(ages(&second), [("all", 500), ("web", 1_000_000)]);
    assert_eq!(outcome, NOTHING_DROPPED);
}

#[test]
fn a_clock_set_back_does_not_evict_what_was_just_published() {
    let one = Retention { max_labels: 1, ..RETENTION };
    let (first, _) = merged(&Statistics::empty(), &[("a", 1.0)], 1_000_000, one);
    let (second, outcome) = merged(&first, &[("z", 2.0)], 500, one);
    assert_eq!(ages(&second), [("z", 500)]);
    assert_eq!(outcome, MergeOutcome { expired: 0, evicted: 1 });
}

#[test]
fn the_same_labels_again_share_their_keys() {
    let (first, _) = merged(&Statistics::empty(), &[("a", 1.0), ("b", 2.0)], 10, RETENTION);
    let (second, _) = merged(&first, &[("b", 3.0)], 20, RETENTION);
    assert!(std::sync::Arc::ptr_eq(first.table().keys(), second.table().keys()));
}

#[test]
fn a_label_without_statistics_is_answered_by_all_and_the_answer_says_so() {
    let known = statistics(&[("all", 1.0), ("web", 2.0)], at(10));
    let own = known.of_label("web").unwrap();
    assert_eq!((own.row.key(), own.is_fallback), ("web", false));
    let fallback = known.of_label("unheard of").unwrap();
    assert_eq!((fallback.row.key(), fallback.is_fallback), ("all", true));
    assert_eq!(value(fallback.row, &cpu_load()), Some(1.0));
    let all = known.of_label("all").unwrap();
    assert_eq!((all.row.key(), all.is_fallback), ("all", false));
    assert!(statistics(&[("web", 2.0)], at(10)).of_label("db").is_none());
    assert!(Statistics::empty().of_label("all").is_none());
    assert_eq!(Statistics::empty().last_seen(0), None);
}
