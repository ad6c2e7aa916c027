//! Every limit, tripped. A limit without a test of its name does not compile.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use scorelet_host::collector::{CollectorOptions, recorded};
use scorelet_host::policy::{
    Candidates, Evaluation, Level, Limits, LoadOptions, PolicyError, PolicyErrorKind, Request,
};
use scorelet_host::scheduling::Pod;
use scorelet_host::snapshot::{Freshness, Reading};
use scorelet_tests::engine::{self, Clockwork};
use scorelet_tests::wat_policy::{OK, policy};

macro_rules! assert_each_limit_has_a_test {
    ($($limit:ident),*) => {
        // Exhaustive: a new limit has to be named here.
        #[allow(dead_code, reason = "it only has to compile")]
        fn all_are_named(limits: Limits) {
            let Limits { $($limit: _),* } = limits;
        }
        $(const _: fn() = $limit;)*
    };
}
assert_each_limit_has_a_test!(
    deadline,
    fuel,
    memory_bytes,
    stack_bytes,
    table_elements,
    instances,
    memories,
    tables,
    handles,
    call_bytes,
    log_bytes,
    log_line_bytes,
    module_bytes,
    compile_time,
    concurrency,
    wait
);

fn nothing_known() -> Reading {
    Reading::new(None, None, SystemTime::UNIX_EPOCH, Freshness::default())
}

fn one_node() -> Reading {
    let body = r#"{"timestamp": 1767225600, "data": {"NodeMetricsMap": {"a": {"metrics": []}}}}"#;
    recorded(&CollectorOptions::default(), body.as_bytes()).unwrap()
}

fn run(limits: Limits, wasm: &[u8], reading: &Reading) -> Result<Evaluation, PolicyError> {
    let engine = engine::ticked_by_hand(limits);
    let request = Request { pod: Pod::default(), candidates: Candidates::new([]) };
    engine.load(wasm, LoadOptions::default())?.score(reading, &request)
}

fn refused(limits: Limits, wasm: &[u8]) -> (PolicyErrorKind, String) {
    let failure = run(limits, wasm, &nothing_known()).unwrap_err();
    (failure.kind(), failure.message().to_owned())
}

/// A policy with this body of `score`, which goes on to score nobody.
fn scoring(body: &str, extra: &str) -> Vec<u8> {
    policy(OK, &format!("{body} (call $scores (i32.const 0) (i32.const 0))"), extra)
}

const ENDLESS: &str = "(loop $again (br $again))";

#[test]
fn deadline() {
    let engine = engine::ticked_by_hand(Limits::default());
    let policy = engine.load(&scoring(ENDLESS, ""), LoadOptions::default()).unwrap();
    let request = Request { pod: Pod::default(), candidates: Candidates::new([]) };
    // Time passes only here: the loop runs until enough of it has.
    let _clockwork = Clockwork::start(&engine);
    let failure = policy.score(&nothing_known(), &request).unwrap_err();
    assert_eq!(failure.kind(), PolicyErrorKind::Deadline);
    assert_eq!(failure.message(), "it did not finish within 100 ms");
}

#[test]
fn fuel() {
    let limits = || Limits { fuel: Some(10_000), ..Limits::default() };
    let out_of_fuel = (PolicyErrorKind::OutOfFuel, "it used up its fuel of 10000".to_owned());
    assert_eq!(refused(limits(), &scoring(ENDLESS, "")), out_of_fuel);

    let used = || run(limits(), &scoring("", ""), &nothing_known()).unwrap().report.fuel;
    assert!(used().is_some_and(|fuel| (1..1_000).contains(&fuel)));
    assert_eq!(used(), used(), "fuel is deterministic");
    assert_eq!(run(Limits::default(), &scoring("", ""), &nothing_known()).unwrap().report.fuel, None);
}

#[test]
fn memory_bytes() {
    let bomb = "(if (i32.eq (memory.grow (i32.const 2000)) (i32.const -1)) (then unreachable))";
    let (kind, message) = refused(Limits::default(), &scoring(bomb, ""));
    assert_eq!(kind, PolicyErrorKind::OutOfMemory);
    assert_eq!(message, "it wanted 131137536 bytes of memory; 67108864 are allowed");

    // From the first page on.
    let (kind, message) = refused(Limits { memory_bytes: 1, ..Limits::default() }, &scoring("", ""));
    assert_eq!(kind, PolicyErrorKind::OutOfMemory);
    assert_eq!(message, "it wanted 65536 bytes of memory; 1 are allowed");
}

