//! The hostile corpus: policies that attack the host, and how each of them has to end.
//!
//! An attack that WebAssembly text can express is a file in `tests/wat/`; the others are generated here, or built from Rust
//! in `tests/guests/attacker`. `tests/wat/README.md` describes all of them.

mod binary;
mod corpus;
mod sandbox;
mod scene;
mod usage;

use std::fmt;

use scorelet_host::policy::PolicyErrorKind;

pub use corpus::corpus;
pub use sandbox::{Outcome, Sandbox};
pub use scene::Scene;
pub use usage::Usage;

/// One attack.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name: that of its file, where it has one.
    pub name: &'static str,
    /// What it attacks, in a sentence.
    pub attack: String,
    /// The bytes of the policy; where there are several, all of them end alike.
    pub files: Vec<Vec<u8>>,
    /// The settings that it is loaded with.
    pub settings: String,
    /// What it is asked to score.
    pub scene: Scene,
    /// How it has to end.
    pub ends: Ends,
    /// Whether it moves so many bytes, or asks the system for memory so often, that on a slow machine its time may be up
    /// first, which is as right.
    pub heavy: bool,
    /// Whether it takes so long that a program which runs the corpus again and again leaves it out of most rounds.
    pub slow: bool,
}

/// How an attack ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// It is not loaded, for a reason of this class in words with this part.
    AtLoad(PolicyErrorKind, &'static str),
    /// It is loaded and gives no scores, for a reason of this class in words with this part.
    AtScore(PolicyErrorKind, &'static str),
    /// It gives scores: what it tries has no effect.
    WithScores,
}

impl Ends {
    /// The class of the failure that it ends in.
    #[must_use]
    pub fn kind(self) -> Option<PolicyErrorKind> {
        match self {
            Self::AtLoad(kind, _) | Self::AtScore(kind, _) => Some(kind),
            Self::WithScores => None,
        }
    }
}

impl fmt::Display for Ends {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLoad(kind, _) => write!(formatter, "load: {}", kind.as_str()),
            Self::AtScore(kind, _) => write!(formatter, "score: {}", kind.as_str()),
            Self::WithScores => formatter.write_str("scores"),
        }
    }
}
