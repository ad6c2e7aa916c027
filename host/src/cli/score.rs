//! `scorelet score`: one evaluation of one policy, as an engine that embeds the library does it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use serde::Serialize;

use scorelet_host::kubernetes;
use scorelet_host::policy::{Candidates, Evaluation, LogLine, Policy, PolicyError, Request};
use scorelet_host::snapshot::{Reading, Snapshot};

use super::answers::{self, WindowAnswer};
use super::exit::{self, Failure};
use super::output::{Format, bytes, print, print_json, render, score_cell, table};
use super::policies;
use super::source::{Source, read_text};

/// Score nodes for a pod with a policy, once.
#[derive(Debug, Args)]
pub(crate) struct Score {
    /// The policy's .wasm file
    policy: PathBuf,
    /// The pod to be placed: a Kubernetes manifest of a Pod or a workload, YAML or JSON
    #[arg(long, value_name = "FILE")]
    pod: PathBuf,
    /// The candidates: Kubernetes nodes, such as `kubectl get nodes -o json`; default: all nodes that the load monitor
    /// knows, with their published capacity as allocatable
    #[arg(long, value_name = "FILE")]
    nodes: Option<PathBuf>,
    /// Settings for the policy, as JSON; default: the policy's own
    #[arg(long, value_name = "JSON", default_value = "", hide_default_value = true)]
    settings: String,
    #[command(flatten)]
    source: Source,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

#[derive(Serialize)]
struct Answer<'a> {
    policy: PolicyAnswer<'a>,
    snapshot: SnapshotAnswer<'a>,
    /// In the order of the candidates.
    scores: Vec<ScoreAnswer<'a>>,
    report: ReportAnswer,
    logs: Vec<LogAnswer<'a>>,
}

#[derive(Serialize)]
struct PolicyAnswer<'a> {
    name: &'a str,
    digest: &'a str,
}

#[derive(Serialize)]
struct SnapshotAnswer<'a> {
    id: u64,
    source: &'a str,
    window: WindowAnswer<'a>,
}

#[derive(Serialize)]
struct ScoreAnswer<'a> {
    node: &'a str,
    score: f64,
}

#[derive(Serialize)]
struct ReportAnswer {
    wall_us: u128,
    memory_bytes: usize,
    host_calls: u64,
    fuel: Option<u64>,
}

#[derive(Serialize)]
struct LogAnswer<'a> {
    level: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
struct FailureAnswer<'a> {
    error: ErrorAnswer<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    backtrace: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logs: Vec<LogAnswer<'a>>,
}

#[derive(Serialize)]
struct ErrorAnswer<'a> {
    kind: &'a str,
    message: &'a str,
}

impl Score {
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        let output = self.output;
        let evaluated = match self.evaluate().await {
            Ok(evaluated) => evaluated,
            Err(failure) => return fail(&failure, output),
        };
        let Evaluated { policy, reading, snapshot, request, outcome } = evaluated;
        match outcome {
            Ok(evaluation) if output == Format::Json => {
                print_json(&answer(&policy, &snapshot, &request, &evaluation))?;
            }
            Ok(evaluation) => print_tables(&policy, &reading, &snapshot, &request, &evaluation)?,
            Err(failure) => return fail_evaluation(failure, output),
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Everything up to the evaluation's outcome. Files first: they are the likelier mistakes, and cost no waiting.
    async fn evaluate(self) -> Result<Evaluated, Failure> {
        let bad_manifest = |failure: kubernetes::ManifestError| Failure::bad_input(failure.into());
        let pod =
            kubernetes::read_pod(&read_text(&self.pod)?, &self.pod.display().to_string()).map_err(bad_manifest)?;
        let nodes = match &self.nodes {
            Some(path) => {
                Some(kubernetes::read_nodes(&read_text(path)?, &path.display().to_string()).map_err(bad_manifest)?)
            }
            None => None,
        };
        let engine = policies::engine()?;
        let (path, settings) = (self.policy, self.settings);
        let policy = blocking(move || policies::load(&engine, &path, &settings)).await??;
        let (reading, snapshot) = self.source.known().await?;
        let candidates = match nodes {
            Some(nodes) => Candidates::new(nodes),
            None => Candidates::from_snapshot(&snapshot),
        };
        if candidates.is_empty() {
            return Err(Failure::bad_input(anyhow!("there are no candidates: no node is known; pass --nodes FILE")));
        }
        let request = Request { pod, candidates };
        let (asked, of, on) = (request.clone(), policy.clone(), reading.clone());
        let outcome = blocking(move || of.score(&on, &asked)).await?;
        Ok(Evaluated { policy, reading, snapshot, request, outcome })
    }
}

struct Evaluated {
    policy: Policy,
    reading: Reading,
    snapshot: std::sync::Arc<Snapshot>,
    request: Request,
    outcome: Result<Evaluation, PolicyError>,
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|failure| Failure::internal(failure.into()))
}

