//! Only 200 is an answer; every other status says what it means and what to do.

use super::server::{Reply, Server, answer, ok, status};
use super::{fetch_error, monitor};
use crate::monitor::http::{Dialect, Token};
use crate::monitor::{Monitor, MonitorErrorKind};

#[tokio::test]
async fn status_200_gives_the_body_as_it_is() {
    let server = Server::start(|_| ok(b"{\"timestamp\": NaN}")).await;
    assert_eq!(monitor(server.options()).fetch().await.unwrap(), b"{\"timestamp\": NaN}");
    assert_eq!(server.paths(), ["/watcher"]);
}

#[tokio::test]
async fn a_request_says_who_asks_for_what() {
    let server = Server::start(|_| ok(b"{}")).await;
    monitor(server.options()).fetch().await.unwrap();
    let head = server.requests().concat().to_ascii_lowercase();
    assert!(head.starts_with("get /watcher http/1.1\r\n"), "{head}");
    for line in [
        "accept: application/json",
        "accept-encoding: gzip",
        concat!("user-agent: scorelet/", env!("CARGO_PKG_VERSION")),
    ] {
        assert_eq!(head.matches(&format!("\r\n{line}\r\n")).count(), 1, "{line} in {head}");
    }
    assert!(!head.contains("authorization"), "{head}");
}

#[tokio::test]
async fn a_base_path_goes_before_the_path() {
    let server = Server::start(|_| ok(b"{}")).await;
    let mut options = server.options().with_dialect(Dialect::LoadWatcher);
    options.address.push_str("/monitor/");
    let monitor = monitor(options);
    monitor.fetch().await.unwrap();
    monitor.healthy().await.unwrap();
    assert_eq!(server.paths(), ["/monitor/watcher", "/monitor/watcher/health"]);
}

async fn fetch_status(line: &'static str, body: &'static str) -> (MonitorErrorKind, bool, String) {
    let server = Server::start(move |_| status(line, body)).await;
    let error = fetch_error(server.options()).await;
    let prefix = format!("load monitor at http://{}: GET /watcher answered ", server.address);
    let text = error.to_string();
    (error.kind(), error.is_transient(), text.strip_prefix(&prefix).unwrap_or_else(|| panic!("{text}")).to_owned())
}

#[tokio::test]
async fn every_refusal_has_its_kind_and_says_what_to_do() {
    assert_eq!(
        fetch_status("404 Not Found", "").await,
        (
            MonitorErrorKind::Status(404),
            false,
            "404 Not Found: it has no data, or the base path of the address is wrong".into()
        )
    );
    assert_eq!(
        fetch_status("500 Internal Server Error", "{\"error\": \"cache is empty\"}").await,
        (
            MonitorErrorKind::Status(500),
            true,
            "500 Internal Server Error: it has nothing cached yet; if that lasts, look at the metrics source of the \
             monitor; it said: {\"error\": \"cache is empty\"}"
                .into()
        )
    );
    assert_eq!(
        fetch_status("503 Service Unavailable", "").await,
        (MonitorErrorKind::Status(503), true, "503 Service Unavailable: it is not healthy; look at its log".into())
    );
    assert_eq!(
        fetch_status("401 Unauthorized", "").await,
        (
            MonitorErrorKind::Status(401),
            false,
            "401 Unauthorized: it asks for credentials, and none were sent; set a bearer token".into()
        )
    );
    assert_eq!(
        fetch_status("418 I'm a teapot", "").await,
        (MonitorErrorKind::Status(418), false, "418 I'm a teapot".into())
    );
    assert_eq!(fetch_status("599 Whatever", "").await, (MonitorErrorKind::Status(599), true, "599".into()));
}

#[tokio::test]
async fn other_success_statuses_are_no_success() {
    assert_eq!(fetch_status("206 Partial Content", "{}").await.0, MonitorErrorKind::Status(206));
    let server = Server::start(|_| Reply::Send(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())).await;
    assert_eq!(fetch_error(server.options()).await.kind(), MonitorErrorKind::Status(204));
}

