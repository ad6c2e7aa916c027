//! Files that are handed in: read whole, with failures that name them.

use std::fs::File;
use std::io::{self, Read, stdin};
use std::path::Path;

use anyhow::{Context, anyhow};
use serde::de::IgnoredAny;

use super::exit::Failure;

/// The path that stands for standard input, as in most programs.
const STANDARD_INPUT: &str = "-";

/// The largest file that is read, in bytes: 1 GiB, three times the answer of a load monitor with 100,000 nodes. Without a
/// limit a device file given by mistake would fill the memory.
const MAX_BYTES: u64 = 1 << 30;

/// Whether a path stands for standard input.
pub(super) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == STANDARD_INPUT
}

/// What to call a file in messages.
pub(super) fn name(path: &Path) -> String {
    if is_standard_input(path) { "standard input".to_owned() } else { path.display().to_string() }
}

/// Reads a file, or standard input for `-`.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if !is_standard_input(path) && path.is_dir() {
        return Err(Failure::bad_input(anyhow!("{} is a directory; name a file", path.display())));
    }
    let bytes =
        if is_standard_input(path) { read_limited(stdin().lock()) } else { File::open(path).and_then(read_limited) };
    let bytes = bytes.with_context(|| format!("cannot read {}", name(path))).map_err(Failure::input_output)?;
    match u64::try_from(bytes.len()) {
        Ok(..=MAX_BYTES) => Ok(bytes),
        _ => Err(Failure::bad_input(anyhow!("{} is larger than {MAX_BYTES} bytes", name(path)))),
    }
}

/// Reads a text file, or standard input for `-`.
pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?)
        .with_context(|| format!("{} is not UTF-8 text", name(path)))
        .map_err(Failure::bad_input)
}

/// Settings as they go to the policy, known to be JSON unless there are none.
pub(super) fn read_settings(argument: &str) -> Result<String, Failure> {
    let (text, origin) = match argument.strip_prefix('@') {
        Some(file) => (read_text(Path::new(file))?, file),
        None => (argument.to_owned(), "--settings"),
    };
    let text = text.trim();
    if !text.is_empty() {
        serde_json::from_str::<IgnoredAny>(text).map_err(|failure| {
            Failure::bad_input(anyhow!("{origin} is not JSON: {failure}; write it as in '{{\"margin\": 1.5}}'"))
        })?;
    }
    Ok(text.to_owned())
}

/// Reads one byte more than is allowed, which is enough to know that there is too much.
fn read_limited(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
