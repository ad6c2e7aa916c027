//! Rules about the source itself: who may know whom, and what every file has.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Rust files of the workspace, as paths from its root, with their text.
fn sources() -> Vec<(String, String)> {
    let mut sources = Vec::new();
    for folder in ["host", "guest", "tests", "examples"] {
        collect(&root().join(folder), &mut sources);
    }
    assert!(sources.len() > 50, "the sources were not found");
    sources
}

fn collect(folder: &Path, sources: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
            collect(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            sources.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Lines of code: what a comment or a document says may name anything.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"))
}

#[test]
fn every_file_begins_with_its_purpose() {
    for (name, text) in sources() {
        assert!(text.starts_with("//! "), "{name} does not begin with a line of `//!`");
    }
}

#[test]
fn one_module_owns_each_big_dependency() {
    for (dependency, owner) in [
        ("wasmtime", "host/src/policy/"),
        ("wit_component", "host/src/policy/"),
        ("reqwest", "host/src/monitor/http"),
        ("rustls", "host/src/monitor/http"),
        ("arc_swap", "host/src/store.rs"),
        ("backon", "host/src/collector/attempt.rs"),
        ("clap", "host/src/cli/"),
        ("comfy_table", "host/src/cli/"),
        ("anyhow", "host/src/cli/"),
        ("tracing_subscriber", "host/src/cli/"),
        ("axum", "host/src/simulator/"),
        ("k8s_openapi", "host/src/kubernetes/"),
        ("serde_saphyr", "host/src/kubernetes/"),
    ] {
        // Test cases are in YAML, as manifests are.
        let also = (dependency == "serde_saphyr").then_some("host/src/cli/test/");
        for (name, text) in sources() {
            let owned = [Some(owner), also].into_iter().flatten().any(|owner| name.starts_with(owner));
            let free = owned || !name.starts_with("host/src/") || name == "host/src/main.rs";
            let used = code(&text).any(|line| line.contains(&format!("{dependency}::")));
            assert!(free || !used, "{name} knows {dependency}, which belongs to {owner}");
        }
    }
}

#[test]
fn data_flows_one_way() {
    for (room, strangers) in [
        ("host/src/snapshot/", &["store", "monitor", "collector", "policy", "cli", "scheduling", "clock"][..]),
        ("host/src/scheduling.rs", &["store", "monitor", "collector", "policy", "cli", "snapshot"]),
        ("host/src/store.rs", &["monitor", "collector", "policy", "cli", "scheduling"]),
        ("host/src/monitor/", &["store", "collector", "policy", "cli", "scheduling"]),
        ("host/src/collector/", &["policy", "cli", "scheduling"]),
        ("host/src/policy/", &["monitor", "collector", "cli", "kubernetes", "simulator"]),
        ("host/src/kubernetes/", &["store", "monitor", "collector", "policy", "cli", "snapshot"]),
        ("host/src/simulator/", &["store", "collector", "policy", "cli", "scheduling"]),
    ] {
        for (name, text) in sources().into_iter().filter(|(name, _)| name.starts_with(room) && !is_test(name)) {
            for stranger in strangers {
                let path = format!("crate::{stranger}::");
                assert!(!code(&text).any(|line| line.contains(&path)), "{name} knows {stranger}");
            }
        }
    }
}

#[test]
fn snapshots_need_nothing_but_the_standard_library() {
    for (name, text) in sources().into_iter().filter(|(name, _)| name.starts_with("host/src/snapshot/")) {
        for line in code(&text).filter(|line| line.starts_with("use ") && !is_test(&name)) {
            let allowed = ["use std::", "use super::", "use crate::snapshot", "use self::"];
            assert!(allowed.iter().any(|path| line.starts_with(path)), "{name}: {line}");
        }
    }
}

#[test]
fn guest_and_host_meet_only_in_wit() {
    for (name, text) in sources() {
        if name.starts_with("host/") {
            assert!(!text.contains("scorelet_guest"), "{name} knows the guest");
        }
        if name.starts_with("guest/") || name.starts_with("examples/policies/") || name.starts_with("tests/guests/") {
            assert!(!text.contains("scorelet_host"), "{name} knows the host");
        }
    }
}

#[test]
fn examples_in_documents_are_compiled() {
    let forbidden = ["```", "ignore"].concat();
    for (name, text) in sources() {
        assert!(!text.contains(&forbidden), "{name} has an example that nothing checks");
    }
}

#[test]
fn the_program_starts_in_one_screen() {
    let text = fs::read_to_string(root().join("host/src/main.rs")).unwrap();
    assert!(text.lines().count() <= 120);
}

#[test]
fn no_compiled_policy_is_committed() {
    fn wasm(folder: &Path) -> Option<PathBuf> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).find_map(|path| {
            if path.is_dir() { wasm(&path) } else { path.extension().is_some_and(|e| e == "wasm").then_some(path) }
        })
    }
    for folder in ["examples", "guest", "host", "tests", "wit"] {
        assert_eq!(wasm(&root().join(folder)), None);
    }
}

fn is_test(name: &str) -> bool {
    name.ends_with("/tests.rs") || name.contains("/tests/")
}
