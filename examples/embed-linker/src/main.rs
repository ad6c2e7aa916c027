//! A wasmtime of one's own that offers policies what Scorelet does, and more.
//!
//! `embed-linker [POLICY] [METRICS]` ranks the nodes of a recorded answer of a load monitor.
#![expect(clippy::print_stdout, reason = "it is what this program is for")]

use scorelet_host::collector::{CollectorOptions, recorded};
use scorelet_host::policy::embed::{self, PolicyContext, PolicyView};
use scorelet_host::policy::{Candidates, Limits};
use scorelet_host::scheduling::Pod;
use wasmtime::component::{Component, HasSelf, Linker, Resource, ResourceTable};
use wasmtime::error::Context as _;
use wasmtime::{Config, Engine, Result, Store, StoreLimits, StoreLimitsBuilder};

mod bindings;

use bindings::{Ranking, RankingImports};

struct State {
    policy: PolicyContext,
    handles: ResourceTable,
    memory: StoreLimits,
}

impl RankingImports for State {
    fn region(&mut self) -> String {
        "north".to_owned()
    }
}

fn view(state: &mut State) -> PolicyView<'_> {
    PolicyView { context: &mut state.policy, handles: &mut state.handles }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let policy = arguments.next().unwrap_or_else(|| "target/policies/least-loaded.wasm".to_owned());
    let metrics = arguments.next().unwrap_or_else(|| "examples/embed-linker/metrics.json".to_owned());
    let reading = recorded(&CollectorOptions::default(), &read(&metrics)?).context(metrics)?;
    let candidates = Candidates::from_snapshot(reading.snapshot().context("nothing was recorded")?);

    // Once per process. The documentation of `embed` lists what it takes to run strangers' code.
    let limits = Limits::default();
    let mut config = Config::new();
    config.consume_fuel(true).max_wasm_stack(limits.stack_bytes).cranelift_nan_canonicalization(true);
    let engine = Engine::new(&config)?;
    let mut linker = Linker::new(&engine);
    embed::add_to_linker(&mut linker, view)?;
    Ranking::add_to_linker_imports::<_, HasSelf<State>>(&mut linker, |state| state)?;
    let bytes = read(&policy)?;
    let component = embed::component(&bytes, limits.module_bytes, &["region"]).with_context(|| policy.clone())?;
    let component = Component::from_binary(&engine, &component).context(policy)?;

    // Once per evaluation.
    let mut handles = ResourceTable::new();
    handles.set_max_capacity(limits.handles);
    let memory = StoreLimitsBuilder::new().memory_size(limits.memory_bytes).build();
    let mut store = Store::new(&engine, State { policy: PolicyContext::new(reading, &limits), handles, memory });
    store.limiter(|state| &mut state.memory);
    store.set_hostcall_fuel(limits.call_bytes);
    store.set_max_component_handles(limits.handles);
    // A deadline without a thread to watch it.
    store.set_fuel(100_000_000)?;
    let own = view(store.data_mut()).push_candidates(&candidates)?;
    let ranking = Ranking::instantiate(&mut store, &component, &linker)?;
    let exports = ranking.scorelet_policy_scorer();
    exports.call_configure(&mut store, "")?.map_err(refused)?;
    let pod = Pod { name: "web".to_owned(), ..Pod::default() };
    let lent = Resource::new_borrow(own.rep());
    let scores = exports.call_score(&mut store, &(&pod).into(), lent)?.map_err(refused)?;
    embed::check_scores(&candidates, &scores)?;

    let mut ranked: Vec<_> = candidates.names().iter().zip(scores).collect();
    ranked.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    for (node, score) in ranked {
        println!("{score:5.1}  {node}");
    }
    let evaluation = &mut store.data_mut().policy;
    evaluation.take_log().iter().for_each(|line| println!("{}: {}", line.level.as_str(), line.message));
    println!("{} calls to the host", evaluation.host_calls());
    Ok(())
}

/// Quoted, since a stranger's words may hold what moves the cursor of a terminal.
#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn refused(words: String) -> wasmtime::Error {
    wasmtime::format_err!("the policy refuses: {words:?}")
}

fn read(path: &str) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.to_owned())
}
