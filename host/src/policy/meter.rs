//! Measures what an instance uses, and refuses what goes beyond its limits.

use wasmtime::ResourceLimiter;

use super::limits::Limits;

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

    /// Forgets the last evaluation, and not the memory that the instance still has.
    pub(super) fn renew(&mut self) {
        self.memory_peak = self.memory_in_use;
        self.refused_memory = None;
        self.refused_table = None;
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
