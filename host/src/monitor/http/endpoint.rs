//! What can be asked of a load monitor, and what its refusals mean.

use reqwest::StatusCode;

/// The three requests of both dialects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// Everything that the monitor publishes; the same in both dialects.
    Metrics,
    /// The health of charstal/load-monitor.
    LoadMonitorHealth,
    /// The health of paypal/load-watcher.
    LoadWatcherHealth,
}

impl Endpoint {
    /// The path below the base address.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Metrics => "/watcher",
            Self::LoadMonitorHealth => "/healthy",
            Self::LoadWatcherHealth => "/watcher/health",
        }
    }

    /// What a status other than 200 means here and what to do, if that is known.
    pub(super) fn meaning_of(self, status: StatusCode, has_credentials: bool) -> Option<&'static str> {
        Some(match (status.as_u16(), self) {
            (401, _) if has_credentials => {
                "the credentials were refused; check that the token is right and not expired"
            }
            (401 | 403, _) if !has_credentials => "it asks for credentials, and none were sent; set a bearer token",
            (403, _) => "the credentials are right and may not read this; look at what the token is allowed to do",
            (404, Self::Metrics) => "it has no data, or the base path of the address is wrong",
            (404, _) => "it has no health there; check the base path of the address and the dialect",
            (429, _) => "it is asked too often; poll it less, or find out who else does",
            (500, Self::Metrics) => {
                "it has nothing cached yet; if that lasts, look at the metrics source of the monitor"
            }
            (502 | 504, _) => "a gateway before it had no answer from it; check that it is running",
            (503, _) => "it is not healthy; look at its log",
            (300..=399, _) => "a redirect that leads nowhere; check the address",
            _ => return None,
        })
    }
}
