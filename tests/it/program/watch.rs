//! `query valid --watch` and `simulate`: what goes on until Ctrl-C, and how it ends then.
#![cfg(unix)]

use scorelet_tests::canned::NOBODY;
use scorelet_tests::program::{Finished, Program, Simulator};

fn watch(address: &str, last: &str) -> Finished {
    Program::new(["query", "valid", "--watch", "--timeout", "60", "--monitor", address]).run_until(|line| line == last)
}

#[test]
fn the_exit_code_is_that_of_the_last_verdict() {
    let simulator = Simulator::start("--nodes 1");
    let finished = watch(simulator.address(), "valid");
    assert_eq!(finished.code, 0, "{}", finished.stderr);
    assert!(finished.stdout.starts_with("CHECK       STATE"), "{}", finished.stdout);
    assert!(finished.stderr.contains("INFO the load monitor is alive"), "{}", finished.stderr);

    let finished = watch(NOBODY, "not valid");
    assert_eq!(finished.code, 1, "{}", finished.stderr);
    assert!(finished.stdout.contains("has never answered its health check"), "{}", finished.stdout);
}

#[test]
fn a_simulator_that_is_interrupted_has_done_its_work() {
    let arguments = ["simulate", "--listen", "127.0.0.1:0"];
    let finished =
        Program::new(arguments).run_until(|line| line.starts_with("try: scorelet query nodes --monitor http"));
    assert_eq!(finished.code, 0, "{}", finished.stderr);
}

#[test]
fn a_demo_that_is_interrupted_has_done_its_work() {
    let folder = super::folder(&super::least_loaded());
    let finished =
        Program::new(["demo", "policy.wasm"]).in_folder(folder.path()).run_until(|line| line == "Ctrl-C ends the demo");
    assert_eq!((finished.code, finished.stderr.as_str()), (0, ""));
}
