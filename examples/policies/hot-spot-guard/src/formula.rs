//! The formula: whether a node is too hot for another pod, and how much of it is free otherwise.
//!
//! The same on every target to the last bit: it is made of the operations that IEEE 754 defines exactly.

use crate::Weights;

/// One resource of one node, in per cent of what the node offers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// What is used, with the pods that were assigned since it was measured.
    pub used: f64,
    /// The same with the pod to be placed; counts as the nearer end outside of 0 to 100.
    pub planned: f64,
    /// Where the node becomes too hot.
    pub threshold: f64,
}

impl Usage {
    /// Whether the node is too hot for another pod.
    #[must_use]
    pub fn is_hot(&self) -> bool {
        self.used >= self.threshold
    }
}

/// Amounts as per cent of a capacity. All of it where there is no capacity.
#[must_use]
pub fn per_cent(amount: f64, capacity: f64) -> f64 {
    if capacity <= 0.0 { 100.0 } else { amount.max(0.0) / capacity * 100.0 }
}

/// The score of a node, 0 to 100: 0 when one of its resources is hot; otherwise the weighted mean of what is free of those
/// that are known. `None` when none is known that has a weight.
#[must_use]
pub fn node_score(cpu: Option<Usage>, memory: Option<Usage>, weights: &Weights) -> Option<f64> {
    let known = [cpu.zip(Some(weights.cpu)), memory.zip(Some(weights.memory))];
    let mut free = 0.0;
    let mut total = 0.0;
    for (usage, weight) in known.into_iter().flatten() {
        if usage.is_hot() {
            return Some(0.0);
        }
        free += weight * (100.0 - usage.planned.clamp(0.0, 100.0));
        total += weight;
    }
    // Rounding may leave the mean a bit above 100.
    if total > 0.0 { Some((free / total).min(100.0)) } else { None }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    const ALIKE: Weights = Weights { cpu: 1.0, memory: 1.0 };

    fn usage(used: f64, planned: f64) -> Usage {
        Usage { used, planned, threshold: 65.0 }
    }

    #[test]
    fn a_node_is_hot_from_the_threshold_on() {
        assert_eq!(node_score(Some(usage(65.0, 65.0)), Some(usage(0.0, 0.0)), &ALIKE), Some(0.0));
        assert_eq!(node_score(Some(usage(64.9, 64.9)), None, &ALIKE).map(f64::round), Some(35.0));
        assert_eq!(node_score(None, Some(usage(99.0, 99.0)), &ALIKE), Some(0.0));
        assert_eq!(
            node_score(Some(usage(20.0, 90.0)), None, &ALIKE).map(f64::round),
            Some(10.0),
            "the pod itself is no heat"
        );
    }

    #[test]
    fn what_is_free_is_weighted() {
        let of = |cpu, memory| node_score(Some(usage(20.0, 20.0)), Some(usage(60.0, 60.0)), &Weights { cpu, memory });
        assert_eq!(of(1.0, 1.0), Some(60.0));
        assert_eq!(of(3.0, 1.0), Some(70.0));
        assert_eq!(of(0.0, 0.25), Some(40.0));
    }

    #[test]
    fn what_is_not_known_has_no_weight() {
        assert_eq!(node_score(Some(usage(20.0, 20.0)), None, &ALIKE), Some(80.0));
        assert_eq!(node_score(None, Some(usage(20.0, 20.0)), &Weights { cpu: 1.0, memory: 0.0 }), None);
        assert_eq!(node_score(None, None, &ALIKE), None);
    }

    #[test]
    fn amounts_are_per_cent_of_the_capacity() {
        assert_eq!(per_cent(250.0, 1000.0), 25.0);
        assert_eq!(per_cent(-5.0, 1000.0), 0.0);
        assert_eq!(per_cent(5.0, 0.0), 100.0);
    }

    #[test]
    fn extreme_values_stay_within_the_score_contract() {
        let extremes = [0.0, -0.0, f64::MIN, f64::MAX, f64::INFINITY, f64::MIN_POSITIVE, 5e-324, 1.0, -1.0];
        let weights = [f64::MIN_POSITIVE, 1e300, 0.1, 0.0];
        for used in extremes {
            for planned in extremes {
                for (cpu, memory) in weights.into_iter().flat_map(|cpu| weights.map(|memory| (cpu, memory))) {
                    let score =
                        node_score(Some(usage(used, planned)), Some(usage(planned, used)), &Weights { cpu, memory });
                    let score = score.unwrap_or(0.0);
                    assert!((0.0..=100.0).contains(&score), "{score} of {used} and {planned}");
                }
            }
        }
    }
}
