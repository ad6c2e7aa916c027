//! The one place where what went wrong in the sandbox becomes an error for the caller.

use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};

use super::embed::TooManyHandles;
use super::engine::State;
use super::error::{PolicyError, PolicyErrorKind};
use super::inspect::one_line;
use super::limits::Limits;
use super::log::escape;
use super::wasi::Misuse;

/// The most function names in a backtrace: enough to see where, and not every level of a recursion.
const MAX_FRAMES: usize = 20;

/// The longest text of the engine about a failure, in bytes.
const MAX_CAUSE: usize = 1024;

/// The policy said no, in its own words.
pub(super) fn refused(
    kind: PolicyErrorKind,
    what: &str,
    words: &str,
    state: &mut State,
    limits: &Limits,
) -> PolicyError {
    state.end_output();
    let words = escape(words, limits.log_line_bytes);
    let words = if words.is_empty() { "it gave no reason" } else { &words };
    PolicyError::new(kind, format!("it refuses {what}: {words}")).with_logs(state.context.log.take())
}

/// No instance came to be.
pub(super) fn no_instance(error: &wasmtime::Error, state: &mut State, limits: &Limits) -> PolicyError {
    let refused = state.meter.refused_memory.is_some() || state.meter.refused_table.is_some();
    // Where there is a backtrace, its own code was running: that of `start`.
    let broke_off = error.downcast_ref::<Trap>().is_some() || error.downcast_ref::<WasmBacktrace>().is_some();
    if refused || broke_off {
        return classify(error, state, limits);
    }
    state.end_output();
    if error.is::<PoolConcurrencyLimitError>() {
        let message = "the pool has no room for an instance, although it has a place";
        return PolicyError::new(PolicyErrorKind::Internal, message).with_source(root_cause(error));
    }
    // More instances, memories or tables than allowed, or initial data that does not fit.
    let message = format!("no instance can be made of it: {}", root_cause(error));
    PolicyError::new(PolicyErrorKind::Incompatible, message).with_logs(state.context.log.take())
}

/// The policy broke off.
pub(super) fn classify(error: &wasmtime::Error, state: &mut State, limits: &Limits) -> PolicyError {
    state.end_output();
    let (kind, message) = verdict(error, state, limits);
    PolicyError::new(kind, message).with_backtrace(backtrace(error, limits)).with_logs(state.context.log.take())
}

fn verdict(error: &wasmtime::Error, state: &State, limits: &Limits) -> (PolicyErrorKind, String) {
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => {
            let deadline = limits.deadline.as_millis();
            return (PolicyErrorKind::Deadline, format!("it did not finish within {deadline} ms"));
        }
        Some(Trap::OutOfFuel) => {
            let fuel = limits.fuel.unwrap_or(0);
            return (PolicyErrorKind::OutOfFuel, format!("it used up its fuel of {fuel}"));
        }
        Some(Trap::StackOverflow) => {
            let stack = limits.stack_bytes;
            return (PolicyErrorKind::StackOverflow, format!("it recursed beyond its stack of {stack} bytes"));
        }
        _ => {}
    }
    if let Some(handles) = error.downcast_ref::<TooManyHandles>() {
        return (PolicyErrorKind::LimitExceeded, handles.to_string());
    }
    if carries_too_much(error) {
        let allowed = limits.call_bytes;
        let message = format!("it passed more than the {allowed} bytes that one call may carry to the host");
        return (PolicyErrorKind::LimitExceeded, message);
    }
    if let Some(misuse) = error.downcast_ref::<Misuse>() {
        let message = match (misuse, state.context.log.last_error()) {
            // What programs say before they give up.
            (Misuse::Exited { .. }, Some(last_words)) => format!("{misuse}: {last_words}"),
            _ => misuse.to_string(),
        };
        return (PolicyErrorKind::Trap, message);
    }
    // A guest that is refused memory goes on to trap in one way or another; the refusal is the cause.
    if let Some(wanted) = state.meter.refused_memory {
        let allowed = limits.memory_bytes;
        return (PolicyErrorKind::OutOfMemory, format!("it wanted {wanted} bytes of memory; {allowed} are allowed"));
    }
    if let Some(wanted) = state.meter.refused_table {
        let allowed = limits.table_elements;
        return (
            PolicyErrorKind::OutOfMemory,
            format!("it wanted a table of {wanted} elements; {allowed} are allowed"),
        );
    }
    let cause = match (error.downcast_ref::<Trap>(), state.context.log.last_error()) {
        // Panics of every language end in this trap, and leave their message in the log.
        (Some(Trap::UnreachableCodeReached), Some(message)) => format!("it crashed: {message}"),
        (Some(Trap::UnreachableCodeReached), None) => "it crashed without a message (a panic or an abort)".to_owned(),
        (Some(trap), _) => format!("it crashed: {}", trap.to_string().trim_start_matches("wasm trap: ")),
        (None, _) => format!("it broke a rule of the sandbox: {}", root_cause(error)),
    };
    (PolicyErrorKind::Trap, cause)
}

/// Whether a call carried more than `Store::set_hostcall_fuel` allows. The type of that error is private to wasmtime, so it is
/// known by its words; should they change, the tests of the limit fail, and it is a trap in the meantime.
fn carries_too_much(error: &wasmtime::Error) -> bool {
    error.root_cause().to_string().starts_with("too much data is being copied between the host and the guest")
}

/// What the engine said, without the backtrace that it wraps around it.
fn root_cause(error: &wasmtime::Error) -> String {
    let words = error.chain().last().map(ToString::to_string).unwrap_or_default();
    // Names of imports and exports in it are the policy's.
    escape(&one_line(&words), MAX_CAUSE)
}

fn backtrace(error: &wasmtime::Error, limits: &Limits) -> Vec<String> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return Vec::new() };
    let frames = backtrace.frames().iter().take(MAX_FRAMES);
    frames
        .map(|frame| match frame.func_name() {
            // The name is the policy's word, as hostile as a log line.
            Some(name) => escape(&format!("{:#}", rustc_demangle::demangle(name)), limits.log_line_bytes),
            None => format!("function {}", frame.func_index()),
        })
        .collect()
}
