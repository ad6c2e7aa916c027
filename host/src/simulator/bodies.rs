//! The body of the current minute, built once for everybody who asks.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::body::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Keeps the latest body.
#[derive(Default)]
pub(super) struct Bodies {
    current: Mutex<Option<Arc<Refresh>>>,
}

impl Bodies {
    /// The refresh that is current: the one for the time that `now` tells, or while frozen the one before.
    pub(super) fn refresh(&self, frozen: bool, now: impl FnOnce() -> i64) -> Arc<Refresh> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        // The clock is read under the lock: a request that dawdled before must not bring back a minute that is over.
        match &*current {
            Some(refresh) if frozen => Arc::clone(refresh),
            held => {
                let time = now();
                match held {
                    Some(refresh) if refresh.time == time => Arc::clone(refresh),
                    _ => Arc::clone(current.insert(Arc::new(Refresh::new(time)))),
                }
            }
        }
    }
}

/// What the monitor says from one time on, in each form once it has been asked for.
pub(super) struct Refresh {
    time: i64,
    plain: OnceLock<Bytes>,
    /// `None` inside when it could not be compressed.
    gzip: OnceLock<Option<Bytes>>,
}

impl Refresh {
    fn new(time: i64) -> Self {
        Self { time, plain: OnceLock::new(), gzip: OnceLock::new() }
    }

    /// The time for which the bodies are made.
    pub(super) fn time(&self) -> i64 {
        self.time
    }

    /// The body if it is there already, without any work.
    pub(super) fn ready(&self, gzip: bool) -> Option<Body> {
        if gzip {
            let compressed = self.gzip.get()?;
            compressed.clone().map(Body::Gzip).or_else(|| self.ready(false))
        } else {
            self.plain.get().cloned().map(Body::Plain)
        }
    }

    /// The body, made by the first who asks while the others wait. Blocks, for seconds when the cluster is huge.
    pub(super) fn body(&self, gzip: bool, build: impl FnOnce(i64) -> Vec<u8>) -> Body {
        let plain = self.plain.get_or_init(|| Bytes::from(build(self.time)));
        if !gzip {
            return Body::Plain(plain.clone());
        }
        match self.gzip.get_or_init(|| compress(plain)) {
            Some(compressed) => Body::Gzip(compressed.clone()),
            None => Body::Plain(plain.clone()),
        }
    }
}

/// A body in the form in which it travels.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    Plain(Bytes),
    Gzip(Bytes),
}

fn compress(plain: &[u8]) -> Option<Bytes> {
    // The fastest level: metrics are so repetitive that it already leaves about a tenth, and nobody stores this.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn many_at_once_build_once() {
        let bodies = Bodies::default();
        let built = AtomicU32::new(0);
        let start = Barrier::new(8);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (bodies, built, start) = (&bodies, &built, &start);
                scope.spawn(move || {
                    start.wait();
                    let body = bodies.refresh(false, || 60).body(thread % 2 == 0, |_| {
                        built.fetch_add(1, Ordering::SeqCst);
                        b"body".to_vec()
                    });
                    assert_eq!(matches!(body, Body::Gzip(_)), thread % 2 == 0);
                });
            }
        });
        assert_eq!(built.into_inner(), 1);
    }

    #[test]
    fn a_new_minute_is_a_new_body() {
        let bodies = Bodies::default();
        let at = |time: i64| bodies.refresh(false, || time).body(false, |time| time.to_string().into_bytes());
        assert_eq!(at(60), Body::Plain(Bytes::from_static(b"60")));
        assert_eq!(at(120), Body::Plain(Bytes::from_static(b"120")));
        assert!(bodies.refresh(false, || 180).ready(false).is_none());
    }

    #[test]
    fn frozen_bodies_keep_their_time() {
        let bodies = Bodies::default();
        assert_eq!(bodies.refresh(true, || 60).time(), 60, "nothing was served yet");
        assert_eq!(bodies.refresh(true, || 120).time(), 60);
        assert_eq!(bodies.refresh(false, || 180).time(), 180);
    }

    #[test]
    fn ready_never_builds() {
        let bodies = Bodies::default();
        let refresh = bodies.refresh(false, || 60);
        assert_eq!(refresh.ready(false), None);
        assert_eq!(refresh.ready(true), None);
        let body = refresh.body(true, |_| b"body".to_vec());
        assert_eq!(refresh.ready(true), Some(body));
        assert_eq!(refresh.ready(false), Some(Body::Plain(Bytes::from_static(b"body"))));
    }
}
