//! Refuses components that stand for too many instances, or for too much in them.
//!
//! Instantiations written down in a component multiply with every level of components that instantiate each other, so that a
//! file of two kilobytes can ask for millions. Readers and the compiler go through every one of them, and through all that
//! each one imports, exports and adapts.

use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Encoding, Instance, Parser, Payload,
};

/// Instances that a component may stand for, those of components and of core modules together. What toolchains make of an
/// interpreter has some eighty: one of each for most interfaces.
const MAX_INSTANCES: u64 = 500;
/// What all these instances import, export, alias and adapt; that of CPython has some ten thousand.
const MAX_ITEMS: u64 = 100_000;
/// Components in a component; toolchains make one for each interface and direction, some thirty at the most.
const MAX_COMPONENTS: u64 = 500;
/// Core modules in a component; that of CPython has 38.
const MAX_MODULES: u64 = 200;

/// Counts the instances of a component.
///
/// # Errors
/// What it has too much of, or what it has that cannot be counted, in words.
pub(super) fn check(component: &[u8]) -> Result<(), String> {
    let mut count = Count::default();
    for payload in Parser::new(0).parse_all(component) {
        count.add(&payload.map_err(words)?)?;
    }
    Ok(())
}

/// What a module or component stands for when it is instantiated.
#[derive(Clone, Copy, Default)]
struct Cost {
    instances: u64,
    items: u64,
}

/// Where the count is in a file: the innermost module or component is the last one.
#[derive(Default)]
struct Count {
    open: Vec<Scope>,
    components: u64,
    modules: u64,
}

/// A module or component that has begun and not ended.
#[derive(Default)]
struct Scope {
    is_module: bool,
    /// The index spaces of components and of core modules.
    of_components: Vec<Cost>,
    of_modules: Vec<Cost>,
    cost: Cost,
}

/// The two kinds of what can be instantiated.
#[derive(Clone, Copy)]
enum Kind {
    Component,
    Module,
}

impl Count {
    fn add(&mut self, payload: &Payload<'_>) -> Result<(), String> {
        match payload {
            Payload::Version { encoding, .. } => self.begin(*encoding == Encoding::Module),
            Payload::End(_) => {
                if let Some(Scope { is_module, cost, .. }) = self.open.pop() {
                    self.define(if is_module { Kind::Module } else { Kind::Component }, cost);
                }
                Ok(())
            }
            Payload::ImportSection(section) => self.note(section.count()),
            Payload::ExportSection(section) => self.note(section.count()),
            Payload::ComponentCanonicalSection(section) => self.note(section.count()),
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    match instance.map_err(words)? {
                        Instance::Instantiate { module_index, .. } => self.instantiate(Kind::Module, module_index)?,
                        Instance::FromExports(exports) => self.note(exports.len())?,
                    }
                }
                Ok(())
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section.clone() {
                    match instance.map_err(words)? {
                        ComponentInstance::Instantiate { component_index, .. } => {
                            self.instantiate(Kind::Component, component_index)?;
                        }
                        ComponentInstance::FromExports(exports) => self.note(exports.len())?,
                    }
                }
                Ok(())
            }
            Payload::ComponentAliasSection(section) => {
                self.note(section.count())?;
                section.clone().into_iter().try_for_each(|alias| self.alias(&alias.map_err(words)?))
            }
            Payload::ComponentImportSection(section) => {
                self.note(section.count())?;
                for import in section.clone() {
                    if let ComponentTypeRef::Component(_) | ComponentTypeRef::Module(_) = import.map_err(words)?.ty {
                        return Err(passed_on());
                    }
                }
                Ok(())
            }
            Payload::ComponentExportSection(section) => {
                self.note(section.count())?;
                for export in section.clone() {
                    let export = export.map_err(words)?;
                    // An export has a place in its index space too.
                    if let Some(kind) = Kind::of(export.kind) {
                        self.define(kind, self.known(kind, 0, export.index)?);
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, is_module: bool) -> Result<(), String> {
        self.open.push(Scope { is_module, ..Scope::default() });
        let (count, most, what) = if is_module {
            (&mut self.modules, MAX_MODULES, "core modules")
        } else {
            (&mut self.components, MAX_COMPONENTS, "components")
        };
        *count += 1;
        within(*count, most, what)
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>) -> Result<(), String> {
        let (kind, count, index) = match *alias {
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                (Kind::Component, count, index)
            }
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, count, index } => {
                (Kind::Module, count, index)
            }
            ComponentAlias::InstanceExport { kind, .. } if Kind::of(kind).is_some() => return Err(passed_on()),
            _ => return Ok(()),
        };
        self.define(kind, self.known(kind, count, index)?);
        Ok(())
    }

    /// Adds to an index space of the innermost component.
    fn define(&mut self, kind: Kind, cost: Cost) {
        if let Some(scope) = self.open.last_mut() {
            match kind {
                Kind::Component => scope.of_components.push(cost),
                Kind::Module => scope.of_modules.push(cost),
            }
        }
    }

    /// What something of an index stands for, so many levels further out.
    fn known(&self, kind: Kind, outer: u32, index: u32) -> Result<Cost, String> {
        let scope = self.open.iter().rev().nth(outer as usize);
        let space = scope.map(|scope| match kind {
            Kind::Component => &scope.of_components,
            Kind::Module => &scope.of_modules,
        });
        let known = space.and_then(|space| space.get(index as usize)).copied();
        known.ok_or_else(|| format!("it names a component or module {index} that it does not have"))
    }

    /// An instance in the innermost component, and what comes with it.
    fn instantiate(&mut self, kind: Kind, index: u32) -> Result<(), String> {
        let Cost { instances, items } = self.known(kind, 0, index)?;
        self.spend(instances.saturating_add(1), items)
    }

    /// Something in the innermost module or component.
    fn note(&mut self, items: impl TryInto<u64>) -> Result<(), String> {
        self.spend(0, items.try_into().unwrap_or(u64::MAX))
    }

    fn spend(&mut self, instances: u64, items: u64) -> Result<(), String> {
        let Some(scope) = self.open.last_mut() else { return Ok(()) };
        scope.cost.instances = scope.cost.instances.saturating_add(instances);
        scope.cost.items = scope.cost.items.saturating_add(items);
        within(scope.cost.instances, MAX_INSTANCES, "instances")?;
        within(scope.cost.items, MAX_ITEMS, "imports, exports and adapters")
    }
}

impl Kind {
    fn of(kind: ComponentExternalKind) -> Option<Self> {
        match kind {
            ComponentExternalKind::Component => Some(Self::Component),
            ComponentExternalKind::Module => Some(Self::Module),
            _ => None,
        }
    }
}

fn within(count: u64, most: u64, what: &str) -> Result<(), String> {
    if count <= most { Ok(()) } else { Err(format!("it stands for {count} {what}; {most} are allowed")) }
}

/// No toolchain writes these, and what they stand for is known only where they are instantiated.
fn passed_on() -> String {
    "it passes components or modules on as values, which this host does not support".to_owned()
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn words(failure: BinaryReaderError) -> String {
    failure.to_string()
}
