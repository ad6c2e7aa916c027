//! What an evaluation costs, beside the same formula in native Rust over the same columns.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use load_variation::{Settings, Usage, node_score};
use scorelet_host::policy::{Isolation, Limits, LoadOptions, Policy, PolicyEngine, Request};
use scorelet_host::snapshot::{MetricType, Operator, Reading, Selector};
use scorelet_tests::{artifacts, cluster, wat_policy};

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

/// The columns that `load-variation` reads, as the host hands them over.
struct Columns {
    capacities: [Vec<f64>; 2],
    averages: [Vec<f64>; 2],
    deviations: [Vec<f64>; 2],
}

impl Columns {
    fn of(reading: &Reading) -> Self {
        let nodes = &reading.snapshot().unwrap().nodes;
        let column = |operator: Operator<'_>| {
            [MetricType::Cpu, MetricType::Memory].map(|of| nodes.column(&Selector::new(of, operator.clone())))
        };
        let mut capacities = column(Operator::Capacity);
        // Candidates offer cpu in millicores.
        capacities[0].iter_mut().for_each(|cores| *cores *= 1_000.0);
        let (averages, deviations) = (column(Operator::Average), column(Operator::StandardDeviation));
        Self { capacities, averages, deviations }
    }

    /// What the policy computes, in native code.
    fn scores(&self, requested: [f64; 2]) -> Vec<f64> {
        let settings = Settings::default();
        let usage = |resource: usize, node: usize| {
            let measured = |value: f64| (!value.is_nan()).then_some(value);
            let capacity = measured(*self.capacities.get(resource)?.get(node)?)?;
            let average = measured(*self.averages.get(resource)?.get(node)?)?;
            let deviation = measured(*self.deviations.get(resource)?.get(node)?).unwrap_or(0.0);
            Some(Usage::from_utilisation(capacity, *requested.get(resource)?, average, deviation))
        };
        let nodes = self.averages.first().map_or(0, Vec::len);
        (0..nodes).map(|node| node_score(usage(0, node), usage(1, node), &settings)).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn requested(request: &Request) -> [f64; 2] {
    ["cpu", "memory"].map(|name| request.pod.requests.get(name).unwrap_or(0) as f64)
}

fn policies(criterion: &mut Criterion) {
    for nodes in SIZES {
        let reading = cluster::reading(nodes);
        let request = cluster::request(&reading);
        let columns = Columns::of(&reading);
        let requested = requested(&request);
        let batch = artifacts::read(artifacts::LOAD_VARIATION);

        let of_policy = load(&batch, Isolation::Fresh).score(&reading, &request).unwrap().scores;
        let bits = |scores: &[f64]| scores.iter().map(|score| score.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&columns.scores(requested)), bits(&of_policy), "the baseline computes something else");

        let mut group = criterion.benchmark_group(format!("evaluation/{nodes}"));
        group.throughput(Throughput::Elements(nodes.into()));
        group.bench_function("native", |bencher| bencher.iter(|| black_box(&columns).scores(black_box(requested))));
        for (name, isolation) in [("reused", reused()), ("fresh", Isolation::Fresh)] {
            let policy = load(&batch, isolation);
            group.bench_function(BenchmarkId::new("load-variation", name), |bencher| {
                bencher.iter(|| policy.score(&reading, &request).unwrap());
            });
        }
        let per_node = load(&artifacts::read(artifacts::LEAST_LOADED), reused());
        group.bench_function("least-loaded/reused", |bencher| {
            bencher.iter(|| per_node.score(&reading, &request).unwrap());
        });
        group.finish();
    }
}

/// A new list of nodes: what matching its names to the snapshot adds, once.
fn new_candidates(criterion: &mut Criterion) {
    let reading = cluster::reading(SIZES[0]);
    let policy = load(&artifacts::read(artifacts::LOAD_VARIATION), reused());
    criterion.bench_function("candidates/5000/new", |bencher| {
        bencher.iter_batched(
            || cluster::request(&reading),
            |request| policy.score(&reading, &request).unwrap(),
            criterion::BatchSize::LargeInput,
        );
    });
}

/// Two threads against one.
fn throughput(criterion: &mut Criterion) {
    let reading = cluster::reading(SIZES[0]);
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
    let reading = cluster::reading(SIZES[0]);
    let request = Request { candidates: scorelet_host::policy::Candidates::new([]), ..cluster::request(&reading) };
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
