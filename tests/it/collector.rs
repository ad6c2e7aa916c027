//! The Collector's loops and its store, under paused time and with a load monitor in memory.

use std::sync::Arc;
use std::time::Duration;

use scorelet_host::collector::{Collector, CollectorOptions};
use scorelet_host::monitor::MonitorErrorKind;
use scorelet_host::snapshot::{MetricType, Operator, Reading, Selector};
use scorelet_tests::body::Body;
use scorelet_tests::clock::{START, TokioClock};
use scorelet_tests::monitor::{Call, MemoryMonitor, Reply};

mod credentials;
mod failures;
mod merging;
mod model;
mod once;
mod options;
mod outage;
mod panics;
mod readers;
mod retries;
mod schedule;
mod start;
mod stop;
mod validity;

const CPU: Selector<'static> = Selector::new(MetricType::Cpu, Operator::Average);
const DEVIATION: Selector<'static> = Selector::new(MetricType::Cpu, Operator::StandardDeviation);

/// A Collector at work: made with its monitor and its clock at the same moment, so that all three tell the same time.
struct Stage {
    monitor: MemoryMonitor,
    clock: TokioClock,
    collector: Collector,
}

impl Stage {
    fn new(monitor: MemoryMonitor) -> Self {
        Self::with_options(CollectorOptions::default(), monitor)
    }

    fn with_options(options: CollectorOptions, monitor: MemoryMonitor) -> Self {
        let clock = TokioClock::new();
        let collector = Collector::start_with_clock(options, monitor.clone(), Arc::new(clock)).unwrap();
        Self { monitor, clock, collector }
    }

    async fn until(&self, seconds: f64) {
        self.clock.until(Duration::from_secs_f64(seconds)).await;
    }

    fn read(&self) -> Reading {
        self.collector.reader().read()
    }

    /// The id of the snapshot that readers see; 0 for none.
    fn id(&self) -> u64 {
        self.read().snapshot().map_or(0, |snapshot| snapshot.id)
    }
}

/// An answer made so many seconds after the start, with one node and one label.
fn body(second: i64) -> Body {
    Body::at(START + second).node("node-a", 40.0, 50.0).label("all", 3.0)
}

/// A monitor that is alive and refreshes every 60 s, with a node whose load counts the refreshes.
fn refreshing() -> MemoryMonitor {
    let answer = Reply::computed(|elapsed: Duration| {
        let refreshes = elapsed.as_secs() / 60;
        let second = i64::try_from(refreshes * 60).unwrap();
        let load = f64::from(u32::try_from(refreshes).unwrap());
        Body::at(START + second).node("node-a", load, load).label("all", load).into()
    });
    MemoryMonitor::new(Reply::Answer(()), answer)
}

/// Makes all later calls fail as they do when nobody listens at the address.
fn disconnect(monitor: &MemoryMonitor) {
    monitor.fail(MonitorErrorKind::Unreachable, "http://load-monitor:2020 refused the connection");
}

/// The load of a node as readers see it.
fn cpu(reading: &Reading, node: &str) -> Option<f64> {
    reading.node_metrics(node).ok().and_then(|(row, _)| row.metric(&CPU)).map(|metric| metric.value)
}

/// The statistics that answer for a label, and the age of the row in seconds.
fn deviation(reading: &Reading, label: &str) -> Option<(f64, u64)> {
    let found = reading.statistics_of_label(label).ok().filter(|found| !found.is_fallback)?;
    Some((found.row.metric(&DEVIATION)?.value, reading.age_of(found.last_seen).as_secs()))
}

/// When calls were made, in seconds.
fn times(calls: &[Call]) -> Vec<f64> {
    calls.iter().map(|call| call.began.as_secs_f64()).collect()
}

/// When calls were made and ended, in seconds.
fn spans(calls: &[Call]) -> Vec<(f64, Option<f64>)> {
    calls.iter().map(|call| (call.began.as_secs_f64(), call.ended.map(|ended| ended.as_secs_f64()))).collect()
}

/// The first multiples of a period in seconds, from 0 on.
fn every(period: u32, count: u32) -> Vec<f64> {
    (0..count).map(|place| f64::from(place * period)).collect()
}
