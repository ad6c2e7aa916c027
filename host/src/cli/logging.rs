//! What the program logs, to standard error.

use std::env::VarError;
use std::io::stderr;

use tracing_subscriber::EnvFilter;

use super::output::takes_colour;

/// The variable with filters in the form of `tracing`, such as `scorelet_host=debug`.
const LOG_VARIABLE: &str = "SCORELET_LOG";

/// Starts logging: 0 is warnings only, 1 what goes on, 2 and more detail. Times are for verbs that stay.
pub(crate) fn start(verbosity: u8, with_times: bool) {
    let level = match verbosity {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let usual = || EnvFilter::new(format!("warn,scorelet_host={level},scorelet={level}"));
    let (filter, problem) = match std::env::var(LOG_VARIABLE) {
        Ok(filters) if !filters.is_empty() => match EnvFilter::try_new(filters) {
            Ok(filter) => (filter, None),
            Err(failure) => (usual(), Some(failure.to_string())),
        },
        Ok(_) | Err(VarError::NotPresent) => (usual(), None),
        Err(failure @ VarError::NotUnicode(_)) => (usual(), Some(failure.to_string())),
    };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(takes_colour(&stderr()))
        .with_target(false)
        // Otherwise a standard error that nobody reads any more would be a panic.
        .log_internal_errors(false);
    if with_times {
        subscriber.init();
    } else {
        subscriber.without_time().init();
    }
    if let Some(problem) = problem {
        tracing::warn!(
            "{LOG_VARIABLE} is not a filter, and does not count: {problem}; write one such as scorelet_host=debug"
        );
    }
}
