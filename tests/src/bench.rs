//! What benchmarks share: how large they are, and where they leave what no clock tells.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Whether to measure: `cargo bench` says so. `cargo test` runs each benchmark once and small, so that none rots.
#[must_use]
pub fn is_measuring() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// A number of nodes or rounds, or a hundredth of it where nothing is measured.
#[must_use]
pub fn scaled(number: u32) -> u32 {
    if is_measuring() { number } else { number.div_ceil(100) }
}

/// The folder of results, beside that of the benchmarks which are timed.
#[must_use]
pub fn results() -> PathBuf {
    target().join("performance")
}

/// The folder of everything that is built.
#[must_use]
pub fn target() -> PathBuf {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(default, PathBuf::from)
}

/// Keeps results under a name, where they were measured, and shows them.
///
/// # Panics
/// When they cannot be written.
#[allow(clippy::print_stdout, reason = "a benchmark is run by a person")]
pub fn keep(name: &str, results: &Value) {
    println!("{name}: {results:#}");
    if is_measuring() {
        let folder = self::results();
        fs::create_dir_all(&folder).expect("the folder of results can be made");
        fs::write(folder.join(name).with_extension("json"), results.to_string()).expect("results can be kept");
    }
}

/// Bytes of memory in use by this process; nothing where the system does not say.
#[must_use]
pub fn resident() -> Option<u64> {
    status("VmRSS")
}

/// The most bytes of memory that were in use during some work, and what came of it; nothing where the system does not say.
pub fn peak_during<T>(work: impl FnOnce() -> T) -> (Option<u64>, T) {
    // Makes Linux forget the peak so far.
    let forgotten = fs::write("/proc/self/clear_refs", "5").is_ok();
    let outcome = work();
    (status("VmHWM").filter(|_| forgotten), outcome)
}

fn status(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kibibytes| kibibytes << 10)
}
