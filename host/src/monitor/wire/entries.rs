//! The maps from node (or label) to metrics: one table row per entry.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, SeqAccess};

use super::lenient::{Array, Object, ReadMap, ReadSeq, Scalar, Shape};
use crate::snapshot::{Defects, MetricType, Operator, TableBuilder};

/// What the keys of a map are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Node names: an empty one names nothing, and is dropped.
    Nodes,
    /// Label values, which may be empty.
    Labels,
}

/// Reads `NodeMetricsMap` or `StatisticsMap`.
pub(super) struct Entries<'a> {
    pub(super) keys: Keys,
    pub(super) table: &'a mut TableBuilder,
    pub(super) defects: &'a mut Defects,
}

impl<'de> ReadMap<'de> for Entries<'_> {
    type Output = ();
    fn read_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { keys, table, defects } = self;
        while let Some(Text(key)) = map.next_key()? {
            let mut entry_defects = Defects::default();
            let entry = Entry { table: &mut *table, defects: &mut entry_defects };
            let well_formed = match map.next_value_seed(Object(entry))? {
                Shape::Null => true,
                Shape::Expected(well_formed) => well_formed,
                Shape::WrongType => false,
            };
            if keys == Keys::Nodes && key.is_empty() {
                defects.unnamed_nodes += 1;
                table.discard_row();
            } else if well_formed {
                defects.lost_values += entry_defects.lost_values;
                table.end_row(key);
            } else {
                defects.malformed_entries += 1;
                table.withdraw_row(key);
            }
        }
        Ok(())
    }
}

/// Reads one node or label: `{"metrics": […]}`. Its output says whether all types were right.
struct Entry<'a> {
    table: &'a mut TableBuilder,
    defects: &'a mut Defects,
}

impl<'de> ReadMap<'de> for Entry<'_> {
    type Output = bool;
    fn read_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let Self { table, defects } = self;
        let mut well_formed = true;
        while let Some(Text(key)) = map.next_key()? {
            // `tags` is always empty and `metadata` holds a data centre, which node labels tell better.
            if key != "metrics" {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            well_formed &= match map.next_value_seed(Array(Metrics { table: &mut *table, defects: &mut *defects }))? {
                Shape::Null => true,
                Shape::Expected(well_formed) => well_formed,
                Shape::WrongType => false,
            };
        }
        Ok(well_formed)
    }
}

/// Reads the metrics of one entry.
struct Metrics<'a> {
    table: &'a mut TableBuilder,
    defects: &'a mut Defects,
}

impl<'de> ReadSeq<'de> for Metrics<'_> {
    type Output = bool;
    fn read_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        let Self { table, defects } = self;
        let mut well_formed = true;
        while let Some(metric) = seq.next_element_seed(Object(Metric { table: &mut *table, defects: &mut *defects }))? {
            well_formed &= metric == Shape::Expected(true);
        }
        Ok(well_formed)
    }
}

/// Reads one metric into the open row.
struct Metric<'a> {
    table: &'a mut TableBuilder,
    defects: &'a mut Defects,
}

impl<'de> ReadMap<'de> for Metric<'_> {
    type Output = bool;
    fn read_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let (mut name, mut metric_type, mut operator) = (Scalar::Null, Scalar::Null, Scalar::Null);
        let (mut rollup, mut unit, mut value) = (Scalar::Null, Scalar::Null, Scalar::Null);
        while let Some(field) = map.next_key()? {
            match field {
                Field::Name => name = map.next_value()?,
                Field::Type => metric_type = map.next_value()?,
                Field::Operator => operator = map.next_value()?,
                Field::Rollup => rollup = map.next_value()?,
                Field::Unit => unit = map.next_value()?,
                Field::Value => value = map.next_value()?,
                Field::Unknown => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let (Some(name), Some(metric_type), Some(operator), Some(rollup), Some(unit), Some(value)) =
            (text(name), text(metric_type), text(operator), text(rollup), text(unit), number(&value))
        else {
            return Ok(false);
        };
        let metric_type = MetricType::parse(&name, metric_type);
        if !self.table.metric(&name, metric_type, Operator::parse(operator), &rollup, &unit, value) {
            self.defects.lost_values += 1;
        }
        Ok(true)
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Field {
    Name,
    Type,
    Operator,
    Rollup,
    Unit,
    Value,
    #[serde(other)]
    Unknown,
}

/// A key, borrowed from the body unless it has escapes.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// Text that may be missing; `None` for a wrong type.
fn text(scalar: Scalar<'_>) -> Option<Cow<'_, str>> {
    match scalar {
        Scalar::Null => Some(Cow::Borrowed("")),
        Scalar::Text(text) => Some(text),
        _ => None,
    }
}

/// A number that may be missing, which makes NaN; `None` for a wrong type.
#[expect(clippy::cast_precision_loss, reason = "metrics are 64-bit floats at the source")]
fn number(scalar: &Scalar<'_>) -> Option<f64> {
    match scalar {
        Scalar::Null => Some(f64::NAN),
        Scalar::Integer(number) => Some(*number as f64),
        Scalar::Number(number) => Some(*number),
        _ => None,
    }
}
