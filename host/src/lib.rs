//! Scorelet's host.

pub mod clock;
pub mod collector;
pub mod monitor;
pub mod policy;
pub mod scheduling;
pub mod snapshot;
pub mod store;
