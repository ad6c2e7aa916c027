//! The imports of policies, for embedders with a wasmtime of their own.
//!
//! [`PolicyEngine`](super::PolicyEngine) runs policies of the world `policy`, in stores of its own. Whoever has an engine
//! already, or wants to offer guests more than the contract does, takes the imports alone: [`add_to_linker`] adds them to
//! any [`Linker`], answered from a [`PolicyContext`] that lies in the store's data. It needs the same version of wasmtime as
//! this crate, 48. The engine uses nothing else itself.
//!
//! A world of one's own includes the imports, and `with` makes its bindings speak in the types of this crate:
//!
//! ```no_run
//! use scorelet_host::policy::embed::{self, PolicyContext, PolicyView};
//! use scorelet_host::policy::{Candidates, Limits};
//! use scorelet_host::scheduling::Pod;
//! use scorelet_host::snapshot::Reading;
//! use wasmtime::component::{Component, Linker, Resource, ResourceTable};
//! use wasmtime::{Config, Engine, Store, StoreLimits, StoreLimitsBuilder};
//!
//! wasmtime::component::bindgen!({
//!     path: "../wit",
//!     inline: "
//!         package example:ranking;
//!         world ranking {
//!             include scorelet:policy/imports@0.1.0;
//!             import region: func() -> string;
//!             export scorelet:policy/scorer@0.1.0;
//!         }",
//!     with: { "scorelet:policy": scorelet_host::policy::embed::bindings },
//! });
//!
//! struct State {
//!     policy: PolicyContext,
//!     handles: ResourceTable,
//!     limits: StoreLimits,
//! }
//!
//! impl RankingImports for State {
//!     fn region(&mut self) -> String {
//!         "north".to_owned()
//!     }
//! }
//!
//! # fn run(bytes: &[u8], reading: Reading, candidates: &Candidates) -> Result<(), Box<dyn std::error::Error>> {
//! let allowed = Limits::default();
//! let mut config = Config::new();
//! config.epoch_interruption(true).max_wasm_stack(allowed.stack_bytes).cranelift_nan_canonicalization(true);
//! let engine = Engine::new(&config)?;
//! let mut linker = Linker::<State>::new(&engine);
//! embed::add_to_linker(&mut linker, |state| PolicyView { context: &mut state.policy, handles: &mut state.handles })?;
//! Ranking::add_to_linker_imports::<_, wasmtime::component::HasSelf<State>>(&mut linker, |state| state)?;
//! let component = Component::from_binary(&engine, &embed::component(bytes, allowed.module_bytes, &["region"])?)?;
//! let policy = RankingPre::new(linker.instantiate_pre(&component)?)?;
//!
//! // For each evaluation:
//! let limits = StoreLimitsBuilder::new().memory_size(allowed.memory_bytes).build();
//! let mut handles = ResourceTable::new();
//! handles.set_max_capacity(allowed.handles);
//! let state = State { policy: PolicyContext::new(reading, &allowed), handles, limits };
//! let mut store = Store::new(&engine, state);
//! store.limiter(|state| &mut state.limits);
//! store.set_epoch_deadline(11); // another thread calls `engine.increment_epoch()` every 10 ms
//! let State { policy: context, handles, .. } = store.data_mut();
//! let own = PolicyView { context, handles }.push_candidates(candidates)?;
//! let instance = policy.instantiate(&mut store)?;
//! let scorer = instance.scorelet_policy_scorer();
//! scorer.call_configure(&mut store, "")??;
//! let lent = Resource::new_borrow(own.rep());
//! let scores = scorer.call_score(&mut store, &(&Pod::default()).into(), lent)??;
//! embed::check_scores(candidates, &scores)?;
//! for line in store.data_mut().policy.take_log() {
//!     println!("{}: {}", line.level.as_str(), line.message);
//! }
//! # Ok(())
//! # }
//! # fn main() {}
//! ```
//!
//! Where you place pods, the candidates can carry those that metrics do not show yet: record them in
//! [`Assignments`](super::Assignments), and push `candidates.with_assigned(assignments.current())`.
//!
//! The host's functions are synchronous and never wait, so that they serve `call` as well as `call_async`. WASI is not among
//! them: what [`Wasi`] says is about `PolicyEngine`.
//!
//! # What is then yours to limit
//!
//! The context bounds the log, and nothing else. A guest of a stranger needs the rest of what
//! [`PolicyEngine`](super::PolicyEngine) sets; the numbers are fields of [`Limits`], whose defaults are a good start.
//!
//! | against | `PolicyEngine` sets |
//! |---|---|
//! | endless loops | `Config::epoch_interruption`, `Store::set_epoch_deadline` from [`Limits::deadline`], and a thread of its own that calls `Engine::increment_epoch` every 10 ms; for asynchronous calls, `Store::epoch_deadline_callback` with `UpdateDeadline::Yield` at every tick, until the deadline. Optionally `Config::consume_fuel` and `Store::set_fuel` |
//! | memory | `Store::limiter`: [`Limits::memory_bytes`] over all memories together (`StoreLimits` takes each by itself), [`Limits::table_elements`], and the number of instances, memories and tables |
//! | recursion | `Config::max_wasm_stack`. It is the stack of the calling thread, unless the call is asynchronous: that one is as long as `Config::async_stack_size`, which has to be longer |
//! | forgotten handles | `ResourceTable::set_max_capacity` and `Store::set_max_component_handles`, both with [`Limits::handles`] |
//! | long answers | what you give: candidates, the snapshot, and assigned pods, of which there are at most [`Assignments::MAX_PODS`](super::Assignments::MAX_PODS) |
//! | huge arguments | `Store::set_hostcall_fuel` with [`Limits::call_bytes`] |
//! | different bits on different machines | `Config::cranelift_nan_canonicalization` and `Config::relaxed_simd_deterministic` |
//! | a stranger's debug information | `Config::wasm_backtrace_details` with `WasmBacktraceDetails::Disable`: it is not parsed |
//! | words that rewrite a terminal | nothing: it escapes refusals and the names in backtraces. The log of a context is escaped already |
//! | files that are expensive to compile | [`component`], before `Component::from_binary`; `Config::memory_guaranteed_dense_image_size` of 256 KiB, or two kilobytes of a file become gigabytes |
//! | leaks between evaluations | a new store and a new instance for each |

