//! `test`: what test cases come to, what is said where they fail, and what is written into their files.

use std::path::Path;

use scorelet_tests::artifacts;
use scorelet_tests::program::{Finished, Folder, Program, fixture};
use scorelet_tests::wat_policy::policy_with;
use serde_json::json;

use super::{constant, least_loaded, refusing};

/// A case that passes with the policy that scores 1 and 2.5.
const PASSING: &str = "\
policy: policy.wasm
cases:
  - name: by position
    nodes: [{ name: a }, { name: b }]
    scores: { a: 1, b: 2.5 }
    order: [b, a]
";

fn folder(cases: &str) -> Folder {
    Folder::with("policy.wasm", constant(&[1.0, 2.5])).and("cases.yaml", cases)
}

fn test(cases: &str) -> Finished {
    folder(cases).run("test --no-cache")
}

/// What is said of a case of two nodes that fails; `more` are its expectations.
fn failing(more: &str) -> String {
    let cases = format!("policy: policy.wasm\ncases:\n  - name: it\n    nodes: [{{ name: a }}, {{ name: b }}]\n{more}");
    let finished = test(&cases);
    assert_eq!((finished.code, finished.stderr.as_str()), (1, ""), "{}", finished.stdout);
    assert!(finished.stdout.ends_with("\n0 passed, 1 failed in 1 file\n"), "{}", finished.stdout);
    finished.stdout
}

/// The words of each line.
fn has_line(text: &str, words: &[&str]) -> bool {
    text.lines().any(|line| line.split_whitespace().eq(words.iter().copied()))
}

/// Scores each node with its cpu average, and crashes where that is not known.
fn scores_load() -> Vec<u8> {
    policy_with(
        "(func $score (param $pod i32) (param $candidates i32) (result i32)
            (call $candidates-column (local.get $candidates)
                (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const 48))
            (if (f64.ne (f64.load (i32.load (i32.const 48))) (f64.load (i32.load (i32.const 48))))
                (then (unreachable)))
            (call $scores (i32.load (i32.const 48)) (i32.load (i32.const 52))))",
    )
}

#[test]
fn every_sample_policy_has_cases_and_passes_them_with_their_properties() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/policies");
    let samples = std::fs::read_dir(samples).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count();
    let finished = Program::example("scorelet", ["test", "examples/policies", "--properties", "--no-cache"]).run();
    assert_eq!((finished.code, finished.stderr.as_str()), (0, ""), "{}", finished.stdout);
    assert!(finished.stdout.ends_with(&format!(" passed, 0 failed in {samples} files\n")), "{}", finished.stdout);
}

#[test]
fn cases_that_pass_are_listed() {
    let output = test(PASSING).succeeded();
    assert!(has_line(&output, &["ok", "by", "position"]), "{output}");
    assert!(output.starts_with("cases.yaml with policy.wasm\n"), "{output}");
    assert!(output.ends_with("\n1 passed, 0 failed in 1 file\n"), "{output}");
}

#[test]
fn a_score_that_differs_is_shown_with_the_expected_one() {
    let output = failing("    scores: { a: 2, b: 2.5 }");
    assert!(has_line(&output, &["FAILED", "it"]), "{output}");
    assert!(has_line(&output, &["NODE", "EXPECTED", "GOT", "DIFFERENCE"]), "{output}");
    assert!(has_line(&output, &["a", "2", "1", "-1"]), "{output}");
    assert!(!output.lines().any(|line| line.trim_start().starts_with("b ")), "{output}");
}

#[test]
fn an_order_that_differs_is_shown_with_the_expected_one() {
    let output = failing("    order: [a, b]");
    assert!(output.contains("  expected order  a > b\n  got             b > a\n"), "{output}");
    let output = failing("    order: [[b, a]]");
    assert!(output.contains("  expected order  a = b\n  got             b > a\n"), "{output}");
    // The tolerance makes them alike.
    let output = failing("    tolerance: 2\n    order: [b, a]");
    assert!(output.contains("  expected order  b > a\n  got             a = b\n"), "{output}");
}

