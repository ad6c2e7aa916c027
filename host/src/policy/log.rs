//! The log of one evaluation: bounded, and safe to print.

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
}

/// What stands at the end of a line that was cut.
const CUT: char = '…';
/// What a line costs beside its text, so that a flood of empty lines ends too.
const LINE_COST: usize = 32;

impl Log {
    /// An empty log with room for so many bytes in all, and so many in one line.
    pub(super) fn new(max_bytes: usize, max_line: usize) -> Self {
        Self { lines: Vec::new(), left: max_bytes, max_line, dropped: 0, last_error: None }
    }

    pub(super) fn write(&mut self, level: Level, message: &str) {
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

    /// The newest error.
    pub(super) fn last_error(&self) -> Option<&str> {
        self.last_error.as_deref()
    }

    /// Takes the lines out; when some did not fit, the last one says how many.
    pub(super) fn take(&mut self) -> Vec<LogLine> {
        let mut lines = std::mem::take(&mut self.lines);
        if self.dropped > 0 {
            let message = format!("the log is full: {} more lines were dropped", self.dropped);
            lines.push(LogLine { level: Level::Warn, message });
        }
        lines
    }
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
