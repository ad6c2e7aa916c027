//! Where a verb has its load data from: a live load monitor, or a recorded answer.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};

use scorelet_host::clock::SystemClock;
use scorelet_host::collector::{self, CollectorOptions, Once};
use scorelet_host::monitor::http::{Dialect, HttpMonitor, HttpMonitorOptions, LOAD_MONITOR_ADDRESS, Token};
use scorelet_host::snapshot::{Reading, Snapshot};

use super::exit::Failure;

/// The flags of every verb that needs load data.
#[derive(Debug, Args)]
#[command(next_help_heading = "Load data")]
pub(crate) struct Source {
    /// The load monitor: `http://host:2020`, or `host` for http and port 2020
    #[arg(long, value_name = "URL", env = LOAD_MONITOR_ADDRESS)]
    monitor: Option<String>,
    /// A recorded answer of `/watcher` instead; the clock stands at its timestamp
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
    /// The dialect of the load monitor
    #[arg(long, value_enum, default_value_t)]
    dialect: DialectName,
    /// A file with a bearer token for the load monitor
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A header for the load monitor, `Name: value`; may be repeated
    #[arg(long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// A file with PEM certificates to trust beside those of the system
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// How long to wait for an answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    timeout: Duration,
    /// How old metrics may be, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "180", value_parser = seconds)]
    max_age: Duration,
    /// Do not expect statistics; load-watcher has none
    #[arg(long)]
    without_statistics: bool,
}

/// See [`Dialect`].
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum DialectName {
    /// Whichever health check answers
    #[default]
    Auto,
    /// Health at `/healthy`
    LoadMonitor,
    /// Health at `/watcher/health`
    LoadWatcher,
}

impl Source {
    /// What is known now: one question to the load monitor, or the recorded answer.
    pub(crate) async fn read(&self) -> Result<Once, Failure> {
        if let Some(path) = &self.metrics {
            return Ok(Once { reading: self.read_recorded(path)?, heartbeat: Ok(()), update: Ok(()) });
        }
        let monitor = self.monitor()?;
        Ok(collector::once(&self.collector_options(), &monitor, &SystemClock::new()).await)
    }

    /// A reading with a snapshot in it, for verbs that can do nothing without.
    pub(crate) async fn known(&self) -> Result<(Reading, Arc<Snapshot>), Failure> {
        let Once { reading, heartbeat, update } = self.read().await?;
        update?;
        if let Err(failure) = heartbeat {
            tracing::warn!("the load monitor has data, and fails its health check: {:#}", anyhow::Error::from(failure));
        }
        let snapshot = reading.snapshot().cloned();
        let snapshot = snapshot.ok_or_else(|| Failure::unavailable(anyhow!("the load monitor gave no data")))?;
        Ok((reading, snapshot))
    }

    /// The live load monitor.
    pub(crate) fn monitor(&self) -> Result<HttpMonitor, Failure> {
        let address = self.monitor.as_deref().ok_or_else(|| {
            Failure::bad_input(anyhow!(
                "no load monitor: pass --monitor URL, set {LOAD_MONITOR_ADDRESS}, or pass --metrics FILE with a \
                 recorded answer"
            ))
        })?;
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
                .ok_or_else(|| Failure::bad_input(anyhow!("--header has no colon; write it as `Name: value`")))?;
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
            require_statistics: !self.without_statistics,
            ..CollectorOptions::default()
        }
    }

    fn read_recorded(&self, path: &Path) -> Result<Reading, Failure> {
        let body = read_file(path)?;
        collector::recorded(&self.collector_options(), &body)
            .with_context(|| format!("{}: not a load monitor's answer", path.display()))
            .map_err(Failure::bad_input)
    }
}

/// Reads a file whole; the failure names it.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display())).map_err(Failure::input_output)
}

/// Reads a text file whole; the failure names it.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read_file(path)?)
        .with_context(|| format!("{} is not UTF-8 text", path.display()))
        .map_err(Failure::bad_input)
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    let duration = Duration::try_from_secs_f64(seconds).map_err(|_| "not a possible time".to_owned())?;
    if duration.is_zero() { Err("must be longer than zero".to_owned()) } else { Ok(duration) }
}
