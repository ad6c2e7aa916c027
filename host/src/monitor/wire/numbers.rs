//! Numbers that JSON cannot carry. Encoders of load monitors write `NaN`, `+Inf` and `-Inf` bare; a number beyond a
//! 64-bit float would fail the whole document too.

use std::ops::Range;

/// The body with each unreadable number replaced by `null`; `None` when there is none.
///
/// Text in quotes is left alone, and so is every other word: what is wrong beyond numbers stays wrong.
pub(super) fn replace_unreadable(body: &[u8]) -> Option<Vec<u8>> {
    let mut mended = Vec::new();
    let mut copied = 0;
    for word in (BareWords { body, position: 0 }) {
        if body.get(word.clone()).is_some_and(is_unreadable_number) {
            mended.extend_from_slice(body.get(copied..word.start).unwrap_or_default());
            mended.extend_from_slice(b"null");
            copied = word.end;
        }
    }
    (copied > 0).then(|| {
        mended.extend_from_slice(body.get(copied..).unwrap_or_default());
        mended
    })
}

fn is_unreadable_number(word: &[u8]) -> bool {
    let unsigned = word.strip_prefix(b"+").or_else(|| word.strip_prefix(b"-")).unwrap_or(word);
    if [&b"nan"[..], b"inf", b"infinity"].iter().any(|name| unsigned.eq_ignore_ascii_case(name)) {
        return true;
    }
    let value = std::str::from_utf8(word).ok().and_then(|word| word.parse::<f64>().ok());
    // `serde_json` rounds in steps and refuses a few numbers just below the greatest one, so it is asked itself.
    unsigned.first().is_some_and(u8::is_ascii_digit)
        && value.is_some_and(|value| value.abs() > 1e308)
        && serde_json::from_slice::<f64>(word).is_err()
}

/// The words outside of quotes: numbers, literals, and whatever else is made of their characters.
struct BareWords<'a> {
    body: &'a [u8],
    position: usize,
}

impl Iterator for BareWords<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            match self.body.get(self.position)? {
                b'"' => self.skip_text(),
                byte if is_word(*byte) => {
                    let start = self.position;
                    let rest = self.body.get(start..)?;
                    self.position += rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len());
                    return Some(start..self.position);
                }
                _ => self.position += 1,
            }
        }
    }
}

impl BareWords<'_> {
    fn skip_text(&mut self) {
        self.position += 1;
        while let Some(byte) = self.body.get(self.position) {
            self.position += match byte {
                b'\\' => 2,
                b'"' => {
                    self.position += 1;
                    return;
                }
                _ => 1,
            };
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}
