//! Scorelet's host.

pub mod monitor;
pub mod scheduling;
