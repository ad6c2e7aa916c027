//! Bodies are read to their end or not at all, and never beyond the cap.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::server::{Reply, Server, answer, ok};
use super::{fetch_error, monitor};
use crate::monitor::{Monitor, MonitorErrorKind};

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn gzip_answer(content: &[u8]) -> Vec<u8> {
    answer("200 OK", "Content-Encoding: gzip\r\n", &gzip(content))
}

/// The kind, whether another try makes sense, and the message without its beginning.
async fn failure(cap: u64, reply: impl Fn() -> Reply + Send + Sync + 'static) -> (MonitorErrorKind, bool, String) {
    let server = Server::start(move |_| reply()).await;
    let error = fetch_error(server.options().with_max_body_bytes(cap)).await;
    let prefix = format!("load monitor at http://{}: ", server.address);
    let text = error.to_string();
    (error.kind(), error.is_transient(), text.strip_prefix(&prefix).unwrap_or_else(|| panic!("{text}")).to_owned())
}

#[tokio::test]
async fn gzip_is_decompressed() {
    let content = b"{\"data\": {}}".repeat(10_000);
    let expected = content.clone();
    let server = Server::start(move |_| Reply::Send(gzip_answer(&content))).await;
    assert_eq!(monitor(server.options()).fetch().await.unwrap(), expected);
}

