//! A call to the load monitor that is tried again while its time lasts.

use std::error::Error;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

use crate::monitor::{MonitorError, MonitorErrorKind};

/// Long enough for a restarting monitor to accept connections again, short enough for several tries in 5 s.
const FIRST_DELAY: Duration = Duration::from_millis(250);
/// More tries than this rate help nobody within a period of 20 s.
const LONGEST_DELAY: Duration = Duration::from_secs(4);

/// Calls until it succeeds, fails for good, or the time is over; with growing, jittered delays between the tries.
///
/// When the time is over, the failure of the last finished try is the answer: it says more than a time-out.
pub(super) async fn within<T, Call, Answer>(time: Duration, call: Call) -> Result<T, MonitorError>
where
    Call: FnMut() -> Answer,
    Answer: Future<Output = Result<T, MonitorError>>,
{
    let last_failure = Mutex::new(None);
    let backoff = ExponentialBuilder::default()
        .with_min_delay(FIRST_DELAY)
        .with_max_delay(LONGEST_DELAY)
        .without_max_times()
        .with_jitter();
    let tries = call.retry(backoff).when(|failure| {
        let failed = failure.is_transient();
        if failed {
            *last_failure.lock().unwrap_or_else(PoisonError::into_inner) = Some((failure.kind(), words(failure)));
        }
        failed
    });
    match tokio::time::timeout(time, tries).await {
        Ok(answer) => answer,
        Err(_) => Err(match last_failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some((kind, failure)) => MonitorError::new(kind, failure),
            None => timed_out(time),
        }),
    }
}

/// No answer in all the time that there was.
pub(super) fn timed_out(time: Duration) -> MonitorError {
    let words = format!("the load monitor did not answer within {} s", time.as_secs_f64());
    MonitorError::new(MonitorErrorKind::Timeout, words)
}

/// An error and its causes in one line.
pub(super) fn words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
