//! WASI as policies find it: it is there, and there is nothing in it.

use std::time::SystemTime;

use scorelet_host::policy::{
    Candidates, EngineOptions, Evaluation, Limits, LoadOptions, PolicyEngine, PolicyError, Request, Ticking, Wasi,
};
use scorelet_host::scheduling::{Node, Pod};
use scorelet_host::snapshot::{Freshness, Reading};

mod calls;
mod ordinary;
mod refused;

fn engine(limits: Limits, wasi: Wasi) -> PolicyEngine {
    let options = EngineOptions { limits, wasi, ticking: Ticking::Manual, ..EngineOptions::default() };
    PolicyEngine::with_options(options).unwrap()
}

fn nothing_known() -> Reading {
    Reading::new(None, None, SystemTime::UNIX_EPOCH, Freshness::default())
}

/// A pod of this name, and one node.
fn request(pod: &str) -> Request {
    let pod = Pod { name: pod.to_owned(), ..Pod::default() };
    Request { pod, candidates: Candidates::new([Node::named("a")]) }
}

fn score(wasm: &[u8], limits: Limits, pod: &str) -> Result<Evaluation, PolicyError> {
    engine(limits, Wasi::Inert).load(wasm, LoadOptions::default())?.score(&nothing_known(), &request(pod))
}
