//! Small files that options name: read whole, but never without a bound.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// The content of a regular file of at most `max_bytes` bytes.
pub(super) fn read(path: &Path, max_bytes: u64) -> Result<Vec<u8>> {
    // Opening a pipe would wait for its writer.
    if !path.metadata()?.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut content = Vec::new();
    File::open(path)?.take(max_bytes.saturating_add(1)).read_to_end(&mut content)?;
    if u64::try_from(content.len()).is_ok_and(|length| length <= max_bytes) {
        Ok(content)
    } else {
        Err(Error::new(ErrorKind::FileTooLarge, format!("it is larger than {max_bytes} bytes")))
    }
}
