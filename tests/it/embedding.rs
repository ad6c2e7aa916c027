//! An embedder with a wasmtime of its own: own engine, own store, own world, and Scorelet's imports in its linker.

use std::borrow::Cow;
use std::time::SystemTime;

use scorelet_host::collector::{CollectorOptions, recorded};
use scorelet_host::policy::embed::{self, PolicyContext, PolicyView, TooManyHandles};
use scorelet_host::policy::{
    Assignments, Candidates, Level, Limits, LoadOptions, LogLine, PolicyEngine, PolicyErrorKind, Request,
};
use scorelet_host::scheduling::{CPU, Node, Pod, Resources};
use scorelet_host::snapshot::{Freshness, Reading};
use scorelet_tests::artifacts;
use scorelet_tests::wat_policy::{OK, component, core_module_of_world, policy, policy_text};
use wasmtime::component::{Component, HasSelf, Linker, Resource, ResourceTable};
use wasmtime::{Config, Engine, Store};

/// The world of policies, called synchronously.
mod policies {
    #![allow(unreachable_pub, clippy::pedantic, reason = "generated code")]

    wasmtime::component::bindgen!({
        path: "../wit",
        world: "policy",
        with: { "scorelet:policy": scorelet_host::policy::embed::bindings },
    });
}

/// A world of the embedder's own, called synchronously.
mod synchronous {
    #![allow(unreachable_pub, clippy::pedantic, reason = "generated code")]

    wasmtime::component::bindgen!({
        path: ["../wit", "fixtures/ranking.wit"],
        world: "test:ranking/ranker",
        with: { "scorelet:policy": scorelet_host::policy::embed::bindings },
    });
}

/// The same world, called asynchronously; what it offers beside the contract is asynchronous too.
mod asynchronous {
    #![allow(unreachable_pub, clippy::pedantic, reason = "generated code")]

    wasmtime::component::bindgen!({
        path: ["../wit", "fixtures/ranking.wit"],
        world: "test:ranking/ranker",
        imports: { default: async },
        exports: { default: async },
        with: { "scorelet:policy": scorelet_host::policy::embed::bindings },
    });
}

/// The data of the embedder's stores.
struct State {
    policy: PolicyContext,
    handles: ResourceTable,
    bonus: f64,
}

impl State {
    fn new(reading: Reading, handles: usize) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(handles);
        Self { policy: PolicyContext::new(reading, &Limits::default()), handles: table, bonus: 0.5 }
    }

    fn view(&mut self) -> PolicyView<'_> {
        PolicyView { context: &mut self.policy, handles: &mut self.handles }
    }
}

impl synchronous::test::ranking::site::Host for State {
    fn bonus(&mut self) -> f64 {
        self.bonus
    }
}

impl asynchronous::test::ranking::site::Host for State {
    async fn bonus(&mut self) -> f64 {
        tokio::task::yield_now().await;
        self.bonus
    }
}

fn linker() -> Linker<State> {
    let mut linker = Linker::new(&Engine::new(&Config::new()).unwrap());
    embed::add_to_linker(&mut linker, State::view).unwrap();
    linker
}

fn nothing_known() -> Reading {
    Reading::new(None, None, SystemTime::UNIX_EPOCH, Freshness::default())
}

fn known() -> Reading {
    recorded(&CollectorOptions::default(), include_bytes!("../fixtures/watcher.json")).unwrap()
}

/// Two nodes that offer 1000 and 2000 millicores.
fn two_nodes() -> Candidates {
    Candidates::new(
        [("a", 1000), ("b", 2000)].map(|(name, millicores)| Node {
            allocatable: Resources::new().with(CPU, millicores),
            ..Node::named(name)
        }),
    )
}

