//! What a file is, and whether this host can run it: answered from its types alone, before anything is compiled.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wit_component::ComponentEncoder;

use super::complexity;
use super::contract::{self, Contract, PACKAGE, SCORER};
use super::error::{PolicyError, PolicyErrorKind};
use super::log::escape;
use super::metadata::Metadata;
use super::wasi::{self, Wasi};
use super::world::{self, Interfaces, World};

/// The longest sentence about a file, in bytes: its names are a stranger's.
const MAX_PROBLEM: usize = 1024;

/// What core modules import WASI preview 1 from.
const PREVIEW_1: &str = "wasi_snapshot_preview1";

/// The form of a WebAssembly file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// A component.
    Component,
    /// A core module that carries its component type, from which the host makes a component.
    CoreModule,
}

/// What a policy's file is, wants and offers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Inspection {
    /// The form of the file.
    pub kind: FileKind,
    /// Its size in bytes.
    pub size: usize,
    /// Its SHA-256, as `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// What its author says of it.
    pub metadata: Metadata,
    /// The interfaces that it imports.
    pub imports: Vec<String>,
    /// The interfaces that it exports.
    pub exports: Vec<String>,
    /// What it gets of WASI, where it imports that.
    pub wasi: Option<Wasi>,
    /// The version of `scorelet:policy` that it was built for, where it uses the package at all.
    pub built_for: Option<String>,
    /// The version of `scorelet:policy` that this host offers.
    pub offered: String,
    /// Why this host cannot run it, a sentence each; empty when names and functions fit. Parameters are compared when it
    /// is loaded.
    pub problems: Vec<String>,
}

impl Inspection {
    /// # Errors
    /// [`PolicyErrorKind::Incompatible`] with all problems, if there are any.
    pub(super) fn verdict(&self) -> Result<(), PolicyError> {
        if self.problems.is_empty() { Ok(()) } else { Err(incompatible(self.problems.join("; "))) }
    }
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

/// Inspects a file's bytes without running or compiling any of it, for an engine with or without WASI.
///
/// # Errors
/// [`PolicyErrorKind::NotWasm`], [`PolicyErrorKind::TooLarge`] and, when its types cannot be read,
/// [`PolicyErrorKind::Incompatible`]. A readable policy that this host cannot run is no error: see
/// [`Inspection::problems`].
pub fn inspect(bytes: &[u8], max_bytes: usize, wasi: Wasi) -> Result<Inspection, PolicyError> {
    analyse(bytes, max_bytes, wasi).map(|(inspection, _)| inspection)
}

/// The inspection, and the bytes as a component where there are no problems.
pub(super) fn analyse(bytes: &[u8], max_bytes: usize, wasi: Wasi) -> Result<(Inspection, Cow<'_, [u8]>), PolicyError> {
    analyse_for(bytes, max_bytes, wasi, &[])
}

/// Like [`analyse`], for a host that offers imports of these names too.
pub(super) fn analyse_for<'a>(
    bytes: &'a [u8],
    max_bytes: usize,
    wasi: Wasi,
    also_offered: &[&str],
) -> Result<(Inspection, Cow<'a, [u8]>), PolicyError> {
    let kind = file_kind(bytes, max_bytes)?;
    let digest = digest(bytes);
    let contract = contract()?;
    let (world, component) = complexity::check(bytes)
        .map_err(|problem| incompatible(format!("it would be too much for the compiler: {problem}")))
        .and_then(|()| world_of(bytes, kind, contract, wasi))
        .map_err(|failure| failure.of_digest(&digest))?;
    let mut problems = foreign_imports(&world, contract, also_offered);
    let wasi_problem = refused_wasi(&world, kind, wasi, also_offered);
    let wants_wasi = world.imports.keys().any(|name| wasi::is_wasi(name));
    let wasi = wants_wasi.then_some(if wasi_problem.is_some() { Wasi::Refused } else { wasi });
    problems.extend(wasi_problem);
    problems.extend(foreign_exports(&world));
    if !component.is_empty() {
        problems.extend(missing_functions(&world, contract));
    } else if problems.is_empty() {
        let advice = "make a component of it first";
        problems.push(format!("it is a core module that uses other packages than {PACKAGE}; {advice}"));
    }
    let inspection = Inspection {
        kind,
        size: bytes.len(),
        digest,
        metadata: Metadata::of(bytes),
        wasi,
        built_for: built_for(&world),
        offered: contract.version.clone(),
        problems: problems.into_iter().map(|problem| escape(&problem, MAX_PROBLEM)).collect(),
        imports: world.imports.keys().map(|name| escape(name, MAX_PROBLEM)).collect(),
        exports: world.exports.keys().map(|name| escape(name, MAX_PROBLEM)).collect(),
    };
    Ok((inspection, component))
}

