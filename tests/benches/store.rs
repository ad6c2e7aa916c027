//! Taking a reading while snapshots are published back to back.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use scorelet_host::clock::SystemClock;
use scorelet_host::snapshot::Freshness;
use scorelet_host::store::store;
use scorelet_tests::cluster;

fn reading(criterion: &mut Criterion) {
    let (writer, reader) = store(Arc::new(SystemClock::new()), Freshness::default());
    let snapshots = [5_000, 5_001].map(|nodes| Arc::clone(cluster::reading(nodes).snapshot().unwrap()));
    writer.publish(Arc::clone(&snapshots[0]));

    let mut group = criterion.benchmark_group("store/read");
    for readers in [1_u64, 2, 8] {
        group.bench_function(BenchmarkId::from_parameter(readers), |bencher| {
            bencher.iter_custom(|reads| {
                let stop = AtomicBool::new(false);
                std::thread::scope(|scope| {
                    scope.spawn(|| {
                        for snapshot in snapshots.iter().cycle() {
                            if stop.load(Ordering::Relaxed) {
                                break;
                            }
                            writer.publish(Arc::clone(snapshot));
                        }
                    });
                    let begin = Instant::now();
                    let threads: Vec<_> = (0..readers)
                        .map(|_| {
                            let reader = reader.clone();
                            scope.spawn(move || {
                                for _ in 0..reads {
                                    black_box(reader.read());
                                }
                            })
                        })
                        .collect();
                    for thread in threads {
                        thread.join().unwrap();
                    }
                    let elapsed = begin.elapsed();
                    stop.store(true, Ordering::Relaxed);
                    elapsed
                })
            });
        });
    }
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
