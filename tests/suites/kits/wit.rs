//! What of the WIT the kits are made of: interfaces in an order in which each needs
//! only those before it, their types and their functions.

use flowhost_tests::project;
use wit_parser::abi::{AbiVariant, WasmSignature};
use wit_parser::{Docs, Function, Interface, Resolve, Type, TypeDef, TypeDefKind, TypeId};

pub(super) struct Contract {
    pub(super) resolve: Resolve,
    /// Such as `flowhost:post-challenge` and `1.0.0`.
    pub(super) package: String,
    pub(super) version: String,
}

/// The one that the host speaks.
pub(super) fn contract() -> Contract {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(project().join("host/wit")).expect("the WIT");
    let name = &resolve.packages[package].name;
    let version = name.version.as_ref().expect("a version").to_string();
    let package = format!("{}:{}", name.namespace, name.name);
    Contract { resolve, package, version }
}

impl Contract {
    /// Those that an action imports.
    pub(super) fn imports(&self) -> impl Iterator<Item = &Interface> {
        let all = self.resolve.interfaces.iter().map(|(_, interface)| interface);
        all.filter(|interface| !name(interface).starts_with("on-"))
    }

    /// The types of an interface that are its own, with their names.
    pub(super) fn types<'a>(
        &'a self,
        interface: &'a Interface,
    ) -> impl Iterator<Item = (&'a str, &'a TypeDef)> {
        let named = interface.types.iter().map(|(name, id)| (name.as_str(), self.def(*id)));
        named.filter(|(_, def)| !matches!(def.kind, TypeDefKind::Type(Type::Id(_))))
    }

    pub(super) fn def(&self, id: TypeId) -> &TypeDef {
        &self.resolve.types[id]
    }

    /// What a type is, seen through other names of it.
    pub(super) fn seen(&self, id: TypeId) -> &TypeDef {
        match &self.def(id).kind {
            TypeDefKind::Type(Type::Id(other)) => self.seen(*other),
            _ => self.def(id),
        }
    }

    pub(super) fn signature(&self, function: &Function) -> WasmSignature {
        self.resolve.wasm_signature(AbiVariant::GuestImport, function)
    }

    pub(super) fn module(&self, interface: &Interface) -> String {
        format!("{}/{}@{}", self.package, name(interface), self.version)
    }
}

pub(super) fn name(interface: &Interface) -> &str {
    interface.name.as_deref().expect("a name")
}

pub(super) fn snake(name: &str) -> String {
    name.replace('-', "_")
}

/// The documentation of an item, each line behind `prefix`.
pub(super) fn docs(docs: &Docs, prefix: &str) -> String {
    let text = docs.contents.as_deref().unwrap_or_default().trim();
    let lines = text.lines().map(|line| format!("{prefix} {line}").trim_end().to_owned() + "\n");
    lines.collect()
}
