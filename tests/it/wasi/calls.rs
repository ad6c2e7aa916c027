//! Single calls of WASI, and policies that make too much of them.

use std::num::NonZeroU32;

use scorelet_host::policy::{Evaluation, Isolation, Level, Limits, LoadOptions, PolicyError, PolicyErrorKind, Wasi};
use scorelet_tests::wat_policy::{OK, component, core_module_of_world, policy_text};

use super::{engine, nothing_known, request, score};

/// As much of WASI as is called here, and an interface that this host knows nothing of.
const WIT: &str = "package test:caller;
world caller {
    include scorelet:policy/policy@0.1.0;
    import wasi:cli/exit@0.2.6;
    import wasi:cli/stdin@0.2.6;
    import wasi:cli/stdout@0.2.6;
    import wasi:clocks/monotonic-clock@0.2.6;
    import wasi:io/poll@0.2.6;
    import wasi:io/streams@0.2.6;
    import wasi:random/random@0.2.6;
    import wasi:strange/things@0.2.6;
}
package wasi:cli@0.2.6 {
    interface exit { exit: func(status: result); exit-with-code: func(code: u8); }
    interface stdin { use wasi:io/streams@0.2.6.{input-stream}; get-stdin: func() -> input-stream; }
    interface stdout { use wasi:io/streams@0.2.6.{output-stream}; get-stdout: func() -> output-stream; }
}
package wasi:clocks@0.2.6 {
    interface monotonic-clock {
        use wasi:io/poll@0.2.6.{pollable};
        now: func() -> u64;
        subscribe-duration: func(when: u64) -> pollable;
    }
}
package wasi:io@0.2.6 {
    interface error { resource error; }
    interface poll {
        resource pollable { ready: func() -> bool; block: func(); }
        poll: func(in: list<borrow<pollable>>) -> list<u32>;
    }
    interface streams {
        use error.{error};
        use poll.{pollable};
        variant stream-error { last-operation-failed(error), closed }
        resource input-stream { blocking-read: func(len: u64) -> result<list<u8>, stream-error>; }
        resource output-stream {
            check-write: func() -> result<u64, stream-error>;
            write: func(contents: list<u8>) -> result<_, stream-error>;
            write-zeroes: func(len: u64) -> result<_, stream-error>;
            subscribe: func() -> pollable;
            splice: func(src: borrow<input-stream>, len: u64) -> result<u64, stream-error>;
        }
    }
}
package wasi:random@0.2.6 {
    interface random { get-random-bytes: func(len: u64) -> list<u8>; get-random-u64: func() -> u64; }
}
package wasi:strange@0.2.6 {
    interface things {
        use wasi:io/poll@0.2.6.{pollable as thing};
        enum no { because, access-denied }
        enum never { because }
        lend: func(it: borrow<thing>) -> result<u32, no>;
        give: func(it: thing) -> option<u32>;
        do: func() -> result;
        must: func() -> result<_, never>;
    }
}";

