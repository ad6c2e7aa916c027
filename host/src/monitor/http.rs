//! The load monitor over HTTP: the only place in the library that knows `reqwest` and `rustls`.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, StatusCode};

use self::address::Address;
use self::endpoint::Endpoint;
use self::excerpt::one_line;
use self::token::BearerToken;
use super::{Monitor, MonitorError, MonitorErrorKind};

mod address;
mod body;
mod endpoint;
mod excerpt;
mod failure;
mod file;
mod headers;
mod options;
mod redirect;
#[cfg(test)]
mod tests;
mod tls;
mod token;

pub use options::{
    DEFAULT_CONNECT_TIMEOUT, DEFAULT_MAX_BODY_BYTES, DEFAULT_PORT, Dialect, HttpMonitorOptions,
    HttpMonitorOptionsError, LOAD_MONITOR_ADDRESS, Token,
};

/// A load monitor that is asked over HTTP or HTTPS. One per monitor, kept for as long as it is polled: it holds the
/// connections that are reused between calls.
///
/// What it does not do, because somebody would be surprised: it never takes a proxy from the environment (the token
/// would go there), never follows a redirect to another origin (the token would follow), and cannot be told to skip
/// the verification of certificates. It sets no deadline for a whole call either; the Collector does, by dropping the
/// future, which closes the connection.
///
/// ```
/// use scorelet_host::monitor::http::{HttpMonitor, HttpMonitorOptions, Token};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let options = HttpMonitorOptions::new("monitor.kube-system:2020")
///     .with_token(Token::File("/var/run/secrets/monitor/token".into()));
/// let monitor = HttpMonitor::new(options)?;
/// assert_eq!(monitor.address(), "http://monitor.kube-system:2020");
/// # Ok(())
/// # }
/// ```
pub struct HttpMonitor {
    client: Client,
    address: Address,
    dialect: Dialect,
    /// Whether `Auto` last found the health of load-watcher. Otherwise the health of load-monitor is tried first.
    found_load_watcher: AtomicBool,
    token: Option<BearerToken>,
    /// The extra headers, with every value marked as secret.
    headers: HeaderMap,
    /// Whether an `Authorization` header is sent, from the token or from the extra headers.
    has_credentials: bool,
    max_body_bytes: u64,
    connect_timeout: Duration,
}

impl HttpMonitor {
    /// Checks the options and prepares the client. Opens no connection.
    ///
    /// Reads the extra CA and, for an `https` address only, the system's root certificates, once and while the caller
    /// waits. The token file is read later, before each call, because Kubernetes may mount it after the start.
    ///
    /// # Errors
    /// When an option cannot work; all problems are listed at once.
    pub fn new(options: HttpMonitorOptions) -> Result<Self, HttpMonitorOptionsError> {
        let mut problems = Vec::new();
        let address = keep(Address::parse(&options.address), &mut problems);
        let token = keep(options.token.map(BearerToken::new).transpose(), &mut problems).flatten();
        let headers = headers::check(&options.headers, token.is_some(), &mut problems);
        if options.max_body_bytes == 0 {
            problems.push("max_body_bytes is 0, which allows no answer at all; give at least 1".to_owned());
        }
        if options.connect_timeout.is_zero() {
            problems.push("connect_timeout is 0, which allows no connection; give at least 1 ms".to_owned());
        }
        let tls = address
            .as_ref()
            .and_then(|address| keep(tls::client_config(address, options.extra_ca.as_deref()), &mut problems));
        let (Some(address), Some(tls), true) = (address, tls, problems.is_empty()) else {
            return Err(HttpMonitorOptionsError::new(problems));
        };

        let has_credentials = token.is_some() || headers.contains_key(AUTHORIZATION);
        // What stays on this machine nobody reads on the way.
        if has_credentials && !address.is_https() && !address.is_loopback() {
            tracing::warn!(%address, "the credentials go to the load monitor unencrypted: the address is not https");
        }
        let client = client(tls, options.connect_timeout)
            .map_err(|error| HttpMonitorOptionsError::new(vec![failure::all_causes(&error)]))?;
        Ok(Self {
            client,
            address,
            dialect: options.dialect,
            found_load_watcher: AtomicBool::new(false),
            token,
            headers,
            has_credentials,
            max_body_bytes: options.max_body_bytes,
            connect_timeout: options.connect_timeout,
        })
    }

    /// The base address in use, complete with scheme and with the port where it is not the scheme's own.
    #[must_use]
    pub fn address(&self) -> &str {
        self.address.as_str()
    }

    /// Finds out which dialect the monitor speaks by asking for both healths, the one that last worked first.
    async fn detect_health(&self) -> Result<(), MonitorError> {
        let order = if self.found_load_watcher.load(Ordering::Relaxed) {
            [Endpoint::LoadWatcherHealth, Endpoint::LoadMonitorHealth]
        } else {
            [Endpoint::LoadMonitorHealth, Endpoint::LoadWatcherHealth]
        };
        for endpoint in order {
            match self.get(endpoint).await {
                Err(error) if error.kind() == MonitorErrorKind::Status(404) => {
                    self.found_load_watcher.store(false, Ordering::Relaxed);
                }
                Err(error) => return Err(error),
                Ok(_) => {
                    self.found_load_watcher.store(endpoint == Endpoint::LoadWatcherHealth, Ordering::Relaxed);
                    return Ok(());
                }
            }
        }
        let [first, second] = order.map(|endpoint| self.address.path(endpoint.path()));
        Err(self.error(
            MonitorErrorKind::Status(404),
            format_args!(
                "neither GET {first} nor GET {second} exists (404 Not Found); check the base path of the address, and \
                 that a load monitor answers there"
            ),
        ))
    }

