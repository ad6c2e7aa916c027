//! Scoring from asynchronous code: an endless policy does not hold up the executor.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use scorelet_host::policy::{Candidates, Limits, LoadOptions, Policy, PolicyEngine, PolicyErrorKind, Request};
use scorelet_host::scheduling::{Node, Pod};
use scorelet_host::snapshot::{Freshness, Reading};
use scorelet_tests::engine::{self, Clockwork};
use scorelet_tests::wat_policy::{OK, policy};

const ENDLESS: &str = "(loop $again (br $again)) (i32.const 0)";

fn load(engine: &PolicyEngine, score: &str) -> Policy {
    engine.load(&policy(OK, score, ""), LoadOptions::default()).unwrap()
}

fn nothing_known() -> Reading {
    Reading::new(None, None, SystemTime::UNIX_EPOCH, Freshness::default())
}

fn request() -> Request {
    Request { pod: Pod::default(), candidates: Candidates::new([Node::named("a")]) }
}

#[tokio::test(flavor = "current_thread")]
async fn another_task_runs_while_an_endless_policy_does_and_the_deadline_holds() {
    // A deadline that takes many ticks, so that there are many occasions to let others run.
    let limits = Limits { deadline: std::time::Duration::from_hours(1), ..Limits::default() };
    let engine = engine::ticked_by_hand(limits);
    let policy = load(&engine, ENDLESS);
    let turns = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&turns);
    let other = tokio::spawn(async move {
        loop {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    let _clockwork = Clockwork::start(&engine);
    let failure = policy.score_async(&nothing_known(), &request()).await.unwrap_err();
    assert_eq!(failure.kind(), PolicyErrorKind::Deadline);
    assert!(turns.load(Ordering::Relaxed) > 10, "the other task had {turns:?} turns");
    other.abort();
}

#[tokio::test(flavor = "current_thread")]
async fn an_evaluation_that_is_dropped_ends() {
    let limits = Limits { deadline: std::time::Duration::from_hours(1), ..Limits::default() };
    let engine = engine::ticked_by_hand(limits);
    let endless = load(&engine, ENDLESS);
    let _clockwork = Clockwork::start(&engine);
    let (reading, request) = (nothing_known(), request());
    tokio::select! {
        biased;
        _ = endless.score_async(&reading, &request) => panic!("it is endless"),
        () = std::future::ready(()) => {}
    }
    let constant = load(&engine, "(call $scores (i32.const 1024) (i32.const 1))");
    assert_eq!(constant.score_async(&reading, &request).await.unwrap().scores, [0.0]);
}

#[tokio::test(flavor = "current_thread")]
async fn yielding_and_blocking_give_the_same() {
    let engine = engine::ticked_by_hand(Limits { fuel: Some(1_000_000), ..Limits::default() });
    let policy = load(&engine, "(call $scores (i32.const 1024) (i32.const 1))");
    let (reading, request) = (nothing_known(), request());
    let blocking = policy.score(&reading, &request).unwrap();
    let yielding = policy.score_async(&reading, &request).await.unwrap();
    assert_eq!(blocking.scores, yielding.scores);
    assert_eq!(blocking.report.fuel, yielding.report.fuel);
    assert_eq!(blocking.logs, yielding.logs);
}
