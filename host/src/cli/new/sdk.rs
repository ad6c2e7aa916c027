//! Where the SDK is, which policies in Rust are built with.

use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow};

use crate::cli::exit::Failure;
use crate::cli::input;
use crate::cli::output::json;

/// The SDK's package.
const PACKAGE: &str = "scorelet-guest";

/// The SDK in a folder of this machine, whose path is absolute. It is text, which `Cargo.toml` has to be.
#[derive(Debug)]
pub(super) struct Sdk(String);

impl Sdk {
    /// The one in a folder that somebody named.
    pub(super) fn in_folder(folder: &Path) -> Result<Self, Failure> {
        let manifest = folder.join("Cargo.toml");
        let text = input::read_text(&manifest).map_err(|failure| failure.context("--sdk names no crate"))?;
        if !is_manifest(&text) {
            return Err(Failure::bad_input(anyhow!(
                "{} is not that of {PACKAGE}; pass the folder `guest` of a checkout of Scorelet as --sdk",
                manifest.display()
            )));
        }
        let absolute = fs::canonicalize(folder)
            .with_context(|| format!("cannot find {}", folder.display()))
            .map_err(Failure::input_output)?;
        Self::at(&absolute)
    }

    /// The one of the checkout that a program was built in: it lies in `target`.
    ///
    /// Not just above it: what lies beside a program that was copied, to a folder for everybody at worst, is anybody's.
    pub(super) fn of_program(program: &Path) -> Option<Self> {
        let checkout = program.ancestors().find(|folder| folder.ends_with("target"))?.parent()?;
        let folder = checkout.join("guest");
        let manifest = input::read_text(&folder.join("Cargo.toml")).ok()?;
        if is_manifest(&manifest) { Self::at(&folder).ok() } else { None }
    }

    fn at(absolute: &Path) -> Result<Self, Failure> {
        let text = absolute.to_str().map(str::to_owned).map(Self);
        text.ok_or_else(|| {
            let place = absolute.display();
            Failure::bad_input(anyhow!("the path of {place} is not UTF-8 text, which Cargo.toml has to be"))
        })
    }

    pub(super) fn path(&self) -> &str {
        &self.0
    }

    /// A line of `Cargo.toml`.
    pub(super) fn dependency(&self) -> Result<String, Failure> {
        // A text of JSON is one of TOML too.
        Ok(format!("{PACKAGE} = {{ path = {} }}", json(&self.0)?))
    }
}

/// Whether a manifest is that of the SDK: by a line that it has in each version, for which it takes no reader of TOML.
fn is_manifest(text: &str) -> bool {
    let line = format!("name=\"{PACKAGE}\"");
    text.lines().any(|found| found.split_whitespace().collect::<String>() == line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_the_sdk_of_the_checkout_that_it_was_built_in() {
        let checkout = tempfile::tempdir().unwrap();
        let guest = checkout.path().join("guest");
        let sdk = |program: &str| Sdk::of_program(&checkout.path().join(program)).map(|sdk| sdk.0);
        assert_eq!(sdk("target/debug/scorelet"), None);
        fs::create_dir(&guest).unwrap();
        for (name, is_sdk) in [("scorelet-guest", true), ("scorelet-guests", false)] {
            fs::write(guest.join("Cargo.toml"), format!("[package]\nname = \"{name}\"\n")).unwrap();
            let expected = is_sdk.then(|| guest.to_str().unwrap().to_owned());
            assert_eq!(sdk("target/debug/scorelet"), expected);
            assert_eq!(sdk("target/x86_64-unknown-linux-musl/release/scorelet"), expected);
            // Copied beside it, and nothing that was built there.
            assert_eq!(sdk("scorelet"), None);
            assert_eq!(sdk("bin/scorelet"), None);
        }
    }
}
