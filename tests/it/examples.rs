//! The examples for embedders, run as their readers would.

use scorelet_tests::artifacts::{LEAST_LOADED, LOAD_VARIATION};
use scorelet_tests::program::{Folder, Program, Simulator, fixture};
use scorelet_tests::wat_policy::{core_module_of_world, policy_text};

fn linker(arguments: &[&str]) -> Program {
    Program::example("embed-linker", arguments)
}

fn collector(arguments: &[&str]) -> Program {
    Program::example("embed-collector", arguments)
}

#[test]
fn the_linker_ranks_recorded_nodes() {
    let stdout = linker(&[]).run().succeeded();
    assert_eq!(stdout, " 74.5  worker-2\n 37.5  worker-1\n  9.0  worker-3\n4 calls to the host\n");
}

#[test]
fn the_linker_takes_files_of_the_readers() {
    let metrics = fixture("watcher.json");
    let stdout = linker(&[LOAD_VARIATION, metrics.to_str().unwrap()]).run().succeeded();
    assert!(stdout.contains("  node-a\n") && stdout.ends_with(" calls to the host\n"), "{stdout}");
}

#[test]
fn the_linker_offers_more_than_the_contract() {
    let asks = r#"(import "$root" "region" (func $region (param i32)))"#;
    // What it is told, it logs: the pair of address and length at 64.
    let score = r"(call $region (i32.const 64))
        (call $log (i32.const 2) (i32.load (i32.const 64)) (i32.load (i32.const 68)))
        (call $scores (i32.const 1024) (i32.const 3))";
    let text = policy_text("(i32.const 0)", score, "").replacen("(module", &format!("(module {asks}"), 1);
    let wit = "package test:regional;
        world regional { include scorelet:policy/policy@0.1.0; import region: func() -> string; }";
    let folder = Folder::with("regional.wasm", core_module_of_world(&text, wit, "regional"));
    let stdout = linker(&[folder.path().join("regional.wasm").to_str().unwrap()]).run().succeeded();
    assert!(stdout.contains("info: north\n"), "{stdout}");
}

#[test]
fn the_linker_quotes_a_refusal() {
    let folder = Folder::with("refuses.wasm", super::program::refusing("not\x07now", false));
    let finished = linker(&[folder.path().join("refuses.wasm").to_str().unwrap()]).run();
    assert_eq!((finished.code, finished.stdout.as_str()), (1, ""));
    assert_eq!(finished.stderr, "Error: the policy refuses: \"not\\u{7}now\"\n");
}

#[test]
fn the_linker_says_what_is_wrong_with_a_file() {
    let metrics = fixture("watcher.json");
    let metrics = metrics.to_str().unwrap();
    for (arguments, words) in [
        (&["no-such.wasm"][..], "no-such.wasm"),
        (&[metrics], "the file is not WebAssembly"),
        (&[LEAST_LOADED, LEAST_LOADED], "is not a load monitor's document"),
    ] {
        let finished = linker(arguments).run();
        assert_eq!((finished.code, finished.stdout.as_str()), (1, ""));
        assert!(finished.stderr.contains(words), "{}", finished.stderr);
    }
}

#[test]
fn the_collector_scores_round_by_round_and_ends() {
    let replay = fixture("watcher.json");
    let simulator = Simulator::start(&format!("--replay {}", replay.display()));
    let stdout = collector(&[simulator.address(), "--rounds", "2", "--every", "0.01"]).run().succeeded();
    let ranking = "node-a 60.0, node-b 39.5, node-c 0.0, node-d 0.0";
    assert_eq!(stdout, format!("round 1: {ranking}\nround 2: {ranking}\n"));
}

#[cfg(unix)]
#[test]
fn the_collector_ends_in_order_when_it_is_interrupted() {
    let simulator = Simulator::start("--nodes 2");
    let finished = collector(&[simulator.address(), "--every", "0.01"]).run_until(|line| line.starts_with("round 2: "));
    assert_eq!(finished.code, 0, "{}", finished.stderr);
}

#[test]
fn the_collector_outlives_the_failures_of_a_policy() {
    let refuses = Folder::with("refuses.wasm", super::program::refusing("not now", false));
    let simulator = Simulator::start("--nodes 2");
    let policy = refuses.path().join("refuses.wasm");
    let finished =
        collector(&[simulator.address(), policy.to_str().unwrap(), "--rounds", "2", "--every", "0.01"]).run();
    assert_eq!((finished.code, finished.stdout.as_str()), (0, ""));
    let lines: Vec<_> = finished.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{}", finished.stderr);
    for line in lines {
        assert!(line.starts_with("round ") && line.ends_with(": it refuses to score: not now"), "{line}");
    }
}

#[test]
fn the_collector_says_what_is_missing() {
    let silent = "http://127.0.0.1:9";
    for (arguments, code, words) in [
        (&[silent, "no-such.wasm"][..], 1, "no-such.wasm"),
        (&[silent, "Cargo.toml"], 1, "the file is not WebAssembly"),
        (&["ftp://nowhere"], 1, "ftp"),
        (&[silent, "--patience", "0.5"], 1, "the load monitor"),
        (&[silent, "--every", "0"], 2, "must be longer than zero"),
        (&[], 2, "<MONITOR>"),
    ] {
        let finished = collector(arguments).run();
        assert_eq!((finished.code, finished.stdout.as_str()), (code, ""), "{arguments:?}: {}", finished.stderr);
        assert!(finished.stderr.contains(words), "{arguments:?}: {}", finished.stderr);
    }
}
