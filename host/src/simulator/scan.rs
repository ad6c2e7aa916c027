//! Finds members of objects in JSON-like text by position, without reading what is in between.
//!
//! A load monitor's encoder writes bare `NaN`, `+Inf` and `-Inf`, so a capture need not be JSON and no JSON parser reads
//! it to the end. Replaying needs only positions: where the times stand, and where one node begins and ends. So this
//! follows strings and brackets, takes any run of number-like characters for a value, and leaves judging the values to
//! whoever reads the body.

use std::ops::Range;

/// A place where the text is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// Bytes before the mistake.
    pub(super) offset: usize,
    /// What should stand there.
    pub(super) expected: &'static str,
}

/// A name and a value of an object.
pub(super) struct Member<'a> {
    /// The name as written, with its quotes.
    name: &'a [u8],
    /// Where the value stands in the text.
    pub(super) value: Range<usize>,
    /// Where the name and the value stand in the text, with the colon between.
    pub(super) whole: Range<usize>,
}

impl Member<'_> {
    /// Whether this is the member of that name, however it is escaped.
    pub(super) fn is(&self, name: &str) -> bool {
        let plain = self.name.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
        match plain {
            Some(plain) if !plain.contains(&b'\\') => plain == name.as_bytes(),
            _ => serde_json::from_slice::<String>(self.name).is_ok_and(|written| written == name),
        }
    }
}

/// Calls `visit` for every member of the object that begins at `start`, and returns where the object ends.
///
/// # Errors
/// When there is no object, or it does not hold together.
pub(super) fn members<'a>(text: &'a [u8], start: usize, mut visit: impl FnMut(&Member<'a>)) -> Result<usize, Mistake> {
    let mut cursor = Cursor { text, position: start };
    cursor.expect(b'{', "`{`, the begin of an object")?;
    if cursor.take(b'}') {
        return Ok(cursor.position);
    }
    loop {
        cursor.skip_whitespace();
        let name = cursor.string()?;
        cursor.expect(b':', "`:`")?;
        cursor.skip_whitespace();
        let value = cursor.value()?;
        let whole = name.start..value.end;
        visit(&Member { name: text.get(name).unwrap_or_default(), value, whole });
        if cursor.take(b'}') {
            return Ok(cursor.position);
        }
        cursor.expect(b',', "`,` or `}`")?;
    }
}

/// Checks that nothing but white space follows.
///
/// # Errors
/// When something does.
pub(super) fn end_of_text(text: &[u8], start: usize) -> Result<(), Mistake> {
    let mut cursor = Cursor { text, position: start };
    cursor.skip_whitespace();
    match cursor.peek() {
        None => Ok(()),
        Some(_) => Err(cursor.mistake("the end of the file")),
    }
}

/// The text with some ranges replaced. The ranges must be in order and must not overlap; others are left out.
pub(super) fn replaced(text: &[u8], edits: &[(Range<usize>, &[u8])]) -> Vec<u8> {
    let added: usize = edits.iter().map(|(_, new)| new.len()).sum();
    let mut result = Vec::with_capacity(text.len().saturating_add(added));
    let mut done = 0;
    for (range, new) in edits {
        let Some(kept) = text.get(done..range.start) else { continue };
        result.extend_from_slice(kept);
        result.extend_from_slice(new);
        done = range.end;
    }
    result.extend_from_slice(text.get(done..).unwrap_or_default());
    result
}

