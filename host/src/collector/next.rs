//! The step from one snapshot to the next: metrics are replaced, statistics are merged.

use std::time::SystemTime;

use crate::monitor::wire::Answer;
use crate::snapshot::{MergeOutcome, Retention, Snapshot, Statistics};

/// The wall clock was set between two answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClockStep {
    /// What it would show now.
    pub(super) expected: SystemTime,
    /// What it shows.
    pub(super) now: SystemTime,
}

/// The snapshot after an answer, and which labels were dropped for it.
pub(super) fn next_snapshot(
    previous: Option<&Snapshot>,
    answer: Answer,
    received_at: SystemTime,
    clock_step: Option<ClockStep>,
    retention: Retention,
) -> (Snapshot, MergeOutcome) {
    let empty = Statistics::empty();
    let mut known = previous.map_or(&empty, |previous| &previous.statistics);
    // A clock set forward would age all that is known beyond its retention at once.
    let shifted = clock_step.map(|step| known.shifted(step.expected, step.now));
    if let Some(shifted) = &shifted {
        known = shifted;
    }
    let (statistics, dropped) = known.merge(&answer.statistics, &answer.window, received_at, retention);
    let nodes = match previous {
        Some(previous) => answer.nodes.sharing_keys_of(&previous.nodes),
        None => answer.nodes,
    };
    let snapshot = Snapshot {
        id: previous.map_or(1, |previous| previous.id.saturating_add(1)),
        source: answer.source,
        timestamp: answer.timestamp,
        window: answer.window,
        received_at,
        nodes,
        statistics,
        defects: answer.defects,
    };
    (snapshot, dropped)
}
