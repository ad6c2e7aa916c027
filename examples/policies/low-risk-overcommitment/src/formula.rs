//! The formula: how risky it is to put a pod on a node, from what is requested of the node, what its pods may use at most,
//! and what they do use.
//!
//! The same on every target to the last bit: besides `libm`, which brings its own code, it is made of the operations that
//! IEEE 754 defines exactly.

use crate::Beta;

/// What is promised of one resource of one node, all in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Commitment {
    /// What the node offers to pods. Nothing fits where it is 0 or less.
    pub capacity: f64,
    /// What the pods on the node request.
    pub requested: f64,
    /// What the pods on the node may use at most; less than they request counts as what they request.
    pub limits: f64,
    /// Whether `limits` is all of them. If not it is the least that they can be, and no bound of the load.
    pub knows_limits: bool,
    /// What the pod to be placed requests.
    pub pod_request: f64,
    /// What the pod to be placed may use at most; less than it requests counts as what it requests.
    pub pod_limit: f64,
}

/// The measured load of a resource, in per cent of what the node offers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// The average; counts as the nearer end outside of 0 to 100.
    pub average: f64,
    /// The standard deviation; counts as the nearer end outside of 0 to 100.
    pub deviation: f64,
}

/// The part of what pods may use beyond their requests that the node does not have, 0 to 1, with the pod to be placed.
#[must_use]
pub fn limit_risk(commitment: &Commitment) -> f64 {
    let Commitment { capacity, requested, limits, pod_request, pod_limit, .. } = *commitment;
    let request = (requested.max(0.0) + pod_request.max(0.0)).min(capacity);
    // Never infinite, so that differences exist.
    let limit = (limits.max(requested).max(0.0) + pod_limit.max(pod_request).max(0.0)).min(f64::MAX);
    if limit > capacity { (limit - capacity) / (limit - request) } else { 0.0 }
}

/// The probability that the pods on the node use more than they request, 0 to 1, given that they stay below their limits
/// if these are known.
///
/// The load is taken for Beta distributed. Its deviation is multiplied by the root of `window`, the number of measurements
/// that the load monitor's average smooths over.
#[must_use]
pub fn load_risk(commitment: &Commitment, load: &Load, window: u32) -> f64 {
    let Commitment { capacity, requested, limits, knows_limits, .. } = *commitment;
    let requested = requested.max(0.0).min(capacity);
    let limits = limits.max(requested);
    let mean = (load.average / 100.0).clamp(0.0, 1.0);
    let deviation = (load.deviation / 100.0).clamp(0.0, 1.0) * f64::from(window).sqrt();

    let threshold = requested / capacity;
    let distribution = Beta::fitted(mean, deviation);
    let within = match distribution {
        Some(distribution) => distribution.below(threshold),
        None if mean <= threshold => 1.0,
        None => 0.0,
    };
    1.0 - if !knows_limits || limits >= capacity {
        within
    } else if limits <= 0.0 {
        // No pod is there that could use anything.
        1.0
    } else {
        let below_limits = distribution.map_or(1.0, |distribution| distribution.below(limits / capacity));
        if below_limits > 0.0 { (within / below_limits).min(1.0) } else { within }
    }
}

/// The risk of one resource, 0 to 1: `weight` of the risk of limits, and the rest of the risk of load. A load that was not
/// measured is no risk. All of it where the node offers nothing.
#[must_use]
pub fn risk(commitment: &Commitment, load: Option<&Load>, window: u32, weight: f64) -> f64 {
    if commitment.capacity <= 0.0 {
        return 1.0;
    }
    let of_load = load.map_or(0.0, |load| load_risk(commitment, load, window));
    (weight * limit_risk(commitment) + (1.0 - weight) * of_load).clamp(0.0, 1.0)
}

