//! Clusters as large as they come, for tests and benchmarks of size.

use scorelet_host::collector::{CollectorOptions, recorded};
use scorelet_host::policy::{Candidates, Request};
use scorelet_host::scheduling::{CPU, MEMORY, Pod, Resources};
use scorelet_host::simulator::{Dialect, SimulatedCluster};
use scorelet_host::snapshot::Reading;

/// The moment at which simulated clusters are looked at, in Unix seconds.
pub const NOW: i64 = 1_767_225_600;

/// The body that a load monitor publishes of so many nodes, with about 24 metrics each.
#[must_use]
pub fn body(nodes: u32) -> Vec<u8> {
    body_at(nodes, NOW)
}

fn body_at(nodes: u32, now: i64) -> Vec<u8> {
    SimulatedCluster { nodes, labels: 100, seed: 1, dialect: Dialect::LoadMonitor }.body(now)
}

/// A reading of such a body.
///
/// # Panics
/// When the simulator's answer cannot be read.
#[must_use]
pub fn reading(nodes: u32) -> Reading {
    recorded(&CollectorOptions::default(), &body(nodes)).expect("a simulated cluster can be read")
}

/// The same nodes a minute later.
///
/// # Panics
/// When the simulator's answer cannot be read.
#[must_use]
pub fn later(nodes: u32) -> Reading {
    recorded(&CollectorOptions::default(), &body_at(nodes, NOW + 60)).expect("a simulated cluster can be read")
}

/// A small pod, and all nodes of a reading as candidates.
///
/// # Panics
/// When the reading has no snapshot.
#[must_use]
pub fn request(reading: &Reading) -> Request {
    let requests = Resources::new().with(CPU, 250).with(MEMORY, 256 << 20);
    let candidates = Candidates::from_snapshot(reading.snapshot().expect("there is a snapshot"));
    Request { pod: Pod { requests, ..Pod::default() }, candidates }
}
