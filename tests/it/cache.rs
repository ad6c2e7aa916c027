//! Compiled code on disk: found again, and never trusted without need.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use scorelet_host::policy::{
    Candidates, CompiledCache, EngineOptions, Evaluation, Limits, LoadOptions, Policy, PolicyEngine, Request, Ticking,
};
use scorelet_host::scheduling::Pod;
use scorelet_host::snapshot::{Freshness, Reading};
use scorelet_tests::log::Log;
use scorelet_tests::wat_policy::{OK, policy};
use tempfile::TempDir;

/// A policy that is different for every number.
fn file(number: u8) -> Vec<u8> {
    policy(OK, &format!("(drop (i32.const {number})) (call $scores (i32.const 0) (i32.const 0))"), "")
}

/// An engine of a process of its own, as far as compiled code goes.
fn engine(cache: CompiledCache, limits: Limits) -> PolicyEngine {
    let ticking = Ticking::Manual;
    PolicyEngine::with_options(EngineOptions { limits, cache: Some(cache), ticking, ..EngineOptions::default() })
        .unwrap()
}

fn load(folder: &Path, file: &[u8]) -> Policy {
    let engine = engine(CompiledCache::in_folder(folder), Limits::default());
    let policy = engine.load(file, LoadOptions::default()).unwrap();
    // Whatever it came from, it works.
    assert!(score(&policy).scores.is_empty());
    policy
}

fn score(policy: &Policy) -> Evaluation {
    let nothing_known = Reading::new(None, None, SystemTime::UNIX_EPOCH, Freshness::default());
    policy.score(&nothing_known, &Request { pod: Pod::default(), candidates: Candidates::new([]) }).unwrap()
}

/// The entries of a cache, in no order.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

/// A folder with one entry, that of `file(1)`.
fn filled() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    assert!(!load(folder.path(), &file(1)).is_from_cache());
    let [entry] = &entries(folder.path())[..] else { panic!("one entry") };
    let entry = entry.clone();
    (folder, entry)
}

/// Loads `file(1)`, which is compiled anew, and gives what was said about it.
fn miss(folder: &Path) -> String {
    let log = Log::capture();
    let policy = load(folder, &file(1));
    let said = log.take().join("\n");
    assert!(!policy.is_from_cache(), "{said}");
    said
}

#[test]
fn code_is_compiled_once_and_found_by_the_next_process() {
    let (folder, _) = filled();
    let log = Log::capture();
    let policy = load(folder.path(), &file(1));
    assert!(policy.is_from_cache());
    assert_eq!(log.take(), Vec::<String>::new());
    let compiled = load(tempfile::tempdir().unwrap().path(), &file(1));
    assert_eq!(policy.inspection(), compiled.inspection());
    assert_eq!(policy.digest(), compiled.digest());
}

