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
/// Of what [`Settings::validate`] refuses, a `sensitivity` of 0 is taken at its limit: only a deviation as large as the
/// capacity counts. A negative `margin` gives scores of any size.
#[inline]
#[must_use]
pub fn score(usage: &Usage, settings: &Settings) -> f64 {
    score_of(match settings.exponent() {
        None => risk(usage, settings.margin, |deviation| deviation),
        Some(exponent) => risk(usage, settings.margin, |deviation| libm::pow(deviation, exponent)),
    })
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
    let risk = |columns: &Columns<'_>, ((capacity, average), deviation): ((f64, f64), f64)| {
        risk(&Usage { capacity, requested: columns.requested, average, deviation }, margin, &power)
    };
    let both = cpu.rows().zip(memory.rows());
    both.map(|(of_cpu, of_memory)| score_of(higher(risk(cpu, of_cpu), risk(memory, of_memory)))).collect()
}

impl Columns<'_> {
    /// Capacity, average and deviation of each node.
    fn rows(&self) -> impl Iterator<Item = ((f64, f64), f64)> {
        let [capacities, averages, deviations] =
            [self.capacities, self.averages, self.deviations].map(|column| column.iter().copied());
        capacities.zip(averages).zip(deviations)
    }
}

/// The risk that nobody takes: a score of 0.
const HIGHEST: f64 = 2.0;

/// What a node that gets the pod risks with one resource, 0 to 2: the load to expect, and how far it may vary, 1 each. Not
/// a number where capacity or average is none.
#[inline]
fn risk(usage: &Usage, margin: f64, power: impl Fn(f64) -> f64) -> f64 {
    let Usage { capacity, requested, average, deviation } = *usage;
    let load = at_most(1.0, at_least_0(at_most(100.0, average)) / 100.0 + positive(requested) / capacity);
    let variation = at_most(1.0, power(at_most(100.0, positive(deviation)) / 100.0) * margin);
    if capacity <= 0.0 { HIGHEST } else { load + variation }
}

/// The higher one of two risks of which each may not be a number, and the highest when none is.
fn higher(one: f64, other: f64) -> f64 {
    // A comparison with what is not a number is false.
    let one = if one >= 0.0 { one } else { -1.0 };
    let higher = if other > one { other } else { one };
    if higher >= 0.0 { higher } else { HIGHEST }
}

/// As a risk rises, its score falls: the score of the higher one is the lower one.
fn score_of(risk: f64) -> f64 {
    100.0 - risk * 50.0
}

// Comparisons, because `f64::max` and `f64::min` are calls of functions in WebAssembly, for the sake of what is not a number.

/// What is not a number stays so.
fn at_most(limit: f64, value: f64) -> f64 {
    if value > limit { limit } else { value }
}

/// What is not a number stays so.
fn at_least_0(value: f64) -> f64 {
    if value < 0.0 { 0.0 } else { value }
}

/// What is not a number is 0.
fn positive(value: f64) -> f64 {
    if value > 0.0 { value } else { 0.0 }
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
