//! Compiled policies kept for the next run, and instances without a pool.

use std::fs;
use std::path::Path;

use scorelet_tests::program::{Finished, Folder, Program};

use super::{folder, least_loaded};

const SCORE: [&str; 6] = ["score", "policy.wasm", "--pod", "pod.yaml", "--metrics", "watcher.json"];

/// Runs it in a folder, and gives what it says about a ranking that it printed.
fn score(folder: &Folder, more: &[&str], variable: Option<(&str, &Path)>) -> String {
    let program = Program::new(SCORE.iter().chain(more)).in_folder(folder.path());
    ranked(match variable {
        Some((name, value)) => program.with_variable(name, value.to_str().unwrap()).run(),
        None => program.run(),
    })
}

fn ranked(finished: Finished) -> String {
    let Finished { code, stdout, stderr } = finished;
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("1  node-a"), "{stdout}");
    stderr
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

#[test]
fn compiled_code_is_kept_where_it_is_wanted() {
    let folder = folder(&least_loaded());
    let [kept, of_variable, home] = ["kept", "of-variable", "home"].map(|name| folder.path().join(name));
    for _ in 0..2 {
        assert_eq!(score(&folder, &["--cache", "kept"], None), "");
        assert_eq!(files(&kept), 1);
    }
    assert_eq!(score(&folder, &[], Some(("SCORELET_CACHE", &of_variable))), "");
    assert_eq!(files(&of_variable), 1);
    assert_eq!(score(&folder, &["--no-cache"], Some(("XDG_CACHE_HOME", &home))), "");
    assert_eq!(files(&home), 0);
    assert_eq!(score(&folder, &[], Some(("XDG_CACHE_HOME", &home))), "");
    assert_eq!(files(&home.join("scorelet")), 1);
}

#[test]
fn damaged_code_is_said_and_compiled_anew() {
    let folder = folder(&least_loaded());
    assert_eq!(score(&folder, &["--cache", "kept"], None), "");
    for entry in fs::read_dir(folder.path().join("kept")).unwrap() {
        fs::write(entry.unwrap().path(), "damaged").unwrap();
    }
    let said = score(&folder, &["--cache", "kept"], None);
    assert!(said.contains("WARN") && said.contains("it is damaged"), "{said}");
}

#[test]
fn without_address_space_for_a_pool_it_goes_on_and_says_so() {
    let folder = folder(&least_loaded());
    // Room for a few memories of 4 GiB, and not for the pool's.
    let said = ranked(Program::new(SCORE).in_folder(folder.path()).with_address_space(64 << 30).run());
    assert!(said.contains("WARN") && said.contains("the pool of instances cannot be reserved"), "{said}");
}
