//! The exports of a policy, and how they are called: blocking the thread, or yielding to an executor.

use wasmtime::component::{Component, ComponentExportIndex, Instance, InstancePre, Resource};
use wasmtime::error::Context as _;
use wasmtime::{Result, Store};

use super::bindings::scorelet::policy::scheduling::Pod;
use super::contract::SCORER;
use super::engine::State;
use super::host::CandidatesInUse;

/// How calls wait for the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Calls {
    /// The thread is the policy's until it ends. Futures of such calls are ready at once.
    Blocking,
    /// The policy runs on a stack of its own, and lets others run at every tick.
    Yielding,
}

/// Where a component keeps its two functions. Found once, when it is loaded.
#[derive(Clone, Copy)]
pub(super) struct Scorer {
    configure: ComponentExportIndex,
    score: ComponentExportIndex,
}

impl Scorer {
    pub(super) fn of(component: &Component) -> Result<Self> {
        let interface = component.get_export_index(None, SCORER).context("it does not export the interface")?;
        let function = |name| component.get_export_index(Some(&interface), name);
        Ok(Self {
            configure: function("configure").context("it does not export `configure`")?,
            score: function("score").context("it does not export `score`")?,
        })
    }

    /// Checks the types of both functions against those that the host calls.
    pub(super) fn check(&self, store: &mut Store<State>, instance: Instance) -> Result<()> {
        instance.get_typed_func::<(&str,), (std::result::Result<(), String>,)>(&mut *store, self.configure)?;
        instance.get_typed_func::<(&Pod, Resource<CandidatesInUse>), (std::result::Result<Vec<f64>, String>,)>(
            store, self.score,
        )?;
        Ok(())
    }

    pub(super) async fn configure(
        &self,
        calls: Calls,
        store: &mut Store<State>,
        instance: Instance,
        settings: &str,
    ) -> Result<std::result::Result<(), String>> {
        let configure = instance.get_typed_func(&mut *store, self.configure)?;
        let (outcome,) = match calls {
            Calls::Blocking => configure.call(store, (settings,))?,
            Calls::Yielding => configure.call_async(store, (settings,)).await?,
        };
        Ok(outcome)
    }

    pub(super) async fn score(
        &self,
        calls: Calls,
        store: &mut Store<State>,
        instance: Instance,
        pod: &Pod,
        candidates: Resource<CandidatesInUse>,
    ) -> Result<std::result::Result<Vec<f64>, String>> {
        let score = instance.get_typed_func(&mut *store, self.score)?;
        let (outcome,) = match calls {
            Calls::Blocking => score.call(store, (pod, candidates))?,
            Calls::Yielding => score.call_async(store, (pod, candidates)).await?,
        };
        Ok(outcome)
    }
}

pub(super) async fn instantiate(
    calls: Calls,
    component: &InstancePre<State>,
    store: &mut Store<State>,
) -> Result<Instance> {
    match calls {
        Calls::Blocking => component.instantiate(store),
        Calls::Yielding => component.instantiate_async(store).await,
    }
}
