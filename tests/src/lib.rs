//! What Scorelet's tests need: a load monitor in memory, a clock that they move, and guests built for the sandbox.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

pub mod artifacts;
pub mod bench;
pub mod body;
pub mod canned;
pub mod clock;
pub mod cluster;
pub mod engine;
pub mod hostile;
pub mod log;
pub mod monitor;
pub mod program;
pub mod wat_policy;
