//! Any file as a policy, and any code in one: both ways to look at a file agree, and the sandbox holds.
//!
//! The first byte says what the rest is: edits of a good file, or a program for one of its functions. Without such a byte,
//! all of it is a file.

#![no_main]

use std::fmt::Write as _;
use std::ops::Range;
use std::slice::Iter;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use libfuzzer_sys::fuzz_target;
use scorelet_host::collector::{CollectorOptions, recorded};
use scorelet_host::policy::{
    Assignments, Candidates, FileKind, Limits, LoadOptions, LogLine, Policy, PolicyEngine, PolicyError,
    PolicyErrorKind, Request, Wasi, inspect,
};
use scorelet_host::scheduling::{CPU, Pod, Resources};
use scorelet_host::snapshot::Reading;
use scorelet_tests::wat_policy::{component, core_module};

fuzz_target!(
    init: {
        // The host catches panics of the encoder of components; libFuzzer's hook would end the process before. A panic
        // that nobody catches still does.
        drop(std::panic::take_hook());
    },
    |data: &[u8]| {
        let bench = bench();
        let file = match data.split_first() {
            Some((b'm', edits)) => edited(&bench.module, edits),
            Some((b'c', edits)) => edited(&bench.component, edits),
            Some((b't', edits)) => typed(&bench.plain, &edited(&bench.section, edits)),
            Some((b'f', program)) => bench.with_program(Place::Configure, program),
            Some((b's', program)) => bench.with_program(Place::Score, program),
            Some((b'r', program)) => bench.with_program(Place::Realloc, program),
            Some((b'i', program)) => bench.with_program(Place::Initialize, program),
            _ => data.to_vec(),
        };
        if let Some(policy) = check_file(&bench.engine, &file) {
            check_scores(&policy, bench);
        }
        if bench.runs.fetch_add(1, Ordering::Relaxed) % 256 == 0 {
            let harmless = bench.engine.load(&bench.module, options()).expect("the engine is as good as before");
            assert_eq!(harmless.score(&bench.reading, &bench.request).expect("it scores").scores, [0.0; CANDIDATES]);
        }
    }
);

/// The nodes of the recorded answer.
const CANDIDATES: usize = 4;

/// What all runs share.
struct Bench {
    engine: PolicyEngine,
    reading: Reading,
    request: Request,
    /// A policy that does nothing, as a core module.
    module: Vec<u8>,
    /// The same without the section that says its component type.
    plain: Vec<u8>,
    /// The name and content of that section.
    section: Vec<u8>,
    /// The same as a component.
    component: Vec<u8>,
    runs: AtomicU64,
}

fn bench() -> &'static Bench {
    static BENCH: OnceLock<Bench> = OnceLock::new();
    BENCH.get_or_init(|| {
        let limits = Limits {
            // No thread ticks here, so this is what ends a loop.
            fuel: Some(100_000),
            memory_bytes: 1 << 20,
            stack_bytes: 64 << 10,
            handles: 8,
            call_bytes: 64 << 10,
            log_bytes: 4 << 10,
            log_line_bytes: 256,
            module_bytes: 64 << 10,
            ..Limits::default()
        };
        let body = include_bytes!("../fixtures/watcher.json");
        let reading = recorded(&CollectorOptions::default(), body).expect("the fixture is an answer");
        let candidates = Candidates::from_snapshot(reading.snapshot().expect("an answer was read"));
        assert_eq!(candidates.len(), CANDIDATES);
        let pod = Pod { name: "pod".to_owned(), requests: Resources::new().with(CPU, 500), ..Pod::default() };
        let assignments = Assignments::new();
        for node in candidates.names() {
            assignments.record(node, Pod { name: node.clone(), ..pod.clone() }, reading.taken_at());
        }
        let candidates = candidates.with_assigned(assignments.current());
        let text = text(Place::Score, "");
        let module = core_module(&text);
        let plain = wat::parse_str(&text).expect("the text is WebAssembly");
        let section = module.strip_prefix(&plain[..]).expect("the section is the last one");
        // After its number and the size, which takes two bytes.
        let section = section.get(3..).expect("the section is not empty").to_vec();
        assert_eq!(typed(&plain, &section), module);
        Bench {
            engine: scorelet_tests::engine::ticked_by_hand(limits),
            reading,
            request: Request { pod, candidates },
            component: component(&module),
            module,
            plain,
            section,
            runs: AtomicU64::new(0),
        }
    })
}

fn options() -> LoadOptions {
    LoadOptions { settings: "{}".to_owned(), ..LoadOptions::default() }
}

