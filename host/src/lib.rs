//! Scorelet's host.

pub mod clock;
pub mod collector;
#[cfg(feature = "kubernetes")]
pub mod kubernetes;
pub mod monitor;
pub mod policy;
pub mod scheduling;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod snapshot;
pub mod store;
