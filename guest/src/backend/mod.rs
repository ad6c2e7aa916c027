//! Who answers a policy: the host through the imports of the component, or a cluster in memory in a native test.
//!
//! Both implementations offer the same items, and nothing outside of this module knows which one it talks to.

#[cfg(target_arch = "wasm32")]
mod imports;
#[cfg(target_arch = "wasm32")]
pub use imports::CandidatesHandle;
#[cfg(target_arch = "wasm32")]
pub(crate) use imports::{
    Candidates, MetricTable, all_statistics, log, node_all_metrics, node_metrics, report_panics, statistics_of_label,
    valid,
};

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod memory;
#[cfg(not(target_arch = "wasm32"))]
pub use memory::CandidatesHandle;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use memory::{
    Candidates, MetricTable, all_statistics, log, node_all_metrics, node_metrics, report_panics, statistics_of_label,
    valid,
};
