//! `scorelet demo`: everything at work on one machine, with nothing else installed.

use std::io::{IsTerminal, stdout};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use clap::Args;

use scorelet_host::clock::Clock;
use scorelet_host::collector::{Collector, CollectorOptions};
use scorelet_host::monitor::http::{HttpMonitor, HttpMonitorOptions};
use scorelet_host::policy::{Candidates, Policy, Request};
use scorelet_host::scheduling::{CPU, MEMORY, Pod, Resources};
use scorelet_host::simulator::{Dialect, Server, SimulatedCluster};
use scorelet_host::snapshot::{MetricType, Operator, Reading, Selector};

use super::exit::Failure;
use super::output::{print, render, score_cell, table};
use super::{policies, shutdown};

/// Simulated time runs so much faster than ours: a minute, which is how often load monitors refresh, takes two seconds.
const SPEED: u32 = 30;
/// A refresh of the simulated monitor.
const REFRESH: Duration = Duration::from_secs(2);
/// More nodes than these fill no screen.
const MAX_ROWS: usize = 20;

/// Show everything at work on this machine: a simulated load monitor, the Collector, and policies that rank its nodes.
///
/// The load monitor is simulated on loopback and asked over HTTP; its time runs 30 times as fast as ours. The table is
/// printed again every 2 seconds, until Ctrl-C.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Policies to run, as .wasm files [default: those in target/policies]
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    /// Print one table and end
    #[arg(long)]
    once: bool,
    /// Nodes of the simulated cluster, from 1 to 5000; the table shows the 20 best
    #[arg(long, value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    nodes: u32,
    /// The same seed gives the same cluster
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    engine: policies::EngineFlags,
}

impl Demo {
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        let policies = self.load_policies()?;
        let clock = Arc::new(FastClock { begin: SystemTime::now(), origin: Instant::now() });
        let (address, server) = self.serve(Arc::clone(&clock))?;
        let options = CollectorOptions {
            update_interval: Duration::from_secs(1),
            update_request_timeout: Duration::from_secs(1),
            heartbeat_interval: Duration::from_secs(1),
            heartbeat_request_timeout: Duration::from_secs(1),
            ..CollectorOptions::default()
        };
        let monitor = HttpMonitor::new(HttpMonitorOptions::new(format!("http://{address}")))
            .map_err(|failure| Failure::internal(failure.into()))?;
        let collector = Collector::start_with_clock(options, monitor, clock)
            .map_err(|failure| Failure::internal(failure.into()))?;
        let status = collector.first_round().await;
        if let Some(failure) = status.heartbeat.failure.or(status.update.failure) {
            return Err(Failure::internal(anyhow::anyhow!(failure)).context("the simulated load monitor"));
        }
        print(&format!("simulated load monitor at http://{address}, {SPEED} times as fast as real time"))?;
        let shown = self.show(&collector, &policies).await;
        collector.shutdown().await;
        server.abort();
        shown.map(|()| ExitCode::SUCCESS)
    }

    fn load_policies(&self) -> Result<Vec<Policy>, Failure> {
        let engine = self.engine.engine()?;
        let paths = if self.policies.is_empty() { policies::samples()? } else { self.policies.clone() };
        paths.iter().map(|path| policies::load(&engine, path, "")).collect()
    }

    fn serve(&self, clock: Arc<FastClock>) -> Result<(SocketAddr, tokio::task::AbortHandle), Failure> {
        let cluster =
            SimulatedCluster { nodes: self.nodes, labels: 20, seed: self.seed, dialect: Dialect::LoadMonitor };
        let server = Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), cluster)
            .context("starting the simulated load monitor")
            .map_err(Failure::input_output)?
            .with_clock(Arc::new(move || clock.unix_seconds()));
        let address = server.local_address();
        let task = tokio::spawn(async move { server.run(std::future::pending()).await });
        Ok((address, task.abort_handle()))
    }

    async fn show(&self, collector: &Collector, policies: &[Policy]) -> Result<(), Failure> {
        let mut refreshes = tokio::time::interval(REFRESH);
        let ended = shutdown::requested();
        tokio::pin!(ended);
        loop {
            tokio::select! {
                _ = refreshes.tick() => {}
                () = &mut ended => return Ok(()),
            }
            let reading = collector.reader().read();
            let round = policies.to_vec();
            let text = tokio::task::spawn_blocking(move || ranking(&reading, &round))
                .await
                .map_err(|failure| Failure::internal(failure.into()))??;
            // Drawn over the last table where somebody watches; in a file, one after the other.
            let clear = if stdout().is_terminal() && !self.once { "\x1b[2J\x1b[H" } else { "\n" };
            print(&format!("{clear}{text}"))?;
            if self.once {
                return Ok(());
            }
            print("Ctrl-C ends the demo")?;
        }
    }
}

