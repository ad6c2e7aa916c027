//! What holds for every policy whatever it scores, and what a policy promises of itself.

use std::collections::BTreeSet;
use std::iter;

use scorelet_host::policy::{Evaluation, PolicyError};

use super::cases::{Case, End};
use super::cluster::Cluster;
use super::compare::{Outcome, Problem, is_refusal, scores_of, told};
use super::document::Promised;
use crate::cli::exit::Failure;

/// More load, in per cent points: a little, and much.
const MORE: [f64; 2] = [10.0, 50.0];

/// Nodes that get more load, one after the other, spread over the candidates: all those of a large cluster that was
/// recorded would take minutes.
const MOST_NODES: usize = 30;

/// How much better a score may be without being one that is better: sums in another order differ in their last bits. Not
/// the tolerance of the case, which is about how exactly expected scores are written.
const NOISE: f64 = 1e-9;

const TWICE: &str = "the same answer twice";
const IN_ANY_ORDER: &str = "independent of the order of nodes";
const WITH_LESS: &str = "an answer whatever is missing";
const MORE_LOAD: &str = "more load never scores better";

/// Asks the policy about a cluster.
type Ask<'a> = dyn FnMut(&Cluster) -> Result<Outcome, Failure> + 'a;

/// The properties of a policy, checked case by case.
pub(super) struct Properties<'a> {
    more_load: &'a [Promised],
    /// Those of them that could be raised in a case.
    raised: BTreeSet<String>,
}

/// What came of the properties in a case.
#[derive(Default)]
pub(super) struct Found {
    /// Those that the policy breaks; of each, the first place where it does.
    pub(super) problems: Vec<Problem>,
    /// What was not checked to the end.
    pub(super) notes: Vec<String>,
}

impl<'a> Properties<'a> {
    pub(super) fn new(more_load: &'a [Promised]) -> Self {
        Self { more_load, raised: BTreeSet::new() }
    }

    /// Checks them in a case that was scored; and of one that was refused, whether that happens again.
    pub(super) fn check(&mut self, case: &Case, outcome: &Outcome, ask: &mut Ask<'_>) -> Result<Found, Failure> {
        let mut found = Found::default();
        match (&case.expected.end, outcome) {
            (End::Scores { .. }, Ok(evaluation)) => {
                found.add(TWICE, repeats(case, evaluation, ask)?);
                found.add(IN_ANY_ORDER, ignores_order(case, evaluation, ask)?);
                found.add(WITH_LESS, does_with_less(&case.cluster, ask)?);
                for metric in self.more_load {
                    self.check_more_load(case, metric, evaluation, &mut found, ask)?;
                }
            }
            (End::Refused(_), Err(failure)) if is_refusal(failure) => {
                found.add(TWICE, refuses_again(case, failure, ask)?);
            }
            _ => {}
        }
        Ok(found)
    }

    /// What was promised of metrics that no case has.
    pub(super) fn never_raised(&self) -> impl Iterator<Item = Problem> {
        let never = self.more_load.iter().map(ToString::to_string).filter(move |name| !self.raised.contains(name));
        never.map(|name| {
            let message = format!("no case with scores has a node with the metric {name:?}, so that nothing was tried");
            Problem::Property { property: MORE_LOAD, message }
        })
    }

    fn check_more_load(
        &mut self,
        case: &Case,
        metric: &Promised,
        first: &Evaluation,
        found: &mut Found,
        ask: &mut Ask<'_>,
    ) -> Result<(), Failure> {
        let measured = case.cluster.measured(metric);
        let number = measured.len().min(MOST_NODES);
        if number > 0 {
            self.raised.insert(metric.to_string());
        }
        if number < measured.len() {
            let of = measured.len();
            found.notes.push(format!("{MORE_LOAD}: tried on {number} of the {of} nodes with the metric \"{metric}\""));
        }
        let spread = (0..number).filter_map(|place| measured.get(place * measured.len() / number).copied());
        for node in spread {
            if let Some(message) = prefers_load(case, metric, node, first, ask)? {
                found.add(MORE_LOAD, Some(message));
                break;
            }
        }
        Ok(())
    }
}

impl Found {
    fn add(&mut self, property: &'static str, message: Option<String>) {
        self.problems.extend(message.map(|message| Problem::Property { property, message }));
    }
}

