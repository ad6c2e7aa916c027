//! The facade of the crate `log`, in front of the host's log.

use log::{LevelFilter, Log, Metadata, Record};

use crate::backend;

/// Lines below it are not even formatted. A line per node and metric fits neither the time nor the log that a host
/// grants, so finer levels are for the policy to ask for.
const DEFAULT_MAX_LEVEL: LevelFilter = LevelFilter::Info;

struct HostLog;

/// Sends log lines to the host, unless somebody else already takes them (a test).
pub(crate) fn install() {
    if log::set_logger(&HostLog).is_ok() {
        log::set_max_level(DEFAULT_MAX_LEVEL);
    }
}

impl Log for HostLog {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        match record.args().as_str() {
            Some(message) => backend::log(record.level(), message),
            None => backend::log(record.level(), &record.args().to_string()),
        }
    }

    fn flush(&self) {}
}
