//! `inspect`: what a policy's file is, and whether this host can run it.

use std::path::Path;

use serde_json::json;

use super::{constant, least_loaded, load_variation};
use scorelet_tests::artifacts;
use scorelet_tests::program::{Finished, Folder};
use scorelet_tests::wat_policy::{OK, component, core_module_of_version, policy, policy_text};

fn inspect(file: &[u8], more: &str) -> Finished {
    Folder::with("policy.wasm", file).run(&format!("inspect policy.wasm {more}"))
}

#[test]
fn a_good_policy_is_described() {
    let output = inspect(&constant(&[]), "").succeeded();
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines[0], "policy     policy");
    assert!(lines[1].starts_with("file       core module, "), "{output}");
    assert!(lines[2].starts_with("digest     sha256:"), "{output}");
    assert_eq!(lines[3], "contract   scorelet:policy 0.1.0 (this host offers 0.1.0)");
    assert!(lines[4].starts_with("imports    scorelet:policy/"), "{output}");
    assert!(
        lines[4..lines.len() - 2].iter().any(|line| line.ends_with(" scorelet:policy/scheduling@0.1.0")),
        "{output}"
    );
    assert_eq!(lines[lines.len() - 2..], ["exports    scorelet:policy/scorer@0.1.0", "runnable   yes"]);
}

#[test]
fn the_sample_policies_can_be_run() {
    for policy in [least_loaded(), load_variation()] {
        let finished = inspect(&policy, "-o json");
        assert_eq!((finished.code, finished.stderr.as_str()), (0, ""));
        let answer = finished.json();
        assert_eq!(answer["name"], "policy");
        assert_eq!(answer["kind"], "core-module");
        assert_eq!(answer["size_bytes"], policy.len());
        assert_eq!((&answer["built_for"], &answer["offered"]), (&json!("0.1.0"), &json!("0.1.0")));
        assert_eq!(answer["exports"], json!(["scorelet:policy/scorer@0.1.0"]));
        assert_eq!((&answer["runnable"], &answer["problems"]), (&json!(true), &json!([])));
        assert!(answer["imports"].as_array().unwrap().contains(&json!("scorelet:policy/scheduling@0.1.0")));
    }
}

#[test]
fn a_component_is_told_from_a_core_module() {
    let answer = inspect(&component(&constant(&[])), "-o json").json();
    assert_eq!((&answer["kind"], &answer["runnable"]), (&json!("component"), &json!(true)));
}

#[test]
fn what_its_author_says_of_a_policy_is_shown() {
    let custom = r#"(@custom "version" "1.2.3") (@custom "description" "Packs\nnodes\1b[2J") (@custom "source" "\ff")"#;
    let speaking = policy(OK, "unreachable", custom);
    let output = inspect(&speaking, "").succeeded();
    assert!(output.contains("\nversion    1.2.3\nabout      Packs\\nnodes\\u{1b}[2J\nimports "), "{output}");
    let metadata = &inspect(&component(&speaking), "-o json").json()["metadata"];
    assert_eq!((&metadata["version"], &metadata["source"]), (&json!("1.2.3"), &json!(null)));
}

#[test]
fn policies_of_the_sdk_say_what_their_manifest_does() {
    for files in artifacts::SAMPLES_OF_BOTH_TARGETS {
        for file in files {
            let metadata = &inspect(&artifacts::read(file), "-o json").json()["metadata"];
            let name = metadata["name"].as_str().unwrap();
            assert_eq!(
                Some(name.replace('_', "-").as_str()),
                Path::new(file).file_stem().and_then(|stem| stem.to_str())
            );
            assert_eq!(metadata["version"], env!("CARGO_PKG_VERSION"), "{file}");
            assert_eq!(metadata["licenses"], "Apache-2.0", "{file}");
            assert_eq!(metadata["homepage"], json!(null), "{file}");
        }
    }
}

#[test]
fn what_a_policy_gets_of_wasi_is_shown() {
    let ordinary = artifacts::read(artifacts::ORDINARY);
    let output = inspect(&ordinary, "").succeeded();
    let last = "wasi       inert: no files, network or environment, a clock that stands still\nrunnable   yes\n";
    assert!(output.ends_with(last), "{output}");
    let finished = inspect(&ordinary, "--no-wasi");
    assert_eq!((finished.code, finished.stderr.as_str()), (1, ""));
    assert!(finished.stdout.contains("\nwasi       refused\nrunnable   no:\n"), "{}", finished.stdout);
    for (flags, wasi, runnable) in [("-o json", "inert", true), ("-o json --no-wasi", "refused", false)] {
        let answer = inspect(&ordinary, flags).json();
        assert_eq!((&answer["wasi"], &answer["runnable"]), (&json!(wasi), &json!(runnable)));
    }
    assert_eq!(inspect(&least_loaded(), "-o json").json()["wasi"], json!(null));
}

#[test]
fn one_that_this_host_cannot_run_exits_1_with_every_reason() {
    let future = core_module_of_version(&policy_text(OK, "unreachable", ""), "@0.2.0");
    let finished = inspect(&future, "");
    assert_eq!((finished.code, finished.stderr.as_str()), (1, ""));
    assert!(finished.stdout.contains("contract   scorelet:policy 0.2.0 (this host offers 0.1.0)\n"));
    assert!(
        finished.stdout.ends_with(
            "           it exports scorelet:policy/scorer@0.2.0; this host calls scorelet:policy/scorer@0.1.0\n"
        ),
        "{}",
        finished.stdout
    );
    let finished = inspect(&future, "-o json");
    assert_eq!((finished.code, finished.stderr.as_str()), (1, ""));
    let answer = finished.json();
    assert_eq!((&answer["runnable"], &answer["built_for"]), (&json!(false), &json!("0.2.0")));
    assert!(answer["problems"].as_array().unwrap().len() >= 2, "{answer}");
}

#[test]
fn what_is_no_webassembly_is_bad_input() {
    assert_eq!(
        inspect(b"kind: Pod\n", "").failed(65),
        "policy.wasm: the file is not WebAssembly: it does not begin with the bytes 00 61 73 6d"
    );
    let finished = inspect(b"", "-o json");
    assert_eq!(finished.code, 65);
    assert_eq!(
        finished.json(),
        json!({"error": {
            "kind": "not-wasm",
            "message": "policy.wasm: the file is empty; it should be a policy compiled to WebAssembly",
        }})
    );
}

#[test]
fn a_file_beyond_the_limit_is_too_large() {
    let mut file = b"\0asm\x01\0\0\0".to_vec();
    file.resize((32 << 20) + 1, 0);
    assert_eq!(inspect(&file, "").failed(65), "policy.wasm: the file has 33554433 bytes; a policy may have 33554432");
}
