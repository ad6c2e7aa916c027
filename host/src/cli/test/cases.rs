//! Test cases, ready to run: each with its defaults filled in, and known to make sense.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use serde_json::Value;
use serde_saphyr::Spanned;

use scorelet_host::policy::PolicyErrorKind;

use super::cluster::{Cluster, Known};
use super::document::{self, Defaults, Document, Place, Promised, parse};
use crate::cli::exit::Failure;
use crate::cli::input;

/// How far a score may be from the expected one where a file does not say: languages bring their own power function.
const USUAL_TOLERANCE: f64 = 1e-9;

/// What an evaluation may end with, beside a refusal.
const FAILURES: [PolicyErrorKind; 7] = [
    PolicyErrorKind::InvalidScores,
    PolicyErrorKind::Deadline,
    PolicyErrorKind::OutOfFuel,
    PolicyErrorKind::OutOfMemory,
    PolicyErrorKind::LimitExceeded,
    PolicyErrorKind::StackOverflow,
    PolicyErrorKind::Trap,
];

/// All cases of a file.
pub(super) struct Suite {
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) name: Option<String>,
    /// The policy that the file names.
    pub(super) policy: Option<PathBuf>,
    pub(super) cases: Vec<Case>,
    /// The metrics of which the policy promises that more of them never scores better.
    pub(super) more_load: Vec<Promised>,
}

/// A question to a policy, and what is expected of its answer.
pub(super) struct Case {
    /// Its place among the cases of the file, from 0.
    pub(super) index: usize,
    pub(super) name: String,
    pub(super) cluster: Cluster,
    /// As JSON; empty for the policy's defaults.
    pub(super) settings: String,
    pub(super) expected: Expected,
}

pub(super) struct Expected {
    pub(super) end: End,
    /// How far a score may be from the expected one.
    pub(super) tolerance: f64,
    /// Texts that have to be in lines of the log.
    pub(super) logs: Vec<String>,
}

/// How an evaluation is to end.
pub(super) enum End {
    /// With scores.
    Scores { scores: BTreeMap<String, Spanned<f64>>, order: Option<Spanned<Vec<Place>>> },
    /// With a refusal of the pod or of the settings that has this text in it.
    Refused(String),
    /// With a failure of this class.
    Fails(PolicyErrorKind),
}

impl Suite {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let text = input::read_text(path)?;
        let file = path.display().to_string();
        let Document { name, policy, defaults, cases, properties } = parse(&text, &file)?;
        if cases.is_empty() {
            return Err(Failure::bad_input(anyhow!("{file}: there are no `cases`; write one at least")));
        }
        let folder = folder_of(path);
        let case = |(index, Spanned { value, referenced, .. }): (usize, Spanned<document::Case>)| {
            let place = format!("{file}:{}:{}: case {:?}", referenced.line(), referenced.column(), value.name);
            Case::new(index, value, &defaults, &folder).map_err(|failure| failure.context(place))
        };
        let cases = cases.into_iter().enumerate().map(case).collect::<Result<_, _>>()?;
        Ok(Self {
            path: path.to_owned(),
            name,
            policy: policy.map(|policy| folder.join(policy)),
            cases,
            more_load: properties.more_load_never_scores_better,
            text,
        })
    }
}

/// The folder from which a file names others: its own, also where it was found through a link.
fn folder_of(path: &Path) -> PathBuf {
    let real = path.is_symlink().then(|| fs::canonicalize(path).ok()).flatten();
    real.as_deref().unwrap_or(path).parent().unwrap_or(Path::new("")).to_owned()
}

impl Case {
    fn new(index: usize, case: document::Case, defaults: &Defaults, folder: &Path) -> Result<Self, Failure> {
        let expected = Expected::new(&case, defaults).map_err(Failure::bad_input)?;
        let settings = case.settings.as_ref().or(defaults.settings.as_ref()).map(settings).unwrap_or_default();
        let name = case.name.clone();
        let cluster = cluster(case, defaults, folder)?;
        expected.check(&cluster).map_err(Failure::bad_input)?;
        Ok(Self { index, name, cluster, settings, expected })
    }
}

impl Expected {
    fn new(case: &document::Case, defaults: &Defaults) -> anyhow::Result<Self> {
        let document::Case { scores, order, refused, failure, logs, .. } = case;
        check_for_content(case, defaults)?;
        let end = match (scores, order, refused, failure) {
            (None, None, None, None) if logs.is_empty() => {
                return Err(anyhow!("it expects nothing; write `scores`, `order`, `refused`, `failure` or `logs`"));
            }
            (scores, order, None, None) => {
                End::Scores { scores: scores.clone().unwrap_or_default(), order: order.clone() }
            }
            (None, None, Some(words), None) => End::Refused(words.clone()),
            (None, None, None, Some(name)) => End::Fails(failure_of(name)?),
            _ => {
                return Err(anyhow!(
                    "an evaluation ends in one way: with `scores` and `order`, `refused`, or `failure`"
                ));
            }
        };
        let tolerance = case.tolerance.or(defaults.tolerance).unwrap_or(USUAL_TOLERANCE);
        if !(tolerance.is_finite() && tolerance >= 0.0) {
            return Err(anyhow!("`tolerance` is {tolerance}; write a number of 0 or more"));
        }
        Ok(Self { end, tolerance, logs: logs.clone() })
    }

