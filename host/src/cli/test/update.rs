//! Writing what policies answered into files of test cases, and nothing else: comments and layout stay.

use std::fs;
use std::io::Write;
use std::ops::Range;
use std::slice;

use anyhow::Context;
use serde_json::Value;
use serde_saphyr::Spanned;

use super::cases::{Case, End, Suite};
use super::compare::{Outcome, Problem, ranking, scores_of};
use super::document::{Place, parse};
use crate::cli::exit::Failure;

/// A value to be replaced.
pub(super) struct Edit {
    /// Where it stands in the file, in bytes.
    range: Range<usize>,
    text: String,
    /// The place of its case.
    case: usize,
    /// The node whose score it is; `None` for an order.
    node: Option<String>,
}

/// What is to be written into a file.
pub(super) struct Plan {
    /// The whole file, with the edits in it; `None` where there are none.
    pub(super) text: Option<String>,
    edits: Vec<Edit>,
    /// What cannot be written without changing something else.
    impossible: Vec<Edit>,
}

/// What has to be written for a case to pass, as far as that is scores or an order; and what of it cannot be.
pub(super) fn edits(suite: &Suite, case: &Case, outcome: &Outcome, problems: &[Problem]) -> (Vec<Edit>, Vec<Problem>) {
    let no_edit = |words: &str| (Vec::new(), vec![Problem::Update { message: words.to_owned() }]);
    let (scores, order, evaluation) = match (&case.expected.end, outcome) {
        (End::Scores { scores, order }, Ok(evaluation)) => (scores, order, evaluation),
        (End::Scores { .. }, Err(_)) => return no_edit("there are no scores to be written"),
        (End::Refused(_) | End::Fails(_), _) => {
            return no_edit("what refusals and failures a case expects is never updated; change it by hand");
        }
    };
    let (got, tolerance) = (scores_of(case, evaluation), case.expected.tolerance);
    let (mut edits, mut impossible) = (Vec::new(), Vec::new());
    let mut add = |place: Option<(Range<usize>, String)>, node: Option<&str>| match place {
        Some((range, text)) => edits.push(Edit { range, text, case: case.index, node: node.map(str::to_owned) }),
        None => impossible.push(cannot_be_updated(node)),
    };
    for problem in problems {
        match (problem, order) {
            (Problem::Scores { nodes }, _) => {
                for difference in nodes {
                    let expected = scores.get(&difference.node);
                    let range = expected.and_then(|expected| number(&suite.text, expected));
                    let place = range.map(|range| (range, written(difference.got, tolerance)));
                    add(place, Some(difference.node.as_str()));
                }
            }
            (Problem::Order { .. }, Some(order)) => {
                let text = order_text(&ranking(&order.value, &got, tolerance));
                add(list(&suite.text, order, text), None);
            }
            _ => {}
        }
    }
    (edits, impossible)
}

impl Plan {
    /// What of these edits can be written, each by itself and all together.
    pub(super) fn new(suite: &Suite, mut edits: Vec<Edit>) -> Self {
        edits.sort_by_key(|edit| edit.range.start);
        if edits.is_empty() {
            return Self { text: None, edits, impossible: Vec::new() };
        }
        if let Some(text) = with_edits(suite, &edits) {
            return Self { text: Some(text), edits, impossible: Vec::new() };
        }
        let is_possible = |edit: &Edit| with_edits(suite, slice::from_ref(edit)).is_some();
        let (mut edits, mut impossible): (Vec<Edit>, Vec<Edit>) = edits.into_iter().partition(is_possible);
        let text = with_edits(suite, &edits).filter(|_| !edits.is_empty());
        if text.is_none() {
            impossible.append(&mut edits);
        }
        Self { text, edits, impossible }
    }

    /// Leaves of the problems of a case what is still one once the file is written, and adds what cannot be written.
    /// Tells whether something of the case can be.
    pub(super) fn settle(&self, case: &Case, problems: &mut Vec<Problem>) -> bool {
        let of_case = |edits: &[Edit]| -> Vec<Option<String>> {
            edits.iter().filter(|edit| edit.case == case.index).map(|edit| edit.node.clone()).collect()
        };
        let (settled, impossible) = (of_case(&self.edits), of_case(&self.impossible));
        for problem in &mut *problems {
            if let Problem::Scores { nodes } = problem {
                nodes.retain(|difference| !settled.iter().flatten().any(|node| *node == difference.node));
            }
        }
        problems.retain(|problem| match problem {
            Problem::Scores { nodes } => !nodes.is_empty(),
            Problem::Order { .. } => !settled.contains(&None),
            _ => true,
        });
        problems.extend(impossible.iter().map(|node| cannot_be_updated(node.as_deref())));
        !settled.is_empty()
    }
}

