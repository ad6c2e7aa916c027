//! A call to the load monitor that is tried again while its time lasts.

use std::error::Error;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use futures_util::FutureExt;

use crate::monitor::{MonitorError, MonitorErrorKind};

/// Long enough for a restarting monitor to accept connections again, short enough for several tries in 5 s.
const FIRST_DELAY: Duration = Duration::from_millis(250);
/// More tries than this rate help nobody within 20 s. Jitter comes on top, up to as much again.
const LONGEST_DELAY: Duration = Duration::from_secs(4);

/// Calls until it succeeds, fails for good, or the time is over; with growing, jittered delays between the tries.
///
/// When the time is over, the failure of the last finished try is the answer: it says more than a time-out. A panic in
/// the call is a failure for good: the next period has a try of its own.
pub(super) async fn within<T, Call, Answer>(time: Duration, call: Call) -> Result<T, MonitorError>
where
    Call: Fn() -> Answer,
    Answer: Future<Output = Result<T, MonitorError>>,
{
    let call = &call;
    // Within the future, so that a panic before its first `await` is caught too.
    let guarded = || async move {
        AssertUnwindSafe(async move { call().await }).catch_unwind().await.unwrap_or_else(|_| Err(panicked(CLIENT)))
    };
    let last_failure = Mutex::new(None);
    let backoff = ExponentialBuilder::default()
        .with_min_delay(FIRST_DELAY)
        .with_max_delay(LONGEST_DELAY)
        .without_max_times()
        .with_jitter();
    let tries = guarded.retry(backoff).when(|failure| {
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

/// Does what may take a second, such as reading a large body, on a thread that nothing else waits for. A panic is a
/// failure like any other.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MonitorError> + Send + 'static,
) -> Result<T, MonitorError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(failure) if failure.is_panic() => Err(panicked(READING)),
        Err(_) => {
            let words = "the load monitor's answer was not read because the program is stopping";
            Err(MonitorError::new(MonitorErrorKind::Timeout, words))
        }
    }
}

const CLIENT: &str = "the client of the load monitor";
const READING: &str = "the reading of the load monitor's answer";

/// Without the panic's own words, which the panic hook has already told, and which may hold anything.
fn panicked(what: &str) -> MonitorError {
    let words = format!("{what} panicked; this is a defect in it, and the panic's message tells where");
    MonitorError::new(MonitorErrorKind::Panicked, words)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn secrets_in_a_panic_of_the_parser_are_not_repeated() {
        let failure = aside::<()>(|| panic!("hunter2")).await.unwrap_err();
        assert_eq!(failure.kind(), MonitorErrorKind::Panicked);
        let expected = "the reading of the load monitor's answer panicked; this is a defect in it, and the panic's \
                        message tells where";
        assert_eq!(words(&failure), expected);
        assert!(!format!("{failure:?}").contains("hunter2"));
    }
}
