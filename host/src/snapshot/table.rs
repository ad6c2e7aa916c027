//! A frozen table of metrics: a row per key, a column per distinct metric.
//!
//! Values lie in columns, because that is how policies read them. A column that few rows have holds only those rows,
//! so memory follows the number of published values: at most 16 bytes each, whatever the number of distinct metrics,
//! and about 200 bytes for each of these.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::metric::{Metric, MetricType, Operator, Selector};
use super::positions;

/// An immutable table. Rows are in byte order of their keys.
#[derive(Clone, Debug)]
pub struct Table {
    pub(super) keys: Arc<[Box<str>]>,
    /// By type and operator, which every selector names; then in its order of precedence: name, rollup, unit,
    /// occurrence.
    pub(super) columns: Box<[Column]>,
    /// The distinct sequences of columns that rows were published in.
    pub(super) layouts: Box<[Box<[u32]>]>,
    /// For each row, its layout.
    pub(super) layout_of_row: Box<[u32]>,
}

/// One distinct metric and its values.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: Arc<str>,
    pub(super) metric_type: MetricType<'static>,
    pub(super) operator: Operator<'static>,
    pub(super) rollup: Arc<str>,
    pub(super) unit: Arc<str>,
    pub(super) values: Values,
}

/// The values of a column, in whichever form is smaller.
#[derive(Clone, Debug)]
pub(super) enum Values {
    /// One value per row; NaN where the row has none.
    Dense(Box<[f64]>),
    /// Only the rows that have one, in ascending order.
    Sparse { rows: Box<[u32]>, values: Box<[f64]> },
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn empty() -> Self {
        Self { keys: Arc::from([]), columns: Box::default(), layouts: Box::default(), layout_of_row: Box::default() }
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys in byte order. Two tables that share this allocation have the same rows in the same places.
    #[must_use]
    pub fn keys(&self) -> &Arc<[Box<str>]> {
        &self.keys
    }

    /// The position of a key's row.
    #[must_use]
    pub fn position(&self, key: &str) -> Option<usize> {
        self.keys.binary_search_by(|probe| (**probe).cmp(key)).ok()
    }

    /// The positions of many keys' rows. Keys in byte order cost a comparison each, others are sorted.
    #[must_use]
    pub fn positions<'k>(&self, keys: impl Iterator<Item = &'k str>) -> Vec<Option<u32>> {
        positions::of(keys, &self.keys)
    }

    /// The row of a key.
    #[must_use]
    pub fn row(&self, key: &str) -> Option<Row<'_>> {
        self.position(key).and_then(|position| self.row_at(position))
    }

    /// The row at a position, if there are so many.
    #[must_use]
    pub fn row_at(&self, position: usize) -> Option<Row<'_>> {
        let key = self.keys.get(position)?;
        let layout = self.layouts.get(*self.layout_of_row.get(position)? as usize)?;
        Some(Row { table: self, key, position, layout })
    }

    /// All rows in byte order of their keys.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).filter_map(|position| self.row_at(position))
    }

    /// One value per row; NaN where the row has no fitting metric.
    #[must_use]
    pub fn column(&self, selector: &Selector<'_>) -> Vec<f64> {
        self.values(selector).into_owned()
    }

    /// The values of the rows at the given positions; NaN for `None` and where the row has no fitting metric.
    #[must_use]
    pub fn gather(&self, selector: &Selector<'_>, positions: &[Option<u32>]) -> Arc<[f64]> {
        // The whole column takes time by the values that there are. To search each fitting column for each position
        // would take the product of both: seconds, where a hostile monitor publishes 100,000 that fit.
        let column = self.values(selector);
        let value = |position: &Option<u32>| position.and_then(|position| column.get(position as usize).copied());
        positions.iter().map(|position| value(position).unwrap_or(f64::NAN)).collect()
    }

    fn values(&self, selector: &Selector<'_>) -> Cow<'_, [f64]> {
        let mut fitting = self.fitting(selector).peekable();
        // Nearly always there is just one, and every row has it.
        let mut column = match fitting.next_if(|first| matches!(first.values, Values::Dense(_))) {
            Some(Column { values: Values::Dense(dense), .. }) => Cow::Borrowed(&**dense),
            _ => Cow::Owned(vec![f64::NAN; self.len()]),
        };
        for fitting in fitting {
            let column = column.to_mut();
            match &fitting.values {
                Values::Dense(dense) => fill_missing(column.iter_mut(), dense.iter().copied()),
                Values::Sparse { rows, values } => {
                    for (row, value) in rows.iter().zip(values) {
                        if let Some(cell) = column.get_mut(*row as usize).filter(|cell| cell.is_nan()) {
                            *cell = *value;
                        }
                    }
                }
            }
        }
        column
    }

    /// The bytes that the table holds on the heap, without the allocator's own. Keys that it shares with other tables
    /// are counted in each.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        // What is shared begins with its two reference counts, and ends on the boundary of a word.
        let shared = |bytes: usize| (2 * size_of::<usize>() + bytes).next_multiple_of(align_of::<usize>());
        let keys = shared(size_of_val(&*self.keys)) + self.keys.iter().map(|key| key.len()).sum::<usize>();
        let columns: usize = self.columns.iter().map(|column| size_of::<Column>() + column.heap_bytes()).sum();
        let texts = self.columns.iter().flat_map(|column| [&column.name, &column.rollup, &column.unit]);
        // Equal texts are stored once, see `TableBuilder`.
        let texts: usize = texts.collect::<HashSet<_>>().into_iter().map(|text| shared(text.len())).sum();
        let layouts: usize = self.layouts.iter().map(|layout| size_of_val(&**layout) + size_of::<Box<[u32]>>()).sum();
        keys + columns + texts + layouts + size_of_val(&*self.layout_of_row)
    }

    /// Shares the keys of `previous` where they are the same, so that what was matched against them stays matched.
    #[must_use]
    pub fn sharing_keys_of(mut self, previous: &Self) -> Self {
        if self.keys == previous.keys {
            self.keys = Arc::clone(&previous.keys);
        }
        self
    }

    /// The columns that fit, in order of precedence.
    fn fitting(&self, selector: &Selector<'_>) -> impl Iterator<Item = &Column> {
        let wanted = (&selector.metric_type, &selector.operator);
        let first = self.columns.partition_point(|column| (&column.metric_type, &column.operator) < wanted);
        let candidates = self.columns.get(first..).unwrap_or_default().iter();
        candidates
            .take_while(move |column| (&column.metric_type, &column.operator) == wanted)
            .filter(|column| selector.fits(&column.name, &column.rollup))
    }
}

