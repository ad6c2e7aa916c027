//! `scorelet bench`: what evaluations of a policy take on this machine.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::anyhow;
use clap::{Args, ValueEnum};
use serde::Serialize;

use scorelet_host::collector::{self, CollectorOptions};
use scorelet_host::kubernetes;
use scorelet_host::policy::{Candidates, Isolation, Limits, Policy, PolicyError, PolicyErrorKind, Request};
use scorelet_host::scheduling::{CPU, MEMORY, Pod, Resources};
use scorelet_host::simulator::{Dialect, SimulatedCluster};
use scorelet_host::snapshot::Reading;

use super::exit::{Failure, warn};
use super::output::{Format, bytes, number, print, print_json, render, table};
use super::{input, policies};
use measure::{Measurement, measure};
use saved::{Comparison, Folder, Machine, Name, Question, Results, Threshold};

mod measure;
mod saved;

const EXAMPLES: &str = "\
Examples:
  scorelet bench policy.wasm --against target/policies/load-variation.wasm
  scorelet bench policy.wasm --isolation reuse --nodes 100000 --limit deadline=1s
  scorelet bench policy.wasm --save before; …; scorelet bench policy.wasm --compare before";

/// The moment at which the simulated cluster is looked at, in Unix seconds: noon of a day, when it is busy.
const NOON: i64 = 1_767_268_800;

/// Measure what evaluations of a policy take, on a simulated cluster.
///
/// Runs it in the sandbox with the limits of production, one evaluation after the other; in turns with another policy,
/// where one is given. Times are those of the caller. Quiet machines give steady numbers: close what you can, and trust
/// ratios more than times.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Bench {
    /// The policy's .wasm file; `-` for standard input
    policy: PathBuf,
    /// Another policy to hold it against, measured in turns with it
    #[arg(long, value_name = "POLICY")]
    against: Option<PathBuf>,
    /// Candidates: the nodes of the simulated cluster, from 1 to 100,000
    #[arg(long, value_name = "NUMBER", default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    nodes: u32,
    /// The same seed gives the same cluster
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// The pod to be placed: a Kubernetes manifest [default: a pod that requests 250m cpu and 256Mi memory]
    #[arg(long, value_name = "FILE")]
    pod: Option<PathBuf>,
    /// Settings for the policy: JSON, or @FILE with JSON in it [default: the policy's own]
    #[arg(long, value_name = "JSON", default_value = "", hide_default_value = true)]
    settings: String,
    /// Whether evaluations share instances
    #[arg(long, value_enum, default_value_t)]
    isolation: IsolationName,
    /// How long to measure each policy, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3.0, value_parser = seconds)]
    time: f64,
    /// Keep the results under this name
    #[arg(long, value_name = "NAME", help_heading = "Comparison")]
    save: Option<Name>,
    /// Hold the results against those of this name; exit code 1 where time, fuel or memory is worse than the threshold
    #[arg(long, value_name = "NAME", help_heading = "Comparison")]
    compare: Option<Name>,
    /// How much worse is a regression
    #[arg(long, value_name = "PER CENT", default_value = "10%", requires = "compare", help_heading = "Comparison")]
    threshold: Threshold,
    /// Where results are kept [default: the folder `scorelet/bench` among the user's data]
    #[arg(long, value_name = "FOLDER", env = "SCORELET_BENCH", help_heading = "Comparison")]
    results: Option<PathBuf>,
    /// The form of the answer
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(super) output: Format,
    #[command(flatten)]
    engine: policies::EngineFlags,
}

/// See [`Isolation`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum IsolationName {
    /// A fresh instance for each evaluation, as by default
    #[default]
    Fresh,
    /// One instance for all of them
    Reuse,
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    results: &'a Results,
    compared: Option<&'a [Comparison]>,
}

