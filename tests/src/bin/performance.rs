//! Writes the table of results into `host/src/docs/performance.md`, from what `make bench` left behind.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "that is what the program is for")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use scorelet_tests::bench;
use serde_json::Value;

/// What the table stands between.
const BEGIN: &str = "<!-- results: made by `make bench-results` from the last `make bench` -->";
const END: &str = "<!-- end of results -->";

fn main() -> ExitCode {
    match write() {
        Ok(path) => {
            println!("{}", path.display());
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("error: {failure:#}; run `make bench` first");
            ExitCode::FAILURE
        }
    }
}

fn write() -> Result<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/src/docs/performance.md");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let (before, rest) = text.split_once(BEGIN).context("the document has no place for results")?;
    let (_, after) = rest.split_once(END).context("the document's place for results has no end")?;
    let rows = rows()?.into_iter().map(|Row { what, result, wanted }| format!("| {what} | {result} | {wanted} |\n"));
    let table = format!("| what | result | wanted |\n|---|---|---|\n{}", rows.collect::<String>());
    let machine = machine()?;
    fs::write(&path, format!("{before}{BEGIN}\n\n{machine}\n\n{table}\n{END}{after}"))?;
    Ok(path)
}

/// One line of the table.
struct Row {
    what: String,
    result: String,
    wanted: &'static str,
}

fn row(what: impl Into<String>, result: String, wanted: &'static str) -> Row {
    Row { what: what.into(), result, wanted }
}

fn rows() -> Result<Vec<Row>> {
    Ok([evaluations()?, sizes()?, answers()?, memory()?, loading()?].into_iter().flatten().collect())
}

fn evaluations() -> Result<Vec<Row>> {
    let of = |name: &str| nanoseconds(&format!("evaluation_5000/{name}"));
    let (native, by_node) = (of("native")?, of("native-node-by-node")?);
    let (reused, fresh) = (of("load-variation/reused")?, of("load-variation/fresh")?);
    let per_node = of("least-loaded/reused")?;
    let both = |time: f64| format!("{}: {} and {}", us(time), times(time, native), times(time, by_node));
    let calls = (nanoseconds("get-node-metrics/1000")? - nanoseconds("get-node-metrics/0")?) / 1_000.0;
    let throughput = |isolation: &str| -> Result<f64> {
        let threads = |number| nanoseconds(&format!("throughput_5000/{isolation}/{number}"));
        Ok(threads(1)? / threads(2)?)
    };
    Ok(vec![
        row("native code, in columns", us(native), "1"),
        row("native code, node by node", us(by_node), "1"),
        row("`load-variation`, reused instance", both(reused), "≤ 1.25 × native"),
        row("`load-variation`, fresh instance", both(fresh), "≤ 2.5 × native"),
        row(
            "`least-loaded`, node by node, reused instance",
            format!("{}: {} of `load-variation`", us(per_node), times(per_node, reused)),
            "≤ 3 ×",
        ),
        row("`get-node-metrics` from a guest, 24 metrics", us(calls), "≤ 3 µs"),
        row(
            "two threads against one",
            format!("{:.2} × reused, {:.2} × fresh", throughput("reused")?, throughput("fresh")?),
            "≥ 1.8 ×",
        ),
    ])
}

fn sizes() -> Result<Vec<Row>> {
    let grown = |name: &str| -> Result<String> {
        let of = |size: u32| nanoseconds(&format!("evaluation_{size}/load-variation/{name}"));
        Ok(times(of(100_000)? / 20.0, of(5_000)?))
    };
    let of = |name: &str| nanoseconds(&format!("candidates_5000/{name}"));
    let known = of("another-pod")?;
    let more = |name: &str| -> Result<String> { Ok(format!("{} more", us(of(name)? - known))) };
    let prepared = |order: &str| -> Result<String> {
        let prepared = of(&format!("prepare/{order}"))?;
        Ok(format!("{}, {} of it before the call", more(&format!("prepare-and-score/{order}"))?, us(prepared)))
    };
    let (native, by_node) =
        (nanoseconds("evaluation_5000/native")?, nanoseconds("evaluation_5000/native-node-by-node")?);
    Ok(vec![
        row(
            "100,000 candidates, for each of them",
            format!("{} reused, {} fresh", grown("reused")?, grown("fresh")?),
            "≤ 1.5 × that of 5,000",
        ),
        row(
            "another pod for known candidates, everything included",
            format!("{}: {} and {}", us(known), times(known, native), times(known, by_node)),
            "≤ 1.5 × native",
        ),
        row("a new set of candidates, in the order of their names, once", prepared("in-order")?, "≤ 300 µs"),
        row("the same in any order, once", prepared("in-any-order")?, "≤ 300 µs"),
        row("a snapshot of other nodes, once", more("snapshot/other-nodes")?, "≤ 300 µs"),
        row("a snapshot of the same nodes, once", more("snapshot/same-nodes")?, "no matching"),
    ])
}

