//! The same policy, reading and request: the same scores to the bit, the same fuel, the same log.

use scorelet_host::collector::{CollectorOptions, recorded};
use scorelet_host::policy::{Candidates, Evaluation, Limits, LoadOptions, LogLine, PolicyEngine, Request};
use scorelet_host::scheduling::{CPU, MEMORY, Pod, Resources};
use scorelet_host::snapshot::Reading;
use scorelet_tests::artifacts;
use scorelet_tests::program::Folder;
use scorelet_tests::wat_policy::{OK, policy};

const RUNS: usize = 1_000;

/// Scores with what machines may do differently: the bits of NaNs, and vector instructions that are free to round in two
/// ways.
fn bits_of_nans() -> Vec<u8> {
    policy(
        OK,
        "(f64.store (i32.const 64) (call $digits (f64.div (global.get $zero) (global.get $zero))))
         (f64.store (i32.const 72) (call $digits (f64.sqrt (f64.sub (global.get $zero) (f64.const 1)))))
         (f64.store (i32.const 80) (call $digits (f64.sub (f64.div (f64.const 1) (global.get $zero)) (f64.const inf))))
         (f64.store (i32.const 88) (f64x2.extract_lane 0 (f64x2.relaxed_madd
             (v128.const f64x2 0.1 0) (v128.const f64x2 10 0) (v128.const f64x2 -1 0))))
         (f64.store (i32.const 88) (f64.mul (f64.abs (f64.load (i32.const 88))) (f64.const 1e17)))
         (call $log (i32.const 2) (i32.const 64) (i32.const 8))
         (call $scores (i32.const 64) (i32.const 4))",
        // The uppermost bits, sign included, as a number within 0 to 100.
        "(global $zero (mut f64) (f64.const 0))
         (func $digits (param $value f64) (result f64)
            (f64.convert_i64_u (i64.shr_u (i64.reinterpret_f64 (local.get $value)) (i64.const 58))))",
    )
}

const FUEL: u64 = 100_000_000;

fn policies() -> [Vec<u8>; 4] {
    let [least_loaded, load_variation, ordinary] =
        [artifacts::LEAST_LOADED, artifacts::LOAD_VARIATION, artifacts::ORDINARY].map(artifacts::read);
    [least_loaded, load_variation, ordinary, bits_of_nans()]
}

fn question() -> (Reading, Request) {
    let reading = recorded(&CollectorOptions::default(), include_bytes!("../fixtures/watcher.json")).unwrap();
    let requests = Resources::new().with(CPU, 250).with(MEMORY, 256 << 20);
    let candidates = Candidates::from_snapshot(reading.snapshot().unwrap());
    (reading, Request { pod: Pod { requests, ..Pod::default() }, candidates })
}

/// What may not differ between two runs.
fn essence(evaluation: Evaluation) -> (Vec<u64>, Option<u64>, u64, usize, Vec<LogLine>) {
    let Evaluation { scores, report, logs } = evaluation;
    let bits = scores.into_iter().map(f64::to_bits).collect();
    (bits, report.fuel, report.host_calls, report.memory_bytes, logs)
}

#[test]
fn a_thousand_runs_are_the_same() {
    let engine = PolicyEngine::new(Limits { fuel: Some(FUEL), ..Limits::default() }).unwrap();
    for wasm in policies() {
        let policy = engine.load(&wasm, LoadOptions::default()).unwrap();
        let (reading, request) = question();
        let first = essence(policy.score(&reading, &request).unwrap());
        assert!(first.1.is_some_and(|fuel| fuel > 0));
        for run in 1..RUNS {
            assert_eq!(essence(policy.score(&reading, &request).unwrap()), first, "run {run}");
        }
    }
}

#[test]
fn nans_have_the_bits_of_the_standard_and_products_are_rounded_once() {
    let policy = PolicyEngine::new(Limits::default()).unwrap().load(&bits_of_nans(), LoadOptions::default()).unwrap();
    let (reading, request) = question();
    // 0x7ff8 followed by zeros; the sign bit of x86 processors would give 63. And 0.1 is 2^-54 / 10 above a tenth, which
    // is lost when the product is rounded before the sum.
    assert_eq!(policy.score(&reading, &request).unwrap().scores, [31.0, 31.0, 31.0, 5.551_115_123_125_783]);
}

#[test]
fn two_processes_say_the_same_whether_the_code_was_compiled_or_kept() {
    for wasm in policies() {
        let folder = Folder::with("policy.wasm", wasm)
            .and("pod.yaml", include_str!("../fixtures/pod.yaml"))
            .and("watcher.json", include_str!("../fixtures/watcher.json"));
        let run = |more: &str| {
            let arguments = "score policy.wasm --pod pod.yaml --metrics watcher.json -o json --limit fuel";
            let mut answer = folder.run(&format!("{arguments}={FUEL} {more}")).json();
            assert!(answer["report"]["wall_us"].take().is_u64(), "{answer}");
            assert!(answer["report"]["fuel"].is_u64() && !answer["scores"].is_null(), "{answer}");
            answer
        };
        let first = run("--no-cache");
        assert_eq!(run("--cache kept"), first, "compiled again");
        assert_eq!(run("--cache kept"), first, "compiled by the process before");
    }
}
