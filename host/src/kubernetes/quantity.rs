//! Kubernetes quantities (`500m`, `1.5Gi`, `12e6`), read exactly.
//!
//! Own code, because the library for it, `kube_quantity`, takes every number through `f64`, which cannot hold an amount
//! such as `9007199254740993` or `0.1`; here there are only integers.

use std::str::FromStr;

use super::error::excerpt;

/// An amount as Kubernetes writes it: a number and a suffix, exact to the nano.
///
/// The grammar is that of `resource.Quantity` in Kubernetes' apimachinery: an optional sign, digits with an optional
/// point (`.5` and `5.` are numbers), and one of the suffixes `n` `u` `m` `k` `M` `G` `T` `P` `E`, `Ki` `Mi` `Gi` `Ti`
/// `Pi` `Ei`, a decimal exponent (`e3`, `E-3`, `e+6`) or none. `1E` is an exa, `1E3` is a thousand.
///
/// Two rules of Kubernetes bound the values. What is finer than a nano is rounded away from zero to the next nano,
/// since a little of something must not become nothing. An amount above [`i64::MAX`] becomes [`i64::MAX`], and likewise
/// below zero; Kubernetes does that when it reads a binary suffix and leaves the overflow of the other forms undefined,
/// here it holds for all of them.
///
/// Stricter than Kubernetes in one point: a text without any digit (`+`, `.`, `Ki`), which Kubernetes' parser takes for
/// zero although its grammar forbids it, is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    /// Between `-CAP_NANOS` and `CAP_NANOS`.
    nanos: i128,
}

const NANOS_PER_UNIT: i128 = 1_000_000_000;
const NANOS_PER_MILLI: i128 = 1_000_000;
/// The largest amount, [`i64::MAX`] units. It has 28 digits.
const CAP_NANOS: i128 = i64::MAX as i128 * NANOS_PER_UNIT;
/// The largest number of steps that an amount is given in.
const MOST: u64 = i64::MAX.unsigned_abs();
/// 10^28 is more than [`CAP_NANOS`], so any digit of this weight or more reaches the cap.
const CAP_WEIGHT: i64 = 28;

impl Quantity {
    /// Reads a quantity. Takes time linear in the length of the text, whatever the text is.
    ///
    /// # Errors
    /// When the text does not follow the grammar; space around the number is not allowed either.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let (negative, unsigned) = split_sign(text);
        let (integer, rest) = split_digits(unsigned);
        let (fraction, suffix) = rest.strip_prefix('.').map_or(("", rest), split_digits);
        if integer.is_empty() && fraction.is_empty() {
            return Err(QuantityError::NotANumber { text: excerpt(text) });
        }
        let scale = Scale::of_suffix(suffix)
            .ok_or_else(|| QuantityError::UnknownSuffix { text: excerpt(text), suffix: excerpt(suffix) })?;
        let nanos = nanos(integer, fraction, scale);
        Ok(Self { nanos: if negative { -nanos } else { nanos } })
    }

    /// Whether it is below zero, which no amount of a resource may be. `-0` is not.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.nanos < 0
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// Thousandths, rounded up, at most [`i64::MAX`]: millicores, when this is an amount of `cpu`. 0 if negative.
    #[must_use]
    pub fn to_millis_rounded_up(self) -> u64 {
        self.rounded_up_to(NANOS_PER_MILLI)
    }

    /// Whole units, rounded up, at most [`i64::MAX`]: bytes, when this is an amount of `memory`. 0 if negative.
    #[must_use]
    pub fn to_units_rounded_up(self) -> u64 {
        self.rounded_up_to(NANOS_PER_UNIT)
    }

    /// The sum, at most [`i64::MAX`].
    pub(super) fn saturating_add(self, other: Self) -> Self {
        Self { nanos: self.nanos.saturating_add(other.nanos).clamp(-CAP_NANOS, CAP_NANOS) }
    }

    /// The next whole thousandth away from zero, which is the finest step that the Kubernetes API stores.
    pub(super) fn rounded_to_milli(self) -> Self {
        let rest = self.nanos % NANOS_PER_MILLI;
        let step = if rest == 0 { 0 } else { NANOS_PER_MILLI * rest.signum() };
        Self { nanos: (self.nanos - rest + step).clamp(-CAP_NANOS, CAP_NANOS) }
    }

    fn rounded_up_to(self, nanos_per_step: i128) -> u64 {
        let nanos = self.nanos.max(0);
        let steps = nanos / nanos_per_step + i128::from(nanos % nanos_per_step != 0);
        u64::try_from(steps).map_or(MOST, |steps| steps.min(MOST))
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Why a text is no quantity, or not one that can be an amount. The message quotes the text, at most its beginning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuantityError {
    /// No number at the start.
    #[error("{text:?} is not a quantity; write a number and at most a suffix, such as 500m, 1.5 or 2Gi")]
    NotANumber {
        /// The beginning of the text.
        text: String,
    },
    /// A number followed by something else.
    #[error(
        "{text:?} is not a quantity because {suffix:?} is not a suffix; \
         use n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, an exponent such as e3, or none"
    )]
    UnknownSuffix {
        /// The beginning of the text.
        text: String,
        /// What stands after the number.
        suffix: String,
    },
    /// A quantity below zero where an amount is wanted.
    #[error("{text:?} is below zero; write an amount of 0 or more")]
    Negative {
        /// The beginning of the text.
        text: String,
    },
}

