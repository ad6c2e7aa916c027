//! The list of all attacks.

use std::path::Path;
use std::sync::LazyLock;

use scorelet_host::policy::PolicyErrorKind::{
    Deadline, Incompatible, InvalidScores, LimitExceeded, NotWasm, OutOfMemory, Refused, RefusedSettings,
    StackOverflow, TooLarge, Trap,
};

use super::Ends::{AtLoad, AtScore, WithScores};
use super::{Case, Ends, Scene, binary};
use crate::artifacts;
use crate::wat_policy::{component, core_module_of_version, core_module_of_world, module_with, policy_with};

const TIME_IS_UP: &str = "it did not finish within ";
const TOO_MUCH: &str = "it passed more than the 33554432 bytes that one call may carry to the host";
const NO_UTF_8: &str = "it broke a rule of the sandbox: invalid utf-8";

/// Files, sockets, environment and clock are WASI's, and there is nothing behind them: each of these crashes if there is.
const WASI: Ends = WithScores;

/// All attacks, each with its own name. They are made once.
///
/// # Panics
/// When a file of an attack is missing, or cannot be made.
#[must_use]
pub fn corpus() -> &'static [Case] {
    static CORPUS: LazyLock<Vec<Case>> = LazyLock::new(all);
    &CORPUS
}

fn all() -> Vec<Case> {
    let groups = [
        time(),
        memory(),
        stack(),
        to_the_host(),
        from_the_host(),
        handles(),
        crashes(),
        scores(),
        worlds(),
        damage(),
        size(),
        complexity(),
    ];
    groups.into_iter().flatten().collect()
}

fn time() -> Vec<Case> {
    vec![
        text("loop-in-start", AtLoad(Deadline, TIME_IS_UP)),
        text("loop-in-configure", AtLoad(Deadline, TIME_IS_UP)),
        text("loop-in-score", AtScore(Deadline, TIME_IS_UP)),
        text("loop-in-realloc", AtLoad(Deadline, TIME_IS_UP)),
        text("loop-in-post-return", AtScore(Deadline, TIME_IS_UP)),
        text("loop-of-host-calls", AtScore(Deadline, TIME_IS_UP)),
        text("loop-of-handles", AtScore(Deadline, TIME_IS_UP)),
        text("loop-of-big-instructions", AtScore(Deadline, TIME_IS_UP)),
        text("loop-of-tail-calls", AtScore(Deadline, TIME_IS_UP)),
        text("wait-on-memory", AtLoad(Incompatible, "threads")),
        text("component-that-waits", AtLoad(Incompatible, "async")),
    ]
}

fn memory() -> Vec<Case> {
    vec![
        text("memory-bomb-at-instantiation", AtLoad(OutOfMemory, "it wanted 131072000 bytes of memory; 67108864 are")),
        text("memory-bomb-by-growing", AtScore(OutOfMemory, "it wanted 67174400 bytes of memory; 67108864 are"))
            .heavy(),
        text("memory-bomb-of-4-gib", AtScore(OutOfMemory, "it wanted 4294967296 bytes of memory; 67108864 are")),
        text("memory-bomb-of-64-bits", AtLoad(Incompatible, "addresses of 64 bits")),
        text("memory-bomb-in-parts", AtLoad(OutOfMemory, "it wanted 83886080 bytes of memory; 67108864 are")),
        text("data-out-of-bounds", AtLoad(Trap, "out of bounds memory access")),
        text("data-far-apart", WithScores),
        text("table-bomb-at-instantiation", AtLoad(OutOfMemory, "it wanted a table of 20000 elements; 10000 are")),
        text("table-bomb-by-growing", AtScore(OutOfMemory, "it wanted a table of 10001 elements; 10000 are")),
        built(
            "rust-memory",
            "Keeps more and more in a vector, until its allocator gives up.",
            "memory",
            out_of_memory(),
        ),
        built("rust-allocation", "Wants 1 GiB from its allocator.", "allocation", out_of_memory()),
    ]
}

