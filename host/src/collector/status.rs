//! What the loops have done so far, for operators.

/// Counts and last failures of both loops.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The heartbeat loop.
    pub heartbeat: HeartbeatStatus,
    /// The update loop.
    pub update: UpdateStatus,
}

/// What the heartbeat loop has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeartbeatStatus {
    /// Heartbeats that the load monitor answered well.
    pub succeeded: u64,
    /// Heartbeats that failed with all their retries.
    pub failed: u64,
    /// The newest failure, until the next success.
    pub failure: Option<String>,
}

/// What the update loop has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateStatus {
    /// Updates that published a snapshot.
    pub published: u64,
    /// Answers that the load monitor had not refreshed.
    pub unchanged: u64,
    /// Updates not tried because the heartbeat was too old.
    pub skipped: u64,
    /// Updates that failed with all their retries.
    pub failed: u64,
    /// Labels dropped because they were unseen for too long.
    pub expired_labels: u64,
    /// Labels dropped because there were too many.
    pub evicted_labels: u64,
    /// The newest failure, until the next success.
    pub failure: Option<String>,
}

impl HeartbeatStatus {
    /// All heartbeats tried.
    #[must_use]
    pub fn attempts(&self) -> u64 {
        self.succeeded + self.failed
    }
}

impl UpdateStatus {
    /// All updates, whatever came of them.
    #[must_use]
    pub fn attempts(&self) -> u64 {
        self.published + self.unchanged + self.skipped + self.failed
    }
}