/// Inspecting a file and loading it say the same of it.
fn check_file(engine: &PolicyEngine, file: &[u8]) -> Option<Policy> {
    let loaded = engine.load(file, options());
    if let Err(failure) = &loaded {
        use PolicyErrorKind::{Deadline, Internal, InvalidLimits, InvalidScores, Refused};
        check_failure(failure);
        assert!(![Deadline, Internal, InvalidLimits, InvalidScores, Refused].contains(&failure.kind()), "{failure:?}");
    }
    match (inspect(file, engine.limits().module_bytes, Wasi::Inert), &loaded) {
        (Err(inspected), Err(failure)) => {
            assert_eq!((inspected.kind(), inspected.message()), (failure.kind(), failure.message()));
        }
        (Err(inspected), Ok(_)) => panic!("{inspected:?}, and yet it loads"),
        (Ok(inspection), loaded) => {
            assert_eq!(inspection.size, file.len());
            if !inspection.problems.is_empty() {
                let failure = loaded.as_ref().expect_err("a file with problems is refused");
                assert_eq!(failure.kind(), PolicyErrorKind::Incompatible);
                let problems = inspection.problems.join("; ");
                let message = failure.message();
                assert!(message == problems || problems.starts_with(message.trim_end_matches('…')), "{message}");
            }
            if let Ok(policy) = loaded {
                assert!(policy.digest() == inspection.digest && policy.inspection().kind == inspection.kind);
                assert!(inspection.kind == FileKind::CoreModule || inspection.built_for.as_deref() == Some("0.1.0"));
            }
        }
    }
    loaded.ok()
}

/// Scores keep the contract, what the policy used is within its limits, and a second time is like the first.
fn check_scores(policy: &Policy, bench: &Bench) {
    let limits = bench.engine.limits();
    let score = || policy.score(&bench.reading, &bench.request);
    match (score(), score()) {
        (Ok(first), Ok(second)) => {
            assert_eq!(first.scores.len(), CANDIDATES);
            assert!(first.scores.iter().all(|score| (0.0..=100.0).contains(score)), "{:?}", first.scores);
            assert!(first.report.memory_bytes <= limits.memory_bytes && first.report.fuel <= limits.fuel);
            check_log(&first.logs, limits);
            assert_eq!((first.scores, first.logs, first.report.fuel), (second.scores, second.logs, second.report.fuel));
        }
        (Err(first), Err(second)) => {
            use PolicyErrorKind::{Deadline, Internal, InvalidLimits, NotWasm, TooLarge};
            check_failure(&first);
            check_log(first.logs(), limits);
            assert!(![Deadline, Internal, InvalidLimits, NotWasm, TooLarge].contains(&first.kind()), "{first:?}");
            assert_eq!((first.kind(), first.to_string()), (second.kind(), second.to_string()));
        }
        (first, second) => panic!("first {first:?}, then {second:?}"),
    }
}

/// What a stranger's file says can be printed.
fn check_failure(failure: &PolicyError) {
    let words = failure.to_string();
    assert!(failure.message().len() < 2048 && !words.contains(char::is_control), "{words:?}");
    assert!(failure.backtrace().iter().all(|frame| !frame.contains(char::is_control)), "{failure:?}");
}

fn check_log(lines: &[LogLine], limits: &Limits) {
    let bytes: usize = lines.iter().map(|line| line.message.len()).sum();
    // Beyond the limit are only the marks where lines were cut, and a last line that says how many are missing.
    assert!(bytes <= limits.log_bytes + 4 * lines.len() + 100, "{bytes}");
    assert!(lines.iter().all(|line| line.message.len() <= limits.log_line_bytes + 4));
    assert!(lines.iter().all(|line| !line.message.contains(char::is_control)));
}

/// A file with bytes replaced: each edit is a position, how many bytes it takes out and puts in, and those put in.
fn edited(file: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    let mut edits = edits.iter();
    while let (Some(low), Some(high)) = (edits.next(), edits.next()) {
        let counts = edits.next().copied().unwrap_or(0x11);
        let start = usize::from(u16::from_le_bytes([*low, *high])) % (file.len() + 1);
        let end = (start + usize::from(counts & 0x0f)).min(file.len());
        let put_in: Vec<u8> = edits.by_ref().take(usize::from(counts >> 4)).copied().collect();
        file.splice(start..end, put_in);
    }
    file
}

/// A core module with a custom section at its end, whose content begins with its name.
fn typed(module: &[u8], section: &[u8]) -> Vec<u8> {
    let mut file = [module, &[0]].concat();
    let mut size = section.len();
    while size >= 0x80 {
        file.push((size & 0x7f) as u8 | 0x80);
        size >>= 7;
    }
    file.push(size as u8);
    file.extend(section);
    file
}

