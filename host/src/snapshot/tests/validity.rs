//! Every check in every state, at its boundary, and in its full words.

use super::*;

const NANOSECOND: Duration = Duration::from_nanos(1);

fn usual() -> Snapshot {
    snapshot(&[("n", 1.0)], &[("all", 1.0)])
}

fn judged(snapshot: Option<&Snapshot>, heartbeat_age: Option<Duration>, now: SystemTime) -> Validity {
    Validity::judge(snapshot, heartbeat_age, now, &FRESHNESS)
}

fn heartbeat(age: Option<Duration>) -> Check {
    judged(None, age, at(0)).heartbeat
}

/// The metrics check at this age of the window's end.
fn metrics(age: Duration) -> Check {
    judged(Some(&usual()), None, at(TIMESTAMP.unsigned_abs()) + age).metrics
}

/// The metrics check with the window's end so far in the future.
fn metrics_ahead(ahead: Duration) -> Check {
    judged(Some(&usual()), None, at(TIMESTAMP.unsigned_abs()) - ahead).metrics
}

fn check(state: State, age: Option<Duration>, reason: &str) -> Check {
    Check { state, age, reason: reason.to_owned() }
}

#[test]
fn heartbeat_never_seen() {
    assert_eq!(heartbeat(None), check(State::Missing, None, "the load monitor has never answered its health check"));
}

#[test]
fn heartbeat_fresh_up_to_and_at_the_limit() {
    for (age, text) in [(0, "0 s"), (1, "1 s"), (60, "60 s")] {
        let age = Duration::from_secs(age);
        assert_eq!(
            heartbeat(Some(age)),
            check(State::Fresh, Some(age), &format!("the last good heartbeat was {text} ago"))
        );
    }
}

#[test]
fn heartbeat_stale_a_hair_beyond_the_limit() {
    let age = Duration::from_mins(1) + NANOSECOND;
    let reason = "the last good heartbeat was just over 60 s ago, longer than the allowed 60 s";
    assert_eq!(heartbeat(Some(age)), check(State::Stale, Some(age), reason));
}

#[test]
fn heartbeat_stale() {
    let age = Duration::from_secs(61);
    let reason = "the last good heartbeat was 61 s ago, longer than the allowed 60 s";
    assert_eq!(heartbeat(Some(age)), check(State::Stale, Some(age), reason));
    let reason = "the last good heartbeat was 213503982334601 d 7 h ago, longer than the allowed 60 s";
    assert_eq!(heartbeat(Some(Duration::MAX)), check(State::Stale, Some(Duration::MAX), reason));
}

#[test]
fn durations_are_told_in_their_own_units() {
    let lenient = Freshness { heartbeat_timeout: Duration::MAX, ..FRESHNESS };
    for (seconds, text) in [
        (0, "0 s"),
        (119, "119 s"),
        (120, "2 min 0 s"),
        (7_199, "119 min 59 s"),
        (7_200, "2 h 0 min"),
        (172_799, "47 h 59 min"),
        (172_800, "2 d 0 h"),
        (1_300_000, "15 d 1 h"),
    ] {
        let check = Validity::judge(None, Some(Duration::from_secs(seconds)), at(0), &lenient).heartbeat;
        assert_eq!(check.reason, format!("the last good heartbeat was {text} ago"));
    }
}

#[test]
fn metrics_without_a_snapshot() {
    let metrics = judged(None, Some(Duration::ZERO), at(0)).metrics;
    assert_eq!(metrics, check(State::Missing, None, "no metrics have been received yet"));
}

#[test]
fn metrics_of_no_node() {
    let empty = snapshot(&[], &[("all", 1.0)]);
    let now = at(TIMESTAMP.unsigned_abs() + 5);
    let expected = check(State::Missing, Some(Duration::from_secs(5)), "the load monitor publishes no nodes");
    assert_eq!(judged(Some(&empty), None, now).metrics, expected);
}

