//! Reads a body without trusting what it says about itself.

use std::fmt;

use reqwest::Response;

use super::failure;
use crate::monitor::MonitorErrorKind;

/// How much memory a `Content-Length` alone may claim, in bytes: enough for the whole body of an ordinary cluster, too
/// little to hurt when it is a lie. The rest grows with what really arrives.
const MAX_CLAIMED_BYTES: u64 = 1024 * 1024;

/// Why a body was not read to its end.
#[derive(Debug)]
pub(super) enum BodyFailure {
    /// It says itself that it is larger than allowed.
    AnnouncedTooLarge { announced: u64, max_bytes: u64 },
    /// It turned out to be larger than allowed.
    TooLarge { max_bytes: u64 },
    /// The memory for it is not there.
    OutOfMemory { received: usize },
    /// The connection ended before the body did.
    CutOff { received: usize, cause: String },
    /// Its compression is damaged.
    Damaged { received: usize, cause: String },
}

/// Reads up to `max_bytes` bytes, counted after decompression.
pub(super) async fn read(response: &mut Response, max_bytes: u64) -> Result<Vec<u8>, BodyFailure> {
    // `None` for compressed bodies, whose length on the wire says nothing about what they hold.
    let announced = response.content_length();
    if let Some(announced) = announced.filter(|announced| *announced > max_bytes) {
        return Err(BodyFailure::AnnouncedTooLarge { announced, max_bytes });
    }
    let mut body = Vec::new();
    let claimed = announced.unwrap_or_default().min(MAX_CLAIMED_BYTES);
    body.try_reserve(usize::try_from(claimed).unwrap_or_default())
        .map_err(|_| BodyFailure::OutOfMemory { received: 0 })?;
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(body.len(), &error))? {
        let length = body.len().saturating_add(chunk.len());
        if !u64::try_from(length).is_ok_and(|length| length <= max_bytes) {
            return Err(BodyFailure::TooLarge { max_bytes });
        }
        body.try_reserve(chunk.len()).map_err(|_| BodyFailure::OutOfMemory { received: body.len() })?;
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn broken(received: usize, error: &reqwest::Error) -> BodyFailure {
    let cause = failure::root_cause(error);
    // An error of hyper is one of the connection; anything else comes from the decompression above it.
    if failure::find::<hyper::Error>(error).is_some() {
        BodyFailure::CutOff { received, cause }
    } else {
        BodyFailure::Damaged { received, cause }
    }
}

impl BodyFailure {
    pub(super) fn kind(&self) -> MonitorErrorKind {
        match self {
            Self::AnnouncedTooLarge { .. } | Self::TooLarge { .. } | Self::OutOfMemory { .. } => {
                MonitorErrorKind::TooLarge
            }
            Self::CutOff { .. } => MonitorErrorKind::Unreachable,
            Self::Damaged { .. } => MonitorErrorKind::Malformed,
        }
    }
}

impl fmt::Display for BodyFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnnouncedTooLarge { announced, max_bytes } => write!(
                formatter,
                "the body of {announced} bytes is larger than the allowed {max_bytes}; raise max_body_bytes if the \
                 cluster is that large"
            ),
            Self::TooLarge { max_bytes } => write!(
                formatter,
                "the body is larger than the allowed {max_bytes} bytes (after decompression); raise max_body_bytes if \
                 the cluster is that large"
            ),
            Self::OutOfMemory { received } => {
                write!(formatter, "there is no memory for the body beyond {received} bytes; lower max_body_bytes")
            }
            Self::CutOff { received, cause } => {
                write!(formatter, "the body was cut off after {received} bytes ({cause})")
            }
            Self::Damaged { received, cause } => write!(
                formatter,
                "the gzip encoding of the body is damaged after {received} bytes ({cause}); look at the proxies between"
            ),
        }
    }
}
