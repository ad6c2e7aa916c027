//! The formula: what a resource of a node scores, from its average load, the variation of its load, and the pod.
//!
//! The same on every target to the last bit: besides `libm`, which brings its own code, it is made of the operations that
//! IEEE 754 defines exactly.

use crate::Settings;

/// One resource of one node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// What the node offers to pods. Nothing fits where it is 0 or less.
    pub capacity: f64,
    /// What the pod requests, in the unit of the capacity; less than 0 counts as 0.
    pub requested: f64,
    /// The average load in per cent of the capacity; counts as the nearer end outside of 0 to 100.
    pub average: f64,
    /// The standard deviation of the load in per cent of the capacity; likewise. Not a number counts as 0.
    pub deviation: f64,
}

/// One resource of all nodes: a column each, of one length. What was not measured is not a number.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// See [`Usage::capacity`].
    pub capacities: &'a [f64],
    /// See [`Usage::requested`].
    pub requested: f64,
    /// See [`Usage::average`].
    pub averages: &'a [f64],
    /// See [`Usage::deviation`].
    pub deviations: &'a [f64],
}

/// The score of one resource, 0 to 100; not a number where capacity or average is none.
///
/// Of infinite values, which no host sends, a score of any size may come. A `sensitivity` of 0, which
/// [`Settings::validate`] refuses, is taken at its limit: only a deviation as large as the capacity counts.
#[must_use]
pub fn score(usage: &Usage, settings: &Settings) -> f64 {
    match settings.exponent() {
        None => score_with(usage, settings.margin, |deviation| deviation),
        Some(exponent) => score_with(usage, settings.margin, |deviation| libm::pow(deviation, exponent)),
    }
}

/// The score of each node, 0 to 100: the lower one of cpu and memory where both were measured, 0 where none was.
#[must_use]
pub fn scores(cpu: &Columns<'_>, memory: &Columns<'_>, settings: &Settings) -> Vec<f64> {
    match settings.exponent() {
        None => scores_with(cpu, memory, settings.margin, |deviation| deviation),
        Some(exponent) => scores_with(cpu, memory, settings.margin, |deviation| libm::pow(deviation, exponent)),
    }
}

/// A straight loop without a branch in it, which compilers turn into several nodes at a time.
fn scores_with(cpu: &Columns<'_>, memory: &Columns<'_>, margin: f64, power: impl Fn(f64) -> f64) -> Vec<f64> {
    let score = |columns: &Columns<'_>, ((capacity, average), deviation): ((f64, f64), f64)| {
        score_with(&Usage { capacity, requested: columns.requested, average, deviation }, margin, &power)
    };
    let both = cpu.rows().zip(memory.rows());
    both.map(|(of_cpu, of_memory)| lower(score(cpu, of_cpu), score(memory, of_memory))).collect()
}

impl Columns<'_> {
    /// Capacity, average and deviation of each node.
    fn rows(&self) -> impl Iterator<Item = ((f64, f64), f64)> {
        let [capacities, averages, deviations] =
            [self.capacities, self.averages, self.deviations].map(|column| column.iter().copied());
        capacities.zip(averages).zip(deviations)
    }
}

/// The lower one of two scores of which each may not be a number, and 0 when none is.
fn lower(one: f64, other: f64) -> f64 {
    // A comparison with what is not a number is false.
    let one = if one <= 100.0 { one } else { f64::INFINITY };
    let lower = if other < one { other } else { one };
    if lower <= 100.0 { lower } else { 0.0 }
}

#[inline]
fn score_with(usage: &Usage, margin: f64, power: impl Fn(f64) -> f64) -> f64 {
    let Usage { capacity, requested, average, deviation } = *usage;
    let requested = if requested > 0.0 { requested } else { 0.0 };
    let deviation = if deviation > 0.0 { deviation } else { 0.0 };
    let mu = within_one(within_one(average / 100.0) + requested / capacity);
    let sigma = within_one(power(within_one(deviation / 100.0)) * margin);
    let score = 100.0 - (mu + sigma) * 50.0;
    if capacity <= 0.0 { 0.0 } else { score }
}

/// The value, or the nearer one of 0 and 1 where it lies outside. What is not a number stays so.
///
/// Two comparisons. `f64::max` and `f64::min` are calls of functions in WebAssembly, for the sake of what is not a number.
fn within_one(value: f64) -> f64 {
    let value = if value < 0.0 { 0.0 } else { value };
    if value > 1.0 { 1.0 } else { value }
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
        const UNKNOWN: f64 = f64::NAN;
        let columns = |averages| Columns {
            capacities: &[100.0, 100.0, 100.0, 100.0, UNKNOWN],
            requested: 10.0,
            averages,
            deviations: &[36.0, 36.0, UNKNOWN, 36.0, 36.0],
        };
        let cpu = columns(&[40.0, 80.0, 40.0, UNKNOWN, 40.0]);
        let memory = columns(&[80.0, 40.0, UNKNOWN, UNKNOWN, 40.0]);
        let settings = Settings::default();
        let higher = score(&Usage { average: 80.0, ..USAGE }, &settings);
        let steady = score(&Usage { deviation: 0.0, ..USAGE }, &settings);
        assert_eq!(scores(&cpu, &memory, &settings), [higher, higher, steady, 0.0, 0.0]);
    }
}
