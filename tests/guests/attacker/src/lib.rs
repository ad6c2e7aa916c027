//! A policy that attacks its host in the ways that only a whole language has: its allocator, its panics, its stack.
#![forbid(unsafe_code)]

use std::hint::black_box;

use scorelet_guest::{Candidates, Pod, Policy, Refusal};
use serde::Deserialize;

/// What it is to do to its host.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    attack: Attack,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Attack {
    /// Keeps more and more.
    #[default]
    Memory,
    /// Wants 1 GiB at once.
    Allocation,
    /// Panics with 4 MiB of words.
    Panic,
    /// Calls itself without end.
    Recursion,
    /// Calls itself without end, with an array on each level; such arrays lie in linear memory.
    Arrays,
    /// Refuses in 20 MiB of words.
    Refusal,
}

/// Attacks when it is asked to score.
pub struct Attacker(Attack);

impl Policy for Attacker {
    type Settings = Settings;

    fn new(settings: Settings) -> Result<Self, Refusal> {
        Ok(Self(settings.attack))
    }

    #[expect(clippy::panic, reason = "it is asked to panic")]
    fn score(&self, _: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal> {
        match self.0 {
            Attack::Memory => {
                let mut kept = Vec::new();
                loop {
                    kept.push(black_box(vec![1_u8; 1 << 16]));
                }
            }
            Attack::Allocation => Err(black_box(vec![1_u8; 1 << 30]).len().to_string().into()),
            Attack::Panic => panic!("{}", "no! ".repeat(1 << 20)),
            Attack::Recursion => Ok(vec![recursion(candidates.len()); candidates.len()]),
            Attack::Arrays => Ok(vec![arrays(candidates.len()); candidates.len()]),
            Attack::Refusal => Err("no! ".repeat(5 << 20).into()),
        }
    }
}

#[expect(unconditional_recursion, reason = "that is the attack")]
fn recursion(depth: usize) -> f64 {
    recursion(black_box(depth + 1)) + 1.0
}

#[expect(unconditional_recursion, reason = "that is the attack")]
fn arrays(depth: usize) -> f64 {
    let array = black_box([depth; 1024]);
    arrays(array.len() + depth) + 1.0
}

scorelet_guest::export!(Attacker);
