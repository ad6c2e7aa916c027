//! What came of the cases: tables for people, JSON for programs.

use std::path::Path;

use serde::Serialize;

use super::cases::Suite;
use super::compare::{Difference, Problem, Traces};
use crate::cli::exit::Failure;
use crate::cli::output::{number, print, render, table, verdict_cell, visible};

/// What came of everything.
#[derive(Serialize)]
pub(super) struct Report {
    pub(super) files: Vec<FileReport>,
    pub(super) passed: usize,
    pub(super) updated: usize,
    pub(super) failed: usize,
}

/// What came of the cases of a file.
#[derive(Serialize)]
pub(super) struct FileReport {
    pub(super) file: String,
    pub(super) name: Option<String>,
    /// The file of the policy.
    pub(super) policy: String,
    pub(super) digest: Option<String>,
    pub(super) cases: Vec<CaseReport>,
    /// Why it failed as a whole.
    pub(super) problems: Vec<Problem>,
}

#[derive(Serialize)]
pub(super) struct CaseReport {
    pub(super) name: String,
    pub(super) outcome: Verdict,
    /// Of a case that was updated: none.
    pub(super) problems: Vec<Problem>,
    /// What should be known of a case, whether it passed or not.
    pub(super) notes: Vec<String>,
    /// Of a case that failed.
    #[serde(flatten)]
    pub(super) traces: Traces,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Passed,
    /// It failed, and what it expects was changed so that it passes.
    Updated,
    Failed,
}

impl Report {
    pub(super) fn of(files: Vec<FileReport>) -> Self {
        let count =
            |verdict: Verdict| files.iter().flat_map(|file| &file.cases).filter(|case| case.outcome == verdict).count();
        let (passed, updated, failed) = (count(Verdict::Passed), count(Verdict::Updated), count(Verdict::Failed));
        Self { files, passed, updated, failed }
    }

    /// Whether nothing failed, be it a case or a file as a whole.
    pub(super) fn is_good(&self) -> bool {
        self.failed == 0 && self.failed_files() == 0
    }

    /// The last line for people.
    pub(super) fn print_sum(&self) -> Result<(), Failure> {
        let updated = if self.updated == 0 { String::new() } else { format!("{} updated, ", self.updated) };
        let as_a_whole = match self.failed_files() {
            0 => String::new(),
            number => format!(", {} failed as a whole", files(number)),
        };
        let files = files(self.files.len());
        print(&format!("{} passed, {updated}{} failed in {files}{as_a_whole}", self.passed, self.failed))
    }

    fn failed_files(&self) -> usize {
        self.files.iter().filter(|file| !file.problems.is_empty()).count()
    }
}

fn files(number: usize) -> String {
    if number == 1 { "1 file".to_owned() } else { format!("{number} files") }
}

impl CaseReport {
    pub(super) fn new(name: String, problems: Vec<Problem>, notes: Vec<String>) -> Self {
        let outcome = if problems.is_empty() { Verdict::Passed } else { Verdict::Failed };
        Self { name, outcome, problems, notes, traces: Traces::default() }
    }
}

impl FileReport {
    pub(super) fn new(path: &Path, name: Option<String>, policy: &Path) -> Self {
        let (file, policy) = (path.display().to_string(), policy.display().to_string());
        Self { file, name, policy, digest: None, cases: Vec::new(), problems: Vec::new() }
    }

    /// None of its cases could be run.
    pub(super) fn fail(&mut self, suite: &Suite, problem: Problem) {
        let failed = |name: &String| CaseReport {
            outcome: Verdict::Failed,
            ..CaseReport::new(name.clone(), Vec::new(), Vec::new())
        };
        self.cases = suite.cases.iter().map(|case| failed(&case.name)).collect();
        self.problems.push(problem);
    }

    /// It was to be updated, and could not be written.
    pub(super) fn fail_to_update(&mut self, message: String) {
        for case in self.cases.iter_mut().filter(|case| case.outcome == Verdict::Updated) {
            case.outcome = Verdict::Failed;
        }
        self.problems.push(Problem::Update { message });
    }

    /// A line for each case, then what is wrong with those that failed, and with the file as a whole.
    pub(super) fn print(&self) -> Result<(), Failure> {
        let name = self.name.as_ref().map(|name| format!("{}: ", visible(name))).unwrap_or_default();
        print(&format!("{name}{} with {}", visible(&self.file), visible(&self.policy)))?;
        let mut cases = table(&["RESULT", "CASE"]);
        for case in &self.cases {
            let (word, is_good) = match case.outcome {
                Verdict::Passed => ("ok", true),
                Verdict::Updated => ("updated", true),
                Verdict::Failed => ("FAILED", false),
            };
            cases.add_row([verdict_cell(word, is_good), visible(&case.name).into()]);
        }
        print(&render(&cases))?;
        for case in self.cases.iter().filter(|case| !(case.problems.is_empty() && case.notes.is_empty())) {
            print(&format!("\n{}", visible(&case.name)))?;
            for problem in &case.problems {
                print(&indented(&text(problem)))?;
            }
            for line in case.traces.lines() {
                print(&indented(&line))?;
            }
            for note in &case.notes {
                print(&indented(&format!("note: {}", visible(note))))?;
            }
        }
        if !self.problems.is_empty() {
            print("\nThe file as a whole")?;
            for problem in &self.problems {
                print(&indented(&text(problem)))?;
            }
        }
        print("")
    }
}

fn text(problem: &Problem) -> String {
    match problem {
        Problem::Scores { nodes } => scores_text(nodes),
        Problem::Order { expected, got } => {
            format!("expected order  {}\ngot             {}", visible(expected), visible(got))
        }
        Problem::End { expected, got } => {
            format!("expected  {}\ngot       {}", visible(expected), visible(got))
        }
        Problem::Log { missing } => format!("expected in the log  {}", visible(missing)),
        Problem::Property { property, message } => format!("property broken: {property}\n{}", visible(message)),
        Problem::Update { message } | Problem::Policy { message } => visible(message).into_owned(),
    }
}

fn scores_text(nodes: &[Difference]) -> String {
    let mut scores = table(&["NODE", ">EXPECTED", ">GOT", ">DIFFERENCE"]);
    for Difference { node, expected, got } in nodes {
        let difference = got - expected;
        let sign = if difference > 0.0 { "+" } else { "" };
        let numbers = [expected.to_string(), got.to_string(), format!("{sign}{}", number(difference))];
        let [expected, got, difference] = numbers;
        scores.add_row([visible(node).into_owned(), expected, got, difference]);
    }
    render(&scores)
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