/// The function that a program stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Configure,
    Score,
    Realloc,
    Initialize,
}

/// The imports of the contract: interface, function, number of parameters, and whether there is a result. All are
/// 32-bit integers: handles, addresses, lengths and cases.
const IMPORTS: [(&str, &str, usize, bool); 25] = [
    ("logging", "log", 3, false),
    ("collector", "get-node-metrics", 3, false),
    ("collector", "get-statistics-of-label", 3, false),
    ("collector", "get-node-all-metrics", 1, false),
    ("collector", "get-all-statistics", 1, false),
    ("collector", "valid", 1, false),
    ("collector", "[method]metric-table.window", 2, false),
    ("collector", "[method]metric-table.len", 1, true),
    ("collector", "[method]metric-table.keys", 2, false),
    ("collector", "[method]metric-table.row", 4, false),
    ("collector", "[method]metric-table.column", 14, false),
    ("collector", "[resource-drop]metric-table", 1, false),
    ("scheduling", "[method]candidates.len", 1, true),
    ("scheduling", "[method]candidates.names", 2, false),
    ("scheduling", "[method]candidates.column", 14, false),
    ("scheduling", "[method]candidates.allocatable", 4, false),
    ("scheduling", "[method]candidates.requested", 4, false),
    ("scheduling", "[method]candidates.label", 4, false),
    ("scheduling", "[resource-drop]candidates", 1, false),
    ("scheduling", "[method]candidates.assigned", 2, false),
    ("scheduling", "[method]candidates.assigned-requests", 4, false),
    ("scheduling", "[method]candidates.assigned-limits", 4, false),
    ("scheduling", "[method]candidates.assigned-overhead", 4, false),
    ("scheduling", "[method]candidates.assigned-label", 4, false),
    ("scheduling", "[method]candidates.assigned-containers", 4, false),
];

/// The place of the one that every policy calls.
const DROP_CANDIDATES: usize = 18;
/// The places of those that came after the codes of the others were given.
const ASSIGNED: Range<usize> = 19..25;

impl Bench {
    fn with_program(&self, place: Place, bytes: &[u8]) -> Vec<u8> {
        let module = wat::parse_str(text(place, &Program::read(bytes))).expect("every program is valid");
        typed(&module, &self.section)
    }
}

/// A policy with a program in one of its functions. Where the program leaves 0, the function does what it should.
fn text(place: Place, program: &str) -> String {
    let mut imports = String::new();
    for (index, (interface, function, parameters, has_result)) in IMPORTS.iter().enumerate() {
        // Each import costs time to compile. Without a program, the file is for edits, and has them all.
        let word = format!("$import{index} ");
        if !program.is_empty() && !program.contains(&word) && index != DROP_CANDIDATES {
            continue;
        }
        let parameters = "i32 ".repeat(*parameters);
        let result = if *has_result { "(result i32)" } else { "" };
        let _ = write!(
            imports,
            r#"(import "scorelet:policy/{interface}@0.1.0" "{function}" (func $import{index} (param {parameters}) {result}))"#
        );
    }
    let call = |here: Place, pod: &str| match place == here {
        true => format!("(call $program {pod})"),
        false => "(i32.const 0)".to_owned(),
    };
    let nothing = "(i32.const 0) (i32.const 0)";
    let (configure, realloc) = (call(Place::Configure, nothing), call(Place::Realloc, nothing));
    let score = call(Place::Score, "(local.get 0) (local.get $candidates)");
    // What toolchains name the function that runs before any other, when the imports are ready.
    let initialize = match place {
        Place::Initialize => format!(r#"(func (export "_initialize") (drop (call $program {nothing})))"#),
        _ => String::new(),
    };
    format!(
        r#"(module {imports}
            (memory (export "memory") 1)
            (global $free (mut i32) (i32.const 4096))
            (func $program (param i32 i32) (result i32) (local i32 i32 i32 i32 i32 i32)
                {program} (i32.const 0))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local i32)
                (local.tee 4 {realloc})
                (if (result i32) (then (local.get 4)) (else
                    (global.set $free (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
                    (global.get $free)
                    (global.set $free (i32.add (global.get $free) (local.get 3))))))
            (func (export "scorelet:policy/scorer@0.1.0#configure") (param i32 i32) (result i32)
                {configure})
            (func (export "scorelet:policy/scorer@0.1.0#score") (param i32) (result i32) (local $candidates i32) (local $result i32)
                ;; The pod takes 116 bytes; the handle of the candidates follows at the next multiple of 8.
                (local.set $candidates (i32.load offset=120 (local.get 0)))
                (local.set $result {score})
                (call $import{DROP_CANDIDATES} (local.get $candidates))
                (i32.store (i32.const 20) (i32.const 1024))
                (i32.store (i32.const 24) (i32.const {CANDIDATES}))
                (select (local.get $result) (i32.const 16) (local.get $result)))
            {initialize})"#
    )
}

