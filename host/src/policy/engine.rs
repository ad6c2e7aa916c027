//! The engine: one per process, which compiles and runs all policies under the same limits.

use std::sync::Arc;

use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Config, Engine, OptLevel, WasmBacktraceDetails};

use super::cache::CompiledCache;
use super::compile::COMPILATIONS;
use super::embed::{self, PolicyContext, PolicyView};
use super::error::{PolicyError, PolicyErrorKind, count};
use super::isolation::Idle;
use super::limits::{InvalidLimits, Limits};
use super::meter::Meter;
use super::places::{Place, Places};
use super::pool::{self, Allocation};
use super::ticker::{Ticker, Ticks};
use super::wasi::{Wasi, WasiState};

/// Loads and runs policies. Created once per process; cheap to clone.
#[derive(Clone, Debug)]
pub struct PolicyEngine {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    // Before the engine, so that its thread has ended when the engine goes.
    _ticker: Option<Ticker>,
    pub(super) engine: Engine,
    pub(super) linker: Linker<State>,
    pub(super) limits: Limits,
    pub(super) wasi: Wasi,
    pub(super) cache: Option<CompiledCache>,
    pub(super) ticks: Ticks,
    pub(super) idle: Idle,
    pub(super) compilations: Places,
    evaluations: Places,
    allocation: Allocation,
}

/// How an engine is made. Start from the default and change fields.
#[derive(Clone, Debug, Default)]
pub struct EngineOptions {
    /// What every policy may use.
    pub limits: Limits,
    /// Whether policies may import WASI.
    pub wasi: Wasi,
    /// Where compiled code is kept between processes. None by default: every load compiles.
    pub cache: Option<CompiledCache>,
    /// How instances get their memory.
    pub allocation: Allocation,
    /// Who drives the deadlines.
    pub ticking: Ticking,
}

/// Who drives the deadlines of running policies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ticking {
    /// A thread of the engine's own, every 10 ms.
    #[default]
    Thread,
    /// The caller, by [`PolicyEngine::tick`]: for tests that do not depend on time. Without it, no deadline passes and nobody
    /// gives up waiting.
    Manual,
}

/// The data of one instance.
#[derive(Debug)]
pub(super) struct State {
    pub(super) context: PolicyContext,
    pub(super) handles: ResourceTable,
    pub(super) meter: Meter,
    pub(super) wasi: WasiState,
}

impl State {
    pub(super) fn view(&mut self) -> PolicyView<'_> {
        PolicyView { context: &mut self.context, handles: &mut self.handles }
    }
}

impl PolicyEngine {
    /// An engine with these limits, and otherwise the default [`EngineOptions`].
    ///
    /// # Errors
    /// [`PolicyErrorKind::InvalidLimits`], and [`PolicyErrorKind::Internal`] when this machine cannot run WebAssembly.
    pub fn new(limits: Limits) -> Result<Self, PolicyError> {
        Self::with_options(EngineOptions { limits, ..EngineOptions::default() })
    }

    /// An engine with these options.
    ///
    /// # Errors
    /// As [`PolicyEngine::new`].
    pub fn with_options(options: EngineOptions) -> Result<Self, PolicyError> {
        let EngineOptions { limits, wasi, cache, allocation, ticking } = options;
        limits
            .validate()
            .map_err(|invalid: InvalidLimits| PolicyError::new(PolicyErrorKind::InvalidLimits, invalid.to_string()))?;
        let (engine, allocation) = pool::engine(&mut configuration(&limits), allocation, &limits).map_err(internal)?;
        let mut linker = Linker::new(&engine);
        embed::add_to_linker(&mut linker, State::view).map_err(internal)?;
        let ticks = Ticks::default();
        let ticker = match ticking {
            Ticking::Thread => Some(Ticker::start(engine.weak(), ticks.clone()).map_err(|failure| {
                PolicyError::new(PolicyErrorKind::Internal, "the thread for deadlines did not start")
                    .with_source(failure)
            })?),
            Ticking::Manual => None,
        };
        let shared = Shared {
            _ticker: ticker,
            engine,
            linker,
            wasi,
            cache,
            ticks,
            idle: Idle::new(limits.concurrency),
            compilations: Places::new(COMPILATIONS),
            evaluations: Places::new(limits.concurrency),
            allocation,
            limits,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The limits of every policy of this engine.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// Where compiled code is kept between processes, if anywhere.
    #[must_use]
    pub fn cache(&self) -> Option<&CompiledCache> {
        self.shared.cache.as_ref()
    }

    /// How instances get their memory: [`Allocation::OnDemand`] also where a pool was wanted and could not be had.
    #[must_use]
    pub fn allocation(&self) -> Allocation {
        self.shared.allocation
    }

    /// Lets 10 ms pass for all running policies: see [`Ticking::Manual`].
    pub fn tick(&self) {
        self.shared.ticks.tick(&self.shared.engine);
    }
}

impl Shared {
    /// A place among the evaluations at once.
    pub(super) async fn place(&self) -> Result<Place, PolicyError> {
        let Limits { concurrency, wait, .. } = self.limits;
        self.evaluations.take(wait, &self.ticks).await.ok_or_else(|| {
            let (evaluations, wait) = (count(concurrency, "evaluation"), wait.as_millis());
            let message = format!("{evaluations}, as many as may run at once, left it no place for {wait} ms");
            PolicyError::new(PolicyErrorKind::Busy, message)
        })
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// The image of a memory that may be mostly zeros: larger ones are made where at least half of it is data.
const DENSE_IMAGE: u64 = 256 << 10;

fn configuration(limits: &Limits) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .consume_fuel(limits.fuel.is_some())
        // Whatever features of wasmtime others in the same program ask for: none of this is part of what is limited here.
        .gc_support(false)
        .wasm_gc(false)
        .shared_memory(false)
        .concurrency_support(false)
        .wasm_stack_switching(false)
        // A policy has 64 MiB; no pool could hold a memory of more than 4 GiB.
        .wasm_memory64(false)
        // Not from the environment, and not by parsing a stranger's debug information.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        // A backtrace names functions, and not places in them, which would take a tenth of a policy's memory.
        .generate_address_map(false)
        // What is prepared when a policy is compiled, from few bytes of its file: 16 MiB for a memory with data at both ends,
        // unless this is smaller, and the memory is initialised from its data. Tables are prepared too; `complexity` bounds
        // them.
        .memory_guaranteed_dense_image_size(DENSE_IMAGE)
        .max_wasm_stack(limits.stack_bytes)
        // The stacks of calls hold the policy's stack and the host calls on top of it.
        .async_stack_size(limits.stack_bytes.saturating_add(1 << 20))
        // The same policy must give the same bits on every machine.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .cranelift_opt_level(OptLevel::Speed);
    config
}

pub(super) fn internal(failure: wasmtime::Error) -> PolicyError {
    PolicyError::new(PolicyErrorKind::Internal, "the WebAssembly engine failed").with_source(failure)
}
