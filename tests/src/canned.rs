//! A server that answers every request alike, for what no load monitor says.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// The address of a load monitor that is down: a reserved port (tcpmux) that no system gives out as a free one, so that no
/// test running beside can come to listen there.
pub const NOBODY: &str = "http://127.0.0.1:1";

/// The server, on a free port of loopback; gone when it is dropped.
#[derive(Debug)]
pub struct CannedServer {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl CannedServer {
    /// Answers with this status, such as `404 Not Found`, media type and body.
    #[must_use]
    pub fn answering(status: &str, media_type: &str, body: &str) -> Self {
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        Self::start(move |stream| answer_once(&stream, answer.as_bytes()))
    }

    /// Takes requests, and never answers.
    #[must_use]
    pub fn silent() -> Self {
        let mut held = Vec::new();
        Self::start(move |stream| held.push(stream))
    }

    /// Its address, such as `http://127.0.0.1:41234`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    fn start(mut serve: impl FnMut(TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = listener.local_addr().expect("the listener has an address");
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                serve(stream);
            }
        });
        Self { address, stopping, thread: Some(thread) }
    }
}

impl Drop for CannedServer {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        // Wakes the thread, which sees that it should end.
        let woken = TcpStream::connect(self.address);
        if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
            let _ = thread.join();
        }
    }
}

/// Reads one request to the end of its head, and answers. A client that goes away gets nothing.
fn answer_once(mut stream: &TcpStream, answer: &[u8]) {
    let mut lines = BufReader::new(stream).lines();
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let _ = stream.write_all(answer);
}