/// A guest of the embedder's world that uses parts of it: scores are millicores, the first with the bonus, and it logs.
fn ranker() -> Vec<u8> {
    let text = r#"(module
        (import "scorelet:policy/scheduling@0.1.0" "[method]candidates.allocatable"
            (func $allocatable (param i32 i32 i32 i32)))
        (import "scorelet:policy/scheduling@0.1.0" "[resource-drop]candidates" (func $drop (param i32)))
        (import "scorelet:policy/logging@0.1.0" "log" (func $log (param i32 i32 i32)))
        (import "test:ranking/site" "bonus" (func $bonus (result f64)))
        (memory (export "memory") 1)
        (data (i32.const 0) "cpu")
        (global $free (mut i32) (i32.const 4096))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
            (global.get $free)
            (global.set $free (i32.add (global.get $free) (local.get 3))))
        (func (export "rank") (param $candidates i32) (result i32)
            (local $first i32)
            (call $allocatable (local.get $candidates) (i32.const 0) (i32.const 3) (i32.const 16))
            (call $drop (local.get $candidates))
            (call $log (i32.const 2) (i32.const 0) (i32.const 3))
            (local.set $first (i32.load (i32.const 16)))
            (f64.store (local.get $first) (f64.add (f64.load (local.get $first)) (call $bonus)))
            (i32.const 16)))"#;
    component(&core_module_of_world(text, include_str!("../fixtures/ranking.wit"), "ranker"))
}

fn assert_ranked(store: &mut Store<State>, scores: &[f64]) {
    assert_eq!(scores, [1000.5, 2000.0]);
    let context = &mut store.data_mut().policy;
    assert_eq!(context.take_log(), [LogLine { level: Level::Info, message: "cpu".to_owned() }]);
    assert_eq!(context.take_log(), []);
    // The bonus is none of ours.
    assert_eq!(context.host_calls(), 2);
}

#[test]
fn a_world_of_ones_own_is_called_synchronously() {
    let mut linker = linker();
    synchronous::test::ranking::site::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state).unwrap();
    let component = Component::new(linker.engine(), ranker()).unwrap();
    let mut store = Store::new(linker.engine(), State::new(nothing_known(), 10));
    let ranker = synchronous::Ranker::instantiate(&mut store, &component, &linker).unwrap();
    let own = store.data_mut().view().push_candidates(&two_nodes()).unwrap();
    let scores = ranker.call_rank(&mut store, Resource::new_borrow(own.rep())).unwrap();
    assert_ranked(&mut store, &scores);
    store.data_mut().handles.delete(own).unwrap();
    assert!(store.data().handles.is_empty(), "the guest has left no handle");
}

#[tokio::test]
async fn a_world_of_ones_own_is_called_asynchronously() {
    let mut linker = linker();
    asynchronous::test::ranking::site::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state).unwrap();
    let component = Component::new(linker.engine(), ranker()).unwrap();
    let mut store = Store::new(linker.engine(), State::new(nothing_known(), 10));
    let ranker = asynchronous::Ranker::instantiate_async(&mut store, &component, &linker).await.unwrap();
    let own = store.data_mut().view().push_candidates(&two_nodes()).unwrap();
    let scores = ranker.call_rank(&mut store, Resource::new_borrow(own.rep())).await.unwrap();
    assert_ranked(&mut store, &scores);
}

