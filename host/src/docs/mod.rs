//! Longer texts that belong to no single item.

#[doc = include_str!("performance.md")]
pub mod performance {}