#[test]
fn the_folder_is_made_for_this_user_only() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("a/b");
    load(&folder, &file(1));
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    let [entry] = &entries(&folder)[..] else { panic!("one entry") };
    assert_eq!(fs::metadata(entry).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn other_files_and_other_settings_of_the_compiler_are_other_entries() {
    let (folder, _) = filled();
    assert!(!load(folder.path(), &file(2)).is_from_cache());
    let fueled = engine(CompiledCache::in_folder(folder.path()), Limits { fuel: Some(1_000), ..Limits::default() });
    assert!(!fueled.load(&file(1), LoadOptions::default()).unwrap().is_from_cache());
    assert_eq!(entries(folder.path()).len(), 3);
}

#[test]
fn what_is_refused_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(CompiledCache::in_folder(folder.path()), Limits::default());
    engine.load(b"\0asm\x01\0\0\0", LoadOptions::default()).unwrap_err();
    assert_eq!(entries(folder.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_damaged_entry_is_a_miss_and_replaced() {
    let (folder, entry) = filled();
    let whole = fs::read(&entry).unwrap();
    let places = (0..whole.len()).step_by(whole.len() / 50).chain([whole.len() - 1]);
    for place in places {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x01;
        fs::write(&entry, damaged).unwrap();
        let said = miss(folder.path());
        assert!(said.contains("it is damaged") && said.contains("compiled anew"), "{place}: {said}");
        assert!(load(folder.path(), &file(1)).is_from_cache(), "{place}");
    }
}

#[test]
fn a_truncated_or_longer_entry_is_a_miss() {
    let (folder, entry) = filled();
    let whole = fs::read(&entry).unwrap();
    for length in [0, 1, 70, 71, 72, 73, 100, 1_000, whole.len() / 2, whole.len() - 1] {
        fs::write(&entry, &whole[..length]).unwrap();
        assert!(miss(folder.path()).contains("it is damaged"), "{length}");
    }
    fs::write(&entry, [whole.as_slice(), b"\0"].concat()).unwrap();
    assert!(miss(folder.path()).contains("it is damaged"));
}

#[test]
fn the_entry_of_another_policy_is_a_miss() {
    let (folder, entry) = filled();
    load(folder.path(), &file(2));
    let other = entries(folder.path()).into_iter().find(|path| *path != entry).unwrap();
    fs::copy(other, &entry).unwrap();
    assert!(miss(folder.path()).contains("it is another policy's, or another version's"));
}

#[test]
fn an_entry_that_others_can_write_to_is_a_miss() {
    for mode in [0o602, 0o620, 0o666] {
        let (folder, entry) = filled();
        fs::set_permissions(&entry, fs::Permissions::from_mode(mode)).unwrap();
        let said = miss(folder.path());
        assert!(said.contains(&format!("it can be written to by others (mode {mode:03o})")), "{said}");
    }
}

#[test]
fn a_folder_that_others_can_write_to_has_only_misses() {
    let (folder, _) = filled();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let said = miss(folder.path());
    assert!(said.contains("its folder can be written to by others (mode 777)"), "{said}");
    // And nothing is written there either.
    load(folder.path(), &file(2));
    assert_eq!(entries(folder.path()).len(), 1);
}

/// Only root can give a file away, as it happens in containers; for others there is nothing to test.
#[test]
fn an_entry_of_another_user_is_a_miss() {
    let (folder, entry) = filled();
    match chown(&entry, Some(12_345), None) {
        Ok(()) => {
            let said = miss(folder.path());
            assert!(said.contains("it belongs to user 12345"), "{said}");
        }
        Err(refused) => assert_eq!(refused.kind(), std::io::ErrorKind::PermissionDenied),
    }
}

#[test]
fn links_pipes_and_folders_are_misses() {
    let (folder, entry) = filled();
    let moved = folder.path().join("elsewhere");
    fs::rename(&entry, &moved).unwrap();
    symlink(&moved, &entry).unwrap();
    miss(folder.path());

    fs::remove_file(&entry).unwrap();
    assert!(Command::new("mkfifo").arg(&entry).status().unwrap().success());
    assert!(miss(folder.path()).contains("it is not a file"));

    fs::remove_file(&entry).unwrap();
    fs::create_dir(&entry).unwrap();
    assert!(miss(folder.path()).contains("it is not a file"));
}

#[test]
fn a_folder_that_cannot_be_used_costs_only_the_cache() {
    let parent = tempfile::tempdir().unwrap();
    let file_instead = parent.path().join("file");
    fs::write(&file_instead, "").unwrap();
    let said = miss(&file_instead);
    assert!(said.contains("nothing can be kept in"), "{said}");
}

#[test]
fn what_a_process_left_that_ended_while_it_wrote_is_removed() {
    let (folder, _) = filled();
    let [old, new] = [".new-old", ".new-new"].map(|name| folder.path().join(name));
    for path in [&old, &new] {
        fs::write(path, "half of it").unwrap();
    }
    fs::File::open(&old).unwrap().set_modified(SystemTime::now() - Duration::from_hours(2)).unwrap();
    assert!(!load(folder.path(), &file(2)).is_from_cache());
    assert!(!old.exists() && new.exists());
}

#[test]
fn the_oldest_entries_make_room() {
    let (folder, first) = filled();
    let bytes = fs::metadata(&first).unwrap().len();
    fs::File::open(&first).unwrap().set_modified(SystemTime::now() - Duration::from_hours(1)).unwrap();
    // Room for two, more or less.
    let cache = CompiledCache { folder: folder.path().to_owned(), max_bytes: bytes * 5 / 2 };
    for number in [2, 3] {
        engine(cache.clone(), Limits::default()).load(&file(number), LoadOptions::default()).unwrap();
    }
    assert_eq!(entries(folder.path()).len(), 2);
    assert!(!first.exists());
    assert!(load(folder.path(), &file(3)).is_from_cache());
}
