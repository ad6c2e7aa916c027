//! How smooth the measurements are, and which of the two risks matters more.

use scorelet_guest::Refusal;
use serde::Deserialize;

/// What the policy can be told.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The number of measurements that the load monitor's averages smooth over: at least 1.
    pub smoothing_window: u32,
    /// How much of a resource's risk is the risk of limits.
    pub limit_weights: LimitWeights,
}

/// How much of the risk of each resource is the risk of limits: 0 is none of it, which leaves the risk of load; 1 is all.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct LimitWeights {
    /// Of cpu.
    pub cpu: f64,
    /// Of memory.
    pub memory: f64,
}

impl Settings {
    /// Refuses what the formula has no meaning for.
    ///
    /// # Errors
    ///
    /// The name of the setting, and what it has to be.
    pub fn validate(self) -> Result<Self, Refusal> {
        if self.smoothing_window == 0 {
            return Err("`smoothing_window` is 0: it has to be at least 1, which means no smoothing".into());
        }
        for (name, weight) in [("cpu", self.limit_weights.cpu), ("memory", self.limit_weights.memory)] {
            if !(0.0..=1.0).contains(&weight) {
                return Err(format!("`limit_weights.{name}` is {weight}: it has to be within 0 to 1").into());
            }
        }
        Ok(self)
    }
}

impl Default for Settings {
    /// A load monitor's averages of five minutes, measured every minute, smooth over five.
    fn default() -> Self {
        Self { smoothing_window: 5, limit_weights: LimitWeights::default() }
    }
}

impl Default for LimitWeights {
    /// Both risks alike.
    fn default() -> Self {
        Self { cpu: 0.5, memory: 0.5 }
    }
}
