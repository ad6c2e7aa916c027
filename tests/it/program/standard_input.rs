//! `-` in the place of a file: what another program prints.

use super::{folder, least_loaded};
use scorelet_tests::program::{Program, fixture, run};

fn read(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).unwrap()
}

#[test]
fn a_recorded_answer_comes_through_a_pipe() {
    let piped = Program::new(["query", "nodes", "--metrics", "-"]).with_input(read("watcher.json")).run();
    assert_eq!(piped, run("query nodes --metrics watcher.json"));
}

#[test]
fn pod_nodes_and_policy_come_through_a_pipe() {
    let folder = folder(&least_loaded()).and("nodes.json", read("nodes.json"));
    let expected =
        folder.run("score policy.wasm --pod pod.yaml --nodes nodes.json --metrics watcher.json -o json").json();
    for (arguments, input) in [
        ("score policy.wasm --pod - --nodes nodes.json", read("pod.yaml")),
        ("score policy.wasm --pod pod.yaml --nodes -", read("nodes.json")),
        ("score - --pod pod.yaml --nodes nodes.json", least_loaded()),
    ] {
        let arguments = arguments.split_whitespace().chain(["--metrics", "watcher.json", "-o", "json"]);
        let finished = Program::new(arguments).in_folder(folder.path()).with_input(input).run();
        let answer = finished.json();
        assert_eq!((finished.code, &answer["scores"]), (0, &expected["scores"]));
        assert_eq!(answer["policy"]["digest"], expected["policy"]["digest"]);
    }
}

#[test]
fn mistakes_in_it_are_told_under_its_name() {
    let folder = folder(&least_loaded());
    let arguments = ["score", "policy.wasm", "--pod", "-", "--metrics", "watcher.json"];
    let error = Program::new(arguments).in_folder(folder.path()).with_input("kind: Service").run().failed(65);
    assert!(error.starts_with("standard input: kind: \"Service\" is not a pod"), "{error}");
    let error = Program::new(["inspect", "-"]).run().failed(65);
    assert_eq!(error, "standard input: the file is empty; it should be a policy compiled to WebAssembly");
}

#[test]
fn only_one_file_can_be_it() {
    let error = run("score - --pod - --metrics watcher.json").failed(2);
    assert_eq!(error, "only one file can be -, which is standard input");
}
