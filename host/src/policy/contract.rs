//! What this host offers to policies and asks of them, read from the same WIT files as the bindings.

use std::path::Path;
use std::sync::OnceLock;

use wit_parser::{Resolve, SourceMap, WorldItem, WorldKey};

use super::world::{Interfaces, World};

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

/// The contract of this host.
#[derive(Debug)]
pub(super) struct Contract {
    pub(super) world: World,
    pub(super) version: String,
}

/// The contract that this host keeps; `None` never, unless its own files are not WIT.
pub(super) fn offered() -> Option<&'static Contract> {
    static OFFERED: OnceLock<Option<Contract>> = OnceLock::new();
    OFFERED.get_or_init(parse).as_ref()
}

fn parse() -> Option<Contract> {
    let mut sources = SourceMap::new();
    for (name, text) in SOURCES {
        sources.push(Path::new(name), text);
    }
    let mut resolve = Resolve::default();
    let package = resolve.push_group(sources.parse().ok()?).ok()?;
    let world = resolve.worlds.get(resolve.select_world(&[package], Some("policy")).ok()?)?;
    Some(Contract {
        world: World {
            imports: interfaces(&resolve, world.imports.iter()),
            exports: interfaces(&resolve, world.exports.iter()),
        },
        version: resolve.packages.get(package)?.name.version.as_ref()?.to_string(),
    })
}

fn interfaces<'a>(resolve: &Resolve, items: impl Iterator<Item = (&'a WorldKey, &'a WorldItem)>) -> Interfaces {
    let mut interfaces = Interfaces::new();
    for (key, item) in items {
        if let WorldItem::Interface { id, .. } = item {
            let interface = resolve.interfaces.get(*id);
            let functions = interface.map(|interface| interface.functions.keys().cloned().collect());
            interfaces.insert(resolve.name_world_key(key), functions.unwrap_or_default());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_is_that_of_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
        let mut files: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        let mut sources = SOURCES.map(|(name, _)| name.to_owned());
        files.sort();
        sources.sort();
        assert_eq!(files, sources);
    }

    #[test]
    fn the_scorer_is_what_the_contract_exports() {
        let contract = offered().unwrap();
        assert_eq!(contract.world.exports.keys().collect::<Vec<_>>(), [SCORER]);
        let imports = ["collector", "logging", "scheduling", "types"];
        let imports = imports.map(|interface| format!("{PACKAGE}/{interface}@{}", contract.version));
        assert_eq!(contract.world.imports.keys().collect::<Vec<_>>(), imports.each_ref());
        assert_eq!(contract.version, "0.1.0");
    }
}
