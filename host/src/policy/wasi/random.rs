//! `wasi:random`: the same numbers in every evaluation.

use sha2::{Digest, Sha256};
use wasmtime::Result;

use super::{Import, Misuse};
use crate::policy::engine::State;

/// The most bytes of one call: making them takes well under a millisecond, in which no deadline is noticed.
const MOST: u64 = 64 << 10;

/// A sequence that begins anew in every evaluation. SHA-256 is fixed by a standard, which no random number crate promises
/// to be for ever.
#[derive(Debug, Default)]
pub(super) struct Random {
    drawn: u64,
}

impl Random {
    fn draw(&mut self) -> [u8; 32] {
        self.drawn = self.drawn.wrapping_add(1);
        Sha256::digest(self.drawn.to_be_bytes()).into()
    }

    fn number(&mut self) -> u64 {
        self.draw().first_chunk().copied().map_or(0, u64::from_be_bytes)
    }

    fn bytes(&mut self, wanted: u64) -> Result<Vec<u8>> {
        let size = usize::try_from(wanted).ok().filter(|_| wanted <= MOST);
        let size = size.ok_or(Misuse::TooMuchRandomness { wanted, most: MOST })?;
        let mut bytes = Vec::with_capacity(size.next_multiple_of(32));
        while bytes.len() < size {
            bytes.extend(self.draw());
        }
        bytes.truncate(size);
        Ok(bytes)
    }
}

pub(super) fn define(import: &mut Import<'_, '_>) -> Result<bool> {
    match (import.interface, import.function) {
        ("wasi:random/random", "get-random-bytes") | ("wasi:random/insecure", "get-insecure-random-bytes") => {
            import.answers(|state: &mut State, (wanted,)| Ok((state.wasi.random.bytes(wanted)?,)))
        }
        ("wasi:random/random", "get-random-u64") | ("wasi:random/insecure", "get-insecure-random-u64") => {
            import.answers(|state: &mut State, ()| Ok((state.wasi.random.number(),)))
        }
        ("wasi:random/insecure-seed", "insecure-seed") => import.answers(|state: &mut State, ()| {
            let seed = (state.wasi.random.number(), state.wasi.random.number());
            Ok((seed,))
        }),
        _ => Ok(false),
    }
}