fn cannot_be_updated(node: Option<&str>) -> Problem {
    let (what, how) = match node {
        Some(node) => (format!("the score of {node:?}"), "a plain number, without quotes, tags, anchors and aliases"),
        None => ("the order".to_owned(), "a list, without comments, tags, anchors and aliases"),
    };
    Problem::Update { message: format!("{what} cannot be updated: write it as {how}") }
}

/// Writes a file anew: as a whole, or not at all.
pub(super) fn write(suite: &Suite, text: &str) -> Result<(), Failure> {
    let replace = || -> anyhow::Result<()> {
        // Where the file itself is, and not a link to it.
        let path = fs::canonicalize(&suite.path)?;
        if fs::read(&path)? != suite.text.as_bytes() {
            anyhow::bail!("it was changed while its cases ran; run it again");
        }
        let folder = path.parent().context("it has no folder")?;
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        new.write_all(text.as_bytes())?;
        new.as_file().set_permissions(fs::metadata(&path)?.permissions())?;
        new.persist(&path)?;
        Ok(())
    };
    replace().with_context(|| format!("cannot write {}", suite.path.display())).map_err(Failure::input_output)
}

/// The text of a file with edits, which are sorted; `None` where that would say something else than the old one, but for
/// the edits.
fn with_edits(suite: &Suite, edits: &[Edit]) -> Option<String> {
    edited(&suite.text, edits).filter(|text| changes_only(&suite.text, text, edits))
}

/// The text with its edits, which are sorted; `None` where two of them are about one place.
fn edited(text: &str, edits: &[Edit]) -> Option<String> {
    let mut new = String::with_capacity(text.len());
    let mut end = 0;
    for edit in edits {
        new.push_str(text.get(end..edit.range.start)?);
        new.push_str(&edit.text);
        end = edit.range.end;
    }
    new.push_str(text.get(end..)?);
    Some(new)
}

/// Whether a new text says the same as the old one, but for the edits.
fn changes_only(old: &str, new: &str, edits: &[Edit]) -> bool {
    // What is wrong with it does not matter.
    let read = |text: &str| parse::<Value>(text, "").ok();
    let (Some(mut old), Some(new)) = (read(old), read(new)) else { return false };
    for edit in edits {
        let case = old.get_mut("cases").and_then(|cases| cases.get_mut(edit.case));
        let place = case.and_then(|case| match &edit.node {
            Some(node) => case.get_mut("scores")?.get_mut(node),
            None => case.get_mut("order"),
        });
        let (Some(place), Some(value)) = (place, read(edit.text.trim_start())) else { return false };
        *place = value;
    }
    old == new
}

/// Where a number stands in the text, if it does.
fn number(text: &str, number: &Spanned<f64>) -> Option<Range<usize>> {
    let span = number.referenced.span();
    let begin = usize::try_from(span.byte_offset()?).ok()?;
    let end = begin.checked_add(usize::try_from(span.byte_len()?).ok()?)?;
    let written = text.get(begin..end)?.trim_end();
    let is_it = number.referenced == number.defined
        && written.parse::<f64>().is_ok_and(|value| value.to_bits() == number.value.to_bits());
    is_it.then(|| begin..begin.saturating_add(written.len()))
}

/// Where a list stands in the text, and what to write there so that it is this one in brackets; if it does.
fn list(text: &str, list: &Spanned<Vec<Place>>, new: String) -> Option<(Range<usize>, String)> {
    if list.referenced != list.defined {
        return None;
    }
    let begin = usize::try_from(list.referenced.span().byte_offset()?).ok()?;
    let line = text.get(..begin)?.rfind('\n').map_or(0, |end| end.saturating_add(1));
    // Of dashes that stand no deeper than their key, the parser tells the first item, behind the dash.
    let dash = match text.get(line..begin)?.trim_matches(' ') {
        "" if text.get(begin..)?.starts_with('-') => Some(begin),
        "-" => text.get(..begin)?.rfind('-'),
        _ => None,
    };
    match dash {
        Some(dash) => Some((list_in_lines(text, line, dash)?, format!(" {new}"))),
        None => Some((list_in_brackets(text, begin)?, new)),
    }
}