pub mod bindings;

use std::borrow::Cow;

use wasmtime::component::{HasData, Linker, Resource, ResourceTable};

use super::candidates::Candidates;
use super::error::{PolicyError, PolicyErrorKind};
use super::evaluate::broken_contract;
use super::host::candidates;
pub use super::host::{CandidatesInUse, MetricTable};
use super::inspect::analyse_for;
use super::limits::Limits;
use super::log::{Log, LogLine};
use super::wasi::Wasi;
use crate::snapshot::Reading;

/// What one evaluation may see, and what it leaves behind. Made for each evaluation; lies in the data of its store.
#[derive(Debug)]
pub struct PolicyContext {
    pub(super) reading: Reading,
    pub(super) log: Log,
    pub(super) host_calls: u64,
    pub(super) assigned: usize,
}

impl PolicyContext {
    /// A context in which all questions are answered from one reading. Of the limits, it keeps those of the log.
    #[must_use]
    pub fn new(reading: Reading, limits: &Limits) -> Self {
        let log = Log::new(limits.log_bytes, limits.log_line_bytes);
        Self { reading, log, host_calls: 0, assigned: 0 }
    }

    /// The reading that answers.
    #[must_use]
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// The calls of this module's functions so far.
    #[must_use]
    pub fn host_calls(&self) -> u64 {
        self.host_calls
    }

    /// The pods that the guest was told were assigned to candidates since the metrics were measured; 0 unless it asked.
    #[must_use]
    pub fn assigned(&self) -> usize {
        self.assigned
    }

    /// Takes what was logged; when some lines did not fit, the last one says how many. What is logged later still counts
    /// towards the same limit.
    #[must_use]
    pub fn take_log(&mut self) -> Vec<LogLine> {
        self.log.take()
    }
}

