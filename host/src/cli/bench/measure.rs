//! What evaluations take: timed one by one, several policies in turns.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use scorelet_host::policy::{Policy, PolicyError, Report, Request};
use scorelet_host::snapshot::Reading;

/// This part of the time goes to evaluations that are not counted: caches and branch predictors have to learn.
const WARM_UP: u32 = 10;
/// Percentiles of fewer evaluations say nothing.
const LEAST_EVALUATIONS: usize = 10;
/// More are not kept; they would take more memory than the policies.
const MOST_EVALUATIONS: usize = 1_000_000;

/// What one policy takes. Times are those of the caller, with everything that is not the policy's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Measurement {
    pub(super) policy: String,
    pub(super) digest: String,
    /// How many were timed.
    pub(super) evaluations: usize,
    /// One after the other.
    pub(super) per_second: f64,
    /// Half of the evaluations took no longer, for each candidate.
    pub(super) ns_per_candidate: f64,
    /// Half of the evaluations took no longer.
    pub(super) p50_us: f64,
    /// All but a hundredth took no longer; of fewer than a hundred, nothing can be said.
    pub(super) p99_us: Option<f64>,
    pub(super) max_us: f64,
    /// The most linear memory that one of them had in use.
    pub(super) memory_bytes: usize,
    /// Calls to the host in one of them.
    pub(super) host_calls: u64,
    /// Instructions of one evaluation on a fresh instance, more or less; the same on every machine.
    pub(super) fuel: Option<u64>,
}

/// Times policies in turns for so long each, so that whatever else the machine does is the same for all.
pub(super) fn measure(
    policies: &[&Policy],
    reading: &Reading,
    request: &Request,
    time: Duration,
) -> Result<Vec<Measurement>, PolicyError> {
    run(policies, reading, request, time / WARM_UP)?;
    let candidates = request.candidates.len();
    let runs = run(policies, reading, request, time)?;
    Ok(policies.iter().zip(runs).map(|(policy, run)| run.measurement(policy, candidates)).collect())
}

/// The evaluations of one policy.
#[derive(Default)]
struct Run {
    times: Vec<Duration>,
    memory_bytes: usize,
    host_calls: u64,
}

fn run(policies: &[&Policy], reading: &Reading, request: &Request, time: Duration) -> Result<Vec<Run>, PolicyError> {
    let mut runs: Vec<Run> = policies.iter().map(|_| Run::default()).collect();
    let mut rounds = 0;
    let mut spent = Duration::ZERO;
    let time = time.saturating_mul(u32::try_from(policies.len()).unwrap_or(u32::MAX));
    while rounds < LEAST_EVALUATIONS || (spent < time && rounds < MOST_EVALUATIONS) {
        for (policy, run) in policies.iter().zip(&mut runs) {
            let begin = Instant::now();
            let evaluation = policy.score(reading, request)?;
            let took = begin.elapsed();
            run.add(took, evaluation.report);
            spent += took;
        }
        rounds += 1;
    }
    Ok(runs)
}

impl Run {
    fn add(&mut self, took: Duration, report: Report) {
        self.times.push(took);
        self.memory_bytes = self.memory_bytes.max(report.memory_bytes);
        self.host_calls = report.host_calls;
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn measurement(mut self, policy: &Policy, candidates: usize) -> Measurement {
        self.times.sort();
        let total: Duration = self.times.iter().sum();
        let us = |time: Duration| time.as_secs_f64() * 1e6;
        let p50_us = us(percentile(&self.times, 50));
        Measurement {
            policy: policy.name().to_owned(),
            digest: policy.digest().to_owned(),
            evaluations: self.times.len(),
            per_second: self.times.len() as f64 / total.as_secs_f64(),
            ns_per_candidate: p50_us * 1e3 / candidates.max(1) as f64,
            p50_us,
            p99_us: (self.times.len() >= 100).then(|| us(percentile(&self.times, 99))),
            max_us: us(percentile(&self.times, 100)),
            memory_bytes: self.memory_bytes,
            host_calls: self.host_calls,
            fuel: None,
        }
    }
}

/// The shortest time that is at least as long as so many per cent of them; they come sorted.
fn percentile(times: &[Duration], per_cent: usize) -> Duration {
    let place = (times.len() * per_cent).div_ceil(100).saturating_sub(1);
    times.get(place).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_time_that_was_measured() {
        let times: Vec<Duration> = (1..=200).map(Duration::from_micros).collect();
        let of = |per_cent| percentile(&times, per_cent).as_micros();
        assert_eq!([of(50), of(99), of(100)], [100, 198, 200]);
        assert_eq!(percentile(&times[..1], 50).as_micros(), 1);
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }
}
