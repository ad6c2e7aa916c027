//! Results that are kept under a name, and later ones held against them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};

use super::measure::Measurement;
use crate::cli::exit::Failure;

/// What one run found out, as it is printed and kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Results {
    /// The version of this program.
    pub(super) scorelet: String,
    /// Whether this program was built with optimisation.
    pub(super) optimised: bool,
    pub(super) machine: Machine,
    #[serde(flatten)]
    pub(super) question: Question,
    pub(super) policy: Measurement,
    /// The policy that it was measured in turns with.
    pub(super) against: Option<Measurement>,
    /// How many times as long as that one it takes, by the medians.
    pub(super) ratio: Option<f64>,
}

/// What was asked, as far as the results depend on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Question {
    pub(super) candidates: u32,
    pub(super) seed: u64,
    pub(super) isolation: String,
    pub(super) settings: String,
    /// The pod's manifest; empty for the one that is there by default.
    pub(super) pod: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Machine {
    pub(super) cpus: usize,
    pub(super) architecture: String,
    pub(super) system: String,
}

impl Machine {
    pub(super) fn this() -> Self {
        Self {
            cpus: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            architecture: std::env::consts::ARCH.to_owned(),
            system: std::env::consts::OS.to_owned(),
        }
    }
}

/// A name for results: that of a file.
#[derive(Clone, Debug)]
pub(super) struct Name(String);

impl FromStr for Name {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
        if name.is_empty() || name.len() > 100 || name.starts_with('.') || !name.chars().all(is_plain) {
            return Err("use letters, digits, `.`, `_` and `-`, up to 100 of them, and no `.` at the beginning");
        }
        Ok(Self(name.to_owned()))
    }
}

/// How much worse is a regression: `10%`, or `10`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Threshold(f64);

impl FromStr for Threshold {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>() {
            Ok(per_cent) if per_cent.is_finite() && per_cent >= 0.0 => Ok(Self(per_cent)),
            _ => Err("write a number of per cent, such as 10%"),
        }
    }
}

/// The folder where results lie.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn make(&self) -> Result<(), Failure> {
        fs::create_dir_all(&self.0)
            .with_context(|| format!("cannot make the folder {}", self.0.display()))
            .map_err(Failure::input_output)
    }

    pub(super) fn save(&self, name: &Name, results: &Results) -> Result<PathBuf, Failure> {
        let path = self.path(name);
        let write = || -> anyhow::Result<()> {
            // Appears as a whole or not at all.
            let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
            serde_json::to_writer_pretty(&mut file, results)?;
            file.write_all(b"\n")?;
            file.persist(&path)?;
            Ok(())
        };
        write()
            .with_context(|| format!("cannot keep the results in {}", path.display()))
            .map_err(Failure::input_output)?;
        Ok(path)
    }

    pub(super) fn load(&self, name: &Name) -> Result<Results, Failure> {
        let path = self.path(name);
        if !path.exists() {
            let known = self.known();
            let known = if known.is_empty() { "none were saved yet".to_owned() } else { format!("there are {known}") };
            let Name(name) = name;
            return Err(Failure::bad_input(anyhow!(
                "there are no results {name:?} in {}, {known}; --save {name} keeps those of a run",
                self.0.display()
            )));
        }
        let text = crate::cli::input::read_text(&path)?;
        serde_json::from_str(&text)
            .map_err(anyhow::Error::from)
            .and_then(|results: Results| if results.make_sense() { Ok(results) } else { Err(anyhow!("it is damaged")) })
            .with_context(|| format!("{} is no result of `scorelet bench --save`", path.display()))
            .map_err(Failure::bad_input)
    }

    fn path(&self, Name(name): &Name) -> PathBuf {
        self.0.join(format!("{name}.json"))
    }

    /// The names of what is there, for people.
    fn known(&self) -> String {
        let name = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten().map(|entry| entry.path());
        let results = entries.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        let mut names: Vec<String> = results.filter_map(|path| name(&path)).collect();
        names.sort();
        names.join(", ")
    }
}

