//! `scorelet simulate`: a load monitor stand-in on its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::RangedI64ValueParser;
use clap::{Args, ValueEnum};

use scorelet_host::simulator::{Dialect, Replay, ReplayClock, ReplayError, Server, SimulatedCluster, Source};

use super::exit::Failure;
use super::output::print;
use super::shutdown;

/// The largest simulated cluster: about 300 MB a body.
const MAX_NODES: i64 = 100_000;

/// Run a stand-in for a load monitor: a simulated cluster, or a recorded answer.
///
/// Like a real load monitor, it refreshes its metrics every minute. It runs until Ctrl-C.
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// Nodes of the simulated cluster, at most 100,000
    #[arg(long, value_name = "NUMBER", default_value_t = 10, value_parser = up_to(MAX_NODES))]
    nodes: u32,
    /// Label values with statistics, beside "all", at most 100,000
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = up_to(MAX_NODES))]
    labels: u32,
    /// The same seed gives the same cluster
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Serve this recorded answer of `/watcher` instead, its times moved to now
    #[arg(long, value_name = "FILE", conflicts_with_all = ["nodes", "labels", "seed"])]
    replay: Option<PathBuf>,
    /// Leave the times of the recorded answer as they are
    #[arg(long, requires = "replay")]
    as_recorded: bool,
    /// The IP address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:2020", value_parser = socket_address)]
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
        let ended = shutdown::requested();
        print(&format!("load monitor at http://{address} ({what})"))?;
        print(&format!("try: scorelet query nodes --monitor http://{address}"))?;
        server.run(ended).await.map_err(|failure| Failure::input_output(failure.into()))?;
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
        let replay = Replay::open(path, clock, dialect).map_err(|failure| match failure {
            ReplayError::Read { .. } => Failure::input_output(failure.into()),
            _ => Failure::bad_input(failure.into()),
        })?;
        let times = if self.as_recorded { "as recorded" } else { "its times moved to now" };
        Ok((replay.into(), format!("{}, {times}", path.display())))
    }
}

fn up_to(most: i64) -> RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(0..=most)
}

fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write an IP address and a port, such as 127.0.0.1:2020 or [::1]:0".to_owned())
}
