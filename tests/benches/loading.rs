//! From a policy's file to its first score: compiled, and from the cache.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use scorelet_host::policy::{CompiledCache, EngineOptions, LoadOptions, PolicyEngine};
use scorelet_tests::{artifacts, cluster};

fn engine(cache: Option<CompiledCache>) -> PolicyEngine {
    PolicyEngine::with_options(EngineOptions { cache, ..EngineOptions::default() }).unwrap()
}

fn loading(criterion: &mut Criterion) {
    let reading = cluster::reading(10);
    let request = cluster::request(&reading);
    let folder = tempfile::tempdir().unwrap();
    let engines = [("compiled", engine(None)), ("cached", engine(Some(CompiledCache::in_folder(folder.path()))))];
    for (policy, path) in [("load-variation", artifacts::LOAD_VARIATION), ("least-loaded", artifacts::LEAST_LOADED)] {
        let file = artifacts::read(path);
        let mut group = criterion.benchmark_group(format!("loading/{policy}"));
        group.sample_size(20);
        for (name, engine) in &engines {
            // Fills the cache.
            engine.load(&file, LoadOptions::default()).unwrap();
            group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                bencher.iter(|| {
                    let policy = engine.load(&file, LoadOptions::default()).unwrap();
                    assert_eq!(policy.is_from_cache(), *name == "cached");
                    policy.score(&reading, &request).unwrap()
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, loading);
criterion_main!(benches);
