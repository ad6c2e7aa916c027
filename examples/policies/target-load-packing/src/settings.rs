//! Which load to aim at, and what a pod will use.

use scorelet_guest::Refusal;
use serde::Deserialize;

/// What the policy can be told.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The cpu utilisation to aim at, in per cent: more than 0, and less than 100.
    pub target: f64,
    /// What a container without a limit will use, in multiples of what it requests: finite, and at least 0.
    pub request_multiplier: f64,
    /// What a container will use that states neither a limit nor a request, in millicores: finite, and at least 0.
    pub default_millicores: f64,
}

impl Settings {
    /// Refuses what the formula has no meaning for.
    ///
    /// # Errors
    ///
    /// The name of the setting, and what it has to be.
    pub fn validate(self) -> Result<Self, Refusal> {
        if !(self.target > 0.0 && self.target < 100.0) {
            let words = "it has to be more than 0 and less than 100 per cent";
            return Err(format!("`target` is {}: {words}", self.target).into());
        }
        let amounts =
            [("request_multiplier", self.request_multiplier), ("default_millicores", self.default_millicores)];
        for (name, value) in amounts {
            if !(value.is_finite() && value >= 0.0) {
                return Err(format!("`{name}` is {value}: it has to be finite and at least 0").into());
            }
        }
        Ok(self)
    }
}

impl Default for Settings {
    /// Those of the plugin `TargetLoadPacking`: a target some way below what nodes bear, because load swings; containers
    /// that use half as much again as they request; and a core for those that say nothing.
    fn default() -> Self {
        Self { target: 40.0, request_multiplier: 1.5, default_millicores: 1000.0 }
    }
}
