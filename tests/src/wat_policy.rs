//! Policies written as WebAssembly text: small enough to see all that they do.

use wit_component::StringEncoding;
use wit_parser::{Resolve, SourceMap};

/// A core module from text, with the component type of the world `policy` embedded, as toolchains leave it.
///
/// # Panics
/// When the text or the WIT package does not parse.
#[must_use]
pub fn core_module(wat: &str) -> Vec<u8> {
    let mut module = wat::parse_str(wat).expect("the text is WebAssembly");
    let mut sources = SourceMap::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../wit")).expect("wit/ is there") {
        sources.push_file(&entry.expect("wit/ can be listed").path()).expect("a WIT file can be read");
    }
    let mut resolve = Resolve::default();
    let package = resolve.push_group(sources.parse().expect("wit/ parses")).expect("wit/ resolves");
    let world = resolve.select_world(&[package], Some("policy")).expect("wit/ has the world");
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .expect("the component type can be embedded");
    module
}

/// The body of a `configure` that accepts all settings: the address of zeros.
pub const OK: &str = "(i32.const 0)";

/// A policy whose functions have the given bodies. Each body leaves the address of its result on the stack.
///
/// Offered to the bodies: `$scores`, with the parameters address and length, which gives the result of `score` for a list
/// of 64-bit floats in memory; `$log`, with level, address and length; and `$open`, which calls `get-node-all-metrics`
/// and leaves its result at an address.
#[must_use]
pub fn policy(configure: &str, score: &str, extra: &str) -> Vec<u8> {
    core_module(&format!(
        r#"(module
            (import "scorelet:policy/scheduling@0.1.0" "[resource-drop]candidates" (func $drop (param i32)))
            (import "scorelet:policy/collector@0.1.0" "get-node-all-metrics" (func $open (param i32)))
            (import "scorelet:policy/logging@0.1.0" "log" (func $log (param i32 i32 i32)))
            (memory (export "memory") 1)
            (global $free (mut i32) (i32.const 4096))
            (func $scores (param $list i32) (param $length i32) (result i32)
                (i32.store8 (i32.const 16) (i32.const 0))
                (i32.store (i32.const 20) (local.get $list))
                (i32.store (i32.const 24) (local.get $length))
                (i32.const 16))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (global.set $free (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
                (global.get $free)
                (global.set $free (i32.add (global.get $free) (local.get 3))))
            (func (export "scorelet:policy/scorer@0.1.0#configure") (param i32 i32) (result i32)
                {configure})
            (func (export "scorelet:policy/scorer@0.1.0#score") (param i32) (result i32)
                ;; The pod takes 84 bytes; the handle of the candidates follows at the next multiple of 8.
                (call $drop (i32.load offset=88 (local.get 0)))
                {score})
            {extra})"#
    ))
}
