//! How much the pods of a simulated label use, and all pods together.

use super::noise::{Subject, between, draws, whole};

/// What the pods of a label used over fifteen days. A simulated label does not change: its real ones move slower than
/// anybody watches a simulator.
#[derive(Clone, Copy)]
pub(super) struct LabelUse {
    /// In millicores.
    pub(super) cpu: Usage,
    /// In MiB.
    pub(super) memory: Usage,
    /// How many pods the statistics rest on.
    pods: f64,
}

/// A mean and its standard deviation.
#[derive(Clone, Copy)]
pub(super) struct Usage {
    pub(super) average: f64,
    pub(super) deviation: f64,
}

impl LabelUse {
    /// The statistics of label `index`.
    pub(super) fn of(seed: u64, index: u32) -> Self {
        let [cpu, cpu_spread, memory, memory_spread, pods, ..] = draws(seed, Subject::Label, index, 0);
        // Most pods are small and a few are big, hence the powers: 5 m to 1.5 cores, 20 MiB to 3 GiB.
        let cpu = between(cpu * cpu * cpu, 5.0, 1_500.0);
        let memory = between(memory * memory, 20.0, 3_072.0);
        Self {
            cpu: Usage { average: cpu, deviation: cpu * between(cpu_spread, 0.2, 0.9) },
            memory: Usage { average: memory, deviation: memory * between(memory_spread, 0.03, 0.3) },
            pods: f64::from(1 + whole(pods * 40.0)),
        }
    }

    /// The statistics of all pods of all labels taken together, or `None` without any label.
    pub(super) fn pooled(labels: &[Self]) -> Option<Self> {
        let pods = labels.iter().map(|label| label.pods).sum::<f64>();
        (pods > 0.0).then(|| Self {
            cpu: pool(labels, pods, |label| label.cpu),
            memory: pool(labels, pods, |label| label.memory),
            pods,
        })
    }
}

/// The variance of a pool is the mean of the variances plus the variance of the means.
fn pool(labels: &[LabelUse], pods: f64, usage: impl Fn(&LabelUse) -> Usage) -> Usage {
    let average = labels.iter().map(|label| label.pods * usage(label).average).sum::<f64>() / pods;
    let squares = labels.iter().map(|label| {
        let Usage { average: own, deviation } = usage(label);
        label.pods * (deviation * deviation + (own - average) * (own - average))
    });
    Usage { average, deviation: (squares.sum::<f64>() / pods).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(average: f64, deviation: f64, pods: f64) -> LabelUse {
        let usage = Usage { average, deviation };
        LabelUse { cpu: usage, memory: usage, pods }
    }

    #[test]
    fn pools_by_the_number_of_pods() {
        // Three pods that use exactly 10 and one that uses exactly 30: mean 15, variance (3 × 25 + 225) / 4 = 75.
        let pooled = LabelUse::pooled(&[label(10.0, 0.0, 3.0), label(30.0, 0.0, 1.0)]).unwrap();
        assert!((pooled.cpu.average - 15.0).abs() < 1e-9);
        assert!((pooled.memory.deviation - 75.0_f64.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn a_pool_of_one_is_that_one() {
        let pooled = LabelUse::pooled(&[label(10.0, 2.5, 7.0)]).unwrap();
        assert!((pooled.cpu.average - 10.0).abs() < 1e-9);
        assert!((pooled.cpu.deviation - 2.5).abs() < 1e-9);
    }

    #[test]
    fn nothing_pools_to_nothing() {
        assert!(LabelUse::pooled(&[]).is_none());
    }
}
