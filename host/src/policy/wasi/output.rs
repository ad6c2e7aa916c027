//! Bytes on their way into the log, line by line.

/// What was written since the last end of a line.
#[derive(Debug, Default)]
pub(super) struct Output {
    unfinished: Vec<u8>,
}

impl Output {
    /// Takes bytes, and hands on each line that ends in them. Of a line, it keeps one byte more than fit in the log, which
    /// is enough for that to see that it has to cut.
    pub(super) fn write(&mut self, bytes: &[u8], max_line: usize, mut log: impl FnMut(&str)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            let room = max_line.saturating_add(1).saturating_sub(self.unfinished.len());
            self.unfinished.extend(text.iter().take(room));
            if ends {
                self.end(&mut log);
            }
        }
    }

    /// Hands on what is left. Empty lines say nothing, and are left out.
    pub(super) fn end(&mut self, mut log: impl FnMut(&str)) {
        let line = std::mem::take(&mut self.unfinished);
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        if !line.is_empty() {
            log(&String::from_utf8_lossy(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(writes: &[&[u8]], max_line: usize) -> Vec<String> {
        let (mut output, mut lines) = (Output::default(), Vec::new());
        for bytes in writes {
            output.write(bytes, max_line, |line| lines.push(line.to_owned()));
            assert!(output.unfinished.len() <= max_line + 1);
        }
        output.end(|line| lines.push(line.to_owned()));
        lines
    }

    #[test]
    fn lines_end_where_they_end_and_not_where_writes_do() {
        assert_eq!(lines(&[b"one\ntw", b"o\r\n\n\n", b"th", b"ree"], 100), ["one", "two", "three"]);
        assert_eq!(lines(&["\u{1f980}".as_bytes().split_at(2).0, b"\n"], 100), ["\u{fffd}"]);
    }

    #[test]
    fn a_line_that_is_too_long_can_still_be_told_from_one_that_fits() {
        assert_eq!(lines(&[b"12345\n123456", b"789\n1"], 5), ["12345", "123456", "1"]);
        // Cut within a character, it is not shorter than the limit.
        assert_eq!(lines(&["1234\u{e4}".as_bytes()], 4), ["1234\u{fffd}"]);
    }
}
