//! The Beta distribution: fitted to a mean and a standard deviation, and the probability of being below a value.
//!
//! Not from a library: those that were looked at either call the platform's `exp` and `ln`, which differ in the last bit
//! from target to target, or sum a series that takes a hundred thousand steps near 0 and 1, where idle nodes are.

/// The most that the two parameters add up to.
///
/// The sum grows without bound as the deviation shrinks, and the steps of the fraction with its root: 230 at this one,
/// which is some microseconds. It takes a deviation below 0.16 % of the whole to get here; such a distribution is a step
/// from 0 to 1 for all that load monitors can measure.
const MAX_SUM: f64 = 100_000.0;

/// The least: what a deviation of [`LARGEST_VARIANCE`] gives.
const MIN_SUM: f64 = 0.01;

/// The largest variance to be fitted, as a part of the largest that a distribution within 0 to 1 can have. At 1 all of it
/// would be at 0 and at 1, and the parameters 0.
const LARGEST_VARIANCE: f64 = 0.99;

/// Enough for every pair of parameters up to [`MAX_SUM`], and an end for everything else.
const MAX_STEPS: u16 = 300;

/// A step that changes the fraction by less is the last one.
const PRECISION: f64 = 1e-15;

/// Stands in for a denominator of 0.
const TINY: f64 = 1e-300;

/// A Beta distribution with these parameters, both more than 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beta {
    alpha: f64,
    beta: f64,
}

impl Beta {
    /// The distribution with this mean and standard deviation, by the method of moments. A deviation that is too large for
    /// the mean counts as the largest that is not.
    ///
    /// `None` when there is nothing to fit: everything is at the mean.
    #[must_use]
    pub fn fitted(mean: f64, deviation: f64) -> Option<Self> {
        let largest = mean * (1.0 - mean);
        if !(mean > 0.0 && largest > 0.0 && deviation > 0.0) {
            return None;
        }
        let variance = (deviation * deviation).min(largest * LARGEST_VARIANCE);
        let sum = (largest / variance - 1.0).clamp(MIN_SUM, MAX_SUM);
        let parameter = |share: f64| (share * sum).max(f64::MIN_POSITIVE);
        Some(Self { alpha: parameter(mean), beta: parameter(1.0 - mean) })
    }

    /// The probability of a value of at most `x`: the regularised incomplete beta function.
    #[must_use]
    pub fn below(self, x: f64) -> f64 {
        let Self { alpha, beta } = self;
        if x <= 0.0 {
            return 0.0;
        }
        if x >= 1.0 {
            return 1.0;
        }
        let scale = libm::lgamma(alpha + beta) - libm::lgamma(alpha) - libm::lgamma(beta);
        let density = libm::exp(alpha * libm::log(x) + beta * libm::log1p(-x) + scale);
        // The fraction converges fast below the mean only; above it, the distribution is looked at from the other end.
        let probability = if x < (alpha + 1.0) / (alpha + beta + 2.0) {
            density * fraction(alpha, beta, x) / alpha
        } else {
            1.0 - density * fraction(beta, alpha, 1.0 - x) / beta
        };
        probability.clamp(0.0, 1.0)
    }
}