/// The functions of [`WIT`], as core WebAssembly sees them.
const IMPORTS: &str = r#"(module
    (import "wasi:cli/exit@0.2.6" "exit" (func $exit (param i32)))
    (import "wasi:cli/exit@0.2.6" "exit-with-code" (func $exit_with_code (param i32)))
    (import "wasi:cli/stdin@0.2.6" "get-stdin" (func $stdin (result i32)))
    (import "wasi:cli/stdout@0.2.6" "get-stdout" (func $stdout (result i32)))
    (import "wasi:clocks/monotonic-clock@0.2.6" "now" (func $now (result i64)))
    (import "wasi:clocks/monotonic-clock@0.2.6" "subscribe-duration" (func $sleep (param i64) (result i32)))
    (import "wasi:io/poll@0.2.6" "poll" (func $poll (param i32 i32 i32)))
    (import "wasi:io/poll@0.2.6" "[method]pollable.ready" (func $ready (param i32) (result i32)))
    (import "wasi:io/poll@0.2.6" "[method]pollable.block" (func $block (param i32)))
    (import "wasi:io/streams@0.2.6" "[method]input-stream.blocking-read" (func $read (param i32 i64 i32)))
    (import "wasi:io/streams@0.2.6" "[method]output-stream.check-write" (func $check (param i32 i32)))
    (import "wasi:io/streams@0.2.6" "[method]output-stream.write" (func $write (param i32 i32 i32 i32)))
    (import "wasi:io/streams@0.2.6" "[method]output-stream.write-zeroes" (func $zeroes (param i32 i64 i32)))
    (import "wasi:io/streams@0.2.6" "[method]output-stream.subscribe" (func $subscribe (param i32) (result i32)))
    (import "wasi:io/streams@0.2.6" "[method]output-stream.splice" (func $splice (param i32 i32 i64 i32)))
    (import "wasi:random/random@0.2.6" "get-random-bytes" (func $random (param i64 i32)))
    (import "wasi:random/random@0.2.6" "get-random-u64" (func $number (result i64)))
    (import "wasi:strange/things@0.2.6" "lend" (func $lend (param i32 i32)))
    (import "wasi:strange/things@0.2.6" "give" (func $give (param i32 i32)))
    (import "wasi:strange/things@0.2.6" "do" (func $do (result i32)))
    (import "wasi:strange/things@0.2.6" "must" (func $must (param i32)))"#;

/// A policy that calls WASI before it scores the only candidate. `$out` is standard output; from address 512, there is room.
pub(super) fn caller(calls: &str, version: &str) -> Vec<u8> {
    let functions = "(global $out (mut i32) (i32.const 0))
        (global $times (mut i32) (i32.const 0))
        (func $assert (param i32) (if (i32.eqz (local.get 0)) (then unreachable)))";
    let score = format!(
        "(global.set $out (call $stdout)) {calls} (f64.store (i32.const 64) (f64.const 1)) (call $scores (i32.const 64) (i32.const 1))"
    );
    let text = policy_text(OK, &score, functions).replacen("(module", IMPORTS, 1);
    component(&core_module_of_world(&text.replace("0.2.6", version), &WIT.replace("0.2.6", version), "caller"))
}

fn run(calls: &str) -> Result<Evaluation, PolicyError> {
    // Enough for a flood.
    let limits = Limits { fuel: Some(10_000_000), ..Limits::default() };
    score(&caller(calls, "0.2.6"), limits, "")
}

fn fails(calls: &str) -> (PolicyErrorKind, String) {
    let failure = run(calls).unwrap_err();
    (failure.kind(), failure.message().to_owned())
}

fn trap(message: &str) -> (PolicyErrorKind, String) {
    (PolicyErrorKind::Trap, message.to_owned())
}

fn times(number: u32, body: &str) -> String {
    format!(
        "(loop $again {body} (global.set $times (i32.add (global.get $times) (i32.const 1)))
            (br_if $again (i32.lt_u (global.get $times) (i32.const {number}))))"
    )
}

#[test]
fn each_call_counts() {
    let calls = run("").unwrap().report.host_calls;
    assert_eq!(run("(drop (call $now)) (drop (call $number))").unwrap().report.host_calls, calls + 2);
}

#[test]
fn any_patch_of_0_2_will_do() {
    for version in ["0.2.0", "0.2.3", "0.2.99"] {
        score(&caller("(drop (call $number))", version), Limits::default(), "").unwrap();
    }
}

