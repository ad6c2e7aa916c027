//! Readers never wait, never see half an update, and keep what they hold.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use scorelet_host::clock::SystemClock;
use scorelet_host::snapshot::{
    Defects, Freshness, MetricType, Operator, Reading, Retention, Snapshot, Statistics, Table, TableBuilder, Window,
};
use scorelet_host::store::store;
use scorelet_tests::monitor::MemoryMonitor;

use super::{CPU, DEVIATION, Stage, body, cpu};

/// Enough that readers overtake the writer at every point of a publication.
const SNAPSHOTS: u32 = 5_000;
const READERS: usize = 8;

#[tokio::test(start_paused = true)]
async fn a_reading_pins_its_snapshot_while_newer_ones_are_published() {
    let stage = Stage::new(MemoryMonitor::serving(body(0).node("node-b", 1.0, 1.0)));
    stage.until(5.0).await;
    let pinned = stage.read();
    let validity = pinned.valid();
    for second in [30, 60, 90] {
        stage.monitor.serve(body(second));
        stage.until(f64::from(u32::try_from(second).unwrap()) + 0.5).await;
    }
    stage.until(1000.0).await;
    assert_eq!(pinned.snapshot().unwrap().id, 1);
    assert_eq!(cpu(&pinned, "node-b"), Some(1.0));
    assert_eq!(pinned.valid(), validity, "its moment is pinned too");
    assert_eq!((stage.id(), cpu(&stage.read(), "node-b")), (4, None));
}

#[tokio::test(start_paused = true)]
async fn clones_of_a_reader_agree() {
    let stage = Stage::new(MemoryMonitor::serving(body(0)));
    let early = stage.collector.reader().clone();
    stage.until(5.0).await;
    let late = early.clone();
    let (left, right) = (early.read(), late.read());
    assert!(Arc::ptr_eq(left.snapshot().unwrap(), right.snapshot().unwrap()));
    assert_eq!(left.valid(), right.valid());
    drop(stage);
    assert_eq!(early.read().snapshot().unwrap().id, 1, "readers outlive the Collector");
}

#[test]
fn eight_threads_see_whole_snapshots_in_order_while_one_publishes_back_to_back() {
    let (writer, reader) = store(Arc::new(SystemClock::new()), Freshness::default());
    thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS)
            .map(|_| {
                let reader = reader.clone();
                scope.spawn(move || {
                    let (mut newest, mut distinct) = (0, 0);
                    while newest < u64::from(SNAPSHOTS) {
                        let reading = reader.read();
                        let seen = uniform_id(&reading);
                        assert!(seen >= newest, "{seen} after {newest}");
                        distinct += u32::from(seen > newest);
                        newest = seen;
                    }
                    distinct
                })
            })
            .collect();
        for id in 1..=SNAPSHOTS {
            writer.heartbeat();
            writer.publish(Arc::new(snapshot_of(id)));
        }
        for reader in readers {
            assert!(reader.join().unwrap() >= 1);
        }
    });
}

/// A snapshot that says its own id everywhere.
fn snapshot_of(id: u32) -> Snapshot {
    let window = Window { duration: id.to_string(), start: i64::from(id), end: i64::from(id) };
    let now = SystemTime::now();
    let retention = Retention { max_age: Duration::MAX, max_labels: usize::MAX };
    let labels = table(id, &["all", "web"], &Operator::StandardDeviation);
    Snapshot {
        id: u64::from(id),
        source: id.to_string(),
        timestamp: i64::from(id),
        statistics: Statistics::empty().merge(&labels, &window, now, retention).0,
        window,
        received_at: now,
        nodes: table(id, &["a", "b", "c", "d"], &Operator::Average),
        defects: Defects { lost_values: u64::from(id), ..Defects::default() },
    }
}

fn table(id: u32, keys: &[&str], operator: &Operator<'static>) -> Table {
    let mut builder = TableBuilder::new();
    for key in keys {
        builder.metric("m", MetricType::Cpu, operator.clone(), "", "", f64::from(id));
        builder.end_row(*key);
    }
    builder.finish(&mut Defects::default())
}

/// The id that all of a reading says; 0 for none.
fn uniform_id(reading: &Reading) -> u64 {
    let Some(snapshot) = reading.snapshot() else { return 0 };
    let id = u32::try_from(snapshot.id).unwrap();
    let (nodes, window) = reading.node_all_metrics().unwrap();
    assert_eq!(nodes.column(&CPU), [f64::from(id); 4]);
    assert_eq!((window.start, window.end, &window.duration), (i64::from(id), i64::from(id), &id.to_string()));
    let statistics = reading.all_statistics().unwrap();
    assert_eq!(statistics.table().column(&DEVIATION), [f64::from(id); 2]);
    assert_eq!(statistics.window(), window);
    assert_eq!((snapshot.timestamp, &snapshot.source), (i64::from(id), &id.to_string()));
    assert_eq!(snapshot.defects.lost_values, snapshot.id);
    assert!(reading.heartbeat_age().is_some(), "noted before the first snapshot");
    snapshot.id
}