/// One figure then and now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Comparison {
    pub(super) figure: &'static str,
    pub(super) before: f64,
    pub(super) now: f64,
    /// In per cent; positive is worse.
    pub(super) change: f64,
    pub(super) regressed: bool,
}

impl Question {
    /// Refuses results that answer another question.
    pub(super) fn check(&self, now: &Self) -> Result<(), Failure> {
        for (what, then, now) in [
            ("candidates", self.candidates.to_string(), now.candidates.to_string()),
            ("seed", self.seed.to_string(), now.seed.to_string()),
            ("isolation", self.isolation.clone(), now.isolation.clone()),
            ("settings", format!("{:?}", self.settings), format!("{:?}", now.settings)),
            ("pod", format!("{:?}", self.pod), format!("{:?}", now.pod)),
        ] {
            if then != now {
                return Err(Failure::bad_input(anyhow!(
                    "the saved results have other {what}, {then} instead of {now}, and cannot be compared"
                )));
            }
        }
        Ok(())
    }
}

impl Results {
    /// Whether its figures can be divided by.
    fn make_sense(&self) -> bool {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        positive(self.policy.p50_us) && self.ratio.is_none_or(positive) && self.policy.fuel.is_none_or(|fuel| fuel > 0)
    }

    /// What makes a comparison with later results doubtful, in sentences.
    pub(super) fn differences(&self, now: &Self) -> impl Iterator<Item = String> {
        let digest = |results: &Self| results.against.as_ref().map(|against| against.digest.clone());
        [
            (self.machine != now.machine, "another machine"),
            (self.scorelet != now.scorelet, "another version of this program"),
            (self.optimised != now.optimised, "a program that was built otherwise"),
            (
                digest(self) != digest(now),
                "another policy to hold it against, so that times are compared and no ratios",
            ),
        ]
        .into_iter()
        .filter(|(differs, _)| *differs)
        .map(|(_, what)| format!("the saved results are of {what}"))
    }

    /// Every figure that both have, held against a threshold.
    ///
    /// Time is compared as the ratio to the policy that both were measured against, where that is the same one: it stays
    /// what it is when the machine is slower today.
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    pub(super) fn compare(&self, before: &Self, threshold: Threshold) -> Vec<Comparison> {
        let digest = |results: &Self| results.against.as_ref().map(|against| against.digest.clone());
        let time = match (before.ratio, self.ratio) {
            (Some(then), Some(now)) if digest(before) == digest(self) => ("ratio", then, now),
            _ => ("p50_us", before.policy.p50_us, self.policy.p50_us),
        };
        let memory = ("memory_bytes", before.policy.memory_bytes as f64, self.policy.memory_bytes as f64);
        let fuel = before.policy.fuel.zip(self.policy.fuel).map(|(then, now)| ("fuel", then as f64, now as f64));
        let compared = [Some(time), fuel, Some(memory)].into_iter().flatten();
        compared.map(|(figure, before, now)| Comparison::of(figure, before, now, threshold)).collect()
    }
}

impl Comparison {
    fn of(figure: &'static str, before: f64, now: f64, Threshold(threshold): Threshold) -> Self {
        let change = (now / before - 1.0) * 100.0;
        Self { figure, before, now, change, regressed: change > threshold }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measurement(p50_us: f64, fuel: u64) -> Measurement {
        Measurement {
            policy: "mine".to_owned(),
            digest: "sha256:0".to_owned(),
            evaluations: 10,
            per_second: 1e6 / p50_us,
            ns_per_candidate: p50_us / 5.0,
            p50_us,
            p99_us: Some(p50_us),
            max_us: p50_us,
            memory_bytes: 1 << 20,
            host_calls: 6,
            fuel: Some(fuel),
        }
    }

    fn question() -> Question {
        let isolation = "fresh".to_owned();
        Question { candidates: 5_000, seed: 1, isolation, settings: String::new(), pod: String::new() }
    }

    fn results(p50_us: f64, of_other: Option<f64>) -> Results {
        Results {
            scorelet: "0.1.0".to_owned(),
            optimised: true,
            machine: Machine::this(),
            question: question(),
            policy: measurement(p50_us, 1_000),
            against: of_other.map(|p50_us| measurement(p50_us, 500)),
            ratio: of_other.map(|other| p50_us / other),
        }
    }

    fn regressions(now: &Results, before: &Results) -> Vec<&'static str> {
        let compared = now.compare(before, Threshold(10.0));
        compared.iter().filter(|figure| figure.regressed).map(|figure| figure.figure).collect()
    }

