//! The integration tests: one binary, a module per subject.

#![allow(missing_docs, clippy::float_cmp, reason = "tests name themselves, and compare what must be equal to the bit")]

mod policy;
mod samples;
mod tidy;
