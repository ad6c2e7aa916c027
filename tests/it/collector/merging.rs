//! From one snapshot to the next: nothing when nothing changed, metrics replaced, statistics merged.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use scorelet_host::clock::Clock;
use scorelet_host::collector::{Collector, CollectorOptions};
use scorelet_host::snapshot::Unavailable;
use scorelet_tests::body::Body;
use scorelet_tests::clock::{START, TokioClock};
use scorelet_tests::monitor::{MemoryMonitor, Reply};

use super::{Stage, body, cpu, deviation};

#[tokio::test(start_paused = true)]
async fn an_unchanged_timestamp_publishes_nothing() {
    let stage = Stage::new(MemoryMonitor::serving(body(0)));
    stage.until(5.0).await;
    let first = stage.read();
    // Whatever else is in it: the monitor says that it has not refreshed.
    stage.monitor.serve(body(0).node("node-b", 1.0, 1.0));
    stage.until(60.5).await;
    assert!(Arc::ptr_eq(stage.read().snapshot().unwrap(), first.snapshot().unwrap()));
    let status = stage.collector.status().update;
    assert_eq!((status.published, status.unchanged), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_changed_timestamp_publishes_the_next_id() {
    let stage = Stage::new(MemoryMonitor::serving(body(0)));
    // Back, too: a monitor that was restarted may serve from another clock.
    for (id, second) in [(1_u32, 0), (2, 30), (3, 31), (4, 7)] {
        stage.monitor.serve(body(second));
        stage.until(f64::from(id - 1) * 30.0 + 0.5).await;
        let reading = stage.read();
        let snapshot = reading.snapshot().unwrap();
        assert_eq!((snapshot.id, snapshot.timestamp), (u64::from(id), START + second));
        assert_eq!(snapshot.window.end, START + second);
        assert_eq!(snapshot.source, "Prometheus");
    }
    assert_eq!(stage.collector.status().update.published, 4);
}

#[tokio::test(start_paused = true)]
async fn without_a_timestamp_nothing_is_unchanged() {
    for same in [body(0).without_timestamp(), Body::at(0).window_end(START).node("node-a", 1.0, 1.0)] {
        let stage = Stage::new(MemoryMonitor::serving(same));
        stage.until(60.5).await;
        assert_eq!(stage.id(), 3);
        assert_eq!(stage.collector.status().update.unchanged, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_that_ends_at_the_next_timestamp_is_not_mistaken_for_it() {
    let stage = Stage::new(MemoryMonitor::serving(body(30).without_timestamp()));
    stage.until(5.0).await;
    stage.monitor.serve(body(30).node("node-b", 7.0, 7.0));
    stage.until(30.5).await;
    assert_eq!((stage.id(), cpu(&stage.read(), "node-b")), (2, Some(7.0)));
}

#[tokio::test(start_paused = true)]
async fn metrics_are_replaced_as_a_whole() {
    let stage = Stage::new(MemoryMonitor::serving(body(0).node("node-b", 1.0, 2.0)));
    stage.until(5.0).await;
    assert_eq!(cpu(&stage.read(), "node-b"), Some(1.0));
    stage.monitor.serve(body(30).node("node-c", 3.0, 4.0));
    stage.until(30.5).await;
    let reading = stage.read();
    assert_eq!(reading.node_metrics("node-b").err(), Some(Unavailable::NotFound("node-b".to_owned())));
    let (nodes, window) = reading.node_all_metrics().unwrap();
    let names: Vec<&str> = nodes.keys().iter().map(|name| &**name).collect();
    assert_eq!((names, window.end), (vec!["node-a", "node-c"], START + 30));
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_tells_when_its_answer_was_received() {
    let answer = Reply::Answer(body(0).into()).after(Duration::from_secs(7));
    let stage = Stage::new(MemoryMonitor::new(Reply::Answer(()), answer));
    stage.until(20.0).await;
    let reading = stage.read();
    assert_eq!(reading.age_of(reading.snapshot().unwrap().received_at), Duration::from_secs(13));
    assert_eq!(deviation(&reading, "all"), Some((3.0, 13)));
}

#[tokio::test(start_paused = true)]
async fn a_label_that_is_missing_is_kept_and_grows_older_until_it_is_back() {
    let stage = Stage::new(MemoryMonitor::serving(body(0).label("web", 8.0)));
    stage.until(5.0).await;
    assert_eq!(deviation(&stage.read(), "web"), Some((8.0, 5)));
    stage.monitor.serve(body(30).label("all", 3.5));
    stage.until(40.0).await;
    assert_eq!(deviation(&stage.read(), "web"), Some((8.0, 40)));
    assert_eq!(deviation(&stage.read(), "all"), Some((3.5, 10)));
    stage.until(55.0).await;
    assert_eq!(deviation(&stage.read(), "web"), Some((8.0, 55)));
    stage.monitor.serve(body(60).label("web", 9.0));
    stage.until(61.0).await;
    assert_eq!(deviation(&stage.read(), "web"), Some((9.0, 1)));
    let status = stage.collector.status().update;
    assert_eq!((status.expired_labels, status.evicted_labels), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_label_without_statistics_is_answered_by_all_and_the_answer_says_so() {
    let stage = Stage::new(MemoryMonitor::serving(body(0).label("web", 8.0)));
    stage.until(5.0).await;
    let reading = stage.read();
    let found = reading.statistics_of_label("batch").unwrap();
    assert_eq!((found.row.key(), found.is_fallback), ("all", true));
    let found = reading.statistics_of_label("web").unwrap();
    assert_eq!((found.row.key(), found.is_fallback), ("web", false));
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_statistics_keeps_all_of_them_and_their_window() {
    let empty = Body::at(START + 60).node("node-a", 2.0, 2.0);
    for without in [empty.clone().null_statistics(), empty] {
        let stage = Stage::new(MemoryMonitor::serving(body(0).label("web", 8.0)));
        stage.until(5.0).await;
        stage.monitor.serve(without);
        stage.until(65.0).await;
        let reading = stage.read();
        assert_eq!((stage.id(), cpu(&reading, "node-a")), (2, Some(2.0)));
        assert_eq!(deviation(&reading, "web"), Some((8.0, 65)));
        assert_eq!(deviation(&reading, "all"), Some((3.0, 65)));
        let statistics = reading.all_statistics().unwrap();
        assert_eq!((statistics.table().len(), statistics.window().end), (2, START));
        assert!(reading.valid().is_valid());
    }
}

#[tokio::test(start_paused = true)]
async fn a_label_unseen_for_more_than_15_days_is_dropped_and_counted() {
    const HOUR: Duration = Duration::from_hours(1);
    let options = CollectorOptions {
        update_interval: HOUR,
        heartbeat_interval: HOUR,
        heartbeat_timeout: 2 * HOUR,
        ..CollectorOptions::default()
    };
    let stage = Stage::with_options(options, MemoryMonitor::serving(body(0).label("web", 8.0)));
    stage.until(5.0).await;
    stage.monitor.set_metrics(Reply::computed(|elapsed: Duration| {
        Body::at(START + i64::try_from(elapsed.as_secs()).unwrap()).label("all", 1.0).into()
    }));
    let (fifteen_days, hour) = (15.0 * 86_400.0, 3_600.0);
    stage.until(fifteen_days + 1.0).await;
    assert_eq!(deviation(&stage.read(), "web"), Some((8.0, 15 * 86_400 + 1)));
    assert_eq!(stage.collector.status().update.expired_labels, 0);
    stage.until(fifteen_days + hour + 1.0).await;
    assert_eq!(deviation(&stage.read(), "web"), None);
    assert_eq!(stage.collector.status().update.expired_labels, 1);
    stage.until(fifteen_days + 3.0 * hour).await;
    assert_eq!(stage.collector.status().update.expired_labels, 1, "counted once");
    assert_eq!(deviation(&stage.read(), "all").map(|(value, _)| value), Some(1.0));
}

#[tokio::test(start_paused = true)]
async fn beyond_the_number_allowed_the_labels_unseen_for_longest_are_dropped_and_counted() {
    let options = CollectorOptions { max_labels: 3, ..CollectorOptions::default() };
    let stage = Stage::with_options(options, MemoryMonitor::serving(body(0).label("a", 1.0).label("b", 1.0)));
    stage.until(5.0).await;
    assert_eq!(stage.collector.status().update.evicted_labels, 0);
    stage.monitor.serve(Body::at(START + 30).label("b", 2.0));
    stage.until(35.0).await;
    stage.monitor.serve(Body::at(START + 60).label("c", 3.0));
    stage.until(65.0).await;
    let reading = stage.read();
    assert_eq!(deviation(&reading, "a"), None);
    assert_eq!(deviation(&reading, "b"), Some((2.0, 35)));
    assert_eq!(deviation(&reading, "c"), Some((3.0, 5)));
    assert_eq!(deviation(&reading, "all"), Some((3.0, 65)), "what answers for all others is never dropped");
    assert_eq!(stage.collector.status().update.evicted_labels, 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_with_too_many_labels_attack_is_cut_to_the_number_allowed() {
    let options = CollectorOptions { max_labels: 10, ..CollectorOptions::default() };
    let flood = (0..1000).fold(body(0), |body, number| body.label(&format!("label-{number:04}"), 1.0));
    let stage = Stage::with_options(options, MemoryMonitor::serving(flood));
    stage.until(5.0).await;
    let reading = stage.read();
    let labels = reading.all_statistics().unwrap().table();
    assert_eq!((labels.len(), labels.position("all").is_some()), (10, true));
    assert_eq!(stage.collector.status().update.evicted_labels, 991);
}

/// A clock that somebody sets forward, by seconds.
#[derive(Debug)]
struct SetClock {
    usual: TokioClock,
    ahead: AtomicU64,
}

impl Clock for SetClock {
    fn now(&self) -> SystemTime {
        self.usual.now() + Duration::from_secs(self.ahead.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        self.usual.monotonic()
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_forward_forgets_no_statistics() {
    let clock = Arc::new(SetClock { usual: TokioClock::new(), ahead: AtomicU64::new(0) });
    let monitor = MemoryMonitor::serving(body(0));
    let options = CollectorOptions::default();
    let collector = Collector::start_with_clock(options, monitor.clone(), Arc::<SetClock>::clone(&clock)).unwrap();
    clock.usual.until(Duration::from_secs(5)).await;
    // As after a boot with a wrong clock: beyond the 15 days that statistics are kept.
    clock.ahead.store(16 * 24 * 60 * 60, Ordering::Relaxed);
    monitor.serve(body(20).null_statistics());
    clock.usual.until(Duration::from_millis(30_500)).await;
    assert_eq!(collector.status().update.published, 2);
    assert_eq!(deviation(&collector.reader().read(), "all"), Some((3.0, 30)));
}
