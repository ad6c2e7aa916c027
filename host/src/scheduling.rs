//! What is to be placed and where it could go: pods, nodes and amounts of resources, as plain values.

use std::collections::BTreeMap;
use std::iter;

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
pub struct Resources {
    /// The amounts of [`USUAL`], in place: there are thousands of nodes, and few of them state anything else.
    usual: [Option<u64>; USUAL.len()],
    /// All others, in byte order of their names. A list, because most are empty, and an empty map takes longer to drop.
    others: Vec<(String, u64)>,
}

/// What nearly every node states, in byte order.
pub(crate) const USUAL: [&str; 4] = [CPU, EPHEMERAL_STORAGE, MEMORY, PODS];

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

    /// States an amount, replacing an earlier one. Of thousands, it is fastest to state them in the order of their names.
    pub fn set(&mut self, name: impl Into<String>, amount: u64) {
        let name = name.into();
        match USUAL.iter().zip(&mut self.usual).find(|(usual, _)| **usual == name) {
            Some((_, place)) => *place = Some(amount),
            None => match self.place(&name) {
                Ok(place) => {
                    if let Some((_, known)) = self.others.get_mut(place) {
                        *known = amount;
                    }
                }
                Err(place) => self.others.insert(place, (name, amount)),
            },
        }
    }

    /// The amount of a resource, if stated.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<u64> {
        match USUAL.iter().zip(self.usual).find(|(usual, _)| **usual == name) {
            Some((_, amount)) => amount,
            None => self.others.get(self.place(name).ok()?).map(|(_, amount)| *amount),
        }
    }

    /// Where another resource is, or belongs.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.others.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }

    /// The amounts of [`USUAL`], and all others with their names: for who reads those of many nodes.
    pub(crate) fn parts(&self) -> (&[Option<u64>; USUAL.len()], &[(String, u64)]) {
        (&self.usual, &self.others)
    }

    /// Names and amounts in byte order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        let usual = USUAL.into_iter().zip(self.usual);
        let mut usual = usual.filter_map(|(name, amount)| Some((name, amount?))).peekable();
        let mut others = self.others.iter().map(|(name, amount)| (name.as_str(), *amount)).peekable();
        iter::from_fn(move || match (usual.peek(), others.peek()) {
            (Some((one, _)), Some((other, _))) if other < one => others.next(),
            (Some(_), _) => usual.next(),
            (None, _) => others.next(),
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_come_in_the_order_of_their_names_with_the_last_amount_stated() {
        let resources = Resources::new().with(PODS, 1).with("a", 2).with(MEMORY, 3).with("nvidia.com/gpu", 4);
        let resources = resources.with("zeta", 5).with(CPU, 6).with(PODS, 7).with("a", 0);
        let expected = [("a", 0), (CPU, 6), (MEMORY, 3), ("nvidia.com/gpu", 4), (PODS, 7), ("zeta", 5)];
        assert_eq!(resources.iter().collect::<Vec<_>>(), expected);
        for (name, amount) in expected {
            assert_eq!(resources.get(name), Some(amount), "{name}");
        }
        assert_eq!((resources.get(EPHEMERAL_STORAGE), resources.get("b")), (None, None));
        assert_eq!(Resources::new().iter().next(), None);
    }
}
