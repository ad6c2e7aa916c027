//! The HTTP side of the simulator: the routes of a load monitor.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use super::bodies::{Bodies, Body};
use super::faults::Faults;
use super::source::Source;
use crate::clock::{Clock, SystemClock};

/// Tells the time in Unix seconds, all that a load monitor knows of the time.
pub type UnixClock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// How long a shutdown waits for answers that are under way. Short: the clients sit on the same machine or try again,
/// and an operator who stops the simulator waits for it.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);

/// A load monitor stand-in that holds its port and is ready to run.
///
/// It answers
///
/// | path | answer |
/// |---|---|
/// | `/watcher` | the current body, compressed for clients that accept gzip |
/// | `/watcher?host=NAME` | the same for one node; 404 when there is no such node |
/// | `/healthy`, or `/watcher/health` in the load-watcher's dialect | 200 |
///
/// and to everything else 404. A body is built once a minute, when the first client asks.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    source: Source,
    clock: UnixClock,
    faults: Faults,
}

impl Server {
    /// Takes the port. Port 0 takes any free one, see [`Self::local_address`]. Clients may connect from now on, and are
    /// answered once the server runs.
    ///
    /// # Errors
    /// When the address cannot be listened on; the message names it.
    pub fn bind(listen: SocketAddr, source: impl Into<Source>) -> io::Result<Self> {
        let bind = || {
            let listener = TcpListener::bind(listen)?;
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = bind()
            .map_err(|error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {listen}: {error}")))?;
        Ok(Self { listener, address, source: source.into(), clock: system_clock(), faults: Faults::new() })
    }

    /// Uses another clock than that of the system.
    #[must_use]
    pub fn with_clock(mut self, clock: UnixClock) -> Self {
        self.clock = clock;
        self
    }

    /// The address under which the server is reached, with the actual port.
    #[must_use]
    pub fn local_address(&self) -> SocketAddr {
        self.address
    }

    /// The switches of this server, which work before and while it runs.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// Answers until `shutdown` is done, then finishes the answers that are under way, for up to two seconds.
    ///
    /// Must be called within a tokio runtime that has its I/O and time drivers enabled.
    ///
    /// # Errors
    /// When the listener cannot be handed to the runtime.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let Self { listener, source, clock, faults, .. } = self;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let router = router(Service { source, clock, faults, bodies: Bodies::default() });
        let (stopping, stopped) = oneshot::channel();
        let serve = axum::serve(listener, router).with_graceful_shutdown(async move {
            shutdown.await;
            // The receiver is gone only when the server has ended by itself.
            let _ = stopping.send(());
        });
        tokio::select! {
            ended = serve.into_future() => ended,
            () = async {
                if stopped.await.is_ok() {
                    tokio::time::sleep(SHUTDOWN_GRACE).await;
                } else {
                    std::future::pending::<()>().await;
                }
            } => {
                tracing::debug!("a client did not take its answer within {SHUTDOWN_GRACE:?}; stopped without it");
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

/// The clock of the machine; a clock before 1970 counts as 1970.
#[must_use]
pub fn system_clock() -> UnixClock {
    let clock = SystemClock::new();
    Arc::new(move || {
        let since_epoch = clock.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX)
    })
}

/// What the routes share.
struct Service {
    source: Source,
    clock: UnixClock,
    faults: Faults,
    bodies: Bodies,
}

fn router(service: Service) -> Router {
    Router::new()
        .route("/watcher", get(watcher))
        .route(service.source.dialect().health_path(), get(health))
        .fallback(unknown_path)
        .with_state(Arc::new(service))
}

#[derive(Deserialize)]
struct WatcherQuery {
    /// As with a real monitor, an empty name means all nodes, although a capture may have a node without a name.
    #[serde(default)]
    host: String,
}

async fn watcher(
    State(service): State<Arc<Service>>,
    Query(WatcherQuery { host }): Query<WatcherQuery>,
    headers: HeaderMap,
) -> Response {
    if service.faults.failing() {
        return (StatusCode::INTERNAL_SERVER_ERROR, "nothing is cached yet: this fault is switched on\n")
            .into_response();
    }
    let refresh = {
        let Service { source, clock, faults, bodies } = &*service;
        bodies.refresh(faults.frozen(), || source.refreshed_at(clock()))
    };
    if !host.is_empty() {
        let body = spawn_blocking(move || service.source.host_body(refresh.time(), &host)).await;
        return match body {
            Ok(Some(body)) => json(Body::Plain(body.into())),
            Ok(None) => (StatusCode::NOT_FOUND, "there is no such node\n").into_response(),
            Err(_) => not_built(),
        };
    }
    let gzip = accepts_gzip(&headers);
    if let Some(body) = refresh.ready(gzip) {
        return json(body);
    }
    // On a thread that may block. The work goes on when the client gives up, so a client that is too impatient for a
    // huge cluster still finds the body at its next try.
    let built = spawn_blocking(move || refresh.body(gzip, |time| service.source.body(time))).await;
    built.map_or_else(|_| not_built(), json)
}

async fn health(State(service): State<Arc<Service>>) -> Response {
    if service.faults.unhealthy() {
        (StatusCode::SERVICE_UNAVAILABLE, "not healthy: this fault is switched on\n").into_response()
    } else {
        StatusCode::OK.into_response()
    }
}

async fn unknown_path(State(service): State<Arc<Service>>) -> Response {
    let health = service.source.dialect().health_path();
    let text = format!("there is nothing here; ask for /watcher, /watcher?host=NODE or {health}\n");
    (StatusCode::NOT_FOUND, text).into_response()
}

fn json(body: Body) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    match body {
        Body::Plain(bytes) => (headers, bytes).into_response(),
        Body::Gzip(bytes) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            (headers, bytes).into_response()
        }
    }
}

fn not_built() -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, "the body could not be built, or the simulator is stopping\n").into_response()
}

/// Whether the client says that it takes gzip, by name or by `*`, and does not weigh it with 0.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let offers = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    let mut any = false;
    for offer in offers.flat_map(|value| value.split(',')) {
        let (coding, parameters) = offer.split_once(';').unwrap_or((offer, ""));
        let weight = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), |weight| weight.trim().parse::<f64>());
        let wanted = weight.is_ok_and(|weight| weight > 0.0);
        match coding.trim() {
            coding if coding.eq_ignore_ascii_case("gzip") => return wanted,
            "*" => any = wanted,
            _ => {}
        }
    }
    any
}

#[cfg(test)]
mod tests;
