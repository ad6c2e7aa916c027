//! What `wit/` says, as Rust: generated, a module for each interface that a policy imports.
//!
//! For the `with` of an embedder's own `bindgen!`, so that its world speaks in the same types: see
//! [`embed`](super).

pub use generated::scorelet::policy::{collector, logging, scheduling, types};

mod generated {
    #![allow(
        missing_docs,
        unreachable_pub,
        clippy::pedantic,
        reason = "generated code; its documentation is in `wit/`"
    )]

    wasmtime::component::bindgen!({
        path: "../wit",
        world: "imports",
        imports: { default: trappable },
        with: {
            "scorelet:policy/collector.metric-table": crate::policy::host::MetricTable,
            "scorelet:policy/scheduling.candidates": crate::policy::host::CandidatesInUse,
        },
    });
}
