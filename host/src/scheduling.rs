//! What is to be placed and where it could go: pods, nodes and amounts of resources, as plain values.

use std::collections::BTreeMap;

/// The resource name of processor time; amounts are in millicores.
pub const CPU: &str = "cpu";
/// The resource name of memory; amounts are in bytes.
pub const MEMORY: &str = "memory";
/// The resource name of local storage; amounts are in bytes.
pub const EPHEMERAL_STORAGE: &str = "ephemeral-storage";
/// The resource name of the number of pods on a node.
pub const PODS: &str = "pods";

/// Whole amounts of named resources.
///
/// `cpu` is in millicores (1000 is one core), `memory` and `ephemeral-storage` are in bytes, every other resource is
/// counted in its own unit under its Kubernetes name. A resource that is absent was not stated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources(BTreeMap<String, u64>);

impl Resources {
    /// No resource stated.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// States an amount, replacing an earlier one.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, amount: u64) -> Self {
        self.set(name, amount);
        self
    }

    /// States an amount, replacing an earlier one.
    pub fn set(&mut self, name: impl Into<String>, amount: u64) {
        self.0.insert(name.into(), amount);
    }

    /// The amount of a resource, if stated.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<u64> {
        self.0.get(name).copied()
    }

    /// Names and amounts in byte order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, amount)| (name.as_str(), *amount))
    }
}

/// The pod to be placed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pod {
    /// Name within the namespace; may be empty for a pod that is not created yet.
    pub name: String,
    /// Namespace.
    pub namespace: String,
    /// Labels by key.
    pub labels: BTreeMap<String, String>,
    /// Annotations by key.
    pub annotations: BTreeMap<String, String>,
    /// What the pod requests as a whole.
    pub requests: Resources,
    /// The limits of the pod as a whole; a resource that nothing limits is absent.
    pub limits: Resources,
    /// The regular containers, in their order: without init containers, and without the sidecars among them. Empty when
    /// only the pod as a whole is known.
    pub containers: Vec<Container>,
    /// What running the pod takes beside its containers; it is in the requests already.
    pub overhead: Resources,
    /// Priority; 0 when none is stated.
    pub priority: i32,
}

/// A container of a pod, and what it states for itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Container {
    /// Name within the pod.
    pub name: String,
    /// What it requests.
    pub requests: Resources,
    /// Its limits; a resource that nothing limits is absent.
    pub limits: Resources,
}

/// A node that may be offered to a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// The name, which is also the key into the load monitor's data.
    pub name: String,
    /// Labels by key.
    pub labels: BTreeMap<String, String>,
    /// What the node offers to pods.
    pub allocatable: Resources,
    /// What the pods on the node have already requested; a resource whose use is not known is absent.
    pub requested: Resources,
}

impl Node {
    /// A node of which only the name is known.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}
