//! Policies: loading them into the sandbox, and asking them for scores.
//!
//! [`PolicyEngine`] (one per process) loads a [`Policy`] (one per file and settings), which gives an [`Evaluation`] for
//! each [`Request`] on one [`Reading`](crate::snapshot::Reading) of the store.
//!
//! ```no_run
//! use scorelet_host::policy::{Candidates, Limits, LoadOptions, PolicyEngine, Request};
//! use scorelet_host::scheduling::Pod;
//! # fn run(reading: scorelet_host::snapshot::Reading) -> Result<(), Box<dyn std::error::Error>> {
//! let engine = PolicyEngine::new(Limits::default())?;
//! let policy = engine.load(&std::fs::read("least-loaded.wasm")?, LoadOptions::default())?;
//! let snapshot = reading.snapshot().ok_or("nothing collected yet")?;
//! let request = Request { pod: Pod::default(), candidates: Candidates::from_snapshot(snapshot) };
//! let evaluation = policy.score(&reading, &request)?;
//! for (node, score) in request.candidates.names().iter().zip(&evaluation.scores) {
//!     println!("{node}: {score:.1}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`embed`] is for those who bring an engine of their own.

mod assignments;
mod cache;
mod candidates;
mod compile;
mod complexity;
mod contract;
mod convert;
pub mod embed;
mod engine;
mod error;
mod evaluate;
mod failure;
mod host;
mod inspect;
mod instance;
mod instantiations;
mod isolation;
mod limits;
mod load;
mod log;
mod metadata;
mod meter;
mod places;
mod pool;
mod scorer;
mod ticker;
mod wasi;
mod world;

pub use assignments::{Assigned, Assignments};
pub use cache::CompiledCache;
pub use candidates::Candidates;
pub use engine::{EngineOptions, PolicyEngine, Ticking};
pub use error::{PolicyError, PolicyErrorKind};
pub use evaluate::{Evaluation, Report, Request};
pub use inspect::{FileKind, Inspection, inspect};
pub use isolation::Isolation;
pub use limits::{InvalidLimits, LimitEntry, LimitUnit, Limits};
pub use load::{LoadOptions, Policy};
pub use log::{Level, LogLine};
pub use metadata::Metadata;
pub use pool::Allocation;
pub use wasi::Wasi;
