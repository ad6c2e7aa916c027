//! `test`: what test cases come to, what is said where they fail, and what is written into their files.

use std::path::Path;

use scorelet_tests::artifacts;
use scorelet_tests::program::{Finished, Folder, Program, fixture};
use scorelet_tests::wat_policy::{OK, policy, policy_with};
use serde_json::{Value, json};

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

/// A file in a folder below.
fn write(folder: &Folder, path: &str, content: &str) {
    let path = folder.path().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

fn read(folder: &Folder, path: &str) -> String {
    std::fs::read_to_string(folder.path().join(path)).unwrap()
}

/// A policy that knows the cpu averages of the first node (`$first`) and of the second one (`$second`).
fn with_load(body: &str) -> Vec<u8> {
    policy_with(&format!(
        "(func $score (param $pod i32) (param $candidates i32) (result i32)
            (local $first f64) (local $second f64)
            (call $candidates-column (local.get $candidates)
                (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const 48))
            (local.set $first (f64.load (i32.load (i32.const 48))))
            (local.set $second (f64.load offset=8 (i32.load (i32.const 48))))
            {body})"
    ))
}

/// The worst score for all nodes.
const WORST: &str = "(call $scores (i32.const 2048) (call $candidates-len (local.get $candidates)))";

/// Scores each node with its cpu average, and crashes where that of the first one is not known.
fn scores_load() -> Vec<u8> {
    with_load(
        "(if (f64.ne (local.get $first) (local.get $first)) (then (unreachable)))
         (call $scores (i32.load (i32.const 48)) (i32.load (i32.const 52)))",
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
    assert!(output.contains("  expected in the log  hello\n"), "{output}");
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
fn what_a_failing_policy_logged_and_where_it_crashed_is_shown() {
    let crashing = policy(
        OK,
        "(call $log (i32.const 2) (i32.const 2048) (i32.const 7)) (call $oops) unreachable",
        r#"(data (i32.const 2048) "nearly!") (func $oops unreachable)"#,
    );
    let folder = Folder::with("policy.wasm", crashing).and("cases.yaml", PASSING);
    let output = folder.run("test --no-cache").stdout;
    assert!(output.contains("\n  it logged\n    info  nearly!\n  in oops\n  in score\n"), "{output}");
    let answer = folder.run("test --no-cache -o json").json();
    let case = &answer["files"][0]["cases"][0];
    assert_eq!(
        (&case["logs"], &case["backtrace"]),
        (&json!(["info  nearly!"]), &json!(["oops", "score", "function 9"]))
    );
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
                    "notes": [],
                    "logs": [],
                    "backtrace": [],
                }],
                "problems": [],
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
    let measured = |metrics: &str| PASSING.replace("{ name: a }", &format!("{{ name: a, metrics: {metrics} }}"));
    for (cases, place, words) in [
        (with("    noods: []\n"), "cases.yaml:9:5: ", "unknown field `noods`"),
        (with(""), "cases.yaml:7:5: case \"wrong\": ", "it expects nothing; write `scores`, `order`"),
        (with("    scores: { b: 1 }\n"), "cases.yaml:7:5: ", "the node \"b\", which is none of its `nodes`"),
        (with("    order: [a, a]\n"), "cases.yaml:7:5: ", "`order` names the node \"a\" twice"),
        (with("    refused: x\n    scores: { a: 1 }\n"), "cases.yaml:7:5: ", "an evaluation ends in one way"),
        (with("    failure: boredom\n"), "cases.yaml:7:5: ", "`failure` is \"boredom\"; write one of invalid-scores,"),
        (with("    tolerance: -1\n    logs: [x]\n"), "cases.yaml:7:5: ", "`tolerance` is -1"),
        (with("    scores: {}\n"), "cases.yaml:7:5: ", "its `scores` are empty"),
        (with("    order: []\n"), "cases.yaml:7:5: ", "its `order` is empty"),
        (with("    order: [a, []]\n"), "cases.yaml:7:5: ", "its `order` is empty, or has an empty list in it"),
        (with("    refused: \"\"\n"), "cases.yaml:7:5: ", "its `refused` is empty"),
        (with("    logs: [x, \"\"]\n"), "cases.yaml:7:5: ", "an empty text in its `logs`"),
        (with("    pod: { requests: { cpu: lots } }\n"), "cases.yaml:9:", "\"lots\" is not a quantity"),
        (PASSING.replace("name: b", "name: a"), "cases.yaml:3:5: ", "there are two nodes \"a\""),
        (PASSING.replace("{ name: a }", "{ name: a, metrics: { cpu: 1 } }"), "cases.yaml:4:", "\"cpu\" is no metric"),
        (measured("{ \"cpu average\": .nan }"), "cases.yaml:4:", "a metric cannot be NaN"),
        (measured("{ \"cpu average\": .inf }"), "cases.yaml:4:", "a metric cannot be inf"),
        (measured("[{ name: x, value: -.inf }]"), "cases.yaml:4:", "a metric cannot be -inf"),
        (measured("[{ type: cpu, operator: averge, value: 1 }]"), "cases.yaml:4:", "\"averge\" is no operator"),
        (assigned("{ name: x }", "{ name: x }"), "cases.yaml:3:5: ", "there are two assigned pods \"x\""),
        (format!("{PASSING}properties: {{ more_load_never_scores_better: [cpu] }}\n"), "cases.yaml:7:", "is no metric"),
        ("policy: policy.wasm\ncases: []\n".to_owned(), "cases.yaml: ", "there are no `cases`"),
        (PASSING.replace("policy: policy.wasm\n", ""), "cases.yaml ", "names no `policy`"),
    ] {
        let failure = test(&cases).failed(65);
        assert!(failure.starts_with(place) && failure.contains(words), "{words}: {failure}");
    }
}