#[tokio::test]
async fn refused_credentials_are_told_from_missing_ones() {
    let server = Server::start(|_| status("401 Unauthorized", "")).await;
    let with_token = server.options().with_token(Token::Value("hunter2-hunter2".into()));
    assert!(
        fetch_error(with_token)
            .await
            .to_string()
            .ends_with("401 Unauthorized: the credentials were refused; check that the token is right and not expired")
    );
    let with_header = server.options().with_header("Authorization", "Basic aHVudGVyMg==");
    assert!(fetch_error(with_header).await.to_string().contains("the credentials were refused"));
}

#[tokio::test]
async fn log_forging_error_body_is_escaped_and_cut() {
    let (_, _, text) = fetch_status("500 Internal Server Error", "no\r\nERROR forged \u{1b}[2J").await;
    assert!(text.ends_with("; it said: no\\r\\nERROR forged \\u{1b}[2J"), "{text}");
    let server = Server::start(|_| Reply::Send(answer("500 x", "", &vec![b'A'; 10 << 20]))).await;
    let text = fetch_error(server.options()).await.to_string();
    assert!(text.ends_with(&format!("{}…", "A".repeat(200))), "{text}");
}

/// What a server says that was sent these secrets and answers with something made of its request.
async fn said(token: Option<&str>, header: Option<&str>, echo: fn(&str) -> String) -> String {
    let server = Server::start(move |head| status("500 Internal Server Error", &echo(head))).await;
    let mut options = server.options();
    options.token = token.map(|token| Token::Value(token.into()));
    options.headers.extend(header.map(|value| ("X-Key".to_owned(), value.to_owned())));
    fetch_error(options).await.to_string()
}

#[tokio::test]
async fn echoed_secrets_are_not_shown_in_whatever_form() {
    const WITHHELD: &str = "; what it said is not shown, because it may repeat what must stay secret";
    let echoes: [fn(&str) -> String; 4] = [
        str::to_owned,
        // Not the last word, not the beginning, not the letters that were sent.
        |head| head.replace("orrect", "_"),
        |head| head.to_uppercase(),
        |head| head.chars().rev().collect(),
    ];
    for echo in echoes {
        for (token, header) in [
            (Some("hunter2-hunter2"), None),
            (None, Some("correct horse battery")),
            (None, Some("correct-horse, staple ok")),
            (Some("hunter2-hunter2"), Some("abc")),
        ] {
            let text = said(token, header, echo).await;
            assert!(text.ends_with(WITHHELD), "{text}");
        }
        assert!(said(None, None, echo).await.contains("; it said: "));
    }
    let text = said(Some("hunter2-hunter2"), None, |_| String::new()).await;
    assert!(text.ends_with("look at the metrics source of the monitor"), "{text}");
}

#[tokio::test]
async fn a_secret_echoed_as_an_encoding_is_not_shown() {
    let server = Server::start(|head| {
        let key = head.lines().find_map(|line| line.strip_prefix("x-key: ")).unwrap_or("br");
        Reply::Send(answer("200 OK", &format!("Content-Encoding: {key}\r\n"), b"{}"))
    })
    .await;
    let text = fetch_error(server.options().with_header("X-Key", "hunter2-hunter2")).await.to_string();
    assert!(text.contains("the body is encoded as something that is not shown, and only gzip was offered"), "{text}");
    assert!(fetch_error(server.options()).await.to_string().contains("the body is encoded as br, and only gzip"));
}

#[tokio::test]
async fn a_refusal_whose_body_never_ends_is_still_that_refusal() {
    let server = Server::start(|_| {
        Reply::SendAndHang(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 100\r\n\r\nhalf of it".to_vec())
    })
    .await;
    let error = fetch_error(server.options()).await;
    assert_eq!(error.kind(), MonitorErrorKind::Status(500));
    assert!(error.to_string().ends_with("; it said: half of it"), "{error}");
}

#[tokio::test]
async fn health_needs_no_body() {
    let server =
        Server::start(|_| Reply::SendAndHang(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n".to_vec()))
            .await;
    monitor(server.options()).healthy().await.unwrap();
}
