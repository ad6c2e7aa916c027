//! What carries over between the evaluations of one policy: nothing, unless it was asked for.

use std::num::NonZeroU32;
use std::time::SystemTime;

use scorelet_host::collector::{CollectorOptions, recorded};
use scorelet_host::policy::{
    Candidates, Isolation, Limits, LoadOptions, Policy, PolicyEngine, PolicyErrorKind, Request,
};
use scorelet_host::scheduling::{Node, Pod};
use scorelet_host::snapshot::{Freshness, Reading};
use scorelet_tests::engine::ticked_by_hand;
use scorelet_tests::wat_policy::{OK, policy};

fn reuse(max_evaluations: u32) -> Isolation {
    Isolation::Reuse { max_evaluations: NonZeroU32::new(max_evaluations).unwrap() }
}

fn load(engine: &PolicyEngine, wasm: &[u8], isolation: Isolation) -> Policy {
    engine.load(wasm, LoadOptions { isolation, ..LoadOptions::default() }).unwrap()
}

fn nothing_known() -> Reading {
    Reading::new(None, None, SystemTime::UNIX_EPOCH, Freshness::default())
}

/// Counts its evaluations: the score is their number. What follows runs after counting.
fn counting(then: &str) -> Vec<u8> {
    let body = format!(
        "(global.set $count (i32.add (global.get $count) (i32.const 1)))
         {then}
         (f64.store (i32.const 64) (f64.convert_i32_u (global.get $count)))
         (call $scores (i32.const 64) (i32.const 1))"
    );
    policy(OK, &body, "(global $count (mut i32) (i32.const 0))")
}

/// The score of the only candidate and whether the instance was used before, or the kind of failure.
fn outcome(policy: &Policy, reading: &Reading) -> Result<(f64, bool), PolicyErrorKind> {
    let request = Request { pod: Pod::default(), candidates: Candidates::new([Node::named("a")]) };
    let evaluation = policy.score(reading, &request).map_err(|failure| failure.kind())?;
    Ok((evaluation.scores[0], evaluation.report.reused))
}

fn outcomes<const N: usize>(policy: &Policy) -> [Result<(f64, bool), PolicyErrorKind>; N] {
    std::array::from_fn(|_| outcome(policy, &nothing_known()))
}

#[test]
fn nothing_carries_over_by_default() {
    let policy = load(&ticked_by_hand(Limits::default()), &counting(""), Isolation::default());
    assert_eq!(outcomes(&policy), [Ok((1.0, false)), Ok((1.0, false)), Ok((1.0, false))]);
}

#[test]
fn state_carries_over_for_as_many_evaluations_as_asked_for() {
    let policy = load(&ticked_by_hand(Limits::default()), &counting(""), reuse(3));
    let rounds = outcomes(&policy);
    assert_eq!(rounds, [Ok((1.0, false)), Ok((2.0, true)), Ok((3.0, true)), Ok((1.0, false)), Ok((2.0, true))]);
}

#[test]
fn settings_are_handed_over_once_for_each_instance() {
    let wasm = policy(
        "(global.set $count (i32.add (global.get $count) (i32.const 1))) (i32.const 0)",
        "(f64.store (i32.const 64) (f64.convert_i32_u (global.get $count))) (call $scores (i32.const 64) (i32.const 1))",
        "(global $count (mut i32) (i32.const 0))",
    );
    let policy = load(&ticked_by_hand(Limits::default()), &wasm, reuse(2));
    assert_eq!(outcomes(&policy), [Ok((1.0, false)), Ok((1.0, true)), Ok((1.0, false))]);
}

#[test]
fn an_instance_does_not_survive_a_failure() {
    let second = |then: &str| format!("(if (i32.eq (global.get $count) (i32.const 2)) (then {then}))");
    // The result of an error with an empty text: any tag but zero.
    let refuse = "(i32.store8 (i32.const 16) (i32.const 1)) (return (i32.const 16))";
    let cases = [
        (second("unreachable"), PolicyErrorKind::Trap),
        (second("(loop $again (br $again))"), PolicyErrorKind::OutOfFuel),
        (
            second("(if (i32.eq (memory.grow (i32.const 2000)) (i32.const -1)) (then unreachable))"),
            PolicyErrorKind::OutOfMemory,
        ),
        (second("(return (call $scores (i32.const 64) (i32.const 0)))"), PolicyErrorKind::InvalidScores),
        (second(refuse), PolicyErrorKind::Refused),
    ];
    for (then, kind) in cases {
        let engine = ticked_by_hand(Limits { fuel: Some(100_000), ..Limits::default() });
        let policy = load(&engine, &counting(&then), reuse(100));
        assert_eq!(outcomes(&policy), [Ok((1.0, false)), Err(kind), Ok((1.0, false))], "{kind:?}");
    }
}

