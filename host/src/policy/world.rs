//! What a component imports and exports, read from its bytes without trusting them: names, and the functions behind them.
//!
//! Only the validator of wasmparser looks at a stranger's bytes here. The readers of WIT packages are made for files of
//! one's own: they recurse, and assert, where types contradict each other.

use std::collections::BTreeMap;
use std::ops::Range;

use wasmparser::component_types::ComponentEntityType;
use wasmparser::{ComponentType, ComponentTypeDeclaration, InstanceTypeDeclaration, Parser, Payload, Validator};

use super::instantiations;

/// Interfaces by name, such as `scorelet:policy/collector@0.1.0`, each with the names of its functions.
pub(super) type Interfaces = BTreeMap<String, Vec<String>>;

/// Both sides of a component, or of a world.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) imports: Interfaces,
    pub(super) exports: Interfaces,
}

/// The most type declarations that begin a nested component or instance type, in one section. The parser recurses once
/// for each level; toolchains write one level for each interface.
const MAX_NESTED_TYPES: usize = 1_000;

/// Reads a component.
pub(super) fn of_component(bytes: &[u8]) -> Result<World, String> {
    let (imports, exports) = outline(bytes)?;
    instantiations::check(bytes)?;
    let types = Validator::new().validate_all(bytes).map_err(|failure| failure.to_string())?;
    let functions = |entity: Option<ComponentEntityType>| match entity {
        Some(ComponentEntityType::Instance(instance)) => {
            // The identifier comes from these types, so it is in them.
            let exports = types[instance].exports.iter();
            exports
                .filter(|(_, item)| matches!(item.ty, ComponentEntityType::Func(_)))
                .map(|(name, _)| name.clone())
                .collect()
        }
        _ => Vec::new(),
    };
    let types = types.as_ref();
    Ok(World {
        imports: imports
            .into_iter()
            .map(|name| (name.to_owned(), functions(types.component_item_for_import(name).map(|item| item.ty))))
            .collect(),
        exports: exports
            .into_iter()
            .map(|name| (name.to_owned(), functions(types.component_item_for_export(name).map(|item| item.ty))))
            .collect(),
    })
}

/// The names that a component imports and exports. Refuses what no policy may have.
fn outline(bytes: &[u8]) -> Result<(Vec<&str>, Vec<&str>), String> {
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(words)? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentTypeSection(section) => check_nesting(bytes, &section.range())?,
            Payload::MemorySection(section) => {
                for memory in section {
                    if memory.map_err(words)?.memory64 {
                        return Err("it has a memory with addresses of 64 bits; those of policies have 32".to_owned());
                    }
                }
            }
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.push(import.map_err(words)?.name.name);
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    exports.push(export.map_err(words)?.name.name);
                }
            }
            _ => {}
        }
    }
    Ok((imports, exports))
}

/// Refuses types so deeply nested that reading them overflows the stack. Each level begins with the same two bytes: that of
/// a type declaration, and that of a component or instance type.
fn check_nesting(bytes: &[u8], section: &Range<u64>) -> Result<(), String> {
    let place = |offset| usize::try_from(offset).unwrap_or(usize::MAX);
    let section = bytes.get(place(section.start)..place(section.end)).unwrap_or_default();
    let levels = section.windows(2).filter(|pair| matches!(pair, [0x01, 0x41 | 0x42])).count();
    if levels > MAX_NESTED_TYPES {
        return Err(format!("its types may be nested {levels} levels deep; {MAX_NESTED_TYPES} are allowed"));
    }
    Ok(())
}

/// Whether a core module imports anything from a module of this name.
pub(super) fn imports_from(module: &[u8], name: &str) -> Result<bool, String> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(section) = payload.map_err(words)? {
            for import in section.into_imports() {
                if import.map_err(words)?.module == name {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

/// The world that toolchains embed in a core module, without its functions; `None` when there is none.
///
/// Interfaces named within its types count as imports: only what is named here is ever handed to the readers of WIT.
pub(super) fn embedded_in(module: &[u8]) -> Result<Option<World>, String> {
    let mut embedded = None;
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CustomSection(section) = payload.map_err(words)? else { continue };
        if !section.name().starts_with("component-type") {
            continue;
        }
        let world = embedded.get_or_insert_with(World::default);
        for payload in Parser::new(0).parse_all(section.data()) {
            let Payload::ComponentTypeSection(types) = payload.map_err(words)? else { continue };
            check_nesting(section.data(), &types.range())?;
            for declared in types {
                // The outermost type only wraps the world, under the name that the toolchain gave it.
                if let ComponentType::Component(wrapper) = declared.map_err(words)? {
                    nested(&wrapper).for_each(|declared| world.note(declared));
                }
            }
        }
    }
    Ok(embedded)
}

impl World {
    /// Notes the interfaces that a world's type names, at any depth.
    fn note(&mut self, declared: &ComponentType<'_>) {
        match declared {
            ComponentType::Component(declarations) => {
                for declaration in declarations {
                    match declaration {
                        ComponentTypeDeclaration::Import(import) => note(&mut self.imports, import.name.name),
                        ComponentTypeDeclaration::Export { name, .. } => note(&mut self.exports, name.name),
                        _ => {}
                    }
                }
                nested(declarations).for_each(|declared| self.note(declared));
            }
            ComponentType::Instance(declarations) => {
                for declaration in declarations {
                    match declaration {
                        InstanceTypeDeclaration::Export { name, .. } => note(&mut self.imports, name.name),
                        InstanceTypeDeclaration::Type(declared) => self.note(declared),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

fn nested<'a>(declarations: &'a [ComponentTypeDeclaration<'a>]) -> impl Iterator<Item = &'a ComponentType<'a>> {
    declarations.iter().filter_map(|declaration| match declaration {
        ComponentTypeDeclaration::Type(declared) => Some(declared),
        _ => None,
    })
}

/// Interfaces have a package in their name; types and functions do not.
fn note(interfaces: &mut Interfaces, name: &str) {
    if name.contains(':') {
        interfaces.entry(name.to_owned()).or_default();
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn words(failure: wasmparser::BinaryReaderError) -> String {
    failure.to_string()
}
