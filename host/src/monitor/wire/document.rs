//! The top of the document: times, source and the two maps.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::Answer;
use super::entries::{Entries, Keys, Text};
use super::lenient::{Object, ReadMap, Scalar, Shape};
use crate::snapshot::{Defects, TableBuilder, Window};

/// Reads a whole answer.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Answer, D::Error> {
    match Object(Document::default()).deserialize(deserializer)? {
        Shape::Expected(answer) => Ok(answer),
        Shape::Null | Shape::WrongType => Err(Error::custom("it is not a JSON object")),
    }
}

#[derive(Default)]
struct Document {
    timestamp: Option<i64>,
    window: Option<PublishedWindow>,
    source: String,
    nodes: TableBuilder,
    statistics: TableBuilder,
    defects: Defects,
    /// Those of the malformed entries that are nodes.
    malformed_nodes: u64,
    /// Whether there is a window, data or statistics, be it `null`.
    has_content: bool,
}

/// A window whose times may be missing.
#[derive(Default)]
struct PublishedWindow {
    duration: String,
    start: Option<i64>,
    end: Option<i64>,
}

impl<'de> ReadMap<'de> for Document {
    type Output = Answer;
    fn read_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Answer, A::Error> {
        while let Some(Text(key)) = map.next_key()? {
            self.has_content |= matches!(&*key, "window" | "data" | "statistics");
            match &*key {
                "timestamp" => self.timestamp = integer("timestamp", &map.next_value()?)?,
                "window" => {
                    self.window = match map.next_value_seed(Object(WindowReader))? {
                        Shape::Null => None,
                        Shape::Expected(window) => Some(window),
                        Shape::WrongType => return Err(wrong_type("window", "an object")),
                    };
                }
                "source" => match map.next_value()? {
                    Scalar::Text(source) => self.source = source.into_owned(),
                    Scalar::Null => {}
                    _ => return Err(wrong_type("source", "text")),
                },
                "data" => {
                    let malformed_before = self.defects.malformed_entries;
                    let entries = Entries { keys: Keys::Nodes, table: &mut self.nodes, defects: &mut self.defects };
                    let section = Section { name: "data", map: "NodeMetricsMap", entries };
                    if map.next_value_seed(Object(section))? == Shape::WrongType {
                        return Err(wrong_type("data", "an object"));
                    }
                    self.malformed_nodes += self.defects.malformed_entries - malformed_before;
                }
                "statistics" => {
                    let entries =
                        Entries { keys: Keys::Labels, table: &mut self.statistics, defects: &mut self.defects };
                    let section = Section { name: "statistics", map: "StatisticsMap", entries };
                    if map.next_value_seed(Object(section))? == Shape::WrongType {
                        return Err(wrong_type("statistics", "an object"));
                    }
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        self.finish().map_err(A::Error::custom)
    }
}

impl Document {
    /// The answer, or why it cannot be one.
    fn finish(self) -> Result<Answer, &'static str> {
        let Self { timestamp, window, source, nodes, statistics, mut defects, malformed_nodes, has_content } = self;
        let PublishedWindow { duration, start, end } = window.unwrap_or_default();
        let timestamp = timestamp
            .or(end)
            .ok_or("it has neither `timestamp` nor `window.end`; does the address belong to a load monitor?")?;
        if !has_content {
            return Err("it has none of `window`, `data` and `statistics`; does the address belong to a load monitor?");
        }
        let end = end.unwrap_or(timestamp);
        let window = Window { duration, start: start.unwrap_or(end), end };
        let nodes = nodes.finish(&mut defects);
        // One bad node costs that node. If all are bad, it is the whole that is not understood, and what was known is
        // better than nothing.
        if nodes.is_empty() && malformed_nodes > 0 {
            return Err("not one of its nodes is well-formed; does the load monitor publish another format?");
        }
        let statistics = statistics.finish(&mut defects);
        Ok(Answer { timestamp, window, source, nodes, statistics, defects })
    }
}

/// Reads `data` or `statistics`: an object with one map in it.
struct Section<'a> {
    name: &'static str,
    map: &'static str,
    entries: Entries<'a>,
}

impl<'de> ReadMap<'de> for Section<'_> {
    type Output = ();
    fn read_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Entries { keys, table, defects } = self.entries;
        while let Some(Text(key)) = map.next_key()? {
            if key != self.map {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let entries = Entries { keys, table: &mut *table, defects: &mut *defects };
            if map.next_value_seed(Object(entries))? == Shape::WrongType {
                return Err(wrong_type(&format!("{}.{}", self.name, self.map), "an object"));
            }
        }
        Ok(())
    }
}

struct WindowReader;

impl<'de> ReadMap<'de> for WindowReader {
    type Output = PublishedWindow;
    fn read_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PublishedWindow, A::Error> {
        let mut window = PublishedWindow::default();
        while let Some(Text(key)) = map.next_key()? {
            match &*key {
                "duration" => match map.next_value()? {
                    Scalar::Text(duration) => window.duration = duration.into_owned(),
                    Scalar::Null => {}
                    _ => return Err(wrong_type("window.duration", "text")),
                },
                "start" => window.start = integer("window.start", &map.next_value()?)?,
                "end" => window.end = integer("window.end", &map.next_value()?)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(window)
    }
}

/// Unix seconds that may be missing. A fraction is cut off: ages are told in whole seconds at best.
#[expect(clippy::cast_possible_truncation, reason = "the bounds are checked")]
fn integer<E: Error>(field: &str, scalar: &Scalar<'_>) -> Result<Option<i64>, E> {
    match scalar {
        Scalar::Null => Ok(None),
        Scalar::Integer(seconds) => Ok(Some(*seconds)),
        Scalar::Number(seconds) if seconds.abs() < 1e15 => Ok(Some(seconds.trunc() as i64)),
        _ => Err(wrong_type(field, "a number of Unix seconds")),
    }
}

fn wrong_type<E: Error>(field: &str, expected: &str) -> E {
    E::custom(format_args!("`{field}` is not {expected}"))
}

/// See [`super::leading_timestamp`].
pub(super) fn leading_timestamp(body: &[u8]) -> Option<i64> {
    struct First<'a>(&'a Cell<Option<i64>>);
    impl<'de> Visitor<'de> for First<'_> {
        type Value = ();
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            if let Some(Text(key)) = map.next_key()?
                && key == "timestamp"
            {
                self.0.set(Some(map.next_value()?));
            }
            Ok(())
        }
    }
    let found = Cell::new(None);
    // Leaving the object early is an error to the deserializer, and just what is wanted here.
    let _ = serde_json::Deserializer::from_slice(body).deserialize_map(First(&found));
    found.get()
}
