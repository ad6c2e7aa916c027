//! `scorelet score`: one evaluation of one policy, as an engine that embeds the library does it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::anyhow;
use clap::Args;
use serde::Serialize;

use scorelet_host::kubernetes::{self, AssignedPod};
use scorelet_host::policy::{Assigned, Assignments, Candidates, Evaluation, Policy, PolicyError, Request};
use scorelet_host::snapshot::{MetricType, Operator, Reading, Selector, Snapshot};

use super::answers::{self, LogAnswer, WindowAnswer};
use super::exit::{Failure, warn};
use super::output::{Format, bytes, listed, print, print_json, render, score_cell, table, visible};
use super::source::Source;
use super::{input, policies};

const EXAMPLES: &str = "\
Examples:
  scorelet score policy.wasm --pod pod.yaml --monitor load-monitor:2020
  scorelet score policy.wasm --pod pod.yaml --metrics watcher.json \\
      --settings '{\"margin\": 1.5}' -o json
  kubectl get nodes -o json |
      scorelet score policy.wasm --pod pod.yaml --nodes - --monitor load-monitor
  kubectl get pods -A -o json | scorelet score policy.wasm --pod pod.yaml \\
      --assigned - --monitor load-monitor";

/// Score nodes for a pod with a policy, once.
///
/// Runs the policy in the sandbox as a scheduler does that embeds it, with the same limits.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Score {
    /// The policy's .wasm file; `-` for standard input
    policy: PathBuf,
    /// The pod to be placed: a Kubernetes manifest of a Pod or a workload, YAML or JSON; `-` for standard input
    #[arg(long, value_name = "FILE")]
    pod: PathBuf,
    /// The candidates: Kubernetes nodes, YAML or JSON; `-` for standard input [default: all nodes that the load monitor
    /// knows, with their published capacity as allocatable]
    #[arg(long, value_name = "FILE")]
    nodes: Option<PathBuf>,
    /// Pods that are on nodes: Kubernetes pods, YAML or JSON; `-` for standard input. The policy can ask for those that
    /// started since the metrics were measured, up to 5 minutes ago; those without a time did so just now
    #[arg(long, value_name = "FILE")]
    assigned: Option<PathBuf>,
    /// Settings for the policy: JSON, or @FILE with JSON in it [default: the policy's own]
    #[arg(long, value_name = "JSON", default_value = "", hide_default_value = true)]
    settings: String,
    /// The form of the answer
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(super) output: Format,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    engine: policies::EngineFlags,
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
    /// Pods that the policy was told were assigned lately.
    assigned: usize,
    fuel: Option<u64>,
}