#[test]
fn another_end_than_the_expected_one_is_shown() {
    let output = failing("    refused: not today");
    assert!(output.contains("  expected  a refusal with the words \"not today\"\n"), "{output}");
    assert!(output.contains("  got       scores: a 1, b 2.5\n"), "{output}");
    let output = failing("    logs: [hello]");
    assert!(output.contains("  expected in the log  hello\n  it logged nothing\n"), "{output}");
    let failed = Folder::with("policy.wasm", constant(&[1.0])).and("cases.yaml", PASSING).run("test --no-cache");
    assert_eq!(failed.code, 1);
    assert!(failed.stdout.contains("  expected  scores\n  got       invalid-scores: "), "{}", failed.stdout);
}

#[test]
fn refusals_and_failures_can_be_expected() {
    let case =
        |end: &str| format!("policy: policy.wasm\ncases:\n  - name: it\n    nodes: [{{ name: a }}]\n    {end}\n");
    for (policy, end) in [
        (refusing("not today", false), "refused: today"),
        (refusing("no such settings", true), "refused: no such"),
        (constant(&[1.0, 2.0]), "failure: invalid-scores"),
        (
            policy_with("(func $score (param i32 i32) (result i32) (loop $again (br $again)) (unreachable))"),
            "failure: deadline",
        ),
    ] {
        let folder = Folder::with("policy.wasm", policy).and("cases.yaml", case(end));
        let output = folder.run("test --no-cache --properties").succeeded();
        assert!(output.ends_with("\n1 passed, 0 failed in 1 file\n"), "{output}");
    }
}

#[test]
fn a_recorded_answer_takes_the_place_of_nodes() {
    let cases = "\
policy: policy.wasm
defaults: { metrics: watcher.json }
cases:
  - name: all nodes of the recording
    scores: { node-a: 60, node-b: 39.5, node-c: 0, node-d: 0 }
  - name: some of them
    nodes: [{ name: node-b }, { name: node-x }]
    scores: { node-b: 39.5, node-x: 0 }
";
    let folder = Folder::with("policy.wasm", least_loaded())
        .and("cases.yaml", cases)
        .and("watcher.json", std::fs::read(fixture("watcher.json")).unwrap());
    let output = folder.run("test --no-cache --properties").succeeded();
    assert!(output.ends_with("\n2 passed, 0 failed in 1 file\n"), "{output}");
}

