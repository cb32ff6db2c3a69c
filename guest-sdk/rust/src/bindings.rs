//! The contract `flowhost:post-challenge@1.0.0` as `wit-bindgen` writes it.
//!
//! Used by the rest of the crate and by [`export!`](crate::export). Nothing is
//! written by hand here; what an author sees is re-exported in `lib.rs`.
#![allow(missing_docs, reason = "generated; the contract's own comments are kept")]
#![allow(unreachable_pub, reason = "generated")]

wit_bindgen::generate!({
    world: "action",
    path: "wit",
    export_macro_name: "export_action",
    pub_export_macro: true,
    default_bindings_module: "flowhost_action::bindings",
    additional_derives: [PartialEq],
});
