//! The guests that tests run, as the build left them: a constant with its path for each.

include!(concat!(env!("OUT_DIR"), "/artifacts.rs"));

/// The bytes of a guest.
///
/// # Panics
/// When it was not built.
#[must_use]
pub fn read(path: &str) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|failure| panic!("{path}: {failure}; run `make policies wasip2` first"))
}
