//! What a file is, and whether this host can run it: answered from its types alone, before anything is compiled.

use std::borrow::Cow;

use sha2::{Digest, Sha256};
use wit_component::{ComponentEncoder, DecodedWasm};

use super::contract::{self, PACKAGE, SCORER, World};
use super::error::{PolicyError, PolicyErrorKind};

/// The form of a WebAssembly file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A component.
    Component,
    /// A core module that carries its component type, from which the host makes a component.
    CoreModule,
}

/// What a policy's file is, wants and offers.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The form of the file.
    pub kind: FileKind,
    /// Its size in bytes.
    pub size: usize,
    /// Its SHA-256, as `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// The interfaces that it imports.
    pub imports: Vec<String>,
    /// The interfaces that it exports.
    pub exports: Vec<String>,
    /// The version of `scorelet:policy` that it was built for, where it uses the package at all.
    pub built_for: Option<String>,
    /// The version of `scorelet:policy` that this host offers.
    pub offered: String,
    /// Why this host cannot run it, a sentence each; empty when it can.
    pub problems: Vec<String>,
}

impl FileKind {
    /// The name in tables and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Component => "component",
            Self::CoreModule => "core-module",
        }
    }
}

/// Inspects a file's bytes without running or compiling any of it.
///
/// # Errors
/// [`PolicyErrorKind::NotWasm`], [`PolicyErrorKind::TooLarge`] and, when its types cannot be read,
/// [`PolicyErrorKind::Incompatible`]. A readable policy that this host cannot run is no error: see
/// [`Inspection::problems`].
pub fn inspect(bytes: &[u8], max_bytes: usize) -> Result<Inspection, PolicyError> {
    analyse(bytes, max_bytes).map(|(inspection, _)| inspection)
}

/// The inspection, and the bytes as a component.
pub(super) fn analyse(bytes: &[u8], max_bytes: usize) -> Result<(Inspection, Cow<'_, [u8]>), PolicyError> {
    let kind = file_kind(bytes, max_bytes)?;
    let component = match kind {
        FileKind::Component => Cow::Borrowed(bytes),
        FileKind::CoreModule => Cow::Owned(componentize(bytes)?),
    };
    let world = match wit_component::decode(&component) {
        Ok(DecodedWasm::Component(resolve, world)) => World::of(&resolve, world),
        Ok(DecodedWasm::WitPackage(..)) => {
            return Err(incompatible("this is a WIT package, which has types and no code; pass a policy's .wasm"));
        }
        Err(failure) => {
            return Err(incompatible(format!("its component types cannot be read: {}", causes(&failure))));
        }
    };
    let (offered, version) = contract::offered()
        .ok_or_else(|| PolicyError::new(PolicyErrorKind::Internal, "the host's own WIT package cannot be read"))?;
    let inspection = Inspection {
        kind,
        size: bytes.len(),
        digest: digest(bytes),
        built_for: built_for(&world),
        offered: version.clone(),
        problems: problems(&world, offered, version),
        imports: world.imports.into_keys().collect(),
        exports: world.exports.into_keys().collect(),
    };
    Ok((inspection, component))
}

/// Looks at size and first bytes only.
fn file_kind(bytes: &[u8], max_bytes: usize) -> Result<FileKind, PolicyError> {
    let not_wasm = |message: String| Err(PolicyError::new(PolicyErrorKind::NotWasm, message));
    if bytes.is_empty() {
        return not_wasm("the file is empty; it should be a policy compiled to WebAssembly".to_owned());
    }
    if bytes.len() > max_bytes {
        return Err(PolicyError::new(
            PolicyErrorKind::TooLarge,
            format!("the file has {} bytes; a policy may have {max_bytes}", bytes.len()),
        ));
    }
    match bytes.first_chunk::<8>() {
        Some(b"\0asm\x01\0\0\0") => Ok(FileKind::CoreModule),
        Some(b"\0asm\x0d\0\x01\0") => Ok(FileKind::Component),
        Some([0, b'a', b's', b'm', version @ ..]) => {
            Err(incompatible(format!("it is WebAssembly of an unknown version ({version:02x?})")))
        }
        _ if bytes.trim_ascii_start().starts_with(b"(") => not_wasm(
            "the file looks like WebAssembly text; compile it first, for example with `wasm-tools parse`".to_owned(),
        ),
        _ => not_wasm("the file is not WebAssembly: it does not begin with the bytes 00 61 73 6d".to_owned()),
    }
}

fn componentize(module: &[u8]) -> Result<Vec<u8>, PolicyError> {
    let unreadable = |failure| incompatible(format!("the core module cannot be read: {}", causes(&failure)));
    if let (None, _) = wit_component::metadata::decode(module).map_err(unreadable)? {
        return Err(incompatible(
            "it is a core module without a component type, so nothing says what it imports and exports; \
             build it with the scorelet-guest SDK or with wit-bindgen, or make a component of it first",
        ));
    }
    let encoded = ComponentEncoder::default().validate(true).module(module).and_then(ComponentEncoder::encode);
    encoded.map_err(|failure| {
        let causes = causes(&failure);
        let advice = if causes.contains("wasi_snapshot_preview1") {
            "; it was built for WASI preview 1: build it for wasm32-unknown-unknown"
        } else {
            ""
        };
        incompatible(format!("no component can be made of the core module: {causes}{advice}"))
    })
}

fn problems(world: &World, offered: &World, version: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, functions) in &world.imports {
        if let Some(known) = offered.imports.get(name) {
            let missing = functions.iter().filter(|function| !known.contains(function));
            problems.extend(missing.map(|function| {
                format!("it wants `{function}` of {name}, which this host's version of the interface does not have")
            }));
            continue;
        }
        let (package, _, wanted) = contract::parts(name);
        problems.push(match (package, wanted) {
            (PACKAGE, Some(wanted)) if wanted != version => {
                format!("it imports {name}, built for {PACKAGE}@{wanted}; this host offers {PACKAGE}@{version}")
            }
            (package, _) if package.starts_with("wasi:") => format!(
                "it imports {name}; this host offers no WASI, so build it for wasm32-unknown-unknown and without \
                 files, clocks, randomness and the environment"
            ),
            _ => format!("it imports {name}; this host offers only {}", names(&offered.imports)),
        });
    }
    let exported = world
        .exports
        .keys()
        .find(|name| contract::parts(name).0 == PACKAGE && contract::parts(name).1 == Some("scorer"));
    match exported {
        None => problems.push(format!(
            "it does not export {SCORER}, so it is not a scoring policy; it exports {}",
            names(&world.exports)
        )),
        Some(name) if !offered.exports.contains_key(name) => {
            problems.push(format!("it exports {name}; this host calls {SCORER}"));
        }
        Some(_) => {}
    }
    problems
}

fn names(interfaces: &contract::Interfaces) -> String {
    if interfaces.is_empty() {
        return "nothing".to_owned();
    }
    interfaces.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn built_for(world: &World) -> Option<String> {
    world.exports.keys().chain(world.imports.keys()).find_map(|name| match contract::parts(name) {
        (PACKAGE, _, Some(version)) => Some(version.to_owned()),
        _ => None,
    })
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

fn incompatible(message: impl Into<String>) -> PolicyError {
    PolicyError::new(PolicyErrorKind::Incompatible, message)
}

/// An error of the WebAssembly tools and its causes in one line: their texts may have several.
fn causes(failure: &impl std::fmt::Display) -> String {
    format!("{failure:#}").split_whitespace().collect::<Vec<_>>().join(" ")
}
