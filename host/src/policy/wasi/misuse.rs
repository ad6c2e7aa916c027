//! What ends an evaluation: calls that WASI forbids, or that cannot be answered.

/// Why a call ended the evaluation. Where it did, this is what `wasmtime::Error::downcast_ref` finds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::policy) enum Misuse {
    #[error("it exited{} instead of giving scores", .code.map(|code| format!(" with code {code}")).unwrap_or_default())]
    Exited { code: Option<u8> },
    #[error("it called {0}, which policies do not have")]
    Denied(String),
    #[error("it asked for {wanted} random bytes at once; {most} are allowed")]
    TooMuchRandomness { wanted: u64, most: u64 },
    #[error("it wrote {wanted} bytes to a stream that takes {most} at once")]
    BeyondPermit { wanted: u64, most: u64 },
    #[error("it polled without anything to wait for")]
    EmptyPoll,
}
