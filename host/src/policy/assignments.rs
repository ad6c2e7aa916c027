//! The pods that were assigned to nodes lately: load monitors do not show them yet, and who assigned them knows.

mod assigned;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

pub use self::assigned::Assigned;
pub(super) use self::assigned::AssignedPod;
use self::assigned::Moment;
use crate::scheduling::Pod;

/// What whoever places pods has told of it: pods, the nodes they went to, and when. Cheap to clone, all clones are one
/// record, and usable from any thread.
///
/// Load monitors measure about once a minute and tell averages over minutes. Until they show a pod, its node looks as idle
/// as before, and would get the next pods as well. Policies can ask for the pods that their candidates got since the
/// metrics were measured; they get them by [`Candidates::with_assigned`](super::Candidates::with_assigned):
///
/// ```
/// use std::time::SystemTime;
///
/// use scorelet_host::policy::{Assignments, Candidates, Request};
/// use scorelet_host::scheduling::{Node, Pod};
///
/// let (assignments, nodes) = (Assignments::new(), Candidates::new([Node::named("a"), Node::named("b")]));
/// let web = Pod { name: "web-0".to_owned(), namespace: "shop".to_owned(), ..Pod::default() };
/// assignments.record("a", web, SystemTime::now());
///
/// // For the next pod: what is recorded now, and nothing that comes later.
/// let request = Request { pod: Pod::default(), candidates: nodes.with_assigned(assignments.current()) };
/// # drop(request);
///
/// // The pod is gone, or was never started.
/// assignments.forget("shop", "web-0");
/// assert!(assignments.is_empty());
/// ```
///
/// Times are handed in, by the clock that readings are taken by. Nothing here asks for the time.
#[derive(Clone, Debug, Default)]
pub struct Assignments {
    recorded: Arc<Mutex<Recorded>>,
}

/// Namespace and name: no two pods of a cluster have both at once.
type Identity = (String, String);

#[derive(Debug, Default)]
struct Recorded {
    assigned: Assigned,
    /// Where each pod stands in it.
    moments: HashMap<Arc<Identity>, Moment>,
    /// Tells pods apart that were assigned at the same moment, and keeps their order.
    next: u64,
    /// When the last one was recorded to have been assigned.
    last: Option<SystemTime>,
    dropped: u64,
}

impl Assignments {
    /// How long a pod counts: 5 minutes. Monitors refresh every minute and average over 5, so that by then every one shows
    /// it.
    pub const MAX_AGE: Duration = Duration::from_mins(5);

    /// The most pods that are remembered: 20,000, which take some 20 MB. kube-scheduler places 50 pods a second at the most
    /// unless it is told otherwise, which are 15,000 in the time for which they count.
    pub const MAX_PODS: usize = 20_000;

    /// Nothing recorded.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Records that a pod was put on a node at a moment. An earlier record of a pod with this namespace and name is
    /// replaced, whatever its node. A pod without a name counts until it is too old, and cannot be forgotten.
    ///
    /// What is older than [`Assignments::MAX_AGE`] is dropped, and the oldest ones beyond [`Assignments::MAX_PODS`]. Old is
    /// what this moment and the one before agree on, so that one which is wrong does not make all others look old.
    pub fn record(&self, node: impl Into<String>, pod: Pod, at: SystemTime) {
        let identity = Arc::new((pod.namespace.clone(), pod.name.clone()));
        let pod = Arc::new(AssignedPod::new(node.into(), pod, Arc::clone(&identity)));
        let mut recorded = self.lock();
        recorded.remove(&identity);
        let moment = (at, recorded.next);
        recorded.next += 1;
        recorded.assigned.insert(moment, pod);
        if !identity.1.is_empty() {
            recorded.moments.insert(identity, moment);
        }
        let before = recorded.last.replace(at).unwrap_or(at);
        recorded.drop_aged_out(at.min(before));
        recorded.drop_superfluous();
    }

    /// Forgets a pod, if it is known: it ended, or did not come to run.
    pub fn forget(&self, namespace: &str, name: &str) {
        self.lock().remove(&(namespace.to_owned(), name.to_owned()));
    }

    /// What is recorded now, for an evaluation to see. It stays as it is when more is recorded.
    #[must_use]
    pub fn current(&self) -> Assigned {
        self.lock().assigned.clone()
    }

    /// The number of pods that are remembered, those included that are too old to count.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().assigned.len()
    }

    /// Whether no pod is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The pods that were dropped before their time, because there were more than [`Assignments::MAX_PODS`].
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorded {
    fn remove(&mut self, identity: &Identity) {
        if let Some(moment) = self.moments.remove(identity) {
            self.assigned.remove(moment);
        }
    }

    fn drop_aged_out(&mut self, now: SystemTime) {
        let Some(oldest) = now.checked_sub(Assignments::MAX_AGE) else { return };
        while self.assigned.first().is_some_and(|(at, _)| at < oldest) {
            self.drop_first();
        }
    }

    fn drop_superfluous(&mut self) {
        while self.assigned.len() > Assignments::MAX_PODS {
            self.drop_first();
            self.dropped += 1;
        }
    }

    fn drop_first(&mut self) {
        if let Some(pod) = self.assigned.pop_first() {
            self.moments.remove(&*pod.identity);
        }
    }
}

#[cfg(test)]
mod tests;
