//! A small policy engine: a Collector that keeps up with a load monitor, and a policy that scores with what it knows.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is what this program is for")]

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use clap::Parser;
use scorelet_host::collector::{Collector, CollectorOptions};
use scorelet_host::monitor::http::{HttpMonitor, HttpMonitorOptions};
use scorelet_host::policy::{Candidates, Limits, LoadOptions, Policy, PolicyEngine, Request};
use scorelet_host::scheduling::{CPU, Pod, Resources};

/// Rank the nodes of a load monitor with a policy, again and again
#[derive(Debug, Parser)]
struct Arguments {
    /// The load monitor, as `http://HOST:PORT`
    monitor: String,
    /// The policy
    #[arg(default_value = "target/policies/least-loaded.wasm")]
    policy: PathBuf,
    /// Seconds to wait for the first metrics
    #[arg(long, default_value = "30", value_parser = seconds)]
    patience: Duration,
    /// Seconds between two rounds
    #[arg(long, default_value = "5", value_parser = seconds)]
    every: Duration,
    /// End after so many rounds, and not at Ctrl-C
    #[arg(long, default_value_t = u64::MAX, hide_default_value = true)]
    rounds: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    // Files first: they are the likelier mistakes. Nobody else waits for this thread yet, so it may compile.
    let policy = load(&arguments.policy)?;
    let monitor = HttpMonitor::new(HttpMonitorOptions::new(&arguments.monitor))?;
    let collector = Collector::start(CollectorOptions::default(), monitor)?;
    let outcome = tokio::select! {
        outcome = run(&arguments, &collector, &policy) => outcome,
        interrupted = tokio::signal::ctrl_c() => interrupted.context("Ctrl-C cannot be waited for"),
    };
    // Whatever happened: no request to the load monitor is left behind.
    collector.shutdown().await;
    outcome
}

fn load(path: &PathBuf) -> anyhow::Result<Policy> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    // One engine for all policies of a process.
    let engine = PolicyEngine::new(Limits::default())?;
    Ok(engine.load(&bytes, LoadOptions { name: path.display().to_string(), ..LoadOptions::default() })?)
}

async fn run(arguments: &Arguments, collector: &Collector, policy: &Policy) -> anyhow::Result<()> {
    wait_until_ready(collector, arguments.patience).await?;
    let mut ticks = tokio::time::interval(arguments.every);
    for round in 1..=arguments.rounds {
        ticks.tick().await;
        // A policy that fails costs its scores; the engine goes on.
        match rank(collector, policy).await {
            Ok(ranked) => println!("round {round}: {}", ranked.join(", ")),
            Err(failure) => eprintln!("round {round}: {failure:#}"),
        }
    }
    Ok(())
}

async fn wait_until_ready(collector: &Collector, patience: Duration) -> anyhow::Result<()> {
    let ready = async {
        collector.first_round().await;
        collector.reader().wait_until_ready().await
    };
    match tokio::time::timeout(patience, ready).await {
        Ok(ready) => Ok(ready?),
        Err(_) => match collector.status().update.failure {
            Some(failure) => bail!("the load monitor gave no metrics: {failure}"),
            None => bail!("the load monitor did not answer within {patience:?}"),
        },
    }
}

/// One decision, on one reading: nodes and their scores, the best first.
async fn rank(collector: &Collector, policy: &Policy) -> anyhow::Result<Vec<String>> {
    let reading = collector.reader().read();
    for (name, check) in reading.valid().checks().into_iter().filter(|(_, check)| check.has_failed()) {
        eprintln!("{name}: {}", check.reason);
    }
    let snapshot = reading.snapshot().ok_or_else(|| anyhow!("nothing was collected yet"))?;
    // A scheduler knows its pods and nodes, and prepares the candidates once for many pods.
    let pod = Pod { name: "web".to_owned(), requests: Resources::new().with(CPU, 500), ..Pod::default() };
    let request = Request { pod, candidates: Candidates::from_snapshot(snapshot) };
    let evaluation = policy.score_async(&reading, &request).await?;
    for line in &evaluation.logs {
        eprintln!("{}: {}", line.level.as_str(), line.message);
    }
    let mut ranked: Vec<_> = request.candidates.names().iter().zip(evaluation.scores).collect();
    ranked.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    Ok(ranked.into_iter().map(|(node, score)| format!("{node} {score:.1}")).collect())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().map_err(|_| "not a number of seconds")?;
    let duration = Duration::try_from_secs_f64(seconds).map_err(|failure| failure.to_string())?;
    if duration.is_zero() { Err("must be longer than zero".to_owned()) } else { Ok(duration) }
}
