//! Builds a table from rows that arrive one metric at a time.
//!
//! Nearly every row repeats the metrics of the row before it in the same order, so each metric is first compared with
//! its predecessor at the same place, and looked up by hash only when that guess fails.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::sync::Arc;

use super::Defects;
use super::column_values::ColumnValues;
use super::metric::{MetricType, Operator};
use super::table::{Column, Row, Table};

/// The most distinct metrics in one table, repetitions within a row included. Label-named metrics come in thousands;
/// more than this is an attack on memory, since each costs some 200 bytes beside its values.
pub const MAX_DISTINCT_METRICS: usize = 100_000;

/// The most rows in one table, repetitions of a key included: two and a half times the largest cluster and the largest
/// number of labels in sight. A row costs up to 100 bytes and takes as few as 9 in a body, so that without a limit a
/// body within its cap would take ten times its size.
pub const MAX_ROWS: usize = 250_000;

/// Collects rows; see [`Table`] for what comes out.
#[derive(Debug, Default)]
pub struct TableBuilder {
    strings: HashSet<Arc<str>>,
    hasher: RandomState,
    /// Identities by the hash of their properties.
    identities_by_hash: HashMap<u64, Vec<u32>>,
    identities: Vec<Identity>,
    /// For each column, its identity and the number of earlier occurrences in a row.
    columns: Vec<(u32, u32)>,
    keys: Vec<Box<str>>,
    /// For each key, where its cells end.
    ends: Vec<usize>,
    /// Column and value, row by row in the order published.
    cells: Vec<(u32, f64)>,
    /// Where the cells of the row before the open one begin.
    previous_start: usize,
    /// Where the cells of the open row begin.
    open_start: usize,
    /// How many identities and columns there were when the open row began; those beyond go with it when it is
    /// discarded.
    open_identities: usize,
    open_columns: usize,
    /// Rows without metrics that only take the place of earlier ones of their key.
    withdrawals: HashSet<usize>,
    /// Rows beyond [`MAX_ROWS`].
    excess: u64,
    /// Counts rows, discarded ones too, so that `Identity::last_row` is never ambiguous.
    row_number: u64,
}

/// A distinct metric as published; it has a column for each time that it occurs within one row.
#[derive(Debug)]
struct Identity {
    name: Arc<str>,
    metric_type: MetricType<'static>,
    operator: Operator<'static>,
    rollup: Arc<str>,
    unit: Arc<str>,
    /// The hash of what is above.
    hash: u64,
    columns: Vec<u32>,
    last_row: u64,
    occurrences_in_last_row: usize,
}

impl TableBuilder {
    /// A builder without rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a metric to the open row, and tells whether it did. A metric that the row already has is kept as a further
    /// occurrence.
    ///
    /// A value that is not finite is not added, nor is one that would make more distinct metrics than
    /// [`MAX_DISTINCT_METRICS`].
    pub fn metric(
        &mut self,
        name: &str,
        metric_type: MetricType<'_>,
        operator: Operator<'_>,
        rollup: &str,
        unit: &str,
        value: f64,
    ) -> bool {
        if !value.is_finite() {
            return false;
        }
        let place = self.previous_start + (self.cells.len() - self.open_start);
        let guess = (place < self.open_start)
            .then(|| self.cells.get(place))
            .flatten()
            .and_then(|(column, _)| self.columns.get(*column as usize))
            .map(|(identity, _)| *identity);
        let identity = match guess {
            Some(guess) if self.is(guess, name, &metric_type, &operator, rollup, unit) => Some(guess),
            _ => self.intern(name, metric_type, operator, rollup, unit),
        };
        let Some(column) = identity.and_then(|identity| self.column_of(identity)) else { return false };
        self.cells.push((column, value));
        true
    }

    /// Closes the open row under a key. A later row with the same key replaces it.
    ///
    /// Beyond [`MAX_ROWS`] the row is discarded and counted.
    pub fn end_row(&mut self, key: impl Into<Box<str>>) {
        if self.keys.len() >= MAX_ROWS {
            self.excess += 1;
            self.discard_row();
            return;
        }
        self.keys.push(key.into());
        self.ends.push(self.cells.len());
        self.next_row(self.open_start);
    }

    /// Forgets the metrics of the open row, and everything that only it has brought.
    pub fn discard_row(&mut self) {
        self.cells.truncate(self.open_start);
        for (identity, _) in self.columns.drain(self.open_columns.min(self.columns.len())..).rev() {
            if let Some(identity) = self.identities.get_mut(identity as usize) {
                identity.columns.pop();
            }
        }
        while self.identities.len() > self.open_identities {
            self.forget_last_identity();
        }
        self.next_row(self.previous_start);
    }

