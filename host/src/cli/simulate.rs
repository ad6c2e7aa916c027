//! `scorelet simulate`: a load monitor stand-in on its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use scorelet_host::simulator::{Dialect, Replay, ReplayClock, Server, SimulatedCluster, Source};

use super::exit::Failure;
use super::output::print;
use super::shutdown;

/// The largest simulated cluster: about 300 MB a body.
const MAX_NODES: i64 = 100_000;

/// Run a load monitor stand-in: a simulated cluster, or a recorded answer.
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// Nodes of the simulated cluster
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=MAX_NODES))]
    nodes: u32,
    /// Label values with statistics
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=MAX_NODES))]
    labels: u32,
    /// The same seed gives the same cluster
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Serve this recorded answer of `/watcher` instead
    #[arg(long, value_name = "FILE", conflicts_with_all = ["nodes", "labels", "seed"])]
    replay: Option<PathBuf>,
    /// Leave the times of the recorded answer as they are, instead of moving them to now
    #[arg(long, requires = "replay")]
    as_recorded: bool,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:2020")]
    listen: SocketAddr,
    /// The dialect to speak
    #[arg(long, value_enum, default_value_t)]
    dialect: DialectName,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum DialectName {
    /// Health at `/healthy`, with statistics
    #[default]
    LoadMonitor,
    /// Health at `/watcher/health`, without statistics
    LoadWatcher,
}

impl Simulate {
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        let (source, what) = self.source()?;
        let server = Server::bind(self.listen, source).map_err(|failure| Failure::input_output(failure.into()))?;
        let address = server.local_address();
        print(&format!("load monitor at http://{address} ({what})"))?;
        print(&format!("try: scorelet query nodes --monitor http://{address}"))?;
        server.run(shutdown::requested()).await.map_err(|failure| Failure::input_output(failure.into()))?;
        Ok(ExitCode::SUCCESS)
    }

    fn source(&self) -> Result<(Source, String), Failure> {
        let dialect = match self.dialect {
            DialectName::LoadMonitor => Dialect::LoadMonitor,
            DialectName::LoadWatcher => Dialect::LoadWatcher,
        };
        let Some(path) = &self.replay else {
            let Self { nodes, labels, seed, .. } = *self;
            let what = format!("{nodes} simulated nodes, {labels} labels, seed {seed}");
            return Ok((SimulatedCluster { nodes, labels, seed, dialect }.into(), what));
        };
        let clock = if self.as_recorded { ReplayClock::Recorded } else { ReplayClock::Now };
        let replay = Replay::open(path, clock, dialect).map_err(|failure| Failure::bad_input(failure.into()))?;
        let times = if self.as_recorded { "as recorded" } else { "its times moved to now" };
        Ok((replay.into(), format!("{}, {times}", path.display())))
    }
}
