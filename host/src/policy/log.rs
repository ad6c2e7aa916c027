//! The log of one evaluation: bounded, and safe to print.

use std::borrow::Cow;

/// The weight of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The finest detail.
    Trace,
    /// Detail for the policy's author.
    Debug,
    /// What the policy decided.
    Info,
    /// Something is not as it should be, and the policy went on.
    Warn,
    /// Something is wrong.
    Error,
}

impl Level {
    /// The name in tables and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// One line that a policy logged. Control characters are escaped, so that it can be printed as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its weight.
    pub level: Level,
    /// Its text; ends in `…` where it was cut.
    pub message: String,
}

/// The lines of one evaluation.
#[derive(Debug)]
pub(super) struct Log {
    lines: Vec<LogLine>,
    /// Bytes that may still be written.
    left: usize,
    max_line: usize,
    /// Lines that did not fit any more.
    dropped: u64,
    /// The newest error, kept even when the log is full: it is where a panic leaves its message.
    last_error: Option<String>,
    /// Whether the newest line may be continued by [`Log::write_error_line`].
    is_error_open: bool,
}

/// What stands at the end of a line that was cut.
const CUT: char = '…';
/// What a line costs beside its text, so that a flood of empty lines ends too.
const LINE_COST: usize = 32;

impl Log {
    /// An empty log with room for so many bytes in all, and so many in one line.
    pub(super) fn new(max_bytes: usize, max_line: usize) -> Self {
        Self { lines: Vec::new(), left: max_bytes, max_line, dropped: 0, last_error: None, is_error_open: false }
    }

    /// The most bytes of one line.
    pub(super) fn max_line(&self) -> usize {
        self.max_line
    }

    pub(super) fn write(&mut self, level: Level, message: &str) {
        self.is_error_open = false;
        if level == Level::Error {
            self.last_error = Some(escape(message, self.max_line));
        }
        let Some(left) = self.left.checked_sub(LINE_COST) else {
            self.dropped += 1;
            return;
        };
        let message = escape(message, self.max_line.min(left));
        self.left = left.saturating_sub(message.len());
        self.lines.push(LogLine { level, message });
    }

    /// Writes a line of an error that may have several, such as a panic as its toolchain prints it. Those that nothing
    /// else comes between are one error.
    pub(super) fn write_error_line(&mut self, message: &str) {
        let begun = if self.is_error_open { self.last_error.take() } else { None };
        self.write(Level::Error, message);
        self.is_error_open = true;
        if let Some(mut error) = begun {
            // Not at every line: what stays is copied each time.
            if error.len() > self.max_line.saturating_mul(2) {
                error.drain(..end_of(&error, self.max_line));
            }
            error.push(' ');
            error.push_str(self.last_error.as_deref().unwrap_or_default());
            self.last_error = Some(error);
        }
    }

    /// The newest error; of one with many lines, the last ones.
    pub(super) fn last_error(&self) -> Option<Cow<'_, str>> {
        let error = self.last_error.as_deref()?;
        // A line that was cut is longer by the sign of it.
        match end_of(error, self.max_line.saturating_add(CUT.len_utf8())) {
            0 => Some(Cow::Borrowed(error)),
            begin => error.get(begin..).map(|end| Cow::Owned(format!("{CUT}{end}"))),
        }
    }

    /// Takes the lines out; when some did not fit, the last one says how many.
    pub(super) fn take(&mut self) -> Vec<LogLine> {
        let mut lines = std::mem::take(&mut self.lines);
        let dropped = std::mem::take(&mut self.dropped);
        if dropped > 0 {
            let message = format!("the log is full: {dropped} more lines were dropped");
            lines.push(LogLine { level: Level::Warn, message });
        }
        lines
    }
}

/// Where so many bytes at the end of a text begin, or fewer where that is within a character.
fn end_of(text: &str, bytes: usize) -> usize {
    text.ceil_char_boundary(text.len().saturating_sub(bytes))
}

/// Text without control characters and of bounded length; tabs and line ends become spaces and `\n`.
pub(super) fn escape(text: &str, max_bytes: usize) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        let before = escaped.len();
        match character {
            '\t' => escaped.push(' '),
            // Beside control characters: what reverses or hides text in a terminal.
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
                escaped.extend(character.escape_unicode());
            }
            _ if character.is_control() => escaped.extend(character.escape_default()),
            _ => escaped.push(character),
        }
        if escaped.len() > max_bytes {
            escaped.truncate(before);
            escaped.push(CUT);
            break;
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_error_are_quoted_together_and_the_last_ones_at_that() {
        let mut log = Log::new(1_000, 20);
        log.write(Level::Error, "something else");
        log.write_error_line("panicked at a:1:2:");
        assert_eq!(log.last_error().unwrap(), "panicked at a:1:2:");
        log.write_error_line("why");
        assert_eq!(log.last_error().unwrap(), "panicked at a:1:2: why");
        log.write_error_line("and more");
        assert_eq!(log.last_error().unwrap(), "… at a:1:2: why and more");
        log.write(Level::Info, "in between");
        log.write_error_line("other");
        assert_eq!(log.last_error().unwrap(), "other");
    }

    #[test]
    fn a_flood_of_error_lines_keeps_no_more_than_it_can_quote() {
        let mut log = Log::new(100, 20);
        for number in 0..1_000 {
            log.write_error_line(&format!("line {number}"));
            assert!(log.last_error.as_ref().unwrap().len() <= 60);
        }
        assert_eq!(log.last_error().unwrap(), "…e 997 line 998 line 999");
    }

    #[test]
    fn an_error_of_one_line_is_quoted_as_it_was_cut() {
        let mut log = Log::new(100, 5);
        log.write(Level::Error, "123456789");
        assert_eq!(log.last_error().unwrap(), "12345…");
    }
}