/// What a file imports and exports, and the file as a component; no bytes where none can be made of it.
fn world_of<'a>(
    bytes: &'a [u8],
    kind: FileKind,
    contract: &Contract,
    wasi: Wasi,
) -> Result<(World, Cow<'a, [u8]>), PolicyError> {
    if kind == FileKind::Component {
        return Ok((read(bytes)?, Cow::Borrowed(bytes)));
    }
    let world = embedded(bytes, wasi)?;
    // The reader of embedded worlds recurses without end on packages that depend on each other, so it gets only worlds in
    // which there is just one.
    if !is_known(&world, contract) {
        return Ok((world, Cow::Borrowed(&[])));
    }
    let component = componentize(bytes)?;
    Ok((read(&component)?, Cow::Owned(component)))
}

fn read(component: &[u8]) -> Result<World, PolicyError> {
    world::of_component(component).map_err(|failure| incompatible(format!("it cannot be read: {}", one_line(&failure))))
}

fn embedded(module: &[u8], wasi: Wasi) -> Result<World, PolicyError> {
    let unreadable = |failure: String| incompatible(format!("the core module cannot be read: {}", one_line(&failure)));
    if world::imports_from(module, PREVIEW_1).map_err(unreadable)? {
        let targets = wasi.targets();
        return Err(incompatible(format!(
            "it was built for WASI preview 1 ({PREVIEW_1}), which this host does not offer; build it for {targets}"
        )));
    }
    let embedded = world::embedded_in(module).map_err(unreadable)?;
    embedded.ok_or_else(|| {
        incompatible(
            "it is a core module without a component type, so nothing says what it imports and exports; \
             build it with the scorelet-guest SDK or with wit-bindgen, or make a component of it first",
        )
    })
}

/// Whether every interface of a world is one of the contract's.
fn is_known(world: &World, contract: &Contract) -> bool {
    let known = |name: &String| contract.world.imports.contains_key(name) || contract.world.exports.contains_key(name);
    world.imports.keys().chain(world.exports.keys()).all(known)
}

fn contract() -> Result<&'static Contract, PolicyError> {
    contract::offered()
        .ok_or_else(|| PolicyError::new(PolicyErrorKind::Internal, "the host's own WIT package cannot be read"))
}

/// Looks at size and first bytes only.
pub(super) fn file_kind(bytes: &[u8], max_bytes: usize) -> Result<FileKind, PolicyError> {
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
    let encode = || ComponentEncoder::default().validate(true).module(module).and_then(ComponentEncoder::encode);
    // The encoder is made for what toolchains write, and asserts where that is not so.
    match std::panic::catch_unwind(encode) {
        Ok(Ok(component)) => Ok(component),
        Ok(Err(failure)) => {
            let causes = one_line(&format!("{failure:#}"));
            Err(incompatible(format!("no component can be made of the core module: {causes}")))
        }
        Err(_) => Err(incompatible("no component can be made of the core module: its types contradict each other")),
    }
}

/// A sentence where it exports no scorer, or another one.
fn foreign_exports(world: &World) -> Option<String> {
    let is_scorer = |name: &&String| matches!(contract::parts(name), (PACKAGE, Some("scorer"), _));
    match world.exports.keys().find(is_scorer) {
        None => Some(format!(
            "it does not export {SCORER}, so it is not a scoring policy; it exports {}",
            names(&world.exports)
        )),
        Some(name) => (name != SCORER).then(|| format!("it exports {name}; this host calls {SCORER}")),
    }
}

