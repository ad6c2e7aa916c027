//! Scorelet's host: collects live node load, and lets sandboxed WebAssembly policies score nodes with it.
//!
//! Data flows one way. A [`Collector`](collector::Collector) keeps a store in step with a load monitor; a
//! [`Reader`](store::Reader) takes a [`Reading`](snapshot::Reading) of what is known now; a
//! [`PolicyEngine`](policy::PolicyEngine) loads other people's policies, which score nodes with that reading.
//!
//! ```no_run
//! use scorelet_host::collector::{Collector, CollectorOptions};
//! use scorelet_host::monitor::http::{HttpMonitor, HttpMonitorOptions};
//! use scorelet_host::policy::{Candidates, Limits, LoadOptions, PolicyEngine, Request};
//! use scorelet_host::scheduling::{CPU, Node, Pod, Resources};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let monitor = HttpMonitor::new(HttpMonitorOptions::new("http://load-monitor:2020"))?;
//! let collector = Collector::start(CollectorOptions::default(), monitor)?;
//! let engine = PolicyEngine::new(Limits::default())?;
//! let policy = engine.load(&std::fs::read("least-loaded.wasm")?, LoadOptions::default())?;
//!
//! let nodes = ["a", "b"].map(|name| Node {
//!     allocatable: Resources::new().with(CPU, 8000),
//!     ..Node::named(name)
//! });
//! let request = Request { pod: Pod::default(), candidates: Candidates::new(nodes) };
//! let reading = collector.reader().read();
//! let evaluation = policy.score_async(&reading, &request).await?;
//! println!("{:?}", evaluation.scores);
//!
//! collector.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `kubernetes` | `kubernetes`: pods and nodes from manifests and `k8s-openapi` objects |
//! | `simulator` | `simulator`: a load monitor stand-in |
//! | `cli` (default) | both, and the program `scorelet` |
//!
//! What evaluations, answers and policies cost is in [`docs::performance`].

pub mod clock;
pub mod collector;
pub mod docs;
#[cfg(feature = "kubernetes")]
pub mod kubernetes;
pub mod monitor;
pub mod policy;
pub mod scheduling;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod snapshot;
pub mod store;
