//! WASI 0.2 for guests whose toolchain insists on it: inert, and the same in every evaluation.
//!
//! Each component gets what it imports, under the names that it uses. `io`, `cli`, `clocks` and `random` give answers;
//! whatever else there may be in WASI 0.2 is `denied`. None of it waits, or reaches anything outside of the evaluation:
//! wasmtime's own WASI does both, and would have to be talked out of it function by function.

mod cli;
mod clocks;
mod denied;
mod io;
mod misuse;
mod output;
mod random;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use wasmtime::component::types::{ComponentInstance, ComponentItem};
use wasmtime::component::{
    Component, ComponentNamedList, Lift, Linker, LinkerInstance, Lower, Resource, ResourceTable, ResourceType,
};
use wasmtime::{Engine, Result, bail};

use super::contract;
use super::engine::State;
pub(super) use misuse::Misuse;
use output::Output;
use random::Random;

/// Whether policies may import WASI, the system interface of ordinary toolchains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wasi {
    /// Components may import WASI 0.2. There is nothing behind it, and nothing in it differs between evaluations, so that
    /// a policy stays a function of what it is asked:
    ///
    /// | a guest that wants | gets |
    /// |---|---|
    /// | standard output and error | lines in the log, as [`Level::Info`](super::Level::Info) and [`Level::Error`](super::Level::Error); a crash quotes the last of the errors |
    /// | standard input, the environment, arguments, terminals | nothing: they are empty |
    /// | files and the network | no folder to begin at; errors such as `access-denied` where WASI has one to answer with, and the end of the evaluation where it has none |
    /// | the time | 0, for ever; a sleep is over at once |
    /// | randomness | the same numbers in every evaluation |
    /// | to exit | the end of the evaluation, without scores |
    ///
    /// All limits hold here too.
    #[default]
    Inert,
    /// Policies that import WASI are refused when they are loaded.
    Refused,
}

impl Wasi {
    /// The name in tables and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inert => "inert",
            Self::Refused => "refused",
        }
    }

    /// Whether a component may import an interface of this name.
    pub(super) fn offers(self, name: &str) -> bool {
        self == Self::Inert && is_wasi_0_2(name)
    }

    /// The targets of Rust whose policies can be loaded.
    pub(super) fn targets(self) -> &'static str {
        match self {
            Self::Inert => "wasm32-wasip2 or wasm32-unknown-unknown",
            Self::Refused => "wasm32-unknown-unknown",
        }
    }
}

/// Whether it is the name of an interface, in any package of WASI.
pub(super) fn is_wasi(name: &str) -> bool {
    matches!(contract::parts(name), (package, Some(_), _) if package.starts_with("wasi:"))
}

/// All versions 0.2.x fit each other, but for those before 0.2.0, which have more to their names.
fn is_wasi_0_2(name: &str) -> bool {
    let (_, _, version) = contract::parts(name);
    let patch = version.and_then(|version| version.strip_prefix("0.2.")).unwrap_or_default();
    is_wasi(name) && !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit())
}

/// What an evaluation has of WASI.
#[derive(Debug, Default)]
pub(super) struct WasiState {
    stdout: Output,
    stderr: Output,
    random: Random,
}

/// What a handle stands for. There is one type for all resources: the guest's own types keep them apart, and nothing is
/// behind any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handle {
    Stdin,
    Stdout,
    Stderr,
    /// Something to wait for. It has always happened already.
    Pollable,
    /// The right to use the network, which is of no use.
    Network,
}

/// The most handles that an instance may keep from one evaluation to the next: one for each standard stream, with something
/// to wait for it. More are leaking.
const MOST_KEPT: usize = 6;

/// Whether all handles in a table may stay there for another evaluation: those of WASI stand for nothing of this one.
pub(super) fn may_stay(handles: &mut ResourceTable) -> bool {
    let mut kept = 0;
    handles.iter_mut().all(|handle| {
        kept += 1;
        kept <= MOST_KEPT && handle.is::<Handle>()
    })
}

impl State {
    /// Logs what is left of lines without an end. To be called when the evaluation has ended, one way or another.
    pub(super) fn end_output(&mut self) {
        let log = &mut self.context.log;
        self.wasi.stdout.end(|line| log.write(super::Level::Info, line));
        self.wasi.stderr.end(|line| log.write_error_line(line));
    }

    fn open(&mut self, handle: Handle) -> Result<Resource<Handle>> {
        Ok(self.view().push(handle)?)
    }
}

/// The linker with all that a component imports of WASI.
pub(super) fn linker_for<'a>(linker: &'a Linker<State>, component: &Component) -> Result<Cow<'a, Linker<State>>> {
    let mut linker = Cow::Borrowed(linker);
    for (name, import) in component.component_type().imports(component.engine()) {
        if let ComponentItem::ComponentInstance(wanted) = import.ty
            && is_wasi_0_2(name)
        {
            let (interface, _) = name.split_once('@').unwrap_or((name, ""));
            offer(&wanted, interface, component.engine(), &mut linker.to_mut().instance(name)?)?;
        }
    }
    Ok(linker)
}

/// Defines all that a component wants of one interface.
fn offer(
    wanted: &ComponentInstance,
    interface: &str,
    engine: &Engine,
    into: &mut LinkerInstance<'_, State>,
) -> Result<()> {
    for (name, item) in wanted.exports(engine) {
        match item.ty {
            ComponentItem::ComponentFunc(of_type) => {
                let mut import = Import { interface, function: name, into: &mut *into };
                let is_known = io::define(&mut import)?
                    || cli::define(&mut import)?
                    || clocks::define(&mut import)?
                    || random::define(&mut import)?
                    || denied::define(&mut import)?;
                if !is_known {
                    denied::refuse(&mut import, &of_type)?;
                }
            }
            ComponentItem::Resource(_) => {
                into.resource(name, ResourceType::host::<Handle>(), |mut store, handle| {
                    store.data_mut().handles.delete(Resource::<Handle>::new_own(handle))?;
                    Ok(())
                })?;
            }
            ComponentItem::Type(_) => {}
            _ => bail!("`{name}` of {interface} is neither a function nor a type"),
        }
    }
    Ok(())
}

/// A function that a component imports, before it is defined.
struct Import<'a, 'b> {
    /// Such as `wasi:io/poll`.
    interface: &'a str,
    /// Such as `poll`, or `[method]pollable.ready`.
    function: &'a str,
    into: &'a mut LinkerInstance<'b, State>,
}

impl Import<'_, '_> {
    /// Defines it.
    fn answers<P, R>(&mut self, answer: impl Fn(&mut State, P) -> Result<R> + Send + Sync + 'static) -> Result<bool>
    where
        P: ComponentNamedList + Lift + 'static,
        R: ComponentNamedList + Lower + 'static,
    {
        self.into.func_wrap(self.function, move |mut store, parameters| {
            let state = store.data_mut();
            state.context.host_calls += 1;
            answer(state, parameters)
        })?;
        Ok(true)
    }
}