/// A context and the handle table beside it, borrowed from the data of a store.
#[derive(Debug)]
pub struct PolicyView<'a> {
    /// What the evaluation may see.
    pub context: &'a mut PolicyContext,
    /// Where handles lie. It may have others in it, and should have a maximum capacity.
    pub handles: &'a mut ResourceTable,
}

/// The guest wants another handle, and the table holds as many as it may. Where a call fails for this reason, it is what
/// [`wasmtime::Error::downcast_ref`] finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it may hold {most} handles at once, that of the candidates included")]
pub struct TooManyHandles {
    most: usize,
}

impl PolicyView<'_> {
    /// Hands candidates in, with their places in the snapshot of the context's reading. What was assigned to them lately is
    /// among it where they have it: see [`Candidates::with_assigned`].
    ///
    /// Best done before the guest runs, which may take all handles otherwise. Lend them to an export by
    /// [`Resource::new_borrow`] of [`Resource::rep`]; they stay until [`ResourceTable::delete`], or as long as the table.
    ///
    /// # Errors
    /// [`TooManyHandles`] when the table is full.
    pub fn push_candidates(&mut self, candidates: &Candidates) -> Result<Resource<CandidatesInUse>, TooManyHandles> {
        let in_use = CandidatesInUse::new(candidates, self.context.reading.snapshot());
        self.push(in_use)
    }

    pub(super) fn push<R: Send + 'static>(&mut self, resource: R) -> Result<Resource<R>, TooManyHandles> {
        let most = self.handles.max_capacity();
        self.handles.push(resource).map_err(|_| TooManyHandles { most })
    }
}

/// Marks that a store's data gives a [`PolicyView`].
struct HasPolicy;

impl HasData for HasPolicy {
    type Data<'a> = PolicyView<'a>;
}

/// Adds all that a policy may import, the world `imports`, to a linker.
///
/// # Errors
/// When the linker has something of these names already.
pub fn add_to_linker<T: 'static>(linker: &mut Linker<T>, view: fn(&mut T) -> PolicyView<'_>) -> wasmtime::Result<()> {
    bindings::types::add_to_linker::<T, HasPolicy>(linker, view)?;
    bindings::collector::add_to_linker::<T, HasPolicy>(linker, view)?;
    bindings::logging::add_to_linker::<T, HasPolicy>(linker, view)?;
    candidates::add_to_linker(linker, view)
}

/// The component in a policy's file, judged before anything of it is compiled: as it is, or made of a core module that
/// carries its component type.
///
/// For guests that export the scorer. They are refused for the reasons of
/// [`PolicyEngine::load`](super::PolicyEngine::load), but for those that compiling and linking find, and may import what
/// the embedder says that it offers too: by the full name of an interface, such as `example:site/places@0.1.0`, or by
/// that of a function in its world. A core module may import such functions, and no such interfaces.
///
/// # Errors
/// [`PolicyErrorKind::NotWasm`], [`PolicyErrorKind::TooLarge`], and [`PolicyErrorKind::Incompatible`] with every reason why
/// it cannot run.
pub fn component<'a>(bytes: &'a [u8], max_bytes: usize, also_offered: &[&str]) -> Result<Cow<'a, [u8]>, PolicyError> {
    let (inspection, component) = analyse_for(bytes, max_bytes, Wasi::Refused, also_offered)?;
    inspection.verdict().map_err(|failure| failure.of_digest(&inspection.digest))?;
    Ok(component)
}

/// Checks the contract of scores: one for each candidate, in their order, each finite and within 0 to 100.
///
/// # Errors
/// [`PolicyErrorKind::InvalidScores`], naming the first candidate that they are wrong for.
pub fn check_scores(candidates: &Candidates, scores: &[f64]) -> Result<(), PolicyError> {
    match broken_contract(scores, candidates.names()) {
        Some(problem) => Err(PolicyError::new(PolicyErrorKind::InvalidScores, problem)),
        None => Ok(()),
    }
}