#[test]
fn nothing_has_to_be_waited_for_and_no_time_passes() {
    let all = "
        (call $assert (i64.eqz (call $now)))
        (i32.store (i32.const 512) (call $sleep (i64.const -1)))
        (i32.store (i32.const 516) (call $subscribe (global.get $out)))
        (call $assert (call $ready (i32.load (i32.const 512))))
        (call $block (i32.load (i32.const 516)))
        (call $poll (i32.const 512) (i32.const 2) (i32.const 520))
        (call $assert (i32.eq (i32.load (i32.const 524)) (i32.const 2)))
        (call $assert (i64.eq (i64.load (i32.load (i32.const 520))) (i64.const 0x1_0000_0000)))
        (call $assert (i64.eqz (call $now)))";
    run(all).unwrap();
}

#[test]
fn a_policy_that_waits_for_time_to_pass_runs_out_of_its_own() {
    let (kind, _) = fails("(loop $again (br_if $again (i64.lt_u (call $now) (i64.const 1))))");
    assert_eq!(kind, PolicyErrorKind::OutOfFuel);
}

#[test]
fn polling_for_nothing_is_forbidden() {
    let message = "it polled without anything to wait for";
    assert_eq!(fails("(call $poll (i32.const 512) (i32.const 0) (i32.const 520))"), trap(message));
}

#[test]
fn as_many_pollables_as_handles_may_be_polled() {
    // The other two are standard output and the candidates.
    let open = "(i32.store (i32.add (i32.const 16384) (i32.mul (global.get $times) (i32.const 4)))
            (call $sleep (i64.const 1)))";
    let poll = "(call $poll (i32.const 16384) (i32.const 998) (i32.const 512))
        (call $assert (i32.eq (i32.load (i32.const 516)) (i32.const 998)))";
    run(&format!("{} {poll}", times(998, open))).unwrap();
}

#[test]
fn handles_are_counted() {
    let full = "it may hold 1000 handles at once, that of the candidates included".to_owned();
    for open in
        ["(call $sleep (i64.const 0))", "(call $subscribe (global.get $out))", "(call $stdout)", "(call $stdin)"]
    {
        let (kind, message) = fails(&format!("(loop $again (drop {open}) (br $again))"));
        assert_eq!((kind, &message), (PolicyErrorKind::LimitExceeded, &full), "{open}");
    }
}

#[test]
fn an_instance_that_keeps_more_and_more_handles_is_not_used_again() {
    let isolation = Isolation::Reuse { max_evaluations: NonZeroU32::MAX };
    // It opens standard output each time.
    let policy = engine(Limits::default(), Wasi::Inert)
        .load(&caller("", "0.2.6"), LoadOptions { isolation, ..LoadOptions::default() })
        .unwrap();
    let reused = [(); 9].map(|()| policy.score(&nothing_known(), &request("")).unwrap().report.reused);
    assert_eq!(reused, [false, true, true, true, true, true, true, false, true]);
}

#[test]
fn input_is_at_its_end() {
    let all = "
        (call $read (call $stdin) (i64.const 100) (i32.const 512))
        (call $assert (i32.eq (i32.load8_u (i32.const 512)) (i32.const 1)))
        (call $assert (i32.eq (i32.load8_u (i32.const 516)) (i32.const 1)))
        (call $splice (global.get $out) (call $stdin) (i64.const 100) (i32.const 512))
        (call $assert (i32.eq (i32.load8_u (i32.const 512)) (i32.const 1)))
        (call $assert (i32.eq (i32.load8_u (i32.const 520)) (i32.const 1)))";
    run(all).unwrap();
}

#[test]
fn a_stream_takes_what_it_permits_and_no_more() {
    let permitted = "
        (call $check (global.get $out) (i32.const 512))
        (call $assert (i32.eqz (i32.load8_u (i32.const 512))))
        (call $assert (i64.eq (i64.load (i32.const 520)) (i64.const 4096)))
        (call $write (global.get $out) (i32.const 16384) (i32.const 4096) (i32.const 512))
        (call $zeroes (global.get $out) (i64.const 4096) (i32.const 512))";
    run(permitted).unwrap();
    let message = |bytes: u64| trap(&format!("it wrote {bytes} bytes to a stream that takes 4096 at once"));
    assert_eq!(fails("(call $write (global.get $out) (i32.const 0) (i32.const 4097) (i32.const 512))"), message(4097));
    assert_eq!(fails("(call $zeroes (global.get $out) (i64.const -1) (i32.const 512))"), message(u64::MAX));
}

