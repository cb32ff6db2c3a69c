//! Takes the parts of WASI that no action gets out of a component: files and
//! sockets. Python and Go link them whether they are used or not. The component is
//! wrapped in one that answers for them: there is no file, no socket can be made,
//! and whatever could only be asked about one ends the run. Clocks, randomness and
//! output stay imports, and are the host's.
//!
//! The wrapper holds two components side by side, as a component may not call what
//! it contains itself.

mod refusals;

use anyhow::{Context as _, Result, bail};
use wasm_encoder::reencode::{Reencode, ReencodeComponent, component_utils};
use wasm_encoder::{
    Alias, Component, ComponentAliasSection, ComponentExportKind, ComponentExportSection,
    ComponentImportSection, ComponentInstanceSection, ComponentSectionId, RawSection,
};
use wasmparser::{Chunk, ComponentTypeRef, Parser, Payload};

use refusals::Refusals;

/// What is taken out, by how its interfaces are called.
const TAKEN_OUT: [&str; 2] = ["wasi:filesystem/", "wasi:sockets/"];

fn is_taken_out(import: &str) -> bool {
    TAKEN_OUT.iter().any(|prefix| import.starts_with(prefix))
}

/// The component without these imports; as it is when it has none.
pub(super) fn without_files_and_sockets(component: Vec<u8>) -> Result<Vec<u8>> {
    let Some(refusals) = refusals::for_imports_of(&component, is_taken_out)? else {
        return Ok(component);
    };
    let sections = sections(&component)?;
    let mut wrapper =
        Wrapper { refusals, to: Component::new(), imports: Vec::new(), refusing: None };
    let is_import = |section: &Payload<'_>| matches!(section, Payload::ComponentImportSection(_));
    let last = sections.iter().rposition(is_import).context("there are no imports")?;
    for section in &sections[..=last] {
        wrapper.copy(section, &component)?;
    }
    wrapper.wrap(&component, &sections[last + 1..])?;
    Ok(wrapper.to.finish())
}

/// The sections of the component itself, not those of what it contains.
fn sections(component: &[u8]) -> Result<Vec<Payload<'_>>> {
    let mut parser = Parser::new(0);
    let mut sections = Vec::new();
    let mut rest = component;
    loop {
        let Chunk::Parsed { consumed, payload } = parser.parse(rest, true)? else {
            bail!("the component ends too early");
        };
        rest = rest.get(consumed..).unwrap_or_default();
        match &payload {
            Payload::ModuleSection { unchecked_range, .. }
            | Payload::ComponentSection { unchecked_range, .. } => {
                rest = rest.get(unchecked_range.len()..).unwrap_or_default();
            }
            Payload::End(_) => return Ok(sections),
            _ => {}
        }
        sections.push(payload);
    }
}

struct Wrapper {
    refusals: Refusals,
    to: Component,
    /// The name and index of each instance that the component imports.
    imports: Vec<(String, u32)>,
    /// The index of the refusals' instance, once it is there.
    refusing: Option<u32>,
}

impl Wrapper {
    /// A section of the component's beginning: its imports, and their types.
    fn copy(&mut self, section: &Payload<'_>, whole: &[u8]) -> Result<()> {
        match section {
            Payload::Version { .. } | Payload::CustomSection(_) => {}
            Payload::ComponentTypeSection(types) => {
                let data = &whole[types.range()];
                self.to.section(&RawSection { id: ComponentSectionId::Type.into(), data });
            }
            Payload::ComponentAliasSection(section) => {
                let mut aliases = ComponentAliasSection::new();
                component_utils::parse_component_alias_section(
                    self,
                    &mut aliases,
                    section.clone(),
                )?;
                self.to.section(&aliases);
            }
            Payload::ComponentImportSection(imports) => {
                for import in imports.clone() {
                    self.import(&import?)?;
                }
            }
            _ => bail!("there is code before the last import"),
        }
        Ok(())
    }

    fn import(&mut self, import: &wasmparser::ComponentImport<'_>) -> Result<()> {
        let name = import.name.name;
        if !matches!(import.ty, ComponentTypeRef::Instance(_)) {
            bail!("the import {name} is no interface");
        }
        if is_taken_out(name) {
            let instance = match self.refusing {
                Some(instance) => instance,
                None => self.refuse()?,
            };
            self.alias(instance, ComponentExportKind::Instance, name);
        } else {
            let mut imports = ComponentImportSection::new();
            imports.import(name, self.component_type_ref(import.ty)?);
            self.to.section(&imports);
        }
        let index = self.component_instance_index(u32::try_from(self.imports.len())?);
        self.imports.push((name.to_owned(), index));
        Ok(())
    }

    fn alias(&mut self, instance: u32, kind: ComponentExportKind, name: &str) {
        let mut aliases = ComponentAliasSection::new();
        aliases.alias(Alias::InstanceExport { instance, kind, name });
        self.to.section(&aliases);
    }

    /// Puts the refusals in, the wrapper's first component.
    fn refuse(&mut self) -> Result<u32> {
        let data = &self.refusals.component;
        self.to.section(&RawSection { id: ComponentSectionId::Component.into(), data });
        let mut arguments = Vec::new();
        for need in &self.refusals.needs {
            let found = self.imports.iter().find(|(name, _)| name == need);
            let (name, index) = found.with_context(|| format!("{need} is not imported before"))?;
            arguments.push((name.as_str(), ComponentExportKind::Instance, *index));
        }
        let mut instances = ComponentInstanceSection::new();
        instances.instantiate(0, arguments);
        self.to.section(&instances);
        let index = u32::try_from(self.imports.len())?;
        self.refusing = Some(index);
        Ok(index)
    }

    /// Puts the component itself in, and exports what it exports.
    fn wrap(&mut self, component: &[u8], sections: &[Payload<'_>]) -> Result<()> {
        let id = ComponentSectionId::Component.into();
        self.to.section(&RawSection { id, data: component });
        let mut instances = ComponentInstanceSection::new();
        let arguments = self.imports.iter();
        let arguments =
            arguments.map(|(name, at)| (name.as_str(), ComponentExportKind::Instance, *at));
        instances.instantiate(1, arguments.collect::<Vec<_>>());
        self.to.section(&instances);
        let inner = self.component_instance_index(u32::try_from(self.imports.len())?);
        let mut exported = inner;
        for section in sections {
            match section {
                Payload::ComponentExportSection(exports) => {
                    for export in exports.clone() {
                        let export = export?;
                        if export.kind != wasmparser::ComponentExternalKind::Instance {
                            bail!("the export {} is no interface", export.name.name);
                        }
                        let kind = ComponentExportKind::Instance;
                        self.alias(inner, kind, export.name.name);
                        let mut exports = ComponentExportSection::new();
                        exports.export(export.name.name, kind, exported + 1, None);
                        self.to.section(&exports);
                        // The alias is an instance, and so is what was exported.
                        exported += 2;
                    }
                }
                // Which tools made it, for who looks from outside.
                Payload::CustomSection(section) if section.name() == "producers" => {
                    let producers = self.custom_section(section.clone())?;
                    self.to.section(&producers);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Reencode for Wrapper {
    type Error = std::convert::Infallible;
}

impl ReencodeComponent for Wrapper {
    /// The refusals are an instance more than there was.
    fn component_instance_index(&mut self, index: u32) -> u32 {
        if self.refusing.is_some_and(|refusing| index >= refusing) { index + 1 } else { index }
    }
}
