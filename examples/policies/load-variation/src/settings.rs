//! How much variation matters.

use scorelet_guest::Refusal;
use serde::Deserialize;

/// How much weight the variation of the load has beside its average.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Multiplies the deviation: finite, and at least 0. 0 ignores variation.
    pub margin: f64,
    /// Takes the deviation to the power of `1 / sensitivity`: finite, and not 0. The larger it is, the more a small
    /// deviation counts; a negative one takes no power at all.
    pub sensitivity: f64,
}

impl Settings {
    /// Refuses what the formula has no meaning for.
    ///
    /// # Errors
    ///
    /// The name of the setting, and what it has to be.
    pub fn validate(self) -> Result<Self, Refusal> {
        if !(self.margin.is_finite() && self.margin >= 0.0) {
            return Err(format!("`margin` is {}: it has to be finite and at least 0", self.margin).into());
        }
        if !self.sensitivity.is_finite() || self.sensitivity == 0.0 {
            let words = "it has to be finite and not 0; a negative one takes the deviation as it is";
            return Err(format!("`sensitivity` is {}: {words}", self.sensitivity).into());
        }
        Ok(self)
    }
}

impl Settings {
    /// The power that a deviation is taken to; `None` where it is taken as it is.
    pub(crate) fn exponent(&self) -> Option<f64> {
        // The power of 1 is the deviation itself.
        (self.sensitivity >= 0.0 && self.sensitivity.to_bits() != 1_f64.to_bits()).then(|| 1.0 / self.sensitivity)
    }
}

impl Default for Settings {
    /// The deviation as it is.
    fn default() -> Self {
        Self { margin: 1.0, sensitivity: 1.0 }
    }
}
