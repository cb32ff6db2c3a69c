//! The contract `flowhost:post-challenge@1.0.0` as `wit-bindgen` writes it.
//!
//! Used by the rest of the crate and by [`export!`](crate::export). Nothing is
//! written by hand here; what an author sees is re-exported in `lib.rs`.
#![allow(missing_docs, reason = "generated; the contract's own comments are kept")]
#![allow(unreachable_pub, reason = "generated")]

wit_bindgen::generate!({
    world: "execute-only",
    path: "wit",
    export_macro_name: "export_execute",
    pub_export_macro: true,
    default_bindings_module: "flowhost_action::bindings",
    additional_derives: [PartialEq],
});

/// What an action has that goes on when the user comes back: on top of the above, so
/// that both together are the contract's world `action`.
pub mod continues {
    wit_bindgen::generate!({
        inline: "
            package flowhost:rust-sdk;

            world continues {
                export flowhost:post-challenge/on-continue@1.0.0;
            }
        ",
        path: "wit",
        export_macro_name: "export_continue",
        pub_export_macro: true,
        default_bindings_module: "flowhost_action::bindings::continues",
        with: {
            "flowhost:post-challenge/types@1.0.0": crate::bindings::flowhost::post_challenge::types,
        },
    });
}
