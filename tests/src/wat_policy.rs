//! Policies written as WebAssembly text: small enough to see all that they do.

use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::{PackageId, Resolve, SourceMap};

/// The version of the contract in `wit/`.
const VERSION: &str = "@0.1.0";

/// A core module from text, with the component type of the world `policy` embedded, as toolchains leave it.
///
/// # Panics
/// When the text or the WIT package does not parse.
#[must_use]
pub fn core_module(wat: &str) -> Vec<u8> {
    let (resolve, package) = contract(VERSION);
    embedded(wat, &resolve, package, "policy")
}

/// Like [`core_module`], for another version of the contract, such as `@0.2.0`, with the same interfaces.
///
/// # Panics
/// When the text or the WIT package does not parse.
#[must_use]
pub fn core_module_of_version(wat: &str, version: &str) -> Vec<u8> {
    let (resolve, package) = contract(version);
    embedded(&wat.replace(VERSION, version), &resolve, package, "policy")
}

/// Like [`core_module`], for a world of the test's own, which may include that of the contract.
///
/// # Panics
/// When a text does not parse.
#[must_use]
pub fn core_module_of_world(wat: &str, wit: &str, world: &str) -> Vec<u8> {
    let (mut resolve, _) = contract(VERSION);
    let package = resolve.push_str("test.wit", wit).expect("the WIT resolves");
    embedded(wat, &resolve, package, world)
}

/// A core module made into a component.
///
/// # Panics
/// When it has no component type, or does not fit it.
#[must_use]
pub fn component(module: &[u8]) -> Vec<u8> {
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true).module(module).expect("the module has a component type");
    encoder.encode().expect("the module fits its component type")
}

fn contract(version: &str) -> (Resolve, PackageId) {
    let mut sources = SourceMap::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../wit")).expect("wit/ is there") {
        let path = entry.expect("wit/ can be listed").path();
        let text = std::fs::read_to_string(&path).expect("a WIT file can be read");
        sources.push(&path, text.replace(VERSION, version));
    }
    let mut resolve = Resolve::default();
    let package = resolve.push_group(sources.parse().expect("wit/ parses")).expect("wit/ resolves");
    (resolve, package)
}

fn embedded(wat: &str, resolve: &Resolve, package: PackageId, world: &str) -> Vec<u8> {
    let mut module = wat::parse_str(wat).expect("the text is WebAssembly");
    let world = resolve.select_world(&[package], Some(world)).expect("the package has the world");
    wit_component::embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8)
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
    core_module(&policy_text(configure, score, extra))
}

/// The text of [`policy`], for worlds of a test's own.
#[must_use]
pub fn policy_text(configure: &str, score: &str, extra: &str) -> String {
    format!(
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
    )
}