impl Bench {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        // What is wrong with the question is said before anything is measured.
        let folder = self.folder()?;
        let before = self.compare.as_ref().map(|name| folder.load(name)).transpose()?;
        let question = self.question()?;
        if let Some(before) = &before {
            before.question.check(&question)?;
        }
        if self.save.is_some() {
            folder.make()?;
        }
        if cfg!(debug_assertions) {
            warn("this program was built without optimisation; `make release` makes one whose times count");
        }
        let results = self.measure(question)?;
        let compared = before.map(|before| {
            before.differences(&results).for_each(|difference| warn(&difference));
            results.compare(&before, self.threshold)
        });
        if self.output == Format::Json {
            print_json(&Answer { results: &results, compared: compared.as_deref() })?;
        } else {
            print(&text(&results))?;
            if let Some(compared) = &compared {
                print(&comparison_text(compared))?;
            }
        }
        // Last: what was measured is told in any case.
        if let Some(name) = &self.save {
            let path = folder.save(name, &results)?;
            tracing::info!("kept the results in {}", path.display());
        }
        let has_regressed = compared.is_some_and(|compared| compared.iter().any(|figure| figure.regressed));
        Ok(ExitCode::from(u8::from(has_regressed)))
    }

    fn folder(&self) -> Result<Folder, Failure> {
        let folder = self.results.clone().or_else(|| dirs::data_local_dir().map(|data| data.join("scorelet/bench")));
        folder
            .map(Folder)
            .ok_or_else(|| Failure::usage(anyhow!("this user has no folder for data; pass --results FOLDER")))
    }

    /// What is asked, as far as answers depend on it.
    fn question(&self) -> Result<Question, Failure> {
        Ok(Question {
            candidates: self.nodes,
            seed: self.seed,
            isolation: self.isolation.as_str().to_owned(),
            settings: input::read_settings(&self.settings)?,
            pod: self.pod.as_ref().map(|path| input::read_text(path)).transpose()?.unwrap_or_default(),
        })
    }

    fn measure(&self, question: Question) -> Result<Results, Failure> {
        let pod = match &self.pod {
            Some(path) => kubernetes::read_pod(&question.pod, &input::name(path))
                .map_err(|failure| Failure::bad_input(failure.into()))?,
            None => small_pod(),
        };
        let file = input::read(&self.policy)?;
        let against = self.against.as_ref().map(|path| input::read(path)).transpose()?;
        let load = |limits: Limits, isolation, file: &[u8], path: &Path, settings: &str| {
            policies::load_bytes(&self.engine.engine_with(limits)?, file, path, settings, isolation)
        };
        let limits = self.engine.limits()?;
        let isolation = self.isolation.isolation();
        let policy = load(limits.clone(), isolation, &file, &self.policy, &question.settings)?;
        let other = match (&self.against, &against) {
            (Some(path), Some(file)) => Some(load(limits.clone(), isolation, file, path, "")?),
            _ => None,
        };
        let reading = self.reading()?;
        let snapshot =
            reading.snapshot().ok_or_else(|| Failure::internal(anyhow!("the simulated cluster is empty")))?;
        let request = Request { pod, candidates: Candidates::from_snapshot(snapshot) };

        let measured: Vec<&Policy> = [Some(&policy), other.as_ref()].into_iter().flatten().collect();
        let time = Duration::from_secs_f64(self.time);
        let mut measured = measure(&measured, &reading, &request, time).map_err(failed)?.into_iter();
        let mut of_policy = measured.next().ok_or_else(|| Failure::internal(anyhow!("nothing was measured")))?;
        let mut of_other = measured.next();
        // Counting takes time, so it has an evaluation of its own.
        let counting = Limits { fuel: limits.fuel.or(Some(u64::MAX)), ..limits };
        let fuel = |file: &[u8], path: &Path, settings: &str| {
            let counted = load(counting.clone(), Isolation::Fresh, file, path, settings)?;
            Ok::<_, Failure>(counted.score(&reading, &request).map_err(failed)?.report.fuel)
        };
        of_policy.fuel = fuel(&file, &self.policy, &question.settings)?;
        if let (Some(of_other), Some(path), Some(file)) = (&mut of_other, &self.against, &against) {
            of_other.fuel = fuel(file, path, "")?;
        }
        Ok(Results {
            scorelet: env!("CARGO_PKG_VERSION").to_owned(),
            optimised: !cfg!(debug_assertions),
            machine: Machine::this(),
            question,
            ratio: of_other.as_ref().map(|other| of_policy.p50_us / other.p50_us),
            policy: of_policy,
            against: of_other,
        })
    }

    /// The simulated cluster, as a Collector would know it at one moment, which is always the same.
    fn reading(&self) -> Result<Reading, Failure> {
        let cluster =
            SimulatedCluster { nodes: self.nodes, labels: 100, seed: self.seed, dialect: Dialect::LoadMonitor };
        collector::recorded(&CollectorOptions::default(), &cluster.body(NOON))
            .map_err(|failure| Failure::internal(failure.into()))
    }
}