#[test]
fn json_has_every_case_with_its_problems() {
    let cases = PASSING.replace("b: 2.5", "b: 2");
    let finished = folder(&cases).run("test --no-cache -o json");
    assert_eq!((finished.code, finished.stderr.as_str()), (1, ""));
    let mut answer = finished.json();
    let digest = answer["files"][0]["digest"].take();
    assert!(digest.as_str().unwrap().starts_with("sha256:"), "{digest}");
    assert_eq!(
        answer,
        json!({
            "files": [{
                "file": "cases.yaml",
                "name": null,
                "policy": "policy.wasm",
                "digest": null,
                "cases": [{
                    "name": "by position",
                    "outcome": "failed",
                    "problems": [{"kind": "scores", "nodes": [{"node": "b", "expected": 2.0, "got": 2.5}]}],
                }],
            }],
            "passed": 0,
            "updated": 0,
            "failed": 1,
        })
    );
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_place() {
    let with = |more: &str| format!("{PASSING}  - name: wrong\n    nodes: [{{ name: a }}]\n{more}");
    for (cases, place, words) in [
        (with("    noods: []\n"), "cases.yaml:9:5: ", "unknown field `noods`"),
        (with(""), "cases.yaml:7:5: case \"wrong\": ", "it expects nothing; write `scores`, `order`"),
        (with("    scores: { b: 1 }\n"), "cases.yaml:7:5: ", "the node \"b\", which is none of its `nodes`"),
        (with("    order: [a, a]\n"), "cases.yaml:7:5: ", "`order` names the node \"a\" twice"),
        (with("    refused: x\n    scores: { a: 1 }\n"), "cases.yaml:7:5: ", "an evaluation ends in one way"),
        (with("    failure: boredom\n"), "cases.yaml:7:5: ", "`failure` is \"boredom\"; write one of invalid-scores,"),
        (with("    tolerance: -1\n    logs: [x]\n"), "cases.yaml:7:5: ", "`tolerance` is -1"),
        (with("    pod: { requests: { cpu: lots } }\n"), "cases.yaml:9:", "\"lots\" is not a quantity"),
        (PASSING.replace("name: b", "name: a"), "cases.yaml:3:5: ", "there are two nodes \"a\""),
        (PASSING.replace("{ name: a }", "{ name: a, metrics: { cpu: 1 } }"), "cases.yaml:4:", "\"cpu\" is no metric"),
        ("policy: policy.wasm\ncases: []\n".to_owned(), "cases.yaml: ", "there are no `cases`"),
        (PASSING.replace("policy: policy.wasm\n", ""), "cases.yaml ", "names no `policy`"),
        (PASSING.replace("policy.wasm", "other.wasm"), "there is no policy other.wasm", "build it first"),
    ] {
        let failure = test(&cases).failed(65);
        assert!(failure.starts_with(place) && failure.contains(words), "{words}: {failure}");
    }
}

#[test]
fn billion_laughs_are_refused() {
    let level = |level: usize| {
        let item = if level == 0 { "x".to_owned() } else { format!("*a{}", level - 1) };
        format!("      a{level}: &a{level} [{}]\n", vec![item; 10].join(", "))
    };
    let settings: String = (0..12).map(level).collect();
    let failure = test(&format!("{PASSING}    settings:\n{settings}")).failed(65);
    assert!(failure.contains("too many aliases"), "{failure}");
}

#[test]
fn files_are_found_below_folders_and_named_otherwise() {
    let folder = folder(PASSING);
    for (path, cases) in [
        ("below/deeper", PASSING.replace("policy.wasm", "../../policy.wasm")),
        ("target", "not for us".to_owned()),
        (".hidden", "not for us".to_owned()),
    ] {
        std::fs::create_dir_all(folder.path().join(path)).unwrap();
        std::fs::write(folder.path().join(path).join("more.cases.yaml"), cases).unwrap();
    }
    let output = folder.run("test --no-cache").succeeded();
    assert!(output.ends_with("\n2 passed, 0 failed in 2 files\n"), "{output}");
    let output = folder.run("test --no-cache below cases.yaml --filter position").succeeded();
    assert!(output.ends_with("\n2 passed, 0 failed in 2 files\n"), "{output}");

    let failure = folder.run("test --no-cache --filter nothing").failed(65);
    assert_eq!(failure, "no case has \"nothing\" in its name");
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let failure = folder.run("test --no-cache empty").failed(65);
    assert!(failure.starts_with("there are no test cases in empty: "), "{failure}");
    assert!(folder.run("test -").failed(2).contains("cannot come from standard input"));
}

#[test]
fn another_policy_takes_the_place_of_the_one_in_the_file() {
    let folder = folder(PASSING).and("other.wasm", constant(&[1.0, 2.0]));
    let finished = folder.run("test --no-cache --policy other.wasm");
    assert_eq!(finished.code, 1);
    assert!(finished.stdout.starts_with("cases.yaml with other.wasm\n"), "{}", finished.stdout);
}

#[test]
fn an_update_writes_scores_and_orders_and_nothing_else() {
    let before = "\
# Kept, with an é.
policy: policy.wasm
defaults: { tolerance: 0.01 }
cases:
  - name: in braces # and this
    nodes: [{ name: a }, { name: b }]
    scores: { a: 7, \"b\": 2.5 } # as it was
  - name: in lines
    nodes:
      - name: a
      - name: b
    scores:
      a: 1

      # between
      b: 9.75   # behind
    order: [a,
      b] # order
";
    let after = before.replace("a: 7", "a: 1").replace("9.75", "2.5").replace("[a,\n      b]", "[b, a]");
    let folder = folder(before);
    let output = folder.run("test --no-cache --update").succeeded();
    assert!(output.ends_with("\n0 passed, 2 updated, 0 failed in 1 file\n"), "{output}");
    let path = folder.path().join("cases.yaml");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), after);
    let output = folder.run("test --no-cache --update").succeeded();
    assert!(output.ends_with("\n2 passed, 0 failed in 1 file\n"), "{output}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), after);
}

#[test]
fn an_update_changes_neither_refusals_nor_what_several_cases_share() {
    let refusal = PASSING.replace("    scores: { a: 1, b: 2.5 }\n    order: [b, a]\n", "    refused: not today\n");
    let shared = "\
policy: policy.wasm
cases:
  - name: first
    nodes: [{ name: a }, { name: b }]
    scores: &shared { a: 1, b: 2.5 }
  - name: second
    nodes: [{ name: b }, { name: a }]
    scores: *shared
";
    for (cases, words) in [(refusal.as_str(), "never updated"), (shared, "cannot be updated")] {
        let folder = folder(cases);
        let finished = folder.run("test --no-cache --update");
        assert_eq!((finished.code, finished.stderr.as_str()), (1, ""), "{}", finished.stdout);
        assert!(finished.stdout.contains(words), "{}", finished.stdout);
        assert_eq!(std::fs::read_to_string(folder.path().join("cases.yaml")).unwrap(), cases);
    }
}

#[test]
fn broken_properties_are_told_with_nodes_and_numbers() {
    let finished = folder(PASSING).run("test --no-cache --properties");
    assert_eq!(finished.code, 1);
    let words = "property broken: independent of the order of nodes\n  \
                 with the nodes reversed, the node \"b\" scores 1 instead of 2.5\n";
    assert!(finished.stdout.contains(words), "{}", finished.stdout);

    let cases = "\
policy: policy.wasm
cases:
  - name: it
    nodes: [{ name: a, metrics: { \"cpu average\": 30 } }]
    scores: { a: 30 }
properties: { more_load_never_scores_better: [\"cpu average\"] }
";
    let folder = Folder::with("policy.wasm", scores_load()).and("cases.yaml", cases);
    assert!(folder.run("test --no-cache").succeeded().ends_with("\n1 passed, 0 failed in 1 file\n"));
    let finished = folder.run("test --no-cache --properties");
    assert_eq!(finished.code, 1);
    for words in [
        "property broken: an answer without metrics\n  without any metric of nodes, it failed: trap: ",
        "property broken: more load never scores better\n  \
         with 10 more of the metric \"cpu average\", the node \"a\" scores 40 instead of 30\n",
    ] {
        assert!(finished.stdout.contains(words), "{}", finished.stdout);
    }
}

#[test]
fn a_policy_that_packs_breaks_the_promise_of_one_that_spreads() {
    let cases = "\
policy: policy.wasm
cases:
  - name: it
    nodes: [{ name: a, allocatable: { cpu: 8 }, metrics: { \"cpu average\": 10 } }]
    order: [a]
properties: { more_load_never_scores_better: [\"cpu average\"] }
";
    let packing = artifacts::read(artifacts::TARGET_LOAD_PACKING);
    let finished = Folder::with("policy.wasm", packing).and("cases.yaml", cases).run("test --no-cache --properties");
    assert_eq!(finished.code, 1);
    assert!(finished.stdout.contains("property broken: more load never scores better\n"), "{}", finished.stdout);
}
