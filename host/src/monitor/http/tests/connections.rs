//! Connections that do not come about, break, or are no longer wanted.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::TcpListener;

use super::server::{Reply, Seen, Server, ok};
use super::{HttpMonitorOptions, fetch_error, monitor};
use crate::monitor::http::address::Address;
use crate::monitor::http::failure;
use crate::monitor::{Monitor, MonitorErrorKind};

async fn closed_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn connection_refused() {
    let address = closed_port().await;
    let error = fetch_error(HttpMonitorOptions::new(address.to_string())).await;
    assert_eq!((error.kind(), error.is_transient()), (MonitorErrorKind::Unreachable, true));
    assert_eq!(
        error.to_string(),
        format!("load monitor at http://{address}: connection refused; check that it is running, and the port")
    );
    assert!(error.source().is_none(), "the cause is in the text");
}

struct NoNames;

impl Resolve for NoNames {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(async { Err::<Addrs, _>("no such\nname".into()) })
    }
}

#[tokio::test]
async fn an_unknown_name_is_told_from_a_refused_connection() {
    // Asking the real resolver would leave the machine.
    let client = reqwest::Client::builder()
        .dns_resolver(NoNames)
        .no_proxy()
        .tls_backend_preconfigured(super::super::tls::client_config(&Address::parse("monitor").unwrap(), None).unwrap())
        .build()
        .unwrap();
    let address = Address::parse("monitor").unwrap();
    let error = client.get(address.url("/watcher")).send().await.unwrap_err();
    assert_eq!(
        failure::explain(&error, &address, Duration::from_secs(3)),
        (
            MonitorErrorKind::Unreachable,
            "the name monitor cannot be resolved (no such\\nname); check the name and the DNS of this machine"
                .to_owned()
        )
    );
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_is_a_timeout() {
    // Accepts and never says anything, so that the TLS handshake cannot end.
    let server = Server::start(|_| Reply::SendAndHang(Vec::new())).await;
    let directory = tempfile::tempdir().unwrap();
    let ca = super::tls::Authority::new();
    let options = HttpMonitorOptions::new(format!("https://{}", server.address))
        .with_extra_ca(ca.file(directory.path()))
        .with_connect_timeout(Duration::from_millis(50));
    let error = fetch_error(options).await;
    assert_eq!((error.kind(), error.is_transient()), (MonitorErrorKind::Timeout, true));
    assert_eq!(
        error.to_string(),
        format!(
            "load monitor at https://{}: no connection within 50ms; check the address, and the DNS and the firewalls \
             between",
            server.address
        )
    );
}

#[tokio::test]
async fn a_connection_that_ends_before_the_answer_is_unreachable() {
    let server = Server::start(|_| Reply::SendAndClose(Vec::new())).await;
    let error = fetch_error(server.options()).await;
    assert_eq!((error.kind(), error.is_transient()), (MonitorErrorKind::Unreachable, true));
    assert_eq!(
        error.to_string(),
        format!(
            "load monitor at http://{}: it closed the connection before it answered; look at its log",
            server.address
        )
    );
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_told() {
    let server = Server::start(|_| Reply::SendAndClose(b"\x15\x03\x01\x00\x02\x02\x0a\r\n\r\n".to_vec())).await;
    let error = fetch_error(server.options()).await;
    assert_eq!(error.kind(), MonitorErrorKind::Unreachable);
    assert_eq!(
        error.to_string(),
        format!(
            "load monitor at http://{}: what answers there is not proper HTTP (invalid HTTP version parsed); \
             check the port, or write https:// if it \
             speaks TLS",
            server.address
        )
    );
}

#[tokio::test]
async fn a_flood_of_headers_is_refused() {
    let server = Server::start(|_| {
        Reply::SendAndClose([b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-Flood: y\r\n".repeat(100_000)].concat())
    })
    .await;
    assert_eq!(fetch_error(server.options()).await.kind(), MonitorErrorKind::Unreachable);
}

#[tokio::test]
async fn dropping_the_future_closes_the_connection() {
    for reply in ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin"] {
        let mut server = Server::start(move |_| Reply::SendAndHang(reply.as_bytes().to_vec())).await;
        let monitor = monitor(server.options());
        tokio::select! {
            outcome = monitor.fetch() => panic!("the server never answers in full: {outcome:?}"),
            event = server.events.recv() => assert_eq!(event, Some(Seen::Request)),
        }
        // The monitor itself lives on, and holds no connection.
        assert_eq!(server.events.recv().await, Some(Seen::Closed));
        drop(monitor);
    }
}

#[tokio::test]
async fn a_monitor_works_again_after_a_failure() {
    let server = Server::start(|head| {
        if head.contains("/watcher ") { ok(b"{}") } else { Reply::SendAndClose(b"garbage\r\n\r\n".to_vec()) }
    })
    .await;
    let monitor = monitor(server.options());
    monitor.fetch().await.unwrap();
    monitor.healthy().await.unwrap_err();
    monitor.fetch().await.unwrap();
}