#[test]
fn an_instance_that_keeps_a_handle_is_not_used_again() {
    let body = r#"{"timestamp": 1767225600, "data": {"NodeMetricsMap": {"a": {"metrics": []}}}}"#;
    let reading = recorded(&CollectorOptions::default(), body.as_bytes()).unwrap();
    let policy = load(&ticked_by_hand(Limits::default()), &counting("(call $open (i32.const 32))"), reuse(100));
    for _ in 0..2 {
        assert_eq!(outcome(&policy, &reading), Ok((1.0, false)));
    }
}

#[test]
fn budgets_log_and_calls_begin_anew_on_the_same_instance() {
    let wasm = counting("(call $log (i32.const 2) (i32.const 0) (i32.const 0))");
    let engine = ticked_by_hand(Limits { fuel: Some(10_000), ..Limits::default() });
    let policy = load(&engine, &wasm, reuse(100));
    let request = Request { pod: Pod::default(), candidates: Candidates::new([Node::named("a")]) };
    let reports: Vec<_> = (0..50)
        .map(|_| {
            let evaluation = policy.score(&nothing_known(), &request).unwrap();
            assert_eq!(evaluation.logs.len(), 1);
            (evaluation.report.host_calls, evaluation.report.memory_bytes, evaluation.report.fuel.unwrap())
        })
        .collect();
    // Fifty times this much would be beyond the budget. The first one pays for `configure` too.
    let [first, rest @ ..] = &reports[..] else { unreachable!() };
    assert!(rest.iter().all(|report| *report == rest[0]), "{reports:?}");
    assert!(rest[0].2 < first.2 && first.2 < 1_000, "{reports:?}");
}

#[test]
fn the_instance_unused_for_longest_makes_room() {
    let engine = ticked_by_hand(Limits { concurrency: 1, ..Limits::default() });
    let (one, other) = (load(&engine, &counting(""), reuse(100)), load(&engine, &counting(""), reuse(100)));
    let rounds = [&one, &one, &other, &other, &one].map(|policy| outcome(policy, &nothing_known()).unwrap());
    assert_eq!(rounds, [(1.0, false), (2.0, true), (1.0, false), (2.0, true), (1.0, false)]);
}

#[test]
fn policies_of_the_same_file_share_nothing() {
    let engine = ticked_by_hand(Limits::default());
    let (one, other) = (load(&engine, &counting(""), reuse(100)), load(&engine, &counting(""), reuse(100)));
    let rounds = [&one, &other, &one].map(|policy| outcome(policy, &nothing_known()).unwrap());
    assert_eq!(rounds, [(1.0, false), (1.0, false), (2.0, true)]);
    drop(other);
    assert_eq!(outcome(&one, &nothing_known()), Ok((3.0, true)));
}

#[test]
fn an_instance_that_waits_for_its_next_evaluation_keeps_no_snapshot() {
    let body = r#"{"timestamp": 1767225600, "data": {"NodeMetricsMap": {"a": {"metrics": []}}}}"#;
    let reading = recorded(&CollectorOptions::default(), body.as_bytes()).unwrap();
    let policy = load(&ticked_by_hand(Limits::default()), &counting(""), reuse(100));
    assert_eq!(outcome(&policy, &reading), Ok((1.0, false)));
    let snapshot = std::sync::Arc::downgrade(reading.snapshot().unwrap());
    drop(reading);
    assert!(snapshot.upgrade().is_none());
    assert_eq!(outcome(&policy, &nothing_known()), Ok((2.0, true)));
}

/// Crashes unless its memory is as its file says, before and beyond what the pool keeps for the next instance; then fills all
/// of it.
fn filling(secret: u8) -> Vec<u8> {
    const PAGES: u32 = 160;
    let end = (PAGES + 1) << 16;
    let body = format!(
        "(if (i32.ne (i32.load8_u (i32.const 2048)) (i32.const {secret})) (then unreachable))
         (if (i32.eq (memory.grow (i32.const {PAGES})) (i32.const -1)) (then unreachable))
         (loop $again
             (if (i64.ne (i64.load (global.get $at)) (i64.const 0)) (then unreachable))
             (global.set $at (i32.add (global.get $at) (i32.const 8)))
             (br_if $again (i32.lt_u (global.get $at) (i32.const {end}))))
         (memory.fill (i32.const 2048) (i32.const 255) (i32.const {}))
         (f64.store (i32.const 64) (f64.const 0))
         (call $scores (i32.const 64) (i32.const 1))",
        end - 2048
    );
    let data = format!("(global $at (mut i32) (i32.const 65536)) (data (i32.const 2048) \"\\{secret:02x}\")");
    policy(OK, &body, &data)
}

#[test]
fn memory_that_the_pool_keeps_is_clean_for_the_next_instance() {
    let engine = ticked_by_hand(Limits::default());
    // More policies than the pool remembers places for, so that each also runs where another one was.
    let policies: Vec<Policy> = (1..=20).map(|secret| load(&engine, &filling(secret), Isolation::Fresh)).collect();
    for round in 0..3 {
        for policy in &policies {
            for _ in 0..=round {
                assert_eq!(outcome(policy, &nothing_known()), Ok((0.0, false)), "round {round}");
            }
        }
    }
}
