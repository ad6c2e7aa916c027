//! The program `scorelet`, run as people and scripts run it: what it prints, how it ends, and what it says when it cannot.

use scorelet_tests::artifacts;
use scorelet_tests::program::{Finished, Folder, run};
use scorelet_tests::wat_policy::{OK, policy};

mod assigned;
mod bench;
mod compiled;
mod demo;
mod failing_policies;
mod help;
mod inspect;
mod limits;
mod manifests;
mod monitors;
mod new;
mod output;
mod query;
mod score;
mod settings;
mod simulate;
mod standard_input;
mod test_cases;
mod unloadable;
mod usage;
mod valid;
mod watch;

/// Runs the program on the recorded answer of the fixtures.
fn recorded(arguments: &str) -> Finished {
    run(&format!("{arguments} --metrics watcher.json"))
}

/// A folder with all that a score takes: `policy.wasm`, `pod.yaml` and the recorded answer.
fn folder(policy: &[u8]) -> Folder {
    Folder::with("policy.wasm", policy)
        .and("pod.yaml", include_str!("../fixtures/pod.yaml"))
        .and("watcher.json", include_str!("../fixtures/watcher.json"))
}

/// Scores in such a folder.
fn score(policy: &[u8], more: &str) -> Finished {
    folder(policy).run(&format!("score policy.wasm --pod pod.yaml --metrics watcher.json {more}"))
}

fn least_loaded() -> Vec<u8> {
    artifacts::read(artifacts::LEAST_LOADED)
}

fn load_variation() -> Vec<u8> {
    artifacts::read(artifacts::LOAD_VARIATION)
}

/// A policy of a few lines that answers with these scores.
fn constant(scores: &[f64]) -> Vec<u8> {
    let list = scores.iter().zip((1024..).step_by(8)).map(|(score, address)| {
        format!("(i64.store (i32.const {address}) (i64.const {}))", score.to_bits().cast_signed())
    });
    let (list, length) = (list.collect::<String>(), scores.len());
    policy(OK, &format!("{list} (call $scores (i32.const 1024) (i32.const {length}))"), "")
}

/// A policy that refuses in words: its `score` with these, or its `configure` if that is asked for.
pub(crate) fn refusing(words: &str, configure: bool) -> Vec<u8> {
    let refuse = format!(
        "(i32.store8 (i32.const 32) (i32.const 1))
         (i32.store (i32.const 36) (i32.const 2048))
         (i32.store (i32.const 40) (i32.const {}))
         (i32.const 32)",
        words.len()
    );
    let data = format!("(data (i32.const 2048) {words:?})");
    let (configure, score) = if configure { (refuse.as_str(), "unreachable") } else { (OK, refuse.as_str()) };
    policy(configure, score, &data)
}
