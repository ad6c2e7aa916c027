//! Scoring policies for Scorelet: where should this pod go?
//!
//! A policy scores the nodes that could take a pod, from live load data that the host hands to it. It is compiled to
//! WebAssembly and runs in a sandbox: it sees its settings, the pod, the candidates and one frozen snapshot of the load,
//! and nothing else.
//!
//! # A complete policy
//!
//! ```
//! use scorelet_guest::{MetricType, Node, NodePolicy, Pod, Refusal, Selector, log};
//!
//! static CPU: Selector = Selector::average(MetricType::Cpu);
//!
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields, default)]
//! struct Settings {
//!     /// The utilisation in per cent from which on a node counts as full.
//!     full_at: f64,
//! }
//!
//! impl Default for Settings {
//!     fn default() -> Self {
//!         Self { full_at: 80.0 }
//!     }
//! }
//!
//! struct Headroom {
//!     settings: Settings,
//! }
//!
//! impl NodePolicy for Headroom {
//!     type Settings = Settings;
//!
//!     fn new(settings: Settings) -> Result<Self, Refusal> {
//!         if !(1.0..=100.0).contains(&settings.full_at) {
//!             return Err("`full_at` has to be within 1 to 100 per cent".into());
//!         }
//!         Ok(Self { settings })
//!     }
//!
//!     fn score(&self, pod: &Pod, node: &Node<'_>) -> Result<f64, Refusal> {
//!         let Some(used) = node.metric(&CPU) else {
//!             log::warn!("{} was not measured: no score for {}", node.name(), pod.name);
//!             return Ok(0.0);
//!         };
//!         let free = (self.settings.full_at - used).clamp(0.0, self.settings.full_at);
//!         Ok(100.0 * (free / self.settings.full_at))
//!     }
//! }
//!
//! scorelet_guest::export!(Headroom);
//!
//! // Its unit test, without wasm:
//! use scorelet_guest::testing::{self, Cluster, NodeData};
//!
//! let cluster = Cluster::new()
//!     .node(NodeData::new("a").metric(CPU.clone(), 20.0))
//!     .node(NodeData::new("b").metric(CPU.clone(), 95.0))
//!     .node(NodeData::new("c"));
//! let pod = Pod::named("web");
//! assert_eq!(testing::evaluate::<Headroom>(&cluster, &pod, "").unwrap(), [75.0, 0.0, 0.0]);
//! assert_eq!(testing::evaluate::<Headroom>(&cluster, &pod, r#"{"full_at": 40}"#).unwrap(), [50.0, 0.0, 0.0]);
//! assert!(testing::evaluate::<Headroom>(&cluster, &pod, r#"{"full": 40}"#).unwrap_err().contains("unknown field"));
//! ```
//!
//! `scorelet new` makes a crate with such a policy, `cargo build --release --target wasm32-unknown-unknown` a file that every
//! host loads as it is. No other tool is needed.
//!
//! # Where to go
//!
//! - [`docs`] is a guide in chapters: [a first policy](docs::first_policy), [columns](docs::columns),
//!   [settings](docs::settings), [testing](docs::testing), [debugging](docs::debugging),
//!   [performance](docs::performance), [the sandbox](docs::sandbox), [other languages](docs::other_languages).
//! - [`NodePolicy`] scores node by node, [`Policy`] all candidates at once; [`export!`] takes both.
//! - [`collector`] has the five queries on live load, for more than the candidates' own metrics.
//! - [`log`] is the crate of that name: its lines come back with the scores. Lines below `Info` are skipped until the
//!   policy calls [`log::set_max_level`] in `new`.
#![cfg_attr(not(target_arch = "wasm32"), doc = "- [`testing`] runs a policy natively against a cluster in memory.")]

mod assigned;
mod backend;
mod bindings;
mod candidates;
mod column_cache;
mod export;
mod instance;
mod logging;
mod metric;
mod node;
mod pod;
mod policy;
mod refusal;
mod selector;
mod settings;

pub mod collector;
pub mod docs;
pub mod resource;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

pub use log;

pub use assigned::Assigned;
pub use bindings::scorelet::policy::scheduling::{AssignedContainer, AssignedPod, Container, Pod, Resources};
pub use candidates::Candidates;
pub use metric::{Metric, MetricType, Metrics, Operator, measured};
pub use node::Node;
pub use policy::{NodePolicy, Policy};
pub use refusal::Refusal;
pub use selector::Selector;
pub use settings::NoSettings;

#[cfg(all(feature = "allocator", target_arch = "wasm32", target_os = "unknown"))]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// For the expansion of [`export!`] only.
#[doc(hidden)]
pub mod __private {
    pub use crate::backend::CandidatesHandle;
    pub use crate::bindings::{export_world, exports};
    pub use crate::export::{assert_policy, metadata_bytes, metadata_text};
    pub use crate::instance::Instance;
}
