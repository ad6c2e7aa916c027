//! What holds for every policy whatever it scores, and what a policy promises of itself.

use scorelet_host::policy::Evaluation;

use super::cases::Case;
use super::cluster::Cluster;
use super::compare::{Outcome, Problem, is_refusal, scores_of, told};
use super::document::Shorthand;
use crate::cli::exit::Failure;

/// More load, in per cent points: a little, and much.
const MORE: [f64; 2] = [10.0, 50.0];

/// Nodes that get more load, one after the other: all those of a large cluster that was recorded would take minutes.
const MOST_NODES: usize = 100;

/// Asks the policy about a cluster.
type Ask<'a> = dyn FnMut(&Cluster) -> Result<Outcome, Failure> + 'a;

/// The properties that the policy breaks in a case that it scored; of each, the first place where it does.
pub(super) fn problems(
    case: &Case,
    more_load: &[Shorthand],
    evaluation: &Evaluation,
    ask: &mut Ask<'_>,
) -> Result<Vec<Problem>, Failure> {
    let broken = [
        ("the same answer twice", repeats(case, evaluation, ask)?),
        ("independent of the order of nodes", ignores_order(case, evaluation, ask)?),
        ("an answer without metrics", does_without_metrics(case, ask)?),
        ("more load never scores better", never_prefers_load(case, more_load, evaluation, ask)?),
    ];
    let problem = |(property, message): (&'static str, Option<String>)| {
        message.map(|message| Problem::Property { property, message })
    };
    Ok(broken.into_iter().filter_map(problem).collect())
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

/// A load monitor may lose any of its metrics. A policy may refuse to score without them, and may not fail.
fn does_without_metrics(case: &Case, ask: &mut Ask<'_>) -> Result<Option<String>, Failure> {
    let without_one = case.cluster.titles().into_iter().map(|title| {
        let cluster = case.cluster.without(&title);
        (format!("the metric {title:?}"), cluster)
    });
    for (what, cluster) in [("any metric".to_owned(), case.cluster.without_metrics())].into_iter().chain(without_one) {
        match ask(&cluster)? {
            Err(failure) if !is_refusal(&failure) => {
                return Ok(Some(format!("without {what} of nodes, it failed: {}", told(&failure))));
            }
            // Whether scores are finite and in their range is checked by the host.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(None)
}

fn never_prefers_load(
    case: &Case,
    metrics: &[Shorthand],
    first: &Evaluation,
    ask: &mut Ask<'_>,
) -> Result<Option<String>, Failure> {
    let before = scores_of(case, first);
    for metric in metrics {
        for node in case.cluster.names().take(MOST_NODES) {
            for more in MORE {
                let Some(cluster) = case.cluster.with_more(node, *metric, more) else { continue };
                // What it makes of load that is too much may be a refusal.
                let Ok(evaluation) = ask(&cluster)? else { continue };
                let scores = scores_of(case, &evaluation);
                if let (Some(before), Some(after)) = (before.get(node), scores.get(node))
                    && after - before > case.expected.tolerance
                {
                    let scores = format!("the node {node:?} scores {after} instead of {before}");
                    return Ok(Some(format!("with {more} more of the metric \"{metric}\", {scores}")));
                }
            }
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
