//! What this host offers to policies and asks of them, read from the same WIT files as the bindings.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use wit_parser::{Resolve, SourceMap, WorldId, WorldItem, WorldKey};

/// The package of the contract.
pub(super) const PACKAGE: &str = "scorelet:policy";
/// The interface that a policy exports.
pub(super) const SCORER: &str = "scorelet:policy/scorer@0.1.0";

const SOURCES: [(&str, &str); 5] = [
    ("types.wit", include_str!("../../../wit/types.wit")),
    ("collector.wit", include_str!("../../../wit/collector.wit")),
    ("scheduling.wit", include_str!("../../../wit/scheduling.wit")),
    ("logging.wit", include_str!("../../../wit/logging.wit")),
    ("world.wit", include_str!("../../../wit/world.wit")),
];

/// Interfaces by name, such as `scorelet:policy/collector@0.1.0`, each with the names of its functions.
pub(super) type Interfaces = BTreeMap<String, Vec<String>>;

/// One side of a world.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) imports: Interfaces,
    pub(super) exports: Interfaces,
}

impl World {
    /// Both sides of a world. Types alone, which need nothing at run time, are left out.
    pub(super) fn of(resolve: &Resolve, world: WorldId) -> Self {
        let Some(world) = resolve.worlds.get(world) else { return Self::default() };
        Self { imports: interfaces(resolve, world.imports.iter()), exports: interfaces(resolve, world.exports.iter()) }
    }
}

/// The world that this host runs, and the version of its package; `None` never, unless the files are not WIT.
pub(super) fn offered() -> Option<&'static (World, String)> {
    static OFFERED: OnceLock<Option<(World, String)>> = OnceLock::new();
    OFFERED.get_or_init(parse).as_ref()
}

fn parse() -> Option<(World, String)> {
    let mut sources = SourceMap::new();
    for (name, text) in SOURCES {
        sources.push(Path::new(name), text);
    }
    let mut resolve = Resolve::default();
    let package = resolve.push_group(sources.parse().ok()?).ok()?;
    let world = resolve.select_world(&[package], Some("policy")).ok()?;
    let version = resolve.packages.get(package)?.name.version.as_ref()?.to_string();
    Some((World::of(&resolve, world), version))
}

fn interfaces<'a>(resolve: &Resolve, items: impl Iterator<Item = (&'a WorldKey, &'a WorldItem)>) -> Interfaces {
    let mut interfaces = Interfaces::new();
    for (key, item) in items {
        let name = resolve.name_world_key(key);
        match item {
            WorldItem::Interface { id, .. } => {
                let functions =
                    resolve.interfaces.get(*id).map(|interface| interface.functions.keys().cloned().collect());
                interfaces.insert(name, functions.unwrap_or_default());
            }
            WorldItem::Function(_) => {
                interfaces.insert(name, Vec::new());
            }
            WorldItem::Type { .. } => {}
        }
    }
    interfaces
}

/// A name such as `wasi:cli/run@0.2.0` in its parts: package, interface, version.
pub(super) fn parts(name: &str) -> (&str, Option<&str>, Option<&str>) {
    let (path, version) = match name.split_once('@') {
        Some((path, version)) => (path, Some(version)),
        None => (name, None),
    };
    match path.split_once('/') {
        Some((package, interface)) => (package, Some(interface), version),
        None => (path, None, version),
    }
}
