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
fn scores_that_break_the_contract_name_the_candidate() {
    for (scores, message) in [
        (&[1.0, f64::NAN][..], "it scored b with NaN; scores are finite and within 0 to 100"),
        (&[f64::INFINITY, 1.0], "it scored a with inf; scores are finite and within 0 to 100"),
        (&[f64::NEG_INFINITY, 1.0], "it scored a with -inf; scores are finite and within 0 to 100"),
        (&[1.0, -0.001], "it scored b with -0.001; scores are finite and within 0 to 100"),
        (&[100.001, 1.0], "it scored a with 100.001; scores are finite and within 0 to 100"),
        (&[1.0], "it gave 1 score for 2 candidates; b is the first without one"),
        (&[], "it gave 0 scores for 2 candidates; a is the first without one"),
        (&[1.0, 2.0, 3.0], "it gave 3 scores for 2 candidates"),
    ] {
        let failure = score(&constant(scores), &["a", "b"]).unwrap_err();
        assert_eq!(failure.kind(), PolicyErrorKind::InvalidScores);
        assert_eq!(failure.to_string(), format!("policy under-test: {message}"));
    }
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

#[test]
fn what_is_no_policy_is_refused_in_words_before_it_is_compiled() {
    let module = wat::parse_str("(module)").unwrap();
    let component = wat::parse_str("(component)").unwrap();
    for (bytes, kind, message) in [
        (&b""[..], PolicyErrorKind::NotWasm, "the file is empty; it should be a policy compiled to WebAssembly"),
        (
            b"#!/bin/sh",
            PolicyErrorKind::NotWasm,
            "the file is not WebAssembly: it does not begin with the bytes 00 61 73 6d",
        ),
        (
            b" (module)",
            PolicyErrorKind::NotWasm,
            "the file looks like WebAssembly text; compile it first, for example with `wasm-tools parse`",
        ),
        (
            b"\0asm\x63\0\0\0",
            PolicyErrorKind::Incompatible,
            "it is WebAssembly of an unknown version ([63, 00, 00, 00])",
        ),
        (
            &module,
            PolicyErrorKind::Incompatible,
            "it is a core module without a component type, so nothing says what it imports and exports; build it with \
             the scorelet-guest SDK or with wit-bindgen, or make a component of it first",
        ),
        (
            &component,
            PolicyErrorKind::Incompatible,
            "it does not export scorelet:policy/scorer@0.1.0, so it is not a scoring policy; it exports nothing",
        ),
    ] {
        let failure = score(bytes, &["a"]).unwrap_err();
        assert_eq!((failure.kind(), failure.message()), (kind, message));
    }
}
