//! Where nodes become too hot, what counts below that, and what to do when nobody knows.

use scorelet_guest::Refusal;
use serde::Deserialize;

/// No weight is more: what is free, times this and added up, is still a number.
const LARGEST_WEIGHT: f64 = 1e300;

/// What the policy can be told.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where nodes become too hot, unless a label of theirs says otherwise.
    pub thresholds: Thresholds,
    /// The node labels that say otherwise.
    pub threshold_labels: ThresholdLabels,
    /// How much what is free of a resource counts.
    pub weights: Weights,
    /// What to do with expired metrics.
    pub expired: Expired,
    /// Older metrics have expired: seconds, finite, and at least 0.
    pub max_age_seconds: f64,
}

/// The usage in per cent at which a node becomes too hot: more than 0, and up to 100.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Thresholds {
    /// Of cpu.
    pub cpu: f64,
    /// Of memory.
    pub memory: f64,
}

impl Default for Thresholds {
    /// A processor answers slowly long before it is fully used. Memory does not, but what does not fit is killed.
    fn default() -> Self {
        Self { cpu: 65.0, memory: 95.0 }
    }
}

/// The keys of the node labels whose values are thresholds of that node. Empty ones are not looked at.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct ThresholdLabels {
    /// Of cpu.
    pub cpu: String,
    /// Of memory.
    pub memory: String,
}

impl Default for ThresholdLabels {
    fn default() -> Self {
        Self { cpu: "hot-spot-guard/cpu".to_owned(), memory: "hot-spot-guard/memory".to_owned() }
    }
}

/// Weights of what is free: at least 0, and not both 0.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Weights {
    /// Of cpu.
    pub cpu: f64,
    /// Of memory.
    pub memory: f64,
}

impl Default for Weights {
    /// Both alike.
    fn default() -> Self {
        Self { cpu: 1.0, memory: 1.0 }
    }
}

/// What to do when the metrics are older than allowed.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Expired {
    /// Refuse to score: nobody knows which nodes are hot.
    #[default]
    Reject,
    /// Leave the metrics out: no node is hot, and what is free is what nobody requests.
    Ignore,
}

/// Whether a usage in per cent can be a threshold.
#[must_use]
pub fn is_threshold(per_cent: f64) -> bool {
    per_cent > 0.0 && per_cent <= 100.0
}

impl Settings {
    /// Refuses what the formula has no meaning for.
    ///
    /// # Errors
    ///
    /// The name of the setting, and what it has to be.
    pub fn validate(self) -> Result<Self, Refusal> {
        for (name, threshold) in [("cpu", self.thresholds.cpu), ("memory", self.thresholds.memory)] {
            if !is_threshold(threshold) {
                let words = "it has to be more than 0 and up to 100 per cent";
                return Err(format!("`thresholds.{name}` is {threshold}: {words}").into());
            }
        }
        for (name, weight) in [("cpu", self.weights.cpu), ("memory", self.weights.memory)] {
            if !(0.0..=LARGEST_WEIGHT).contains(&weight) {
                return Err(format!("`weights.{name}` is {weight}: it has to be within 0 to {LARGEST_WEIGHT:e}").into());
            }
        }
        if self.weights.cpu == 0.0 && self.weights.memory == 0.0 {
            return Err("`weights` are both 0: one of them has to be more".into());
        }
        if !(self.max_age_seconds.is_finite() && self.max_age_seconds >= 0.0) {
            let words = "it has to be finite and at least 0";
            return Err(format!("`max_age_seconds` is {}: {words}", self.max_age_seconds).into());
        }
        Ok(self)
    }
}

impl Default for Settings {
    /// 180 s is the age at which hosts call metrics stale, unless they are told otherwise.
    fn default() -> Self {
        Self {
            thresholds: Thresholds::default(),
            threshold_labels: ThresholdLabels::default(),
            weights: Weights::default(),
            expired: Expired::default(),
            max_age_seconds: 180.0,
        }
    }
}
