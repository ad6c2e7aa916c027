//! Output as pipes and terminals get it: no panic when a pipe closes, no colours in files, nothing that names inject.

use super::{least_loaded, recorded, score};
use scorelet_tests::program::{Folder, Program, run};

#[test]
fn a_reader_that_goes_away_ends_the_program_quietly() {
    for arguments in ["query nodes", "query nodes -o json", "query valid"] {
        let arguments = arguments.split_whitespace().chain(["--metrics", "watcher.json"]);
        let finished = Program::new(arguments).run_into_head(1);
        assert_eq!((finished.code, finished.stderr.as_str()), (0, ""), "{}", finished.stdout);
    }
}

#[test]
fn a_failure_keeps_its_code_when_nobody_reads_it() {
    let arguments = ["query", "node", "node-x", "--metrics", "watcher.json", "-o", "json"];
    let finished = Program::new(arguments).run_into_head(0);
    assert_eq!(finished.code, 65);
    assert!(finished.stderr.starts_with("error: the load monitor publishes nothing"), "{}", finished.stderr);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let finished = Program::new(["query", "nodes", "--metrics", "watcher.json"]).run_into(full);
    assert_eq!(finished.code, 74);
    assert!(finished.stderr.starts_with("error: writing to standard output: "), "{}", finished.stderr);
}

#[test]
fn there_are_no_colours_without_a_terminal() {
    for arguments in ["query nodes", "query valid", "query node nobody", "query nodes --frob"] {
        for (name, value) in [("NO_COLOR", "1"), ("NO_COLOR", ""), ("TERM", "xterm-256color"), ("CLICOLOR", "1")] {
            let arguments = arguments.split_whitespace().chain(["--metrics", "watcher.json"]);
            let finished = Program::new(arguments).with_variable(name, value).run();
            assert!(!(finished.stdout + &finished.stderr).contains('\u{1b}'));
        }
    }
    let scored = score(&least_loaded(), "");
    assert!(!(scored.stdout + &scored.stderr).contains('\u{1b}'));
    assert!(!run("--help").succeeded().contains('\u{1b}'));
}

#[test]
fn names_with_control_characters_cannot_steer_a_terminal() {
    let body = r#"{"timestamp": 1767225600, "source": "evil\u001b]0;title\u0007",
        "data": {"NodeMetricsMap": {"a\u001b[2J\nb": {"metrics": [
            {"name": "cpu\u0007\u202egnp", "type": "cpu", "operator": "Avg", "rollup": "\u001b[31m", "value": 1,
             "unit": "\u009b31m"}]}}},
        "statistics": {"StatisticsMap": {"l\u001b[1m": {"metrics": []}}}}"#;
    let folder = Folder::with("body.json", body)
        .and("policy.wasm", least_loaded())
        .and("pod.yaml", include_str!("../../fixtures/pod.yaml"));
    let node = "a\u{1b}[2J\nb";
    for arguments in [
        &["query", "nodes"][..],
        &["query", "node", node],
        &["query", "node", "x"],
        &["query", "labels"],
        &["query", "label", "x"],
        &["query", "valid"],
        &["score", "policy.wasm", "--pod", "pod.yaml"],
    ] {
        let all = arguments.iter().chain(&["--metrics", "body.json"]);
        let finished = Program::new(all).in_folder(folder.path()).run();
        let printed = finished.stdout + &finished.stderr;
        let harmful = |character: char| (character.is_control() && character != '\n') || character == '\u{202e}';
        assert!(!printed.contains(harmful), "{arguments:?}: {printed:?}");
        assert!(!printed.lines().any(|line| line.starts_with('b')), "{arguments:?}: {printed:?}");
    }
}

#[test]
fn json_is_one_document_with_a_line_end() {
    let output = recorded("query nodes -o json").succeeded();
    assert!(output.starts_with("{\n") && output.ends_with("}\n"));
}
