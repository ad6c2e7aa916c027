//! A policy in Rust that does what programs do, built for wasm32-wasip2; and the sample policies, built for it too.

use std::num::NonZeroU32;

use scorelet_host::collector::{CollectorOptions, recorded};
use scorelet_host::policy::{
    Candidates, Evaluation, FileKind, Isolation, Level, Limits, LoadOptions, PolicyError, PolicyErrorKind, Request,
    Wasi,
};
use scorelet_host::scheduling::{CPU, MEMORY, Pod, Resources};
use scorelet_tests::artifacts;

use super::{engine, nothing_known, request};

fn ordinary(pod: &str) -> Result<Evaluation, PolicyError> {
    super::score(&artifacts::read(artifacts::ORDINARY), Limits::default(), pod)
}

fn lines(evaluation: &Evaluation) -> Vec<(Level, &str)> {
    evaluation.logs.iter().map(|line| (line.level, line.message.as_str())).collect()
}

#[test]
fn there_is_nothing_to_see() {
    let evaluation = ordinary("look").unwrap();
    let seen: Vec<&str> = lines(&evaluation).into_iter().map(|(_, message)| message).collect();
    assert_eq!(
        seen,
        [
            "variables: 0",
            "arguments: 0",
            "input: Ok(0)",
            "file: Err(NotFound)",
            "new file: Err(NotFound)",
            "folder: Err(NotFound)",
            "tcp: Err(PermissionDenied)",
            "listen: Err(PermissionDenied)",
            "udp: Err(PermissionDenied)",
            "name: Err(PermissionDenied)",
            "date: 0ns",
            "slept: 0ns",
            "terminal: false",
            "threads: Err(Unsupported)",
        ]
    );
}

#[test]
fn what_it_prints_is_in_the_log_line_by_line() {
    let evaluation = ordinary("print").unwrap();
    let expected =
        [(Level::Info, "one"), (Level::Info, "two three"), (Level::Error, "bad: print"), (Level::Info, "no end")];
    assert_eq!(lines(&evaluation), expected);
    // Those that the standard library needs for it.
    assert!(evaluation.report.host_calls > 4);
}

#[test]
fn a_panic_that_was_printed_reaches_the_error_and_the_log() {
    let failure = ordinary("panic").unwrap_err();
    assert_eq!(failure.kind(), PolicyErrorKind::Trap);
    let message = failure.message();
    assert!(message.starts_with("it crashed: thread '<unnamed>' (1) panicked at "), "{message}");
    assert!(message.contains("/lib.rs:") && message.contains(": no more of panic please note: run with"), "{message}");
    assert!(failure.logs().iter().all(|line| line.level == Level::Error));
    assert_eq!(failure.logs()[1].message, "no more");
    assert!(failure.backtrace().iter().any(|function| function.contains("panic")), "{:?}", failure.backtrace());
}

#[test]
fn an_exit_is_a_failure_with_the_last_words() {
    let failure = ordinary("exit").unwrap_err();
    assert_eq!(failure.kind(), PolicyErrorKind::Trap);
    assert_eq!(failure.message(), "it exited instead of giving scores: giving up");
}

#[test]
fn a_flood_of_lines_stays_within_the_limit() {
    let logs = ordinary("flood").unwrap().logs;
    let (last, lines) = logs.split_last().unwrap();
    let bytes: usize = lines.iter().map(|line| line.message.len() + 32).sum();
    assert!((60 << 10..=64 << 10).contains(&bytes), "{bytes}");
    assert_eq!(last.message, format!("the log is full: {} more lines were dropped", 100_000 - lines.len()));
}

#[test]
fn every_run_is_the_same_by_another_engine_too() {
    let once = || {
        let engine = engine(Limits { fuel: Some(1_000_000_000), ..Limits::default() }, Wasi::Inert);
        let policy = engine.load(&artifacts::read(artifacts::ORDINARY), LoadOptions::default()).unwrap();
        let runs = ["look", "print", "random", "random"].map(|pod| {
            let evaluation = policy.score(&nothing_known(), &request(pod)).unwrap();
            (evaluation.scores[0].to_bits(), evaluation.report.fuel, evaluation.logs)
        });
        assert_eq!(runs[2], runs[3]);
        runs
    };
    let first = once();
    assert_ne!(first[2].0, 0, "it is random all the same");
    assert_eq!(once(), first);
}

#[test]
fn an_instance_that_prints_can_be_used_again_and_has_a_log_of_its_own_each_time() {
    let isolation = Isolation::Reuse { max_evaluations: NonZeroU32::MAX };
    let policy = engine(Limits::default(), Wasi::Inert)
        .load(&artifacts::read(artifacts::ORDINARY), LoadOptions { isolation, ..LoadOptions::default() })
        .unwrap();
    for reused in [false, true, true] {
        let evaluation = policy.score(&nothing_known(), &request("print")).unwrap();
        assert_eq!((evaluation.report.reused, evaluation.logs.len()), (reused, 4));
    }
}

#[test]
fn samples_give_the_same_bits_as_without_wasi() {
    let reading = recorded(&CollectorOptions::default(), include_bytes!("../../fixtures/watcher.json")).unwrap();
    let requests = Resources::new().with(CPU, 250).with(MEMORY, 256 << 20);
    let candidates = Candidates::from_snapshot(reading.snapshot().unwrap());
    let request = Request { pod: Pod { requests, ..Pod::default() }, candidates };
    assert!(!artifacts::SAMPLES_OF_BOTH_TARGETS.is_empty());
    for paths in artifacts::SAMPLES_OF_BOTH_TARGETS {
        let engine = engine(Limits::default(), Wasi::Inert);
        let [plain, wasi] = paths.map(|path| {
            let policy = engine.load(&artifacts::read(path), LoadOptions::default()).unwrap();
            let evaluation = policy.score(&reading, &request).unwrap();
            let bits: Vec<u64> = evaluation.scores.iter().map(|score| score.to_bits()).collect();
            (policy.inspection().kind, policy.inspection().wasi, bits, evaluation.logs)
        });
        assert_eq!((plain.0, plain.1), (FileKind::CoreModule, None));
        assert_eq!((wasi.0, wasi.1), (FileKind::Component, Some(Wasi::Inert)), "{paths:?}");
        assert_eq!((plain.2, plain.3), (wasi.2, wasi.3), "{paths:?}");
    }
}