fn stack() -> Vec<Case> {
    let too_deep = "it recursed beyond its stack of 524288 bytes";
    let overflow = AtScore(StackOverflow, too_deep);
    vec![
        text("recursion", overflow),
        text("recursion-with-large-frames", overflow),
        text("recursion-in-realloc", AtLoad(StackOverflow, too_deep)),
        built("rust-recursion", "Calls itself without end.", "recursion", overflow),
        built(
            "rust-recursion-with-arrays",
            "Calls itself without end, until the stack that lies in its memory is full.",
            "arrays",
            AtScore(Trap, "out of bounds memory access"),
        ),
    ]
}

/// What a policy hands to its host.
fn to_the_host() -> Vec<Case> {
    let out_of_bounds = AtScore(Trap, "out of bounds");
    vec![
        text("log-length-lies", out_of_bounds),
        text("log-address-lies", out_of_bounds),
        text("log-level-lies", AtScore(Trap, "unexpected discriminant")),
        text("log-of-48-mib", AtScore(LimitExceeded, TOO_MUCH)),
        text("log-not-utf-8", AtScore(Trap, NO_UTF_8)),
        text("log-of-escape-sequences", WithScores),
        text("log-flood", WithScores).heavy(),
        text("log-flood-without-end", AtScore(Deadline, TIME_IS_UP)),
        text("label-key-length-lies", out_of_bounds),
        text("label-key-of-48-mib", AtScore(LimitExceeded, TOO_MUCH)),
        text("label-key-not-utf-8", AtScore(Trap, NO_UTF_8)),
        text("selector-name-length-lies", out_of_bounds),
        text("selector-type-lies", AtScore(Trap, "unexpected discriminant")),
        text("selector-names-add-up", AtScore(LimitExceeded, TOO_MUCH)),
        text("answer-address-lies", out_of_bounds),
        text("result-address-lies", out_of_bounds),
        text("result-of-neither-case", AtScore(Trap, "discriminant")),
        text("scores-address-lies", out_of_bounds),
        text("scores-length-lies", out_of_bounds),
        text("scores-not-aligned", AtScore(Trap, "not aligned")),
        text("scores-of-60-mib", AtScore(LimitExceeded, TOO_MUCH)),
        text("refusal-of-100-mb", out_of_bounds),
        text("refusal-of-48-mib", AtScore(LimitExceeded, TOO_MUCH)),
        text("refusal-of-31-mib", AtScore(Refused, "it refuses to score: \\u{0}\\u{0}")).heavy(),
        text("refusal-of-settings-of-31-mib", AtLoad(RefusedSettings, "it refuses its settings: \\u{0}\\u{0}")).heavy(),
        text("refusal-not-utf-8", AtScore(Trap, NO_UTF_8)),
        text("refusal-of-escape-sequences", AtScore(Refused, "it refuses to score: \\u{1b}[2J")),
        built(
            "rust-refusal",
            "Refuses in 20 MiB of words.",
            "refusal",
            AtScore(Refused, "it refuses to score: no! no! "),
        ),
    ]
}

/// What a host hands to its policy.
fn from_the_host() -> Vec<Case> {
    vec![
        text("realloc-traps", AtLoad(Trap, "it crashed without a message")),
        text("realloc-out-of-bounds", AtLoad(Trap, "beyond end of memory")),
        text("realloc-not-aligned", AtScore(Trap, "not aligned")),
        text("realloc-calls-the-host", AtLoad(Trap, "cannot leave component instance")),
        text("realloc-grows-memory", WithScores),
        text("realloc-of-one-place", WithScores),
        text("names-again-and-again", out_of_memory()).huge(),
        text("names-without-keeping-them", AtScore(Deadline, TIME_IS_UP)).huge(),
        text("keys-without-keeping-them", AtScore(Deadline, TIME_IS_UP)).huge(),
        text("columns-again-and-again", out_of_memory()).huge(),
    ]
}

fn handles() -> Vec<Case> {
    let unknown = AtScore(Trap, "unknown handle index");
    vec![
        text("handle-leak", AtScore(LimitExceeded, "it may hold 1000 handles at once")),
        text("handle-used-after-drop", unknown),
        text("handle-dropped-twice", unknown),
        text("handle-guessed", unknown),
        text("handle-of-another-type", AtScore(Trap, "used with the wrong type")),
        text("handle-guessed-in-configure", AtLoad(Trap, "unknown handle index")),
        text("handle-kept", AtScore(Trap, "borrow handles still remain")),
    ]
}

