//! Names of the resources that Kubernetes itself defines.

/// Processor time, in millicores: 1000 is one core.
pub const CPU: &str = "cpu";

/// Memory, in bytes.
pub const MEMORY: &str = "memory";

/// Local ephemeral storage, in bytes.
pub const EPHEMERAL_STORAGE: &str = "ephemeral-storage";

/// The number of pods.
pub const PODS: &str = "pods";
