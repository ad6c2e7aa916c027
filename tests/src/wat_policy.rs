//! Policies written as WebAssembly text: small enough to see all that they do.

use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::{PackageId, Resolve, SourceMap};

/// The version of the contract in `wit/`.
const VERSION: &str = "@0.1.0";

/// The imports of the contract, one a line; each policy gets those that it mentions.
const IMPORTS: &str = include_str!("wat_policy/imports.wat");

const PRELUDE: &str = include_str!("wat_policy/prelude.wat");

/// What a policy gets when it has none of its own: how its own begins, and the field.
const DEFAULTS: [(&str, &str); 5] = [
    ("(memory $memory ", "(memory $memory 1)"),
    // Never frees; asks for more memory as long as there is any.
    (
        "(func $realloc ",
        "(func $realloc (param $old i32) (param $before i32) (param $alignment i32) (param $size i32) (result i32)
            (local $place i32)
            (local.set $place (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
            (global.set $free (i32.add (local.get $place) (local.get $size)))
            (if (i32.gt_u (global.get $free) (i32.shl (memory.size) (i32.const 16)))
                (then (if (i32.eq (i32.const -1) (memory.grow
                        (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1))))
                    (then (unreachable)))))
            (local.get $place))",
    ),
    ("(func $configure ", "(func $configure (param $settings i32) (param $length i32) (result i32) (i32.const 0))"),
    // The worst score for everybody: there are zeros at 2048, for 256 candidates.
    (
        "(func $score ",
        "(func $score (param $pod i32) (param $candidates i32) (result i32)
            (call $scores (i32.const 2048) (call $candidates-len (local.get $candidates))))",
    ),
    (
        "(export \"scorelet:policy/scorer@0.1.0#score\")",
        // The pod takes 116 bytes; the handle of the candidates follows at the next multiple of 8.
        "(func (export \"scorelet:policy/scorer@0.1.0#score\") (param $pod i32) (result i32)
            (local $candidates i32)
            (local.set $candidates (i32.load offset=120 (local.get $pod)))
            (call $score (local.get $pod) (local.get $candidates))
            (call $candidates-drop (local.get $candidates)))",
    ),
];

/// A policy with these fields of a module, as far as it differs from one that gives everybody the worst score.
///
/// It may define `$configure` (with address and length of the settings), `$score` (with the address of the pod, and the
/// handle of the candidates, which is dropped for it) and `$realloc`, each of which returns an address; and `$memory`, in
/// front of all other memories. Offered to them are the functions of `wat_policy/imports.wat` and
/// `wat_policy/prelude.wat`.
///
/// # Panics
/// When the text does not parse.
#[must_use]
pub fn policy_with(fields: &str) -> Vec<u8> {
    core_module(&module_with(fields))
}

/// The text of [`policy_with`], for worlds of a test's own.
#[must_use]
pub fn module_with(fields: &str) -> String {
    let missing = DEFAULTS.iter().filter(|(beginning, _)| !fields.contains(beginning));
    let missing = missing.map(|(_, field)| *field).collect::<Vec<_>>().join("\n");
    let fields = format!("{fields}\n{PRELUDE}\n{missing}");
    let mentioned = |line: &&str| {
        let name = line.split_once("(func ").and_then(|(_, rest)| rest.split_once(" (param"));
        name.is_some_and(|(name, _)| [" ", ")"].iter().any(|end| fields.contains(&format!("(call {name}{end}"))))
    };
    let imports = IMPORTS.lines().filter(mentioned).collect::<Vec<_>>().join("\n");
    format!("(module\n{imports}\n{fields})")
}

/// The body of a `configure` that accepts all settings: the address of zeros.
pub const OK: &str = "(i32.const 0)";

/// A policy whose functions have the given bodies. Each body leaves the address of its result on the stack. Otherwise as
/// [`policy_with`].
#[must_use]
pub fn policy(configure: &str, score: &str, extra: &str) -> Vec<u8> {
    core_module(&policy_text(configure, score, extra))
}

/// The text of [`policy`], for worlds of a test's own.
#[must_use]
pub fn policy_text(configure: &str, score: &str, extra: &str) -> String {
    module_with(&format!(
        "(func $configure (param $settings i32) (param $length i32) (result i32) {configure})
        (func $score (param $pod i32) (param $candidates i32) (result i32) {score})
        {extra}"
    ))
}

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
    let mut module = wat::parse_str(wat).unwrap_or_else(|failure| panic!("{failure}"));
    let world = resolve.select_world(&[package], Some(world)).expect("the package has the world");
    wit_component::embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8)
        .expect("the component type can be embedded");
    module
}

/// A policy that asks for the metrics of a node so many times, and scores nobody but with the worst score.
///
/// # Panics
/// When the name is no text of WebAssembly.
#[must_use]
pub fn asking_for_a_node(name: &str, times: u32) -> Vec<u8> {
    let length = name.len();
    policy_with(&format!(
        r#"(data (i32.const 1024) "{name}")
        (func $score (param $pod i32) (param $candidates i32) (result i32)
            (local $left i32)
            (local.set $left (i32.const {times}))
            (block $done (loop $again
                ;; What the last answer took is free again, and what the pod did.
                (global.set $free (i32.const 4096))
                (br_if $done (i32.eqz (local.get $left)))
                (call $node-metrics (i32.const 1024) (i32.const {length}) (i32.const 512))
                (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                (br $again)))
            (call $scores (i32.const 2048) (call $candidates-len (local.get $candidates))))"#
    ))
}