fn crashes() -> Vec<Case> {
    let silent = "it crashed without a message (a panic or an abort)";
    vec![
        text("trap-in-start", AtLoad(Trap, silent)),
        text("trap-in-configure", AtLoad(Trap, silent)),
        text("trap-in-post-return", AtScore(Trap, silent)),
        text("trap-then-call-again", AtScore(Trap, silent)),
        text("start-that-calls-the-host", AtLoad(Trap, "out of bounds")),
        text("division-by-zero", AtScore(Trap, "it crashed: integer divide by zero")),
        text("call-of-nothing", AtScore(Trap, "it crashed: uninitialized element")),
        text("call-of-another-type", AtScore(Trap, "it crashed: indirect call type mismatch")),
        text("memory-out-of-bounds", AtScore(Trap, "it crashed: out of bounds memory access")),
        text("exceptions", AtLoad(Incompatible, "exceptions")),
        text("panic-with-a-long-message", AtScore(Trap, "it crashed: !!!!")).heavy(),
        built("rust-panic", "Panics with a message of 4 MiB.", "panic", AtScore(Trap, "it crashed: panicked at ")),
        text("function-names-of-escape-sequences", AtScore(Trap, silent)),
        made(
            "function-name-of-90-kb",
            "Crashes in a function with a name of 90 KB.",
            [binary::crash_in(&"long".repeat(22_500))],
            AtScore(Trap, silent),
        ),
        made(
            "function-name-that-multiplies",
            "Crashes in a function whose name, as a compiler mangles names, stands for one of megabytes.",
            [binary::crash_in(&binary::multiplying_name(24))],
            AtScore(Trap, silent),
        ),
    ]
}

fn scores() -> Vec<Case> {
    let invalid = |words| AtScore(InvalidScores, words);
    vec![
        text("score-nan", invalid("it scored b with NaN; scores are finite and within 0 to 100")),
        text("score-infinite", invalid("it scored a with inf; scores are finite and within 0 to 100")),
        text("score-infinitely-negative", invalid("it scored a with -inf; scores are finite and within 0 to 100")),
        text("score-below-0", invalid("it scored b with -0.001; scores are finite and within 0 to 100")),
        text("score-above-100", invalid("it scored a with 100.001; scores are finite and within 0 to 100")),
        text("scores-too-few", invalid("it gave 1 score for 2 candidates; b is the first without one")),
        text("scores-too-many", invalid("it gave 3 scores for 2 candidates")),
        text("scores-none", invalid("it gave 0 scores for 2 candidates; a is the first without one")),
        text("scores-3-million", invalid("it gave 3000000 scores for 2 candidates")).heavy(),
    ]
}

/// Policies for hosts that are not this one.
fn worlds() -> Vec<Case> {
    let harmless = policy_with("");
    let wasi = |name: &'static str| with_wasi(name, WASI);
    vec![
        text("another-world", AtLoad(Incompatible, "it does not export scorelet:policy/scorer@0.1.0, so it is not a")),
        text("scorer-of-another-type", AtLoad(Incompatible, "its scorer differs from the one that this host calls")),
        text("module-without-component-type", AtLoad(Incompatible, "it is a core module without a component type")),
        text("module-of-wasi-preview-1", AtLoad(Incompatible, "it was built for WASI preview 1")),
        made(
            "newer-contract",
            "A policy for the contract's next version.",
            [core_module_of_version(&module_with(""), "@0.2.0"), binary::with_replaced(&harmless, "@0.1.0", "@0.2.0")],
            AtLoad(
                Incompatible,
                "this host offers scorelet:policy@0.1.0; it exports scorelet:policy/scorer@0.2.0; this host calls \
                 scorelet:policy/scorer@0.1.0",
            ),
        ),
        made(
            "packages-in-a-circle",
            "Packages that depend on each other, on which the readers of WIT recurse without end.",
            [binary::with_replaced(&harmless, "scorelet:policy/scorer", "scorelet:polacy/scorer")],
            AtLoad(Incompatible, "it exports scorelet:polacy/scorer@0.1.0"),
        ),
        wasi("wasi-files"),
        wasi("wasi-sockets"),
        wasi("wasi-environment"),
        wasi("wasi-clock"),
    ]
}

