//! The formula: what a resource of a node scores, from its average load, the variation of its load, and the pod.
//!
//! The same on every target to the last bit: besides `libm`, which brings its own code, it is made of the operations that
//! IEEE 754 defines exactly.

use crate::Settings;

/// One resource of one node, all in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// What the node offers to pods. Nothing fits where it is 0 or less.
    pub capacity: f64,
    /// What the pod requests; less than 0 counts as 0.
    pub requested: f64,
    /// The average load; counts as the nearer end outside of 0 to the capacity.
    pub average: f64,
    /// The standard deviation of the load; counts as the nearer end outside of 0 to the capacity.
    pub deviation: f64,
}

impl Usage {
    /// From average and deviation in per cent of the capacity.
    #[must_use]
    pub fn from_utilisation(capacity: f64, requested: f64, average: f64, deviation: f64) -> Self {
        Self { capacity, requested, average: average * capacity / 100.0, deviation: deviation * capacity / 100.0 }
    }
}

/// The score of one resource, 0 to 100.
///
/// Of values that no host sends (NaN, infinite), a score of any size may come. A `sensitivity` of 0, which
/// [`Settings::validate`] refuses, is taken at its limit: only a deviation as large as the capacity counts.
#[must_use]
#[expect(clippy::manual_midpoint, reason = "both are within 0 to 1: nothing can overflow")]
pub fn score(usage: &Usage, settings: &Settings) -> f64 {
    let Usage { capacity, requested, average, deviation } = *usage;
    if capacity <= 0.0 {
        return 0.0;
    }
    let load = average.max(0.0).min(capacity) + requested.max(0.0);
    let mu = (load / capacity).clamp(0.0, 1.0);
    let deviation = (deviation / capacity).clamp(0.0, 1.0);
    let power = if settings.sensitivity < 0.0 { deviation } else { libm::pow(deviation, 1.0 / settings.sensitivity) };
    let sigma = (power * settings.margin).clamp(0.0, 1.0);
    (1.0 - (mu + sigma) / 2.0) * 100.0
}

/// The score of a node, 0 to 100: the lower one of its resources that were measured, 0 when none was.
#[must_use]
pub fn node_score(cpu: Option<Usage>, memory: Option<Usage>, settings: &Settings) -> f64 {
    let scores = [cpu, memory].into_iter().flatten().map(|usage| score(&usage, settings));
    scores.reduce(f64::min).unwrap_or(0.0)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    const USAGE: Usage = Usage { capacity: 100.0, requested: 10.0, average: 40.0, deviation: 36.0 };

    fn rounded(usage: Usage, sensitivity: f64) -> f64 {
        score(&usage, &Settings { margin: 1.0, sensitivity }).round()
    }

    #[test]
    fn average_request_and_deviation_count_half_each() {
        assert_eq!(rounded(USAGE, 1.0), 57.0);
        assert_eq!(rounded(Usage { deviation: 0.0, ..USAGE }, 1.0), 75.0);
        assert_eq!(rounded(Usage { requested: 0.0, ..USAGE }, 1.0), 62.0);
    }

    #[test]
    fn sensitivity_is_a_root_and_a_negative_one_is_none() {
        assert_eq!(rounded(USAGE, 2.0), 45.0);
        assert_eq!(rounded(USAGE, -1.0), rounded(USAGE, 1.0));
    }

    #[test]
    fn what_lies_outside_of_its_range_counts_as_the_nearer_end() {
        assert_eq!(rounded(Usage { average: -40.0, ..USAGE }, 2.0), 65.0);
        assert_eq!(rounded(Usage { deviation: 120.0, ..USAGE }, 1.0), 25.0);
        assert_eq!(rounded(Usage { deviation: -5.0, ..USAGE }, 1.0), 75.0);
        assert_eq!(rounded(Usage { average: 400.0, ..USAGE }, 1.0), 32.0);
        assert_eq!(rounded(Usage { requested: -10.0, ..USAGE }, 1.0), 62.0);
    }

    #[test]
    fn nothing_fits_where_there_is_no_capacity() {
        assert_eq!(rounded(Usage { capacity: 0.0, ..USAGE }, 1.0), 0.0);
        assert_eq!(rounded(Usage { capacity: -1.0, ..USAGE }, 1.0), 0.0);
    }

    #[test]
    fn margin_multiplies_the_deviation() {
        assert_eq!(score(&USAGE, &Settings { margin: 0.0, sensitivity: 1.0 }), 75.0);
        assert_eq!(score(&USAGE, &Settings { margin: 1e308, sensitivity: 1.0 }), 25.0);
    }

    #[test]
    fn extreme_values_stay_within_the_score_contract() {
        let extremes = [0.0, -0.0, f64::MIN, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1.0, -1.0];
        for capacity in extremes {
            for average in extremes {
                for deviation in extremes {
                    for sensitivity in [5e-324, 0.5, 2.0, f64::MAX, -1.0] {
                        let usage = Usage { capacity, requested: average, average, deviation };
                        let score = score(&usage, &Settings { margin: f64::MAX, sensitivity });
                        assert!((0.0..=100.0).contains(&score), "{score} of {usage:?} and {sensitivity}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_lower_one_of_the_measured_resources_counts() {
        let other = Usage { average: 80.0, ..USAGE };
        let settings = Settings::default();
        assert_eq!(node_score(Some(USAGE), Some(other), &settings), score(&other, &settings));
        assert_eq!(node_score(None, Some(USAGE), &settings), score(&USAGE, &settings));
        assert_eq!(node_score(None, None, &settings), 0.0);
    }
}
