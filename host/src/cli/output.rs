//! Tables for people, JSON for programs.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write, stdout};

use anyhow::Context;
use clap::ValueEnum;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use serde::Serialize;

use super::exit::Failure;

/// The form of printed data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns for people; may change between versions.
    #[default]
    Table,
    /// One JSON document; fields are only ever added.
    Json,
}

/// Writes text and a line end to standard output. A reader that went away ends the program quietly.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(failure) if failure.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => written.context("writing to standard output").map_err(Failure::input_output),
    }
}

/// Prints one JSON document.
pub(crate) fn print_json(document: &impl Serialize) -> Result<(), Failure> {
    print(&json(document)?)
}

/// One JSON document as text.
pub(crate) fn json(document: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(document).context("writing JSON").map_err(Failure::internal)
}

/// Whether colours are welcome on a stream.
pub(crate) fn takes_colour(stream: &impl IsTerminal) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !refused && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}

/// A table with these headings; those that begin with `>` are for numbers and stand at the right.
///
/// On a terminal it is as wide as that. Elsewhere no line is broken, for the sake of `grep`.
pub(crate) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if let Some(width) = table.width().filter(|width| *width > 0) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    if !takes_colour(&stdout()) {
        table.force_no_tty();
    }
    let heading = |text: &&str| Cell::new(text.trim_start_matches('>')).add_attribute(Attribute::Bold);
    table.set_header(headings.iter().map(heading));
    for ((position, column), text) in table.column_iter_mut().enumerate().zip(headings) {
        column.set_padding((0, if position + 1 < headings.len() { 2 } else { 0 }));
        if text.starts_with('>') {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The table as text without spaces at the ends of lines.
pub(crate) fn render(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// A score, from red through yellow to green.
pub(crate) fn score_cell(score: f64) -> Cell {
    let colour = match score {
        ..25.0 => Color::Red,
        ..60.0 => Color::Yellow,
        _ => Color::Green,
    };
    Cell::new(format!("{score:.1}")).fg(colour).set_alignment(CellAlignment::Right)
}

/// A verdict, coloured by whether it is good.
pub(crate) fn verdict_cell(text: &str, good: bool) -> Cell {
    Cell::new(text).fg(if good { Color::Green } else { Color::Red })
}

/// Text of others in one line: what would move the cursor, colour, hide or turn text in a terminal is escaped.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    let is_harmful = |character: char| {
        let changes_direction_or_hides = matches!(character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        character.is_control() || changes_direction_or_hides
    };
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmful(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// The first names of a list, and how many more there are.
pub(crate) fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    /// More names fit no message.
    const SHOWN: usize = 10;
    let more = names.len().saturating_sub(SHOWN);
    let shown = names.take(SHOWN).collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// A number in at most eight characters or so, for columns.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        _ if value.is_nan() => "-".to_owned(),
        size if size >= 1e15 => format!("{value:.3e}"),
        _ if value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 100.0 => format!("{value:.1}"),
        size if size >= 0.001 => format!("{value:.3}"),
        _ => format!("{value:.2e}"),
    }
}

/// A number of bytes with a binary unit.
pub(crate) fn bytes(bytes: f64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes.is_nan() {
        return "-".to_owned();
    }
    let mut scaled = bytes;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while scaled >= 1024.0 {
        let Some(next) = units.next() else { break };
        scaled /= 1024.0;
        unit = Some(next);
    }
    format!("{} {}", (scaled * 10.0).round() / 10.0, unit.unwrap_or(&""))
}

/// Seconds as people say them; cut and not rounded, as ages are.
pub(crate) fn age(seconds: f64) -> String {
    match seconds {
        ..120.0 => format!("{:.0} s", seconds.floor()),
        ..7200.0 => format!("{:.0} min", (seconds / 60.0).floor()),
        ..172_800.0 => format!("{:.0} h", (seconds / 3600.0).floor()),
        _ => format!("{:.0} d", (seconds / 86_400.0).floor()),
    }
}
