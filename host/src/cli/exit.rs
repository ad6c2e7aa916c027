//! How the program ends: documented exit codes, and errors that say what, where and what to do.

use std::fmt;
use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use serde::Serialize;

use scorelet_host::monitor::{MonitorError, MonitorErrorKind};
use scorelet_host::policy::{LogLine, PolicyError, PolicyErrorKind};

use super::answers::{self, LogAnswer};
use super::output::{Format, json, visible};

/// The part of `--help` that documents the codes. The numbers above 2 are those of BSD's sysexits.
pub(crate) const HELP: &str = "\
Exit codes:
  0   done
  1   query valid: not valid; test: a case failed; bench: it regressed;
      inspect: this host cannot run the policy
  2   wrong use of the command line
  65  bad input: a file, a manifest, a policy or its settings
  69  the load monitor cannot be reached, or has no data
  70  the evaluation failed, or the program itself did
  74  a file cannot be read or written, or an address not be listened on

Environment:
  LOAD_MONITOR_ADDRESS  the load monitor where there is no --monitor
  SCORELET_LOG          what to log, such as scorelet_host=debug; overrides -v
  NO_COLOR              no colours, unless it is empty";

/// Why the program ends without having done what it was asked to.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    kind: &'static str,
    error: anyhow::Error,
    /// Where a policy stood when it crashed.
    backtrace: Vec<String>,
    /// What a policy logged before it failed.
    logs: Vec<LogLine>,
}

/// A failure as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    error: ErrorAnswer<'a>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    backtrace: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logs: Vec<LogAnswer<'a>>,
}

#[derive(Serialize)]
struct ErrorAnswer<'a> {
    kind: &'a str,
    message: &'a str,
}

impl Failure {
    fn new(code: u8, kind: &'static str, error: anyhow::Error) -> Self {
        Self { code, kind, error, backtrace: Vec::new(), logs: Vec::new() }
    }

    /// The command line asks for something that cannot be.
    pub(crate) fn usage(error: anyhow::Error) -> Self {
        Self::new(2, "usage", error)
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

    /// The program panicked.
    pub(crate) fn defect() -> Self {
        Self::internal(anyhow::anyhow!("a defect of scorelet; please report what -vv says of it"))
    }

    /// A policy that could not be loaded from this file.
    pub(crate) fn unloadable(file: &str, failure: PolicyError) -> Self {
        let message = failure.message().to_owned();
        let failure = Self::from(failure);
        // Without the policy's name, which was made from that of the file.
        let words = failure.error.chain().skip(1).fold(message, |words, cause| format!("{words}: {cause}"));
        Self { error: anyhow::anyhow!("{file}: {words}"), ..failure }
    }

    /// Puts what was being done before the words.
    pub(crate) fn context(mut self, context: impl fmt::Display + Send + Sync + 'static) -> Self {
        self.error = self.error.context(context);
        self
    }

    /// Puts what may help behind the words.
    pub(crate) fn advice(mut self, advice: &str) -> Self {
        self.error = anyhow::anyhow!("{:#}; {advice}", self.error);
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#}", self.error)
    }
}

impl From<PolicyError> for Failure {
    fn from(failure: PolicyError) -> Self {
        let kind = failure.kind();
        let (backtrace, logs) = (failure.backtrace().to_vec(), failure.logs().to_vec());
        Self { backtrace, logs, ..Self::new(code_of(kind), kind.as_str(), failure.into()) }
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

/// Says why the program ends, on standard error and, if JSON is asked for, on standard output too; tells the code to end
/// with.
pub(crate) fn report(failure: &Failure, format: Format) -> ExitCode {
    let message = visible(&failure.to_string()).into_owned();
    let Failure { code, kind, backtrace, logs, .. } = failure;
    if format == Format::Json {
        let error = ErrorAnswer { kind, message: &message };
        if let Ok(text) = json(&Answer { error, backtrace, logs: answers::logs(logs) }) {
            // The failure to be told is this one, and not that nobody reads it.
            let _ = writeln!(stdout(), "{text}");
        }
    } else {
        for line in logs {
            say(&format!("{:<5} {}", line.level.as_str(), line.message));
        }
        for function in backtrace {
            say(&format!("  in {function}"));
        }
    }
    say(&format!("error: {message}"));
    ExitCode::from(*code)
}

/// Says on standard error what should be known about an answer that is given nevertheless.
pub(crate) fn warn(message: &str) {
    say(&format!("warning: {}", visible(message)));
}

/// Says on standard error what goes on.
pub(crate) fn note(message: &str) {
    say(&visible(message));
}

/// Writes a line to standard error. Where nobody listens any more, the exit code has to do.
fn say(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}

fn code_of(kind: PolicyErrorKind) -> u8 {
    match kind {
        PolicyErrorKind::Incompatible
        | PolicyErrorKind::TooLarge
        | PolicyErrorKind::NotWasm
        | PolicyErrorKind::RefusedSettings
        | PolicyErrorKind::InvalidLimits => 65,
        _ => 70,
    }
}