    /// Discards the open row, and with it the earlier rows of this key: where the last one counts, and that one is not
    /// to be trusted, there is none. It counts as a row for [`MAX_ROWS`].
    pub fn withdraw_row(&mut self, key: impl Into<Box<str>>) {
        self.discard_row();
        self.withdrawals.insert(self.keys.len());
        self.end_row(key);
    }

    /// Adds a finished table's row under its own key.
    pub fn copy_row(&mut self, row: Row<'_>) {
        for metric in row.metrics() {
            let (metric_type, operator) = (metric.metric_type.clone(), metric.operator.clone());
            self.metric(metric.name, metric_type, operator, metric.rollup, metric.unit, metric.value);
        }
        self.end_row(row.key());
    }

    /// The finished table. Keys that came more than once are counted, and so are rows beyond [`MAX_ROWS`]; of each key
    /// the last row is kept.
    #[must_use]
    pub fn finish(self, defects: &mut Defects) -> Table {
        let mut rows = self.sorted_rows();
        defects.duplicate_entries += (self.keys.len() - rows.len()) as u64;
        defects.excess_entries += self.excess;
        rows.retain(|row| !self.withdrawals.contains(row));
        let counts = self.value_counts(&rows);
        let (order, rank) = self.column_order(&counts);
        let mut layouts = Layouts::default();
        let count_of = |column: &u32| counts.get(*column as usize).copied().unwrap_or(0);
        // In their final size and form from the start: there is no second copy of all values at any time.
        let mut values_of_column: Vec<ColumnValues> =
            order.iter().map(|column| ColumnValues::new(count_of(column), rows.len())).collect();
        let mut layout_of_row = Vec::with_capacity(rows.len());
        let mut layout = Vec::new();
        for (position, row) in (0_u32..).zip(&rows) {
            layout.clear();
            for (column, value) in self.cells_of(*row) {
                let Some(rank) = rank.get(*column as usize) else { continue };
                layout.push(*rank);
                if let Some(values) = values_of_column.get_mut(*rank as usize) {
                    values.add(position, *value);
                }
            }
            layout_of_row.push(layouts.intern(&layout));
        }
        let columns = order
            .iter()
            .zip(values_of_column)
            .filter_map(|(column, values)| {
                let (identity, _) = self.columns.get(*column as usize)?;
                let identity = self.identities.get(*identity as usize)?;
                Some(Column {
                    name: Arc::clone(&identity.name),
                    metric_type: identity.metric_type.clone(),
                    operator: identity.operator.clone(),
                    rollup: Arc::clone(&identity.rollup),
                    unit: Arc::clone(&identity.unit),
                    values: values.into(),
                })
            })
            .collect();
        let mut keys = self.keys;
        let keys = rows.iter().filter_map(|row| keys.get_mut(*row).map(std::mem::take)).collect();
        Table { keys, columns, layouts: layouts.in_order.into_boxed_slice(), layout_of_row: layout_of_row.into() }
    }

    fn next_row(&mut self, previous_start: usize) {
        self.previous_start = previous_start;
        self.open_start = self.cells.len();
        self.open_identities = self.identities.len();
        self.open_columns = self.columns.len();
        self.row_number += 1;
    }

    fn is(
        &self,
        identity: u32,
        name: &str,
        metric_type: &MetricType<'_>,
        operator: &Operator<'_>,
        rollup: &str,
        unit: &str,
    ) -> bool {
        self.identities.get(identity as usize).is_some_and(|known| {
            *known.name == *name
                && known.metric_type == *metric_type
                && known.operator == *operator
                && *known.rollup == *rollup
                && *known.unit == *unit
        })
    }

    fn intern(
        &mut self,
        name: &str,
        metric_type: MetricType<'_>,
        operator: Operator<'_>,
        rollup: &str,
        unit: &str,
    ) -> Option<u32> {
        let hash = self.hasher.hash_one((name, &metric_type, &operator, rollup, unit));
        let candidates = self.identities_by_hash.get(&hash).map_or(&[][..], Vec::as_slice);
        let found = candidates.iter().find(|known| self.is(**known, name, &metric_type, &operator, rollup, unit));
        if let Some(identity) = found {
            return Some(*identity);
        }
        if self.identities.len() >= MAX_DISTINCT_METRICS {
            return None;
        }
        let identity = Identity {
            name: self.intern_string(name),
            metric_type: metric_type.into_owned(),
            operator: operator.into_owned(),
            rollup: self.intern_string(rollup),
            unit: self.intern_string(unit),
            hash,
            columns: Vec::new(),
            last_row: 0,
            occurrences_in_last_row: 0,
        };
        let index = index_u32(self.identities.len());
        self.identities.push(identity);
        self.identities_by_hash.entry(hash).or_default().push(index);
        Some(index)
    }

