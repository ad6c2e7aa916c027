//! The formulas: what a node scores from its load and the statistics of the pods that come to it, and what it scores from
//! requests alone.
//!
//! The same on every target to the last bit: besides `libm`, which brings its own code, they are made of the operations
//! that IEEE 754 defines exactly.

use crate::Settings;

/// What pods are expected to use of one resource.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Expected {
    /// The sum of their averages.
    pub average: f64,
    /// The largest of their standard deviations.
    pub deviation: f64,
}

impl Expected {
    /// The same with another pod. An average of less than 0 counts as 0.
    #[must_use]
    pub fn with(self, pod: Self) -> Self {
        Self { average: self.average + pod.average.max(0.0), deviation: self.deviation.max(pod.deviation) }
    }
}

/// One resource of one node, all in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// What the node offers to pods. Nothing fits where it is 0 or less.
    pub capacity: f64,
    /// The average load; counts as the nearer end outside of 0 to the capacity.
    pub average: f64,
    /// The standard deviation of the load; counts as the nearer end outside of 0 to the capacity.
    pub deviation: f64,
    /// The pods that the load does not show yet: the one to be placed, and those assigned since it was measured.
    pub pods: Expected,
}

impl Usage {
    /// From average and deviation in per cent of the capacity.
    #[must_use]
    pub fn from_utilisation(capacity: f64, average: f64, deviation: f64, pods: Expected) -> Self {
        Self { capacity, average: average * capacity / 100.0, deviation: deviation * capacity / 100.0, pods }
    }
}

/// The score of one resource, 0 to 100.
///
/// Of values that no host sends (NaN, infinite), a score of any size may come. A `sensitivity` of 0, which
/// [`Settings::validate`] refuses, is taken at its limit: only a deviation as large as the capacity counts.
#[must_use]
#[expect(clippy::manual_midpoint, reason = "both are within 0 to 1: nothing can overflow")]
pub fn score(usage: &Usage, settings: &Settings) -> f64 {
    let Usage { capacity, average, deviation, pods } = *usage;
    if capacity <= 0.0 {
        return 0.0;
    }
    let load = average.max(0.0).min(capacity) + pods.average.max(0.0);
    let mu = (load / capacity).clamp(0.0, 1.0);
    let deviation = (deviation.max(pods.deviation) / capacity).clamp(0.0, 1.0);
    let power = if settings.sensitivity < 0.0 { deviation } else { libm::pow(deviation, 1.0 / settings.sensitivity) };
    let sigma = (power * settings.margin).clamp(0.0, 1.0);
    (1.0 - (mu + sigma) / 2.0) * 100.0
}

/// What is left of something that is used to so many per cent: `(1 − used/100) × 100`, 0 to 100.
#[must_use]
pub fn free_share(used: f64) -> f64 {
    100.0 - used.clamp(0.0, 100.0)
}

/// The score of a node, 0 to 100: the lowest of its resources that were measured and of the free share of its disks and
/// its network, where that is published. `None` when neither cpu nor memory was measured.
#[must_use]
pub fn node_score(cpu: Option<Usage>, memory: Option<Usage>, free: Option<f64>, settings: &Settings) -> Option<f64> {
    let scores = [cpu, memory].into_iter().flatten().map(|usage| score(&usage, settings));
    let lower = scores.reduce(f64::min)?;
    Some(free.map_or(lower, |free| lower.min(free)))
}

/// One resource of one node as it is requested, all in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// What the node offers to pods. Nothing fits where it is 0 or less.
    pub capacity: f64,
    /// What is requested of it, by the pod to be placed too.
    pub requested: f64,
}

/// The score of a node by requests alone, a whole number from 0 to 100: the lower share of cpu and memory that is left.
/// 0 when the node states neither.
#[must_use]
pub fn least_requested(cpu: Option<Demand>, memory: Option<Demand>) -> f64 {
    [cpu, memory].into_iter().flatten().map(|demand| left(&demand)).reduce(f64::min).unwrap_or(0.0)
}

