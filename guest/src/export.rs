//! Making a policy the export of its module.

/// Makes a type that implements [`Policy`](crate::Policy) or [`NodePolicy`](crate::NodePolicy) the policy of this crate.
///
/// Use it once, in a crate of the types `cdylib` (the policy) and `rlib` (its tests). It also sends what is written with
/// the macros of [`log`](crate::log) to the host, together with the message of a panic. On other targets than wasm
/// it exports nothing and only checks the type.
///
/// What `Cargo.toml` says of the policy (version, description, authors, licence, repository, homepage) becomes part of it,
/// for `scorelet inspect` and other tools to show.
#[macro_export]
macro_rules! export {
    ($policy:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            ::std::thread_local! {
                static INSTANCE: $crate::__private::Instance<$policy> = const { $crate::__private::Instance::new() };
            }

            struct Component;

            impl $crate::__private::exports::scorelet::policy::scorer::Guest for Component {
                fn configure(settings: ::std::string::String) -> ::core::result::Result<(), ::std::string::String> {
                    INSTANCE.with(|instance| instance.configure(&settings)).map_err($crate::Refusal::into_words)
                }

                fn score(
                    pod: $crate::Pod,
                    candidates: &$crate::__private::CandidatesHandle,
                ) -> ::core::result::Result<::std::vec::Vec<f64>, ::std::string::String> {
                    let candidates = $crate::Candidates::new(candidates);
                    INSTANCE.with(|instance| instance.score(&pod, &candidates)).map_err($crate::Refusal::into_words)
                }
            }

    $crate::__private::export_world!(Component with_types_in $crate::__private);

            // The standard's names for them, and cargo's.
            $crate::__metadata! {
                "version" "CARGO_PKG_VERSION"
                "description" "CARGO_PKG_DESCRIPTION"
                "authors" "CARGO_PKG_AUTHORS"
                "licenses" "CARGO_PKG_LICENSE"
                "source" "CARGO_PKG_REPOSITORY"
                "homepage" "CARGO_PKG_HOMEPAGE"
            }
        };

        #[cfg(not(target_arch = "wasm32"))]
        const _: () = $crate::__private::assert_policy::<$policy>();
    };
}

/// Custom sections with the texts of variables that cargo sets for the crate that is compiled. One without a text is left
/// out by the compiler.
#[doc(hidden)]
#[macro_export]
macro_rules! __metadata {
    ($($section:tt $variable:tt)*) => {$(
        const _: () = {
            const TEXT: &str = $crate::__private::metadata_text(::core::option_env!($variable));

            #[unsafe(link_section = $section)]
            static _SECTION: [u8; TEXT.len()] = $crate::__private::metadata_bytes(TEXT);
        };
    )*};
}

/// The text of a variable; none where something else than cargo builds.
#[must_use]
pub const fn metadata_text(variable: Option<&'static str>) -> &'static str {
    match variable {
        Some(text) => text,
        None => "",
    }
}

/// A text as a section has it: its bytes, and not where they are.
#[must_use]
pub const fn metadata_bytes<const LENGTH: usize>(text: &str) -> [u8; LENGTH] {
    match text.as_bytes().first_chunk() {
        Some(bytes) => *bytes,
        None => [0; LENGTH],
    }
}

/// Does not compile unless its parameter is a policy.
pub const fn assert_policy<P: crate::Policy>() {}
