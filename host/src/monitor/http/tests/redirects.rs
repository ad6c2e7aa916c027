//! Redirects stay within the origin.

use super::server::{Reply, Server, answer, ok, path, status};
use super::{fetch_error, monitor};
use crate::monitor::http::Token;
use crate::monitor::{Monitor, MonitorErrorKind};

fn redirect(status: &str, location: &str) -> Reply {
    Reply::Send(answer(status, &format!("Location: {location}\r\n"), b""))
}

#[tokio::test]
async fn to_the_same_origin_is_followed() {
    let server = Server::start(|head| match path(head) {
        "/watcher" => redirect("301 Moved Permanently", "/watcher/"),
        _ => ok(b"{}"),
    })
    .await;
    let options = server.options().with_token(Token::Value("hunter2-hunter2".into()));
    assert_eq!(monitor(options).fetch().await.unwrap(), b"{}");
    assert_eq!(server.paths(), ["/watcher", "/watcher/"]);
    assert!(server.requests().iter().all(|head| head.contains("Bearer hunter2-hunter2")));
}

#[tokio::test]
async fn token_theft_through_a_redirect_to_another_port_gets_no_request() {
    let thief = Server::start(|_| ok(b"{}")).await;
    let target = format!("http://{}/steal?token=leak", thief.address);
    for status in
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let location = target.clone();
        let server = Server::start(move |_| redirect(status, &location)).await;
        let options =
            server.options().with_token(Token::Value("hunter2-hunter2".into())).with_header("X-Key", "secret");
        let error = fetch_error(options).await;
        assert_eq!(error.kind(), MonitorErrorKind::Redirect);
        assert!(!error.is_transient());
        assert_eq!(
            error.to_string(),
            format!(
                "load monitor at http://{}: it redirects to http://{}, which is another origin and is not followed, \
                 because credentials would go there; if that is the load monitor, give it as the address",
                server.address, thief.address
            )
        );
    }
    assert_eq!(thief.requests(), [""; 0]);
}

#[tokio::test]
async fn to_another_host_or_scheme_is_refused() {
    for (location, shown) in [
        ("//localhost:PORT/watcher", "http://localhost:PORT"),
        ("https://127.0.0.1:PORT/watcher", "https://127.0.0.1:PORT"),
        ("http://user:pass@evil.example/?q", "http://evil.example"),
        ("ftp://127.0.0.1:PORT/", "ftp://127.0.0.1:PORT"),
    ] {
        let server = Server::start(move |head| {
            let port = head.split("host: 127.0.0.1:").nth(1).unwrap().split('\r').next().unwrap();
            redirect("302 Found", &location.replace("PORT", port))
        })
        .await;
        let error = fetch_error(server.options()).await;
        assert_eq!(error.kind(), MonitorErrorKind::Redirect, "{location}: {error}");
        let shown = shown.replace("PORT", &server.address.port().to_string());
        assert!(error.to_string().contains(&format!("it redirects to {shown}, which")), "{error}");
        assert!(!error.to_string().contains("pass"), "{error}");
        assert_eq!(server.requests().len(), 1, "{location}");
    }
}

#[tokio::test]
async fn a_redirect_loop_ends_after_five() {
    let server = Server::start(|_| redirect("302 Found", "/watcher")).await;
    let error = fetch_error(server.options()).await;
    assert_eq!(error.kind(), MonitorErrorKind::Redirect);
    assert_eq!(
        error.to_string(),
        format!(
            "load monitor at http://{}: it redirected more than 5 times, which looks like a loop; check the address \
             and the gateway",
            server.address
        )
    );
    assert_eq!(server.requests().len(), 6);
}

#[tokio::test]
async fn without_a_usable_location_it_is_a_status() {
    let server = Server::start(|head| match path(head) {
        "/watcher" => status("302 Found", ""),
        _ => redirect("302 Found", "http://["),
    })
    .await;
    let monitor = monitor(server.options());
    for error in [monitor.fetch().await.unwrap_err(), monitor.healthy().await.unwrap_err()] {
        assert_eq!(error.kind(), MonitorErrorKind::Status(302));
        assert!(error.to_string().ends_with("302 Found: a redirect that leads nowhere; check the address"), "{error}");
    }
}
