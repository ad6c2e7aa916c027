//! The rest of WASI 0.2, files and the network above all: refused in the terms of whoever calls.

use wasmtime::component::types::{ComponentFunc, Type};
use wasmtime::component::{Resource, Val};
use wasmtime::{Result, StoreContextMut};

use super::{Handle, Import, Misuse};
use crate::policy::engine::State;
use crate::policy::log::escape;

/// The errors that say no, the clearest first: those of sockets, of files, and of both.
const REFUSALS: [&str; 5] = ["access-denied", "not-permitted", "access", "not-supported", "unsupported"];

/// The longest name of a function in an error, in bytes: it is a stranger's.
const MAX_NAME: usize = 256;

/// Defines what leads to the rest.
pub(super) fn define(import: &mut Import<'_, '_>) -> Result<bool> {
    match (import.interface, import.function) {
        ("wasi:filesystem/preopens", "get-directories") => {
            import.answers(|_, ()| Ok((Vec::<(Resource<Handle>, String)>::new(),)))
        }
        ("wasi:sockets/instance-network", "instance-network") => {
            import.answers(|state, ()| Ok((state.open(Handle::Network)?,)))
        }
        _ => Ok(false),
    }
}

/// Defines any function, going by its type.
pub(super) fn refuse(import: &mut Import<'_, '_>, of_type: &ComponentFunc) -> Result<()> {
    let name = escape(&format!("{}#{}", import.interface, import.function), MAX_NAME);
    let refusal = of_type.results().next().as_ref().and_then(refusal);
    import.into.func_new(import.function, move |mut store, _, parameters, results| {
        store.data_mut().context.host_calls += 1;
        let (Some(refusal), [result]) = (&refusal, results) else { return Err(Misuse::Denied(name.clone()).into()) };
        put_away(&mut store, parameters)?;
        *result = refusal.clone();
        Ok(())
    })
}

/// Gives back what was lent, and drops what was given: what is left lying about would fail the call. Handles within other
/// values do fail it: WASI has them only where there are handles that nobody can have.
fn put_away(store: &mut StoreContextMut<'_, State>, parameters: &[Val]) -> Result<()> {
    for parameter in parameters {
        if let Val::Resource(resource) = parameter {
            let resource: Resource<Handle> = resource.try_into_resource(&mut *store)?;
            if resource.owned() {
                store.data_mut().handles.delete(resource)?;
            }
        }
    }
    Ok(())
}

/// The value of a type that says no, if it has one.
fn refusal(of_type: &Type) -> Option<Val> {
    match of_type {
        Type::Option(_) => Some(Val::Option(None)),
        Type::Result(result) => match result.err() {
            None => Some(Val::Result(Err(None))),
            Some(Type::Enum(errors)) => {
                let error = REFUSALS.into_iter().find(|refusal| errors.names().any(|name| name == *refusal))?;
                Some(Val::Result(Err(Some(Box::new(Val::Enum(error.to_owned()))))))
            }
            Some(_) => None,
        },
        _ => None,
    }
}
