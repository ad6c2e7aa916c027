//! What an evaluation costs, beside the same formula in native Rust over the same columns.

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::needless_for_each,
    clippy::unwrap_used,
    reason = "a benchmark may stop at the first surprise"
)]

use std::hint::black_box;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use load_variation::{Columns, Settings, Usage, score, scores};
use scorelet_host::clock::SystemClock;
use scorelet_host::policy::{Candidates, Isolation, Limits, LoadOptions, Policy, PolicyEngine, Request};
use scorelet_host::scheduling::{CPU, MEMORY, Node, Pod, Resources};
use scorelet_host::snapshot::{Freshness, MetricType, Operator, Reading, Selector, Snapshot};
use scorelet_host::store::store;
use scorelet_tests::{artifacts, bench, cluster, wat_policy};

/// The largest cluster that Kubernetes supports, and twenty times as much.
const SIZES: [u32; 2] = [5_000, 100_000];

fn load(wasm: &[u8], isolation: Isolation) -> Policy {
    // A hundred thousand candidates may take longer than production allows on a slow machine.
    let engine = PolicyEngine::new(Limits { deadline: Duration::from_secs(10), ..Limits::default() }).unwrap();
    engine.load(wasm, LoadOptions { isolation, ..LoadOptions::default() }).unwrap()
}

fn reused() -> Isolation {
    Isolation::Reuse { max_evaluations: NonZeroU32::MAX }
}

/// The columns that `load-variation` reads, as the host hands them over: capacities, averages, deviations of cpu and memory.
struct Known([[Vec<f64>; 3]; 2]);

impl Known {
    fn of(reading: &Reading) -> Self {
        let nodes = &reading.snapshot().unwrap().nodes;
        let columns = [MetricType::Cpu, MetricType::Memory].map(|of| {
            [Operator::Capacity, Operator::Average, Operator::StandardDeviation]
                .map(|operator| nodes.column(&Selector::new(of.clone(), operator)))
        });
        let mut known = Self(columns);
        // Candidates offer cpu in millicores.
        known.0[0][0].iter_mut().for_each(|cores| *cores *= 1_000.0);
        known
    }

    /// What the policy computes, in native code: the same function, compiled for this machine. It does several nodes at a
    /// time, here as in the sandbox.
    fn scores(&self, requested: [f64; 2]) -> Vec<f64> {
        let columns = |of: usize| {
            let [capacities, averages, deviations] = &self.0[of];
            Columns { capacities, requested: requested[of], averages, deviations }
        };
        scores(&columns(0), &columns(1), &Settings::default())
    }

