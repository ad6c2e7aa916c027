//! Settings: inline or from a file, refused in words before anything is scored.

use super::{constant, folder, least_loaded, load_variation, refusing};
use scorelet_tests::program::{Finished, Program};

fn score_with(policy: &[u8], settings: &str) -> Finished {
    let folder = folder(policy)
        .and("good.json", "{\"margin\": 3}\n")
        .and("blank.json", " \n")
        .and("bad.json", "{\n  margin: 3\n}\n")
        .and("binary.json", b"\xff");
    let arguments = ["score", "policy.wasm", "--pod", "pod.yaml", "--metrics", "watcher.json", "--settings", settings];
    Program::new(arguments.into_iter().chain(["-o", "json"])).in_folder(folder.path()).run()
}

fn first_score(finished: &Finished) -> f64 {
    assert_eq!(finished.code, 0, "{}", finished.stderr);
    finished.json()["scores"][0]["score"].as_f64().unwrap()
}

/// The error of a run that also prints it as JSON.
fn refused(finished: &Finished, kind: &str, code: i32) -> String {
    assert_eq!(finished.code, code, "{}", finished.stderr);
    let error = &finished.json()["error"];
    assert_eq!(error["kind"], kind);
    let message = error["message"].as_str().unwrap();
    assert_eq!(finished.stderr, format!("error: {message}\n"));
    message.to_owned()
}

#[test]
fn they_reach_the_policy_from_the_command_line_and_from_a_file() {
    let policy = load_variation();
    let unset = first_score(&score_with(&policy, ""));
    let inline = first_score(&score_with(&policy, r#"{"margin": 3}"#));
    assert_ne!(inline, unset);
    assert_eq!(first_score(&score_with(&policy, "@good.json")), inline);
    assert_eq!(first_score(&score_with(&policy, "@blank.json")), unset);
    assert_eq!(first_score(&score_with(&policy, "{}")), unset);
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    for (settings, message) in [
        (
            "{",
            "--settings is not JSON: EOF while parsing an object at line 1 column 1; write it as in '{\"margin\": 1.5}'",
        ),
        (
            "{margin: 3}",
            "--settings is not JSON: key must be a string at line 1 column 2; write it as in '{\"margin\": 1.5}'",
        ),
        ("margin=3", "--settings is not JSON: expected value at line 1 column 1; write it as in '{\"margin\": 1.5}'"),
        (
            "@bad.json",
            "bad.json is not JSON: key must be a string at line 2 column 3; write it as in '{\"margin\": 1.5}'",
        ),
        ("@binary.json", "binary.json is not UTF-8 text: incomplete utf-8 byte sequence from index 0"),
        ("@.", ". is a directory; name a file"),
    ] {
        let refused = refused(&score_with(&load_variation(), settings), "bad-input", 65);
        if settings == "@binary.json" {
            assert!(refused.starts_with("binary.json is not UTF-8 text"), "{refused}");
        } else {
            assert_eq!(refused, message);
        }
    }
    let missing = refused(&score_with(&load_variation(), "@nowhere.json"), "input-output", 74);
    assert!(missing.starts_with("cannot read nowhere.json: "), "{missing}");
}

#[test]
fn a_field_that_the_policy_does_not_know_is_named() {
    let message = refused(&score_with(&load_variation(), r#"{"margn": 1}"#), "refused-settings", 65);
    assert_eq!(
        message,
        "policy.wasm: it refuses its settings: `margn`: unknown field `margn`, expected `margin` or `sensitivity` \
         at line 1 column 8"
    );
    let message = refused(&score_with(&least_loaded(), r#"{"margin": 1}"#), "refused-settings", 65);
    assert!(message.contains("this policy has no settings, not even `margin`"), "{message}");
}

#[test]
fn a_value_that_the_policy_has_no_meaning_for_is_named() {
    let message = refused(&score_with(&load_variation(), r#"{"margin": -1}"#), "refused-settings", 65);
    assert_eq!(message, "policy.wasm: it refuses its settings: `margin` is -1: it has to be finite and at least 0");
    let message = refused(&score_with(&load_variation(), r#"{"margin": "much"}"#), "refused-settings", 65);
    assert!(message.starts_with("policy.wasm: it refuses its settings: `margin`: invalid type: string \"much\""));
}

#[test]
fn a_policy_that_refuses_every_setting_is_bad_input_in_its_own_words() {
    let message = refused(&score_with(&refusing("no, thanks", true), ""), "refused-settings", 65);
    assert_eq!(message, "policy.wasm: it refuses its settings: no, thanks");
}

#[test]
fn a_policy_that_ignores_settings_gets_none_that_are_not_json() {
    let policy = constant(&[1.0, 2.0, 3.0, 4.0]);
    assert_eq!(first_score(&score_with(&policy, r#"{"anything": [1, 2]}"#)), 1.0);
    let message = refused(&score_with(&policy, "anything"), "bad-input", 65);
    assert!(message.starts_with("--settings is not JSON: "), "{message}");
}