#[test]
fn stack_bytes() {
    let wasm = scoring("(call $again)", "(func $again (call $again) (call $again))");
    let (kind, message) = refused(Limits::default(), &wasm);
    assert_eq!(kind, PolicyErrorKind::StackOverflow);
    assert_eq!(message, "it recursed beyond its stack of 524288 bytes");
}

#[test]
fn table_elements() {
    let bomb = "(if (i32.eq (table.grow $t (ref.null func) (i32.const 20000)) (i32.const -1)) (then unreachable))";
    let (kind, message) = refused(Limits::default(), &scoring(bomb, "(table $t 1 funcref)"));
    assert_eq!(kind, PolicyErrorKind::OutOfMemory);
    assert_eq!(message, "it wanted a table of 20001 elements; 10000 are allowed");
}

#[test]
fn instances() {
    let (kind, message) = refused(Limits { instances: 0, ..Limits::default() }, &scoring("", ""));
    assert_eq!(kind, PolicyErrorKind::Incompatible);
    assert_eq!(message, "no instance can be made of it: resource limit exceeded: instance count too high at 1");
}

#[test]
fn memories() {
    let (kind, message) = refused(Limits { memories: 0, ..Limits::default() }, &scoring("", ""));
    assert_eq!(kind, PolicyErrorKind::Incompatible);
    assert_eq!(message, "no instance can be made of it: resource limit exceeded: memory count too high at 1");
}

#[test]
fn tables() {
    let wasm = scoring("", "(table 1 funcref)");
    let (kind, message) = refused(Limits { tables: 0, ..Limits::default() }, &wasm);
    assert_eq!(kind, PolicyErrorKind::Incompatible);
    assert_eq!(message, "no instance can be made of it: resource limit exceeded: table count too high at 1");
}

#[test]
fn handles() {
    // Opens tables and keeps them.
    let leak = policy(
        OK,
        "(loop $again (call $open (i32.const 32)) (br_if $again (i32.eqz (i32.load8_u (i32.const 32))))) unreachable",
        "",
    );
    let failure = run(Limits::default(), &leak, &one_node()).unwrap_err();
    assert_eq!(failure.kind(), PolicyErrorKind::LimitExceeded);
    assert_eq!(failure.message(), "it may hold 1000 handles at once, that of the candidates included");
}

#[test]
fn handles_that_are_all_taken_before_the_candidates_have_theirs() {
    // Opens as many tables as it may hold while it is instantiated, and keeps them.
    let greedy = policy(
        OK,
        "(call $scores (i32.const 0) (i32.const 0))",
        r#"(func (export "_initialize") (local $left i32)
            (local.set $left (i32.const 8))
            (loop $again
                (call $open (i32.const 32))
                (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))"#,
    );
    let limits = Limits { handles: 8, ..Limits::default() };
    let failure = run(limits, &greedy, &one_node()).unwrap_err();
    assert_eq!(failure.kind(), PolicyErrorKind::LimitExceeded);
    assert_eq!(failure.message(), "it may hold 8 handles at once, that of the candidates included");
}

#[test]
fn call_bytes() {
    // A log line of 40 MiB, in memory of 48.
    let wasm = scoring(
        "(drop (memory.grow (i32.const 768))) (call $log (i32.const 2) (i32.const 65536) (i32.const 41943040))",
        "",
    );
    let (kind, message) = refused(Limits::default(), &wasm);
    assert_eq!(kind, PolicyErrorKind::LimitExceeded);
    assert_eq!(message, "it passed more than the 33554432 bytes that one call may carry to the host");
}

#[test]
fn log_bytes() {
    let wasm = scoring(
        "(loop $again
            (call $log (i32.const 2) (i32.const 0) (i32.const 0))
            (global.set $lines (i32.add (global.get $lines) (i32.const 1)))
            (br_if $again (i32.lt_u (global.get $lines) (i32.const 5000))))",
        "(global $lines (mut i32) (i32.const 0))",
    );
    let logs = run(Limits::default(), &wasm, &nothing_known()).unwrap().logs;
    // Empty lines cost 32 bytes each: 65536 / 32 of them fit, and one says how many did not.
    assert_eq!(logs.len(), 2049);
    let last = logs.last().unwrap();
    assert_eq!((last.level, last.message.as_str()), (Level::Warn, "the log is full: 2952 more lines were dropped"));
}

