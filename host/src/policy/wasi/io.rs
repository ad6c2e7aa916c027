//! `wasi:io`: standard input is at its end, output goes to the log, and nothing has to be waited for.

use wasmtime::component::{ComponentType, Lower, Resource};
use wasmtime::{Result, bail};

use super::{Handle, Import, Misuse};
use crate::policy::engine::State;
use crate::policy::log::Level;

/// The most bytes of one write. It is what WASI lets a guest write in one step, without asking first.
const PERMIT: u64 = 4096;

#[derive(ComponentType, Lower)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    #[expect(dead_code, reason = "no operation fails; the type has to be complete")]
    LastOperationFailed(Resource<Handle>),
    #[component(name = "closed")]
    Closed,
}

type Stream = Resource<Handle>;

pub(super) fn define(import: &mut Import<'_, '_>) -> Result<bool> {
    match import.interface {
        "wasi:io/poll" => poll(import),
        "wasi:io/streams" => Ok(input(import)? || output(import)?),
        _ => Ok(false),
    }
}

fn poll(import: &mut Import<'_, '_>) -> Result<bool> {
    match import.function {
        "[method]pollable.ready" => import.answers(|_, (_,): (Resource<Handle>,)| Ok((true,))),
        "[method]pollable.block" => import.answers(|_, (_,): (Resource<Handle>,)| Ok(())),
        "poll" => import.answers(|_, (pollables,): (Vec<Resource<Handle>>,)| {
            if pollables.is_empty() {
                return Err(Misuse::EmptyPoll.into());
            }
            Ok(((0..u32::try_from(pollables.len())?).collect::<Vec<_>>(),))
        }),
        _ => Ok(false),
    }
}

fn input(import: &mut Import<'_, '_>) -> Result<bool> {
    match import.function {
        "[method]input-stream.read" | "[method]input-stream.blocking-read" => {
            import.answers(|_, (_, _): (Stream, u64)| Ok((Err::<Vec<u8>, _>(StreamError::Closed),)))
        }
        "[method]input-stream.skip" | "[method]input-stream.blocking-skip" => {
            import.answers(|_, (_, _): (Stream, u64)| Ok((Err::<u64, _>(StreamError::Closed),)))
        }
        "[method]input-stream.subscribe" => subscribe(import),
        _ => Ok(false),
    }
}

fn output(import: &mut Import<'_, '_>) -> Result<bool> {
    match import.function {
        "[method]output-stream.check-write" => import.answers(|_, (_,): (Stream,)| Ok((Ok::<_, StreamError>(PERMIT),))),
        "[method]output-stream.write" | "[method]output-stream.blocking-write-and-flush" => {
            import.answers(|state, (stream, bytes): (Stream, Vec<u8>)| {
                check_permit(u64::try_from(bytes.len())?)?;
                write(state, &stream, &bytes)
            })
        }
        "[method]output-stream.write-zeroes" | "[method]output-stream.blocking-write-zeroes-and-flush" => import
            .answers(|state, (stream, length): (Stream, u64)| {
                check_permit(length)?;
                write(state, &stream, &vec![0; usize::try_from(length)?])
            }),
        // Lines go to the log where they end, and the last one with the evaluation.
        "[method]output-stream.flush" | "[method]output-stream.blocking-flush" => {
            import.answers(|_, (_,): (Stream,)| Ok((Ok::<_, StreamError>(()),)))
        }
        "[method]output-stream.splice" | "[method]output-stream.blocking-splice" => {
            import.answers(|_, (_, _, _): (Stream, Stream, u64)| Ok((Err::<u64, _>(StreamError::Closed),)))
        }
        "[method]output-stream.subscribe" => subscribe(import),
        _ => Ok(false),
    }
}

fn subscribe(import: &mut Import<'_, '_>) -> Result<bool> {
    import.answers(|state, (_,): (Stream,)| Ok((state.open(Handle::Pollable)?,)))
}

fn check_permit(wanted: u64) -> Result<(), Misuse> {
    if wanted > PERMIT { Err(Misuse::BeyondPermit { wanted, most: PERMIT }) } else { Ok(()) }
}

fn write(state: &mut State, stream: &Stream, bytes: &[u8]) -> Result<(Result<(), StreamError>,)> {
    let stream = *state.handles.get(stream)?;
    let (log, wasi) = (&mut state.context.log, &mut state.wasi);
    let max_line = log.max_line();
    match stream {
        Handle::Stdout => wasi.stdout.write(bytes, max_line, |line| log.write(Level::Info, line)),
        Handle::Stderr => wasi.stderr.write(bytes, max_line, |line| log.write_error_line(line)),
        other => bail!("{other:?} is no stream to write to"),
    }
    Ok((Ok(()),))
}