/// `(1 − requested/capacity) × 100`, written so that whole amounts are not rounded before they are truncated: 430 of 1000
/// leave 57, and not 56.99999999999999.
fn left(demand: &Demand) -> f64 {
    let Demand { capacity, requested } = *demand;
    if capacity <= 0.0 {
        return 0.0;
    }
    ((capacity - requested) * 100.0 / capacity).clamp(0.0, 100.0).trunc()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    const POD: Expected = Expected { average: 100.0, deviation: 10.0 };
    const CPU: Usage = Usage { capacity: 1000.0, average: 400.0, deviation: 160.0, pods: POD };

    fn rounded(usage: Usage) -> f64 {
        score(&usage, &Settings::default()).round()
    }

    #[test]
    fn node_and_pods_share_the_average_and_the_larger_deviation_counts() {
        assert_eq!(rounded(CPU), 67.0);
        assert_eq!(rounded(Usage { pods: Expected { deviation: 200.0, ..POD }, ..CPU }), 65.0);
        assert_eq!(rounded(Usage { pods: Expected::default(), ..CPU }), 72.0);
        let mebibytes = Usage::from_utilisation(1024.0, 50.0, 10.0, Expected { average: 256.0, deviation: 10.0 });
        assert_eq!(rounded(mebibytes), 57.0);
    }

    #[test]
    fn pods_add_their_averages_and_keep_the_largest_deviation() {
        let pods =
            POD.with(Expected { average: 60.0, deviation: 40.0 }).with(Expected { average: -5.0, deviation: -1.0 });
        assert_eq!(pods, Expected { average: 160.0, deviation: 40.0 });
        assert_eq!(rounded(Usage { pods, ..CPU }), 64.0);
    }

    #[test]
    fn sensitivity_is_a_root_and_a_negative_one_is_none() {
        let of = |margin, sensitivity| score(&CPU, &Settings { margin, sensitivity, ..Settings::default() }).round();
        assert_eq!(of(1.0, 2.0), 55.0);
        assert_eq!(of(1.0, -1.0), of(1.0, 1.0));
        assert_eq!(of(0.0, 1.0), 75.0);
        assert_eq!(of(1e308, 1.0), 25.0);
    }

    #[test]
    fn what_lies_outside_of_its_range_counts_as_the_nearer_end() {
        assert_eq!(rounded(Usage { average: -400.0, ..CPU }), 87.0);
        assert_eq!(rounded(Usage { average: 4000.0, ..CPU }), 42.0);
        assert_eq!(rounded(Usage { deviation: 5000.0, ..CPU }), 25.0);
        assert_eq!(rounded(Usage { deviation: -5.0, pods: Expected { deviation: -5.0, ..POD }, ..CPU }), 75.0);
        assert_eq!(rounded(Usage { capacity: 0.0, ..CPU }), 0.0);
        assert_eq!(rounded(Usage { capacity: -1.0, ..CPU }), 0.0);
    }

    #[test]
    fn the_lowest_of_all_that_is_known_counts() {
        let settings = Settings::default();
        let memory = Usage { average: 800.0, ..CPU };
        assert_eq!(node_score(Some(CPU), Some(memory), None, &settings), Some(score(&memory, &settings)));
        assert_eq!(node_score(None, Some(CPU), Some(90.0), &settings), Some(score(&CPU, &settings)));
        assert_eq!(node_score(Some(CPU), None, Some(free_share(90.0)), &settings), Some(10.0));
        assert_eq!(node_score(None, None, Some(10.0), &settings), None, "disks alone are no load");
    }

    #[test]
    fn a_share_is_left_of_what_is_used() {
        assert_eq!((free_share(90.0), free_share(130.0), free_share(-3.0)), (10.0, 0.0, 100.0));
    }

    #[test]
    fn requests_leave_a_truncated_share() {
        let demand = |requested| Some(Demand { capacity: 1000.0, requested });
        assert_eq!(least_requested(demand(230.0), None), 77.0);
        assert_eq!(least_requested(demand(430.0), None), 57.0);
        assert_eq!(least_requested(demand(431.0), None), 56.0);
        assert_eq!(least_requested(demand(100.0), demand(500.0)), 50.0);
        assert_eq!(least_requested(demand(1200.0), demand(0.0)), 0.0);
        assert_eq!(least_requested(None, demand(-5.0)), 100.0);
        assert_eq!(least_requested(None, Some(Demand { capacity: 0.0, requested: 0.0 })), 0.0);
        assert_eq!(least_requested(None, None), 0.0);
    }

    #[test]
    fn every_whole_share_of_requests_is_exact() {
        for part in 0..=1000 {
            let (requested, whole) = (f64::from(part), f64::from((1000 - part) / 10));
            assert_eq!(least_requested(Some(Demand { capacity: 1000.0, requested }), None), whole, "{part} of 1000");
        }
    }

    #[test]
    fn extreme_values_stay_within_the_score_contract() {
        let extremes = [0.0, -0.0, f64::MIN, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1.0, -1.0];
        for capacity in extremes {
            for average in extremes {
                for deviation in extremes {
                    for sensitivity in [5e-324, 0.5, 2.0, f64::MAX, -1.0] {
                        let pods = Expected { average, deviation }.with(Expected { average, deviation });
                        let usage = Usage { capacity, average, deviation, pods };
                        let settings = Settings { margin: f64::MAX, sensitivity, ..Settings::default() };
                        let demand = Demand { capacity, requested: average };
                        for score in [score(&usage, &settings), least_requested(Some(demand), None)] {
                            assert!((0.0..=100.0).contains(&score), "{score} of {usage:?} and {sensitivity}");
                        }
                    }
                }
            }
        }
    }
}
