//! A guide for authors of policies. Each chapter links to the next one.
//!
//! 1. [`first_policy`]: from an empty folder to a policy that is built, scored and tested
//! 2. [`columns`]: all candidates at once, selectors, units, statistics, and pods that no monitor shows yet
//! 3. [`settings`]: what operators can tell a policy, and how it refuses what makes no sense
//! 4. [`testing`]: unit tests without WebAssembly, cases in a file, properties
//! 5. [`debugging`]: what a failure says, the log, limits and exit codes
//! 6. [`performance`]: what costs time, and how to measure it
//! 7. [`sandbox`]: what a policy cannot do, and why
//! 8. [`other_languages`]: what a policy has to export, whatever it is written in

#[doc = include_str!("first_policy.md")]
pub mod first_policy {}

#[doc = include_str!("columns.md")]
pub mod columns {}

#[doc = include_str!("settings.md")]
pub mod settings {}

#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("debugging.md")]
pub mod debugging {}

#[doc = include_str!("performance.md")]
pub mod performance {}

#[doc = include_str!("sandbox.md")]
pub mod sandbox {}

#[doc = include_str!("other_languages.md")]
pub mod other_languages {}
