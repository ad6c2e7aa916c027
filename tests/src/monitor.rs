//! A load monitor in memory, whose answers a test sets.

use std::fmt::{self, Debug};
use std::future::{Future, pending};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use scorelet_host::monitor::{Monitor, MonitorError, MonitorErrorKind};
use tokio::time::{Instant, sleep};

/// A handle on the monitor; clones are the same monitor. It is alive and serves a body until told otherwise.
#[derive(Clone, Debug)]
pub struct MemoryMonitor {
    shared: Arc<Shared>,
}

/// What a call is answered with, from the moment it is made.
#[derive(Clone)]
pub enum Reply<T> {
    /// An answer at once.
    Answer(T),
    /// An answer at once that depends on the time since the monitor was made.
    Computed(Arc<dyn Fn(Duration) -> T + Send + Sync>),
    /// A failure at once, with this message.
    Failure(MonitorErrorKind, String),
    /// No answer, ever.
    Never,
    /// Another reply, after a time.
    After(Duration, Box<Reply<T>>),
    /// A panic: in the call itself, or behind [`Reply::After`] in its future.
    Panic,
}

/// A call, in time since the monitor was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// When it was made.
    pub began: Duration,
    /// When it was answered or given up; `None` while it lasts.
    pub ended: Option<Duration>,
}

#[derive(Debug)]
struct Shared {
    origin: Instant,
    healthy: Mutex<Endpoint<()>>,
    metrics: Mutex<Endpoint<Vec<u8>>>,
}

#[derive(Debug)]
struct Endpoint<T> {
    reply: Reply<T>,
    calls: Vec<Call>,
}

impl MemoryMonitor {
    /// A monitor that is alive and serves one body.
    #[must_use]
    pub fn serving(body: impl Into<Vec<u8>>) -> Self {
        Self::new(Reply::Answer(()), Reply::Answer(body.into()))
    }

    /// A monitor with these replies.
    #[must_use]
    pub fn new(healthy: Reply<()>, metrics: Reply<Vec<u8>>) -> Self {
        crate::log::install();
        let healthy = Mutex::new(Endpoint { reply: healthy, calls: Vec::new() });
        let metrics = Mutex::new(Endpoint { reply: metrics, calls: Vec::new() });
        Self { shared: Arc::new(Shared { origin: Instant::now(), healthy, metrics }) }
    }

    /// Sets what later health checks are answered with.
    pub fn set_health(&self, reply: Reply<()>) {
        locked(&self.shared.healthy).reply = reply;
    }

    /// Sets what later fetches are answered with.
    pub fn set_metrics(&self, reply: Reply<Vec<u8>>) {
        locked(&self.shared.metrics).reply = reply;
    }

    /// Serves this body from now on.
    pub fn serve(&self, body: impl Into<Vec<u8>>) {
        self.set_metrics(Reply::Answer(body.into()));
    }

    /// Fails all later calls in the same way.
    pub fn fail(&self, kind: MonitorErrorKind, message: &str) {
        self.set_health(Reply::failure(kind, message));
        self.set_metrics(Reply::failure(kind, message));
    }

    /// The health checks so far.
    #[must_use]
    pub fn health_calls(&self) -> Vec<Call> {
        locked(&self.shared.healthy).calls.clone()
    }

    /// The fetches so far.
    #[must_use]
    pub fn metrics_calls(&self) -> Vec<Call> {
        locked(&self.shared.metrics).calls.clone()
    }
}

impl Monitor for MemoryMonitor {
    fn healthy(&self) -> impl Future<Output = Result<(), MonitorError>> + Send {
        call(self.shared.origin, &self.shared.healthy)
    }

    fn fetch(&self) -> impl Future<Output = Result<Vec<u8>, MonitorError>> + Send {
        call(self.shared.origin, &self.shared.metrics)
    }
}

impl<T> Reply<T> {
    /// A failure at once.
    #[must_use]
    pub fn failure(kind: MonitorErrorKind, message: impl Into<String>) -> Self {
        Self::Failure(kind, message.into())
    }

    /// An answer made anew for every call, of the time since the monitor was made.
    #[must_use]
    pub fn computed(answer: impl Fn(Duration) -> T + Send + Sync + 'static) -> Self {
        Self::Computed(Arc::new(answer))
    }

    /// This reply, after a time.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        Self::After(delay, Box::new(self))
    }
}

impl<T: Debug> Debug for Reply<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(answer) => formatter.debug_tuple("Answer").field(answer).finish(),
            Self::Computed(_) => formatter.write_str("Computed"),
            Self::Failure(kind, message) => formatter.debug_tuple("Failure").field(kind).field(message).finish(),
            Self::Never => formatter.write_str("Never"),
            Self::After(delay, reply) => formatter.debug_tuple("After").field(delay).field(reply).finish(),
            Self::Panic => formatter.write_str("Panic"),
        }
    }
}

/// Makes a call, which is noted even when its future is never polled or is dropped halfway.
fn call<T: Clone + Send>(
    origin: Instant,
    endpoint: &Mutex<Endpoint<T>>,
) -> impl Future<Output = Result<T, MonitorError>> + Send {
    let (reply, place) = {
        let mut endpoint = locked(endpoint);
        endpoint.calls.push(Call { began: origin.elapsed(), ended: None });
        (endpoint.reply.clone(), endpoint.calls.len() - 1)
    };
    let running = Running { origin, endpoint, place };
    assert!(!matches!(reply, Reply::Panic), "the test wants the call to panic");
    async move {
        let _running = running;
        let mut reply = reply;
        loop {
            reply = match reply {
                Reply::Answer(answer) => return Ok(answer),
                Reply::Computed(answer) => return Ok(answer(origin.elapsed())),
                Reply::Failure(kind, message) => return Err(MonitorError::new(kind, message)),
                Reply::Never => pending().await,
                Reply::Panic => panic!("the test wants the future to panic"),
                Reply::After(delay, then) => {
                    sleep(delay).await;
                    *then
                }
            };
        }
    }
}

/// Notes the end of a call, however it comes.
struct Running<'a, T> {
    origin: Instant,
    endpoint: &'a Mutex<Endpoint<T>>,
    place: usize,
}

impl<T> Drop for Running<'_, T> {
    fn drop(&mut self) {
        if let Some(call) = locked(self.endpoint).calls.get_mut(self.place) {
            call.ended = Some(self.origin.elapsed());
        }
    }
}

/// A panic that the test wants is no reason to stop.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
