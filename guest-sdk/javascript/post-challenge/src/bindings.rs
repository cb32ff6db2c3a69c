//! What `wit-bindgen` makes of the trigger's WIT package. Each handler has a
//! world of its own, so that the builder can leave out the one that a file
//! does not export.

#![allow(missing_docs, unreachable_pub, clippy::all, reason = "generated")]

pub(crate) mod imports {
    wit_bindgen::generate!({ world: "imports", path: "wit", generate_all });
}

pub(crate) mod on_execute {
    wit_bindgen::generate!({
        path: "wit",
        inline: "package flowhost:javascript;
            world on-execute { export flowhost:post-challenge/on-execute@1.0.0; }",
        export_macro_name: "export_on_execute",
        default_bindings_module: "crate::bindings::on_execute",
        generate_all,
    });
}

pub(crate) mod on_continue {
    wit_bindgen::generate!({
        path: "wit",
        inline: "package flowhost:javascript;
            world on-continue { export flowhost:post-challenge/on-continue@1.0.0; }",
        export_macro_name: "export_on_continue",
        default_bindings_module: "crate::bindings::on_continue",
        generate_all,
    });
}