impl IsolationName {
    fn isolation(self) -> Isolation {
        match self {
            Self::Fresh => Isolation::Fresh,
            Self::Reuse => Isolation::Reuse { max_evaluations: NonZeroU32::MAX },
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Reuse => "reuse",
        }
    }
}

fn small_pod() -> Pod {
    let requests = Resources::new().with(CPU, 250).with(MEMORY, 256 << 20);
    Pod { name: "bench".to_owned(), namespace: "default".to_owned(), requests, ..Pod::default() }
}

/// A policy that cannot be measured, with what may help.
fn failed(failure: PolicyError) -> Failure {
    if failure.kind() == PolicyErrorKind::Deadline {
        warn("an evaluation took too long; fewer --nodes, or a longer --limit deadline=1s, may help");
    }
    failure.into()
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn text(results: &Results) -> String {
    let of = |value: fn(&Measurement) -> String| {
        [Some(&results.policy), results.against.as_ref()].into_iter().flatten().map(value).collect::<Vec<_>>()
    };
    let name = of(|measured| format!(">{}", measured.policy.to_uppercase()));
    let mut figures = table(&[&["FIGURE"], &*name.iter().map(String::as_str).collect::<Vec<_>>()].concat());
    for (figure, values) in [
        ("evaluations per second", of(|measured| number(measured.per_second.round()))),
        ("ns per candidate", of(|measured| format!("{:.1}", measured.ns_per_candidate))),
        ("median µs", of(|measured| format!("{:.1}", measured.p50_us))),
        (
            "99th percentile µs",
            of(|measured| measured.p99_us.map_or_else(|| "-".to_owned(), |time| format!("{time:.1}"))),
        ),
        ("longest µs", of(|measured| format!("{:.1}", measured.max_us))),
        ("memory at most", of(|measured| bytes(measured.memory_bytes as f64))),
        ("host calls", of(|measured| measured.host_calls.to_string())),
        ("fuel", of(|measured| measured.fuel.map_or_else(|| "-".to_owned(), |fuel| fuel.to_string()))),
        ("evaluations timed", of(|measured| measured.evaluations.to_string())),
    ] {
        figures.add_row([vec![figure.to_owned()], values].concat());
    }
    let isolation = match results.question.isolation.as_str() {
        "fresh" => "a fresh instance for each",
        _ => "one instance for all",
    };
    let mut text = format!("{}\n\n{} candidates, {isolation}", render(&figures), results.question.candidates);
    if let (Some(ratio), Some(against)) = (results.ratio, &results.against) {
        let (name, other) = (&results.policy.policy, &against.policy);
        let other = if name == other { "the other one" } else { other };
        text = format!("{text}\n{name} takes {ratio:.2} times as long as {other}");
    }
    text
}

fn comparison_text(compared: &[Comparison]) -> String {
    let mut figures = table(&["FIGURE", ">BEFORE", ">NOW", ">CHANGE", "VERDICT"]);
    for Comparison { figure, before, now, change, regressed } in compared {
        let verdict = if *regressed { "regressed" } else { "ok" };
        let [before, now] = [before, now].map(|value| number(*value));
        figures.add_row([figure, before.as_str(), &now, format!("{change:+.1} %").as_str(), verdict]);
    }
    format!("\n{}", render(&figures))
}

/// A time that is worth measuring for, and that somebody may wait for.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=3_600.0).contains(&seconds) => Ok(seconds),
        _ => Err("write a number of seconds, from 0 to 3600".to_owned()),
    }
}
