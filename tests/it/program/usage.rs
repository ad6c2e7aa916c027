//! Wrong use of the command line: exit code 2, and words that say what would be right.

use scorelet_tests::program::{Program, run};

#[test]
fn an_unknown_flag_is_named() {
    assert_eq!(
        run("query nodes --frob").failed(2),
        "unexpected argument '--frob' found\n\nUsage: scorelet query nodes [OPTIONS]\n\n\
         For more information, try '--help'."
    );
}

#[test]
fn an_unknown_verb_is_named() {
    assert_eq!(
        run("frobnicate").failed(2),
        "unrecognized subcommand 'frobnicate'\n\nUsage: scorelet [OPTIONS] <COMMAND>\n\n\
         For more information, try '--help'."
    );
}

#[test]
fn a_misspelt_verb_gets_a_proposal() {
    let error = run("inspct policy.wasm").failed(2);
    assert!(error.contains("tip: a similar subcommand exists: 'inspect'"), "{error}");
    let error = run("query nodse").failed(2);
    assert!(error.contains("'nodes'"), "{error}");
}

#[test]
fn what_is_required_is_named() {
    for (arguments, missing) in [
        ("score", "--pod <FILE>\n  <POLICY>"),
        ("score policy.wasm --metrics watcher.json", "--pod <FILE>"),
        ("inspect", "<POLICY>"),
        ("query node --metrics watcher.json", "<NAME>"),
        ("query label --metrics watcher.json", "<NAME>"),
        ("simulate --as-recorded", "--replay <FILE>"),
    ] {
        let error = run(arguments).failed(2);
        let expected = format!("the following required arguments were not provided:\n  {missing}\n");
        assert!(error.starts_with(&expected), "{arguments}: {error}");
    }
}

#[test]
fn flags_that_contradict_each_other_are_refused() {
    for (arguments, one, other) in [
        ("query nodes --metrics watcher.json --monitor host", "--metrics <FILE>", "--monitor <URL>"),
        ("query valid --watch --metrics watcher.json", "--watch", "--metrics <FILE>"),
        ("simulate --replay watcher.json --nodes 3", "--replay <FILE>", "--nodes <NUMBER>"),
        ("simulate --replay watcher.json --labels 3", "--replay <FILE>", "--labels <NUMBER>"),
        ("simulate --replay watcher.json --seed 3", "--replay <FILE>", "--seed <NUMBER>"),
    ] {
        let error = run(arguments).failed(2);
        assert!(error.contains(one) && error.contains(other), "{arguments}: {error}");
        assert!(error.contains("cannot be used with"), "{arguments}: {error}");
    }
}

#[test]
fn values_out_of_range_are_refused_with_the_range() {
    for (arguments, expected) in [
        ("demo --nodes 0", "invalid value '0' for '--nodes <NUMBER>': 0 is not in 1..=5000"),
        ("simulate --nodes 100001", "invalid value '100001' for '--nodes <NUMBER>': 100001 is not in 0..=100000"),
        ("simulate --labels many", "invalid value 'many' for '--labels <NUMBER>': invalid digit found in string"),
        (
            "simulate --listen localhost:2020",
            "invalid value 'localhost:2020' for '--listen <ADDRESS:PORT>': write an IP address and a port, such as \
             127.0.0.1:2020 or [::1]:0",
        ),
        ("query valid --timeout 0", "invalid value '0' for '--timeout <SECONDS>': must be longer than zero"),
        ("query valid --max-age -1", "invalid value '-1' for '--max-age <SECONDS>': must be longer than zero"),
        ("query valid --max-age 5s", "invalid value '5s' for '--max-age <SECONDS>': not a number of seconds"),
        ("query valid --max-age 1e300", "invalid value '1e300' for '--max-age <SECONDS>': too long"),
    ] {
        let error = run(arguments).failed(2);
        assert_eq!(error.lines().next(), Some(expected), "{arguments}");
    }
    let error = run("query valid -o yaml").failed(2);
    assert!(error.contains("invalid value 'yaml'") && error.contains("possible values: table, json"), "{error}");
}

const NO_MONITOR: &str =
    "no load monitor: pass --monitor URL, set LOAD_MONITOR_ADDRESS, or pass --metrics FILE with a recorded answer";

#[test]
fn without_a_load_monitor_all_ways_to_name_one_are_told() {
    for arguments in
        ["query nodes", "query labels", "query node a", "query label a", "query valid", "query valid --watch"]
    {
        assert_eq!(run(arguments).failed(2), NO_MONITOR, "{arguments}");
    }
    let empty = Program::new(["query", "nodes"]).with_variable("LOAD_MONITOR_ADDRESS", "").run();
    assert_eq!(empty.failed(2), NO_MONITOR);
}

#[test]
fn the_variable_counts_only_where_no_flag_names_the_data() {
    let program = |arguments: &str| {
        Program::new(arguments.split_whitespace()).with_variable("LOAD_MONITOR_ADDRESS", "ftp://variable").run()
    };
    let error = program("query nodes").failed(65);
    assert!(error.contains("ftp://variable"), "{error}");
    let error = program("query nodes --monitor ftp://flag").failed(65);
    assert!(error.contains("ftp://flag"), "{error}");
    assert_eq!(program("query nodes --metrics watcher.json"), run("query nodes --metrics watcher.json"));
}

#[test]
fn a_header_without_a_colon_is_refused_without_repeating_what_may_be_a_secret() {
    let finished = Program::new(["query", "nodes", "--monitor", "host", "--header", "Bearer hunter2"]).run();
    assert_eq!(finished.failed(2), "a --header has no colon; write it as 'Name: value'");
}

#[test]
fn filters_that_are_none_are_said_and_do_not_count() {
    let arguments = ["query", "valid", "--metrics", "watcher.json"];
    let finished = Program::new(arguments).with_variable("SCORELET_LOG", "a=b=c").run();
    assert_eq!(finished.code, 0);
    assert!(finished.stderr.starts_with(" WARN SCORELET_LOG is not a filter"), "{}", finished.stderr);
    let finished = Program::new(arguments).with_variable("SCORELET_LOG", "scorelet_host=trace").run();
    assert_eq!((finished.code, finished.stderr.as_str()), (0, ""));
}
