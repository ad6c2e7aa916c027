//! A server that answers with exactly the bytes that a test gives it.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;

use super::super::HttpMonitorOptions;

/// What a connection does after a request.
pub(super) enum Reply {
    /// Sends these bytes and waits for the next request.
    Send(Vec<u8>),
    /// Sends these bytes and closes the connection.
    SendAndClose(Vec<u8>),
    /// Sends these bytes and nothing more, and keeps the connection open.
    SendAndHang(Vec<u8>),
}

/// Something that a connection has seen.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Request,
    /// The other side closed the connection.
    Closed,
}

pub(super) struct Server {
    pub(super) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    pub(super) events: UnboundedReceiver<Seen>,
}

impl Server {
    /// Answers each request by what `answer` says about its head.
    pub(super) async fn start(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(None, answer).await
    }

    pub(super) async fn start_tls(tls: TlsAcceptor, answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(Some(tls), answer).await
    }

    async fn start_with(tls: Option<TlsAcceptor>, answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (sender, events) = unbounded_channel();
        let connection = Arc::new(Connection { answer, requests: Arc::clone(&requests), events: sender });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (connection, tls) = (Arc::clone(&connection), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => connection.serve(stream).await,
                        Some(tls) => connection.serve(tls.accept(stream).await?).await,
                    }
                });
            }
        });
        Self { address, requests, events }
    }

    /// The heads of all requests so far.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// The paths of all requests so far.
    pub(super) fn paths(&self) -> Vec<String> {
        self.requests().iter().map(|head| path(head).to_owned()).collect()
    }

    pub(super) fn options(&self) -> HttpMonitorOptions {
        HttpMonitorOptions::new(format!("http://{}", self.address))
    }
}

struct Connection<A> {
    answer: A,
    requests: Arc<Mutex<Vec<String>>>,
    events: UnboundedSender<Seen>,
}

impl<A: Fn(&str) -> Reply> Connection<A> {
    async fn serve(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
        loop {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await?);
            }
            let head = String::from_utf8(head).unwrap();
            self.requests.lock().unwrap().push(head.clone());
            let _ = self.events.send(Seen::Request);
            match (self.answer)(&head) {
                Reply::Send(bytes) => stream.write_all(&bytes).await?,
                Reply::SendAndClose(bytes) => {
                    stream.write_all(&bytes).await?;
                    return stream.shutdown().await;
                }
                Reply::SendAndHang(bytes) => {
                    stream.write_all(&bytes).await?;
                    stream.flush().await?;
                    let rest = stream.read(&mut [0]).await;
                    // Closing with unread bytes resets the connection, which is a way of closing it.
                    assert!(matches!(rest, Ok(0) | Err(_)), "{rest:?}");
                    let _ = self.events.send(Seen::Closed);
                    return Ok(());
                }
            }
        }
    }
}

pub(super) fn path(head: &str) -> &str {
    head.split(' ').nth(1).unwrap()
}

/// A complete answer with a body.
pub(super) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub(super) fn ok(body: &[u8]) -> Reply {
    Reply::Send(answer("200 OK", "Content-Type: application/json\r\n", body))
}

pub(super) fn status(status: &str, body: &str) -> Reply {
    Reply::Send(answer(status, "", body.as_bytes()))
}
