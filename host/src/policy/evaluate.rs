//! One evaluation: a fresh instance, one pinned reading, and scores that keep the contract.

use std::time::{Duration, Instant};

use wasmtime::component::Resource;

use super::candidates::Candidates;
use super::convert;
use super::error::{PolicyError, PolicyErrorKind};
use super::failure;
use super::host::CandidatesInUse;
use super::load::{Instance, Policy};
use super::log::LogLine;
use crate::scheduling::Pod;
use crate::snapshot::Reading;

/// What is asked of a policy: to score these candidates for this pod.
#[derive(Clone, Debug)]
pub struct Request {
    /// The pod to be placed.
    pub pod: Pod,
    /// Where it could go.
    pub candidates: Candidates,
}

/// The scores of one evaluation, and what it took to get them.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// One score per candidate, in their order; each finite and within 0 (worst) to 100 (best).
    pub scores: Vec<f64>,
    /// What it took.
    pub report: Report,
    /// What the policy logged.
    pub logs: Vec<LogLine>,
}

/// What an evaluation took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Wall time from the fresh instance to the checked scores.
    pub wall: Duration,
    /// The most linear memory in use at any time, in bytes.
    pub memory_bytes: usize,
    /// Calls that the policy made to the host.
    pub host_calls: u64,
}

impl Policy {
    /// Scores the candidates of a request, all on the same reading.
    ///
    /// Blocks the thread for at most the deadline and a tick of 10 ms more. From asynchronous code, call it on a thread
    /// where blocking is allowed, such as that of `tokio::task::spawn_blocking`.
    ///
    /// # Errors
    /// [`PolicyError`], whose kind says who should do what. The policy and the engine can go on being used.
    pub fn score(&self, reading: &Reading, request: &Request) -> Result<Evaluation, PolicyError> {
        self.evaluate(reading, request).map_err(|failure| failure.of_policy(self.name()))
    }

    fn evaluate(&self, reading: &Reading, request: &Request) -> Result<Evaluation, PolicyError> {
        let begin = Instant::now();
        let limits = self.engine.limits();
        let mut instance = self.instance(reading.clone())?;
        self.configure(&mut instance)?;
        let Instance { mut store, exports } = instance;

        let in_use = CandidatesInUse::new(&request.candidates, reading.snapshot());
        let own = store.data_mut().handles.push(in_use).map_err(|failure| {
            PolicyError::new(PolicyErrorKind::Internal, "no handle for the candidates").with_source(failure)
        })?;
        let borrowed = Resource::new_borrow(own.rep());
        let pod = convert::pod(&request.pod);
        let scores = match exports.scorelet_policy_scorer().call_score(&mut store, &pod, borrowed) {
            Ok(Ok(scores)) => scores,
            Ok(Err(words)) => return Err(failure::refused("to score", &words, store.data_mut(), limits)),
            Err(error) => return Err(failure::classify(&error, store.data_mut(), limits)),
        };

        let state = store.data_mut();
        let logs = state.context.log.take();
        if let Some(problem) = broken_contract(&scores, request.candidates.names()) {
            return Err(PolicyError::new(PolicyErrorKind::InvalidScores, problem).with_logs(logs));
        }
        let report = Report {
            wall: begin.elapsed(),
            memory_bytes: state.meter.memory_peak,
            host_calls: state.context.host_calls,
        };
        Ok(Evaluation { scores, report, logs })
    }
}

/// What is wrong with scores, naming the first candidate that it is wrong for.
fn broken_contract(scores: &[f64], names: &[String]) -> Option<String> {
    if scores.len() != names.len() {
        let problem = format!("it gave {} for {}", count(scores.len(), "score"), count(names.len(), "candidate"));
        return Some(match names.get(scores.len()) {
            Some(name) => format!("{problem}; {name} is the first without one"),
            None => problem,
        });
    }
    names.iter().zip(scores).find_map(|(name, score)| {
        (!(0.0..=100.0).contains(score))
            .then(|| format!("it scored {name} with {score}; scores are finite and within 0 to 100"))
    })
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