impl QuantityError {
    pub(super) fn negative(text: &str) -> Self {
        Self::Negative { text: excerpt(text) }
    }
}

/// What a suffix multiplies the number by: 10^`power` · 2^`shift`. At most one of them is not 0.
#[derive(Clone, Copy)]
struct Scale {
    power: i64,
    shift: u32,
}

impl Scale {
    fn of_suffix(suffix: &str) -> Option<Self> {
        let (power, shift) = match suffix {
            "n" => (-9, 0),
            "u" => (-6, 0),
            "m" => (-3, 0),
            "" => (0, 0),
            "k" => (3, 0),
            "M" => (6, 0),
            "G" => (9, 0),
            "T" => (12, 0),
            "P" => (15, 0),
            "E" => (18, 0),
            "Ki" => (0, 10),
            "Mi" => (0, 20),
            "Gi" => (0, 30),
            "Ti" => (0, 40),
            "Pi" => (0, 50),
            "Ei" => (0, 60),
            _ => (exponent(suffix.strip_prefix(['e', 'E'])?)?, 0),
        };
        Some(Self { power, shift })
    }
}

/// The value of a decimal exponent, saturating: beyond a few dozen it makes no difference any more.
fn exponent(text: &str) -> Option<i64> {
    let (negative, unsigned) = split_sign(text);
    let (digits, rest) = split_digits(unsigned);
    if digits.is_empty() || !rest.is_empty() {
        return None;
    }
    let value = digits.bytes().fold(0_u64, |value, digit| value.saturating_mul(10).saturating_add(value_of(digit)));
    let value = i64::try_from(value).unwrap_or(i64::MAX);
    Some(if negative { -value } else { value })
}

/// The number `integer.fraction` times `scale` in nanos, rounded up and capped.
///
/// Long multiplication by 2^`shift`, one digit at a time from the least significant one, so that any number of digits
/// costs one pass and no digit is lost before it is known whether it matters.
fn nanos(integer: &str, fraction: &str, scale: Scale) -> i128 {
    let places = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    let mut sum = Nanos { weight: scale.power.saturating_sub(places).saturating_add(9), total: 0, finer: false };
    // A product is at most 9 · 2^60, a carry at most 2^60, so that both together stay below 2^64.
    let mut carry = 0_u64;
    for digit in fraction.bytes().rev().chain(integer.bytes().rev()) {
        let product = (value_of(digit) << scale.shift) + carry;
        sum.add(product % 10);
        carry = product / 10;
    }
    while carry > 0 {
        sum.add(carry % 10);
        carry /= 10;
    }
    sum.total.saturating_add(i128::from(sum.finer)).min(CAP_NANOS)
}

/// A sum of decimal digits that arrive from the least significant one on.
struct Nanos {
    /// The power of ten, in nanos, that the next digit stands for.
    weight: i64,
    /// The sum of the digits of whole nanos, at most [`CAP_NANOS`].
    total: i128,
    /// Whether any digit below a whole nano was not 0.
    finer: bool,
}

impl Nanos {
    fn add(&mut self, digit: u64) {
        if digit != 0 {
            match u32::try_from(self.weight) {
                Ok(power) if self.weight < CAP_WEIGHT => {
                    self.total = (self.total + i128::from(digit) * 10_i128.pow(power)).min(CAP_NANOS);
                }
                Err(_) if self.weight < 0 => self.finer = true,
                _ => self.total = CAP_NANOS,
            }
        }
        self.weight = self.weight.saturating_add(1);
    }
}

fn value_of(digit: u8) -> u64 {
    u64::from(digit.saturating_sub(b'0'))
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The leading ASCII digits, and what follows.
fn split_digits(text: &str) -> (&str, &str) {
    let rest = text.trim_start_matches(|character: char| character.is_ascii_digit());
    (text.strip_suffix(rest).unwrap_or_default(), rest)
}

#[cfg(test)]
mod tests;
