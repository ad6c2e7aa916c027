//! Policies that load and then fail: exit code 70, the class in JSON, and all that helps their author.

use serde_json::{Value, json};

use super::{constant, refusing, score};
use scorelet_tests::wat_policy::{OK, policy};

/// The failure as people see it and as programs do.
fn failures(policy: &[u8]) -> (String, Value) {
    let text = score(policy, "");
    assert_eq!((text.code, text.stdout.as_str()), (70, ""), "{}", text.stderr);
    let finished = score(policy, "-o json");
    assert_eq!(finished.code, 70);
    let answer = finished.json();
    assert!(text.stderr.ends_with(&finished.stderr), "{} {}", text.stderr, finished.stderr);
    (text.stderr, answer)
}

#[test]
fn scores_that_break_the_contract_name_the_candidate() {
    for (scores, problem) in [
        (&[1.0, f64::NAN, 3.0, 4.0][..], "it scored node-b with NaN; scores are finite and within 0 to 100"),
        (&[1.0, 2.0, 100.5, 4.0], "it scored node-c with 100.5; scores are finite and within 0 to 100"),
        (&[1.0, 2.0], "it gave 2 scores for 4 candidates; node-c is the first without one"),
        (&[1.0; 5], "it gave 5 scores for 4 candidates"),
    ] {
        let (text, answer) = failures(&constant(scores));
        assert_eq!(text, format!("error: policy policy: {problem}\n"));
        let message = format!("policy policy: {problem}");
        assert_eq!(answer, json!({"error": {"kind": "invalid-scores", "message": message}}));
    }
}

#[test]
fn a_refusal_is_told_in_the_words_of_the_policy() {
    let (text, answer) = failures(&refusing("this pod is too fat", false));
    assert_eq!(text, "error: policy policy: it refuses to score: this pod is too fat\n");
    assert_eq!(answer["error"]["kind"], "refused");
}

#[test]
fn an_endless_loop_meets_the_deadline() {
    let (text, answer) = failures(&policy(OK, "(loop $again (br $again)) unreachable", ""));
    assert!(text.ends_with("error: policy policy: it did not finish within 100 ms\n"), "{text}");
    assert_eq!(
        answer["error"],
        json!({"kind": "deadline", "message": "policy policy: it did not finish within 100 ms"})
    );
}

#[test]
fn an_endless_loop_at_loading_meets_the_deadline() {
    let finished = score(&policy("(loop $again (br $again)) unreachable", "unreachable", ""), "-o json");
    assert_eq!(finished.code, 70);
    assert_eq!(
        finished.json()["error"],
        json!({"kind": "deadline", "message": "policy.wasm: it did not finish within 100 ms"})
    );
}

#[test]
fn compiling_meets_its_limit_and_says_which() {
    // Many functions, which no machine compiles between two ticks of the clockwork.
    let functions = "(func (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))".repeat(5_000);
    assert_eq!(
        score(&policy(OK, "unreachable", &functions), "--no-cache --limit compile-time=1ms").failed(70),
        "policy.wasm: compiling it did not finish within 1 ms; try --limit compile-time=60s"
    );
}

#[test]
fn a_crash_comes_with_the_functions_that_it_stood_in() {
    let (text, answer) = failures(&policy(OK, "(call $oops) unreachable", "(func $oops unreachable)"));
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("  in oops"));
    assert_eq!(text.lines().last(), Some("error: policy policy: it crashed without a message (a panic or an abort)"));
    assert_eq!(answer["error"]["kind"], "trap");
    assert_eq!(answer["backtrace"][0], "oops");
}

#[test]
fn a_crash_comes_with_what_the_policy_logged() {
    // Levels are numbered from trace, 0, to error, 4.
    let (text, answer) = failures(&policy(
        OK,
        "(call $log (i32.const 2) (i32.const 2048) (i32.const 7))
         (call $log (i32.const 4) (i32.const 2055) (i32.const 8)) unreachable",
        r#"(data (i32.const 2048) "looking\1b[31mred")"#,
    ));
    assert!(text.starts_with("info  looking\nerror \\u{1b}[31mred\n"), "{text}");
    assert!(text.ends_with("error: policy policy: it crashed: \\u{1b}[31mred\n"), "{text}");
    assert_eq!(
        answer["logs"],
        json!([{"level": "info", "message": "looking"}, {"level": "error", "message": "\\u{1b}[31mred"}])
    );
}

#[test]
fn too_much_memory_is_a_class_of_its_own() {
    let (text, answer) = failures(&policy(
        OK,
        "(if (i32.eq (memory.grow (i32.const 2000)) (i32.const -1)) (then unreachable)) unreachable",
        "",
    ));
    assert!(text.ends_with("it wanted 131137536 bytes of memory; 67108864 are allowed\n"), "{text}");
    assert_eq!(answer["error"]["kind"], "out-of-memory");
}

#[test]
fn endless_recursion_is_a_class_of_its_own() {
    let (text, answer) =
        failures(&policy(OK, "(call $again) unreachable", "(func $again (call $again) (call $again))"));
    assert!(text.ends_with("it recursed beyond its stack of 524288 bytes\n"), "{text}");
    assert_eq!(answer["error"]["kind"], "stack-overflow");
}
