//! The hostile corpus: each attack ends in its class, and leaves the engine able to score the next policy.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use scorelet_host::policy::{Limits, LoadOptions, PolicyErrorKind, Ticking, Wasi, inspect};
use scorelet_tests::engine;
use scorelet_tests::hostile::{Sandbox, corpus};
use scorelet_tests::wat_policy::policy_with;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("wat")
}

#[test]
fn every_attack_ends_in_its_class_and_leaves_the_engine_unharmed() {
    let sandbox = Sandbox::new(Limits::default(), Ticking::Manual);
    let mut problems = Vec::new();
    for case in corpus() {
        for file in &case.files {
            // Twice: what the first evaluation left behind must not matter to the second.
            let outcome = sandbox.run(case, file, 2);
            problems.extend(sandbox.problems(case, &outcome));
        }
        if !sandbox.is_unharmed() {
            problems.push(format!("{}: after it, a harmless policy does not score any more", case.name));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_attack_has_its_line_in_the_readme() {
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    let mut lines = readme.lines().filter(|line| line.starts_with("| `"));
    for case in corpus() {
        let line = format!("| `{}` | {} | {} |", case.name, case.attack, case.ends);
        assert_eq!(lines.next(), Some(line.as_str()), "tests/wat/README.md has the lines of the corpus in its order");
    }
    assert_eq!(lines.next(), None, "it has a line without an attack");
}

#[test]
fn every_file_is_an_attack_and_no_two_have_one_name() {
    let names: Vec<&str> = corpus().iter().map(|case| case.name).collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), distinct.len());
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "wat") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(distinct.contains(name), "{name} is not in the corpus");
        }
    }
}

#[test]
fn rounds_of_all_attacks_leave_neither_memory_nor_files_behind() {
    // In a process of its own, whose allocator gives back at once what is freed: see the Makefile.
    let run = Command::new(env!("CARGO_BIN_EXE_hostile"))
        .args(["12", "by-hand"])
        .env("MALLOC_ARENA_MAX", "1")
        .env("MALLOC_MMAP_THRESHOLD_", "131072")
        .output()
        .unwrap();
    let (output, errors) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{output}{errors}");
}

#[test]
fn a_policy_truncated_at_every_byte_is_refused() {
    let file = policy_with("");
    let engine = engine::ticked_by_hand(Limits::default());
    for length in 0..file.len() {
        let failure = engine.load(&file[..length], LoadOptions::default()).unwrap_err();
        let expected = [PolicyErrorKind::NotWasm, PolicyErrorKind::Incompatible];
        assert!(expected.contains(&failure.kind()), "{length}: {failure:?}");
    }
}

#[test]
fn a_policy_with_any_byte_changed_is_refused_or_harmless() {
    let file = policy_with("");
    for place in 0..file.len() {
        let mut changed = file.clone();
        changed[place] ^= 0x01;
        // Either is right; what matters is that it comes back.
        let _ = inspect(&changed, Limits::default().module_bytes, Wasi::Inert);
    }
}
