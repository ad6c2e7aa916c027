//! The values of one column while a table is being built, in the form in which it keeps them.

use super::table::Values;

/// The values of a column while they are being collected, in the smaller form: 8 bytes per row, or 12 bytes per value.
pub(super) enum ColumnValues {
    Dense(Vec<f64>),
    Sparse { rows: Vec<u32>, values: Vec<f64> },
}

impl ColumnValues {
    /// Room for so many values of a table with so many rows.
    pub(super) fn new(count: usize, rows: usize) -> Self {
        if count.saturating_mul(12) < rows.saturating_mul(8) {
            Self::Sparse { rows: Vec::with_capacity(count), values: Vec::with_capacity(count) }
        } else {
            Self::Dense(vec![f64::NAN; rows])
        }
    }

    /// Sets the value of a row; rows come in ascending order.
    pub(super) fn add(&mut self, row: u32, value: f64) {
        match self {
            Self::Dense(dense) => {
                if let Some(cell) = dense.get_mut(row as usize) {
                    *cell = value;
                }
            }
            Self::Sparse { rows, values } => {
                rows.push(row);
                values.push(value);
            }
        }
    }
}

impl From<ColumnValues> for Values {
    fn from(values: ColumnValues) -> Self {
        match values {
            ColumnValues::Dense(dense) => Self::Dense(dense.into()),
            ColumnValues::Sparse { rows, values } => Self::Sparse { rows: rows.into(), values: values.into() },
        }
    }
}
