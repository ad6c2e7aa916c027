//! Whether an instance lives for one evaluation or for several.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::instance::Running;

/// What separates the evaluations of one policy from each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// Every evaluation has an instance of its own. Nothing that a policy remembers reaches the next evaluation, so the
    /// same question has the same answer.
    #[default]
    Fresh,
    /// Evaluations may follow each other on one instance, which saves making it, and `configure`.
    ///
    /// **State carries over**: variables, memory and what the policy computed from earlier pods and snapshots are still
    /// there, so an answer may depend on what was asked before, and of two evaluations at the same time each has another
    /// past. What does not carry over is the host's: budgets, log, readings and handles begin anew. An instance goes on
    /// only after success. It is discarded when it trapped, went beyond a limit, refused, broke the contract of scores,
    /// or kept a handle, but for the few that standard libraries keep of WASI's streams; and at the latest after this many
    /// evaluations. At most [`Limits::concurrency`](super::Limits) instances of all policies together are kept; the one
    /// unused for longest goes first.
    Reuse {
        /// Evaluations of one instance at most.
        max_evaluations: NonZeroU32,
    },
}

impl Isolation {
    /// Whether an instance that has scored so often may score again.
    pub(super) fn allows_another(self, evaluations: u32) -> bool {
        match self {
            Self::Fresh => false,
            Self::Reuse { max_evaluations } => evaluations < max_evaluations.get(),
        }
    }
}

/// Instances that wait for their policy's next evaluation, of all policies of an engine.
#[derive(Clone, Default)]
pub(super) struct Idle {
    most: usize,
    // The one unused for longest is at the front.
    instances: Arc<Mutex<VecDeque<(PolicyId, Running)>>>,
}

/// Tells loaded policies apart, whatever their files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PolicyId(u64);

impl PolicyId {
    /// Different from all others in this process.
    pub(super) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Idle {
    pub(super) fn new(most: usize) -> Self {
        Self { most, instances: Arc::default() }
    }

    /// The instance that the policy used last.
    pub(super) fn take(&self, policy: PolicyId) -> Option<Running> {
        let mut instances = self.instances.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = instances.iter().rposition(|(of, _)| *of == policy)?;
        instances.remove(newest).map(|(_, instance)| instance)
    }

    pub(super) fn keep(&self, policy: PolicyId, instance: Running) {
        let superfluous = {
            let mut instances = self.instances.lock().unwrap_or_else(PoisonError::into_inner);
            instances.push_back((policy, instance));
            if instances.len() > self.most { instances.pop_front() } else { None }
        };
        // Not under the lock, since it takes time. The caller still has the place of the instance that it hands over, so
        // that there are never more than the pool has room for.
        drop(superfluous);
    }

    /// Drops what a policy left behind.
    pub(super) fn forget(&self, policy: PolicyId) {
        // Under the lock: until they are gone, the pool has no room for others in their stead.
        let mut instances = self.instances.lock().unwrap_or_else(PoisonError::into_inner);
        instances.retain(|(of, _)| *of != policy);
    }
}
