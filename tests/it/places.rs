//! As many evaluations at once as there are places; the others wait.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use scorelet_host::policy::{
    Allocation, Candidates, EngineOptions, Limits, LoadOptions, Policy, PolicyEngine, Request,
};
use scorelet_host::scheduling::Pod;
use scorelet_host::snapshot::{Freshness, Reading};
use scorelet_tests::engine::{Clockwork, ticked_by_hand};
use scorelet_tests::wat_policy::{OK, policy};

fn load(engine: &PolicyEngine, body: &str) -> Policy {
    let wasm = policy(OK, &format!("{body} (call $scores (i32.const 0) (i32.const 0))"), "");
    engine.load(&wasm, LoadOptions::default()).unwrap()
}

fn question() -> (Reading, Request) {
    let reading = Reading::new(None, None, SystemTime::UNIX_EPOCH, Freshness::default());
    (reading, Request { pod: Pod::default(), candidates: Candidates::new([]) })
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_place_that_becomes_free_goes_to_who_waits() {
    let limits = Limits { concurrency: 1, deadline: Duration::from_hours(1), ..Limits::default() };
    let engine = ticked_by_hand(limits);
    let (endless, harmless) = (load(&engine, "(loop $again (br $again))"), load(&engine, ""));
    let (reading, request) = question();
    let mut running = Box::pin(endless.score_async(&reading, &request));
    let mut waiting = pin!(harmless.score_async(&reading, &request));
    {
        let _clockwork = Clockwork::start(&engine);
        assert!(poll(running.as_mut()).is_pending());
    }
    assert!(poll(waiting.as_mut()).is_pending());
    drop(running);
    assert!(matches!(poll(waiting.as_mut()), Poll::Ready(Ok(_))));
}

#[test]
fn many_threads_share_a_few_places() {
    let engine = PolicyEngine::new(Limits { concurrency: 2, ..Limits::default() }).unwrap();
    let policy = load(&engine, "");
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let (reading, request) = question();
                for _ in 0..20 {
                    assert!(policy.score(&reading, &request).is_ok());
                }
            });
        }
    });
}

#[test]
fn a_pool_is_used_and_makes_no_difference_but_in_time() {
    let outcomes = [Allocation::Pooled, Allocation::OnDemand].map(|allocation| {
        let engine = PolicyEngine::with_options(EngineOptions { allocation, ..EngineOptions::default() }).unwrap();
        assert_eq!(engine.allocation(), allocation);
        let (reading, request) = question();
        // Memory is zero in every evaluation, whatever the one before left there.
        let dirty = "(if (i32.load (i32.const 128)) (then unreachable)) (i32.store (i32.const 128) (i32.const 1))";
        let policy = load(&engine, dirty);
        (0..3).map(|_| policy.score(&reading, &request).unwrap().report.memory_bytes).collect::<Vec<_>>()
    });
    assert_eq!(outcomes[0], outcomes[1]);
}
