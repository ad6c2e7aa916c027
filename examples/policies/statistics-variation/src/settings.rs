//! Which label the statistics belong to, how much variation matters, and how old metrics may be.

use scorelet_guest::Refusal;
use serde::Deserialize;

/// What the policy can be told.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The key of the pod label whose values have statistics; not empty.
    pub label: String,
    /// Multiplies the deviation: finite, and at least 0. 0 ignores variation.
    pub margin: f64,
    /// Takes the deviation to the power of `1 / sensitivity`: finite, and not 0. The larger it is, the more a small
    /// deviation counts; a negative one takes no power at all.
    pub sensitivity: f64,
    /// Metrics older than so many seconds are not used: finite, and at least 0.
    pub max_age_seconds: f64,
}

impl Settings {
    /// Refuses what the formula has no meaning for.
    ///
    /// # Errors
    ///
    /// The name of the setting, and what it has to be.
    pub fn validate(self) -> Result<Self, Refusal> {
        if self.label.is_empty() {
            return Err("`label` is empty: it has to be the key of a pod label".into());
        }
        if !(self.margin.is_finite() && self.margin >= 0.0) {
            return Err(format!("`margin` is {}: it has to be finite and at least 0", self.margin).into());
        }
        if !self.sensitivity.is_finite() || self.sensitivity == 0.0 {
            let words = "it has to be finite and not 0; a negative one takes the deviation as it is";
            return Err(format!("`sensitivity` is {}: {words}", self.sensitivity).into());
        }
        if !(self.max_age_seconds.is_finite() && self.max_age_seconds >= 0.0) {
            let words = "it has to be finite and at least 0";
            return Err(format!("`max_age_seconds` is {}: {words}", self.max_age_seconds).into());
        }
        Ok(self)
    }
}

impl Default for Settings {
    /// The deviation as it is. Load monitors measure every 60 s: after 120 s a measurement was missed.
    fn default() -> Self {
        Self { label: "course_id".to_owned(), margin: 1.0, sensitivity: 1.0, max_age_seconds: 120.0 }
    }
}
