//! Filling in templates, and writing a project so that it is there as a whole or not at all.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::Context;

use crate::cli::exit::Failure;

/// A text with `{{name}}` replaced by the value of that name. Values may have names of later ones in them.
///
/// That is all that the templates need: none of them has a condition or a loop, so no template engine is.
pub(super) fn filled(text: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

/// Writes files with paths below a folder that is not there, or empty.
///
/// They are written beside it and moved to their place together, so that a failure leaves nothing half-made.
pub(super) fn write(folder: &Path, files: &[(&str, String)]) -> Result<(), Failure> {
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = tempfile::Builder::new()
        .prefix(".scorelet-new-")
        .tempdir_in(parent)
        .with_context(|| format!("cannot make a folder in {}", parent.display()))
        .map_err(Failure::input_output)?;
    for (path, text) in files {
        write_file(&beside.path().join(path), text)
            .with_context(|| format!("cannot write {path} of {}", folder.display()))
            .map_err(Failure::input_output)?;
    }
    fs::rename(beside.path(), folder)
        .with_context(|| format!("cannot make {}", folder.display()))
        .map_err(Failure::input_output)?;
    // It has moved, so there is nothing to remove where it was.
    let _ = beside.keep();
    Ok(())
}

fn write_file(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
