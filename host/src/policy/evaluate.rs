//! One evaluation: a fresh instance, one pinned reading, and scores that keep the contract.

use std::time::{Duration, Instant};

use wasmtime::component::Resource;

use super::candidates::Candidates;
use super::convert;
use super::error::{PolicyError, PolicyErrorKind};
use super::failure;
use super::host::CandidatesInUse;
use super::load::{AtTicks, Policy, Running, at_once};
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
    /// The fuel used, when [`Limits::fuel`](super::Limits::fuel) is set.
    pub fuel: Option<u64>,
}

impl Policy {
    /// Scores the candidates of a request, all on the same reading.
    ///
    /// Blocks the thread until the policy ends or its deadline has passed, which is noticed within a tick of 10 ms once the
    /// policy runs code of its own. From asynchronous code, use [`Policy::score_async`].
    ///
    /// # Errors
    /// [`PolicyError`], whose kind says who should do what. The policy and the engine can go on being used.
    pub fn score(&self, reading: &Reading, request: &Request) -> Result<Evaluation, PolicyError> {
        at_once(self.evaluate(AtTicks::GoOn, reading, request)).map_err(|failure| self.named(failure))
    }

    /// Like [`Policy::score`], letting other tasks of the executor run at every tick of 10 ms.
    ///
    /// Dropping the future ends the evaluation. It makes no assumption about the executor.
    ///
    /// # Errors
    /// As [`Policy::score`].
    pub async fn score_async(&self, reading: &Reading, request: &Request) -> Result<Evaluation, PolicyError> {
        self.evaluate(AtTicks::Yield, reading, request).await.map_err(|failure| self.named(failure))
    }

    fn named(&self, failure: PolicyError) -> PolicyError {
        failure.of_policy(self.name()).of_digest(self.digest())
    }

    async fn evaluate(
        &self,
        at_ticks: AtTicks,
        reading: &Reading,
        request: &Request,
    ) -> Result<Evaluation, PolicyError> {
        let begin = Instant::now();
        let limits = self.engine.limits();
        let mut running = self.start(at_ticks, reading.clone()).await?;
        // Before the policy runs, so that it cannot take all handles first.
        let in_use = CandidatesInUse::new(&request.candidates, reading.snapshot());
        let own = running.store.data_mut().handles.push(in_use).map_err(|failure| {
            PolicyError::new(PolicyErrorKind::Internal, "the limit on handles leaves none for the candidates")
                .with_source(failure)
        })?;
        self.configure(&mut running).await?;
        let Running { mut store, instance } = running;
        let borrowed = Resource::new_borrow(own.rep());
        let pod = convert::pod(&request.pod);
        let scores = match self.loaded.scorer.score(&mut store, instance, &pod, borrowed).await {
            Ok(Ok(scores)) => scores,
            Ok(Err(words)) => {
                return Err(failure::refused(PolicyErrorKind::Refused, "to score", &words, store.data_mut(), limits));
            }
            Err(error) => return Err(failure::classify(&error, store.data_mut(), limits)),
        };

        let fuel = limits.fuel.map(|fuel| fuel.saturating_sub(store.get_fuel().unwrap_or(0)));
        let state = store.data_mut();
        let logs = state.context.log.take();
        if let Some(problem) = broken_contract(&scores, request.candidates.names()) {
            return Err(PolicyError::new(PolicyErrorKind::InvalidScores, problem).with_logs(logs));
        }
        let report = Report {
            wall: begin.elapsed(),
            memory_bytes: state.meter.memory_peak,
            host_calls: state.context.host_calls,
            fuel,
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