#[test]
fn metrics_fresh_up_to_and_at_the_limit() {
    for (age, text) in [(0, "0 s"), (179, "2 min 59 s"), (180, "3 min 0 s")] {
        let age = Duration::from_secs(age);
        let expected = check(State::Fresh, Some(age), &format!("the metrics' window ended {text} ago"));
        assert_eq!(metrics(age), expected);
    }
}

#[test]
fn metrics_stale_a_hair_beyond_the_limit() {
    let age = Duration::from_mins(3) + NANOSECOND;
    let reason = "the metrics' window ended just over 3 min 0 s ago, longer than the allowed 3 min 0 s";
    assert_eq!(metrics(age), check(State::Stale, Some(age), reason));
}

#[test]
fn metrics_stale() {
    let age = Duration::from_hours(1);
    let reason = "the metrics' window ended 60 min 0 s ago, longer than the allowed 3 min 0 s";
    assert_eq!(metrics(age), check(State::Stale, Some(age), reason));
}

#[test]
fn metrics_are_as_old_as_their_window_whatever_the_timestamp_and_the_time_of_receipt() {
    let now = at(TIMESTAMP.unsigned_abs());
    let mut old = usual();
    old.window.end -= 181;
    let reason = "the metrics' window ended 3 min 1 s ago, longer than the allowed 3 min 0 s";
    let expected = check(State::Stale, Some(Duration::from_secs(181)), reason);
    assert_eq!(judged(Some(&old), Some(Duration::ZERO), now).metrics, expected);
}

#[test]
fn metrics_from_a_clock_ahead_are_fresh_and_say_so() {
    let reason = "the metrics' window ends 1 s from now: the load monitor's clock is ahead of this host's";
    assert_eq!(metrics_ahead(Duration::from_secs(1)), check(State::Fresh, Some(Duration::ZERO), reason));
    let reason = "the metrics' window ends 2 h 0 min from now: the load monitor's clock is ahead of this host's";
    assert_eq!(metrics_ahead(Duration::from_hours(2)), check(State::Fresh, Some(Duration::ZERO), reason));
}

#[test]
fn metrics_ahead_by_less_than_a_second_are_rounding() {
    let expected = check(State::Fresh, Some(Duration::ZERO), "the metrics' window ended 0 s ago");
    assert_eq!(metrics_ahead(NANOSECOND), expected);
    assert_eq!(metrics_ahead(Duration::from_secs(1).checked_sub(NANOSECOND).unwrap()), expected);
}

#[test]
fn metrics_ahead_by_more_than_a_day_are_stale_since_no_clock_says_so() {
    let day = Duration::from_hours(24);
    assert_eq!(metrics_ahead(day).state, State::Fresh);
    let reason = |ahead| {
        format!(
            "the metrics' window ends {ahead} from now: the load monitor's clock is wrong, or the unit of its times \
             (milliseconds?)"
        )
    };
    let expected = check(State::Stale, Some(Duration::ZERO), &reason("24 h 0 min"));
    assert_eq!(metrics_ahead(day + NANOSECOND), expected);
    let mut milliseconds = usual();
    milliseconds.window.end *= 1000;
    let judged = judged(Some(&milliseconds), None, at(TIMESTAMP.unsigned_abs())).metrics;
    assert_eq!(judged, check(State::Stale, Some(Duration::ZERO), &reason("19317827 d 16 h")));
}

#[test]
fn metrics_of_absurd_times_are_judged_without_panic() {
    for (end, state) in [(i64::MIN, State::Stale), (-1, State::Stale), (0, State::Stale), (i64::MAX, State::Stale)] {
        let mut absurd = usual();
        absurd.window.end = end;
        assert_eq!(judged(Some(&absurd), None, at(TIMESTAMP.unsigned_abs())).metrics.state, state, "{end}");
    }
}