#[test]
fn every_question_is_answered_as_by_the_policy_engine() {
    let probe = artifacts::read(artifacts::PROBE);
    let pod = Pod { labels: [("app".to_owned(), "web".to_owned())].into(), priority: 3, ..Pod::default() };
    for reading in [known(), nothing_known()] {
        let assignments = Assignments::new();
        assignments.record("b", pod.clone(), reading.taken_at());
        let request = Request { pod: pod.clone(), candidates: two_nodes().with_assigned(assignments.current()) };
        let engine = PolicyEngine::new(Limits::default()).unwrap();
        let expected = engine.load(&probe, LoadOptions::default()).unwrap().score(&reading, &request).unwrap();

        let linker = linker();
        let component = embed::component(&probe, probe.len(), &[]).unwrap();
        let component = Component::new(linker.engine(), &component).unwrap();
        let mut store = Store::new(linker.engine(), State::new(reading, 10));
        let own = store.data_mut().view().push_candidates(&request.candidates).unwrap();
        let policy = policies::Policy::instantiate(&mut store, &component, &linker).unwrap();
        let exports = policy.scorelet_policy_scorer();
        exports.call_configure(&mut store, "").unwrap().unwrap();
        let lent = Resource::new_borrow(own.rep());
        let scores = exports.call_score(&mut store, &(&request.pod).into(), lent).unwrap().unwrap();
        embed::check_scores(&request.candidates, &scores).unwrap();

        let context = &mut store.data_mut().policy;
        assert_eq!(scores, expected.scores);
        assert_eq!(context.take_log(), expected.logs);
        assert_eq!(context.host_calls(), expected.report.host_calls);
        assert_eq!((context.assigned(), expected.report.assigned), (1, 1));
    }
}

#[test]
fn a_flood_of_handles_ends_in_an_error_to_match_on() {
    let greedy = policy(OK, "(loop $again (call $open (i32.const 64)) (br $again)) unreachable", "");
    let linker = linker();
    let component = Component::new(linker.engine(), component(&greedy)).unwrap();
    let mut store = Store::new(linker.engine(), State::new(known(), 7));
    let own = store.data_mut().view().push_candidates(&two_nodes()).unwrap();
    let policy = policies::Policy::instantiate(&mut store, &component, &linker).unwrap();
    let lent = Resource::new_borrow(own.rep());
    let failure = policy.scorelet_policy_scorer().call_score(&mut store, &(&Pod::default()).into(), lent).unwrap_err();
    let handles = failure.downcast_ref::<TooManyHandles>().unwrap();
    assert_eq!(handles.to_string(), "it may hold 7 handles at once, that of the candidates included");
    // Of all calls, the last one got nothing; one of the seven handles is that of the candidates.
    assert_eq!(store.data().policy.host_calls(), 7);
    assert_eq!(store.data_mut().view().push_candidates(&two_nodes()).unwrap_err(), *handles);
}

#[test]
fn a_flood_of_log_lines_stays_within_the_limit() {
    let flood = "(func $flood (local $lines i32)
        (loop $again
            (call $log (i32.const 2) (i32.const 0) (i32.const 0))
            (local.set $lines (i32.add (local.get $lines) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $lines) (i32.const 5000)))))";
    let chatty = policy("(call $flood) (i32.const 0)", "unreachable", flood);
    let linker = linker();
    let component = Component::new(linker.engine(), component(&chatty)).unwrap();
    let mut store = Store::new(linker.engine(), State::new(known(), 1));
    let policy = policies::Policy::instantiate(&mut store, &component, &linker).unwrap();
    policy.scorelet_policy_scorer().call_configure(&mut store, "").unwrap().unwrap();
    let log = store.data_mut().policy.take_log();
    // Every line costs 32 bytes beside its text, of 64 KiB.
    assert_eq!(log.len(), 2048 + 1);
    assert_eq!(log.last().unwrap().message, "the log is full: 2952 more lines were dropped");
}

/// A policy that asks for more than the contract has.
fn nosy(import: &str, wit: &str) -> Vec<u8> {
    let text = policy_text(OK, "(drop (call $bonus)) (call $scores (i32.const 1024) (i32.const 0))", "");
    core_module_of_world(&text.replacen("(module", &format!("(module {import}"), 1), wit, "nosy")
}

const NOSY_ABOUT_AN_INTERFACE: (&str, &str) = (
    r#"(import "test:nosy/site" "bonus" (func $bonus (result f64)))"#,
    "package test:nosy;
     interface site { bonus: func() -> f64; }
     world nosy { include scorelet:policy/policy@0.1.0; import site; }",
);