#[test]
fn log_line_bytes() {
    let wasm = scoring("(call $log (i32.const 2) (i32.const 8192) (i32.const 8192))", "");
    let logs = run(Limits { log_line_bytes: 12, ..Limits::default() }, &wasm, &nothing_known()).unwrap().logs;
    // Bytes of zero, which are escaped, as far as they fit.
    assert_eq!(logs.first().unwrap().message, "\\u{0}\\u{0}…");
}

#[test]
fn module_bytes() {
    let (kind, message) = refused(Limits { module_bytes: 100, ..Limits::default() }, &[0; 101]);
    assert_eq!(kind, PolicyErrorKind::TooLarge);
    assert_eq!(message, "the file has 101 bytes; a policy may have 100");
}

#[test]
fn compile_time() {
    let engine = engine::ticked_by_hand(Limits { compile_time: Duration::from_millis(1), ..Limits::default() });
    // Many functions, which no machine compiles between two ticks of the clockwork.
    let functions = "(func (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))".repeat(5_000);
    let _clockwork = Clockwork::start(&engine);
    let failure = engine.load(&scoring("", &functions), LoadOptions::default()).unwrap_err();
    assert_eq!(failure.kind(), PolicyErrorKind::Deadline);
    assert_eq!(failure.message(), "compiling it did not finish within 1 ms");
    assert!(failure.digest().is_some());
}

/// What happens to an evaluation when another one, endless, has the only place.
fn crowded_out(wait: Duration, ticks: u32) -> Poll<(PolicyErrorKind, String)> {
    let deadline = Duration::from_hours(1);
    let engine = engine::ticked_by_hand(Limits { concurrency: 1, wait, deadline, ..Limits::default() });
    let load = |body| engine.load(&scoring(body, ""), LoadOptions::default()).unwrap();
    let (endless, harmless) = (load(ENDLESS), load(""));
    let (reading, request) = (nothing_known(), Request { pod: Pod::default(), candidates: Candidates::new([]) });
    let mut context = Context::from_waker(Waker::noop());
    let mut running = pin!(endless.score_async(&reading, &request));
    {
        let _clockwork = Clockwork::start(&engine);
        assert!(running.as_mut().poll(&mut context).is_pending());
    }
    let mut waiting = pin!(harmless.score_async(&reading, &request));
    for _ in 0..ticks {
        assert!(waiting.as_mut().poll(&mut context).is_pending());
        engine.tick();
    }
    waiting.as_mut().poll(&mut context).map(|outcome| {
        let failure = outcome.unwrap_err();
        (failure.kind(), failure.message().to_owned())
    })
}

#[test]
fn concurrency() {
    let message = "1 evaluation, as many as may run at once, left it no place for 10 ms";
    assert_eq!(crowded_out(Duration::from_millis(10), 2), Poll::Ready((PolicyErrorKind::Busy, message.to_owned())));
}

#[test]
fn wait() {
    let after = |ticks| crowded_out(Duration::from_millis(50), ticks);
    // One tick more than the time has, since the first may come at once.
    assert_eq!(after(5), Poll::Pending);
    assert!(after(6).is_ready());
}

#[test]
fn no_value_switches_a_limit_off() {
    let endless =
        Limits { deadline: Duration::MAX, compile_time: Duration::MAX, wait: Duration::MAX, ..Limits::default() };
    let invalid = endless.validate().unwrap_err().to_string();
    for name in ["deadline", "compile-time", "wait"] {
        assert!(invalid.contains(&format!("{name} is {} and must be", u64::MAX)), "{invalid}");
    }
}

#[test]
fn compilations_that_nobody_waits_for_any_more_still_count() {
    let engine = engine::ticked_by_hand(Limits { compile_time: Duration::from_millis(1), ..Limits::default() });
    let functions = "(func (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))".repeat(20_000);
    let slow = scoring("", &functions);
    let _clockwork = Clockwork::start(&engine);
    let kinds: Vec<_> = (0..5).map(|_| engine.load(&slow, LoadOptions::default()).unwrap_err().kind()).collect();
    assert_eq!(kinds[0], PolicyErrorKind::Deadline);
    assert_eq!(kinds[4], PolicyErrorKind::Busy);
}
