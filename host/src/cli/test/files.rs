//! Which files of test cases a command line means.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use crate::cli::exit::Failure;
use crate::cli::input;
use crate::cli::output::listed;

/// Folders in which nobody writes test cases, and many programs leave copies of files.
const SKIPPED: [&str; 2] = ["target", "node_modules"];

/// Files by where they really are, each with the shortest of the paths by which it was found.
#[derive(Default)]
struct Files(BTreeMap<PathBuf, PathBuf>);

/// All files that paths name, each once, sorted: files themselves, and of folders the test cases in them and below.
pub(super) fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Files::default();
    for path in paths {
        if input::is_standard_input(path) {
            let words = "test cases name files beside them, so they cannot come from standard input; name a file";
            return Err(Failure::usage(anyhow!(words)));
        }
        if path.is_dir() {
            files.collect(path)?;
        } else {
            files.insert(path.clone());
        }
    }
    let Files(files) = files;
    if files.is_empty() {
        let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Failure::bad_input(anyhow!(
            "there are no test cases in {}: they are in files named cases.yaml, cases.yml or NAME.cases.yaml",
            listed(paths.iter().map(String::as_str))
        )));
    }
    let mut files: Vec<PathBuf> = files.into_values().collect();
    files.sort();
    Ok(files)
}

impl Files {
    /// Of symbolic links, those to files are followed. Those to folders are not: they could lead in a circle.
    fn collect(&mut self, folder: &Path) -> Result<(), Failure> {
        let cannot_read = || format!("cannot read the folder {}", folder.display());
        for entry in fs::read_dir(folder).with_context(cannot_read).map_err(Failure::input_output)? {
            let entry = entry.with_context(cannot_read).map_err(Failure::input_output)?;
            let kind = entry.file_type().with_context(cannot_read).map_err(Failure::input_output)?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with('.') {
                continue;
            }
            // Of the folder that was named, whatever its path is called: `.` is one.
            let path = if folder == Path::new(".") { PathBuf::from(entry.file_name()) } else { entry.path() };
            // A link that leads nowhere was meant to be one to a file: reading it says so.
            let is_file = kind.is_file() || (kind.is_symlink() && !path.is_dir());
            if kind.is_dir() && !SKIPPED.contains(&&*name) {
                self.collect(&path)?;
            } else if is_file && has_cases(&name) {
                self.insert(path);
            }
        }
        Ok(())
    }

    fn insert(&mut self, path: PathBuf) {
        // What is not there is told when it is read.
        let file = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        match self.0.entry(file) {
            Entry::Vacant(place) => {
                place.insert(path);
            }
            Entry::Occupied(mut place) => {
                let known = place.get_mut();
                if (path.as_os_str().len(), &path) < (known.as_os_str().len(), &*known) {
                    *known = path;
                }
            }
        }
    }
}

fn has_cases(name: &str) -> bool {
    name == "cases.yaml" || name == "cases.yml" || name.ends_with(".cases.yaml")
}
