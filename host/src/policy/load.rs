//! From a file's bytes to a policy that is ready to score.

use std::sync::Arc;
use std::time::SystemTime;

use futures_util::FutureExt;
use wasmtime::component::{Component, Instance, InstancePre, ResourceTable};
use wasmtime::error::Context as _;
use wasmtime::{Store, UpdateDeadline};

use super::engine::{PolicyEngine, Shared, State, internal};
use super::error::{PolicyError, PolicyErrorKind};
use super::failure;
use super::host::Context;
use super::inspect::{Inspection, analyse, incompatible, one_line};
use super::log::Log;
use super::meter::Meter;
use super::scorer::Scorer;
use super::ticker::ticks_of;
use crate::snapshot::{Freshness, Reading};

/// What is said about a policy when it is loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// The name in errors and reports, usually that of its file. `policy` when empty.
    pub name: String,
    /// Settings for the policy, as JSON; the empty string for its defaults.
    pub settings: String,
}

/// What a policy does when a tick passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtTicks {
    /// It goes on. Its calls are ready at the first poll.
    GoOn,
    /// It lets others run, and goes on after.
    Yield,
}

/// A policy that is compiled, linked and known to accept its settings. Loaded once, scored with many times; cheap to
/// clone, and usable from several threads at once.
#[derive(Clone)]
pub struct Policy {
    pub(super) engine: PolicyEngine,
    pub(super) loaded: Arc<Loaded>,
}

pub(super) struct Loaded {
    pub(super) name: String,
    settings: String,
    inspection: Inspection,
    component: InstancePre<State>,
    pub(super) scorer: Scorer,
}

impl PolicyEngine {
    /// Loads a policy: checks what it is, compiles it, and tries its settings on an instance.
    ///
    /// Takes a component, or a core module that carries its component type. Compiling takes from milliseconds to
    /// seconds and blocks the thread: keep it off the path of requests.
    ///
    /// # Errors
    /// [`PolicyErrorKind::NotWasm`], [`PolicyErrorKind::TooLarge`], [`PolicyErrorKind::Incompatible`] with every reason
    /// why this host cannot run it; [`PolicyErrorKind::RefusedSettings`] when it does not accept its settings; and the
    /// failures of an evaluation, since its `configure` runs.
    pub fn load(&self, bytes: &[u8], options: LoadOptions) -> Result<Policy, PolicyError> {
        let LoadOptions { name, settings } = options;
        let name = if name.is_empty() { "policy".to_owned() } else { name };
        self.compile(bytes, name.clone(), settings).map_err(|failure| failure.of_policy(&name))
    }

    fn compile(&self, bytes: &[u8], name: String, settings: String) -> Result<Policy, PolicyError> {
        let shared = &self.shared;
        let (inspection, component) = analyse(bytes, shared.limits.module_bytes)?;
        let digest = inspection.digest.clone();
        self.link(&component, name, settings, inspection).map_err(|failure| failure.of_digest(&digest))
    }

    fn link(
        &self,
        component: &[u8],
        name: String,
        settings: String,
        inspection: Inspection,
    ) -> Result<Policy, PolicyError> {
        let shared = &self.shared;
        if !inspection.problems.is_empty() {
            return Err(incompatible(inspection.problems.join("; ")));
        }
        let component = Component::from_binary(&shared.engine, component)
            .context("it is not a valid component")
            .map_err(unlinkable)?;
        let scorer = Scorer::of(&component).map_err(unlinkable)?;
        let linked = shared
            .linker
            .instantiate_pre(&component)
            .context("its types differ from those that this host offers")
            .map_err(unlinkable)?;
        let loaded = Loaded { name, settings, inspection, component: linked, scorer };
        let policy = Policy { engine: self.clone(), loaded: Arc::new(loaded) };
        // Settings are refused now, and not at the first pod.
        at_once(async {
            let nothing_known = Reading::new(None, None, SystemTime::UNIX_EPOCH, Freshness::default());
            let mut running = policy.start(AtTicks::GoOn, nothing_known).await?;
            scorer
                .check(&mut running.store, running.instance)
                .context("its scorer differs from the one that this host calls")
                .map_err(unlinkable)?;
            policy.configure(&mut running).await
        })?;
        Ok(policy)
    }
}