fn answer<'a>(
    policy: &'a Policy,
    snapshot: &'a Snapshot,
    request: &'a Request,
    evaluation: &'a Evaluation,
) -> Answer<'a> {
    let pairs = request.candidates.names().iter().zip(&evaluation.scores);
    Answer {
        policy: PolicyAnswer { name: policy.name(), digest: policy.digest() },
        snapshot: SnapshotAnswer {
            id: snapshot.id,
            source: &snapshot.source,
            window: answers::window(&snapshot.window),
        },
        scores: pairs.map(|(node, score)| ScoreAnswer { node, score: *score }).collect(),
        report: ReportAnswer {
            wall_us: evaluation.report.wall.as_micros(),
            memory_bytes: evaluation.report.memory_bytes,
            host_calls: evaluation.report.host_calls,
            fuel: None,
        },
        logs: logs(&evaluation.logs),
    }
}

fn logs(lines: &[LogLine]) -> Vec<LogAnswer<'_>> {
    lines.iter().map(|line| LogAnswer { level: line.level.as_str(), message: &line.message }).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn print_tables(
    policy: &Policy,
    reading: &Reading,
    snapshot: &Snapshot,
    request: &Request,
    evaluation: &Evaluation,
) -> Result<(), Failure> {
    let mut ranked: Vec<(&String, f64)> =
        request.candidates.names().iter().zip(evaluation.scores.iter().copied()).collect();
    ranked.sort_by(|(_, left), (_, right)| right.total_cmp(left));
    let mut scores = table(&[">RANK", "NODE", ">SCORE"]);
    for ((node, score), rank) in ranked.into_iter().zip(1_usize..) {
        scores.add_row([rank.into(), node.into(), score_cell(score)]);
    }
    print(&render(&scores))?;
    let report = evaluation.report;
    print(&format!(
        "\n{} on snapshot {}: {} µs, {} of memory, {} host calls",
        policy.name(),
        snapshot.id,
        report.wall.as_micros(),
        bytes(report.memory_bytes as f64),
        report.host_calls,
    ))?;
    for line in &evaluation.logs {
        print(&format!("{:<5} {}", line.level.as_str(), line.message))?;
    }
    for (name, check) in reading.valid().checks() {
        if check.has_failed() {
            tracing::warn!("{name}: {}", check.reason);
        }
    }
    let unknown: Vec<&str> = request
        .candidates
        .names()
        .iter()
        .filter(|name| snapshot.nodes.position(name).is_none())
        .map(String::as_str)
        .collect();
    if !unknown.is_empty() {
        tracing::warn!("the load monitor does not know {} of the candidates: {}", unknown.len(), unknown.join(", "));
    }
    Ok(())
}

/// A failure before the evaluation.
fn fail(failure: &Failure, output: Format) -> Result<ExitCode, Failure> {
    if output == Format::Json {
        let error = ErrorAnswer { kind: failure.kind(), message: &failure.to_string() };
        print_json(&FailureAnswer { error, backtrace: Vec::new(), logs: Vec::new() })?;
    }
    Ok(exit::report(failure))
}

/// A failed evaluation: with what the policy logged, and where it stood.
#[expect(clippy::print_stderr, reason = "part of the failure's report")]
fn fail_evaluation(failure: PolicyError, output: Format) -> Result<ExitCode, Failure> {
    if output == Format::Json {
        print_json(&FailureAnswer {
            error: ErrorAnswer { kind: failure.kind().as_str(), message: failure.message() },
            backtrace: failure.backtrace().iter().map(String::as_str).collect(),
            logs: logs(failure.logs()),
        })?;
    } else {
        for line in failure.logs() {
            eprintln!("{:<5} {}", line.level.as_str(), line.message);
        }
        for function in failure.backtrace() {
            eprintln!("  in {function}");
        }
    }
    Ok(exit::report(&failure.into()))
}
