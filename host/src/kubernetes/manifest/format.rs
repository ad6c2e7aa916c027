//! What a format of manifests does: text to values, with the place of whatever is wrong.

use serde::de::{self, DeserializeOwned};

use crate::kubernetes::ManifestError;
use crate::kubernetes::amounts::amount;

/// A format that manifests are written in.
pub(super) trait Format {
    /// A quantity as it stands in the text, checked to be an amount. Numbers keep their digits: neither `0.1` nor
    /// `9007199254740993` passes through a float.
    type Quantity: DeserializeOwned + Into<String>;

    /// Reads every document of a text. There may be none.
    fn parse<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, ManifestError>;
}

/// Refuses what is no amount while its place in the text is still known.
pub(super) fn checked<E: de::Error>(text: String) -> Result<String, E> {
    amount(&text).map_err(E::custom)?;
    Ok(text)
}

/// A path as text, empty for the document itself. A key that is at fault has no name yet, so that its object is named.
pub(super) fn path_text(path: &serde_path_to_error::Path) -> String {
    let text = path.to_string();
    match text.trim_end_matches('?').trim_end_matches('.') {
        named if path.iter().next().is_some() => named.to_owned(),
        _ => String::new(),
    }
}

/// Line and column, both from 1; the parsers say 0 when they do not know.
pub(super) fn position(line: usize, column: usize) -> Option<(u64, u64)> {
    Some((u64::try_from(line).ok().filter(|line| *line > 0)?, u64::try_from(column).ok()?.max(1)))
}
