//! Statistics of pods by label value, merged over time: the offline job that makes them fails often, and policies must
//! keep what was known.

use std::time::{Duration, SystemTime};

use super::table::{Row, Table};
use super::{Defects, MAX_ROWS, TableBuilder, Window};

/// The label whose statistics cover all pods; it answers for labels that have none of their own.
pub const FALLBACK_LABEL: &str = "all";

/// Statistics of every label seen lately.
#[derive(Clone, Debug)]
pub struct Statistics {
    table: Table,
    /// For each row, when the load monitor last published it, by the host's clock.
    last_seen: Box<[SystemTime]>,
    newest: Option<SystemTime>,
    window: Window,
}

/// How long and how many labels are kept after the load monitor stopped publishing them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// A label unseen for longer is dropped.
    pub max_age: Duration,
    /// Beyond this number, those unseen for longest are dropped first. [`FALLBACK_LABEL`] is never among them. More
    /// than [`MAX_ROWS`] are never kept.
    pub max_labels: usize,
}

/// What [`Statistics::merge`] dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MergeOutcome {
    /// Labels unseen for too long.
    pub expired: u64,
    /// Labels beyond the number allowed.
    pub evicted: u64,
}

/// The answer to a question for one label's statistics.
#[derive(Clone, Copy, Debug)]
pub struct LabelStatistics<'a> {
    /// The row that answered.
    pub row: Row<'a>,
    /// Whether [`FALLBACK_LABEL`] answered in the place of the label asked for.
    pub is_fallback: bool,
    /// When the load monitor last published the row, by the host's clock.
    pub last_seen: SystemTime,
}

impl Statistics {
    /// No statistics.
    #[must_use]
    pub fn empty() -> Self {
        Self { table: Table::empty(), last_seen: Box::default(), newest: None, window: Window::default() }
    }

    /// A row per label, in byte order.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The window of the answer that last carried any statistics.
    #[must_use]
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// When the row at a position was last published.
    #[must_use]
    pub fn last_seen(&self, position: usize) -> Option<SystemTime> {
        self.last_seen.get(position).copied()
    }

    /// When any row was last published; `None` when there is no row.
    #[must_use]
    pub fn newest(&self) -> Option<SystemTime> {
        self.newest
    }

    /// The statistics of a label, or those of [`FALLBACK_LABEL`].
    #[must_use]
    pub fn of_label(&self, label: &str) -> Option<LabelStatistics<'_>> {
        let own = self.table.position(label);
        let position = own.or_else(|| self.table.position(FALLBACK_LABEL))?;
        let row = self.table.row_at(position)?;
        Some(LabelStatistics { row, is_fallback: own.is_none(), last_seen: self.last_seen(position)? })
    }

    /// The same statistics for a clock that shows `to` where it would have shown `from`: all ages stay as they are.
    #[must_use]
    pub fn shifted(&self, from: SystemTime, to: SystemTime) -> Self {
        let shift = |seen: SystemTime| match to.duration_since(from) {
            Ok(forward) => seen.checked_add(forward).unwrap_or(seen),
            Err(back) => seen.checked_sub(back.duration()).unwrap_or(seen),
        };
        let last_seen: Box<[SystemTime]> = self.last_seen.iter().copied().map(shift).collect();
        Self { newest: last_seen.iter().max().copied(), last_seen, ..self.clone() }
    }

    /// These statistics after an answer: a published label replaces what was known of it, the others are kept.
    #[must_use]
    pub fn merge(
        &self,
        published: &Table,
        window: &Window,
        now: SystemTime,
        retention: Retention,
    ) -> (Self, MergeOutcome) {
        let mut outcome = MergeOutcome::default();
        let mut rows: Vec<(Row<'_>, SystemTime)> = published.rows().map(|row| (row, now)).collect();
        for (row, seen) in self.table.rows().zip(&self.last_seen) {
            if published.position(row.key()).is_some() {
                continue;
            }
            // A clock that was set back makes an age of zero, never a reason to drop.
            if now.duration_since(*seen).unwrap_or_default() > retention.max_age {
                outcome.expired += 1;
            } else {
                rows.push((row, *seen));
            }
        }
        outcome.evicted = evict(&mut rows, now, retention.max_labels.min(MAX_ROWS));
        rows.sort_unstable_by_key(|(row, _)| row.key());
        let mut builder = TableBuilder::new();
        for (row, _) in &rows {
            builder.copy_row(*row);
        }
        let table = builder.finish(&mut Defects::default()).sharing_keys_of(&self.table);
        let last_seen: Box<[SystemTime]> = rows.into_iter().map(|(_, seen)| seen).collect();
        let newest = last_seen.iter().max().copied();
        let window = if published.is_empty() { self.window.clone() } else { window.clone() };
        (Self { table, last_seen, newest, window }, outcome)
    }
}

/// Drops the rows unseen for longest, the last among equals, until no more than `most` are left.
fn evict(rows: &mut Vec<(Row<'_>, SystemTime)>, now: SystemTime, most: usize) -> u64 {
    let before = rows.len();
    if before > most {
        // By age and not by time: after a clock was set back, rows seen in its future are not newer than those just
        // published. The order among equals stays: just published before kept, then by key.
        let is_fallback = |row: &Row<'_>| row.key() == FALLBACK_LABEL;
        rows.sort_by_key(|(row, seen)| (!is_fallback(row), now.duration_since(*seen).unwrap_or_default()));
        let fallback = usize::from(rows.first().is_some_and(|(row, _)| is_fallback(row)));
        rows.truncate(most.max(fallback));
    }
    (before - rows.len()) as u64
}
