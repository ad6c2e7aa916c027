//! `scorelet test`: whether policies score as their test cases expect.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;

use super::exit::Failure;
use super::output::{Format, print_json};
use super::policies::EngineFlags;
use cases::{Case, End, Suite};
use cluster::Cluster;
use compare::{Outcome, Problem};
use properties::{Found, Properties};
use report::{CaseReport, FileReport, Report, Verdict};
use runner::Runner;
use update::Edit;

mod cases;
mod cluster;
mod compare;
mod document;
mod files;
mod properties;
mod report;
mod runner;
mod update;

const EXAMPLES: &str = "\
Examples:
  scorelet test
  scorelet test policies/mine/cases.yaml --policy target/mine.wasm --properties
  scorelet test policies --filter memory -o json
  scorelet test policies --update; git diff

The format of test cases is documented in examples/policies/README.md.";

/// Run the test cases of policies; exit code 1 where one fails.
///
/// A file of test cases names a policy, pods, nodes with their load, and the scores that are expected. They run in the
/// sandbox with the limits of production.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Test {
    /// Files of test cases, and folders: all files in and below them that are named cases.yaml, cases.yml or
    /// NAME.cases.yaml
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// The policy's .wasm file, in the place of those that files of test cases name
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Only cases with this text in their name
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Check what holds for every policy too: it repeats itself, does not mind the order of nodes, and does not fail
    /// whatever is missing; and what its file says of more load
    #[arg(long)]
    properties: bool,
    /// Write the scores and orders that policies give into the files, where others are expected
    #[arg(long)]
    update: bool,
    /// The form of the answer
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(super) output: Format,
    #[command(flatten)]
    engine: EngineFlags,
}

impl Test {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        // What is wrong with a file is said before anything is run, or written.
        let suites = files::find(&self.paths)?;
        let mut suites = suites.iter().map(|path| Suite::read(path)).collect::<Result<Vec<_>, _>>()?;
        if let Some(filter) = &self.filter {
            for suite in &mut suites {
                suite.cases.retain(|case| case.name.contains(filter));
            }
            suites.retain(|suite| !suite.cases.is_empty());
            if suites.is_empty() {
                return Err(Failure::bad_input(anyhow!("no case has {filter:?} in its name")));
            }
        }
        let mut runner = Runner::new(self.engine.engine()?);
        let mut files = Vec::new();
        for suite in &suites {
            let file = self.run_suite(suite, &mut runner)?;
            if self.output == Format::Table {
                file.print()?;
            }
            files.push(file);
        }
        let report = Report::of(files);
        if self.output == Format::Json {
            print_json(&report)?;
        } else {
            report.print_sum()?;
        }
        Ok(ExitCode::from(u8::from(!report.is_good())))
    }

    fn run_suite(&self, suite: &Suite, runner: &mut Runner) -> Result<FileReport, Failure> {
        let policy = self.policy.as_ref().or(suite.policy.as_ref()).ok_or_else(|| {
            let file = suite.path.display();
            Failure::bad_input(anyhow!("{file} names no `policy`; write it there, or pass --policy FILE"))
        })?;
        let mut report = FileReport::new(&suite.path, suite.name.clone(), policy);
        let mut edits: Vec<Edit> = Vec::new();
        let mut properties = Properties::new(&suite.more_load);
        for case in &suite.cases {
            let outcome = runner.ask(policy, &case.settings, &case.cluster)?;
            let mut problems = compare::problems(case, &outcome);
            let mut is_updated = false;
            if self.update {
                match updates(suite, case, &outcome, &problems) {
                    Ok(written) if !written.is_empty() => {
                        is_updated = true;
                        edits.extend(written);
                        problems.retain(|problem| !is_of_scores(problem));
                    }
                    Ok(_) => {}
                    Err(message) => problems.push(Problem::Update { message }),
                }
            }
            let mut found = Found::default();
            if self.properties {
                let mut ask = |cluster: &Cluster| runner.ask(policy, &case.settings, cluster);
                found = properties.check(case, &outcome, &mut ask)?;
            }
            problems.extend(found.problems);
            let outcome = match (problems.is_empty(), is_updated) {
                (true, false) => Verdict::Passed,
                (true, true) => Verdict::Updated,
                (false, _) => Verdict::Failed,
            };
            report.cases.push(CaseReport { name: case.name.clone(), outcome, problems, notes: found.notes });
        }
        // Cases that were left out may have had the metric.
        if self.properties && self.filter.is_none() {
            report.problems.extend(properties.never_raised());
        }
        if !edits.is_empty() {
            update::write(suite, edits)?;
        }
        report.digest = runner.digest(policy).map(str::to_owned);
        Ok(report)
    }
}

/// What is to be written for a case that failed; or why nothing can be.
fn updates(suite: &Suite, case: &Case, outcome: &Outcome, problems: &[Problem]) -> Result<Vec<Edit>, String> {
    if problems.is_empty() {
        return Ok(Vec::new());
    }
    match (&case.expected.end, outcome) {
        (End::Scores { .. }, Ok(evaluation)) => update::edits(suite, case, evaluation, problems),
        (End::Scores { .. }, Err(_)) => Err("there are no scores to be written".to_owned()),
        (End::Refused(_) | End::Fails(_), _) => {
            Err("what refusals and failures a case expects is never updated; change it by hand".to_owned())
        }
    }
}

/// Whether a problem is gone once what the policy gave is written into the file.
fn is_of_scores(problem: &Problem) -> bool {
    matches!(problem, Problem::Scores { .. } | Problem::Order { .. })
}
