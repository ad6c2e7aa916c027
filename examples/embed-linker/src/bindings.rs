//! The world that this program's guests live in: all that a policy may import, and more.

#![allow(missing_docs, unreachable_pub, clippy::pedantic, reason = "generated code")]

wasmtime::component::bindgen!({
    path: "../../wit",
    inline: "
        package example:embed-linker;

        world ranking {
            include scorelet:policy/imports@0.1.0;
            import region: func() -> string;
            export scorelet:policy/scorer@0.1.0;
        }
    ",
    with: { "scorelet:policy": scorelet_host::policy::embed::bindings },
});
