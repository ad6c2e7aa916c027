//! The health of both dialects, and how `Auto` tells them apart.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::monitor;
use super::server::{Server, ok, path, status};
use crate::monitor::http::Dialect;
use crate::monitor::{Monitor, MonitorErrorKind};

#[tokio::test]
async fn a_given_dialect_asks_only_its_own_path() {
    let server = Server::start(|_| status("404 Not Found", "")).await;
    for dialect in [Dialect::LoadMonitor, Dialect::LoadWatcher] {
        let error = monitor(server.options().with_dialect(dialect)).healthy().await.unwrap_err();
        assert_eq!(error.kind(), MonitorErrorKind::Status(404));
        assert!(
            error.to_string().ends_with("it has no health there; check the base path of the address and the dialect")
        );
    }
    assert_eq!(server.paths(), ["/healthy", "/watcher/health"]);
}

#[tokio::test]
async fn auto_stays_with_load_monitor() {
    let server = Server::start(|_| ok(b"")).await;
    let monitor = monitor(server.options());
    monitor.healthy().await.unwrap();
    monitor.healthy().await.unwrap();
    assert_eq!(server.paths(), ["/healthy", "/healthy"]);
}

#[tokio::test]
async fn auto_finds_load_watcher_once_and_remembers_it() {
    let server = Server::start(|head| match path(head) {
        "/watcher/health" => ok(b""),
        _ => status("404 Not Found", ""),
    })
    .await;
    let monitor = monitor(server.options());
    monitor.healthy().await.unwrap();
    monitor.healthy().await.unwrap();
    assert_eq!(server.paths(), ["/healthy", "/watcher/health", "/watcher/health"]);
}

#[tokio::test]
async fn auto_starts_over_when_the_remembered_path_is_gone() {
    let replaced = Arc::new(AtomicBool::new(false));
    let server = Server::start({
        let replaced = Arc::clone(&replaced);
        move |head| match (path(head), replaced.load(Ordering::SeqCst)) {
            ("/watcher/health", false) | ("/healthy", true) => ok(b""),
            _ => status("404 Not Found", ""),
        }
    })
    .await;
    let monitor = monitor(server.options());
    monitor.healthy().await.unwrap();
    replaced.store(true, Ordering::SeqCst);
    monitor.healthy().await.unwrap();
    monitor.healthy().await.unwrap();
    assert_eq!(server.paths(), ["/healthy", "/watcher/health", "/watcher/health", "/healthy", "/healthy"]);
}

#[tokio::test]
async fn auto_takes_an_unhealthy_answer_as_the_answer() {
    let server = Server::start(|_| status("503 Service Unavailable", "prometheus is away")).await;
    let error = monitor(server.options()).healthy().await.unwrap_err();
    assert_eq!(error.kind(), MonitorErrorKind::Status(503));
    assert_eq!(
        error.to_string(),
        format!(
            "load monitor at http://{}: GET /healthy answered 503 Service Unavailable: it is not healthy; look at its \
             log; it said: prometheus is away",
            server.address
        )
    );
    assert_eq!(server.paths(), ["/healthy"]);
}

#[tokio::test]
async fn auto_without_any_health_names_both_paths() {
    let server = Server::start(|_| status("404 Not Found", "")).await;
    let mut options = server.options();
    options.address.push_str("/base");
    let error = monitor(options).healthy().await.unwrap_err();
    assert_eq!(error.kind(), MonitorErrorKind::Status(404));
    assert_eq!(
        error.to_string(),
        format!(
            "load monitor at http://{}/base: neither GET /base/healthy nor GET /base/watcher/health exists (404 Not \
             Found); check the base path of the address, and that a load monitor answers there",
            server.address
        )
    );
}