/// A sentence for each function that one side wants and the other does not have.
fn missing_functions(world: &World, contract: &Contract) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, functions) in &world.imports {
        if let Some(known) = contract.world.imports.get(name) {
            problems.extend(functions.iter().filter(|function| !known.contains(function)).map(|function| {
                format!("it wants `{function}` of {name}, which this host's version of the interface does not have")
            }));
        }
    }
    if let Some(functions) = world.exports.get(SCORER) {
        let wanted = contract.world.exports.get(SCORER).into_iter().flatten();
        problems.extend(
            wanted
                .filter(|wanted| !functions.contains(wanted))
                .map(|wanted| format!("its {SCORER} does not have the function `{wanted}`")),
        );
    }
    problems
}

/// A sentence where it imports WASI, and this host has none for it.
fn refused_wasi(world: &World, kind: FileKind, wasi: Wasi, also_offered: &[&str]) -> Option<String> {
    let offered = |name: &str| kind == FileKind::Component && wasi.offers(name);
    let imports = world.imports.keys().map(String::as_str).filter(|name| wasi::is_wasi(name));
    let refused: Vec<_> = imports.filter(|name| !offered(name) && !also_offered.contains(name)).collect();
    if refused.is_empty() {
        return None;
    }
    let (names, targets) = (some_of(&refused), wasi.targets());
    Some(match (wasi, kind) {
        (Wasi::Refused, _) => format!(
            "it imports WASI ({names}), which is switched off here; build it for {targets}, without files, clocks, \
             randomness and the environment"
        ),
        (Wasi::Inert, FileKind::Component) => {
            format!("it imports WASI ({names}); this host offers WASI 0.2, so build it for {targets}")
        }
        (Wasi::Inert, FileKind::CoreModule) => format!(
            "it is a core module that imports WASI ({names}), which this host offers to components only; make a \
             component of it first, or build it for {targets}"
        ),
    })
}

/// A sentence for each other package that it imports from and this host does not offer.
fn foreign_imports(world: &World, contract: &Contract, also_offered: &[&str]) -> Vec<String> {
    let version = &contract.version;
    let mut packages: BTreeMap<(&str, Option<&str>), Vec<&str>> = BTreeMap::new();
    let is_offered = |name: &str| contract.world.imports.contains_key(name) || also_offered.contains(&name);
    for name in world.imports.keys().filter(|name| !is_offered(name) && !wasi::is_wasi(name)) {
        let (package, interface, wanted) = contract::parts(name);
        let package = if interface.is_some() { (package, wanted) } else { ("", None) };
        packages.entry(package).or_default().push(interface.unwrap_or(name));
    }
    packages
        .into_iter()
        .map(|(package, interfaces)| match package {
            (PACKAGE, Some(wanted)) if wanted != version => format!(
                "it was built for {PACKAGE}@{wanted} and imports its {}; this host offers {PACKAGE}@{version}",
                some_of(&interfaces)
            ),
            (package, _) => {
                let of_package = if package.is_empty() { String::new() } else { format!(" of {package}") };
                let offered: Vec<_> =
                    contract.world.imports.keys().map(String::as_str).chain(also_offered.iter().copied()).collect();
                format!("it imports {}{of_package}; this host offers only {}", some_of(&interfaces), offered.join(", "))
            }
        })
        .collect()
}

/// A few names, and how many more there are.
fn some_of(names: &[&str]) -> String {
    const SHOWN: usize = 3;
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn names(interfaces: &Interfaces) -> String {
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

/// The SHA-256 of bytes, as `sha256:` and 64 hexadecimal digits.
pub(super) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// An error whose words are in part the file's.
pub(super) fn incompatible(message: impl AsRef<str>) -> PolicyError {
    PolicyError::new(PolicyErrorKind::Incompatible, escape(message.as_ref(), MAX_PROBLEM))
}

/// The texts of the WebAssembly tools may have several lines.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
