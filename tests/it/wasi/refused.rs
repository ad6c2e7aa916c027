//! WASI that is switched off, or of another kind than the one on offer.

use scorelet_host::policy::{
    CompiledCache, EngineOptions, Limits, LoadOptions, PolicyEngine, PolicyErrorKind, Wasi, inspect,
};
use scorelet_tests::artifacts;
use scorelet_tests::wat_policy::{OK, component, core_module_of_world, policy_text};

use super::calls::caller;
use super::engine;

/// Why both ways to look at a file refuse it.
fn refusal(file: &[u8], wasi: Wasi) -> String {
    let loaded = engine(Limits::default(), wasi).load(file, LoadOptions::default()).unwrap_err();
    assert_eq!(loaded.kind(), PolicyErrorKind::Incompatible);
    match inspect(file, file.len(), wasi) {
        Ok(inspection) => assert_eq!(inspection.problems.join("; "), loaded.message()),
        Err(failure) => assert_eq!(failure.message(), loaded.message()),
    }
    loaded.message().to_owned()
}

/// A core module of a policy that wants a random number, of this type, from the interface of this version.
fn gambler(version: &str, of_type: &str) -> Vec<u8> {
    let wit = format!(
        "package test:gambler;
        world gambler {{ include scorelet:policy/policy@0.1.0; import wasi:random/random@{version}; }}
        package wasi:random@{version} {{ interface random {{ get-random-u64: func() -> {of_type}; }} }}"
    );
    let core = if of_type == "u64" { "i64" } else { "i32" };
    let import =
        format!(r#"(module (import "wasi:random/random@{version}" "get-random-u64" (func $random (result {core})))"#);
    let text = policy_text(OK, "(drop (call $random)) (i32.const 0)", "").replacen("(module", &import, 1);
    core_module_of_world(&text, &wit, "gambler")
}

#[test]
fn switched_off_it_is_refused_with_advice() {
    let file = component(&gambler("0.2.6", "u64"));
    engine(Limits::default(), Wasi::Inert).load(&file, LoadOptions::default()).unwrap();
    assert_eq!(
        refusal(&file, Wasi::Refused),
        "it imports WASI (wasi:random/random@0.2.6), which is switched off here; build it for wasm32-unknown-unknown, \
         without files, clocks, randomness and the environment"
    );
    assert!(refusal(&caller("", "0.2.6"), Wasi::Refused).contains("wasi:cli/stdout@0.2.6 and 6 more"));
    let ordinary = refusal(&artifacts::read(artifacts::ORDINARY), Wasi::Refused);
    assert!(ordinary.starts_with("it imports WASI (wasi:cli/environment@0.2.6, "), "{ordinary}");
}

#[test]
fn policies_without_it_are_loaded_either_way() {
    let file = artifacts::read(artifacts::LEAST_LOADED);
    for wasi in [Wasi::Inert, Wasi::Refused] {
        engine(Limits::default(), wasi).load(&file, LoadOptions::default()).unwrap();
        assert_eq!(inspect(&file, file.len(), wasi).unwrap().wasi, None);
    }
}

#[test]
fn other_versions_are_refused_and_the_one_on_offer_is_named() {
    for version in ["0.2.0-rc-2023-12-05", "0.3.0", "1.0.0"] {
        let message = format!(
            "it imports WASI (wasi:random/random@{version}); this host offers WASI 0.2, so build it for \
             wasm32-wasip2 or wasm32-unknown-unknown"
        );
        assert_eq!(refusal(&component(&gambler(version, "u64")), Wasi::Inert), message);
    }
}

#[test]
fn core_modules_are_sent_to_become_components() {
    assert_eq!(
        refusal(&gambler("0.2.6", "u64"), Wasi::Inert),
        "it is a core module that imports WASI (wasi:random/random@0.2.6), which this host offers to components only; \
         make a component of it first, or build it for wasm32-wasip2 or wasm32-unknown-unknown"
    );
}

#[test]
fn preview_1_is_refused_with_or_without_a_component_type() {
    let import = r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))"#;
    let text = policy_text(OK, "(call $exit (i32.const 0)) (i32.const 0)", "").replacen("(module", import, 1);
    let embedded =
        core_module_of_world(&text, "package test:old; world old { include scorelet:policy/policy@0.1.0; }", "old");
    for file in [embedded, wat::parse_str(format!("{import})")).unwrap()] {
        for (wasi, targets) in
            [(Wasi::Inert, "wasm32-wasip2 or wasm32-unknown-unknown"), (Wasi::Refused, "wasm32-unknown-unknown")]
        {
            let message = format!(
                "it was built for WASI preview 1 (wasi_snapshot_preview1), which this host does not offer; build it \
                 for {targets}"
            );
            assert_eq!(refusal(&file, wasi), message);
        }
    }
}

#[test]
fn a_function_of_another_type_is_refused_when_it_is_linked() {
    let file = component(&gambler("0.2.6", "u32"));
    let failure = engine(Limits::default(), Wasi::Inert).load(&file, LoadOptions::default()).unwrap_err();
    assert_eq!(failure.kind(), PolicyErrorKind::Incompatible);
    let message = failure.message();
    assert!(message.starts_with("its types differ from those that this host offers: "), "{message}");
    assert!(message.contains("wasi:random/random@0.2.6"), "{message}");
}

#[cfg(unix)]
#[test]
fn code_that_was_kept_by_an_engine_with_it_is_refused_by_one_without() {
    let folder = tempfile::tempdir().unwrap();
    let cache = CompiledCache::in_folder(folder.path().join("kept"));
    let file = component(&gambler("0.2.6", "u64"));
    let load = |wasi| {
        let options = EngineOptions { wasi, cache: Some(cache.clone()), ..EngineOptions::default() };
        PolicyEngine::with_options(options).unwrap().load(&file, LoadOptions::default())
    };
    load(Wasi::Inert).unwrap();
    let refused = load(Wasi::Refused).unwrap_err();
    assert!(refused.message().contains("which is switched off here"), "{refused}");
    assert!(load(Wasi::Inert).unwrap().is_from_cache());
}
