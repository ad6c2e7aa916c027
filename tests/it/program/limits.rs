//! `limits`, and the flags that set them.

use scorelet_tests::program::{Folder, run};
use serde_json::{Value, json};

use super::{OK, policy, score};

fn entry(answer: &Value, name: &str) -> Value {
    answer["limits"].as_array().unwrap().iter().find(|limit| limit["name"] == name).unwrap().clone()
}

#[test]
fn every_limit_has_a_value_and_an_origin() {
    let output = run("limits").succeeded();
    assert_eq!(
        output.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>(),
        [
            "LIMIT VALUE ORIGIN OF",
            "deadline 100 ms default wall time of one evaluation",
            "fuel none default instructions of one evaluation",
            "memory 64 MiB default linear memory of one instance",
            "stack 512 KiB default stack of the policy's code",
            "table-elements 10000 default elements of one table",
            "instances 64 default core instances in a component",
            "memories 4 default linear memories in a component",
            "tables 10 default tables in a component",
            "handles 1000 default handles held at once",
            "call-bytes 32 MiB default what one call may carry to the host",
            "log-bytes 64 KiB default log of one evaluation",
            "log-line-bytes 4 KiB default one line of the log",
            "module-bytes 32 MiB default a policy's file",
            "compile-time 30000 ms default wall time of compiling a policy",
            "concurrency 32 default evaluations at once",
            "wait 1000 ms default wait for a free place when so many run",
        ]
    );
}

#[test]
fn flags_override_the_file_and_the_file_the_defaults() {
    let folder = Folder::with("limits.json", r#"{"deadline": "2s", "memory": "1Mi", "handles": 7}"#);
    let answer = folder.run("limits -o json --limits-file limits.json --limit memory=128Mi --limit fuel=1k").json();
    let told = |name: &str| {
        let limit = entry(&answer, name);
        (limit["value"].clone(), limit["unit"].clone(), limit["origin"].clone())
    };
    assert_eq!(told("deadline"), (json!(2000), json!("ms"), json!("file")));
    assert_eq!(told("handles"), (json!(7), json!("count"), json!("file")));
    assert_eq!(told("memory"), (json!(128 << 20), json!("bytes"), json!("flag")));
    assert_eq!(told("fuel"), (json!(1000), json!("count"), json!("flag")));
    assert_eq!(told("stack"), (json!(512 << 10), json!("bytes"), json!("default")));
}

#[test]
fn a_limit_of_the_command_line_holds() {
    let endless = policy(OK, "(loop $again (br $again)) (i32.const 0)", "");
    let finished = score(&endless, "--limit fuel=10000 -o json");
    assert_eq!(finished.code, 70);
    assert_eq!(finished.json()["error"]["kind"], "out-of-fuel");
}

#[test]
fn limits_that_make_no_sense_are_refused_in_words() {
    for (flags, code, words) in [
        ("--limit speed=9", 2, "there is no limit \"speed\"; there are deadline, fuel, memory, "),
        ("--limit deadline", 2, "has no value; write it as NAME=VALUE"),
        ("--limit deadline=soon", 2, "deadline: \"soon\" is not a time; write one such as 200ms or 2s"),
        ("--limit memory=-1", 2, "memory: \"-1\" is not an amount; write one such as 5000 or 128Mi"),
        ("--limit deadline=0", 65, "invalid limits: deadline is 0 and must be from 1 to 3600000"),
        ("--limit stack=1Gi --limit handles=0", 65, "; handles is 0 and must be from 1 to 1000000"),
    ] {
        let error = run(&format!("limits {flags}")).failed(code);
        assert!(error.contains(words), "{flags}: {error}");
    }
    let folder = Folder::with("limits.json", "[]");
    let error = folder.run("limits --limits-file limits.json").failed(65);
    assert!(error.starts_with("limits.json is not a JSON object of limits: "), "{error}");
}
