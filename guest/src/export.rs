//! Making a policy the export of its module.

/// Makes a type that implements [`Policy`](crate::Policy) or [`NodePolicy`](crate::NodePolicy) the policy of this crate.
///
/// Use it once, in a crate of the types `cdylib` (the policy) and `rlib` (its tests). It also sends what is written with
/// the macros of [`log`](crate::log) to the host, together with the message of a panic. On other targets than wasm
/// it exports nothing and only checks the type.
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
        };

        #[cfg(not(target_arch = "wasm32"))]
        const _: () = $crate::__private::assert_policy::<$policy>();
    };
}

/// Does not compile unless its parameter is a policy.
pub const fn assert_policy<P: crate::Policy>() {}
