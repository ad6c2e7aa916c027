//! `wasi:cli`: an empty environment, and streams that lead into the log.

use wasmtime::Result;
use wasmtime::component::Resource;

use super::{Handle, Import, Misuse};

pub(super) fn define(import: &mut Import<'_, '_>) -> Result<bool> {
    match (import.interface, import.function) {
        ("wasi:cli/environment", "get-environment") => import.answers(|_, ()| Ok((Vec::<(String, String)>::new(),))),
        ("wasi:cli/environment", "get-arguments") => import.answers(|_, ()| Ok((Vec::<String>::new(),))),
        ("wasi:cli/environment", "initial-cwd") => import.answers(|_, ()| Ok((None::<String>,))),
        ("wasi:cli/exit", "exit") => import.answers(|_, (_,): (Result<(), ()>,)| exit(None)),
        ("wasi:cli/exit", "exit-with-code") => import.answers(|_, (code,)| exit(Some(code))),
        ("wasi:cli/stdin", "get-stdin") => import.answers(|state, ()| Ok((state.open(Handle::Stdin)?,))),
        ("wasi:cli/stdout", "get-stdout") => import.answers(|state, ()| Ok((state.open(Handle::Stdout)?,))),
        ("wasi:cli/stderr", "get-stderr") => import.answers(|state, ()| Ok((state.open(Handle::Stderr)?,))),
        ("wasi:cli/terminal-stdin", "get-terminal-stdin")
        | ("wasi:cli/terminal-stdout", "get-terminal-stdout")
        | ("wasi:cli/terminal-stderr", "get-terminal-stderr") => {
            import.answers(|_, ()| Ok((None::<Resource<Handle>>,)))
        }
        _ => Ok(false),
    }
}

fn exit(code: Option<u8>) -> Result<()> {
    Err(Misuse::Exited { code }.into())
}