/// The score of a node, 0 to 100: what the riskier one of its resources leaves. 0 when it states neither.
#[must_use]
pub fn node_score(cpu: Option<f64>, memory: Option<f64>) -> f64 {
    [cpu, memory].into_iter().flatten().reduce(f64::max).map_or(0.0, |risk| (1.0 - risk) * 100.0)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    const WINDOW: u32 = 5;

    fn commitment(capacity: f64, [requested, limits]: [f64; 2], [pod_request, pod_limit]: [f64; 2]) -> Commitment {
        Commitment { capacity, requested, limits, knows_limits: true, pod_request, pod_limit }
    }

    fn steady(average: f64) -> Load {
        Load { average, deviation: 0.0 }
    }

    #[test]
    fn the_vectors_of_the_public_definition_hold() {
        let cpu = commitment(4000.0, [1000.0, 2000.0], [1000.0, 1000.0]);
        assert_eq!(risk(&cpu, Some(&steady(80.0)), WINDOW, 0.5), 0.5, "used more than requested");
        let memory = commitment(4096.0, [0.0, 0.0], [2048.0, 6144.0]);
        assert_eq!(risk(&memory, Some(&steady(25.0)), WINDOW, 0.5), 0.25, "half of the limits beyond the requests");
        let cpu = commitment(4000.0, [3000.0, 4000.0], [1000.0, 1000.0]);
        assert_eq!(risk(&cpu, Some(&steady(80.0)), WINDOW, 0.5), 1.0, "both");
        let memory = commitment(4096.0, [512.0, 6144.0], [512.0, 1024.0]);
        assert_eq!(risk(&memory, Some(&steady(25.0)), WINDOW, 0.5), 0.75);
    }

    #[test]
    fn limits_within_the_capacity_are_no_risk() {
        assert_eq!(limit_risk(&commitment(1000.0, [200.0, 600.0], [200.0, 400.0])), 0.0);
        assert_eq!(limit_risk(&commitment(1000.0, [200.0, 600.0], [200.0, 900.0])), 500.0 / 1100.0);
        assert_eq!(limit_risk(&commitment(1000.0, [900.0, 900.0], [900.0, 900.0])), 1.0, "requests beyond it");
    }

    #[test]
    fn limits_below_requests_count_as_requests() {
        let unlimited = commitment(1000.0, [600.0, 0.0], [200.0, 0.0]);
        assert_eq!(limit_risk(&unlimited), 0.0);
        assert_eq!(limit_risk(&Commitment { pod_request: 600.0, ..unlimited }), 1.0);
        assert_eq!(load_risk(&unlimited, &steady(50.0), WINDOW), 0.0);
    }

    #[test]
    fn steady_load_is_a_risk_once_it_exceeds_the_requests() {
        let promised = commitment(1000.0, [500.0, 1000.0], [0.0, 0.0]);
        assert_eq!(load_risk(&promised, &steady(50.0), WINDOW), 0.0);
        assert_eq!(load_risk(&promised, &steady(50.1), WINDOW), 1.0);
        assert_eq!(load_risk(&promised, &steady(0.0), WINDOW), 0.0);
        assert_eq!(load_risk(&promised, &steady(250.0), WINDOW), 1.0);
        let nothing_there = commitment(1000.0, [0.0, 0.0], [100.0, 200.0]);
        assert_eq!(load_risk(&nothing_there, &steady(50.0), WINDOW), 0.0);
    }

    #[test]
    fn varying_load_is_a_risk_by_its_probability() {
        for (capacity, requested, limits, average, deviation, window, expected) in LOAD_VECTORS {
            let promised = commitment(capacity, [requested, limits], [0.0, 0.0]);
            let risk = load_risk(&promised, &Load { average, deviation }, window);
            assert!(
                (risk - expected).abs() < 1e-8,
                "{risk} instead of {expected}: {promised:?}, {average} ± {deviation}"
            );
        }
    }

    #[test]
    fn limits_that_are_not_known_do_not_bound_the_load() {
        let promised = commitment(1000.0, [500.0, 500.0], [0.0, 0.0]);
        let load = Load { average: 50.0, deviation: 10.0 };
        assert_eq!(load_risk(&promised, &load, 1), 0.0, "nobody can use more than is requested");
        let unknown = load_risk(&Commitment { knows_limits: false, ..promised }, &load, 1);
        assert!((unknown - 0.5).abs() < 1e-8, "{unknown}");
    }

    #[test]
    fn smoothing_widens_the_deviation_by_its_root() {
        let promised = commitment(1000.0, [500.0, 1000.0], [0.0, 0.0]);
        let load = |deviation| Load { average: 40.0, deviation };
        assert_eq!(load_risk(&promised, &load(5.0), 4), load_risk(&promised, &load(10.0), 1));
        assert!(load_risk(&promised, &load(5.0), 5) > load_risk(&promised, &load(5.0), 1));
    }

    #[test]
    fn the_weight_divides_the_risk_between_limits_and_load() {
        let promised = commitment(1000.0, [500.0, 1500.0], [0.0, 0.0]);
        let of = |weight| risk(&promised, Some(&steady(60.0)), WINDOW, weight);
        assert_eq!([of(0.0), of(0.5), of(1.0)], [1.0, 0.75, 0.5]);
        assert_eq!(risk(&promised, None, WINDOW, 0.5), 0.25, "no load was measured");
        assert_eq!(risk(&Commitment { capacity: 0.0, ..promised }, None, WINDOW, 0.5), 1.0);
    }

    #[test]
    fn the_riskier_resource_decides() {
        assert_eq!(node_score(Some(0.25), Some(0.5)), 50.0);
        assert_eq!(node_score(None, Some(0.25)), 75.0);
        assert_eq!(node_score(None, None), 0.0);
    }

    #[test]
    fn extreme_values_stay_within_the_score_contract() {
        let extremes = [0.0, -0.0, f64::MIN, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1.0, -1.0, 50.0];
        for capacity in extremes {
            for requested in extremes {
                for limits in extremes {
                    for average in extremes {
                        for deviation in [0.0, 5e-324, 1.0, f64::MAX] {
                            let promised = commitment(capacity, [requested, limits], [limits, requested]);
                            let load = Load { average, deviation };
                            let score = node_score(Some(risk(&promised, Some(&load), u32::MAX, 0.5)), None);
                            assert!((0.0..=100.0).contains(&score), "{score} of {promised:?} and {load:?}");
                        }
                    }
                }
            }
        }
    }

    /// Capacity, requested, limits, average, deviation, window, and the risk by `scipy.special.betainc`.
    const LOAD_VECTORS: [(f64, f64, f64, f64, f64, u32, f64); 13] = [
        (1000.0, 500.0, 1000.0, 40.0, 10.0, 5, 0.330_805_554_869_191_3),
        (1000.0, 500.0, 800.0, 40.0, 10.0, 5, 0.297_466_708_572_290_96),
        (1000.0, 500.0, 800.0, 40.0, 10.0, 1, 0.163_443_499_845_317_14),
        (1000.0, 200.0, 400.0, 60.0, 20.0, 5, 0.104_729_830_759_599_19),
        (1000.0, 200.0, 400.0, 60.0, 20.0, 1, 0.848_214_285_714_285_6),
        (4000.0, 3000.0, 4000.0, 70.0, 5.0, 5, 0.356_320_803_199_366_54),
        (4000.0, 3000.0, 6000.0, 75.0, 3.0, 1, 0.510_672_097_818_543_7),
        (1000.0, 0.0, 500.0, 30.0, 10.0, 5, 1.0),
        (1000.0, 1000.0, 1000.0, 90.0, 20.0, 5, 0.0),
        (1000.0, 900.0, 950.0, 95.0, 40.0, 5, 0.006_960_054_260_116_477),
        (1000.0, 100.0, 900.0, 5.0, 4.0, 5, 0.164_491_408_595_623_72),
        (1000.0, 500.0, 1000.0, 50.0, 0.1, 1, 0.499_999_999_999_999_9),
        (1000.0, 500.0, 1000.0, 99.9, 10.0, 5, 0.999_000_082_595_200_6),
    ];
}