/// Where a list in brackets stands in the text.
fn list_in_brackets(text: &str, begin: usize) -> Option<Range<usize>> {
    if !text.get(begin..)?.starts_with('[') {
        return None;
    }
    let mut depth = 0_usize;
    let mut quote = None;
    let mut is_escaped = false;
    for (offset, character) in text.get(begin..)?.char_indices() {
        match (quote, character) {
            (Some('"'), _) if is_escaped => is_escaped = false,
            (Some('"'), '\\') => is_escaped = true,
            (Some(open), character) => quote = Some(open).filter(|open| *open != character),
            (None, '"' | '\'') => quote = Some(character),
            (None, '[') => depth += 1,
            (None, ']') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(begin..begin.saturating_add(offset).saturating_add(1));
                }
            }
            (None, '#') => return None,
            (None, _) => {}
        }
    }
    None
}

/// Where a list stands whose items have a line each, from behind the colon of its key to the end of the last item; the first
/// dash is in the line that begins here. Without comments, which would be lost.
fn list_in_lines(text: &str, line: usize, dash: usize) -> Option<Range<usize>> {
    let before = text.get(..dash)?.trim_end();
    let depth = dash.checked_sub(line)?;
    let (mut position, mut end) = (line, dash);
    for item in text.get(line..)?.split_inclusive('\n') {
        let content = item.trim_end();
        let indented = content.trim_start_matches(' ');
        let indent = content.len().saturating_sub(indented.len());
        let begins_an_item = indent == depth && (indented == "-" || indented.starts_with("- "));
        if !content.is_empty() {
            if indent <= depth && !begins_an_item {
                break;
            }
            if content.contains('#') {
                return None;
            }
            end = position.saturating_add(content.len());
        }
        position = position.saturating_add(item.len());
    }
    before.ends_with(':').then_some(before.len()..end)
}

/// A score with as few digits as are near enough to it, and with all of them where none may be missing.
fn written(score: f64, tolerance: f64) -> String {
    // Not `-0`.
    let score = score + 0.0;
    let mut shortened = (0_usize..15).map(|digits| format!("{score:.digits$}"));
    let is_near = |text: &String| text.parse::<f64>().is_ok_and(|near| (near - score).abs() <= tolerance / 10.0);
    shortened.find(is_near).unwrap_or_else(|| score.to_string())
}

fn order_text(order: &[Place]) -> String {
    let place = |Place(names): &Place| {
        let quoted: Vec<String> = names.iter().map(|name| name_text(name)).collect();
        if let [name] = quoted.as_slice() { name.clone() } else { format!("[{}]", quoted.join(", ")) }
    };
    format!("[{}]", order.iter().map(place).collect::<Vec<_>>().join(", "))
}

/// A name as YAML text: in quotes, unless it is an ordinary one.
fn name_text(name: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-._".contains(character);
    let is_word = ["true", "false", "null"].iter().any(|word| name.eq_ignore_ascii_case(word));
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.chars().all(is_plain) && !is_word {
        name.to_owned()
    } else {
        Value::from(name).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_as_few_digits_as_the_tolerance_allows() {
        for (score, tolerance, expected) in [
            (50.0, 0.0, "50"),
            (57.5, 0.0, "57.5"),
            (73.459_722_123_456_78, 1e-5, "73.459722"),
            (100.0 / 3.0, 1e-3, "33.3333"),
            (100.0 / 3.0, 0.0, "33.333333333333336"),
            (-0.0, 0.0, "0"),
            (99.999_999, 1.0, "100"),
        ] {
            assert_eq!(written(score, tolerance), expected, "{score}");
        }
    }

    #[test]
    fn names_that_yaml_would_take_for_something_else_are_quoted() {
        let order = [Place(vec!["free".to_owned()]), Place(vec!["10".to_owned(), "True".to_owned()])];
        assert_eq!(order_text(&order), r#"[free, ["10", "True"]]"#);
    }

    #[test]
    fn lists_in_lines_end_with_their_last_item() {
        for (text, expected) in [
            ("order:\n  - a\n  - b\nname: x\n", "order: NEW\nname: x\n"),
            ("order:\n- a\n- b\n\nname: x", "order: NEW\n\nname: x"),
            ("order:\r\n  - a\r\n  -\r\n    - b\r\n  # c\r\n", "order: NEW\r\n  # c\r\n"),
        ] {
            let dash = text.find('-').unwrap();
            let line = text[..dash].rfind('\n').unwrap() + 1;
            let range = list_in_lines(text, line, dash);
            let mut new = text.to_owned();
            new.replace_range(range.unwrap(), " NEW");
            assert_eq!(new, expected);
        }
        assert_eq!(list_in_lines("order:\n  - a # why\n", 7, 9), None);
        assert_eq!(list_in_lines("order: # why\n  - a\n", 13, 15), None);
    }
}
