//! What is said about a load monitor, before anything of it is checked.

use std::env::{self, VarError};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::address;
use crate::monitor::{MonitorError, MonitorErrorKind};

/// The environment variable that holds the address, read by [`HttpMonitorOptions::from_env`] and by nothing else.
pub const LOAD_MONITOR_ADDRESS: &str = "LOAD_MONITOR_ADDRESS";

/// The port of an address without scheme and port: the one that both load-monitor and load-watcher listen on.
pub const DEFAULT_PORT: u16 = 2020;

/// The largest body, in bytes after decompression: 100,000 nodes with 24 metrics each are 311 MB; what is larger is a mistake
/// or an attack.
pub const DEFAULT_MAX_BODY_BYTES: u64 = 512 * 1024 * 1024;

/// The longest wait for a connection, names and TLS included. A lost first packet is repeated after 1 s, which still
/// fits; and 3 s end before the 5 s of a heartbeat, so that the error says what was being waited for.
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How to reach a load monitor: plain values as they were said. [`HttpMonitor::new`](super::HttpMonitor::new) checks
/// them, all at once.
///
/// `Debug` shows neither the token nor the values of headers.
#[derive(Clone)]
#[non_exhaustive]
pub struct HttpMonitorOptions {
    /// Where the monitor is. With a scheme (`http://gateway/monitor`, `https://monitor`) it is taken as written, with
    /// the scheme's own port and with its base path. Without one (`monitor`, `monitor:2020`, `10.0.0.1`, `[::1]:2020`)
    /// it is `http` and port [`DEFAULT_PORT`]. User names, passwords, queries and fragments are refused.
    pub address: String,
    /// Which paths the monitor answers. [`Dialect::Auto`] unless told otherwise.
    pub dialect: Dialect,
    /// The bearer token of the header `Authorization`, if any.
    pub token: Option<Token>,
    /// More headers for every request, as names and values. Values are treated as secrets. A name may occur several
    /// times; `User-Agent` and `Accept` replace our own.
    pub headers: Vec<(String, String)>,
    /// A PEM file with certificates of authorities that are trusted in addition to the system's. Only for `https`.
    /// Read once, by `new`.
    pub extra_ca: Option<PathBuf>,
    /// The largest body of an answer in bytes, counted after decompression; at least 1.
    /// [`DEFAULT_MAX_BODY_BYTES`] unless told otherwise.
    pub max_body_bytes: u64,
    /// The longest wait for a connection, names and TLS included; more than 0. [`DEFAULT_CONNECT_TIMEOUT`] unless told
    /// otherwise.
    pub connect_timeout: Duration,
}

impl HttpMonitorOptions {
    /// Options for the monitor at this address, with the default of everything else.
    #[must_use]
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            dialect: Dialect::Auto,
            token: None,
            headers: Vec::new(),
            extra_ca: None,
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
        }
    }

    /// Options for the monitor whose address is in the environment variable [`LOAD_MONITOR_ADDRESS`].
    ///
    /// # Errors
    /// When the variable is not set, is empty, or is not Unicode.
    pub fn from_env() -> Result<Self, HttpMonitorOptionsError> {
        Self::from_variable(env::var(LOAD_MONITOR_ADDRESS))
    }

    /// Tests have no other way in: setting a variable of the own process is unsafe.
    pub(super) fn from_variable(value: Result<String, VarError>) -> Result<Self, HttpMonitorOptionsError> {
        let problem = match value {
            Ok(address) if !address.trim().is_empty() => return Ok(Self::new(address)),
            Ok(_) => "is empty",
            Err(VarError::NotPresent) => "is not set",
            Err(VarError::NotUnicode(_)) => "is not Unicode",
        };
        Err(HttpMonitorOptionsError::new(vec![format!(
            "the environment variable {LOAD_MONITOR_ADDRESS} {problem}; set it to an address such as \
             http://monitor:2020"
        )]))
    }

    /// Sets the dialect.
    #[must_use]
    pub fn with_dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Sets the bearer token.
    #[must_use]
    pub fn with_token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Adds a header to every request.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the PEM file with more certificate authorities.
    #[must_use]
    pub fn with_extra_ca(mut self, path: impl Into<PathBuf>) -> Self {
        self.extra_ca = Some(path.into());
        self
    }

    /// Sets the largest body, in bytes after decompression.
    #[must_use]
    pub fn with_max_body_bytes(mut self, bytes: u64) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// Sets the longest wait for a connection.
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }
}

impl fmt::Debug for HttpMonitorOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("HttpMonitorOptions")
            .field("address", &format_args!("{}", address::shown(&self.address)))
            .field("dialect", &self.dialect)
            .field("token", &self.token)
            .field("headers", &names)
            .field("extra_ca", &self.extra_ca)
            .field("max_body_bytes", &self.max_body_bytes)
            .field("connect_timeout", &self.connect_timeout)
            .finish()
    }
}

/// Which paths a monitor answers. The metrics are at `/watcher` in both dialects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Tries `/healthy`, and `/watcher/health` where that is not found; remembers what worked.
    #[default]
    Auto,
    /// charstal/load-monitor: health at `/healthy`.
    LoadMonitor,
    /// paypal/load-watcher: health at `/watcher/health`.
    LoadWatcher,
}

/// A bearer token. `Debug` never shows the secret.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Token {
    /// The token itself. Space around it does not count.
    Value(String),
    /// A file that holds the token and nothing else; space around it does not count. It is read before each request,
    /// because Kubernetes replaces projected tokens while a program runs.
    File(PathBuf),
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(_) => formatter.write_str("Value(***)"),
            Self::File(path) => formatter.debug_tuple("File").field(path).finish(),
        }
    }
}

/// What is wrong with options: every problem, each one complete and without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the options of the load monitor cannot work: {}", problems.join("; also: "))]
pub struct HttpMonitorOptionsError {
    problems: Vec<String>,
}

impl HttpMonitorOptionsError {
    pub(super) fn new(problems: Vec<String>) -> Self {
        Self { problems }
    }

    /// The problems, each a sentence of its own.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl From<HttpMonitorOptionsError> for MonitorError {
    fn from(error: HttpMonitorOptionsError) -> Self {
        Self::new(MonitorErrorKind::Configuration, error.to_string())
    }
}
