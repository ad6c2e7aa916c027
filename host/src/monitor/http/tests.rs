//! The HTTP monitor against real sockets on loopback.

mod bodies;
mod connections;
mod credentials;
mod dialects;
mod options;
mod redirects;
mod server;
mod statuses;
mod tls;

use std::env;
use std::process::Command;

use super::{HttpMonitor, HttpMonitorOptions, HttpMonitorOptionsError};
use crate::monitor::{Monitor, MonitorError};

fn monitor(options: HttpMonitorOptions) -> HttpMonitor {
    HttpMonitor::new(options).unwrap()
}

fn problems(options: HttpMonitorOptions) -> HttpMonitorOptionsError {
    HttpMonitor::new(options).unwrap_err()
}

async fn fetch_error(options: HttpMonitorOptions) -> MonitorError {
    monitor(options).fetch().await.unwrap_err()
}

/// Repeats a test in a process of its own with other environment variables, because setting those of this one could
/// disturb other tests. Says whether this already is that process.
fn is_own_process(test: &str, variables: &[(&str, &str)]) -> bool {
    const MARK: &str = "SCORELET_TEST_OWN_PROCESS";
    if env::var_os(MARK).is_some() {
        return true;
    }
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("monitor::http::tests::{test}")])
        .env(MARK, "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
    false
}
