//! How much a policy may use. On by default, and the same on a laptop as in production.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// What one evaluation, or one load, may use at most.
///
/// Start from [`Limits::default`] and change fields. Every limit is always enforced: but for [`Limits::fuel`], there is no
/// value that switches one off. The time that compiling takes is bounded by [`Limits::module_bytes`] only.
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
    /// Elements of one table. Default 10,000: one per function that is called indirectly.
    pub table_elements: usize,
    /// Core instances in a component. Default 10: a component has one to three, with its adapters.
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
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deadline: Duration::from_millis(100),
            fuel: None,
            memory_bytes: 64 << 20,
            stack_bytes: 512 << 10,
            table_elements: 10_000,
            instances: 10,
            memories: 4,
            tables: 10,
            handles: 1_000,
            call_bytes: 32 << 20,
            log_bytes: 64 << 10,
            log_line_bytes: 4 << 10,
            module_bytes: 32 << 20,
        }
    }
}

/// Refuses growth beyond the limits, and remembers that it did: a guest that gets no memory often just traps.
#[derive(Debug)]
pub(super) struct Meter {
    memory_limit: usize,
    table_limit: usize,
    instances: usize,
    memories: usize,
    tables: usize,
    memory_in_use: usize,
    /// The growth granted last, taken back when the machine could not do it.
    granted: usize,
    /// The most memory in use at any time.
    pub(super) memory_peak: usize,
    /// Bytes of the growth that was refused first.
    pub(super) refused_memory: Option<usize>,
    /// Elements of the growth that was refused first.
    pub(super) refused_table: Option<usize>,
}

impl Meter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            memory_limit: limits.memory_bytes,
            table_limit: limits.table_elements,
            instances: limits.instances,
            memories: limits.memories,
            tables: limits.tables,
            memory_in_use: 0,
            granted: 0,
            memory_peak: 0,
            refused_memory: None,
            refused_table: None,
        }
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.granted = 0;
        // What the memory's own type forbids fails anyway, and is no fault of the limit.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        // The limit is on all memories together, or a policy with four would have four times as much.
        let growth = desired.saturating_sub(current);
        let total = self.memory_in_use.saturating_add(growth);
        if total > self.memory_limit {
            self.refused_memory.get_or_insert(total);
            return Ok(false);
        }
        self.granted = growth;
        self.memory_in_use = total;
        self.memory_peak = self.memory_peak.max(total);
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory_in_use = self.memory_in_use.saturating_sub(std::mem::take(&mut self.granted));
        Ok(())
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        if desired > self.table_limit {
            self.refused_table.get_or_insert(desired);
            return Ok(false);
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn memories(&self) -> usize {
        self.memories
    }

    fn tables(&self) -> usize {
        self.tables
    }
}