/// Files that are broken, or are none.
fn damage() -> Vec<Case> {
    let harmless = policy_with("");
    let both = |damage: fn(&[u8]) -> Vec<Vec<u8>>| [damage(&harmless), damage(&component(&harmless))].concat();
    vec![
        made("empty", "A file without a byte.", [Vec::new()], AtLoad(NotWasm, "the file is empty")),
        made("text", "WebAssembly text.", [b"\n(module)".to_vec()], AtLoad(NotWasm, "looks like WebAssembly text")),
        made("script", "A shell script.", [b"#!/bin/sh".to_vec()], AtLoad(NotWasm, "the file is not WebAssembly")),
        made(
            "another-version-of-webassembly",
            "A WebAssembly version that does not exist.",
            [b"\0asm\x63\0\0\0".to_vec()],
            AtLoad(Incompatible, "it is WebAssembly of an unknown version ([63, 00, 00, 00])"),
        ),
        made(
            "zeros-of-1-gib",
            "A file of 1 GiB of zeros.",
            [vec![0; 1 << 30]],
            AtLoad(TooLarge, "has 1073741824 bytes"),
        ),
        made(
            "zeros-of-32-mib",
            "A file of zeros that is as large as a policy may be.",
            [vec![0; 32 << 20]],
            AtLoad(NotWasm, "the file is not WebAssembly"),
        ),
        made(
            "truncated",
            "A policy cut off between any two of its sections.",
            both(binary::truncated),
            AtLoad(Incompatible, ""),
        ),
        made(
            "section-sizes-lie",
            "A policy in which a section claims to have 4 GiB.",
            both(binary::with_false_sizes),
            AtLoad(Incompatible, "cannot be read"),
        ),
        made(
            "section-counts-lie",
            "A policy in which a section claims to have 4 billion entries.",
            both(binary::with_false_counts),
            AtLoad(Incompatible, ""),
        ),
        text("names-of-escape-sequences", AtLoad(Incompatible, "argument named `\\u{1b}[2J")),
    ]
}

/// Files that are small and stand for something large, or are just large.
fn size() -> Vec<Case> {
    vec![
        text("instances", AtLoad(Incompatible, "instance count too high at 65")),
        made(
            "instances-by-the-thousand",
            "A component that instantiates a core module 1,000 times.",
            [binary::instances(1_000)],
            AtLoad(Incompatible, "it cannot be read: it stands for 501 instances; 500 are allowed"),
        ),
        made(
            "nested-components",
            "Components one in the other, each of which instantiates the next one twice.",
            [binary::nest(24, 2)],
            AtLoad(Incompatible, "it cannot be read: it stands for 510 instances; 500 are allowed"),
        ),
        made(
            "instances-that-multiply",
            "A few components one in the other, which stand for two million instances.",
            [binary::nest(8, 8)],
            AtLoad(Incompatible, "it cannot be read: it stands for 511 instances; 500 are allowed"),
        ),
        made(
            "components-by-the-hundred",
            "900 components one in the other, each of which instantiates the next one.",
            [binary::nest(900, 1)],
            AtLoad(Incompatible, "it cannot be read: it stands for 501 "),
        ),
        made(
            "chain-of-components",
            "A component that instantiates one that instantiates one, as deep as is allowed.",
            [binary::nest(490, 1)],
            AtLoad(Incompatible, "it does not export scorelet:policy/scorer@0.1.0"),
        ),
        made(
            "component-for-a-component",
            "A component that has one handed to it and instantiates it many times, so that nobody can count before.",
            [binary::parsed("(component (component (import \"c\" (component $c)) (instance (instantiate $c))))")],
            AtLoad(Incompatible, "it cannot be read: it passes components or modules on as values"),
        ),
        made(
            "modules-by-the-hundred",
            "A policy with 300 core modules that nobody needs.",
            [binary::with_parts(&component(&policy_with("")), "(module)", 300)],
            AtLoad(Incompatible, "core modules; 200 are allowed"),
        ),
        made(
            "components-that-nobody-needs",
            "A policy with 600 components that nobody instantiates.",
            [binary::with_parts(&component(&policy_with("")), "(component)", 600)],
            AtLoad(Incompatible, "components; 500 are allowed"),
        ),
        made(
            "exports-that-multiply",
            "A component with 5,000 exports, of which there are 100 instances.",
            [binary::exports(5_000, 100)],
            AtLoad(Incompatible, "imports, exports and adapters; 100000 are allowed"),
        ),
        made(
            "images-of-memory",
            "A policy with 60 more memories, each with data at both ends: images of a gigabyte from two kilobytes.",
            [binary::with_parts(&component(&policy_with("")), &binary::far_apart(), 60)],
            WithScores,
        ),
        made(
            "entries-of-tables",
            "A policy with 100 more tables, each with an element at its end: entries of a gigabyte from two kilobytes.",
            [binary::with_parts(&component(&policy_with("")), &binary::sparse_tables(1_000_000, 999_999), 1)],
            AtLoad(Incompatible, "elements of tables; 100000 are allowed"),
        ),
        made(
            "entries-of-large-tables",
            "The same with tables that are a little larger than the compiler prepares, and an element at the end of what it does.",
            [binary::with_parts(&component(&policy_with("")), &binary::sparse_tables((1 << 20) + 1, (1 << 20) - 1), 1)],
            AtLoad(Incompatible, "elements of tables; 100000 are allowed"),
        ),
        made(
            "entries-of-allowed-tables",
            "A policy with 100 more tables, each with an element at its end: as many entries as are allowed.",
            [binary::with_parts(&component(&policy_with("")), &binary::sparse_tables(1_000, 999), 1)],
            WithScores,
        ),
        made(
            "nested-types",
            "A million types one in the other, which overflow the stack of who reads them level by level.",
            [binary::nested_types(1_000_000)],
            AtLoad(Incompatible, "its types may be nested 1000000 levels deep; 1000 are allowed"),
        ),
        made(
            "chain-of-types",
            "100,000 lists of lists, each a type of its own.",
            [binary::chain_of_types(100_000)],
            AtLoad(Incompatible, "type nesting is too deep"),
        ),
        made(
            "imports-by-the-hundred",
            "Imports from 900 packages, of which each is a problem.",
            [binary::imports(900)],
            AtLoad(Incompatible, "it imports c of a:b0; this host offers only "),
        ),
    ]
}

