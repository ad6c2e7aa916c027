//! A body that was recorded from a real load monitor, served again.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::scan::{self, Mistake, members, replaced};
use super::source::{Dialect, last_refresh};

/// The largest capture that is read, in bytes: 1 GiB, three times the body of a cluster of 100,000 nodes. Without a
/// limit a device file given by mistake would fill the memory.
const MAX_CAPTURE_BYTES: u64 = 1 << 30;

/// Which time a replayed capture claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReplayClock {
    /// The last full minute: `timestamp`, `window.start` and `window.end` are moved by the same amount, such that the
    /// window ends then. An old capture counts as fresh for as long as it is served, as a real monitor's body would,
    /// and goes stale when the simulator stops.
    #[default]
    Now,
    /// The time of the recording: every byte is served as it is in the file.
    Recorded,
}

/// A captured body.
#[derive(Clone, Debug)]
pub struct Replay {
    text: Arc<[u8]>,
    times: Vec<Time>,
    clock: ReplayClock,
    dialect: Dialect,
}

/// One of the moments that the capture states.
#[derive(Clone, Debug)]
struct Time {
    field: &'static str,
    place: Range<usize>,
    unix: i64,
}

impl Replay {
    /// Reads a capture: a file with what a load monitor answered to `GET /watcher`.
    ///
    /// The file must be one object, but need not be JSON in every detail: the monitor's encoder writes bare `NaN` and
    /// `Inf`, and these are served as they are.
    ///
    /// # Errors
    /// When the file cannot be read, is larger than 1 GiB, or is not one object; with [`ReplayClock::Now`] also when it
    /// does not state any time that could be moved. Every error names the file.
    pub fn open(path: impl AsRef<Path>, clock: ReplayClock, dialect: Dialect) -> Result<Self, ReplayError> {
        let path = path.as_ref();
        let mut text = Vec::new();
        File::open(path)
            .and_then(|file| file.take(MAX_CAPTURE_BYTES + 1).read_to_end(&mut text))
            .map_err(|source| ReplayError::Read { path: path.to_owned(), source })?;
        if u64::try_from(text.len()).is_ok_and(|len| len > MAX_CAPTURE_BYTES) {
            return Err(ReplayError::TooLarge { path: path.to_owned() });
        }
        Self::parse(path, text, clock, dialect)
    }

    /// Which time the capture claims.
    #[must_use]
    pub fn clock(&self) -> ReplayClock {
        self.clock
    }

    /// The dialect of the capture.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The body of `/watcher` at a time in Unix seconds. It is the file byte for byte, but for the three times.
    #[must_use]
    pub fn body(&self, now_unix: i64) -> Vec<u8> {
        let moved = self.moved_times(now_unix);
        replaced(&self.text, &edits(&moved))
    }

    /// The body of `/watcher?host=NAME`: that node only and no statistics, or `None` when there is no such node.
    #[must_use]
    pub fn host_body(&self, now_unix: i64, host: &str) -> Option<Vec<u8>> {
        let mut node = None;
        let nodes = self.find(0, &["data", "NodeMetricsMap"])?;
        members(&self.text, nodes.start, |member| {
            if member.is(host) {
                node = Some(member.whole.clone());
            }
        })
        .ok()?;
        let only = [b"{", self.text.get(node?)?, b"}"].concat();
        let mut cuts = self.moved_times(now_unix);
        cuts.push((nodes, only));
        if let Some(labels) = self.find(0, &["statistics", "StatisticsMap"]) {
            cuts.push((labels, b"{}".to_vec()));
        }
        cuts.sort_by_key(|(place, _)| place.start);
        Some(replaced(&self.text, &edits(&cuts)))
    }

    fn parse(path: &Path, text: Vec<u8>, clock: ReplayClock, dialect: Dialect) -> Result<Self, ReplayError> {
        let not_an_object =
            |Mistake { offset, expected }| ReplayError::NotAnObject { path: path.to_owned(), offset, expected };
        let mut places = Vec::new();
        let mut windows = Vec::new();
        let end = members(&text, 0, |member| {
            if member.is("timestamp") {
                places.push((TIMESTAMP, member.value.clone()));
            } else if member.is("window") {
                windows.push(member.value.clone());
            }
        })
        .map_err(not_an_object)?;
        scan::end_of_text(&text, end).map_err(not_an_object)?;
        if clock == ReplayClock::Recorded {
            return Ok(Self { text: text.into(), times: Vec::new(), clock, dialect });
        }
        for window in windows.iter().filter(|window| text.get(window.start) == Some(&b'{')) {
            members(&text, window.start, |member| {
                for (field, key) in [(WINDOW_START, "start"), (WINDOW_END, "end")] {
                    if member.is(key) {
                        places.push((field, member.value.clone()));
                    }
                }
            })
            .map_err(not_an_object)?;
        }
        let times = times(path, &text, places)?;
        Ok(Self { text: text.into(), times, clock, dialect })
    }

