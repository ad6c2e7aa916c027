//! Taking a reading while snapshots are published back to back.
//!
//! What it takes of a thread's processor time: there are more threads than processors, and waiting for one of these is not
//! what is asked.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rustix::time::{ClockId, clock_gettime};
use scorelet_host::clock::SystemClock;
use scorelet_host::snapshot::Freshness;
use scorelet_host::store::store;
use scorelet_tests::{bench, cluster};

/// The processor time of this thread.
fn processor_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
}

/// How often this thread gave up its processor to wait; always 0 where the system does not say.
fn waits() -> u64 {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    let count = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    count.map_or(0, |count| count.trim().parse().unwrap())
}

fn reading(criterion: &mut Criterion) {
    let (writer, reader) = store(Arc::new(SystemClock::new()), Freshness::default());
    let snapshots = [5_000, 5_100].map(|nodes| Arc::clone(cluster::reading(bench::scaled(nodes)).snapshot().unwrap()));
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
                    let threads: Vec<_> = (0..readers)
                        .map(|_| {
                            let reader = reader.clone();
                            scope.spawn(move || {
                                let (begin, waits) = (processor_time(), waits());
                                for _ in 0..reads {
                                    black_box(reader.read());
                                }
                                (processor_time().saturating_sub(begin), self::waits() - waits)
                            })
                        })
                        .collect();
                    let ended: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
                    stop.store(true, Ordering::Relaxed);
                    assert!(ended.iter().all(|(_, waits)| *waits == 0), "a reader waited for something");
                    let total: Duration = ended.iter().map(|(time, _)| time).sum();
                    total / u32::try_from(readers).unwrap()
                })
            });
        });
    }
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
