//! What was known of assigned pods at one moment, and which of them a reading does not show yet.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{Assignments, Identity};
use crate::scheduling::{Container, Pod, Resources};
use crate::snapshot::{Reading, unix_time};

/// The pods that [`Assignments`] knew of at one moment. It never changes, so that evaluations with the same reading and
/// the same of these have the same answers. Cheap to clone; none by default.
#[derive(Clone, Debug, Default)]
pub struct Assigned {
    /// Shared until more is recorded while somebody has it, which then costs a copy of the references.
    by_time: Arc<BTreeMap<Moment, Arc<AssignedPod>>>,
}

/// When a pod was assigned, and a number that tells apart what happened at the same time.
pub(super) type Moment = (SystemTime, u64);

/// What is kept of an assigned pod: what policies may ask. Annotations can be large, and are not among it.
#[derive(Debug)]
pub(in crate::policy) struct AssignedPod {
    pub(super) identity: Arc<Identity>,
    pub(in crate::policy) node: String,
    pub(in crate::policy) labels: BTreeMap<String, String>,
    pub(in crate::policy) requests: Resources,
    pub(in crate::policy) limits: Resources,
    pub(in crate::policy) containers: Vec<Container>,
    pub(in crate::policy) overhead: Resources,
}

impl AssignedPod {
    pub(super) fn new(node: String, pod: Pod, identity: Arc<Identity>) -> Self {
        let Pod { labels, requests, limits, containers, overhead, .. } = pod;
        Self { identity, node, labels, requests, limits, containers, overhead }
    }
}

impl Assigned {
    /// The number of pods, whatever their age.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_time.len()
    }

    /// Whether there is no pod.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_time.is_empty()
    }

    /// The pods that a reading does not show, oldest first, with their age: assigned since its metrics were measured, and
    /// not aged out.
    pub(in crate::policy) fn since(&self, reading: &Reading) -> impl Iterator<Item = (&Arc<AssignedPod>, Duration)> {
        let taken_at = reading.taken_at();
        let measured = reading.snapshot().map(|snapshot| unix_time(snapshot.window.end));
        let begin = measured.into_iter().chain(taken_at.checked_sub(Assignments::MAX_AGE)).max();
        let begin = begin.map_or(Bound::Unbounded, |begin| Bound::Included((begin, 0)));
        // Clocks may differ a little. What is further ahead is of another time, as after a clock was set.
        let end = taken_at.checked_add(Assignments::MAX_AGE);
        self.by_time
            .range::<Moment, _>((begin, Bound::Unbounded))
            .take_while(move |((at, _), _)| end.is_none_or(|end| *at <= end))
            .map(move |((at, _), pod)| (pod, taken_at.duration_since(*at).unwrap_or_default()))
    }

    pub(super) fn insert(&mut self, moment: Moment, pod: Arc<AssignedPod>) {
        Arc::make_mut(&mut self.by_time).insert(moment, pod);
    }

    pub(super) fn remove(&mut self, moment: Moment) {
        Arc::make_mut(&mut self.by_time).remove(&moment);
    }

    pub(super) fn first(&self) -> Option<Moment> {
        self.by_time.first_key_value().map(|(moment, _)| *moment)
    }

    pub(super) fn pop_first(&mut self) -> Option<Arc<AssignedPod>> {
        Arc::make_mut(&mut self.by_time).pop_first().map(|(_, pod)| pod)
    }
}
