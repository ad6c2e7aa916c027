//! The pods that were assigned to candidates lately, a column at a time.

use crate::{AssignedContainer, AssignedPod, backend};

/// Pods that the host put on the candidates since their metrics were measured; made by
/// [`Candidates::assigned`](crate::Candidates::assigned).
///
/// Every list has one entry per pod, in the order of [`Assigned::pods`]: by candidate, and those of one candidate oldest
/// first. What a policy wants is mostly a sum for each candidate:
///
/// ```
/// # use scorelet_guest::testing::{self, Cluster, NodeData};
/// # use scorelet_guest::{Candidates, NoSettings, Pod, Policy, Refusal, resource};
/// # struct Spread;
/// # impl Policy for Spread {
/// #     type Settings = NoSettings;
/// #     fn new(_: NoSettings) -> Result<Self, Refusal> { Ok(Self) }
/// #     fn score(&self, _: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal> {
/// let assigned = candidates.assigned();
/// let millicores = assigned.sums(assigned.requests(resource::CPU));
/// #         Ok(millicores.into_iter().map(|sum| 100.0 - sum).collect())
/// #     }
/// # }
/// # let recent = Pod::named("b").with_request(resource::CPU, 40.0);
/// # let cluster = Cluster::new().node(NodeData::new("a")).node(NodeData::new("b").assigned(recent, 5.0));
/// # assert_eq!(testing::evaluate::<Spread>(&cluster, &Pod::default(), "").unwrap(), [100.0, 60.0]);
/// ```
pub struct Assigned<'a> {
    pub(crate) candidates: &'a backend::Candidates<'a>,
    pub(crate) pods: Vec<AssignedPod>,
    /// The number of candidates.
    pub(crate) count: usize,
}

impl Assigned<'_> {
    /// The pods: which candidate each is on, and for how long.
    #[must_use]
    pub fn pods(&self) -> &[AssignedPod] {
        &self.pods
    }

    /// The number of pods.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pods.len()
    }

    /// Whether there is no pod.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pods.is_empty()
    }

    /// What each pod requests of a resource as a whole: `cpu` in millicores, `memory` in bytes. 0 where it states none.
    #[must_use]
    pub fn requests(&self, resource: &str) -> Vec<f64> {
        self.column(|candidates| candidates.assigned_requests(resource))
    }

    /// The limit of each pod as a whole. 0 where it states none.
    #[must_use]
    pub fn limits(&self, resource: &str) -> Vec<f64> {
        self.column(|candidates| candidates.assigned_limits(resource))
    }

    /// What running each pod takes of a resource beside its containers.
    #[must_use]
    pub fn overhead(&self, resource: &str) -> Vec<f64> {
        self.column(|candidates| candidates.assigned_overhead(resource))
    }

    /// The value of a label of each pod; `None` where it does not have it.
    #[must_use]
    pub fn label(&self, key: &str) -> Vec<Option<String>> {
        self.column(|candidates| candidates.assigned_label(key))
    }

    /// What the containers of these pods state of a resource: by pod, and as many as there are containers. A pod of which
    /// the host knows no containers has none here.
    #[must_use]
    pub fn containers(&self, resource: &str) -> Vec<AssignedContainer> {
        self.column(|candidates| candidates.assigned_containers(resource))
    }

    /// For each candidate, the sum of what is said of its pods: an amount per pod, in their order.
    #[must_use]
    pub fn sums(&self, amounts: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let mut sums = vec![0.0; self.count];
        for (pod, amount) in self.pods.iter().zip(amounts) {
            if let Some(sum) = sums.get_mut(pod.candidate as usize) {
                *sum += amount;
            }
        }
        sums
    }

    /// A column; without a call of the host where it would be empty, as it is mostly.
    fn column<T>(&self, ask: impl FnOnce(&backend::Candidates<'_>) -> Vec<T>) -> Vec<T> {
        if self.pods.is_empty() { Vec::new() } else { ask(self.candidates) }
    }
}
