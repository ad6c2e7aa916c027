//! What was expected against what happened.

use std::collections::BTreeMap;

use serde::Serialize;

use scorelet_host::policy::{Evaluation, LogLine, PolicyError, PolicyErrorKind};

use super::cases::{Case, End, Expected};
use super::document::Place;

/// Why a case failed, or a whole file.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Problem {
    /// Scores of nodes.
    Scores { nodes: Vec<Difference> },
    /// The order of nodes, best first.
    Order { expected: String, got: String },
    /// How the evaluation ended.
    End { expected: String, got: String },
    /// A text that no line of the log has in it.
    Log { missing: String },
    /// What holds for every policy, or what this one promises.
    Property { property: &'static str, message: String },
    /// What could not be written into the file.
    Update { message: String },
    /// Why the policy could not be loaded.
    Policy { message: String },
}

/// A node whose score differs from the expected one by more than the tolerance.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Difference {
    pub(super) node: String,
    pub(super) expected: f64,
    pub(super) got: f64,
}

/// What an evaluation came to.
pub(super) type Outcome = Result<Evaluation, PolicyError>;

/// What is wrong with the outcome of a case.
pub(super) fn problems(case: &Case, outcome: &Outcome) -> Vec<Problem> {
    let Expected { end, tolerance, logs } = &case.expected;
    let mut problems = Vec::new();
    match (end, outcome) {
        (End::Scores { scores, order }, Ok(evaluation)) => {
            let got = scores_of(case, evaluation);
            let differing = scores.iter().filter_map(|(node, expected)| {
                let (expected, got) = (expected.value, got.get(node.as_str()).copied()?);
                let is_near = (got - expected).abs() <= *tolerance;
                (!is_near).then(|| Difference { node: node.clone(), expected, got })
            });
            let nodes: Vec<Difference> = differing.collect();
            if !nodes.is_empty() {
                problems.push(Problem::Scores { nodes });
            }
            if let Some(order) = order {
                let (expected, got) = (sorted(&order.value), ranking(&order.value, &got, *tolerance));
                if expected != got {
                    problems.push(Problem::Order { expected: in_words(&expected), got: in_words(&got) });
                }
            }
        }
        (End::Scores { .. }, Err(failure)) => {
            problems.push(Problem::End { expected: "scores".to_owned(), got: told(failure) });
        }
        (End::Refused(words), Err(failure)) if is_refusal(failure) && failure.message().contains(words) => {}
        (End::Fails(kind), Err(failure)) if failure.kind() == *kind => {}
        (End::Refused(_) | End::Fails(_), outcome) => {
            let expected = match end {
                End::Refused(words) => format!("a refusal with the words {words:?}"),
                End::Fails(kind) => format!("the failure {}", kind.as_str()),
                End::Scores { .. } => "scores".to_owned(),
            };
            let got = match outcome {
                Ok(evaluation) => format!("scores: {}", scores_in_words(case, evaluation)),
                Err(failure) => told(failure),
            };
            problems.push(Problem::End { expected, got });
        }
    }
    let lines = logged(outcome);
    let missing = logs.iter().filter(|text| !lines.iter().any(|line| line.message.contains(*text)));
    problems.extend(missing.map(|text| Problem::Log { missing: text.clone() }));
    problems
}

/// What was logged, however it ended.
fn logged(outcome: &Outcome) -> &[LogLine] {
    match outcome {
        Ok(evaluation) => &evaluation.logs,
        Err(failure) => failure.logs(),
    }
}

/// What helps to find out why a case failed.
#[derive(Default, Serialize)]
pub(super) struct Traces {
    /// What the policy logged.
    logs: Vec<String>,
    /// Where it crashed: function names, innermost first.
    backtrace: Vec<String>,
}

impl Traces {
    pub(super) fn of(outcome: &Outcome) -> Self {
        let line = |line: &LogLine| format!("{:<5} {}", line.level.as_str(), line.message);
        let backtrace = outcome.as_ref().err().map(|failure| failure.backtrace().to_vec());
        Self { logs: logged(outcome).iter().map(line).collect(), backtrace: backtrace.unwrap_or_default() }
    }

    /// For people; they are safe to print.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let heading = (!self.logs.is_empty()).then(|| "it logged".to_owned());
        let logs = self.logs.iter().map(|line| format!("  {line}"));
        heading.into_iter().chain(logs).chain(self.backtrace.iter().map(|place| format!("in {place}")))
    }
}

/// The scores by node.
pub(super) fn scores_of<'a>(case: &'a Case, evaluation: &Evaluation) -> BTreeMap<&'a str, f64> {
    case.cluster.names().zip(evaluation.scores.iter().copied()).collect()
}

/// The nodes that an order names, best first: those together whose scores are no further apart than the tolerance.
pub(super) fn ranking(order: &[Place], scores: &BTreeMap<&str, f64>, tolerance: f64) -> Vec<Place> {
    let names = order.iter().flat_map(|Place(names)| names);
    let mut ranked: Vec<(&String, f64)> =
        names.filter_map(|name| Some((name, scores.get(name.as_str()).copied()?))).collect();
    ranked.sort_by(|(name, score), (other_name, other)| other.total_cmp(score).then_with(|| name.cmp(other_name)));
    let mut places: Vec<Place> = Vec::new();
    let mut best = f64::INFINITY;
    for (name, score) in ranked {
        match places.last_mut() {
            Some(Place(names)) if best - score <= tolerance => names.push(name.clone()),
            _ => {
                places.push(Place(vec![name.clone()]));
                best = score;
            }
        }
    }
    sorted(&places)
}

/// Whether a policy refused, by its own decision.
pub(super) fn is_refusal(failure: &PolicyError) -> bool {
    matches!(failure.kind(), PolicyErrorKind::Refused | PolicyErrorKind::RefusedSettings)
}

/// A failure in words.
pub(super) fn told(failure: &PolicyError) -> String {
    format!("{}: {}", failure.kind().as_str(), failure.message())
}

/// The same order; nodes that score alike by their names.
fn sorted(order: &[Place]) -> Vec<Place> {
    let mut places = order.to_vec();
    for Place(names) in &mut places {
        names.sort();
    }
    places
}

fn in_words(order: &[Place]) -> String {
    order.iter().map(|Place(names)| names.join(" = ")).collect::<Vec<_>>().join(" > ")
}

fn scores_in_words(case: &Case, evaluation: &Evaluation) -> String {
    let scores: Vec<String> =
        scores_of(case, evaluation).into_iter().map(|(node, score)| format!("{node} {score}")).collect();
    if scores.is_empty() { "none, for no nodes".to_owned() } else { scores.join(", ") }
}
