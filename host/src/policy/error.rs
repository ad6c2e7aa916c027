//! Why a policy could not be loaded, or gave no scores.

use std::error::Error;
use std::fmt;

use super::log::LogLine;

/// The classes of failure that a caller may treat differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PolicyErrorKind {
    /// The policy refused to score, in its own words. Show them to the operator.
    Refused,
    /// The policy refused its settings, in its own words. Show them to whoever wrote the settings.
    RefusedSettings,
    /// The scores break the contract: too few, too many, not finite, or outside 0 to 100. The policy has a defect.
    InvalidScores,
    /// The policy did not finish in time, or compiling it did not.
    Deadline,
    /// As many evaluations or compilations as may run at once were running for too long. No fault of this policy; try
    /// again when there is less to do.
    Busy,
    /// The policy used up its fuel.
    OutOfFuel,
    /// The policy wanted more memory or table elements than allowed.
    OutOfMemory,
    /// The policy held more handles than allowed, or passed more to the host in one call. Other limits have kinds of their
    /// own.
    LimitExceeded,
    /// The policy recursed too deeply.
    StackOverflow,
    /// The policy crashed, or passed something to the host that it may not. A panic's message is in the text.
    Trap,
    /// It is WebAssembly, and not a policy that this host can run.
    Incompatible,
    /// The file is larger than allowed.
    TooLarge,
    /// The file is not WebAssembly.
    NotWasm,
    /// The engine was to be made with limits that make no sense.
    InvalidLimits,
    /// The host failed. Worth a report to the maintainers.
    Internal,
}

impl PolicyErrorKind {
    /// The stable name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::RefusedSettings => "refused-settings",
            Self::InvalidScores => "invalid-scores",
            Self::Deadline => "deadline",
            Self::Busy => "busy",
            Self::OutOfFuel => "out-of-fuel",
            Self::OutOfMemory => "out-of-memory",
            Self::LimitExceeded => "limit-exceeded",
            Self::StackOverflow => "stack-overflow",
            Self::Trap => "trap",
            Self::Incompatible => "incompatible",
            Self::TooLarge => "too-large",
            Self::NotWasm => "not-wasm",
            Self::InvalidLimits => "invalid-limits",
            Self::Internal => "internal",
        }
    }
}

/// A policy that could not be loaded, or an evaluation without scores. The engine is as good as before.
pub struct PolicyError {
    // Boxed, so that the scores of the usual case are not moved in the size of a failure.
    failure: Box<Failure>,
}

struct Failure {
    kind: PolicyErrorKind,
    message: String,
    policy: Option<String>,
    digest: Option<String>,
    backtrace: Vec<String>,
    logs: Vec<LogLine>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl PolicyError {
    pub(super) fn new(kind: PolicyErrorKind, message: impl Into<String>) -> Self {
        let failure = Failure {
            kind,
            message: message.into(),
            policy: None,
            digest: None,
            backtrace: Vec::new(),
            logs: Vec::new(),
            source: None,
        };
        Self { failure: Box::new(failure) }
    }

    pub(super) fn of_policy(mut self, name: &str) -> Self {
        self.failure.policy = Some(name.to_owned());
        self
    }

    pub(super) fn of_digest(mut self, digest: &str) -> Self {
        self.failure.digest = Some(digest.to_owned());
        self
    }

    pub(super) fn with_logs(mut self, logs: Vec<LogLine>) -> Self {
        self.failure.logs = logs;
        self
    }

    pub(super) fn with_backtrace(mut self, backtrace: Vec<String>) -> Self {
        self.failure.backtrace = backtrace;
        self
    }

    pub(super) fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.failure.source = Some(source.into());
        self
    }

    /// The class of the failure.
    #[must_use]
    pub fn kind(&self) -> PolicyErrorKind {
        self.failure.kind
    }

    /// What happened, without the policy's name.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.failure.message
    }

    /// The policy's name, once it has one.
    #[must_use]
    pub fn policy(&self) -> Option<&str> {
        self.failure.policy.as_deref()
    }

    /// The SHA-256 of the policy's file, once that was read as a policy.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.failure.digest.as_deref()
    }

    /// Where the policy stood when it crashed: function names, innermost first.
    #[must_use]
    pub fn backtrace(&self) -> &[String] {
        &self.failure.backtrace
    }

    /// What the policy logged before it failed.
    #[must_use]
    pub fn logs(&self) -> &[LogLine] {
        &self.failure.logs
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.policy() {
            Some(policy) => write!(formatter, "policy {policy}: {}", self.message()),
            None => formatter.write_str(self.message()),
        }
    }
}

impl fmt::Debug for PolicyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PolicyError")
            .field("kind", &self.kind())
            .field("policy", &self.policy())
            .field("message", &self.message())
            .field("backtrace", &self.backtrace())
            .finish_non_exhaustive()
    }
}

impl Error for PolicyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.failure.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

/// A number of things, for messages.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
