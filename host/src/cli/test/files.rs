//! Which files of test cases a command line means.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use crate::cli::exit::Failure;
use crate::cli::input;
use crate::cli::output::listed;

/// Folders in which nobody writes test cases, and many programs leave copies of files.
const SKIPPED: [&str; 2] = ["target", "node_modules"];

/// All files that paths name, each once, sorted: files themselves, and of folders the test cases in them and below.
pub(super) fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = BTreeSet::new();
    for path in paths {
        if input::is_standard_input(path) {
            let words = "test cases name files beside them, so they cannot come from standard input; name a file";
            return Err(Failure::usage(anyhow!(words)));
        }
        if path.is_dir() {
            collect(path, &mut files)?;
        } else {
            files.insert(path.clone());
        }
    }
    if files.is_empty() {
        let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Failure::bad_input(anyhow!(
            "there are no test cases in {}: they are in files named cases.yaml, cases.yml or NAME.cases.yaml",
            listed(paths.iter().map(String::as_str))
        )));
    }
    Ok(files.into_iter().collect())
}

/// Symbolic links are not followed: they could lead in a circle.
fn collect(folder: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), Failure> {
    let cannot_read = || format!("cannot read the folder {}", folder.display());
    for entry in fs::read_dir(folder).with_context(cannot_read).map_err(Failure::input_output)? {
        let entry = entry.with_context(cannot_read).map_err(Failure::input_output)?;
        let kind = entry.file_type().with_context(cannot_read).map_err(Failure::input_output)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Of the folder that was named, whatever its path is called: `.` is one.
        let path = if folder == Path::new(".") { PathBuf::from(entry.file_name()) } else { entry.path() };
        if kind.is_dir() && !name.starts_with('.') && !SKIPPED.contains(&&*name) {
            collect(&path, files)?;
        } else if kind.is_file() && has_cases(&name) {
            files.insert(path);
        }
    }
    Ok(())
}

fn has_cases(name: &str) -> bool {
    name == "cases.yaml" || name == "cases.yml" || name.ends_with(".cases.yaml")
}