/// The continued fraction of the incomplete beta function, equation 8.17.22 of the NIST Digital Library of Mathematical
/// Functions, from front to back by the modified method of Lentz (ibid., section 3.10).
fn fraction(alpha: f64, beta: f64, x: f64) -> f64 {
    let not_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut numerator = 1.0;
    let mut denominator = 1.0 / not_zero(1.0 - (alpha + beta) * x / (alpha + 1.0));
    let mut product = denominator;
    for step in 1..=MAX_STEPS {
        let step = f64::from(step);
        let twice = alpha + 2.0 * step;
        let even = step * (beta - step) * x / ((twice - 1.0) * twice);
        let odd = -(alpha + step) * (alpha + beta + step) * x / (twice * (twice + 1.0));
        let mut change = 1.0;
        for coefficient in [even, odd] {
            denominator = 1.0 / not_zero(1.0 + coefficient * denominator);
            numerator = not_zero(1.0 + coefficient / numerator);
            change = denominator * numerator;
            product *= change;
        }
        if (change - 1.0).abs() < PRECISION {
            break;
        }
    }
    product
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    fn assert_near(value: f64, expected: f64, what: &str) {
        // The logarithm of the gamma function of the largest parameters is known to ten digits.
        assert!((value - expected).abs() < 1e-8, "{value} instead of {expected}: {what}");
    }

    #[test]
    fn probabilities_are_those_of_another_implementation() {
        for (alpha, beta, x, expected) in BETA_VECTORS {
            let probability = Beta { alpha, beta }.below(x);
            assert_near(probability, expected, &format!("alpha {alpha}, beta {beta}, x {x}"));
        }
    }

    #[test]
    fn the_uniform_distribution_is_the_value_itself() {
        let uniform = Beta { alpha: 1.0, beta: 1.0 };
        for x in [1e-9, 0.1, 0.25, 0.5, 0.9, 0.999_999] {
            assert_near(uniform.below(x), x, "uniform");
        }
    }

    #[test]
    fn the_fitted_distribution_has_the_moments() {
        for (mean, deviation) in [(0.5, 0.1), (0.2, 0.3), (0.9, 0.05), (0.01, 0.02)] {
            let Beta { alpha, beta } = Beta::fitted(mean, deviation).unwrap();
            let sum = alpha + beta;
            assert_near(alpha / sum, mean, "mean");
            assert_near((alpha * beta / (sum * sum * (sum + 1.0))).sqrt(), deviation, "deviation");
        }
    }

    #[test]
    fn a_deviation_too_large_for_the_mean_counts_as_the_largest_that_is_not() {
        let Beta { alpha, beta } = Beta::fitted(0.5, 0.7).unwrap();
        let variance = alpha * beta / ((alpha + beta) * (alpha + beta) * (alpha + beta + 1.0));
        assert_near(variance, 0.25 * 0.99, "variance");
        assert_eq!(Beta::fitted(0.5, 0.7), Beta::fitted(0.5, 5.0));
    }

    #[test]
    fn a_deviation_too_small_to_matter_is_bounded() {
        let Beta { alpha, beta } = Beta::fitted(0.5, 1e-200).unwrap();
        assert_eq!((alpha, beta), (50_000.0, 50_000.0));
        assert!(Beta { alpha, beta }.below(0.48) < 1e-30);
        assert_eq!(Beta { alpha, beta }.below(0.52), 1.0);
    }

    #[test]
    fn there_is_nothing_to_fit_at_the_ends_and_without_deviation() {
        for (mean, deviation) in [(0.0, 0.1), (1.0, 0.1), (0.5, 0.0), (-0.1, 0.1), (1.1, 0.1), (f64::NAN, 0.1)] {
            assert_eq!(Beta::fitted(mean, deviation), None, "{mean} and {deviation}");
        }
    }

    #[test]
    fn below_never_falls_and_stays_within_0_and_1_at_the_extremes() {
        for mean in [5e-324, 1e-300, 1e-12, 0.001, 0.5, 0.999, 1.0 - f64::EPSILON] {
            for deviation in [5e-324, 1e-12, 0.001, 0.1, 1.0, f64::MAX] {
                let distribution = Beta::fitted(mean, deviation).unwrap();
                let mut before = 0.0;
                for x in [-1.0, 0.0, 5e-324, 1e-12, 0.0005, 0.2, 0.5, 0.501, 0.8, 0.999, 1.0 - 1e-12, 1.0, 2.0] {
                    let probability = distribution.below(x);
                    // The two ends of the fraction meet to within this.
                    assert!(probability >= before - 1e-9, "{probability} at {x} of {distribution:?}");
                    assert!((0.0..=1.0).contains(&probability), "{probability} at {x} of {distribution:?}");
                    before = probability;
                }
            }
        }
    }

    /// alpha, beta, x, and the probability by `scipy.special.betainc`.
    const BETA_VECTORS: [(f64, f64, f64, f64); 15] = [
        (0.5, 0.5, 0.3, 0.369_010_119_565_545_36),
        (2.0, 3.0, 0.4, 0.524_799_999_999_999_9),
        (5.0, 1.0, 0.9, 0.590_490_000_000_000_1),
        (1.0, 5.0, 0.1, 0.409_510_000_000_000_04),
        (0.01, 0.01, 0.5, 0.499_999_999_999_999_9),
        (0.002, 0.008, 0.001, 0.789_045_767_655_103_6),
        (1e-12, 0.5, 0.2, 0.999_999_999_997_112_6),
        (19.5, 10.5, 0.6, 0.275_234_764_120_645_9),
        (19.5, 10.5, 0.8, 0.968_343_213_016_434_7),
        (120.0, 880.0, 0.15, 0.997_116_349_433_714),
        (4000.0, 6000.0, 0.41, 0.979_180_899_704_878_6),
        (50_000.0, 50_000.0, 0.500_1, 0.525_214_451_724_050_5),
        (99_000.0, 1000.0, 0.989_9, 0.371_776_714_596_227_8),
        (1e-9, 100_000.0, 1e-6, 0.999_999_998_177_072),
        (250.0, 1e-6, 0.999, 1.045_451_860_669_138_5e-6),
    ];
}
