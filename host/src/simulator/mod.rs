//! A stand-in for a load monitor: a simulated cluster or a replayed capture, served over HTTP.
//!
//! Everything a simulated cluster says is a function of its seed and the time, so two machines with the same seed show
//! the same cluster and a test can compare bytes. The server can be told to misbehave while it runs, see [`Faults`].
//!
//! ```
//! use scorelet_host::simulator::{Dialect, Server, SimulatedCluster};
//!
//! # fn main() -> std::io::Result<()> {
//! let cluster = SimulatedCluster { nodes: 12, labels: 20, seed: 7, dialect: Dialect::LoadMonitor };
//! let server = Server::bind(([127, 0, 0, 1], 0).into(), cluster)?;
//! println!("a load monitor will answer at http://{}/watcher", server.local_address());
//! let running = server.run(std::future::pending());
//! # drop(running);
//! # Ok(())
//! # }
//! ```

mod bodies;
mod cluster;
mod faults;
mod metrics;
mod model;
mod noise;
mod replay;
mod scan;
mod server;
mod source;
mod statistics;
mod wire;

pub use cluster::SimulatedCluster;
pub use faults::Faults;
pub use replay::{Replay, ReplayClock, ReplayError};
pub use server::{Server, UnixClock, system_clock};
pub use source::{Dialect, REFRESH_SECONDS, Source};