#[tokio::test]
async fn chunks_are_put_together() {
    let server =
        Server::start(|_| Reply::Send([CHUNKED.as_bytes(), b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"].concat())).await;
    assert_eq!(monitor(server.options().with_max_body_bytes(5)).fetch().await.unwrap(), b"abcde");
}

#[tokio::test]
async fn a_body_may_end_with_the_connection() {
    let server =
        Server::start(|_| Reply::SendAndClose(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc".to_vec())).await;
    assert_eq!(monitor(server.options()).fetch().await.unwrap(), b"abc");
}

#[tokio::test]
async fn a_body_as_large_as_the_cap_is_read() {
    let server = Server::start(|_| ok(&[b' '; 1000])).await;
    assert_eq!(monitor(server.options().with_max_body_bytes(1000)).fetch().await.unwrap().len(), 1000);
    let server = Server::start(|_| Reply::Send(gzip_answer(&[b' '; 1000]))).await;
    assert_eq!(monitor(server.options().with_max_body_bytes(1000)).fetch().await.unwrap().len(), 1000);
}

#[tokio::test]
async fn a_body_shorter_than_announced_is_cut_off() {
    let (kind, transient, text) =
        failure(1000, || Reply::SendAndClose(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789".to_vec()))
            .await;
    assert_eq!((kind, transient), (MonitorErrorKind::Unreachable, true));
    assert_eq!(text, "the body was cut off after 10 bytes (end of file before message length reached)");
}

#[tokio::test]
async fn a_body_without_its_last_chunk_is_cut_off() {
    let (kind, transient, text) =
        failure(1000, || Reply::SendAndClose([CHUNKED.as_bytes(), b"5\r\nabcde\r\n"].concat())).await;
    assert_eq!((kind, transient), (MonitorErrorKind::Unreachable, true));
    assert!(text.starts_with("the body was cut off after 5 bytes ("), "{text}");
}

#[tokio::test]
async fn a_chunk_with_a_broken_size_is_cut_off() {
    let (kind, transient, text) =
        failure(1000, || Reply::Send([CHUNKED.as_bytes(), b"3\r\nabc\r\nzz\r\n"].concat())).await;
    assert_eq!((kind, transient), (MonitorErrorKind::Unreachable, true));
    assert!(text.starts_with("the body was cut off after 3 bytes ("), "{text}");
}

#[tokio::test]
async fn truncated_gzip_in_a_cut_off_body_is_cut_off() {
    let (kind, transient, text) = failure(1 << 20, || {
        let mut bytes = gzip_answer(&(0..20_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<_>>());
        bytes.truncate(bytes.len() / 2);
        Reply::SendAndClose(bytes)
    })
    .await;
    assert_eq!((kind, transient), (MonitorErrorKind::Unreachable, true), "{text}");
    assert!(text.starts_with("the body was cut off after "), "{text}");
}

#[tokio::test]
async fn truncated_or_damaged_gzip_in_a_complete_body_is_malformed() {
    let whole = gzip(&b"{\"data\": {}}".repeat(100));
    let truncated = whole[..whole.len() / 2].to_vec();
    let mut damaged = whole.clone();
    let last = damaged.len() - 5;
    damaged[last] ^= 0xff;
    for body in [truncated, damaged, b"not gzip at all".to_vec()] {
        let (kind, transient, text) =
            failure(1 << 20, move || Reply::Send(answer("200 OK", "Content-Encoding: gzip\r\n", &body))).await;
        assert_eq!((kind, transient), (MonitorErrorKind::Malformed, false), "{text}");
        assert!(text.starts_with("the gzip encoding of the body is damaged after "), "{text}");
    }
}

#[tokio::test]
async fn content_length_over_the_cap_is_refused_before_any_body() {
    // Read instead of refused, the body would be cut off.
    let (kind, transient, text) =
        failure(1000, || Reply::SendAndClose(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n".to_vec())).await;
    assert_eq!((kind, transient), (MonitorErrorKind::TooLarge, false));
    assert_eq!(
        text,
        "the body of 1001 bytes is larger than the allowed 1000; raise max_body_bytes if the cluster is that large"
    );
}

#[tokio::test]
async fn a_lying_content_length_under_the_cap_claims_no_memory() {
    let (kind, _, text) = failure(u64::MAX, || {
        Reply::SendAndClose(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000\r\n\r\nabc".to_vec())
    })
    .await;
    assert_eq!(kind, MonitorErrorKind::Unreachable);
    assert!(text.starts_with("the body was cut off after 3 bytes ("), "{text}");
}

#[tokio::test]
async fn endless_chunks_end_at_the_cap() {
    let (kind, transient, text) = failure(1000, || {
        let mut bytes = CHUNKED.as_bytes().to_vec();
        bytes.extend(b"64\r\n".iter().chain(&[b'x'; 100]).chain(b"\r\n").copied().collect::<Vec<_>>().repeat(11));
        Reply::SendAndClose(bytes)
    })
    .await;
    assert_eq!((kind, transient), (MonitorErrorKind::TooLarge, false));
    assert_eq!(
        text,
        "the body is larger than the allowed 1000 bytes (after decompression); raise max_body_bytes if the cluster is \
         that large"
    );
}

#[tokio::test]
async fn gzip_bomb_ends_at_the_cap() {
    let bomb = gzip_answer(&vec![0; 50 << 20]);
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    let (kind, _, text) = failure(1 << 20, move || Reply::Send(bomb.clone())).await;
    assert_eq!(kind, MonitorErrorKind::TooLarge);
    assert!(text.contains("(after decompression)"), "{text}");
}

#[tokio::test]
async fn gzip_bomb_in_an_error_body_is_cut_to_an_excerpt() {
    let bomb = answer("500 Internal Server Error", "Content-Encoding: gzip\r\n", &gzip(&vec![b'A'; 50 << 20]));
    let (kind, _, text) = failure(1 << 20, move || Reply::Send(bomb.clone())).await;
    assert_eq!(kind, MonitorErrorKind::Status(500));
    assert!(text.ends_with(&format!("it said: {}…", "A".repeat(200))), "{text}");
}

#[tokio::test]
async fn an_encoding_that_was_not_offered_is_malformed() {
    for encoding in ["br", "gzip, gzip"] {
        let (kind, _, text) =
            failure(1000, move || Reply::Send(answer("200 OK", &format!("Content-Encoding: {encoding}\r\n"), b"x")))
                .await;
        assert_eq!(kind, MonitorErrorKind::Malformed);
        assert_eq!(
            text,
            format!("the body is encoded as {encoding}, and only gzip was offered; look at the proxies between")
        );
    }
    let server = Server::start(|_| Reply::Send(answer("200 OK", "Content-Encoding: identity\r\n", b"{}"))).await;
    assert_eq!(monitor(server.options()).fetch().await.unwrap(), b"{}");
}

#[tokio::test]
async fn response_smuggling_through_absurd_lengths_is_refused() {
    for length in ["18446744073709551615", "99999999999999999999", "-1", "5\r\nContent-Length: 6"] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        let (kind, _, text) = failure(u64::MAX, move || Reply::SendAndClose(head.clone().into_bytes())).await;
        assert_eq!(kind, MonitorErrorKind::Unreachable, "{length}");
        assert!(text.starts_with("what answers there is not proper HTTP ("), "{text}");
    }
}
