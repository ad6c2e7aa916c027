//! Policies in the sandbox: what they may do, and what happens when they do something else.

use std::fmt::Write as _;
use std::time::SystemTime;

use scorelet_host::policy::{
    Candidates, Evaluation, Limits, LoadOptions, PolicyEngine, PolicyError, PolicyErrorKind, Request,
};
use scorelet_host::scheduling::{Node, Pod};
use scorelet_host::snapshot::{Freshness, Reading};
use scorelet_tests::engine;
use scorelet_tests::wat_policy::{OK, policy};

fn engine() -> PolicyEngine {
    engine::ticked_by_hand(Limits::default())
}

fn nothing_known() -> Reading {
    Reading::new(None, None, SystemTime::UNIX_EPOCH, Freshness::default())
}

fn request(nodes: &[&str]) -> Request {
    Request { pod: Pod::default(), candidates: Candidates::new(nodes.iter().map(|name| Node::named(*name))) }
}

fn score(wasm: &[u8], nodes: &[&str]) -> Result<Evaluation, PolicyError> {
    let options = LoadOptions { name: "under-test".to_owned(), ..LoadOptions::default() };
    engine().load(wasm, options)?.score(&nothing_known(), &request(nodes))
}

/// A policy that answers with these scores.
fn constant(scores: &[f64]) -> Vec<u8> {
    let mut body = String::new();
    for (place, score) in scores.iter().enumerate() {
        let (address, bits) = (1024 + place * 8, score.to_bits().cast_signed());
        let _ = write!(body, "(i64.store (i32.const {address}) (i64.const {bits}))");
    }
    policy(OK, &format!("{body} (call $scores (i32.const 1024) (i32.const {}))", scores.len()), "")
}

#[test]
fn constant_scores_come_back_in_order() {
    let evaluation = score(&constant(&[0.0, 100.0, 41.5]), &["a", "b", "c"]).unwrap();
    assert_eq!(evaluation.scores, [0.0, 100.0, 41.5]);
    assert_eq!(evaluation.report.memory_bytes, 65536);
}

#[test]
fn a_crash_names_the_functions() {
    let wasm = policy(OK, "(call $oops) (i32.const 0)", "(func $oops unreachable)");
    let failure = score(&wasm, &["a"]).unwrap_err();
    assert_eq!(failure.kind(), PolicyErrorKind::Trap);
    assert_eq!(failure.message(), "it crashed without a message (a panic or an abort)");
    assert_eq!(failure.backtrace().first().map(String::as_str), Some("oops"));
}

#[test]
fn the_engine_ends_an_endless_loop_by_itself() {
    let wasm = policy("(loop $again (br $again)) (i32.const 0)", OK, "");
    let engine = PolicyEngine::new(Limits::default()).unwrap();
    let failure = engine.load(&wasm, LoadOptions::default()).unwrap_err();
    assert_eq!(failure.kind(), PolicyErrorKind::Deadline);
}