/// The case that passes, with two pods that were put on its nodes lately.
fn assigned(first: &str, second: &str) -> String {
    let node = |name: &str, pod: &str| format!("{{ name: {name}, assigned: [{{ pod: {pod}, age_seconds: 1 }}] }}");
    PASSING.replace("{ name: a }", &node("a", first)).replace("{ name: b }", &node("b", second))
}

#[test]
fn assigned_pods_are_told_apart_by_namespace_and_name_or_have_none() {
    for (first, second) in [("{ name: x }", "{ name: x, namespace: other }"), ("{}", "{}")] {
        let output = test(&assigned(first, second)).succeeded();
        assert!(output.ends_with("\n1 passed, 0 failed in 1 file\n"), "{output}");
    }
}

#[test]
fn what_is_limited_and_not_requested_is_requested() {
    let case = |name: &str, pod: &str| {
        format!(
            "  - name: {name}
    pod: {pod}
    nodes:
      - {{ name: n1, allocatable: {{ cpu: 1, memory: 1Gi }}, metrics: {{ cpu average: 30, memory average: 60 }} }}
    scores: {{ n1: 30 }}
"
        )
    };
    let cases: String = [
        ("stated", "{ requests: { cpu: 500m } }"),
        ("a container", "{ containers: [{ limits: { cpu: 500m } }] }"),
        (
            "with overhead",
            "{ containers: [{ limits: { cpu: 300m } }, { requests: { cpu: 0.1 } }], overhead: { cpu: 100m } }",
        ),
        ("the pod", "{ limits: { cpu: 500m } }"),
    ]
    .map(|(name, pod)| case(name, pod))
    .concat();
    let cases = format!("policy: policy.wasm\ndefaults: {{ tolerance: 0.000001 }}\ncases:\n{cases}");
    let folder = Folder::with("policy.wasm", artifacts::read(artifacts::HOT_SPOT_GUARD)).and("cases.yaml", cases);
    let output = folder.run("test --no-cache").succeeded();
    assert!(output.ends_with("\n4 passed, 0 failed in 1 file\n"), "{output}");
}