/// A place in the text.
struct Cursor<'a> {
    text: &'a [u8],
    position: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.position).copied()
    }

    fn mistake(&self, expected: &'static str) -> Mistake {
        Mistake { offset: self.position, expected }
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        let rest = self.text.get(self.position..).unwrap_or_default();
        self.position += rest.iter().take_while(|byte| wanted(**byte)).count();
    }

    fn skip_whitespace(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    /// Steps over white space and the byte, or only over white space.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_whitespace();
        let found = self.peek() == Some(byte);
        self.position += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Mistake> {
        if self.take(byte) { Ok(()) } else { Err(self.mistake(expected)) }
    }

    /// Steps over a string and tells where it is, with its quotes.
    fn string(&mut self) -> Result<Range<usize>, Mistake> {
        let start = self.position;
        if self.peek() != Some(b'"') {
            return Err(self.mistake("a string"));
        }
        self.position += 1;
        loop {
            self.skip_while(|byte| byte != b'"' && byte != b'\\');
            match self.peek() {
                Some(b'"') => {
                    self.position += 1;
                    return Ok(start..self.position);
                }
                // Whatever is escaped, the byte after the backslash does not end the string.
                Some(_) => self.position = self.position.saturating_add(2),
                None => return Err(Mistake { offset: start, expected: "a string that ends" }),
            }
        }
    }

    /// Steps over a value and tells where it is.
    fn value(&mut self) -> Result<Range<usize>, Mistake> {
        let start = self.position;
        match self.peek() {
            Some(b'"') => return self.string(),
            Some(b'{' | b'[') => self.brackets()?,
            _ => {
                // Numbers, `true`, `false`, `null`, and what the monitor writes for numbers that JSON does not have.
                self.skip_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
                if self.position == start {
                    return Err(self.mistake("a value"));
                }
            }
        }
        Ok(start..self.position)
    }

    /// Steps over an object or an array by counting brackets. It counts instead of recursing, so that no depth of
    /// nesting can exhaust the stack.
    fn brackets(&mut self) -> Result<(), Mistake> {
        let start = self.position;
        let mut depth = 0_usize;
        loop {
            self.skip_while(|byte| !matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'));
            match self.peek() {
                Some(b'"') => {
                    self.string()?;
                    continue;
                }
                Some(b'{' | b'[') => depth = depth.saturating_add(1),
                Some(_) => depth = depth.saturating_sub(1),
                None => return Err(Mistake { offset: start, expected: "an object or array that ends" }),
            }
            self.position += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, name: &str) -> Result<Vec<String>, Mistake> {
        let mut found = Vec::new();
        let end = members(text.as_bytes(), 0, |member| {
            if member.is(name) {
                found.push(text[member.value.clone()].to_owned());
            }
        })?;
        end_of_text(text.as_bytes(), end)?;
        Ok(found)
    }

    #[test]
    fn finds_members_of_the_object_itself_only() {
        let text = r#" {"a" : {"b": 1}, "b":[{"b": 2}], "c": "\"b\": 3", "b" : -4.5e+3 } "#;
        assert_eq!(values(text, "b").unwrap(), [r#"[{"b": 2}]"#, "-4.5e+3"]);
        assert_eq!(values("{}", "b").unwrap(), [""; 0]);
    }

    #[test]
    fn takes_numbers_that_are_no_json() {
        let text = r#"{"a": NaN, "b": [+Inf, -Inf, {"c": NaN}], "d": -Infinity}"#;
        assert_eq!(values(text, "a").unwrap(), ["NaN"]);
        assert_eq!(values(text, "d").unwrap(), ["-Infinity"]);
    }

    #[test]
    fn names_may_be_escaped() {
        assert_eq!(values(r#"{"time\u0073tamp": 1, "timestamp\\": 2}"#, "timestamp").unwrap(), ["1"]);
    }

    #[test]
    fn brackets_and_quotes_in_strings_do_not_count() {
        assert_eq!(values(r#"{"a": ["}]\"{", "\\"], "b": 1}"#, "b").unwrap(), ["1"]);
    }

    #[test]
    fn says_where_the_text_goes_wrong() {
        for (text, offset) in [
            ("", 0),
            ("[1]", 0),
            ("{\"a\" 1}", 5),
            ("{\"a\": }", 6),
            ("{\"a\": 1", 7),
            ("{\"a\": 1 \"b\": 2}", 8),
            ("{\"a\": 1,}", 8),
            ("{\"a", 1),
            ("{\"a\": [1, {\"b\": 2}", 6),
            ("{\"a\": 1} {", 9),
            ("{a: 1}", 1),
            ("{\"a\\", 1),
        ] {
            assert_eq!(values(text, "a").map_err(|mistake| mistake.offset), Err(offset), "{text}");
        }
    }

    #[test]
    fn a_million_open_brackets_do_not_exhaust_the_stack() {
        let deep = format!("{{\"a\": {}", "[".repeat(1_000_000));
        assert_eq!(values(&deep, "a").map_err(|mistake| mistake.offset), Err(6));
    }

    #[test]
    fn replaces_ranges_and_keeps_the_rest() {
        assert_eq!(replaced(b"abcdef", &[(1..2, b"BB"), (4..6, b"")]), b"aBBcd");
        assert_eq!(replaced(b"abc", &[]), b"abc");
        assert_eq!(replaced(b"abc", &[(0..3, b"x")]), b"x");
    }
}
