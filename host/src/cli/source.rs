//! Where a verb has its load data from: a live load monitor, or a recorded answer.

use std::env::VarError;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};

use scorelet_host::clock::SystemClock;
use scorelet_host::collector::{self, CollectorOptions, Once};
use scorelet_host::monitor::http::{Dialect, HttpMonitor, HttpMonitorOptions, LOAD_MONITOR_ADDRESS, Token};
use scorelet_host::monitor::{MonitorError, MonitorErrorKind};
use scorelet_host::snapshot::{Reading, Snapshot};

use super::exit::{Failure, warn};
use super::input;

/// The flags of every verb that needs load data.
#[derive(Debug, Args)]
#[command(next_help_heading = "Load data")]
pub(crate) struct Source {
    /// The load monitor, as `http://HOST:PORT`, or `HOST` for http and port 2020 [env: `LOAD_MONITOR_ADDRESS`]
    // Not by clap, which would print the variable's value in the help and hold it against --metrics.
    #[arg(long, value_name = "URL")]
    monitor: Option<String>,
    /// A recorded answer instead, as `curl http://HOST:2020/watcher` gives it; the clock stands at its timestamp; `-` for
    /// standard input
    #[arg(long, value_name = "FILE", conflicts_with = "monitor")]
    pub(super) metrics: Option<PathBuf>,
    /// The dialect of the load monitor
    #[arg(long, value_enum, default_value_t)]
    dialect: DialectName,
    /// A file with a bearer token for the load monitor
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A header for the load monitor, as `Name: value`; may be repeated
    #[arg(long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// A file with PEM certificates to trust beside those of the system
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// How long to wait for an answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds, allow_negative_numbers = true)]
    timeout: Duration,
    /// How long ago the window of valid metrics may have ended, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "180", value_parser = seconds, allow_negative_numbers = true)]
    max_age: Duration,
    /// Data without statistics may be valid; implied by the dialect load-watcher, which has none
    #[arg(long)]
    without_statistics: bool,
}

/// See [`Dialect`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum DialectName {
    /// Whichever health check answers
    #[default]
    Auto,
    /// Health at `/healthy`, with statistics
    LoadMonitor,
    /// Health at `/watcher/health`, without statistics
    LoadWatcher,
}

impl Source {
    /// What is known now: one question to the load monitor, or the recorded answer.
    pub(crate) async fn read(&self) -> Result<Once, Failure> {
        if let Some(path) = &self.metrics {
            return Ok(Once { reading: self.read_recorded(path)?, heartbeat: Ok(()), update: Ok(()) });
        }
        let monitor = self.monitor()?;
        let Once { reading, heartbeat, update } =
            collector::once(&self.collector_options(), &monitor, &SystemClock::new()).await;
        let placed = |failure| at(monitor.address(), failure);
        Ok(Once { reading, heartbeat: heartbeat.map_err(placed), update: update.map_err(placed) })
    }

    /// A reading with a snapshot in it, for verbs that can do nothing without.
    pub(crate) async fn known(&self) -> Result<(Reading, Arc<Snapshot>), Failure> {
        let Once { reading, heartbeat, update } = self.read().await?;
        update?;
        if let Err(failure) = heartbeat {
            let failure = anyhow::Error::from(failure);
            warn(&format!("the load monitor has data, and fails its health check: {failure:#}"));
        }
        let snapshot = reading.snapshot().cloned();
        let snapshot = snapshot.ok_or_else(|| Failure::unavailable(anyhow!("the load monitor gave no data")))?;
        Ok((reading, snapshot))
    }

    /// The live load monitor.
    pub(crate) fn monitor(&self) -> Result<HttpMonitor, Failure> {
        let address = match &self.monitor {
            Some(address) => address.clone(),
            None => from_environment()?,
        };
        let mut options = HttpMonitorOptions::new(address).with_dialect(match self.dialect {
            DialectName::Auto => Dialect::Auto,
            DialectName::LoadMonitor => Dialect::LoadMonitor,
            DialectName::LoadWatcher => Dialect::LoadWatcher,
        });
        if let Some(path) = &self.token_file {
            options = options.with_token(Token::File(path.clone()));
        }
        if let Some(path) = &self.ca_file {
            options = options.with_extra_ca(path);
        }
        for header in &self.headers {
            // The value may be a secret, so it is not repeated.
            let (name, value) = header
                .split_once(':')
                .ok_or_else(|| Failure::usage(anyhow!("a --header has no colon; write it as 'Name: value'")))?;
            options = options.with_header(name.trim(), value.trim());
        }
        HttpMonitor::new(options).map_err(|failure| Failure::bad_input(failure.into()))
    }

    /// The Collector's options as far as flags change them.
    pub(crate) fn collector_options(&self) -> CollectorOptions {
        CollectorOptions {
            heartbeat_request_timeout: self.timeout,
            update_request_timeout: self.timeout,
            metrics_max_age: self.max_age,
            require_statistics: !self.without_statistics && self.dialect != DialectName::LoadWatcher,
            ..CollectorOptions::default()
        }
    }

    fn read_recorded(&self, path: &Path) -> Result<Reading, Failure> {
        let body = input::read(path)?;
        collector::recorded(&self.collector_options(), &body)
            .with_context(|| format!("{} is no recorded answer of a load monitor", input::name(path)))
            .map_err(Failure::bad_input)
    }
}

/// Says which load monitor failed where the failure does not: waiting for it and reading its answer know no address.
fn at(address: &str, failure: MonitorError) -> MonitorError {
    let kind = failure.kind();
    let words = format!("{:#}", anyhow::Error::from(failure));
    let place = if words.contains(address) { String::new() } else { format!("load monitor at {address}: ") };
    let advice = if kind == MonitorErrorKind::Timeout { "; a longer --timeout may help" } else { "" };
    MonitorError::new(kind, format!("{place}{words}{advice}"))
}

/// The address that operators set for all programs alike. An empty variable is none.
fn from_environment() -> Result<String, Failure> {
    match std::env::var(LOAD_MONITOR_ADDRESS) {
        Ok(address) if !address.is_empty() => Ok(address),
        Err(VarError::NotUnicode(_)) => Err(Failure::bad_input(anyhow!("{LOAD_MONITOR_ADDRESS} is not UTF-8 text"))),
        Ok(_) | Err(VarError::NotPresent) => Err(Failure::usage(anyhow!(
            "no load monitor: pass --monitor URL, set {LOAD_MONITOR_ADDRESS}, or pass --metrics FILE with a recorded \
             answer"
        ))),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    let duration = Duration::try_from_secs_f64(seconds.max(0.0)).map_err(|_| "too long".to_owned())?;
    if duration.is_zero() { Err("must be longer than zero".to_owned()) } else { Ok(duration) }
}
