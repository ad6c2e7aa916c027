//! The interface `scheduling`: what a policy can ask of its candidates.
//!
//! It is put into linkers by hand, where the other interfaces use generated code: that one wants every list as a `Vec`, a
//! copy of a column, or of all names, which the host keeps for the next pod. Without it, an evaluation takes a tenth less.
//! Types that are not the contract's are found when a policy is linked.

use std::sync::{Arc, OnceLock};

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceType};

use crate::policy::assignments::AssignedPod;
use crate::policy::candidates::{AssignedHere, Candidates};
use crate::policy::convert;
use crate::policy::embed::PolicyView;
use crate::policy::embed::bindings::{scheduling, types};
use crate::snapshot::Snapshot;

/// What a handle of the resource `candidates` stands for: the candidates of one evaluation, with their places in its
/// snapshot.
#[derive(Clone, Debug)]
pub struct CandidatesInUse {
    candidates: Candidates,
    snapshot: Option<Arc<Snapshot>>,
    positions: Arc<[Option<u32>]>,
    assigned: OnceLock<Vec<AssignedHere>>,
}

/// A handle of the candidates, as methods are called with it.
type This = Resource<CandidatesInUse>;

/// Adds the interface to a linker.
pub(in crate::policy) fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    view: fn(&mut T) -> PolicyView<'_>,
) -> wasmtime::Result<()> {
    let mut interface = linker.instance("scorelet:policy/scheduling@0.1.0")?;
    interface.resource("candidates", ResourceType::host::<CandidatesInUse>(), move |mut store, handle| {
        view(store.data_mut()).handles.delete(This::new_own(handle))?;
        Ok(())
    })?;
    interface.func_wrap("[method]candidates.len", answering(view, |view, (this,): (This,)| view.len(&this)))?;
    interface.func_wrap("[method]candidates.names", answering(view, |view, (this,): (This,)| view.names(&this)))?;
    interface.func_wrap(
        "[method]candidates.column",
        answering(view, |view, (this, selector): (This, types::Selector)| view.column(&this, selector)),
    )?;
    interface.func_wrap(
        "[method]candidates.allocatable",
        answering(view, |view, (this, resource): (This, String)| view.allocatable(&this, &resource)),
    )?;
    interface.func_wrap(
        "[method]candidates.requested",
        answering(view, |view, (this, resource): (This, String)| view.requested(&this, &resource)),
    )?;
    interface.func_wrap(
        "[method]candidates.label",
        answering(view, |view, (this, key): (This, String)| view.label(&this, &key)),
    )?;
    interface
        .func_wrap("[method]candidates.assigned", answering(view, |view, (this,): (This,)| view.assigned(&this)))?;
    interface.func_wrap(
        "[method]candidates.assigned-requests",
        answering(view, |view, (this, resource): (This, String)| {
            view.of_assigned(&this, |pod| convert::amount(&pod.requests, &resource))
        }),
    )?;
    interface.func_wrap(
        "[method]candidates.assigned-limits",
        answering(view, |view, (this, resource): (This, String)| {
            view.of_assigned(&this, |pod| convert::amount(&pod.limits, &resource))
        }),
    )?;
    interface.func_wrap(
        "[method]candidates.assigned-overhead",
        answering(view, |view, (this, resource): (This, String)| {
            view.of_assigned(&this, |pod| convert::amount(&pod.overhead, &resource))
        }),
    )?;
    interface.func_wrap(
        "[method]candidates.assigned-label",
        answering(view, |view, (this, key): (This, String)| {
            view.of_assigned(&this, |pod| pod.labels.get(&key).cloned())
        }),
    )?;
    interface.func_wrap(
        "[method]candidates.assigned-containers",
        answering(view, |view, (this, resource): (This, String)| view.assigned_containers(&this, &resource)),
    )
}