/// A valid program of any bytes: a statement for each, with its operands in those that follow.
struct Program<'a> {
    bytes: Iter<'a, u8>,
    text: String,
    open_loops: usize,
}

impl<'a> Program<'a> {
    /// Bytes of a program; longer ones only take longer.
    const MOST: usize = 2048;

    fn read(bytes: &'a [u8]) -> String {
        let bytes = bytes.get(..Self::MOST).unwrap_or(bytes).iter();
        let mut program = Self { bytes, text: String::new(), open_loops: 0 };
        while let Some(byte) = program.bytes.next() {
            program.statement(usize::from(*byte));
        }
        program.text + &"end ".repeat(program.open_loops)
    }

    fn statement(&mut self, code: usize) {
        let statement = match code % 33 {
            import if import <= DROP_CANDIDATES => self.call(import),
            19 => format!("(i32.store {} {})", self.operand(), self.operand()),
            20 => format!("(f64.store {} (f64.const {}))", self.operand(), self.number()),
            21 => format!("{} {} i32.add {}", self.operand(), self.operand(), self.set()),
            22 => format!("{} {} i32.sub {}", self.operand(), self.operand(), self.set()),
            23 => format!("{} {}", self.operand(), self.set()),
            24 => format!("(memory.grow {}) {}", self.operand(), self.set()),
            25 => format!("(memory.fill {} {} {})", self.operand(), self.operand(), self.operand()),
            26 => format!("(memory.copy {} {} {})", self.operand(), self.operand(), self.operand()),
            27 => {
                self.open_loops += 1;
                "loop ".to_owned()
            }
            28 if self.open_loops > 0 => format!("(br_if 0 {})", self.operand()),
            29 if self.open_loops > 0 => {
                self.open_loops -= 1;
                "end ".to_owned()
            }
            30 => format!("(if {} (then (return {})))", self.operand(), self.operand()),
            31 => format!("(call $program {} {}) {}", self.operand(), self.operand(), self.set()),
            32 => {
                let which = self.bytes.next().copied().map_or(0, usize::from);
                self.call(ASSIGNED.start + which % ASSIGNED.len())
            }
            _ => "unreachable ".to_owned(),
        };
        self.text += &statement;
    }

    fn call(&mut self, import: usize) -> String {
        let (_, _, parameters, has_result) = IMPORTS.get(import).copied().unwrap_or(("", "", 0, false));
        let operands: String = (0..parameters).map(|_| self.operand()).collect();
        let set = if has_result { self.set() } else { String::new() };
        format!("(call $import{import} {operands}) {set}")
    }

    fn byte(&mut self) -> u8 {
        self.bytes.next().copied().unwrap_or(0)
    }

    /// A small number, an address, what stands there, a local, or a number at the edge of something.
    fn operand(&mut self) -> String {
        const EDGES: [i64; 16] = [
            -1,
            -8,
            65_528,
            65_532,
            65_535,
            65_536,
            65_537,
            131_072,
            1 << 20,
            16 << 20,
            1 << 28,
            0x7fff_fff8,
            0x7fff_ffff,
            -0x8000_0000,
            100_000,
            4096,
        ];
        let byte = self.byte();
        let value = i64::from(byte & 0x3f);
        match byte >> 6 {
            0 => format!("(i32.const {value})"),
            1 => format!("(i32.const {})", 1024 + value * 8),
            2 => format!("(i32.load (i32.const {}))", 1024 + value * 4),
            _ => match EDGES.get(usize::from(byte & 0x1f)) {
                Some(edge) => format!("(i32.const {edge})"),
                None => format!("(local.get {})", byte % 8),
            },
        }
    }

    fn set(&mut self) -> String {
        format!("local.set {} ", self.byte() % 8)
    }

    fn number(&mut self) -> &'static str {
        const NUMBERS: [&str; 8] = ["0", "-0", "100", "100.00000000000001", "50.5", "nan", "inf", "-5e-324"];
        NUMBERS.get(usize::from(self.byte() % 8)).copied().unwrap_or("0")
    }
}
