//! What ingestion and policies hold of memory, which no clock tells.

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::needless_for_each,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark may stop at the first surprise"
)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use scorelet_host::collector::{Collector, CollectorOptions, recorded};
use scorelet_host::policy::{Isolation, Limits, LoadOptions, Policy, PolicyEngine};
use scorelet_tests::clock::{START, TokioClock};
use scorelet_tests::monitor::{MemoryMonitor, Reply};
use scorelet_tests::{artifacts, bench, cluster};
use serde_json::{Value, json};

/// Minutes that a Collector collects a huge cluster, an update each; after the first ten, nothing may grow.
const UPDATES: u32 = 100;
const WARM_UP: u32 = 10;

/// Names the answer to read, in a process of its own.
const ONE_ANSWER: &str = "SCORELET_BENCH_ONE_ANSWER";

fn main() {
    if let Some(body) = std::env::var_os(ONE_ANSWER) {
        return println!("{}", one_answer(Path::new(&body)));
    }
    // As with the benchmarks that are timed, a part of a name can be given.
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap_or_default();
    let run = |name: &str, measure: &dyn Fn() -> Value| {
        if name.contains(&wanted) {
            bench::keep(name, &measure());
        }
    };
    run("ingestion", &|| ingestion(5_000));
    run("updates", &|| updates(100_000));
    for (name, path) in [("load-variation", artifacts::LOAD_VARIATION), ("least-loaded", artifacts::LEAST_LOADED)] {
        run(&format!("policies-{name}"), &|| policies(&artifacts::read(path), bench::scaled(1_000)));
    }
}

/// One answer into one snapshot, in a process that has done nothing before: memory that was freed would be used again, and
/// not be seen.
fn ingestion(nodes: u32) -> Value {
    let path = bench::target().join("tmp/answer.json");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, cluster::body(bench::scaled(nodes))).unwrap();
    let output = Command::new(std::env::current_exe().unwrap()).env(ONE_ANSWER, &path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What [`ingestion`] does in the other process.
fn one_answer(path: &Path) -> Value {
    let body = fs::read(path).unwrap();
    let before = bench::resident();
    let (peak, reading) = bench::peak_during(|| recorded(&CollectorOptions::default(), &body).unwrap());
    let snapshot = reading.snapshot().unwrap();
    let held = snapshot.nodes.heap_bytes() + snapshot.statistics.table().heap_bytes();
    let added = peak.zip(before).map(|(peak, before)| peak.saturating_sub(before));
    json!({ "body_bytes": body.len(), "peak_bytes_beside_the_body": added, "snapshot_bytes": held })
}

/// A huge cluster, minute after minute. Time is virtual, so the Collector never waits.
fn updates(nodes: u32) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let body = cluster::body(bench::scaled(nodes));
        let size = body.len();
        let monitor = MemoryMonitor::new(Reply::Answer(()), Reply::computed(move |elapsed| at(&body, elapsed)));
        let clock = TokioClock::new();
        let collector = Collector::start_with_clock(CollectorOptions::default(), monitor, Arc::new(clock)).unwrap();
        let id = || collector.reader().read().snapshot().map_or(0, |snapshot| snapshot.id);
        let minutes = |count: u32| Duration::from_secs(u64::from(count) * 60 + 59);
        clock.until(minutes(WARM_UP)).await;
        let (first, warm) = (id(), bench::resident());
        let begin = Instant::now();
        clock.until(minutes(UPDATES)).await;
        let (took, last, after) = (begin.elapsed(), id(), bench::resident());
        collector.shutdown().await;
        json!({
            "body_bytes": size,
            "updates": last - first,
            "seconds_per_update": took.as_secs_f64() / (last - first).max(1) as f64,
            "resident_before": warm,
            "resident_after": after,
        })
    })
}

/// The answer as the monitor makes it that much later: it refreshes every minute.
fn at(body: &[u8], elapsed: Duration) -> Vec<u8> {
    let minute = START + i64::try_from(elapsed.as_secs() / 60 * 60).unwrap();
    let mut body = body.to_vec();
    for field in [&b"\"timestamp\":"[..], b"\"end\":"] {
        let place = body.windows(field.len()).position(|window| window == field).unwrap() + field.len();
        let digits = minute.to_string();
        body[place..place + digits.len()].copy_from_slice(digits.as_bytes());
    }
    body
}

/// Many different policies in one process: what each holds, what an evaluation of one takes among all of them, and what it
/// takes where each of them has its turn.
fn policies(file: &[u8], number: u32) -> Value {
    let engine = PolicyEngine::new(Limits { deadline: Duration::from_secs(10), ..Limits::default() }).unwrap();
    let reading = cluster::reading(bench::scaled(5_000));
    let request = cluster::request(&reading);
    let load = |number: u32| {
        let options = LoadOptions { isolation: Isolation::Fresh, ..LoadOptions::default() };
        engine.load(&numbered(file, number), options).unwrap()
    };
    let median_us = |policies: &[Policy]| {
        let time = |policy: &Policy| {
            let begin = Instant::now();
            policy.score(&reading, &request).unwrap();
            begin.elapsed()
        };
        let turns = usize::try_from(bench::scaled(3_000)).unwrap();
        let mut times: Vec<Duration> = policies.iter().cycle().take(turns).map(time).collect();
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e6
    };
    // Those that warm up the allocator and the pool.
    let first: Vec<Policy> = (0..number.div_ceil(10)).map(load).collect();
    let (alone, before) = (median_us(&first[..1]), bench::resident());
    let others: Vec<Policy> = (number..number * 2).map(load).collect();
    // All of them score, so that what a policy holds after it has worked is counted.
    let in_turn = median_us(&others);
    let among = median_us(&first[..1]);
    let after = bench::resident();
    let each = after.zip(before).map(|(after, before)| after.saturating_sub(before) / u64::from(number));
    json!({ "policies": number, "bytes_each": each, "us_alone": alone, "us_among_all": among, "us_in_turn": in_turn })
}

/// The same policy with another digest: it carries a custom section with a number.
fn numbered(file: &[u8], number: u32) -> Vec<u8> {
    let content = [&[6][..], b"number", &number.to_le_bytes()].concat();
    let length = u8::try_from(content.len()).unwrap();
    [file, &[0, length], &content].concat()
}