/// Policies that take a compiler long: more than is allowed, and as much.
fn complexity() -> Vec<Case> {
    vec![
        too_complex(
            "functions-by-the-hundred-thousand",
            "200,000 functions.",
            &"(func)".repeat(200_000),
            "functions; 50000 are allowed",
        ),
        too_complex(
            "types-by-the-thousand",
            "20,000 types of functions, for each of which code is made.",
            &binary::types(20_000),
            "types of functions; 10000 are allowed",
        ),
        too_complex(
            "parameters-by-the-hundred",
            "A function with 900 parameters.",
            &format!("(func (param {}))", "i64 ".repeat(900)),
            "it has 900 parameters and results in one type; 100 are allowed",
        ),
        too_complex(
            "globals-by-the-hundred-thousand",
            "300,000 globals, more than the compiler can tell apart.",
            &"(global i32 (i32.const 0))".repeat(300_000),
            "globals; 10000 are allowed",
        ),
        too_complex(
            "instructions-by-the-million",
            "A function of two million instructions.",
            &binary::instructions(2_000_000),
            "bytes in one function; 1048576 are allowed",
        ),
        too_complex(
            "nested-blocks",
            "A function of 20,000 blocks one in the other.",
            &binary::nested("block", 20_000),
            "it has 2001 blocks one in the other; 2000 are allowed",
        ),
        too_complex(
            "nested-loops",
            "A function of 2,000 loops one in the other.",
            &binary::nested("loop", 2_000),
            "it has 51 loops one in the other; 50 are allowed",
        ),
        too_complex(
            "branches-by-the-ten-thousand",
            "A function of 60,000 branches one after the other.",
            &binary::branches(60_000),
            "it has 20001 branches in one function; 20000 are allowed",
        ),
        too_complex(
            "targets",
            "A branch with 60,000 targets.",
            &binary::targets(60_000),
            "targets of branches in one function; 40000 are allowed",
        ),
        too_complex(
            "locals",
            "A function with 10,000 locals that 2,000 branches may change.",
            &binary::locals(10_000, 2_000),
            "branches times locals in one function; 1000000 are allowed",
        ),
        made(
            "functions-that-cross-the-border",
            "A component that asks 100,000 times for code to call the host.",
            [binary::lowered(100_000)],
            AtLoad(Incompatible, "it has 100000 functions that cross its border; 10000 are allowed"),
        ),
        compiled("many-functions", "As many functions as are allowed.", &"(func)".repeat(49_900)),
        compiled("many-types", "As many types of functions as are allowed.", &binary::types(9_900)),
        compiled("large-functions", "Functions as large as is allowed.", &binary::instructions(440_000).repeat(4)),
        compiled("deep-blocks", "Blocks as deep as is allowed.", &binary::nested("block", 2_000).repeat(8)),
        compiled("deep-loops", "Loops as deep as is allowed.", &binary::nested("loop", 50).repeat(400)),
        compiled("many-branches", "As many branches as are allowed.", &binary::branches(6_600)),
        compiled("many-locals", "As many locals for its branches as are allowed.", &binary::locals(400, 2_000)),
        compiled("many-values", "Values that are kept for all branches of a function.", &binary::values(20_000, 9_900)),
        compiled("many-targets", "A branch with as many targets as are allowed.", &binary::targets(39_000)),
    ]
}