const NOSY_ABOUT_A_FUNCTION: (&str, &str) = (
    r#"(import "$root" "bonus" (func $bonus (result f64)))"#,
    "package test:nosy;
     world nosy { include scorelet:policy/policy@0.1.0; import bonus: func() -> f64; }",
);

#[test]
fn what_the_embedder_offers_too_may_be_imported() {
    let engine = Engine::default();
    for ((import, wit), name) in [(NOSY_ABOUT_AN_INTERFACE, "test:nosy/site"), (NOSY_ABOUT_A_FUNCTION, "bonus")] {
        let bytes = component(&nosy(import, wit));
        let accepted = embed::component(&bytes, bytes.len(), &["other", name]).unwrap();
        assert!(matches!(accepted, Cow::Borrowed(_)), "a component stays as it is");
        Component::new(&engine, &accepted).unwrap();
    }
    let (import, wit) = NOSY_ABOUT_A_FUNCTION;
    let module = nosy(import, wit);
    Component::new(&engine, embed::component(&module, module.len(), &["bonus"]).unwrap()).unwrap();
}

#[test]
fn what_the_embedder_does_not_offer_is_named() {
    const CONTRACT: &str = "scorelet:policy/collector@0.1.0, scorelet:policy/logging@0.1.0, \
                            scorelet:policy/scheduling@0.1.0, scorelet:policy/types@0.1.0";
    for ((import, wit), what) in [(NOSY_ABOUT_AN_INTERFACE, "site of test:nosy"), (NOSY_ABOUT_A_FUNCTION, "bonus")] {
        let module = nosy(import, wit);
        for bytes in [&component(&module), &module] {
            let refused = embed::component(bytes, bytes.len(), &["other"]).unwrap_err();
            assert_eq!(refused.kind(), PolicyErrorKind::Incompatible);
            assert_eq!(refused.message(), format!("it imports {what}; this host offers only {CONTRACT}, other"));
        }
    }
    let (import, wit) = NOSY_ABOUT_AN_INTERFACE;
    let module = nosy(import, wit);
    let refused = embed::component(&module, module.len(), &["test:nosy/site"]).unwrap_err();
    assert_eq!(refused.kind(), PolicyErrorKind::Incompatible);
    assert_eq!(
        refused.message(),
        "it is a core module that uses other packages than scorelet:policy; make a component of it first"
    );
}

#[test]
fn a_file_is_refused_in_the_words_of_the_policy_engine() {
    let engine = PolicyEngine::new(Limits::default()).unwrap();
    let (import, wit) = NOSY_ABOUT_AN_INTERFACE;
    let nosy = component(&nosy(import, wit));
    for bytes in [&b""[..], b"#!/bin/sh", &wat::parse_str("(module)").unwrap(), &ranker(), &nosy] {
        let expected = engine.load(bytes, LoadOptions::default()).unwrap_err();
        let refused = embed::component(bytes, bytes.len(), &[]).unwrap_err();
        assert_eq!(
            (refused.kind(), refused.message(), refused.digest()),
            (expected.kind(), expected.message(), expected.digest())
        );
    }
    let refused = embed::component(&nosy, nosy.len() - 1, &[]).unwrap_err();
    assert_eq!(refused.kind(), PolicyErrorKind::TooLarge);
}

#[test]
fn scores_that_break_the_contract_are_told_apart() {
    let nodes = two_nodes();
    embed::check_scores(&nodes, &[0.0, 100.0]).unwrap();
    for (scores, message) in [
        (&[1.0, f64::NAN][..], "it scored b with NaN; scores are finite and within 0 to 100"),
        (&[1.0], "it gave 1 score for 2 candidates; b is the first without one"),
    ] {
        let failure = embed::check_scores(&nodes, scores).unwrap_err();
        assert_eq!((failure.kind(), failure.message()), (PolicyErrorKind::InvalidScores, message));
    }
}
