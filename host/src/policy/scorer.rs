//! The exports of a policy, and how they are called.
//!
//! Calls run on a stack of their own: the caller's may be smaller than what a policy is allowed, and overflowing it would
//! end the process.

use wasmtime::component::{Component, ComponentExportIndex, Instance, Resource};
use wasmtime::error::Context as _;
use wasmtime::{Result, Store};

use super::contract::SCORER;
use super::embed::bindings::scheduling::Pod;
use super::engine::State;
use super::host::CandidatesInUse;

/// What a policy's function says: its value, or a refusal in words.
pub(super) type Said<T> = std::result::Result<T, String>;

/// Where a component keeps its two functions. Found once, when it is loaded.
#[derive(Clone, Copy)]
pub(super) struct Scorer {
    configure: ComponentExportIndex,
    score: ComponentExportIndex,
}

impl Scorer {
    pub(super) fn of(component: &Component) -> Result<Self> {
        let interface = component.get_export_index(None, SCORER).context("it does not export the scorer")?;
        let function = |name| component.get_export_index(Some(&interface), name);
        Ok(Self {
            configure: function("configure").context("its scorer has no `configure`")?,
            score: function("score").context("its scorer has no `score`")?,
        })
    }

    /// Checks the types of both functions against those that the host calls.
    pub(super) fn check(&self, store: &mut Store<State>, instance: Instance) -> Result<()> {
        instance.get_typed_func::<(&str,), (Said<()>,)>(&mut *store, self.configure)?;
        instance.get_typed_func::<(&Pod, Resource<CandidatesInUse>), (Said<Vec<f64>>,)>(store, self.score)?;
        Ok(())
    }

    pub(super) async fn configure(
        &self,
        store: &mut Store<State>,
        instance: Instance,
        settings: &str,
    ) -> Result<Said<()>> {
        let function = instance.get_typed_func(&mut *store, self.configure)?;
        let (said,) = function.call_async(store, (settings,)).await?;
        Ok(said)
    }

    pub(super) async fn score(
        &self,
        store: &mut Store<State>,
        instance: Instance,
        pod: &Pod,
        candidates: Resource<CandidatesInUse>,
    ) -> Result<Said<Vec<f64>>> {
        let function = instance.get_typed_func(&mut *store, self.score)?;
        let (said,) = function.call_async(store, (pod, candidates)).await?;
        Ok(said)
    }
}
