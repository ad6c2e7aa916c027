//! The load monitor as the Collector sees it: something that is healthy or not, and that hands out one body of bytes.

use std::future::Future;

mod error;
pub mod http;
pub mod wire;

pub use error::{MonitorError, MonitorErrorKind};

/// A source of node load.
///
/// [`http::HttpMonitor`] is the real one; tests bring one that lives in memory. Both calls are bounded in time by the
/// Collector, so an implementation need not keep a clock of its own; dropping the returned future must cancel the call.
pub trait Monitor: Send + Sync + 'static {
    /// Asks whether the load monitor is alive.
    ///
    /// # Errors
    /// When it cannot be reached or says that it is not healthy.
    fn healthy(&self) -> impl Future<Output = Result<(), MonitorError>> + Send;

    /// Fetches everything that the load monitor publishes: one JSON document, see [`crate::monitor::wire`].
    ///
    /// # Errors
    /// When it cannot be reached, answers with a failure, or sends more than it may.
    fn fetch(&self) -> impl Future<Output = Result<Vec<u8>, MonitorError>> + Send;
}
