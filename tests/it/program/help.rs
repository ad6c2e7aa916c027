//! The help of every verb: complete, within a terminal, and the same for `-h` and `--help` in what it names.

use std::collections::BTreeSet;

use scorelet_tests::program::{Program, run};

/// Every verb, with all flags of its own.
const VERBS: [(&str, &[&str]); 15] = [
    ("", &[]),
    ("demo", &["--once", "--nodes", "--seed"]),
    ("simulate", &["--nodes", "--labels", "--seed", "--replay", "--as-recorded", "--listen", "--dialect"]),
    ("query", &["--output"]),
    ("query node", &["--output"]),
    ("query label", &["--output"]),
    ("query nodes", &["--output"]),
    ("query labels", &["--output"]),
    ("query valid", &["--output", "--watch"]),
    ("new", &["--lang", "--kind", "--sdk", "--output"]),
    ("score", &["--pod", "--nodes", "--assigned", "--settings", "--output"]),
    (
        "bench",
        &[
            "--against",
            "--nodes",
            "--seed",
            "--pod",
            "--settings",
            "--isolation",
            "--time",
            "--save",
            "--compare",
            "--threshold",
            "--results",
            "--output",
        ],
    ),
    ("test", &["--policy", "--filter", "--properties", "--update", "--output"]),
    ("inspect", &["--output"]),
    ("limits", &["--output"]),
];

/// The flags of every verb that needs load data.
const LOAD_DATA: [&str; 9] = [
    "--monitor",
    "--metrics",
    "--dialect",
    "--token-file",
    "--header",
    "--ca-file",
    "--timeout",
    "--max-age",
    "--without-statistics",
];

fn help(verb: &str, flag: &str) -> String {
    let arguments = verb.split_whitespace().chain([flag]);
    Program::new(arguments).with_variable("COLUMNS", "80").run().succeeded()
}

/// The long flags that begin an entry of a help text.
fn flags(help: &str) -> BTreeSet<&str> {
    let entries = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    entries
        .filter_map(|entry| entry.split_whitespace().find(|word| word.starts_with("--")))
        .map(|flag| flag.trim_end_matches(['.', ',']))
        .collect()
}

#[test]
fn every_verb_names_all_its_flags_in_both_forms_of_help() {
    for (verb, own) in VERBS {
        let mut expected: BTreeSet<&str> = own.iter().copied().chain(["--help", "--version", "--verbose"]).collect();
        if verb == "score" || verb.starts_with("query ") {
            expected.extend(LOAD_DATA);
        }
        if ["demo", "score", "test", "bench", "limits"].contains(&verb) {
            expected.extend(["--limit", "--limits-file"]);
        }
        if ["demo", "score", "test", "bench"].contains(&verb) {
            expected.extend(["--cache", "--no-cache"]);
        }
        if ["demo", "score", "test", "bench", "inspect"].contains(&verb) {
            expected.insert("--no-wasi");
        }
        assert_eq!(flags(&help(verb, "-h")), expected, "{verb} -h");
        assert_eq!(flags(&help(verb, "--help")), expected, "{verb} --help");
    }
}

#[test]
fn no_help_is_wider_than_a_terminal() {
    for (verb, _) in VERBS {
        for flag in ["-h", "--help"] {
            for line in help(verb, flag).lines() {
                assert!(line.chars().count() <= 80, "{verb} {flag}: {line:?}");
            }
        }
    }
}

#[test]
fn defaults_are_shown_with_their_units() {
    for (verb, defaults) in [
        ("demo", &["[default: 10]", "[default: 1]", "[default: those in target/policies]"][..]),
        ("simulate", &["[default: 10]", "[default: 20]", "[default: 1]", "[default: 127.0.0.1:2020]"]),
        ("simulate", &["[default: load-monitor]", "at most 100,000"]),
        (
            "query valid",
            &["in seconds [default: 5]", "in seconds [default: 180]", "[default: auto]", "[default: table]"],
        ),
        ("query nodes", &["[env: `LOAD_MONITOR_ADDRESS`]"]),
        ("score", &["[default: the policy's own]", "[default: all nodes that the load monitor knows"]),
    ] {
        let help = help(verb, "-h").split_whitespace().collect::<Vec<_>>().join(" ");
        for default in defaults {
            assert!(help.contains(default), "{verb}: {default} is not in {help}");
        }
    }
}

#[test]
fn the_help_lists_every_verb_exit_code_and_variable() {
    let help = help("", "--help");
    let first_words: Vec<&str> = help.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let verbs = ["demo", "simulate", "query", "new", "score", "test", "bench", "inspect", "limits", "help"];
    for word in verbs.into_iter().chain(["0", "1", "2", "65", "69", "70", "74"]) {
        assert!(first_words.contains(&word), "{word} is not in {help}");
    }
    for variable in ["LOAD_MONITOR_ADDRESS", "SCORELET_LOG", "NO_COLOR"] {
        assert!(first_words.contains(&variable), "{variable} is not in {help}");
    }
}

#[test]
fn the_help_never_shows_the_value_of_a_variable() {
    let arguments = ["query", "nodes", "--help"];
    let help =
        Program::new(arguments).with_variable("LOAD_MONITOR_ADDRESS", "https://secret@monitor").run().succeeded();
    assert!(!help.contains("secret"), "{help}");
}

#[test]
fn without_a_verb_the_help_is_the_error() {
    let finished = run("");
    assert_eq!((finished.code, finished.stdout.as_str()), (2, ""));
    assert_eq!(finished.stderr, run("-h").succeeded());
}

#[test]
fn the_version_is_that_of_the_package() {
    let version = concat!("scorelet ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(run("--version").succeeded(), version);
    assert_eq!(run("-V").succeeded(), version);
}
