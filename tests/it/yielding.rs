//! Scoring from asynchronous code: an endless policy does not hold up the executor.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, SystemTime};

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
async fn another_task_has_a_turn_every_few_ticks_while_an_endless_policy_runs_to_its_deadline() {
    // A deadline of many ticks, so that there are many occasions to let others run.
    let engine = engine::ticked_by_hand(Limits { deadline: Duration::from_millis(500), ..Limits::default() });
    let policy = load(&engine, ENDLESS);
    let (turn, turns) = mpsc::channel();
    let other = tokio::spawn(async move {
        while turn.send(()).is_ok() {
            tokio::task::yield_now().await;
        }
    });
    // Time stands still until the other task has had its turn.
    let ended = Arc::new(AtomicBool::new(false));
    let ticker = std::thread::spawn({
        let (engine, has_ended) = (engine.clone(), Arc::clone(&ended));
        move || {
            // Until the evaluation has begun, nobody has a turn.
            while turns.try_recv().is_err() {
                engine.tick();
                std::thread::yield_now();
            }
            let mut in_time = true;
            for _ in 0..20 {
                while turns.try_recv().is_ok() {}
                // A tick that comes while the other task has its turn is lost on the policy, which then yields at the next
                // one: a few are always enough, however long the machine takes.
                in_time = in_time
                    && [50, 1_000, 10_000, 60_000].into_iter().any(|patience| {
                        engine.tick();
                        turns.recv_timeout(Duration::from_millis(patience)).is_ok()
                    });
            }
            // The deadline has to come in the end.
            while !has_ended.load(Ordering::Relaxed) {
                engine.tick();
                std::thread::yield_now();
            }
            in_time
        }
    });
    let failure = policy.score_async(&nothing_known(), &request()).await.unwrap_err();
    assert_eq!(failure.kind(), PolicyErrorKind::Deadline);
    ended.store(true, Ordering::Relaxed);
    assert!(tokio::task::spawn_blocking(|| ticker.join().unwrap()).await.unwrap());
    other.abort();
}

#[tokio::test(flavor = "current_thread")]
async fn loading_and_scoring_go_on_however_often_a_task_does_it() {
    // Executors make a task give way after a hundred operations or so, which it cannot while it blocks its thread.
    let engine = engine::ticked_by_hand(Limits::default());
    for _ in 0..200 {
        let policy = load(&engine, "(call $scores (i32.const 1024) (i32.const 1))");
        assert_eq!(policy.score(&nothing_known(), &request()).unwrap().scores, [0.0]);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn loading_lets_others_run_and_takes_the_same_policies() {
    let engine = engine::ticked_by_hand(Limits::default());
    let wasm = policy(OK, "(call $scores (i32.const 1024) (i32.const 1))", "");
    let loading = engine.load_async(&wasm, LoadOptions::default());
    let mut loading = std::pin::pin!(loading);
    tokio::select! {
        biased;
        _ = &mut loading => panic!("it compiles on another thread"),
        () = std::future::ready(()) => {}
    }
    let policy = loading.await.unwrap();
    assert_eq!(policy.score_async(&nothing_known(), &request()).await.unwrap().scores, [0.0]);
    let refused = engine.load_async(b"nothing", LoadOptions::default()).await.unwrap_err();
    assert_eq!(refused.kind(), PolicyErrorKind::NotWasm);
}

#[tokio::test(flavor = "current_thread")]
async fn an_evaluation_that_is_dropped_ends() {
    let limits = Limits { deadline: Duration::from_hours(1), ..Limits::default() };
    let engine = engine::ticked_by_hand(limits);
    // Compiling takes ticks too: both are compiled before time begins to fly.
    let endless = load(&engine, ENDLESS);
    let constant = load(&engine, "(call $scores (i32.const 1024) (i32.const 1))");
    let _clockwork = Clockwork::start(&engine);
    let (reading, request) = (nothing_known(), request());
    tokio::select! {
        biased;
        _ = endless.score_async(&reading, &request) => panic!("it is endless"),
        () = std::future::ready(()) => {}
    }
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