    /// One request, and an answer of status 200 whose body is not read yet.
    async fn get(&self, endpoint: Endpoint) -> Result<Response, MonitorError> {
        let mut request = self.client.get(self.address.url(endpoint.path())).headers(self.headers.clone());
        if let Some(token) = &self.token {
            let header =
                token.header().await.map_err(|words| self.error(MonitorErrorKind::Configuration, words.as_str()))?;
            request = request.header(AUTHORIZATION, header);
        }
        let response = request.send().await.map_err(|error| {
            let (kind, words) = failure::explain(&error, &self.address, self.connect_timeout);
            self.error(kind, words)
        })?;
        if response.status() == StatusCode::OK {
            return Ok(response);
        }
        Err(self.status_error(endpoint, response).await)
    }

    async fn status_error(&self, endpoint: Endpoint, response: Response) -> MonitorError {
        let status = response.status();
        let mut words = format!("GET {} answered {}", self.address.path(endpoint.path()), status.as_str());
        if let Some(reason) = status.canonical_reason() {
            words.push(' ');
            words.push_str(reason);
        }
        if let Some(meaning) = endpoint.meaning_of(status, self.has_credentials) {
            words.push_str(": ");
            words.push_str(meaning);
        }
        if self.sends_secrets() {
            if response.content_length() != Some(0) {
                words.push_str("; what it said is not shown, because it may repeat what must stay secret");
            }
        } else if let Some(text) = excerpt::of(response).await {
            words.push_str("; it said: ");
            words.push_str(&text);
        }
        self.error(MonitorErrorKind::Status(status.as_u16()), words)
    }

    /// Whether a request carries anything that must not be shown. What answers it is then not shown either: servers
    /// repeat headers, whole, in part, decoded or escaped, so that no search for the secret itself is sure to find it.
    fn sends_secrets(&self) -> bool {
        self.token.is_some() || !self.headers.is_empty()
    }

    fn error(&self, kind: MonitorErrorKind, words: impl fmt::Display) -> MonitorError {
        MonitorError::new(kind, format!("load monitor at {}: {words}", self.address))
    }
}

impl Monitor for HttpMonitor {
    async fn healthy(&self) -> Result<(), MonitorError> {
        // The status is the answer. The body is left unread, so that no body can delay or fail a heartbeat.
        match self.dialect {
            Dialect::LoadMonitor => self.get(Endpoint::LoadMonitorHealth).await.map(drop),
            Dialect::LoadWatcher => self.get(Endpoint::LoadWatcherHealth).await.map(drop),
            Dialect::Auto => self.detect_health().await,
        }
    }

    async fn fetch(&self) -> Result<Vec<u8>, MonitorError> {
        let mut response = self.get(Endpoint::Metrics).await?;
        // What was compressed with gzip arrives here without this header; whatever is left was not asked for.
        if let Some(encoding) = response.headers().get(CONTENT_ENCODING).filter(|value| *value != "identity") {
            let encoding = if self.sends_secrets() {
                "something that is not shown".to_owned()
            } else {
                one_line(&String::from_utf8_lossy(encoding.as_bytes()))
            };
            return Err(self.error(
                MonitorErrorKind::Malformed,
                format_args!(
                    "the body is encoded as {encoding}, and only gzip was offered; look at the proxies between"
                ),
            ));
        }
        body::read(&mut response, self.max_body_bytes).await.map_err(|failure| self.error(failure.kind(), failure))
    }
}

impl fmt::Debug for HttpMonitor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HttpMonitor")
            .field("address", &self.address.as_str())
            .field("dialect", &self.dialect)
            .field("token", &self.token)
            .field("headers", &self.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>())
            .field("max_body_bytes", &self.max_body_bytes)
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}

fn keep<T>(checked: Result<T, String>, problems: &mut Vec<String>) -> Option<T> {
    checked.map_err(|problem| problems.push(problem)).ok()
}

fn client(tls: rustls::ClientConfig, connect_timeout: Duration) -> Result<Client, reqwest::Error> {
    // The extra headers are not among the default ones: of those, reqwest sends only one value for each name.
    Client::builder()
        .user_agent(concat!("scorelet/", env!("CARGO_PKG_VERSION")))
        .default_headers(HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]))
        .gzip(true)
        // An embedder's other dependencies may switch these on in the shared `reqwest`; their decoders are not wanted.
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .redirect(redirect::same_origin())
        .referer(false)
        .no_proxy()
        .connect_timeout(connect_timeout)
        .tls_backend_preconfigured(tls)
        .build()
}