    /// The times as they are to be written, in the order of the text.
    fn moved_times(&self, now_unix: i64) -> Vec<(Range<usize>, Vec<u8>)> {
        let reference = [WINDOW_END, TIMESTAMP, WINDOW_START]
            .iter()
            .find_map(|field| self.times.iter().find(|time| time.field == *field))
            .map_or(0, |time| time.unix);
        let shift = last_refresh(now_unix).saturating_sub(reference);
        let moved = |time: &Time| (time.place.clone(), time.unix.saturating_add(shift).to_string().into_bytes());
        self.times.iter().map(moved).collect()
    }

    /// The value that is reached by these names, from the object that begins at `start`. The last of equal names wins,
    /// as it does for most readers.
    fn find(&self, start: usize, names: &[&str]) -> Option<Range<usize>> {
        let [name, rest @ ..] = names else { return None };
        let mut value = None;
        members(&self.text, start, |member| {
            if member.is(name) {
                value = Some(member.value.clone());
            }
        })
        .ok()?;
        let value = value.filter(|value| self.text.get(value.start) == Some(&b'{'))?;
        if rest.is_empty() { Some(value) } else { self.find(value.start, rest) }
    }
}

const TIMESTAMP: &str = "timestamp";
const WINDOW_START: &str = "window.start";
const WINDOW_END: &str = "window.end";

/// Reads the moments at their places.
fn times(path: &Path, text: &[u8], places: Vec<(&'static str, Range<usize>)>) -> Result<Vec<Time>, ReplayError> {
    let mut times: Vec<Time> = Vec::new();
    for (field, place) in places {
        let written = text.get(place.clone()).and_then(|written| std::str::from_utf8(written).ok()).unwrap_or_default();
        if written == "null" {
            continue;
        }
        let path = || path.to_owned();
        let unix = written.parse().map_err(|_| ReplayError::NotATime { path: path(), field, offset: place.start })?;
        if times.iter().any(|time| time.field == field) {
            return Err(ReplayError::Twice { path: path(), field, offset: place.start });
        }
        times.push(Time { field, place, unix });
    }
    if times.is_empty() {
        return Err(ReplayError::NoTime { path: path.to_owned() });
    }
    // The window may stand before the timestamp.
    times.sort_by_key(|time| time.place.start);
    Ok(times)
}

fn edits(owned: &[(Range<usize>, Vec<u8>)]) -> Vec<(Range<usize>, &[u8])> {
    owned.iter().map(|(place, new)| (place.clone(), new.as_slice())).collect()
}

/// Why a capture cannot be replayed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The file is not there or not readable.
    #[error("cannot read the capture {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file is larger than any body could be.
    #[error("the capture {} is larger than {MAX_CAPTURE_BYTES} bytes; give the answer of one `GET /watcher`", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file is not what a load monitor answers.
    #[error(
        "the capture {} is not a JSON object: expected {expected} at byte {offset}; give the answer of one `GET /watcher`",
        path.display()
    )]
    NotAnObject {
        /// The file.
        path: PathBuf,
        /// Bytes before the mistake.
        offset: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// A time is there but is not one.
    #[error("the capture {} has a `{field}` at byte {offset} that is not a whole number of Unix seconds; correct it, or serve the capture as recorded", path.display())]
    NotATime {
        /// The file.
        path: PathBuf,
        /// The member, from the top of the document.
        field: &'static str,
        /// Bytes before it.
        offset: usize,
    },
    /// A time is there twice, and readers may differ in which one they take.
    #[error("the capture {} has a second `{field}` at byte {offset}; remove one, or serve the capture as recorded", path.display())]
    Twice {
        /// The file.
        path: PathBuf,
        /// The member, from the top of the document.
        field: &'static str,
        /// Bytes before the second one.
        offset: usize,
    },
    /// There is no time to move.
    #[error("the capture {} has no `timestamp` and no `window.end`, so its time cannot be moved; serve it as recorded", path.display())]
    NoTime {
        /// The file.
        path: PathBuf,
    },
}

#[cfg(test)]
mod tests;
