//! How the program ends: documented exit codes, and errors that say what, where and what to do.

use std::fmt;
use std::process::ExitCode;

use scorelet_host::monitor::{MonitorError, MonitorErrorKind};
use scorelet_host::policy::{PolicyError, PolicyErrorKind};

/// The part of `--help` that documents the codes. The numbers above 2 are those of BSD's sysexits.
pub(crate) const HELP: &str = "\
Exit codes:
  0   done
  1   `query valid`: the data is not valid; `inspect`: this host cannot run the policy
  2   wrong use of the command line
  65  bad input: a file, a manifest, a policy or its settings
  69  the load monitor cannot be reached, or has no data
  70  the evaluation failed, or the program itself did
  74  a file could not be read or written, or an address not be listened on";

/// Why the program ends without having done what it was asked to.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    kind: &'static str,
    error: anyhow::Error,
}

impl Failure {
    fn new(code: u8, kind: &'static str, error: anyhow::Error) -> Self {
        Self { code, kind, error }
    }

    /// Something that was handed in is wrong.
    pub(crate) fn bad_input(error: anyhow::Error) -> Self {
        Self::new(65, "bad-input", error)
    }

    /// The load monitor gave no usable answer.
    pub(crate) fn unavailable(error: anyhow::Error) -> Self {
        Self::new(69, "monitor-unavailable", error)
    }

    /// The operating system refused a file or an address.
    pub(crate) fn input_output(error: anyhow::Error) -> Self {
        Self::new(74, "input-output", error)
    }

    /// A defect of the program or its surroundings.
    pub(crate) fn internal(error: anyhow::Error) -> Self {
        Self::new(70, "internal", error)
    }

    /// Puts what was being done before the words.
    pub(crate) fn context(mut self, context: impl fmt::Display + Send + Sync + 'static) -> Self {
        self.error = self.error.context(context);
        self
    }

    /// The stable name of the class, as in JSON.
    pub(crate) fn kind(&self) -> &'static str {
        self.kind
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#}", self.error)
    }
}

impl From<PolicyError> for Failure {
    fn from(failure: PolicyError) -> Self {
        let code = match failure.kind() {
            PolicyErrorKind::Incompatible | PolicyErrorKind::TooLarge | PolicyErrorKind::NotWasm => 65,
            _ => 70,
        };
        Self::new(code, failure.kind().as_str(), failure.into())
    }
}

impl From<MonitorError> for Failure {
    fn from(failure: MonitorError) -> Self {
        match failure.kind() {
            MonitorErrorKind::Configuration => Self::bad_input(failure.into()),
            _ => Self::unavailable(failure.into()),
        }
    }
}

/// Writes a failure to standard error, and tells the code to end with.
#[expect(clippy::print_stderr, reason = "this is the program's way to say what went wrong")]
pub(crate) fn report(failure: &Failure) -> ExitCode {
    eprintln!("error: {failure}");
    ExitCode::from(failure.code)
}
