//! The routes of the simulator, over a plain socket on loopback.

use std::io::Read;
use std::sync::atomic::{AtomicI64, Ordering};

use flate2::read::GzDecoder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::*;
use crate::simulator::{Dialect, SimulatedCluster};

/// 2025-11-16, 01:23:45 UTC.
const NOW: i64 = 1_763_256_225;

const CLUSTER: SimulatedCluster = SimulatedCluster { nodes: 12, labels: 4, seed: 1, dialect: Dialect::LoadMonitor };

/// A server that runs, with a clock that is set by hand.
struct Running {
    address: SocketAddr,
    faults: Faults,
    time: Arc<AtomicI64>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<io::Result<()>>,
}

impl Running {
    fn start(source: impl Into<Source>) -> Self {
        let time = Arc::new(AtomicI64::new(NOW));
        let clock = Arc::clone(&time);
        let server = Server::bind(([127, 0, 0, 1], 0).into(), source)
            .unwrap()
            .with_clock(Arc::new(move || clock.load(Ordering::SeqCst)));
        let (address, faults) = (server.local_address(), server.faults());
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self { address, faults, time, stop, ended }
    }

    async fn get(&self, target: &str) -> Answer {
        self.get_with(target, "").await
    }

    async fn get_with(&self, target: &str, headers: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nhost: monitor\r\nconnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        Answer::parse(&answer)
    }
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = bytes[end + 4..].to_vec();
        assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
        Self { status, head, body }
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

#[tokio::test]
async fn serves_the_body_of_the_cluster() {
    let server = Running::start(CLUSTER);
    let answer = server.get("/watcher").await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("content-type: application/json"));
    assert!(!answer.head.contains("content-encoding"));
    assert_eq!(answer.body, CLUSTER.body(NOW));

    server.time.store(NOW + 60, Ordering::SeqCst);
    assert_eq!(server.get("/watcher").await.body, CLUSTER.body(NOW + 60));
}

#[tokio::test]
async fn compresses_when_asked_to() {
    let server = Running::start(CLUSTER);
    let answer = server.get_with("/watcher", "accept-encoding: br, gzip\r\n").await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("content-encoding: gzip"), "{}", answer.head);
    assert!(answer.head.contains("vary: accept-encoding"));
    let mut body = Vec::new();
    GzDecoder::new(answer.body.as_slice()).read_to_end(&mut body).unwrap();
    assert_eq!(body, CLUSTER.body(NOW));
    assert!(answer.body.len() < body.len() / 4, "{} of {}", answer.body.len(), body.len());
}

#[test]
fn understands_what_a_client_accepts() {
    for (offer, accepted) in [
        ("gzip", true),
        ("GZIP", true),
        ("deflate, gzip;q=0.5", true),
        ("*", true),
        ("br;q=1.0, *;q=0.1", true),
        ("", false),
        ("identity", false),
        ("gzip;q=0", false),
        ("gzip; q=0.0", false),
        ("gzip;q=0, *", false),
        ("*;q=0", false),
        ("x-gzipped", false),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(offer));
        assert_eq!(accepts_gzip(&headers), accepted, "{offer}");
    }
    assert!(!accepts_gzip(&HeaderMap::new()));
}

#[tokio::test]
async fn serves_one_host() {
    let server = Running::start(CLUSTER);
    let answer = server.get("/watcher?host=worker-0003").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, CLUSTER.host_body(NOW, "worker-0003").unwrap());
    assert_eq!(server.get("/watcher?host=worker-0099").await.status, 404);
    assert_eq!(server.get("/watcher?host=%2e%2e%2f").await.status, 404);
    assert_eq!(server.get("/watcher?host=").await.body, CLUSTER.body(NOW), "no name means all nodes");
}

#[tokio::test]
async fn each_dialect_has_its_own_health_check() {
    let monitor = Running::start(CLUSTER);
    assert_eq!(monitor.get("/healthy").await.status, 200);
    assert_eq!(monitor.get("/watcher/health").await.status, 404);
    let watcher = Running::start(SimulatedCluster { dialect: Dialect::LoadWatcher, ..CLUSTER });
    assert_eq!(watcher.get("/watcher/health").await.status, 200);
    assert_eq!(watcher.get("/healthy").await.status, 404);
}

