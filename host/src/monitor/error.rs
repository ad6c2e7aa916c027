//! Why a load monitor gave no usable answer.

use std::error::Error;

/// The classes of failure that a caller may treat differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MonitorErrorKind {
    /// No connection: refused, name not resolved, TLS refused, connection broken. Worth another try.
    Unreachable,
    /// No complete answer in time. Worth another try.
    Timeout,
    /// An answer that says no: any status other than 200. Statuses of 500 and above are worth another try.
    Status(u16),
    /// A redirect to another origin, which is never followed because credentials would go with it; or a loop of them.
    Redirect,
    /// The body is larger than allowed. Another try would end the same.
    TooLarge,
    /// The body is not the JSON document that a load monitor publishes.
    Malformed,
    /// The monitor was set up with something that cannot work, such as an unreadable token file.
    Configuration,
    /// The implementation of [`super::Monitor`], or the reading of its answer, panicked: a defect in it. The Collector
    /// goes on.
    Panicked,
}

/// A failed call to a load monitor. The message names the address and never a secret.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct MonitorError {
    kind: MonitorErrorKind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl MonitorError {
    /// An error with a message that is complete in itself.
    #[must_use]
    pub fn new(kind: MonitorErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// Adds the cause, which the message must not repeat.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The class of the failure.
    #[must_use]
    pub fn kind(&self) -> MonitorErrorKind {
        self.kind
    }

    /// Whether another try within the same period may succeed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.kind {
            MonitorErrorKind::Unreachable | MonitorErrorKind::Timeout => true,
            MonitorErrorKind::Status(status) => status >= 500 || status == 429,
            _ => false,
        }
    }
}
