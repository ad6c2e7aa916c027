//! The JSON document of a load monitor, read in one pass straight into columns.
//!
//! Shapes differ between dialects and fields may be missing or `null`; a wrong type costs the entry that it stands in,
//! a number that JSON cannot carry costs that number, and only a document that is not one at all, or has not one
//! well-formed node among those it has, costs the update.

use super::{MonitorError, MonitorErrorKind};
use crate::snapshot::{Defects, Table, Window};

mod document;
mod entries;
mod lenient;
mod numbers;
#[cfg(test)]
mod tests;

/// One answer of a load monitor.
#[derive(Debug)]
pub struct Answer {
    /// When the load monitor made the answer, in Unix seconds of its clock; the window's end when it did not say.
    pub timestamp: i64,
    /// The period of the node metrics. Where the answer does not say when it ends, it ends at `timestamp`.
    pub window: Window,
    /// Where the load monitor has its data from; may be empty.
    pub source: String,
    /// A row per node.
    pub nodes: Table,
    /// A row per label value.
    pub statistics: Table,
    /// What could not be used.
    pub defects: Defects,
}

/// Reads an answer.
///
/// # Errors
/// [`MonitorErrorKind::Malformed`] when the body is cut off, is not JSON (but for bare `NaN` and `Inf`), is JSON of
/// something else than a load monitor, or has nodes and none that is well-formed. The message says where.
pub fn parse(body: &[u8]) -> Result<Answer, MonitorError> {
    let error = match read(body) {
        Ok(answer) => return Ok(answer),
        Err(error) => error,
    };
    // Only now: bodies with numbers that JSON cannot carry are rare, and looking for them costs a pass of its own.
    match numbers::replace_unreadable(body) {
        Some(mended) => read(&mended).map_err(|error| malformed(body, &error)),
        None => Err(malformed(body, &error)),
    }
}

/// The `timestamp` of a body that begins with it, as those of both dialects do; without reading the rest.
///
/// Equal timestamps of two bodies mean that the load monitor has not refreshed since. `None` when the body begins
/// otherwise; that says nothing about the body.
#[must_use]
pub fn leading_timestamp(body: &[u8]) -> Option<i64> {
    document::leading_timestamp(body)
}

fn read(body: &[u8]) -> Result<Answer, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let answer = document::read(&mut deserializer)?;
    deserializer.end()?;
    Ok(answer)
}

fn malformed(body: &[u8], error: &serde_json::Error) -> MonitorError {
    let problem = if body.trim_ascii().is_empty() {
        "the body is empty".to_owned()
    } else if error.is_eof() {
        format!("the body is cut off after {} bytes", body.len())
    } else {
        format!("the body is not a load monitor's document: {error}")
    };
    MonitorError::new(MonitorErrorKind::Malformed, problem)
}