#[test]
fn scores_of_no_nodes_are_empty() {
    let cases = "policy: policy.wasm\ncases:\n  - name: it\n    nodes: []\n    scores: {}\n";
    let folder = Folder::with("policy.wasm", policy_with("")).and("cases.yaml", cases);
    assert!(folder.run("test --no-cache").succeeded().ends_with("\n1 passed, 0 failed in 1 file\n"));
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
fn a_file_is_run_once_whatever_its_paths_are() {
    let folder = folder(PASSING);
    write(&folder, "d/cases.yaml", &PASSING.replace("policy.wasm", "../policy.wasm"));
    let output = folder.run("test --no-cache d ./d d/../d/cases.yaml d/cases.yaml").succeeded();
    assert!(output.starts_with("d/cases.yaml with d/../policy.wasm\n"), "{output}");
    assert!(output.ends_with("\n1 passed, 0 failed in 1 file\n"), "{output}");
}

#[cfg(unix)]
#[test]
fn links_to_files_are_followed_and_links_to_folders_are_not() {
    use std::os::unix::fs::symlink;

    let folder = folder(PASSING);
    std::fs::create_dir_all(folder.path().join("links/folder")).unwrap();
    symlink("../cases.yaml", folder.path().join("links/linked.cases.yaml")).unwrap();
    symlink("..", folder.path().join("links/circle")).unwrap();
    symlink("..", folder.path().join("links/folder/cases.yaml")).unwrap();
    let output = folder.run("test --no-cache links").succeeded();
    assert!(output.starts_with("links/linked.cases.yaml with "), "{output}");
    assert!(output.ends_with("\n1 passed, 0 failed in 1 file\n"), "{output}");
    // It is the same file.
    let output = folder.run("test --no-cache").succeeded();
    assert!(output.starts_with("cases.yaml with policy.wasm\n"), "{output}");
    assert!(output.ends_with("\n1 passed, 0 failed in 1 file\n"), "{output}");

    symlink("nowhere", folder.path().join("links/cases.yaml")).unwrap();
    assert!(folder.run("test --no-cache links").failed(74).starts_with("cannot read links/cases.yaml"));
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
fn an_update_keeps_byte_order_marks_line_ends_and_merge_keys() {
    let before = "\u{feff}policy: policy.wasm
cases:
  - &first
    name: first
    nodes: [{ name: a }, { name: b }]
    scores: { a: 7, b: 2.5 }
  - <<: *first
    name: with its own scores
    scores: { a: 8, b: 2.5 }
    order:
      - a
      - b
  - <<: *first
    name: with those of the first
"
    .replace('\n', "\r\n");
    let after = before.replace("a: 8", "a: 1").replace("order:\r\n      - a\r\n      - b\r\n", "order: [b, a]\r\n");
    let folder = folder(&before);
    let finished = folder.run("test --no-cache --update");
    assert_eq!((finished.code, finished.stderr.as_str()), (1, ""), "{}", finished.stdout);
    assert!(has_line(&finished.stdout, &["updated", "with", "its", "own", "scores"]), "{}", finished.stdout);
    assert!(finished.stdout.ends_with("\n0 passed, 1 updated, 2 failed in 1 file\n"), "{}", finished.stdout);
    let words = "\n  the score of \"a\" cannot be updated: ";
    assert_eq!(finished.stdout.matches(words).count(), 2, "{}", finished.stdout);
    assert_eq!(read(&folder, "cases.yaml"), after);
}

#[test]
fn orders_with_a_line_for_each_node_are_updated() {
    let case = "policy: policy.wasm\ncases:\n  - name: it\n    nodes: [{ name: a }, { name: b }]\n";
    let with = |order: &str| format!("{case}{order}    tolerance: 0\n");
    for order in [
        "    order:\n      - a\n      - b\n",
        "    order:\n    - a\n    - b\n",
        "    order:\n\n      -   - a\n          - b\n",
        "    order:\n    - [a,\n       b]\n",
        "    order:\n      [a, b]\n",
    ] {
        let folder = folder(&with(order));
        let output = folder.run("test --no-cache --update").succeeded();
        assert!(output.ends_with("\n0 passed, 1 updated, 0 failed in 1 file\n"), "{output}");
        let flow = if order.contains("      [a, b]") { "    order:\n      [b, a]\n" } else { "    order: [b, a]\n" };
        assert_eq!(read(&folder, "cases.yaml"), with(flow), "{order}");
        let _ = folder.run("test --no-cache").succeeded();
    }
}

#[test]
fn what_cannot_be_updated_is_told_with_its_node_and_the_rest_is_updated() {
    for (score, what) in [
        ("\"7\"", "the score of \"a\""),
        ("!!float 7", "the score of \"a\""),
        ("|\n        7", "the score of \"a\""),
        ("1\n    order:\n      - a # because\n      - b", "the order"),
        ("1\n    order: # because\n      - a\n      - b", "the order"),
    ] {
        let before = format!(
            "policy: policy.wasm\ncases:\n  - name: it\n    nodes: [{{ name: a }}, {{ name: b }}]\n    \
             scores:\n      b: 9\n      a: {score}\n  - name: other\n    nodes: [{{ name: a }}, {{ name: b }}]\n    \
             scores: {{ a: 3 }}\n"
        );
        let folder = folder(&before);
        let finished = folder.run("test --no-cache --update");
        assert_eq!((finished.code, finished.stderr.as_str()), (1, ""), "{score}: {}", finished.stdout);
        assert!(finished.stdout.contains("\nit\n  "), "{}", finished.stdout);
        assert!(finished.stdout.contains(&format!("\n  {what} cannot be updated: ")), "{score}: {}", finished.stdout);
        assert!(finished.stdout.ends_with("\n0 passed, 1 updated, 1 failed in 1 file\n"), "{}", finished.stdout);
        assert!(!finished.stdout.contains("2.5"), "what was updated is no problem any more: {}", finished.stdout);
        assert_eq!(read(&folder, "cases.yaml"), before.replace("b: 9", "b: 2.5").replace("a: 3", "a: 1"));
    }
}

#[test]
fn files_are_updated_whatever_is_wrong_with_others() {
    let folder = folder(PASSING);
    let wrong = PASSING.replace("a: 1,", "a: 7,").replace("policy.wasm", "../policy.wasm");
    write(&folder, "a/cases.yaml", &wrong);
    write(&folder, "b/cases.yaml", &PASSING.replace("policy.wasm", "missing.wasm"));
    write(&folder, "c/cases.yaml", &PASSING.replace("policy.wasm", "text.wasm"));
    write(&folder, "c/text.wasm", "no policy");
    write(&folder, "d/cases.yaml", &wrong);

    let finished = folder.run("test --no-cache --update -o json");
    assert_eq!((finished.code, finished.stderr.as_str()), (1, ""), "{}", finished.stdout);
    let answer = finished.json();
    assert_eq!([&answer["passed"], &answer["updated"], &answer["failed"]], [&json!(1), &json!(2), &json!(2)]);
    let files = answer["files"].as_array().unwrap();
    let outcomes: Vec<_> = files.iter().map(|file| file["cases"][0]["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["updated", "failed", "failed", "passed", "updated"]);
    for (file, words) in
        [(&files[1], "there is no policy b/missing.wasm: build it first"), (&files[2], "c/text.wasm: ")]
    {
        assert_eq!(file["problems"][0]["kind"], "policy", "{file}");
        assert!(file["problems"][0]["message"].as_str().unwrap().starts_with(words), "{file}");
    }
    for path in ["a/cases.yaml", "d/cases.yaml"] {
        assert_eq!(read(&folder, path), PASSING.replace("policy.wasm", "../policy.wasm"));
    }

    // What is wrong with a file of test cases itself is told before anything is run, or written.
    write(&folder, "a/cases.yaml", &wrong);
    write(&folder, "e/cases.yaml", "policy: ../policy.wasm\ncases: []\n");
    assert!(folder.run("test --no-cache --update").failed(65).starts_with("e/cases.yaml: there are no `cases`"));
    assert_eq!(read(&folder, "a/cases.yaml"), wrong);
}

#[test]
fn a_policy_that_cannot_be_loaded_is_told() {
    let finished = test(&PASSING.replace("policy.wasm", "other.wasm"));
    assert_eq!((finished.code, finished.stderr.as_str()), (1, ""), "{}", finished.stdout);
    assert!(finished.stdout.contains("\n  there is no policy other.wasm: build it first"), "{}", finished.stdout);
    let sum = "\n0 passed, 1 failed in 1 file, 1 file failed as a whole\n";
    assert!(finished.stdout.ends_with(sum), "{}", finished.stdout);
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
        "property broken: an answer whatever is missing\n  without any metric of nodes, it failed: trap: ",
        "property broken: more load never scores better\n  \
         with 10 more of the metric \"cpu average\" on the node \"a\", it scores 40 instead of 30\n",
    ] {
        assert!(finished.stdout.contains(words), "{}", finished.stdout);
    }
    // However roughly the scores of the case are written.
    let rough = cases.replace("scores: { a: 30 }", "scores: { a: 30 }\n    tolerance: 1000");
    let finished =
        Folder::with("policy.wasm", scores_load()).and("cases.yaml", rough).run("test --no-cache --properties");
    assert!(finished.stdout.contains("it scores 40 instead of 30\n"), "{}", finished.stdout);
}

/// What is said of the properties of a policy that gives the worst score to nodes with these cpu averages.
fn properties(policy: &[u8], loads: &[f64], promised: &str) -> Finished {
    let node =
        |(index, load): (usize, &f64)| format!("      - {{ name: n{index:02}, metrics: {{ cpu average: {load} }} }}\n");
    let nodes: String = loads.iter().enumerate().map(node).collect();
    let cases = format!(
        "policy: policy.wasm\ncases:\n  - name: it\n    nodes:\n{nodes}    scores: {{ n00: 0 }}\n\
         properties: {{ more_load_never_scores_better: [{promised}] }}\n"
    );
    Folder::with("policy.wasm", policy).and("cases.yaml", cases).run("test --no-cache --properties -o json")
}

/// The only problem of a case, as JSON.
fn problem(finished: &Finished) -> Value {
    assert_eq!((finished.code, finished.stderr.as_str()), (1, ""), "{}", finished.stdout);
    let answer = finished.json();
    let problems = answer["files"][0]["cases"][0]["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 1, "{}", finished.stdout);
    problems[0].clone()
}

#[test]
fn a_policy_that_crashes_under_more_load_breaks_its_promise() {
    let crashes = with_load(&format!("(if (f64.gt (local.get $first) (f64.const 70)) (then (unreachable))) {WORST}"));
    let problem = problem(&properties(&crashes, &[30.0], "cpu average"));
    assert_eq!(problem["property"], "more load never scores better");
    let message = problem["message"].as_str().unwrap();
    let words = "with 50 more of the metric \"cpu average\" on the node \"n00\", it failed: trap: ";
    assert!(message.starts_with(words), "{message}");
    // A refusal is an answer.
    let refuses = with_load(&format!(
        "(if (result i32) (f64.gt (local.get $first) (f64.const 70))
            (then (call $refuse (i32.const 2048) (i32.const 0)))
            (else {WORST}))"
    ));
    let _ = properties(&refuses, &[30.0], "cpu average").succeeded();
}

#[test]
fn a_policy_that_crashes_for_one_node_without_metrics_is_told() {
    let crashes = with_load(&format!(
        "(if (i32.and (f64.eq (local.get $first) (local.get $first)) (f64.ne (local.get $second) (local.get $second)))
            (then (unreachable)))
         {WORST}"
    ));
    let problem = problem(&properties(&crashes, &[30.0, 40.0], ""));
    assert_eq!(problem["property"], "an answer whatever is missing");
    let message = problem["message"].as_str().unwrap();
    assert!(message.starts_with("without any metric of the node \"n01\", it failed: trap: "), "{message}");
}

#[test]
fn a_promise_of_a_metric_that_no_case_has_is_told() {
    for metric in ["memory average", "node_disk_saturation"] {
        let finished = properties(&policy_with(""), &[30.0], &format!("cpu average, {metric}"));
        assert_eq!((finished.code, finished.stderr.as_str()), (1, ""), "{}", finished.stdout);
        let answer = finished.json();
        assert_eq!((&answer["passed"], &answer["failed"]), (&json!(1), &json!(0)));
        let words = format!("no case with scores has a node with the metric {metric:?}, so that nothing was tried");
        let problem = json!({"kind": "property", "property": "more load never scores better", "message": words});
        assert_eq!(answer["files"][0]["problems"], json!([problem]));
    }
}

#[test]
fn what_is_tried_on_some_nodes_only_is_told() {
    let loads = [10.0; 31];
    let note = "more load never scores better: tried on 30 of the 31 nodes with the metric \"cpu average\"";
    let finished = properties(&policy_with(""), &loads, "cpu average");
    assert_eq!((finished.code, finished.stderr.as_str()), (0, ""), "{}", finished.stdout);
    assert_eq!(finished.json()["files"][0]["cases"][0]["notes"], json!([note]));
    assert_eq!(
        properties(&policy_with(""), &loads[..30], "cpu average").json()["files"][0]["cases"][0]["notes"],
        json!([])
    );
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
