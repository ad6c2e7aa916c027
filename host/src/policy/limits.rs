//! How much a policy may use. On by default, and the same on a laptop as in production.

use std::time::Duration;

/// What one evaluation, or one load, may use at most.
///
/// Start from [`Limits::default`] and change fields. Every limit is always enforced: but for [`Limits::fuel`], there is no
/// value that switches one off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Wall time of one evaluation: instantiation, `configure`, `score` and all host calls. Default 100 ms: a scheduler
    /// that places ten pods a second can wait no longer.
    pub deadline: Duration,
    /// Instructions of one evaluation, more or less: fuel as wasmtime counts it. Default none. The same evaluation uses
    /// the same fuel on every machine, which a deadline does not; counting it costs about a tenth of the speed.
    pub fuel: Option<u64>,
    /// Linear memory of one instance, in bytes. Default 64 MiB: twenty columns of 100,000 candidates are 16 MB.
    pub memory_bytes: usize,
    /// Stack of the policy's code, in bytes; it is not the caller's. Default 512 KiB, which is wasmtime's own: scoring does
    /// not recurse deeply, and what toolchains call the stack lies in linear memory.
    pub stack_bytes: usize,
    /// Elements of one table. Default 10,000: one per function that is called indirectly. Tables that begin with more than
    /// 100,000 in all are refused whatever the limit is: a compiler prepares them.
    pub table_elements: usize,
    /// Core instances in a component. Default 64: a policy has one to three, with its adapters; what toolchains make of an
    /// interpreter has some forty, most of them the adapter of a single interface.
    pub instances: usize,
    /// Linear memories in a component. Default 4: the policy's, and those of its adapters.
    pub memories: usize,
    /// Tables in a component. Default 10: one per instance.
    pub tables: usize,
    /// Handles held at once, that of the candidates included. Default 1,000: a policy needs three, one that forgets to
    /// drop them should be noticed.
    pub handles: usize,
    /// Bytes that one call may carry from the policy to the host. Default 32 MiB: 4 million scores, or the names of 100,000
    /// candidates ten times over.
    pub call_bytes: usize,
    /// Bytes of one evaluation's log. Default 64 KiB: what a person may read.
    pub log_bytes: usize,
    /// Bytes of one log line. Default 4 KiB: a screen of text.
    pub log_line_bytes: usize,
    /// Bytes of a policy's file. Default 32 MiB: room for an interpreter and its program.
    pub module_bytes: usize,
    /// Wall time of reading and compiling a policy's file, and of keeping the code in a cache. Default 30 s: an interpreter
    /// takes ten on a small machine. The compiler cannot be interrupted: when time is up the load fails at once, and what
    /// it began goes on behind it until it is done. Four compilations run at once, these included; who waits so long for
    /// one of them to end is told [`Busy`](super::PolicyErrorKind::Busy). The compiler's memory has no limit of its own:
    /// the shapes of files that are known to multiply it are refused before, and who has to rule out that there are others
    /// loads strangers' policies in a process of its own, and shares a [`CompiledCache`](super::CompiledCache).
    pub compile_time: Duration,
    /// Evaluations at once, on all threads together; more wait. Default 32: with [`Limits::memory_bytes`] it bounds the
    /// linear memory of all policies, to 2 GiB, and twice that where instances are kept for
    /// [`Isolation::Reuse`](super::Isolation::Reuse).
    pub concurrency: usize,
    /// Wall time that an evaluation waits for others to end when there are as many as may run at once. Default 1 s: ten
    /// evaluations of the longest kind.
    pub wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deadline: Duration::from_millis(100),
            fuel: None,
            memory_bytes: 64 << 20,
            stack_bytes: 512 << 10,
            table_elements: 10_000,
            instances: 64,
            memories: 4,
            tables: 10,
            handles: 1_000,
            call_bytes: 32 << 20,
            log_bytes: 64 << 10,
            log_line_bytes: 4 << 10,
            module_bytes: 32 << 20,
            compile_time: Duration::from_secs(30),
            concurrency: 32,
            wait: Duration::from_secs(1),
        }
    }
}

/// What a limit is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitUnit {
    /// Milliseconds.
    Milliseconds,
    /// Bytes.
    Bytes,
    /// Pieces, or units of fuel.
    Count,
}

/// One limit by name, for people and configuration files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitEntry {
    /// The name: that of the field, with hyphens and without the unit.
    pub name: &'static str,
    /// What it is counted in.
    pub unit: LimitUnit,
    /// Its value; `None` for one that is not set.
    pub value: Option<u64>,
    /// What it limits, in a few words.
    pub meaning: &'static str,
}

/// Limits that nothing can run under, or that this machine cannot keep; all problems at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid limits: {}", .problems.join("; "))]
pub struct InvalidLimits {
    problems: Vec<String>,
}