/// A host's function of a linker, which counts as a call.
fn answering<T: 'static, Parameters, Answer>(
    view: fn(&mut T) -> PolicyView<'_>,
    answer: fn(&mut PolicyView<'_>, Parameters) -> wasmtime::Result<Answer>,
) -> impl Fn(StoreContextMut<'_, T>, Parameters) -> wasmtime::Result<(Answer,)> {
    move |mut store, parameters| {
        let mut view = view(store.data_mut());
        view.context.host_calls += 1;
        Ok((answer(&mut view, parameters)?,))
    }
}

impl CandidatesInUse {
    pub(in crate::policy) fn new(candidates: &Candidates, snapshot: Option<&Arc<Snapshot>>) -> Self {
        let positions = snapshot.map_or_else(|| Arc::from([]), |snapshot| candidates.positions(&snapshot.nodes));
        Self { candidates: candidates.clone(), snapshot: snapshot.cloned(), positions, assigned: OnceLock::new() }
    }
}

impl PolicyView<'_> {
    fn len(&self, this: &This) -> wasmtime::Result<u32> {
        Ok(u32::try_from(self.handles.get(this)?.candidates.len())?)
    }

    fn names(&self, this: &This) -> wasmtime::Result<Arc<[String]>> {
        Ok(self.handles.get(this)?.candidates.shared_names())
    }

    fn column(&self, this: &This, selector: types::Selector) -> wasmtime::Result<Arc<[f64]>> {
        let CandidatesInUse { candidates, snapshot, positions, .. } = self.handles.get(this)?;
        Ok(match snapshot {
            Some(snapshot) => candidates.column(convert::selector(selector), snapshot, positions),
            None => candidates.unknown(),
        })
    }

    fn allocatable(&self, this: &This, resource: &str) -> wasmtime::Result<Arc<[f64]>> {
        Ok(self.handles.get(this)?.candidates.allocatable(resource))
    }

    fn requested(&self, this: &This, resource: &str) -> wasmtime::Result<Arc<[f64]>> {
        Ok(self.handles.get(this)?.candidates.requested(resource))
    }

    fn label(&self, this: &This, key: &str) -> wasmtime::Result<Vec<Option<String>>> {
        Ok(self.handles.get(this)?.candidates.label(key))
    }

    fn assigned(&mut self, this: &This) -> wasmtime::Result<Vec<scheduling::AssignedPod>> {
        let pods = self.assigned_pods(this)?.iter();
        Ok(pods
            .map(|AssignedHere { candidate, age_seconds, .. }| scheduling::AssignedPod {
                candidate: *candidate,
                age_seconds: *age_seconds,
            })
            .collect())
    }

    /// A column of the assigned pods.
    fn of_assigned<T>(&mut self, this: &This, of: impl Fn(&AssignedPod) -> T) -> wasmtime::Result<Vec<T>> {
        Ok(self.assigned_pods(this)?.iter().map(|assigned| of(&assigned.pod)).collect())
    }

    fn assigned_containers(
        &mut self,
        this: &This,
        resource: &str,
    ) -> wasmtime::Result<Vec<scheduling::AssignedContainer>> {
        let mut stated = Vec::new();
        for (number, assigned) in (0..).zip(self.assigned_pods(this)?) {
            stated.extend(assigned.pod.containers.iter().map(|container| scheduling::AssignedContainer {
                pod: number,
                request: convert::amount(&container.requests, resource),
                limit: convert::amount(&container.limits, resource),
            }));
        }
        Ok(stated)
    }

    /// The pods that were assigned to the candidates lately: found once for each evaluation, and only where it asks.
    fn assigned_pods(&mut self, this: &This) -> wasmtime::Result<&[AssignedHere]> {
        let in_use = self.handles.get(this)?;
        let pods = in_use.assigned.get_or_init(|| in_use.candidates.assigned_since(&self.context.reading));
        self.context.assigned = pods.len();
        Ok(pods)
    }
}