impl Score {
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        let output = self.output;
        let Evaluated { policy, reading, snapshot, request, outcome } = self.evaluate().await?;
        warn_of_gaps(&reading, &snapshot, &request);
        let evaluation = outcome?;
        if output == Format::Json {
            print_json(&answer(&policy, &snapshot, &request, &evaluation))?;
        } else {
            print_tables(&policy, &snapshot, &request, &evaluation)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Everything up to the evaluation's outcome. Files first: they are the likelier mistakes, and cost no waiting.
    async fn evaluate(self) -> Result<Evaluated, Failure> {
        self.check_standard_input()?;
        let bad_manifest = |failure: kubernetes::ManifestError| Failure::bad_input(failure.into());
        let pod = kubernetes::read_pod(&input::read_text(&self.pod)?, &input::name(&self.pod)).map_err(bad_manifest)?;
        let nodes = match &self.nodes {
            Some(path) => {
                Some(kubernetes::read_nodes(&input::read_text(path)?, &input::name(path)).map_err(bad_manifest)?)
            }
            None => None,
        };
        let assigned = match &self.assigned {
            Some(path) => {
                kubernetes::read_assigned_pods(&input::read_text(path)?, &input::name(path)).map_err(bad_manifest)?
            }
            None => Vec::new(),
        };
        let settings = input::read_settings(&self.settings)?;
        let engine = self.engine.engine()?;
        let path = self.policy;
        let policy = blocking(move || policies::load(&engine, &path, &settings)).await??;
        let (reading, snapshot) = self.source.known().await?;
        let candidates = match nodes {
            Some(nodes) => Candidates::new(nodes),
            None => Candidates::from_snapshot(&snapshot),
        };
        if candidates.is_empty() {
            return Err(Failure::unavailable(anyhow!(
                "there are no candidates: the load monitor knows no nodes; pass --nodes FILE"
            )));
        }
        if self.nodes.is_none() && !has_capacities(&snapshot) {
            warn(
                "the load monitor publishes no capacities, so the policy does not know what the nodes offer; pass \
                 --nodes FILE",
            );
        }
        let candidates = candidates.with_assigned(recorded(assigned, &reading));
        let request = Request { pod, candidates };
        let (asked, of, on) = (request.clone(), policy.clone(), reading.clone());
        let outcome = blocking(move || of.score(&on, &asked)).await?;
        Ok(Evaluated { policy, reading, snapshot, request, outcome })
    }

    /// Standard input can be read once.
    fn check_standard_input(&self) -> Result<(), Failure> {
        let always = [Some(&self.policy), Some(&self.pod)];
        let optional = [&self.nodes, &self.assigned, &self.source.metrics].map(Option::as_ref);
        let wanted = always.into_iter().chain(optional).flatten().filter(|path| input::is_standard_input(path)).count();
        if wanted > 1 {
            return Err(Failure::usage(anyhow!("only one file can be -, which is standard input")));
        }
        Ok(())
    }
}

struct Evaluated {
    policy: Policy,
    reading: Reading,
    snapshot: Arc<Snapshot>,
    request: Request,
    outcome: Result<Evaluation, PolicyError>,
}

/// Pods as an embedder would have recorded them. The reading says what just now is: with a recorded answer, the clock stands
/// at its timestamp. Those that cannot count are left out, of which a cluster has any number.
fn recorded(assigned: Vec<AssignedPod>, reading: &Reading) -> Assigned {
    let (assignments, now) = (Assignments::new(), reading.taken_at());
    for AssignedPod { node, pod, since } in assigned {
        let since = since.unwrap_or(now);
        let apart = now.duration_since(since).unwrap_or_else(|ahead| ahead.duration());
        if apart <= Assignments::MAX_AGE {
            assignments.record(node, pod, since);
        }
    }
    assignments.current()
}

fn has_capacities(snapshot: &Snapshot) -> bool {
    let known = |metric_type| {
        let capacities = snapshot.nodes.column(&Selector::new(metric_type, Operator::Capacity));
        capacities.iter().any(|capacity| !capacity.is_nan())
    };
    known(MetricType::Cpu) || known(MetricType::Memory)
}

/// Says what the scores do not rest on.
fn warn_of_gaps(reading: &Reading, snapshot: &Snapshot, request: &Request) {
    for (name, check) in reading.valid().checks() {
        if check.has_failed() {
            warn(&format!("the {name} check failed: {}", check.reason));
        }
    }
    let candidates = request.candidates.names();
    let unknown: Vec<&str> =
        candidates.iter().filter(|name| snapshot.nodes.position(name).is_none()).map(String::as_str).collect();
    if !unknown.is_empty() {
        let (number, of) = (unknown.len(), candidates.len());
        let names = listed(unknown.into_iter());
        warn(&format!("the load monitor does not know {number} of the {of} candidates: {names}"));
    }
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
            assigned: evaluation.report.assigned,
            fuel: evaluation.report.fuel,
        },
        logs: answers::logs(&evaluation.logs),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn print_tables(
    policy: &Policy,
    snapshot: &Snapshot,
    request: &Request,
    evaluation: &Evaluation,
) -> Result<(), Failure> {
    let mut ranked: Vec<(&String, f64)> =
        request.candidates.names().iter().zip(evaluation.scores.iter().copied()).collect();
    ranked.sort_by(|(_, left), (_, right)| right.total_cmp(left));
    let mut scores = table(&[">RANK", "NODE", ">SCORE"]);
    for ((node, score), rank) in ranked.into_iter().zip(1_usize..) {
        scores.add_row([rank.into(), visible(node).into(), score_cell(score)]);
    }
    print(&render(&scores))?;
    let report = evaluation.report;
    let assigned = match report.assigned {
        0 => String::new(),
        1 => "1 assigned pod, ".to_owned(),
        several => format!("{several} assigned pods, "),
    };
    print(&format!(
        "\n{} on snapshot {}: {} µs, {} of memory, {assigned}{} host calls",
        policy.name(),
        snapshot.id,
        report.wall.as_micros(),
        bytes(report.memory_bytes as f64),
        report.host_calls,
    ))?;
    for line in &evaluation.logs {
        print(&format!("{:<5} {}", line.level.as_str(), line.message))?;
    }
    Ok(())
}
