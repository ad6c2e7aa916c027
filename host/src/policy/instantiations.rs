//! Refuses components that stand for too many instances.
//!
//! Instantiations written down in a component multiply with every level of components that instantiate each other, so that a
//! file of two kilobytes can ask for millions; the compiler goes through every one of them.

use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Instance, Parser, Payload,
};

/// Instances that a component may stand for, those of components and of core modules together. What toolchains make of an
/// interpreter has some eighty: one of each for most interfaces.
const MAX_INSTANCES: u64 = 500;
/// Components in a component; toolchains make one for each interface and direction, some thirty at the most.
const MAX_COMPONENTS: u64 = 500;

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

/// Where the count is in a file: the innermost module or component is the last one.
#[derive(Default)]
struct Count {
    open: Vec<Scope>,
    components: u64,
}

/// A module or component that has begun and not ended.
#[derive(Default)]
struct Scope {
    is_module: bool,
    /// The instances that each component in its index space stands for.
    of_components: Vec<u64>,
    /// Those that it stands for itself.
    instances: u64,
}

impl Count {
    fn add(&mut self, payload: &Payload<'_>) -> Result<(), String> {
        match payload {
            Payload::Version { encoding, .. } => {
                let is_module = *encoding == wasmparser::Encoding::Module;
                self.open.push(Scope { is_module, ..Scope::default() });
                self.components += u64::from(!is_module);
                within(self.components, MAX_COMPONENTS, "components")
            }
            Payload::End(_) => {
                if let Some(Scope { is_module: false, instances, .. }) = self.open.pop() {
                    self.define(instances);
                }
                Ok(())
            }
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    if let Instance::Instantiate { .. } = instance.map_err(words)? {
                        self.instantiate(0)?;
                    }
                }
                Ok(())
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section.clone() {
                    if let ComponentInstance::Instantiate { component_index, .. } = instance.map_err(words)? {
                        self.instantiate(self.component(0, component_index)?)?;
                    }
                }
                Ok(())
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section.clone() {
                    match alias.map_err(words)? {
                        ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                            self.define(self.component(count, index)?);
                        }
                        ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => {
                            return Err(passed_on());
                        }
                        _ => {}
                    }
                }
                Ok(())
            }
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    if let ComponentTypeRef::Component(_) = import.map_err(words)?.ty {
                        return Err(passed_on());
                    }
                }
                Ok(())
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    let export = export.map_err(words)?;
                    if export.kind == ComponentExternalKind::Component {
                        self.define(self.component(0, export.index)?);
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Adds a component to the index space of the innermost one.
    fn define(&mut self, instances: u64) {
        if let Some(scope) = self.open.last_mut() {
            scope.of_components.push(instances);
        }
    }

    /// What the component of an index stands for, so many levels further out.
    fn component(&self, outer: u32, index: u32) -> Result<u64, String> {
        let scope = self.open.iter().rev().nth(outer as usize);
        let known = scope.and_then(|scope| scope.of_components.get(index as usize)).copied();
        known.ok_or_else(|| format!("it names a component {index} that it does not have"))
    }

    /// An instance in the innermost component, and those that come with it.
    fn instantiate(&mut self, more: u64) -> Result<(), String> {
        let Some(scope) = self.open.last_mut() else { return Ok(()) };
        scope.instances = scope.instances.saturating_add(1).saturating_add(more);
        within(scope.instances, MAX_INSTANCES, "instances")
    }
}

fn within(count: u64, most: u64, what: &str) -> Result<(), String> {
    if count <= most { Ok(()) } else { Err(format!("it stands for {count} {what}; {most} are allowed")) }
}

/// No toolchain writes these, and what they stand for is known only where they are instantiated.
fn passed_on() -> String {
    "it passes components on as values, which this host does not support".to_owned()
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn words(failure: BinaryReaderError) -> String {
    failure.to_string()
}