/// Ranks the nodes of a reading with each policy, best of the first policy first.
fn ranking(reading: &Reading, policies: &[Policy]) -> Result<String, Failure> {
    let Some(snapshot) = reading.snapshot() else {
        return Err(Failure::unavailable(anyhow::anyhow!("the simulated load monitor gave no data")));
    };
    let requests = Resources::new().with(CPU, 500).with(MEMORY, 512 << 20);
    let pod = Pod { name: "demo".to_owned(), namespace: "default".to_owned(), requests, ..Pod::default() };
    let request = Request { pod, candidates: Candidates::from_snapshot(snapshot) };
    let mut evaluations = Vec::new();
    for policy in policies {
        evaluations.push(policy.score(reading, &request)?);
    }

    let load = |metric_type| snapshot.nodes.column(&Selector::new(metric_type, Operator::Average));
    let (cpu, memory) = (load(MetricType::Cpu), load(MetricType::Memory));
    let headings: Vec<String> = ["NODE", ">CPU %", ">MEM %"]
        .into_iter()
        .map(str::to_owned)
        .chain(policies.iter().map(|policy| format!(">{}", policy.name().to_uppercase())))
        .collect();
    let mut ranked = table(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    let score = |evaluation: usize, node: usize| {
        evaluations.get(evaluation).and_then(|evaluation| evaluation.scores.get(node)).copied().unwrap_or(0.0)
    };
    let mut order: Vec<usize> = (0..request.candidates.len()).collect();
    order.sort_by(|left, right| score(0, *right).total_cmp(&score(0, *left)));
    for node in order.into_iter().take(MAX_ROWS) {
        let name = request.candidates.names().get(node).map_or("", String::as_str);
        let percent = |column: &[f64]| match column.get(node) {
            Some(value) if !value.is_nan() => format!("{value:.1}"),
            _ => "-".to_owned(),
        };
        let mut row = vec![name.into(), percent(&cpu).into(), percent(&memory).into()];
        row.extend((0..policies.len()).map(|policy| score_cell(score(policy, node))));
        ranked.add_row(row);
    }
    let slowest = evaluations.iter().map(|evaluation| evaluation.report.wall).max().unwrap_or_default();
    let verdict = if reading.valid().is_valid() { "valid" } else { "not valid" };
    Ok(format!(
        "a pod with 500m cpu and 512Mi memory; higher scores are better, - is not measured\n\n{}\n\n\
         snapshot {} is {verdict}; the slowest policy took {} µs",
        render(&ranked),
        snapshot.id,
        slowest.as_micros(),
    ))
}

/// A wall clock that runs ahead; ages of heartbeats stay real.
#[derive(Debug)]
struct FastClock {
    begin: SystemTime,
    origin: Instant,
}

impl FastClock {
    fn unix_seconds(&self) -> i64 {
        let since = self.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }
}

impl Clock for FastClock {
    fn now(&self) -> SystemTime {
        self.begin + self.origin.elapsed().saturating_mul(SPEED)
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }
}