    /// Refuses what is expected of nodes that are not there.
    fn check(&self, cluster: &Cluster) -> anyhow::Result<()> {
        let mut known = BTreeSet::new();
        for name in cluster.names() {
            if name.is_empty() || !known.insert(name) {
                return Err(anyhow!("there are two nodes {name:?}, or one without a name; name each in its own way"));
            }
        }
        let End::Scores { scores, order } = &self.end else { return Ok(()) };
        let ordered = order.iter().flat_map(|order| &order.value).flat_map(|Place(names)| names);
        let mut placed = BTreeSet::new();
        for name in ordered.clone() {
            if !placed.insert(name) {
                return Err(anyhow!("`order` names the node {name:?} twice"));
            }
        }
        match scores.keys().chain(ordered).find(|name| !known.contains(name.as_str())) {
            Some(name) => Err(anyhow!("it expects something of the node {name:?}, which is none of its `nodes`")),
            None => Ok(()),
        }
    }
}

/// Refuses what every answer would pass.
fn check_for_content(case: &document::Case, defaults: &Defaults) -> anyhow::Result<()> {
    let document::Case { scores, order, refused, logs, nodes, .. } = case;
    // Of no nodes, there is nothing to name.
    let has_no_nodes = nodes.as_ref().or(defaults.nodes.as_ref()).is_some_and(Vec::is_empty);
    if scores.as_ref().is_some_and(BTreeMap::is_empty) && !has_no_nodes {
        return Err(anyhow!("its `scores` are empty; name a node at least"));
    }
    let is_empty = |order: &Spanned<Vec<Place>>| {
        let places = &order.value;
        places.is_empty() || places.iter().any(|Place(names)| names.is_empty())
    };
    if order.as_ref().is_some_and(is_empty) {
        return Err(anyhow!("its `order` is empty, or has an empty list in it; name a node at least"));
    }
    if refused.as_ref().is_some_and(|words| words.trim().is_empty()) {
        return Err(anyhow!("its `refused` is empty; write words of the refusal"));
    }
    if logs.iter().any(|text| text.trim().is_empty()) {
        return Err(anyhow!("an empty text in its `logs` is in every line; write words of the line"));
    }
    Ok(())
}

fn failure_of(name: &str) -> anyhow::Result<PolicyErrorKind> {
    FAILURES.into_iter().find(|kind| kind.as_str() == name).ok_or_else(|| {
        let names = FAILURES.map(PolicyErrorKind::as_str).join(", ");
        anyhow!("`failure` is {name:?}; write one of {names}, or `refused` with words for a refusal")
    })
}

/// Settings as they go to the policy. Text goes there as it is, be it JSON or not.
fn settings(settings: &Value) -> String {
    match settings {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn cluster(case: document::Case, defaults: &Defaults, folder: &Path) -> Result<Cluster, Failure> {
    let document::Case { pod, nodes, metrics, statistics, metrics_age_seconds, .. } = case;
    let pod = pod.or_else(|| defaults.pod.clone()).unwrap_or_default();
    let nodes = nodes.or_else(|| defaults.nodes.clone());
    let age = metrics_age_seconds.or(defaults.metrics_age_seconds);
    let known = if let Some(path) = metrics.as_ref().or(defaults.metrics.as_ref()) {
        if nodes.iter().flatten().any(|node| node.metrics.is_some()) {
            let words = "its `metrics` are recorded in a file, so that its nodes cannot have their own";
            return Err(Failure::bad_input(anyhow!(words)));
        }
        let path = folder.join(path);
        let recording = input::read(&path)?;
        Known::recorded(&recording, age)
            .with_context(|| format!("{} is no recorded answer of a load monitor", path.display()))
            .map_err(Failure::bad_input)?
    } else {
        let words = "it has no `nodes`; write them, or name a recorded answer of a load monitor as `metrics`";
        Known::made_up(nodes.as_ref().ok_or_else(|| Failure::bad_input(anyhow!(words)))?, age)
    };
    let known = match statistics.as_ref().or(defaults.statistics.as_ref()) {
        Some(statistics) => known.with_statistics(statistics),
        None => known,
    };
    Cluster::new(&known, pod, nodes).map_err(Failure::bad_input)
}
