//! What the program logs, to standard error.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// The variable with filters in the form of `tracing`, such as `scorelet_host=debug`.
const LOG_VARIABLE: &str = "SCORELET_LOG";

/// Starts logging: 0 is warnings only, 1 what goes on, 2 and more detail.
pub(crate) fn start(verbosity: u8) {
    let level = match verbosity {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let fallback = format!("warn,scorelet_host={level},scorelet={level}");
    let filter = EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| EnvFilter::new(fallback));
    let colour = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr).with_ansi(colour).with_target(false).init();
}
