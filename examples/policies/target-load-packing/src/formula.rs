//! The formula: what a node scores from the load that it will have with the pod on it.
//!
//! The same on every target to the last bit: it is made of the operations that IEEE 754 defines exactly.

use crate::Settings;

/// What a pod will use of the cpu, in millicores: the sum over its containers' limits and requests, and its overhead.
#[must_use]
pub fn pod_prediction(
    limits_and_requests: impl IntoIterator<Item = (f64, f64)>,
    overhead: f64,
    settings: &Settings,
) -> f64 {
    let containers = limits_and_requests.into_iter();
    let sum: f64 = containers.map(|(limit, request)| container_prediction(limit, request, settings)).sum();
    sum + overhead.max(0.0)
}

/// What a container will use of the cpu, in millicores: its limit, or more than it requests, or a default. 0 or less
/// stands for what is not stated.
#[must_use]
pub fn container_prediction(limit: f64, request: f64, settings: &Settings) -> f64 {
    if limit > 0.0 {
        limit
    } else if request > 0.0 {
        request * settings.request_multiplier
    } else {
        settings.default_millicores
    }
}

/// One node, in millicores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// What the node offers to pods. Nothing fits where it is 0 or less.
    pub capacity: f64,
    /// The measured load in per cent of the capacity; less than 0 counts as 0.
    pub utilisation: f64,
    /// What the pods will use that the load does not show yet: the one to be placed, and those assigned since it was
    /// measured.
    pub pods: f64,
}

/// The score of a node, a whole number from 0 to 100: 100 at the target, falling to the target towards an idle node, and
/// from the target towards 0 as the load grows beyond it.
#[must_use]
pub fn score(load: &Load, settings: &Settings) -> f64 {
    let Load { capacity, utilisation, pods } = *load;
    let target = settings.target;
    if capacity <= 0.0 {
        return 0.0;
    }
    let predicted = 100.0 * (utilisation.max(0.0) / 100.0 * capacity + pods) / capacity;
    if predicted > 100.0 {
        0.0
    } else if predicted > target {
        (target * (100.0 - predicted) / (100.0 - target)).round()
    } else {
        ((100.0 - target) * predicted / target + target).round()
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    fn at(target: f64, utilisation: f64, pods: f64) -> f64 {
        score(&Load { capacity: 1000.0, utilisation, pods }, &Settings { target, ..Settings::default() })
    }

    #[test]
    fn the_target_scores_best_and_both_sides_fall_off() {
        assert_eq!([25.0, 50.0, 75.0].map(|used| at(50.0, used, 0.0)), [75.0, 100.0, 25.0]);
        assert_eq!([0.0, 20.0, 40.0, 70.0, 100.0].map(|used| at(40.0, used, 0.0)), [40.0, 70.0, 100.0, 20.0, 0.0]);
        assert_eq!([100.1, 1000.0].map(|used| at(40.0, used, 0.0)), [0.0, 0.0]);
    }

    #[test]
    fn pods_add_to_the_measured_load() {
        assert_eq!(at(50.0, 0.0, 250.0), 75.0);
        assert_eq!(at(50.0, 25.0, 250.0), 100.0);
        assert_eq!(at(50.0, 25.0, 500.0), 25.0);
        assert_eq!(at(50.0, 25.0, 751.0), 0.0);
    }

    #[test]
    fn scores_are_rounded() {
        assert_eq!(at(40.0, 10.3, 0.0), 55.0, "55.45");
        assert_eq!(at(40.0, 77.0, 0.0), 15.0, "15.33");
    }

    #[test]
    fn a_load_below_0_counts_as_none_and_no_capacity_takes_nothing() {
        assert_eq!(at(40.0, -30.0, 0.0), 40.0);
        let settings = Settings::default();
        assert_eq!(score(&Load { capacity: 0.0, utilisation: 10.0, pods: 0.0 }, &settings), 0.0);
        assert_eq!(score(&Load { capacity: -1.0, utilisation: 10.0, pods: 0.0 }, &settings), 0.0);
    }

    #[test]
    fn a_container_will_use_its_limit_or_more_than_it_requests_or_the_default() {
        let settings = Settings::default();
        assert_eq!(container_prediction(300.0, 200.0, &settings), 300.0);
        assert_eq!(container_prediction(0.0, 200.0, &settings), 300.0);
        assert_eq!(container_prediction(0.0, 0.0, &settings), 1000.0);
        let settings = Settings { request_multiplier: 2.0, default_millicores: 250.0, ..settings };
        assert_eq!(pod_prediction([(300.0, 200.0), (0.0, 200.0), (0.0, 0.0)], 50.0, &settings), 1000.0);
        assert_eq!(pod_prediction([], 50.0, &settings), 50.0);
    }

    #[test]
    fn extreme_values_stay_within_the_score_contract() {
        let extremes = [0.0, -0.0, f64::MIN, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1.0, -1.0];
        for capacity in extremes {
            for utilisation in extremes {
                for limit in extremes {
                    for target in [f64::MIN_POSITIVE, 40.0, 99.999_999] {
                        let settings = Settings { target, request_multiplier: f64::MAX, ..Settings::default() };
                        let pods = pod_prediction([(limit, limit), (0.0, limit)], limit, &settings);
                        let score = score(&Load { capacity, utilisation, pods }, &settings);
                        assert!((0.0..=100.0).contains(&score), "{score} of {capacity}, {utilisation} and {pods}");
                    }
                }
            }
        }
    }
}
