//! One evaluation: an instance, one pinned reading, and scores that keep the contract.

use std::time::{Duration, Instant};

use super::candidates::Candidates;
use super::error::{PolicyError, PolicyErrorKind, count};
use super::instance::{AtTicks, Running, blocking};
use super::load::Policy;
use super::log::LogLine;
use crate::scheduling::Pod;
use crate::snapshot::Reading;

/// What is asked of a policy: to score these candidates for this pod.
#[derive(Clone, Debug)]
pub struct Request {
    /// The pod to be placed.
    pub pod: Pod,
    /// Where it could go, and the pods that were assigned there lately: see [`Candidates::with_assigned`].
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
    /// Wall time from the instance to the checked scores, without the wait for a free place.
    pub wall: Duration,
    /// The most linear memory in use at any time, in bytes.
    pub memory_bytes: usize,
    /// Calls that the policy made to the host.
    pub host_calls: u64,
    /// Pods that the policy was told were assigned to candidates since the metrics were measured. 0 when it did not ask.
    pub assigned: usize,
    /// The fuel used, when [`Limits::fuel`](super::Limits::fuel) is set.
    pub fuel: Option<u64>,
    /// Whether the instance had scored before: see [`Isolation::Reuse`](super::Isolation::Reuse).
    pub reused: bool,
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
        blocking(self.evaluate(AtTicks::GoOn, reading, request)).map_err(|failure| self.named(failure))
    }

    /// Like [`Policy::score`], letting other tasks of the executor run at every tick of 10 ms.
    ///
    /// Dropping the future ends the evaluation. It makes no assumption about the executor. The deadline is one of wall time:
    /// where more evaluations share a thread than it can run in that time, it passes while they wait for each other. A future
    /// that is not polled keeps its place among the [`Limits::concurrency`](super::Limits::concurrency) evaluations.
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
        let (shared, loaded) = (&self.engine.shared, &*self.loaded);
        let limits = &shared.limits;
        let _place = shared.place().await?;
        let begin = Instant::now();
        let (mut running, reused) = match shared.idle.take(loaded.id) {
            Some(mut idle) => {
                idle.renew(shared, at_ticks, reading.clone())?;
                (idle, true)
            }
            None => (Running::start(loaded, shared, at_ticks, reading.clone()).await?, false),
        };
        let offered = running.offer(limits, request)?;
        if !reused {
            running.configure(loaded, limits).await?;
        }
        let scores = running.score(loaded, limits, request, &offered).await?;

        let fuel = limits.fuel.map(|fuel| fuel.saturating_sub(running.store.get_fuel().unwrap_or(0)));
        let state = running.store.data_mut();
        state.end_output();
        let logs = state.context.log.take();
        if let Some(problem) = broken_contract(&scores, request.candidates.names()) {
            return Err(PolicyError::new(PolicyErrorKind::InvalidScores, problem).with_logs(logs));
        }
        let report = Report {
            wall: begin.elapsed(),
            memory_bytes: state.meter.memory_peak,
            host_calls: state.context.host_calls,
            assigned: state.context.assigned,
            fuel,
            reused,
        };
        // Only here, after success: whatever fails above takes its instance with it.
        if loaded.isolation.allows_another(running.evaluations) && running.withdraw(offered, limits) {
            shared.idle.keep(loaded.id, running);
        }
        Ok(Evaluation { scores, report, logs })
    }
}

/// What is wrong with scores, naming the first candidate that it is wrong for.
pub(super) fn broken_contract(scores: &[f64], names: &[String]) -> Option<String> {
    if scores.len() != names.len() {
        let problem = format!("it gave {} for {}", count(scores.len(), "score"), count(names.len(), "candidate"));
        return Some(match names.get(scores.len()) {
            Some(name) => format!("{problem}; {name} is the first without one"),
            None => problem,
        });
    }
    let is_right = |score: &f64| (0.0..=100.0).contains(score);
    // Without a branch, which is several times as fast as to look for a wrong one; there is none nearly always.
    if scores.iter().fold(true, |are_right, score| are_right & is_right(score)) {
        return None;
    }
    let (name, score) = names.iter().zip(scores).find(|(_, score)| !is_right(score))?;
    Some(format!("it scored {name} with {score}; scores are finite and within 0 to 100"))
}
