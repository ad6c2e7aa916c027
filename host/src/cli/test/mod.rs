//! `scorelet test`: whether policies score as their test cases expect.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;

use super::exit::Failure;
use super::output::{Format, print_json};
use super::policies::EngineFlags;
use cases::Suite;
use cluster::Cluster;
use compare::{Problem, Traces};
use properties::{Found, Properties};
use report::{CaseReport, FileReport, Report, Verdict};
use runner::Runner;
use update::Plan;

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
        // What is wrong with a file of test cases is said before anything is run, or written.
        let paths = files::find(&self.paths)?;
        let mut suites = paths.iter().map(|path| Suite::read(path)).collect::<Result<Vec<_>, _>>()?;
        if let Some(filter) = &self.filter {
            for suite in &mut suites {
                suite.cases.retain(|case| case.name.contains(filter));
            }
            suites.retain(|suite| !suite.cases.is_empty());
            if suites.is_empty() {
                return Err(Failure::bad_input(anyhow!("no case has {filter:?} in its name")));
            }
        }
        let policies = suites.iter().map(|suite| self.policy_of(suite)).collect::<Result<Vec<&Path>, Failure>>()?;
        let mut runner = Runner::new(self.engine.engine()?);
        let loaded: Vec<Result<(), Failure>> = suites
            .iter()
            .zip(&policies)
            .map(|(suite, policy)| suite.cases.iter().take(1).try_for_each(|case| runner.load(policy, &case.settings)))
            .collect();

        let (mut files, mut texts) = (Vec::new(), Vec::new());
        for ((suite, policy), loaded) in suites.iter().zip(policies).zip(loaded) {
            let (file, text) = self.run_suite(suite, policy, loaded, &mut runner);
            if self.output == Format::Table && !self.update {
                file.print()?;
            }
            files.push(file);
            texts.push(text);
        }
        if self.update {
            // Only now, when nothing can end the run any more.
            for ((suite, file), text) in suites.iter().zip(&mut files).zip(&texts) {
                if let Some(Err(failure)) = text.as_ref().map(|text| update::write(suite, text)) {
                    file.fail_to_update(failure.to_string());
                }
                if self.output == Format::Table {
                    file.print()?;
                }
            }
        }
        let report = Report::of(files);
        if self.output == Format::Json {
            print_json(&report)?;
        } else {
            report.print_sum()?;
        }
        Ok(ExitCode::from(u8::from(!report.is_good())))
    }

    /// The file of the policy that is tested.
    fn policy_of<'a>(&'a self, suite: &'a Suite) -> Result<&'a Path, Failure> {
        self.policy.as_deref().or(suite.policy.as_deref()).ok_or_else(|| {
            let file = suite.path.display();
            Failure::bad_input(anyhow!("{file} names no `policy`; write it there, or pass --policy FILE"))
        })
    }

    /// What came of a file, and the text that is to be written into it. A policy that cannot be loaded is a problem of the
    /// files that name it, and of no others.
    fn run_suite(
        &self,
        suite: &Suite,
        policy: &Path,
        loaded: Result<(), Failure>,
        runner: &mut Runner,
    ) -> (FileReport, Option<String>) {
        let mut file = FileReport::new(&suite.path, suite.name.clone(), policy);
        let ran = loaded.and_then(|()| self.run_cases(suite, policy, runner, &mut file));
        file.digest = runner.digest(policy).map(str::to_owned);
        let text = ran.unwrap_or_else(|failure| {
            file.fail(suite, Problem::Policy { message: failure.to_string() });
            None
        });
        (file, text)
    }

    fn run_cases(
        &self,
        suite: &Suite,
        policy: &Path,
        runner: &mut Runner,
        file: &mut FileReport,
    ) -> Result<Option<String>, Failure> {
        let mut properties = Properties::new(&suite.more_load);
        let mut edits = Vec::new();
        for case in &suite.cases {
            let outcome = runner.ask(policy, &case.settings, &case.cluster)?;
            let mut problems = compare::problems(case, &outcome);
            if self.update && !problems.is_empty() {
                let (possible, impossible) = update::edits(suite, case, &outcome, &problems);
                edits.extend(possible);
                problems.extend(impossible);
            }
            let mut found = Found::default();
            if self.properties {
                let mut ask = |cluster: &Cluster| runner.ask(policy, &case.settings, cluster);
                found = properties.check(case, &outcome, &mut ask)?;
            }
            problems.extend(found.problems);
            let mut told = CaseReport::new(case.name.clone(), problems, found.notes);
            if told.outcome == Verdict::Failed {
                told.traces = Traces::of(&outcome);
            }
            file.cases.push(told);
        }
        // Cases that were left out may have had the metric.
        if self.properties && self.filter.is_none() {
            file.problems.extend(properties.never_raised());
        }
        let plan = Plan::new(suite, edits);
        for (case, told) in suite.cases.iter().zip(&mut file.cases) {
            if plan.settle(case, &mut told.problems) && told.problems.is_empty() {
                told.outcome = Verdict::Updated;
                told.traces = Traces::default();
            }
        }
        Ok(plan.text)
    }
}
