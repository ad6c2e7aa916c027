//! Writing what policies answered into files of test cases, and nothing else: comments and layout stay.

use std::fs;
use std::io::Write;
use std::ops::Range;

use anyhow::{Context, anyhow};
use serde_json::Value;
use serde_saphyr::Spanned;

use scorelet_host::policy::Evaluation;

use super::cases::{Case, End, Suite};
use super::compare::{Problem, ranking, scores_of};
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

/// What has to be written for a case to pass, as far as that is scores or an order; or why it cannot be.
pub(super) fn edits(
    suite: &Suite,
    case: &Case,
    evaluation: &Evaluation,
    problems: &[Problem],
) -> Result<Vec<Edit>, String> {
    let End::Scores { scores, order } = &case.expected.end else { return Ok(Vec::new()) };
    let (got, tolerance) = (scores_of(case, evaluation), case.expected.tolerance);
    let mut edits = Vec::new();
    for problem in problems {
        match (problem, order) {
            (Problem::Scores { nodes }, _) => {
                for difference in nodes {
                    let Some(expected) = scores.get(&difference.node) else { continue };
                    let range = number(&suite.text, expected)
                        .ok_or_else(|| not_written_here(&format!("the score of {:?}", difference.node)))?;
                    let text = written(difference.got, tolerance);
                    edits.push(Edit { range, text, case: case.index, node: Some(difference.node.clone()) });
                }
            }
            (Problem::Order { .. }, Some(order)) => {
                let range = list(&suite.text, order).ok_or_else(|| {
                    "its `order` cannot be updated: write it in brackets, without comments or aliases".to_owned()
                })?;
                let text = order_text(&ranking(&order.value, &got, tolerance));
                edits.push(Edit { range, text, case: case.index, node: None });
            }
            _ => {}
        }
    }
    Ok(edits)
}

/// Writes a file anew with edits in it: as a whole, or not at all.
pub(super) fn write(suite: &Suite, mut edits: Vec<Edit>) -> Result<(), Failure> {
    edits.sort_by_key(|edit| edit.range.start);
    let file = suite.path.display().to_string();
    let text = edited(&suite.text, &edits).filter(|text| changes_only(&suite.text, text, &edits, &file));
    let text = text.ok_or_else(|| {
        let words = "cannot be updated without changing something else: write out what stands in aliases";
        Failure::bad_input(anyhow!("{file} {words}, or change it by hand"))
    })?;
    let replace = || -> anyhow::Result<()> {
        // Where the file itself is, and not a link to it.
        let path = fs::canonicalize(&suite.path)?;
        let folder = path.parent().context("it has no folder")?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().set_permissions(fs::metadata(&path)?.permissions())?;
        file.persist(&path)?;
        Ok(())
    };
    replace().with_context(|| format!("cannot write {file}")).map_err(Failure::input_output)
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
fn changes_only(old: &str, new: &str, edits: &[Edit], file: &str) -> bool {
    let (Ok(mut old), Ok(new)) = (parse::<Value>(old, file), parse::<Value>(new, file)) else { return false };
    for edit in edits {
        let case = old.get_mut("cases").and_then(|cases| cases.get_mut(edit.case));
        let place = case.and_then(|case| match &edit.node {
            Some(node) => case.get_mut("scores")?.get_mut(node),
            None => case.get_mut("order"),
        });
        let (Some(place), Ok(value)) = (place, parse::<Value>(&edit.text, file)) else { return false };
        *place = value;
    }
    old == new
}

fn not_written_here(what: &str) -> String {
    format!("{what} cannot be updated: write it as a plain number, and not as an alias")
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

/// Where a list in brackets stands in the text, if it does.
fn list(text: &str, list: &Spanned<Vec<Place>>) -> Option<Range<usize>> {
    let begin = usize::try_from(list.referenced.span().byte_offset()?).ok()?;
    if list.referenced != list.defined || !text.get(begin..)?.starts_with('[') {
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
}