fn repeats(case: &Case, first: &Evaluation, ask: &mut Ask<'_>) -> Result<Option<String>, Failure> {
    let second = match ask(&case.cluster)? {
        Ok(second) => second,
        Err(failure) => return Ok(Some(format!("it scored, and failed the second time: {}", told(&failure)))),
    };
    if let Some(difference) = first_difference(case, first, &case.cluster, &second) {
        return Ok(Some(format!("the second time, {difference}")));
    }
    let differ = first.logs != second.logs;
    Ok(differ.then(|| "the second time, it logged something else".to_owned()))
}

fn refuses_again(case: &Case, first: &PolicyError, ask: &mut Ask<'_>) -> Result<Option<String>, Failure> {
    let Err(second) = ask(&case.cluster)? else {
        return Ok(Some("it refused, and scored the second time".to_owned()));
    };
    if told(first) != told(&second) {
        return Ok(Some(format!("the second time, its words are {}", told(&second))));
    }
    let differ = first.logs() != second.logs();
    Ok(differ.then(|| "the second time, it logged something else".to_owned()))
}

fn ignores_order(case: &Case, first: &Evaluation, ask: &mut Ask<'_>) -> Result<Option<String>, Failure> {
    for (how, cluster) in [("reversed", case.cluster.reversed()), ("rotated by one", case.cluster.rotated())] {
        let difference = match ask(&cluster)? {
            Ok(other) => first_difference(case, first, &cluster, &other),
            Err(failure) => Some(format!("it failed: {}", told(&failure))),
        };
        if let Some(difference) = difference {
            return Ok(Some(format!("with the nodes {how}, {difference}")));
        }
    }
    Ok(None)
}

/// A load monitor may lose any of its metrics, and any of its nodes. A policy may refuse to score without them, and may not
/// fail.
fn does_with_less(cluster: &Cluster, ask: &mut Ask<'_>) -> Result<Option<String>, Failure> {
    let without_all = iter::once_with(|| ("without any metric of nodes".to_owned(), cluster.without_metrics()));
    let without_one = cluster.titles().into_iter().map(|title| {
        let less = cluster.without(&title);
        (format!("without the metric {title:?} of nodes"), less)
    });
    let of_nodes = cluster.some_known().into_iter().flat_map(|node| {
        let unmeasured = (format!("without any metric of the node {node:?}"), cluster.with_unmeasured(node));
        let unknown = (format!("with the node {node:?} unknown to the load monitor"), cluster.with_unknown(node));
        [unmeasured, unknown]
    });
    let without_statistics = cluster.without_statistics().map(|less| ("without statistics".to_owned(), less));
    let without_allocatable =
        cluster.without_allocatable().map(|less| ("without what nodes have allocatable".to_owned(), less));
    let all = without_all.chain(without_one).chain(of_nodes).chain(without_statistics).chain(without_allocatable);
    for (how, less) in all {
        match ask(&less)? {
            Err(failure) if !is_refusal(&failure) => return Ok(Some(format!("{how}, it failed: {}", told(&failure)))),
            // Whether scores are finite and in their range is checked by the host.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(None)
}

fn prefers_load(
    case: &Case,
    metric: &Promised,
    node: &str,
    first: &Evaluation,
    ask: &mut Ask<'_>,
) -> Result<Option<String>, Failure> {
    let before = scores_of(case, first);
    for more in MORE {
        let with_more = format!("with {more} more of the metric \"{metric}\" on the node {node:?}");
        let evaluation = match ask(&case.cluster.with_more(node, metric, more))? {
            Ok(evaluation) => evaluation,
            // What it makes of load that is too much may be a refusal.
            Err(failure) if is_refusal(&failure) => continue,
            Err(failure) => return Ok(Some(format!("{with_more}, it failed: {}", told(&failure)))),
        };
        let after = scores_of(case, &evaluation);
        if let (Some(before), Some(after)) = (before.get(node), after.get(node))
            && after - before > NOISE
        {
            return Ok(Some(format!("{with_more}, it scores {after} instead of {before}")));
        }
    }
    Ok(None)
}

/// The first node that another evaluation of the same question scores otherwise, to the bit.
fn first_difference(case: &Case, first: &Evaluation, cluster: &Cluster, other: &Evaluation) -> Option<String> {
    let before = scores_of(case, first);
    let mut after = cluster.names().zip(other.scores.iter().copied());
    after.find_map(|(node, after)| {
        let before = before.get(node).copied()?;
        let differ = before.to_bits() != after.to_bits();
        differ.then(|| format!("the node {node:?} scores {after} instead of {before}"))
    })
}