#[test]
fn statistics_without_a_snapshot() {
    let statistics = judged(None, Some(Duration::ZERO), at(0)).statistics;
    assert_eq!(statistics, check(State::Missing, None, "no statistics have been received yet"));
}

#[test]
fn statistics_of_no_label() {
    let statistics = judged(Some(&snapshot(&[("n", 1.0)], &[])), Some(Duration::ZERO), at(0)).statistics;
    assert_eq!(statistics, check(State::Missing, None, "the load monitor publishes no statistics"));
}

#[test]
fn statistics_are_fresh_with_the_age_of_the_newest_label() {
    let mut snapshot = usual();
    let now = at(TIMESTAMP.unsigned_abs() + 200);
    let known = &snapshot.statistics;
    let retention = Retention { max_age: Duration::from_secs(1000), max_labels: 10 };
    let (both, _) = known.merge(&loads([("web", 1.0)]), &window("15d", 1), now - Duration::from_secs(90), retention);
    assert_eq!(
        judged(Some(&snapshot), None, now).statistics,
        check(State::Fresh, Some(Duration::from_secs(200)), "1 label, last published 3 min 20 s ago")
    );
    snapshot.statistics = both;
    assert_eq!(
        judged(Some(&snapshot), None, now).statistics,
        check(State::Fresh, Some(Duration::from_secs(90)), "2 labels, last published 90 s ago")
    );
}

#[test]
fn statistics_seen_by_a_clock_that_was_set_back_have_age_zero() {
    let expected = check(State::Fresh, Some(Duration::ZERO), "1 label, last published 0 s ago");
    assert_eq!(judged(Some(&usual()), None, at(5)).statistics, expected);
}

#[test]
fn statistics_switched_off() {
    let off = Freshness { require_statistics: false, ..FRESHNESS };
    let expected = check(State::Disabled, None, "statistics are not required");
    for snapshot in [None, Some(&snapshot(&[], &[])), Some(&usual())] {
        assert_eq!(Validity::judge(snapshot, None, at(0), &off).statistics, expected);
    }
}

#[test]
fn valid_needs_every_check_that_is_not_switched_off() {
    let now = at(TIMESTAMP.unsigned_abs());
    let (beat, late) = (Some(Duration::ZERO), Some(Duration::from_secs(61)));
    let off = Freshness { require_statistics: false, ..FRESHNESS };
    let (no_nodes, no_labels) = (snapshot(&[], &[("all", 1.0)]), snapshot(&[("n", 1.0)], &[]));
    let stale = now + Duration::from_secs(181);
    for (snapshot, heartbeat_age, now, freshness, failed) in [
        (Some(&usual()), beat, now, &FRESHNESS, &[][..]),
        (Some(&usual()), late, now, &FRESHNESS, &["heartbeat"]),
        (Some(&usual()), None, now, &FRESHNESS, &["heartbeat"]),
        (Some(&usual()), beat, stale, &FRESHNESS, &["metrics"]),
        (Some(&no_nodes), beat, now, &FRESHNESS, &["metrics"]),
        (Some(&no_labels), beat, now, &FRESHNESS, &["statistics"]),
        (Some(&no_labels), beat, now, &off, &[]),
        (None, beat, now, &off, &["metrics"]),
        (None, None, now, &FRESHNESS, &["heartbeat", "metrics", "statistics"]),
    ] {
        let validity = Validity::judge(snapshot, heartbeat_age, now, freshness);
        let found = validity.checks().into_iter().filter(|(_, check)| check.has_failed()).map(|(name, _)| name);
        assert_eq!(found.collect::<Vec<_>>(), failed);
        assert_eq!(validity.is_valid(), failed.is_empty());
    }
}

#[test]
fn states_have_the_names_of_the_contract() {
    let states = [State::Fresh, State::Stale, State::Missing, State::Disabled];
    assert_eq!(states.map(State::as_str), ["fresh", "stale", "missing", "disabled"]);
}