/// The outcome of work that never yields, and so is done at the first poll.
pub(super) fn at_once<T>(work: impl Future<Output = Result<T, PolicyError>>) -> Result<T, PolicyError> {
    work.now_or_never()
        .unwrap_or_else(|| Err(PolicyError::new(PolicyErrorKind::Internal, "a policy yielded that was not to")))
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn unlinkable(failure: wasmtime::Error) -> PolicyError {
    incompatible(one_line(&format!("{failure:#}")))
}

/// An instance of a policy with its store.
pub(super) struct Running {
    pub(super) store: Store<State>,
    pub(super) instance: Instance,
}

impl Policy {
    /// The name given when it was loaded.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.loaded.name
    }

    /// The SHA-256 of the file, as `sha256:` and 64 hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.loaded.inspection.digest
    }

    /// What the file is, wants and offers.
    #[must_use]
    pub fn inspection(&self) -> &Inspection {
        &self.loaded.inspection
    }

    /// A fresh instance that sees one reading. Its budgets begin now.
    pub(super) async fn start(&self, at_ticks: AtTicks, reading: Reading) -> Result<Running, PolicyError> {
        let shared = &self.engine.shared;
        let limits = &shared.limits;
        let context = Context { reading, log: Log::new(limits.log_bytes, limits.log_line_bytes), host_calls: 0 };
        let mut handles = ResourceTable::new();
        handles.set_max_capacity(limits.handles);
        let state = State { context, handles, meter: Meter::new(limits) };
        let mut store = Store::try_new(&shared.engine, state).map_err(internal)?;
        store.limiter(|state| &mut state.meter);
        store.set_hostcall_fuel(limits.call_bytes);
        store.set_max_component_handles(limits.handles);
        if let Some(fuel) = limits.fuel {
            store.set_fuel(fuel).map_err(internal)?;
        }
        set_deadline(at_ticks, &mut store, shared);
        match self.loaded.component.instantiate_async(&mut store).await {
            Ok(instance) => Ok(Running { store, instance }),
            Err(error) => Err(failure::no_instance(&error, store.data_mut(), limits)),
        }
    }

    /// Hands the settings to a fresh instance.
    pub(super) async fn configure(&self, running: &mut Running) -> Result<(), PolicyError> {
        let limits = &self.engine.shared.limits;
        let Running { store, instance } = running;
        match self.loaded.scorer.configure(store, *instance, &self.loaded.settings).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(words)) => Err(failure::refused(
                PolicyErrorKind::RefusedSettings,
                "its settings",
                &words,
                store.data_mut(),
                limits,
            )),
            Err(error) => Err(failure::classify(&error, store.data_mut(), limits)),
        }
    }
}

/// Begins the deadline. A policy that yields is woken at every tick, so it has to count them itself.
fn set_deadline(at_ticks: AtTicks, store: &mut Store<State>, shared: &Shared) {
    let allowed = ticks_of(shared.limits.deadline);
    match at_ticks {
        AtTicks::GoOn => store.set_epoch_deadline(allowed),
        AtTicks::Yield => {
            let ticks = shared.ticks.clone();
            let end = ticks.now().saturating_add(allowed);
            store.set_epoch_deadline(1);
            store.epoch_deadline_callback(move |_| {
                Ok(if ticks.now() < end { UpdateDeadline::Yield(1) } else { UpdateDeadline::Interrupt })
            });
        }
    }
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Policy").field("name", &self.name()).field("digest", &self.digest()).finish()
    }
}