    /// The same scores in native code as most people would write it: node by node.
    fn scores_node_by_node(&self, requested: [f64; 2]) -> Vec<f64> {
        let settings = Settings::default();
        let of = |resource: usize, node: usize| {
            let [capacity, average, deviation] = self.0[resource].each_ref().map(|column| column[node]);
            let usage = Usage { capacity, requested: requested[resource], average, deviation };
            (!capacity.is_nan() && !average.is_nan()).then(|| score(&usage, &settings))
        };
        let node = |node| [of(0, node), of(1, node)].into_iter().flatten().reduce(f64::min).unwrap_or(0.0);
        (0..self.0[0][0].len()).map(node).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn requested(request: &Request) -> [f64; 2] {
    ["cpu", "memory"].map(|name| request.pod.requests.get(name).unwrap_or(0) as f64)
}

fn policies(criterion: &mut Criterion) {
    for size in SIZES {
        let nodes = bench::scaled(size);
        let reading = cluster::reading(nodes);
        let request = cluster::request(&reading);
        let known = Known::of(&reading);
        let requested = requested(&request);
        let batch = artifacts::read(artifacts::LOAD_VARIATION);

        let of_policy = load(&batch, Isolation::Fresh).score(&reading, &request).unwrap().scores;
        let bits = |scores: &[f64]| scores.iter().map(|score| score.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&known.scores(requested)), bits(&of_policy), "the baseline computes something else");
        assert_eq!(
            bits(&known.scores_node_by_node(requested)),
            bits(&of_policy),
            "the baseline computes something else"
        );

        let mut group = criterion.benchmark_group(format!("evaluation/{size}"));
        group.throughput(Throughput::Elements(nodes.into()));
        group.bench_function("native", |bencher| bencher.iter(|| black_box(&known).scores(black_box(requested))));
        group.bench_function("native-node-by-node", |bencher| {
            bencher.iter(|| black_box(&known).scores_node_by_node(black_box(requested)));
        });
        for (name, isolation) in [("reused", reused()), ("fresh", Isolation::Fresh)] {
            let policy = load(&batch, isolation);
            group.bench_function(BenchmarkId::new("load-variation", name), |bencher| {
                bencher.iter(|| policy.score(&reading, &request).unwrap());
            });
        }
        let per_node = load(&artifacts::read(artifacts::LEAST_LOADED), reused());
        group.bench_function(BenchmarkId::new("least-loaded", "reused"), |bencher| {
            bencher.iter(|| per_node.score(&reading, &request).unwrap());
        });
        group.finish();
    }
}

/// What candidates and snapshots add that were not there before, beside another pod for those that were.
///
/// "Everything included": a new set of candidates begins with the embedder's list of nodes, in its own order.
fn new_candidates(criterion: &mut Criterion) {
    let [reading, more] = [SIZES[0], SIZES[0] + 100].map(|nodes| cluster::reading(bench::scaled(nodes)));
    let request = cluster::request(&reading);
    let policy = load(&artifacts::read(artifacts::LOAD_VARIATION), reused());
    let mut group = criterion.benchmark_group("candidates/5000");
    let mut pods = [250, 500, 750].map(|cpu| with_pod(&request, cpu)).into_iter().cycle();
    group.bench_function("another-pod", |bencher| {
        bencher.iter_batched(
            || pods.next().unwrap(),
            |request| (policy.score(&reading, &request).unwrap(), request),
            criterion::BatchSize::SmallInput,
        );
    });

    let nodes = Candidates::nodes_of(reading.snapshot().unwrap());
    // A prime, so that all are there, one far from the other.
    let shuffled: Vec<Node> = (0..nodes.len()).map(|place| nodes[place * 7919 % nodes.len()].clone()).collect();
    for (name, nodes) in [("in-order", nodes), ("in-any-order", shuffled)] {
        group.bench_function(BenchmarkId::new("prepare", name), |bencher| {
            bencher.iter_batched(|| nodes.clone(), Candidates::new, criterion::BatchSize::LargeInput);
        });
        group.bench_function(BenchmarkId::new("prepare-and-score", name), |bencher| {
            bencher.iter_batched(
                || nodes.clone(),
                |nodes| {
                    let request = Request { candidates: Candidates::new(nodes), pod: request.pod.clone() };
                    (policy.score(&reading, &request).unwrap(), request)
                },
                criterion::BatchSize::LargeInput,
            );
        });
    }

    // Each is new to the candidates, which remember the newest one.
    for (name, readings) in [("same-nodes", updated(&reading)), ("other-nodes", [reading, more])] {
        let mut readings = readings.iter().cycle();
        group.bench_function(BenchmarkId::new("snapshot", name), |bencher| {
            bencher.iter(|| policy.score(readings.next().unwrap(), &request).unwrap());
        });
    }
    group.finish();
}

fn with_pod(request: &Request, millicores: u64) -> Request {
    let requests = Resources::new().with(CPU, millicores).with(MEMORY, 256 << 20);
    Request { pod: Pod { requests, ..request.pod.clone() }, candidates: request.candidates.clone() }
}

/// The same nodes in two snapshots, one after the other, as the Collector publishes them.
fn updated(reading: &Reading) -> [Reading; 2] {
    let before = reading.snapshot().unwrap();
    let later = cluster::later(u32::try_from(before.nodes.len()).unwrap());
    let later = later.snapshot().unwrap();
    let after = Snapshot {
        nodes: later.nodes.clone().sharing_keys_of(&before.nodes),
        source: later.source.clone(),
        window: later.window.clone(),
        statistics: later.statistics.clone(),
        ..**later
    };
    assert!(Arc::ptr_eq(before.nodes.keys(), after.nodes.keys()), "the nodes are not the same");
    let (writer, reader) = store(Arc::new(SystemClock::new()), Freshness::default());
    [Arc::clone(before), Arc::new(after)].map(|snapshot| {
        writer.publish(snapshot);
        reader.read()
    })
}

/// Two threads against one.
fn throughput(criterion: &mut Criterion) {
    let reading = cluster::reading(bench::scaled(SIZES[0]));
    let request = cluster::request(&reading);
    let mut group = criterion.benchmark_group("throughput/5000");
    group.throughput(Throughput::Elements(1));
    for (name, isolation) in [("reused", reused()), ("fresh", Isolation::Fresh)] {
        let policy = load(&artifacts::read(artifacts::LOAD_VARIATION), isolation);
        for threads in [1_u64, 2] {
            group.bench_function(BenchmarkId::new(name, threads), |bencher| {
                bencher.iter_custom(|evaluations| {
                    let begin = Instant::now();
                    std::thread::scope(|scope| {
                        for thread in 0..threads {
                            let (policy, reading, request) = (&policy, &reading, &request);
                            let share = evaluations / threads + u64::from(thread < evaluations % threads);
                            scope.spawn(move || {
                                for _ in 0..share {
                                    black_box(policy.score(reading, request).unwrap());
                                }
                            });
                        }
                    });
                    begin.elapsed()
                });
            });
        }
    }
    group.finish();
}

/// A thousand calls of `get-node-metrics`, and an evaluation without any.
fn host_calls(criterion: &mut Criterion) {
    let reading = cluster::reading(bench::scaled(SIZES[0]));
    let request = Request { candidates: Candidates::new([]), ..cluster::request(&reading) };
    let name = cluster::request(&reading).candidates.names().first().unwrap().clone();
    let mut group = criterion.benchmark_group("get-node-metrics");
    for calls in [0, 1_000] {
        let policy = load(&wat_policy::asking_for_a_node(&name, calls), reused());
        group.bench_function(BenchmarkId::from_parameter(calls), |bencher| {
            bencher.iter(|| policy.score(&reading, &request).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, policies, new_candidates, throughput, host_calls);
criterion_main!(benches);