#[tokio::test]
async fn an_unknown_path_lists_the_routes() {
    let server = Running::start(CLUSTER);
    for path in ["/", "/metrics", "/watcher/", "/healthy/x"] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("/watcher") && answer.text().contains("/healthy"), "{}", answer.text());
    }
}

#[tokio::test]
async fn can_be_unhealthy_and_recover() {
    let server = Running::start(CLUSTER);
    server.faults.set_unhealthy(true);
    assert_eq!(server.get("/healthy").await.status, 503);
    assert_eq!(server.get("/watcher").await.status, 200, "a monitor goes on serving");
    server.faults.set_unhealthy(false);
    assert_eq!(server.get("/healthy").await.status, 200);
}

#[tokio::test]
async fn can_have_nothing_cached_and_recover() {
    let server = Running::start(CLUSTER);
    server.faults.set_failing(true);
    assert_eq!(server.get("/watcher").await.status, 500);
    assert_eq!(server.get("/watcher?host=worker-0003").await.status, 500);
    assert_eq!(server.get("/healthy").await.status, 200);
    server.faults.set_failing(false);
    assert_eq!(server.get("/watcher").await.status, 200);
}

#[tokio::test]
async fn can_be_frozen_and_thaw() {
    let server = Running::start(CLUSTER);
    assert_eq!(server.get("/watcher").await.body, CLUSTER.body(NOW));
    server.faults.set_frozen(true);
    server.time.store(NOW + 600, Ordering::SeqCst);
    assert_eq!(server.get("/watcher").await.body, CLUSTER.body(NOW));
    let host = server.get("/watcher?host=worker-0003").await;
    assert_eq!(host.body, CLUSTER.host_body(NOW, "worker-0003").unwrap());
    server.faults.set_frozen(false);
    assert_eq!(server.get("/watcher").await.body, CLUSTER.body(NOW + 600));
}

#[tokio::test]
async fn shuts_down_although_a_client_keeps_its_connection() {
    let server = Running::start(CLUSTER);
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    idle.write_all(b"GET /healthy HTTP/1.1\r\nhost: monitor\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");

    server.stop.send(()).unwrap();
    server.ended.await.unwrap().unwrap();
    let refused = TcpStream::connect(server.address).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
}

// The clock is paused, so the grace period passes at once when nothing else is left to do.
#[tokio::test(start_paused = true)]
async fn a_client_that_never_ends_its_request_does_not_hold_up_the_shutdown() {
    let server = Running::start(CLUSTER);
    assert_eq!(server.get("/healthy").await.status, 200);
    let mut stuck = TcpStream::connect(server.address).await.unwrap();
    stuck.write_all(b"GET /watcher HTTP/1.1\r\nhost: mon").await.unwrap();
    server.stop.send(()).unwrap();
    server.ended.await.unwrap().unwrap();
    let refused = TcpStream::connect(server.address).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_replay_is_served_too() {
    let path = std::env::temp_dir().join(format!("scorelet-served-{}.json", std::process::id()));
    let text = r#"{"timestamp":1600000300,"window":{"end":1600000300},"data":{"NodeMetricsMap":{"a":{"value":NaN}}}}"#;
    std::fs::write(&path, text).unwrap();
    let open = |clock| crate::simulator::Replay::open(&path, clock, Dialect::LoadWatcher).unwrap();
    let (fresh, recorded) = (open(crate::simulator::ReplayClock::Now), open(crate::simulator::ReplayClock::Recorded));
    std::fs::remove_file(&path).unwrap();

    let server = Running::start(fresh);
    assert_eq!(server.get("/watcher").await.text(), text.replace("1600000300", "1763256180"));
    server.time.store(NOW + 60, Ordering::SeqCst);
    assert_eq!(server.get("/watcher").await.text(), text.replace("1600000300", "1763256240"));
    assert_eq!(server.get("/watcher?host=a").await.status, 200);
    assert_eq!(server.get("/watcher?host=b").await.status, 404);
    assert_eq!(server.get("/watcher/health").await.status, 200);

    let server = Running::start(recorded);
    assert_eq!(server.get("/watcher").await.text(), text);
}

#[test]
fn a_taken_port_is_named() {
    let first = Server::bind(([127, 0, 0, 1], 0).into(), CLUSTER).unwrap();
    let error = Server::bind(first.local_address(), CLUSTER).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    assert!(error.to_string().contains(&format!("cannot listen on {}", first.local_address())), "{error}");
}