impl Column {
    /// The metric of a row, if it has one here.
    fn metric(&self, row: usize) -> Option<Metric<'_>> {
        let value = self.values.at(row);
        (!value.is_nan()).then_some(Metric {
            name: &self.name,
            metric_type: &self.metric_type,
            operator: &self.operator,
            rollup: &self.rollup,
            unit: &self.unit,
            value,
        })
    }
}

impl Column {
    fn heap_bytes(&self) -> usize {
        let own_text = |text: &Cow<'static, str>| if let Cow::Owned(text) = text { text.capacity() } else { 0 };
        let metric_type = if let MetricType::Other(text) = &self.metric_type { own_text(text) } else { 0 };
        let operator = if let Operator::Other(text) = &self.operator { own_text(text) } else { 0 };
        metric_type + operator + self.values.heap_bytes()
    }
}

impl Values {
    /// The value of a row; NaN when it has none.
    fn at(&self, row: usize) -> f64 {
        match self {
            Self::Dense(dense) => dense.get(row).copied().unwrap_or(f64::NAN),
            Self::Sparse { rows, values } => rows
                .binary_search_by(|probe| (*probe as usize).cmp(&row))
                .ok()
                .and_then(|found| values.get(found).copied())
                .unwrap_or(f64::NAN),
        }
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Self::Dense(dense) => size_of_val(&**dense),
            Self::Sparse { rows, values } => size_of_val(&**rows) + size_of_val(&**values),
        }
    }
}

/// One row of a table: the metrics of one node or label.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    table: &'a Table,
    key: &'a str,
    position: usize,
    layout: &'a [u32],
}

impl<'a> Row<'a> {
    /// The node's name or the label's value.
    #[must_use]
    pub fn key(&self) -> &'a str {
        self.key
    }

    /// The metrics exactly as published: order, repetitions and the spelling of name, rollup and unit.
    pub fn metrics(&self) -> impl Iterator<Item = Metric<'a>> + use<'a> {
        let (table, position) = (self.table, self.position);
        self.layout.iter().filter_map(move |column| table.columns.get(*column as usize)?.metric(position))
    }

    /// The metric that a selector picks, the same as in [`Table::column`].
    #[must_use]
    pub fn metric(&self, selector: &Selector<'_>) -> Option<Metric<'a>> {
        self.table.fitting(selector).find_map(|column| column.metric(self.position))
    }
}

/// Writes values into the cells that have none yet.
fn fill_missing<'a>(cells: impl Iterator<Item = &'a mut f64>, values: impl Iterator<Item = f64>) {
    for (cell, value) in cells.zip(values) {
        if cell.is_nan() {
            *cell = value;
        }
    }
}
