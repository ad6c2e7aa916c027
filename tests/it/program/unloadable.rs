//! Files that are no policies, or none for this host.

use super::{constant, folder, score};
use scorelet_tests::program::run;
use scorelet_tests::wat_policy::{OK, component, core_module_of_version, core_module_of_world, policy_text};

/// A component of a world that has nothing to do with scoring.
fn greeter() -> Vec<u8> {
    let wit = "package test:greeting; world greeter { export greet: func() -> u32; }";
    component(&core_module_of_world(r#"(module (func (export "greet") (result i32) (i32.const 1)))"#, wit, "greeter"))
}

/// A policy that also wants to see the environment.
fn nosy() -> Vec<u8> {
    let wit = "package test:nosy;
        world nosy { include scorelet:policy/policy@0.1.0; import wasi:cli/environment@0.2.6; }
        package wasi:cli@0.2.6 { interface environment { get-environment: func() -> list<tuple<string, string>>; } }";
    let text = policy_text(OK, "(call $environment (i32.const 64)) unreachable", "").replacen(
        "(module",
        r#"(module (import "wasi:cli/environment@0.2.6" "get-environment" (func $environment (param i32)))"#,
        1,
    );
    core_module_of_world(&text, wit, "nosy")
}

fn from_the_future() -> Vec<u8> {
    core_module_of_version(&policy_text(OK, "unreachable", ""), "@0.2.0")
}

#[test]
fn files_that_are_no_policies_say_what_they_are() {
    for (file, error) in [
        (Vec::new(), "policy.wasm: the file is empty; it should be a policy compiled to WebAssembly".to_owned()),
        (
            b"kind: Pod\n".to_vec(),
            "policy.wasm: the file is not WebAssembly: it does not begin with the bytes 00 61 73 6d".to_owned(),
        ),
        (
            b"(module)".to_vec(),
            "policy.wasm: the file looks like WebAssembly text; compile it first, for example with `wasm-tools parse`"
                .to_owned(),
        ),
        (
            b"\0asm\x01\0\0\0".to_vec(),
            "policy.wasm: it is a core module without a component type, so nothing says what it imports and exports; \
             build it with the scorelet-guest SDK or with wit-bindgen, or make a component of it first"
                .to_owned(),
        ),
        (
            greeter(),
            "policy.wasm: it does not export scorelet:policy/scorer@0.1.0, so it is not a scoring policy; it exports \
             greet"
                .to_owned(),
        ),
    ] {
        assert_eq!(score(&file, "").failed(65), error);
    }
}

#[test]
fn a_policy_for_a_newer_contract_says_both_versions() {
    let error = score(&from_the_future(), "").failed(65);
    assert!(error.starts_with("policy.wasm: it was built for scorelet:policy@0.2.0 and imports its "), "{error}");
    assert!(error.contains("; this host offers scorelet:policy@0.1.0; "), "{error}");
    assert!(error.contains("it exports scorelet:policy/scorer@0.2.0; this host calls scorelet:policy/scorer@0.1.0"));
}

#[test]
fn a_policy_that_wants_the_environment_is_told_how_to_do_without() {
    let environment = "wasi:cli/environment@0.2.6";
    let error = score(&nosy(), "").failed(65);
    assert!(
        error.starts_with(&format!("policy.wasm: it is a core module that imports WASI ({environment}), which ")),
        "{error}"
    );
    for policy in [nosy(), component(&nosy())] {
        let error = score(&policy, "--no-wasi").failed(65);
        let begin = format!("policy.wasm: it imports WASI ({environment}), which is switched off here; build it for ");
        assert!(error.starts_with(&begin), "{error}");
    }
}

#[test]
fn a_damaged_policy_is_refused() {
    let whole = constant(&[1.0]);
    for length in [9, whole.len() / 2, whole.len() - 1] {
        let error = score(&whole[..length], "").failed(65);
        assert!(error.starts_with("policy.wasm: "), "{length}: {error}");
    }
}

#[test]
fn the_class_of_the_failure_is_in_the_json() {
    for (file, kind) in
        [(b"text".to_vec(), "not-wasm"), (greeter(), "incompatible"), (from_the_future(), "incompatible")]
    {
        let finished = score(&file, "-o json");
        assert_eq!(finished.code, 65);
        let answer = finished.json();
        assert_eq!(answer["error"]["kind"], kind);
        let message = answer["error"]["message"].as_str().unwrap();
        assert_eq!(finished.stderr, format!("error: {message}\n"));
        assert_eq!(answer.as_object().unwrap().len(), 1, "{answer}");
    }
}

#[test]
fn a_policy_that_is_not_there_and_a_directory_are_told_apart() {
    let folder = folder(b"");
    let error = folder.run("score nowhere.wasm --pod pod.yaml --metrics watcher.json").failed(74);
    assert!(error.starts_with("cannot read nowhere.wasm: "), "{error}");
    let error = folder.run("score . --pod pod.yaml --metrics watcher.json").failed(65);
    assert_eq!(error, ". is a directory; name a file");
    assert_eq!(run("inspect .").failed(65), ". is a directory; name a file");
}
