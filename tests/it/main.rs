//! The integration tests: one binary, a module per subject.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests name themselves, compare what must be equal to the bit, and may stop at the first surprise"
)]

mod assigned;
#[cfg(unix)]
mod cache;
mod candidates;
mod collector;
mod contract;
mod determinism;
mod embedding;
mod end_to_end;
mod examples;
mod hostile;
mod isolation;
mod limits;
mod places;
mod policy;
mod program;
mod samples;
mod tidy;
mod wasi;
mod yielding;
