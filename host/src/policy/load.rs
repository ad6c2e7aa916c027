//! From a file's bytes to a policy that is ready to score.

use std::sync::Arc;

use wasmtime::component::InstancePre;
use wasmtime::error::Context as _;

use super::compile::Code;
use super::engine::{PolicyEngine, State};
use super::error::PolicyError;
use super::inspect::{Inspection, incompatible, one_line};
use super::instance::{AtTicks, Running, blocking};
use super::isolation::{Idle, Isolation, PolicyId};
use super::scorer::Scorer;
use super::wasi;
use crate::snapshot::Reading;

/// What is said about a policy when it is loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// The name in errors and reports, usually that of its file. `policy` when empty.
    pub name: String,
    /// Settings for the policy, as JSON; the empty string for its defaults.
    pub settings: String,
    /// Whether its evaluations share instances. They do not by default.
    pub isolation: Isolation,
}

/// A policy that is compiled, linked and known to accept its settings. Loaded once, scored with many times; cheap to
/// clone, and usable from several threads at once.
#[derive(Clone)]
pub struct Policy {
    pub(super) engine: PolicyEngine,
    pub(super) loaded: Arc<Loaded>,
}

pub(super) struct Loaded {
    pub(super) id: PolicyId,
    name: String,
    pub(super) settings: String,
    pub(super) isolation: Isolation,
    code: Code,
    pub(super) component: InstancePre<State>,
    pub(super) scorer: Scorer,
    idle: Idle,
}

impl PolicyEngine {
    /// Loads a policy: checks what it is, compiles it, and tries its settings on an instance.
    ///
    /// Takes a component, or a core module that carries its component type. Compiling takes from milliseconds to
    /// [`Limits::compile_time`](super::Limits::compile_time) and blocks the thread: keep it off the path of requests. From
    /// asynchronous code, use [`PolicyEngine::load_async`].
    ///
    /// # Errors
    /// [`NotWasm`], [`TooLarge`], [`Incompatible`] with every reason why this host cannot run it; [`Deadline`] when
    /// compiling takes too long; [`RefusedSettings`] when it does not accept its settings; and the failures of an
    /// evaluation, since its `configure` runs.
    ///
    /// [`NotWasm`]: super::PolicyErrorKind::NotWasm
    /// [`TooLarge`]: super::PolicyErrorKind::TooLarge
    /// [`Incompatible`]: super::PolicyErrorKind::Incompatible
    /// [`Deadline`]: super::PolicyErrorKind::Deadline
    /// [`RefusedSettings`]: super::PolicyErrorKind::RefusedSettings
    pub fn load(&self, bytes: &[u8], options: LoadOptions) -> Result<Policy, PolicyError> {
        blocking(self.load_with(AtTicks::GoOn, bytes, options))
    }

    /// Like [`PolicyEngine::load`], without blocking the thread: compiling has threads of its own, and `configure` lets
    /// other tasks run at every tick of 10 ms. It makes no assumption about the executor. What it does before it first
    /// lets others run is to copy the file, of [`Limits::module_bytes`](super::Limits::module_bytes) at most: milliseconds
    /// for 32 MiB.
    ///
    /// # Errors
    /// As [`PolicyEngine::load`].
    pub async fn load_async(&self, bytes: &[u8], options: LoadOptions) -> Result<Policy, PolicyError> {
        self.load_with(AtTicks::Yield, bytes, options).await
    }

    async fn load_with(&self, at_ticks: AtTicks, bytes: &[u8], options: LoadOptions) -> Result<Policy, PolicyError> {
        let LoadOptions { name, settings, isolation } = options;
        let name = if name.is_empty() { "policy".to_owned() } else { name };
        let code = self.shared.compiled(bytes).await.map_err(|failure| failure.of_policy(&name))?;
        let digest = code.inspection.digest.clone();
        let named = |failure: PolicyError| failure.of_policy(&name).of_digest(&digest);
        let policy = self.link(code, name.clone(), settings, isolation).map_err(named)?;
        // Settings are refused now, and not at the first pod.
        policy.trial(at_ticks).await.map_err(named)?;
        Ok(policy)
    }

    fn link(&self, code: Code, name: String, settings: String, isolation: Isolation) -> Result<Policy, PolicyError> {
        let shared = &self.shared;
        let scorer = Scorer::of(&code.component).map_err(unlinkable)?;
        let component = wasi::linker_for(&shared.linker, &code.component)
            .and_then(|linker| linker.instantiate_pre(&code.component))
            .context("its types differ from those that this host offers")
            .map_err(unlinkable)?;
        let (id, idle) = (PolicyId::new(), shared.idle.clone());
        let loaded = Loaded { id, name, settings, isolation, code, component, scorer, idle };
        Ok(Policy { engine: self.clone(), loaded: Arc::new(loaded) })
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        self.idle.forget(self.id);
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
pub(super) fn unlinkable(failure: wasmtime::Error) -> PolicyError {
    incompatible(one_line(&format!("{failure:#}")))
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
        &self.loaded.code.inspection.digest
    }

    /// What the file is, wants and offers.
    #[must_use]
    pub fn inspection(&self) -> &Inspection {
        &self.loaded.code.inspection
    }

    /// Whether its compiled code came from the [`CompiledCache`](super::CompiledCache).
    #[must_use]
    pub fn is_from_cache(&self) -> bool {
        self.loaded.code.is_from_cache
    }

    /// Makes an instance that knows nothing, and hands it the settings.
    async fn trial(&self, at_ticks: AtTicks) -> Result<(), PolicyError> {
        let (shared, loaded) = (&self.engine.shared, &*self.loaded);
        let _place = shared.place().await?;
        let mut running = Running::start(loaded, shared, at_ticks, Reading::of_nothing()).await?;
        loaded
            .scorer
            .check(&mut running.store, running.instance)
            .context("its scorer differs from the one that this host calls")
            .map_err(unlinkable)?;
        running.configure(loaded, &shared.limits).await
    }
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Policy").field("name", &self.name()).field("digest", &self.digest()).finish()
    }
}
