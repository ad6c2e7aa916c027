//! What `wit/` says, as Rust: generated, and nothing else.

#![allow(missing_docs, unreachable_pub, clippy::pedantic, reason = "generated code; its documentation is in `wit/`")]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "policy",
    imports: { default: trappable },
    with: {
        "scorelet:policy/collector.metric-table": crate::policy::host::MetricTable,
        "scorelet:policy/scheduling.candidates": crate::policy::host::CandidatesInUse,
    },
});
