//! Refuses files that are small and take a compiler long, or much memory, before it sees them.
//!
//! A compiler's work does not follow the size of a file: some shapes take it time with the square of their number, and
//! some take it kilobytes for a byte. None of them occurs in what people write. Each bound is at least twice what the
//! largest programs in WebAssembly have that could be found to be policies: CPython with the standard library, SpiderMonkey,
//! QuickJS, and a large parser in Rust. Their largest value stands beside each number.
//!
//! It is a list of what is known, and not a proof: what a compiler takes time for is ended by
//! [`Limits::compile_time`](super::Limits::compile_time) in any case; what it takes memory for is not.
//!
//! Bytes that cannot be read end the look at them here, without a verdict: the validator reads all of them again.

use wasmparser::{
    BinaryReaderError, CompositeInnerType, FunctionBody, Operator, Parser, Payload, RecGroup, TableSectionReader,
    TypeSectionReader,
};

/// Types of functions in all core modules; CPython has 1,337. For each one, code is made to call functions of it.
const MAX_TYPES: u64 = 10_000;
/// Parameters and results of one type of functions or blocks; a parser in Rust has 20. They are locals under another name.
const MAX_PARAMETERS: u64 = 100;
/// Functions in all core modules; SpiderMonkey has 19,851.
const MAX_FUNCTIONS: u64 = 50_000;
/// Globals in all core modules; CPython has 874.
const MAX_GLOBALS: u64 = 10_000;
/// Elements that the tables of all core modules begin with; CPython has 16,535. The compiler prepares up to all of them, where
/// a file says what the last one is.
const MAX_TABLE_ELEMENTS: u64 = 100_000;
/// Functions that cross the border of a component, each of which is compiled; QuickJS has 109.
const MAX_CANONICAL_FUNCTIONS: u64 = 10_000;
/// Bytes of one function; CPython has 426,843. Memory follows the largest function on each thread of the compiler.
const MAX_FUNCTION_BYTES: u64 = 1 << 20;
/// Blocks one in the other; CPython has 781.
const MAX_NESTING: u64 = 2_000;
/// Loops one in the other; QuickJS has 21.
const MAX_NESTED_LOOPS: u64 = 50;
/// Targets of all branches by a table in one function; CPython has 15,805.
const MAX_TARGETS: u64 = 40_000;
/// Branches of one function, a table being one; SpiderMonkey has 8,918. The compiler's memory follows the square: of twice as
/// many, it takes 90 MiB; of five times as many, 1.4 GiB.
const MAX_BRANCHES: u64 = 20_000;
/// Branches and targets times locals of one function; SpiderMonkey has 435,184. Where branches meet, every local may have another value.
const MAX_BRANCHES_BY_LOCALS: u64 = 1_000_000;

/// Looks at a core module or a component with all that is in it.
///
/// # Errors
/// What it has too much of, in words.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let mut counts = Counts::default();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload {
            Ok(payload) => counts.add(&payload)?,
            Err(_) => break,
        }
    }
    Ok(())
}

/// What all core modules of a file have together.
#[derive(Default)]
struct Counts {
    types: u64,
    functions: u64,
    globals: u64,
    table_elements: u64,
    canonical_functions: u64,
}

impl Counts {
    fn add(&mut self, payload: &Payload<'_>) -> Result<(), String> {
        // What a section says that it has is believed: where it lies, it is refused all the same.
        let (count, more, most, what) = match payload {
            Payload::TypeSection(section) => {
                within(most_parameters(section), MAX_PARAMETERS, "parameters and results in one type")?;
                (&mut self.types, section.count().into(), MAX_TYPES, "types of functions")
            }
            Payload::FunctionSection(section) => {
                (&mut self.functions, section.count().into(), MAX_FUNCTIONS, "functions")
            }
            Payload::GlobalSection(section) => (&mut self.globals, section.count().into(), MAX_GLOBALS, "globals"),
            Payload::TableSection(section) => {
                (&mut self.table_elements, initial_elements(section), MAX_TABLE_ELEMENTS, "elements of tables")
            }
            Payload::ComponentCanonicalSection(section) => {
                let count = &mut self.canonical_functions;
                (count, section.count().into(), MAX_CANONICAL_FUNCTIONS, "functions that cross its border")
            }
            Payload::CodeSectionEntry(body) => return Function::of(body).map_or(Ok(()), |function| function.check()),
            _ => return Ok(()),
        };
        *count = count.saturating_add(more);
        within(*count, most, what)
    }
}

/// What the tables of a module begin with.
fn initial_elements(section: &TableSectionReader<'_>) -> u64 {
    let tables = section.clone().into_iter().map_while(Result::ok);
    tables.map(|table| table.ty.initial).fold(0, u64::saturating_add)
}

/// The parameters and results of the function type that has most of them.
fn most_parameters(section: &TypeSectionReader<'_>) -> u64 {
    let groups = section.clone().into_iter().map_while(Result::ok);
    let counts = groups.flat_map(RecGroup::into_types).map(|subtype| match subtype.composite_type.inner {
        CompositeInnerType::Func(function) => (function.params().len() + function.results().len()) as u64,
        _ => 0,
    });
    counts.max().unwrap_or(0)
}

/// What one function has.
#[derive(Default)]
struct Function {
    bytes: u64,
    locals: u64,
    branches: u64,
    /// Targets of branches by a table.
    targets: u64,
    /// The most blocks, and the most loops, one in the other.
    nesting: u64,
    nested_loops: u64,
}

impl Function {
    /// Counts. Stops early where it is too much already.
    fn of(body: &FunctionBody<'_>) -> Result<Self, BinaryReaderError> {
        let range = body.range();
        let mut function = Self { bytes: range.end - range.start, ..Self::default() };
        for group in body.get_locals_reader()? {
            let (count, _) = group?;
            function.locals = function.locals.saturating_add(count.into());
        }
        // For each open block, whether it is a loop.
        let mut open = Vec::new();
        let mut loops = 0;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() && function.check().is_ok() {
            match operators.read()? {
                Operator::Block { .. } | Operator::If { .. } | Operator::TryTable { .. } => open.push(false),
                Operator::Loop { .. } => {
                    open.push(true);
                    loops += 1;
                }
                Operator::End => {
                    loops -= u64::from(open.pop() == Some(true));
                    continue;
                }
                Operator::BrTable { targets } => {
                    function.targets = function.targets.saturating_add(targets.len().into());
                }
                Operator::Else
                | Operator::Br { .. }
                | Operator::BrIf { .. }
                | Operator::BrOnNull { .. }
                | Operator::BrOnNonNull { .. } => {}
                _ => continue,
            }
            function.branches = function.branches.saturating_add(1);
            function.nesting = function.nesting.max(open.len() as u64);
            function.nested_loops = function.nested_loops.max(loops);
        }
        Ok(function)
    }

    fn check(&self) -> Result<(), String> {
        within(self.bytes, MAX_FUNCTION_BYTES, "bytes in one function")?;
        within(self.nesting, MAX_NESTING, "blocks one in the other")?;
        within(self.nested_loops, MAX_NESTED_LOOPS, "loops one in the other")?;
        within(self.targets, MAX_TARGETS, "targets of branches in one function")?;
        within(self.branches, MAX_BRANCHES, "branches in one function")?;
        let product = self.branches.saturating_add(self.targets).saturating_mul(self.locals);
        within(product, MAX_BRANCHES_BY_LOCALS, "branches times locals in one function")
    }
}

fn within(count: u64, most: u64, what: &str) -> Result<(), String> {
    if count <= most { Ok(()) } else { Err(format!("it has {count} {what}; {most} are allowed")) }
}
