//! Where instances live: a pool of prepared places, sized from the limits.
//!
//! A place has its addresses reserved and its stack mapped, so that a fresh instance costs no system call to speak of, and a
//! policy's initial memory is mapped from its file's image, page by page as it writes.

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::limits::Limits;

/// How instances get their memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Allocation {
    /// From a pool, reserved when the engine is made; as [`Allocation::OnDemand`], with a warning, where this machine
    /// cannot reserve as much.
    #[default]
    Pooled,
    /// From the operating system, for every instance anew.
    OnDemand,
}

/// Address space of one linear memory: all that 32-bit addresses reach, so that compiled code need not check them.
const MEMORY_RESERVATION: usize = 4 << 30;
/// Elements that a table may have at all, by the rules of validation. Only address space: [`Limits::table_elements`] is
/// what is kept, and names what was wanted.
const TABLE_ELEMENTS: usize = 10_000_000;
/// Memories, and tables, that one core module may have at all, by the same rules. No larger: dropping a policy looks for
/// each of them in the pool.
const PER_MODULE: u32 = 100;
/// The runtime's own data about one component: enough for a million functions.
const INSTANCE_BYTES: usize = 64 << 20;

/// Memory of a place that is cleared for its next instance, rather than given back to the system and asked for again page by
/// page, which makes a fresh instance for 5,000 candidates take more than twice as long. Eight mebibytes hold the columns of
/// 100,000 candidates.
const MEMORY_KEPT: usize = 8 << 20;
/// Unused places that remember which policy they served before others are taken into use, so that policies in turn find
/// theirs as they left it. With one memory each, they keep 128 MiB. A burst of evaluations at once uses more places, which
/// keep theirs after it: never more than were used at one time.
const PLACES_KEPT: u32 = 16;
/// The same for a table: 8,192 functions.
const TABLE_KEPT: usize = 64 << 10;

/// The engine, and how it allocates in the end.
pub(super) fn engine(
    config: &mut Config,
    wanted: Allocation,
    limits: &Limits,
) -> wasmtime::Result<(Engine, Allocation)> {
    if wanted == Allocation::Pooled {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
        // What the machine can reserve is best found out by reserving it.
        match Engine::new(config) {
            Ok(engine) => return Ok((engine, Allocation::Pooled)),
            Err(error) => tracing::warn!(
                error = format!("{error:#}"),
                concurrency = limits.concurrency,
                memories = limits.memories,
                "the pool of instances cannot be reserved, and each one is allocated on demand: starting them takes \
                 longer; allow the process more address space, or lower the limits `concurrency` and `memories`"
            ),
        }
    }
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    Engine::new(config).map(|engine| (engine, Allocation::OnDemand))
}

/// As many places as evaluations at once, and as many again for instances that are kept for the next one.
///
/// The pool never refuses what the limits allow. It also never refuses first: what goes beyond a limit is refused by the
/// [`Meter`](super::meter::Meter), so that it is the same failure with and without a pool.
fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let places = limits.concurrency.saturating_mul(2);
    // At least one each: a pool of none refuses a policy before the limit can.
    let places_for = |each: usize| count(places.saturating_mul(each.max(1)));
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(count(places))
        .total_core_instances(places_for(limits.instances))
        .total_memories(places_for(limits.memories))
        .total_tables(places_for(limits.tables))
        .total_stacks(count(places))
        .max_core_instances_per_component(u32::MAX)
        .max_memories_per_component(u32::MAX)
        .max_memories_per_module(PER_MODULE)
        .max_tables_per_component(u32::MAX)
        .max_tables_per_module(PER_MODULE)
        .max_memory_size(MEMORY_RESERVATION)
        .table_elements(TABLE_ELEMENTS)
        .max_core_instance_size(INSTANCE_BYTES)
        .max_component_instance_size(INSTANCE_BYTES)
        .max_unused_warm_slots(PLACES_KEPT)
        .table_keep_resident(TABLE_KEPT);
    // Only what was written to is cleared, where Linux can say what that is: since 6.7. Elsewhere all of it would be, whatever
    // was written to, and it is given back instead.
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.pagemap_scan(Enabled::Yes).linear_memory_keep_resident(limits.memory_bytes.min(MEMORY_KEPT));
    }
    pool
}
