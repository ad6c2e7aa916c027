//! The generated bindings of the world `policy`, and nothing else.
#![allow(
    missing_docs,
    unsafe_code,
    unreachable_pub,
    clippy::pedantic,
    reason = "generated: the contract's own documentation is in the WIT package"
)]

wit_bindgen::generate!({
    world: "policy",
    path: "../wit",
    additional_derives: [PartialEq],
    additional_type_attributes: {
        "scorelet:policy/scheduling@0.1.0/container": [#[derive(Default)]],
        "scorelet:policy/scheduling@0.1.0/pod": [#[derive(Default)]],
        "scorelet:policy/scheduling@0.1.0/resources": [#[derive(Default)]],
    },
    // Policies export through the macro `export` of this crate, which expands to this one.
    export_macro_name: "export_world",
    pub_export_macro: true,
});