    #[test]
    fn a_figure_beyond_the_threshold_is_a_regression() {
        assert_eq!(regressions(&results(109.0, None), &results(100.0, None)), Vec::<&str>::new());
        assert_eq!(regressions(&results(111.0, None), &results(100.0, None)), ["p50_us"]);
        assert_eq!(regressions(&results(50.0, None), &results(100.0, None)), Vec::<&str>::new());
        let mut now = results(100.0, None);
        now.policy.fuel = Some(2_000);
        now.policy.memory_bytes *= 2;
        assert_eq!(regressions(&now, &results(100.0, None)), ["fuel", "memory_bytes"]);
    }

    #[test]
    fn a_slower_machine_is_no_regression_where_both_ran_against_the_same_policy() {
        assert_eq!(regressions(&results(300.0, Some(150.0)), &results(200.0, Some(100.0))), Vec::<&str>::new());
        assert_eq!(regressions(&results(300.0, Some(100.0)), &results(200.0, Some(100.0))), ["ratio"]);
        let mut other = results(200.0, Some(100.0));
        other.against.as_mut().unwrap().digest.push('1');
        assert_eq!(regressions(&results(300.0, Some(150.0)), &other), ["p50_us"]);
    }

    #[test]
    fn answers_to_another_question_are_not_compared() {
        assert!(question().check(&question()).is_ok());
        for other in [
            Question { candidates: 10, ..question() },
            Question { seed: 2, ..question() },
            Question { isolation: "reuse".to_owned(), ..question() },
            Question { settings: "{}".to_owned(), ..question() },
            Question { pod: "kind: Pod".to_owned(), ..question() },
        ] {
            assert!(other.check(&question()).is_err(), "{other:?}");
        }
    }

    #[test]
    fn what_makes_a_comparison_doubtful_is_told() {
        let told = |before: &Results| before.differences(&results(100.0, Some(50.0))).count();
        assert_eq!(told(&results(1.0, Some(5.0))), 0);
        assert_eq!(told(&results(1.0, None)), 1);
        assert_eq!(told(&Results { optimised: false, scorelet: "0.0.1".to_owned(), ..results(1.0, None) }), 3);
    }

    #[test]
    fn figures_that_cannot_be_make_no_sense() {
        assert!(results(100.0, Some(50.0)).make_sense());
        assert!(!results(-5.0, None).make_sense());
        assert!(!results(0.0, None).make_sense());
        assert!(!results(f64::NAN, None).make_sense());
    }

    #[test]
    fn names_stay_within_their_folder() {
        for name in ["", ".", "..", "a/b", "../a", "a b", &"a".repeat(101)] {
            assert!(name.parse::<Name>().is_err(), "{name:?}");
        }
        assert!("v1.2-fresh_5000".parse::<Name>().is_ok());
    }

    #[test]
    fn a_threshold_is_per_cent() {
        for (text, expected) in [("10%", 10.0), ("2.5", 2.5), ("0 %", 0.0)] {
            assert!((text.parse::<Threshold>().unwrap().0 - expected).abs() < 1e-9, "{text}");
        }
        for text in ["", "-1%", "ten", "inf", "NaN%"] {
            assert!(text.parse::<Threshold>().is_err(), "{text}");
        }
    }
}