fn answers() -> Result<Vec<Row>> {
    let of = |size: u32, name: &str| nanoseconds(&format!("ingestion_{size}/{name}"));
    let (parse, ingest, huge) = (of(5_000, "serde_json")?, of(5_000, "snapshot")?, of(100_000, "snapshot")?);
    let reading = |threads: u32| nanoseconds(&format!("store_read/{threads}"));
    Ok(vec![
        row(
            "an answer of 5,000 nodes into a snapshot",
            format!("{:.1} ms: {} of `serde_json` alone", ingest / 1e6, times(ingest, parse)),
            "≤ 1.3 ×",
        ),
        row(
            "100,000 nodes into a snapshot, for each of them",
            format!("{:.0} ms: {} of 5,000", huge / 1e6, times(huge / 20.0, ingest)),
            "linear",
        ),
        row(
            "an answer with the last `timestamp`",
            format!("{:.4} % of an update", of(5_000, "unchanged")? / ingest * 100.0),
            "≤ 1 %",
        ),
        row(
            "processor time of a reading while snapshots are published, 1, 2 and 8 threads",
            format!("{:.0}, {:.0} and {:.0} ns", reading(1)?, reading(2)?, reading(8)?),
            "≤ 50 ns, no waiting",
        ),
    ])
}

fn memory() -> Result<Vec<Row>> {
    let (ingestion, updates) = (kept("ingestion")?, kept("updates")?);
    let (body, snapshot) = (number(&ingestion, "body_bytes")?, number(&ingestion, "snapshot_bytes")?);
    let peak = body + number(&ingestion, "peak_bytes_beside_the_body")?;
    let growth = number(&updates, "resident_after")? - number(&updates, "resident_before")?;
    let mut rows = vec![
        row("the memory for an answer at the peak, body included", times(peak, body), "≤ 2 × the body"),
        row("the memory of a snapshot", format!("1/{:.1} of the body", body / snapshot), "≤ 1/6"),
        row(
            "growth over further updates of 100,000 nodes",
            format!("{:+.1} MiB in {} of them", growth / f64::from(1 << 20), number(&updates, "updates")?),
            "none",
        ),
    ];
    for name in ["load-variation", "least-loaded"] {
        let policies = kept(&format!("policies-{name}"))?;
        let of = |figure| number(&policies, figure);
        let [among, in_turn] = [times(of("us_among_all")?, of("us_alone")?), times(of("us_in_turn")?, of("us_alone")?)];
        rows.push(row(
            format!("1,000 different policies like `{name}`"),
            format!(
                "{:.0} KiB each; an evaluation of one takes {among}, of each in turn {in_turn}",
                of("bytes_each")? / 1024.0
            ),
            "≤ 500 KiB, 1 ×",
        ));
    }
    Ok(rows)
}

fn loading() -> Result<Vec<Row>> {
    let row = |name: &str| -> Result<Row> {
        let of = |how: &str| nanoseconds(&format!("loading_{name}/{how}"));
        let (compiled, cached) = (of("compiled")?, of("cached")?);
        let result = format!("{:.2} ms; compiling takes {}", cached / 1e6, times(compiled, cached));
        Ok(row(format!("`{name}` from the cache to its first score"), result, "≤ 3 ms, ≥ 20 ×"))
    };
    ["load-variation", "least-loaded"].into_iter().map(row).collect()
}

fn times(value: f64, base: f64) -> String {
    format!("{:.2} ×", value / base)
}

/// The median of a benchmark.
fn nanoseconds(name: &str) -> Result<f64> {
    let path = bench::target().join("criterion").join(name).join("new/estimates.json");
    let estimates: Value =
        serde_json::from_str(&fs::read_to_string(&path).with_context(|| path.display().to_string())?)?;
    estimates
        .pointer("/median/point_estimate")
        .and_then(Value::as_f64)
        .with_context(|| format!("{} has no median", path.display()))
}

fn kept(name: &str) -> Result<Value> {
    let path = bench::results().join(name).with_extension("json");
    Ok(serde_json::from_str(&fs::read_to_string(&path).with_context(|| path.display().to_string())?)?)
}

fn number(results: &Value, name: &str) -> Result<f64> {
    results.get(name).and_then(Value::as_f64).with_context(|| format!("the results have no {name}"))
}

fn us(nanoseconds: f64) -> String {
    format!("{:.1} µs", nanoseconds / 1e3)
}

/// Which machine, and when.
fn machine() -> Result<String> {
    let processors = fs::read_to_string("/proc/cpuinfo").context("/proc/cpuinfo")?;
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches([' ', '\t', ':']);
    let count = processors.lines().filter(|line| line.starts_with("processor")).count();
    let newest = bench::results().join("ingestion.json");
    let date = Command::new("date").args(["-u", "+%Y-%m-%d", "-r"]).arg(&newest).output()?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let version = kernel.split(['-', '+']).next().unwrap_or_default().trim();
    let date = String::from_utf8_lossy(&date.stdout).trim().to_owned();
    Ok(format!("Measured on {date}: {model}, {count} processors, Linux {version}, release build. Medians."))
}
