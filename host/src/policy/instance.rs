//! An instance of a policy: made under budgets, configured, asked for scores.

use wasmtime::component::{Instance, Resource, ResourceTable};
use wasmtime::{Store, UpdateDeadline};

use super::embed::bindings::scheduling;
use super::embed::{CandidatesInUse, PolicyContext};
use super::engine::{Shared, State, internal};
use super::error::{PolicyError, PolicyErrorKind};
use super::evaluate::Request;
use super::failure;
use super::limits::Limits;
use super::load::Loaded;
use super::meter::Meter;
use super::ticker::ticks_of;
use super::wasi::{self, WasiState};
use crate::snapshot::Reading;

/// What a policy does when a tick passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtTicks {
    /// It goes on. Its calls are ready at the first poll.
    GoOn,
    /// It lets others run, and goes on after.
    Yield,
}

/// Waits for work on this thread, which may be one of an executor's. That of tokio makes what waits give way now and then,
/// and would wake it when the thread is free again: never, as it is being waited for.
pub(super) fn blocking<T>(work: impl Future<Output = T>) -> T {
    pollster::block_on(tokio::task::unconstrained(work))
}

/// An instance with its store.
pub(super) struct Running {
    pub(super) store: Store<State>,
    pub(super) instance: Instance,
    /// How often it has scored.
    pub(super) evaluations: u32,
}

impl Running {
    /// A fresh instance that sees one reading. Its budgets begin now.
    pub(super) async fn start(
        policy: &Loaded,
        shared: &Shared,
        at_ticks: AtTicks,
        reading: Reading,
    ) -> Result<Self, PolicyError> {
        let limits = &shared.limits;
        let mut handles = ResourceTable::new();
        handles.set_max_capacity(limits.handles);
        let context = PolicyContext::new(reading, limits);
        let state = State { context, handles, meter: Meter::new(limits), wasi: WasiState::default() };
        let mut store = Store::try_new(&shared.engine, state).map_err(internal)?;
        store.limiter(|state| &mut state.meter);
        store.set_hostcall_fuel(limits.call_bytes);
        // Twice: there, a handle counts once more while it is lent to a call.
        store.set_max_component_handles(limits.handles.saturating_mul(2));
        begin_budgets(&mut store, shared, at_ticks)?;
        match policy.component.instantiate_async(&mut store).await {
            Ok(instance) => Ok(Self { store, instance, evaluations: 0 }),
            Err(error) => Err(failure::no_instance(&error, store.data_mut(), limits)),
        }
    }

    /// Prepares an instance for another evaluation. Its budgets begin now.
    pub(super) fn renew(&mut self, shared: &Shared, at_ticks: AtTicks, reading: Reading) -> Result<(), PolicyError> {
        let state = self.store.data_mut();
        state.context = PolicyContext::new(reading, &shared.limits);
        state.meter.renew();
        state.wasi = WasiState::default();
        begin_budgets(&mut self.store, shared, at_ticks)
    }

    /// Hands over the settings.
    pub(super) async fn configure(&mut self, policy: &Loaded, limits: &Limits) -> Result<(), PolicyError> {
        match policy.scorer.configure(&mut self.store, self.instance, &policy.settings).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(words)) => {
                let kind = PolicyErrorKind::RefusedSettings;
                Err(failure::refused(kind, "its settings", &words, self.store.data_mut(), limits))
            }
            Err(error) => Err(failure::classify(&error, self.store.data_mut(), limits)),
        }
    }

    /// Lets the candidates be seen: before the policy is configured, which cannot take all handles first. What it ran to be
    /// instantiated may have done so.
    pub(super) fn offer(
        &mut self,
        limits: &Limits,
        request: &Request,
    ) -> Result<Resource<CandidatesInUse>, PolicyError> {
        let state = self.store.data_mut();
        let offered = state.view().push_candidates(&request.candidates);
        offered.map_err(|failure| failure::classify(&failure.into(), state, limits))
    }

    /// Asks for scores. They are the policy's word, as yet.
    pub(super) async fn score(
        &mut self,
        policy: &Loaded,
        limits: &Limits,
        request: &Request,
        offered: &Resource<CandidatesInUse>,
    ) -> Result<Vec<f64>, PolicyError> {
        self.evaluations = self.evaluations.saturating_add(1);
        let borrowed = Resource::new_borrow(offered.rep());
        let pod = scheduling::Pod::from(&request.pod);
        match policy.scorer.score(&mut self.store, self.instance, &pod, borrowed).await {
            Ok(Ok(scores)) => Ok(scores),
            Ok(Err(words)) => {
                Err(failure::refused(PolicyErrorKind::Refused, "to score", &words, self.store.data_mut(), limits))
            }
            Err(error) => Err(failure::classify(&error, self.store.data_mut(), limits)),
        }
    }

    /// Takes the candidates back. Whether the instance holds nothing of the evaluation now.
    pub(super) fn withdraw(&mut self, offered: Resource<CandidatesInUse>, limits: &Limits) -> bool {
        let State { context, handles, .. } = self.store.data_mut();
        // Its snapshot may be large, and old by the next evaluation.
        *context = PolicyContext::new(Reading::of_nothing(), limits);
        handles.delete(offered).is_ok() && wasi::may_stay(handles)
    }
}

/// Begins the deadline, and fills up the fuel.
fn begin_budgets(store: &mut Store<State>, shared: &Shared, at_ticks: AtTicks) -> Result<(), PolicyError> {
    if let Some(fuel) = shared.limits.fuel {
        store.set_fuel(fuel).map_err(internal)?;
    }
    let allowed = ticks_of(shared.limits.deadline);
    match at_ticks {
        AtTicks::GoOn => {
            store.epoch_deadline_trap();
            store.set_epoch_deadline(allowed);
        }
        // A policy that yields is woken at every tick, so it has to count them itself.
        AtTicks::Yield => {
            let ticks = shared.ticks.clone();
            let end = ticks.now().saturating_add(allowed);
            store.set_epoch_deadline(1);
            store.epoch_deadline_callback(move |_| {
                Ok(if ticks.now() < end { UpdateDeadline::Yield(1) } else { UpdateDeadline::Interrupt })
            });
        }
    }
    Ok(())
}