/// A policy with fields that take a compiler long, or much memory, for their size.
fn too_complex(name: &'static str, attack: &str, fields: &str, words: &'static str) -> Case {
    made(name, attack, [policy_with(fields)], AtLoad(Incompatible, words))
}

/// A policy with fields that take a compiler as long as is allowed. It is compiled all the same.
fn compiled(name: &'static str, attack: &str, fields: &str) -> Case {
    made(name, attack, [policy_with(fields)], WithScores).slow()
}

fn out_of_memory() -> Ends {
    AtScore(OutOfMemory, "bytes of memory; 67108864 are allowed")
}

/// An attack in `tests/wat/`: fields of a policy, or a whole module or component.
fn text(name: &'static str, ends: Ends) -> Case {
    let (attack, text) = read(name);
    let file = if ["(component", "(module"].iter().any(|whole| text.starts_with(whole)) {
        wat::parse_str(&text).unwrap_or_else(|failure| panic!("{name}: {failure}"))
    } else {
        policy_with(&text)
    };
    case(name, attack, [file], ends)
}

/// An attack in `tests/wat/` that imports a part of WASI, made into a component. Its world has its name.
fn with_wasi(name: &'static str, ends: Ends) -> Case {
    let (attack, text) = read(name);
    let world = name.trim_start_matches("wasi-");
    let module = core_module_of_world(&module_with(&text), include_str!("../../wat/wasi.wit"), world);
    case(name, attack, [component(&module)], ends)
}

/// An attack by the guest `attacker`.
fn built(name: &'static str, attack: &str, settings: &str, ends: Ends) -> Case {
    let settings = format!(r#"{{"attack": "{settings}"}}"#);
    // Its allocator and its panics make it a hundred times as large as one of text.
    Case { settings, ..made(name, attack, [artifacts::read(artifacts::ATTACKER)], ends) }.heavy()
}

/// An attack made of bytes.
fn made(name: &'static str, attack: &str, files: impl Into<Vec<Vec<u8>>>, ends: Ends) -> Case {
    case(name, attack.to_owned(), files, ends)
}

fn case(name: &'static str, attack: String, files: impl Into<Vec<Vec<u8>>>, ends: Ends) -> Case {
    Case {
        name,
        attack,
        files: files.into(),
        settings: String::new(),
        scene: Scene::Small,
        ends,
        heavy: false,
        slow: false,
    }
}

/// What a file attacks, which its first line says, and the rest of it.
fn read(name: &str) -> (String, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("wat").join(name).with_extension("wat");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|failure| panic!("{}: {failure}", path.display()));
    let (first, rest) = text.split_once('\n').expect("a file has lines");
    let attack = first.strip_prefix(";; ").unwrap_or_else(|| panic!("{name}: the first line is not a comment"));
    (attack.to_owned(), rest.to_owned())
}

impl Case {
    fn huge(self) -> Self {
        Self { scene: Scene::Huge, ..self }.heavy()
    }

    fn heavy(self) -> Self {
        Self { heavy: true, ..self }
    }

    fn slow(self) -> Self {
        Self { slow: true, ..self }
    }
}