/// The smallest and the largest value that makes sense, inclusive.
const RANGES: [(&str, u64, u64); 16] = [
    // Longer than an hour is no deadline.
    ("deadline", 1, 3_600_000),
    ("fuel", 1, u64::MAX),
    // All that 32-bit addresses reach.
    ("memory", 0, 4 << 30),
    // What the smallest calls need; each call reserves as much.
    ("stack", 64 << 10, 64 << 20),
    ("table-elements", 0, 10_000_000),
    ("instances", 0, 1_000),
    ("memories", 0, 100),
    ("tables", 0, 100),
    // One for the candidates.
    ("handles", 1, 1_000_000),
    ("call-bytes", 1_024, 1 << 30),
    ("log-bytes", 0, 1 << 30),
    ("log-line-bytes", 1, 1 << 20),
    ("module-bytes", 0, 1 << 30),
    ("compile-time", 1, 3_600_000),
    // Each place reserves address space.
    ("concurrency", 1, 1_000),
    ("wait", 0, 3_600_000),
];

impl Limits {
    /// All limits by name, in the order of the fields.
    #[must_use]
    pub fn entries(&self) -> Vec<LimitEntry> {
        let mut copy = self.clone();
        let entries = copy.fields().map(|(name, unit, meaning, field)| {
            let value = match field {
                Field::Time(time) => Some(u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
                Field::Fuel(fuel) => *fuel,
                Field::Size(size) => Some(u64::try_from(*size).unwrap_or(u64::MAX)),
            };
            LimitEntry { name, unit, value, meaning }
        });
        entries.into()
    }

    /// Sets the limit of a name, in the unit of its entry. Nothing is checked but the name: see [`Limits::validate`].
    ///
    /// # Errors
    /// [`InvalidLimits`] for a name that no limit has.
    pub fn set(&mut self, name: &str, value: u64) -> Result<(), InvalidLimits> {
        let names = self.entries().iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ");
        match self.fields().into_iter().find(|(known, ..)| *known == name) {
            Some((_, _, _, Field::Time(time))) => *time = Duration::from_millis(value),
            Some((_, _, _, Field::Fuel(fuel))) => *fuel = Some(value),
            Some((_, _, _, Field::Size(size))) => *size = usize::try_from(value).unwrap_or(usize::MAX),
            None => {
                let problem = format!("there is no limit {name:?}; there are {names}");
                return Err(InvalidLimits { problems: vec![problem] });
            }
        }
        Ok(())
    }

    /// Checks every limit against the values that make sense; [`super::PolicyEngine::new`] does it too.
    ///
    /// # Errors
    /// [`InvalidLimits`] with every problem.
    pub fn validate(&self) -> Result<(), InvalidLimits> {
        let mut problems = Vec::new();
        for (entry, (name, least, most)) in self.entries().iter().zip(RANGES) {
            if let Some(value) = entry.value.filter(|value| !(least..=most).contains(value)) {
                problems.push(format!("{name} is {value} and must be from {least} to {most}"));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(InvalidLimits { problems }) }
    }

    fn fields(&mut self) -> [(&'static str, LimitUnit, &'static str, Field<'_>); 16] {
        use LimitUnit::{Bytes, Count, Milliseconds};
        [
            ("deadline", Milliseconds, "wall time of one evaluation", Field::Time(&mut self.deadline)),
            ("fuel", Count, "instructions of one evaluation", Field::Fuel(&mut self.fuel)),
            ("memory", Bytes, "linear memory of one instance", Field::Size(&mut self.memory_bytes)),
            ("stack", Bytes, "stack of the policy's code", Field::Size(&mut self.stack_bytes)),
            ("table-elements", Count, "elements of one table", Field::Size(&mut self.table_elements)),
            ("instances", Count, "core instances in a component", Field::Size(&mut self.instances)),
            ("memories", Count, "linear memories in a component", Field::Size(&mut self.memories)),
            ("tables", Count, "tables in a component", Field::Size(&mut self.tables)),
            ("handles", Count, "handles held at once", Field::Size(&mut self.handles)),
            ("call-bytes", Bytes, "what one call may carry to the host", Field::Size(&mut self.call_bytes)),
            ("log-bytes", Bytes, "log of one evaluation", Field::Size(&mut self.log_bytes)),
            ("log-line-bytes", Bytes, "one line of the log", Field::Size(&mut self.log_line_bytes)),
            ("module-bytes", Bytes, "a policy's file", Field::Size(&mut self.module_bytes)),
            ("compile-time", Milliseconds, "wall time of compiling a policy", Field::Time(&mut self.compile_time)),
            ("concurrency", Count, "evaluations at once", Field::Size(&mut self.concurrency)),
            ("wait", Milliseconds, "wait for a free place when so many run", Field::Time(&mut self.wait)),
        ]
    }
}

/// Where a limit is kept.
enum Field<'a> {
    Time(&'a mut Duration),
    Fuel(&'a mut Option<u64>),
    Size(&'a mut usize),
}