    fn intern_string(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.strings.get(text) {
            return Arc::clone(known);
        }
        let interned: Arc<str> = Arc::from(text);
        self.strings.insert(Arc::clone(&interned));
        interned
    }

    /// Takes back the newest identity, which no column belongs to, with the texts that only it has.
    fn forget_last_identity(&mut self) {
        let Some(Identity { name, rollup, unit, hash, .. }) = self.identities.pop() else { return };
        if let Some(known) = self.identities_by_hash.get_mut(&hash) {
            known.pop();
            if known.is_empty() {
                self.identities_by_hash.remove(&hash);
            }
        }
        for text in [name, rollup, unit] {
            // One reference is here, and one in the set itself.
            if Arc::strong_count(&text) <= 2 {
                self.strings.remove(&text);
            }
        }
    }

    /// The column for the next occurrence of an identity in the open row, if there is room for one.
    fn column_of(&mut self, identity: u32) -> Option<u32> {
        let known = self.identities.get_mut(identity as usize)?;
        // Rows count from 1 here, so that a new identity (`last_row` 0) has not occurred anywhere.
        if known.last_row != self.row_number + 1 {
            known.last_row = self.row_number + 1;
            known.occurrences_in_last_row = 0;
        }
        let occurrence = known.occurrences_in_last_row;
        if let Some(column) = known.columns.get(occurrence) {
            known.occurrences_in_last_row += 1;
            return Some(*column);
        }
        if self.columns.len() >= MAX_DISTINCT_METRICS {
            return None;
        }
        known.occurrences_in_last_row += 1;
        let column = index_u32(self.columns.len());
        known.columns.push(column);
        self.columns.push((identity, index_u32(occurrence)));
        Some(column)
    }

    /// The rows to keep, in byte order of their keys; of equal keys the last row.
    fn sorted_rows(&self) -> Vec<usize> {
        let mut rows: Vec<(&str, usize)> = self.keys.iter().map(|key| &**key).zip(0..).collect();
        rows.sort_unstable_by(|(left, first), (right, second)| left.cmp(right).then(second.cmp(first)));
        rows.dedup_by_key(|(key, _)| *key);
        rows.into_iter().map(|(_, row)| row).collect()
    }

    fn cells_of(&self, row: usize) -> &[(u32, f64)] {
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(row).and_then(|end| self.cells.get(start..*end)).unwrap_or(&[])
    }

    /// For each column, the number of its values in these rows.
    fn value_counts(&self, rows: &[usize]) -> Vec<usize> {
        let mut counts = vec![0; self.columns.len()];
        for (column, _) in rows.iter().flat_map(|row| self.cells_of(*row)) {
            if let Some(count) = counts.get_mut(*column as usize) {
                *count += 1;
            }
        }
        counts
    }

    /// The columns that have values in order of precedence, and for each column its rank in that order.
    fn column_order(&self, counts: &[usize]) -> (Vec<u32>, Vec<u32>) {
        // Rows that were discarded or replaced may have left columns without any.
        let mut order: Vec<u32> =
            (0_u32..).zip(counts).filter(|(_, count)| **count > 0).map(|(column, _)| column).collect();
        order.sort_by_cached_key(|column| {
            let (identity, occurrence) = self.columns.get(*column as usize).copied().unwrap_or_default();
            let known = self.identities.get(identity as usize);
            let text = |of: fn(&Identity) -> &Arc<str>| known.map(|known| Arc::clone(of(known)));
            let kind = known.map(|known| (known.metric_type.clone(), known.operator.clone()));
            (kind, text(|known| &known.name), text(|known| &known.rollup), text(|known| &known.unit), occurrence)
        });
        let mut rank = vec![0; counts.len()];
        for (place, column) in (0_u32..).zip(&order) {
            if let Some(rank) = rank.get_mut(*column as usize) {
                *rank = place;
            }
        }
        (order, rank)
    }
}

/// The distinct layouts, each stored once.
#[derive(Default)]
struct Layouts {
    in_order: Vec<Box<[u32]>>,
    places: HashMap<Box<[u32]>, u32>,
    last: u32,
}

impl Layouts {
    fn intern(&mut self, layout: &[u32]) -> u32 {
        if self.in_order.get(self.last as usize).is_some_and(|last| **last == *layout) {
            return self.last;
        }
        if let Some(place) = self.places.get(layout) {
            self.last = *place;
            return *place;
        }
        let place = index_u32(self.in_order.len());
        self.in_order.push(layout.into());
        self.places.insert(layout.into(), place);
        self.last = place;
        place
    }
}

/// Rows, columns and layouts are numbered in 32 bits: a body within its cap (512 MiB) cannot hold more.
fn index_u32(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