#[test]
fn a_flood_without_line_ends_is_one_line() {
    let write = "(call $write (global.get $out) (i32.const 16384) (i32.const 4096) (i32.const 512))";
    let all = format!("(memory.fill (i32.const 16384) (i32.const 97) (i32.const 4096)) {}", times(10_000, write));
    let logs = run(&all).unwrap().logs;
    assert_eq!(logs.len(), 1);
    assert_eq!((logs[0].level, &logs[0].message), (Level::Info, &format!("{}…", "a".repeat(4096))));
}

#[test]
fn what_was_written_before_a_crash_is_in_the_log_and_escaped() {
    let write = r"(i64.store (i32.const 512) (i64.const 0xff_5b1b_0a41_0d0a_40))
        (call $write (global.get $out) (i32.const 512) (i32.const 8) (i32.const 520)) unreachable";
    let failure = run(write).unwrap_err();
    let lines: Vec<_> = failure.logs().iter().map(|line| line.message.as_str()).collect();
    assert_eq!(lines, ["@", "\\rA", "\\u{1b}[\u{fffd}"]);
    assert_eq!(failure.message(), "it crashed without a message (a panic or an abort)");
}

#[test]
fn randomness_is_bounded_and_begins_anew() {
    let number = "(call $random (i64.const 65536) (i32.const 512))
        (call $assert (i32.eq (i32.load (i32.const 516)) (i32.const 65536)))";
    let grow = "(drop (memory.grow (i32.const 4)))";
    run(&format!("{grow} {number}")).unwrap();
    let message = |bytes: u64| trap(&format!("it asked for {bytes} random bytes at once; 65536 are allowed"));
    assert_eq!(fails("(call $random (i64.const 65537) (i32.const 512))"), message(65537));
    assert_eq!(fails("(call $random (i64.const -1) (i32.const 512))"), message(u64::MAX));
    // The beginning of SHA-256 of 1 and of 2, as 64-bit numbers.
    let first = "(call $assert (i64.eq (call $number) (i64.const 0xcd2662154e6d76b2)))
        (call $assert (i64.eq (call $number) (i64.const 0xcd04a4754498e06d)))";
    run(first).unwrap();
}

#[test]
fn an_exit_ends_the_evaluation() {
    for (call, message) in [
        ("(call $exit (i32.const 0))", "it exited instead of giving scores"),
        ("(call $exit (i32.const 1))", "it exited instead of giving scores"),
        ("(call $exit_with_code (i32.const 7))", "it exited with code 7 instead of giving scores"),
    ] {
        assert_eq!(fails(call), trap(message));
    }
}

#[test]
fn the_rest_refuses_in_its_own_terms_or_ends_the_evaluation() {
    let refused = "
        (global.set $times (call $sleep (i64.const 0)))
        (call $lend (global.get $times) (i32.const 512))
        (call $assert (i32.eq (i32.load8_u (i32.const 512)) (i32.const 1)))
        (call $assert (i32.eq (i32.load8_u (i32.const 516)) (i32.const 1)))
        (call $give (global.get $times) (i32.const 512))
        (call $assert (i32.eqz (i32.load8_u (i32.const 512))))
        (call $assert (i32.eq (call $do) (i32.const 1)))";
    run(refused).unwrap();
    let message = "it called wasi:strange/things#must, which policies do not have";
    assert_eq!(fails("(call $must (i32.const 512))"), trap(message));
    // What is given away is gone, also on the host's side.
    let handed = times(5_000, "(call $give (call $sleep (i64.const 0)) (i32.const 512))");
    run(&handed).unwrap();
}
