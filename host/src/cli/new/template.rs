//! Filling in templates, and writing a project so that it is there as a whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cli::exit::Failure;

/// A text with `{{name}}` replaced by the value of that name. Values may have names of later ones in them.
///
/// That is all that the templates need: none of them has a condition or a loop, so no template engine is.
pub(super) fn filled(text: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

/// Writes files with paths below a folder that is empty, or is made with its parents. A failure leaves none of the files, and
/// nothing that is there is ever replaced.
pub(super) fn write(folder: &Path, files: &[(&str, String)]) -> Result<(), Failure> {
    let is_new = !folder.exists();
    if is_new {
        make(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))
            .map_err(Failure::input_output)?;
    }
    let mut written = Vec::new();
    let outcome: anyhow::Result<()> = files.iter().try_for_each(|(path, text)| {
        let path = folder.join(path);
        write_new(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        written.push(path);
        Ok(())
    });
    if outcome.is_err() {
        take_back(folder, &written);
        if is_new {
            // There is a failure to be told already.
            let _ = fs::remove_dir_all(folder);
        }
    }
    outcome.map_err(Failure::input_output)
}

/// Makes a folder that is not there yet.
fn make(folder: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::create_dir(folder)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let written = File::create_new(path)?.write_all(text.as_bytes());
    if written.is_err() {
        // It tells why already.
        let _ = fs::remove_file(path);
    }
    written
}

/// Removes files, and the folders below this one that are empty then. There is a failure to be told already.
fn take_back(folder: &Path, written: &[PathBuf]) {
    for path in written {
        let _ = fs::remove_file(path);
    }
    for path in written {
        for made in path.ancestors().skip(1).take_while(|made| *made != folder) {
            let _ = fs::remove_dir(made);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_finished_is_taken_back() {
        let place = tempfile::tempdir().unwrap();
        let files = ["a", "b/c", "b/d/e", "b"].map(|path| (path, "text".to_owned()));
        for folder in [place.path().join("new/one"), place.path().join("empty")] {
            let is_new = folder.ends_with("one");
            if !is_new {
                fs::create_dir(&folder).unwrap();
            }
            // Its last one is a folder by then.
            let failure = write(&folder, &files).unwrap_err().to_string();
            assert!(failure.starts_with(&format!("cannot write {}: ", folder.join("b").display())), "{failure}");
            assert_eq!(folder.exists(), !is_new);
            assert!(is_new || fs::read_dir(&folder).unwrap().next().is_none());
        }
    }
}
