//! Files that attack the host before any of their code runs.

use std::fmt::Write as _;

use scorelet_host::policy::{Limits, LoadOptions, PolicyError, PolicyErrorKind, inspect};
use scorelet_tests::engine;
use scorelet_tests::wat_policy::{OK, policy};

fn harmless() -> Vec<u8> {
    policy(OK, "(call $scores (i32.const 0) (i32.const 0))", "")
}

/// What both ways to look at a file say; they agree.
fn refusal(file: &[u8]) -> PolicyError {
    let engine = engine::ticked_by_hand(Limits::default());
    let loaded = engine.load(file, LoadOptions::default()).unwrap_err();
    match inspect(file, Limits::default().module_bytes) {
        Ok(inspection) => assert_eq!(inspection.problems.join("; "), loaded.message()),
        Err(failure) => assert_eq!(failure.message(), loaded.message()),
    }
    loaded
}

/// Replaces bytes by as many others, as often as they occur.
fn replaced(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut file = file.to_vec();
    let mut found = 0;
    for start in 0..file.len().saturating_sub(from.len()) {
        if file[start..].starts_with(from.as_bytes()) {
            file[start..start + to.len()].copy_from_slice(to.as_bytes());
            found += 1;
        }
    }
    assert!(found > 0, "{from} is not in the file");
    file
}

#[test]
fn the_harmless_one_loads() {
    let engine = engine::ticked_by_hand(Limits::default());
    engine.load(&harmless(), LoadOptions::default()).unwrap();
}

#[test]
fn packages_that_depend_on_each_other_do_not_overflow_the_stack() {
    let file = replaced(&harmless(), "scorelet:policy/scorer", "scorelet:polacy/scorer");
    let failure = refusal(&file);
    assert_eq!(failure.kind(), PolicyErrorKind::Incompatible);
    let message = "it does not export scorelet:policy/scorer@0.1.0, so it is not a scoring policy; it exports \
                   scorelet:polacy/scorer@0.1.0";
    assert_eq!(failure.message(), message);
}

#[test]
fn a_newer_contract_is_named() {
    let file = replaced(&harmless(), "@0.1.0", "@0.2.0");
    let failure = refusal(&file);
    assert_eq!(failure.kind(), PolicyErrorKind::Incompatible);
    let message = "it was built for scorelet:policy@0.2.0 and imports its collector, logging, scheduling and 1 more; \
                   this host offers scorelet:policy@0.1.0; it exports scorelet:policy/scorer@0.2.0; this host calls \
                   scorelet:policy/scorer@0.1.0";
    assert_eq!(failure.message(), message);
}

/// A nest of components, each of which instantiates the one before it so many times.
fn nest(levels: usize, times: usize) -> Vec<u8> {
    let mut text = "(component (component $c0)".to_owned();
    for level in 1..levels {
        let inner = level - 1;
        let instances = "(instance (instantiate $inner))".repeat(times);
        let _ = write!(text, "(component $c{level} (alias outer 1 $c{inner} (component $inner)) {instances})");
    }
    let _ = write!(text, "(instance (instantiate $c{})))", levels - 1);
    wat::parse_str(text).unwrap()
}

#[test]
fn instantiations_do_not_multiply() {
    for (levels, times, message) in [
        (24, 2, "it cannot be read: it has 24 components inside; 8 are allowed"),
        // Few components, and two million instances.
        (8, 8, "it cannot be read: it has 57 instantiations of components inside; 16 are allowed"),
    ] {
        let failure = refusal(&nest(levels, times));
        assert_eq!(failure.kind(), PolicyErrorKind::Incompatible);
        assert_eq!(failure.message(), message);
    }
}

#[test]
fn deeply_nested_types_do_not_overflow_the_stack() {
    // A component whose type section is nothing but the beginnings of component types.
    let depth = 1_000_000_u32;
    let mut section = vec![1];
    for _ in 0..depth {
        section.extend([0x41, 1, 1]);
    }
    let mut file = b"\0asm\x0d\0\x01\0\x07".to_vec();
    let mut size = u32::try_from(section.len()).unwrap();
    while size >= 0x80 {
        file.push(u8::try_from(size & 0x7f).unwrap() | 0x80);
        size >>= 7;
    }
    file.push(u8::try_from(size).unwrap());
    file.extend(section);
    assert_eq!(refusal(&file).kind(), PolicyErrorKind::Incompatible);
}

#[test]
fn terminal_sequences_in_names_are_escaped() {
    let text = r#"(component (import "a:b/c" (instance)) (core module (import "\1b[2J" "x" (func))) (core instance (instantiate 0)))"#;
    let file = wat::parse_str(text).unwrap();
    let failure = refusal(&file);
    assert!(!failure.message().contains('\u{1b}'), "{failure:?}");
}

#[test]
fn truncated_at_every_byte() {
    let file = harmless();
    let engine = engine::ticked_by_hand(Limits::default());
    for length in 0..file.len() {
        let failure = engine.load(&file[..length], LoadOptions::default()).unwrap_err();
        let expected = [PolicyErrorKind::NotWasm, PolicyErrorKind::Incompatible];
        assert!(expected.contains(&failure.kind()), "{length}: {failure:?}");
    }
}

#[test]
fn every_byte_changed_is_refused_or_harmless() {
    let file = harmless();
    for place in 0..file.len() {
        let mut changed = file.clone();
        changed[place] ^= 0x01;
        // Either is right; what matters is that it comes back.
        let _ = inspect(&changed, Limits::default().module_bytes);
    }
}
