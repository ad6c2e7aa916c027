//! Tokens and headers arrive where they should, and nowhere else.

use std::fs;
use std::path::Path;

use super::server::{Server, ok};
use super::{fetch_error, is_own_process, monitor, problems};
use crate::monitor::http::{HttpMonitorOptions, Token};
use crate::monitor::{Monitor, MonitorErrorKind};

fn authorization(head: &str) -> &str {
    head.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap_or("none")
}

#[tokio::test]
async fn a_token_value_is_trimmed_and_sent() {
    let server = Server::start(|_| ok(b"{}")).await;
    let monitor = monitor(server.options().with_token(Token::Value(" hunter2\n".into())));
    monitor.fetch().await.unwrap();
    monitor.healthy().await.unwrap();
    assert_eq!(server.requests().iter().map(|head| authorization(head)).collect::<Vec<_>>(), ["Bearer hunter2"; 2]);
}

#[tokio::test]
async fn a_rotated_token_file_is_used_at_once() {
    let server = Server::start(|_| ok(b"{}")).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    // Made before the file exists: Kubernetes may mount it later.
    let monitor = monitor(server.options().with_token(Token::File(path.clone())));
    for token in ["first", "second\n", "third"] {
        fs::write(&path, token).unwrap();
        monitor.fetch().await.unwrap();
    }
    assert_eq!(
        server.requests().iter().map(|head| authorization(head)).collect::<Vec<_>>(),
        ["Bearer first", "Bearer second", "Bearer third"]
    );
}

async fn file_error(server: &Server, path: &Path) -> String {
    let error = fetch_error(server.options().with_token(Token::File(path.to_owned()))).await;
    assert_eq!(error.kind(), MonitorErrorKind::Configuration);
    assert!(!error.is_transient());
    let prefix = format!("load monitor at http://{}: the token file {} ", server.address, path.display());
    error.to_string().strip_prefix(&prefix).unwrap_or_else(|| panic!("{error}")).to_owned()
}

#[tokio::test]
async fn a_useless_token_file_is_named_and_nothing_is_sent() {
    let server = Server::start(|_| ok(b"{}")).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    assert_eq!(file_error(&server, &path).await, "cannot be read: No such file or directory (os error 2)");
    assert_eq!(file_error(&server, directory.path()).await, "cannot be read: it is not a regular file");
    fs::write(&path, " \n\n").unwrap();
    assert_eq!(file_error(&server, &path).await, "is empty; put a bearer token into it, or give none");
    fs::write(&path, "hunter2\nhunter3").unwrap();
    assert_eq!(
        file_error(&server, &path).await,
        "has characters that no bearer token has; it must be one word of visible ASCII"
    );
    fs::write(&path, "h".repeat(1 << 20)).unwrap();
    assert_eq!(file_error(&server, &path).await, "cannot be read: it is larger than 16384 bytes");
    assert_eq!(server.requests(), [""; 0]);
}

#[test]
fn header_injection_through_a_token_is_refused_and_not_repeated() {
    for token in ["hunter2\r\nX-Evil: 1", "hunter2 x", "hunter\u{e9}2", "", &"hunter2".repeat(10_000)] {
        let error = problems(HttpMonitorOptions::new("monitor").with_token(Token::Value(token.into())));
        assert!(error.to_string().contains("the token "), "{error}");
        assert!(!error.to_string().contains("hunter"), "{error}");
    }
}

#[tokio::test]
async fn extra_headers_are_sent_and_replace_our_own() {
    let server = Server::start(|_| ok(b"{}")).await;
    let options = server
        .options()
        .with_header("X-Scope-OrgID", "one")
        .with_header("x-scope-orgid", "two")
        .with_header("User-Agent", "scheduler/2");
    monitor(options).fetch().await.unwrap();
    let head = server.requests().concat();
    for line in ["x-scope-orgid: one", "x-scope-orgid: two", "user-agent: scheduler/2"] {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "{line} in {head}");
    }
    assert!(!head.contains("scorelet"), "{head}");
}

#[test]
fn secrets_in_debug_output_do_not_exist() {
    let options = HttpMonitorOptions::new("https://monitor")
        .with_token(Token::Value("hunter2".into()))
        .with_header("X-Key", "correct-horse");
    let http = HttpMonitorOptions { address: "monitor".into(), ..options.clone() };
    let mistaken = HttpMonitorOptions { address: "http://hunter2:correct-horse@monitor".into(), ..options.clone() };
    let error = problems(mistaken.clone());
    let shown = format!("{options:?} {options:#?} {mistaken:?} {error:?} {error} {:?}", monitor(http));
    assert!(!shown.contains("hunter2") && !shown.contains("correct-horse"), "{shown}");
    assert!(shown.contains("X-Key") && shown.contains("Value(***)"), "{shown}");
}

#[tokio::test]
async fn token_theft_through_a_proxy_of_the_environment_is_impossible() {
    // Nothing listens on port 1: whoever uses the proxy gets no answer.
    let proxies = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"].map(|name| (name, "http://127.0.0.1:1"));
    let everywhere = [("NO_PROXY", ""), ("no_proxy", "")];
    let test = "credentials::token_theft_through_a_proxy_of_the_environment_is_impossible";
    if is_own_process(test, &[&proxies[..], &everywhere].concat()) {
        let server = Server::start(|_| ok(b"{}")).await;
        monitor(server.options().with_token(Token::Value("hunter2".into()))).fetch().await.unwrap();
    }
}
