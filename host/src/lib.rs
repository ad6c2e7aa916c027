//! Scorelet's host.

pub mod clock;
pub mod collector;
pub mod monitor;
pub mod policy;
pub mod scheduling;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod snapshot;
pub mod store;
