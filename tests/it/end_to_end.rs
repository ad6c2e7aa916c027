//! Everything together over real sockets: a load monitor that is asked, goes away, and comes back.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use scorelet_host::collector::{Collector, CollectorOptions};
use scorelet_host::monitor::http::{HttpMonitor, HttpMonitorOptions};
use scorelet_host::policy::{Candidates, Limits, LoadOptions, PolicyEngine, Request};
use scorelet_host::scheduling::Pod;
use scorelet_host::simulator::{Dialect, Server, SimulatedCluster};
use scorelet_host::snapshot::{Reading, State};
use scorelet_tests::artifacts;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A simulated load monitor that runs until it is told to end.
struct Running {
    address: SocketAddr,
    end: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    fn start(address: SocketAddr) -> Self {
        let cluster = SimulatedCluster { nodes: 10, labels: 3, seed: 7, dialect: Dialect::LoadMonitor };
        let server = Server::bind(address, cluster).unwrap();
        let (end, ended) = oneshot::channel();
        let address = server.local_address();
        let task = tokio::spawn(server.run(async { ended.await.unwrap_or_default() }));
        Self { address, end, task }
    }

    async fn end(self) {
        self.end.send(()).unwrap();
        self.task.await.unwrap().unwrap();
    }
}

/// Lets others run until a reading is as wanted. A test that waits in vain is ended from outside.
fn until(collector: &Collector, wanted: impl Fn(&Reading) -> bool) -> impl Future<Output = Reading> {
    let reader = collector.reader().clone();
    async move {
        loop {
            let reading = reader.read();
            if wanted(&reading) {
                return reading;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_monitor_goes_away_and_comes_back() {
    let server = Running::start("127.0.0.1:0".parse().unwrap());
    let address = server.address;
    // Short for a test, and long enough for an answer on a busy machine.
    let period = Duration::from_millis(200);
    let options = CollectorOptions {
        update_interval: period,
        update_request_timeout: period,
        heartbeat_interval: period,
        heartbeat_request_timeout: period,
        heartbeat_timeout: 4 * period,
        ..CollectorOptions::default()
    };
    let monitor = HttpMonitor::new(HttpMonitorOptions::new(format!("http://{address}"))).unwrap();
    let collector = Collector::start(options, monitor).unwrap();
    collector.reader().wait_until_ready().await.unwrap();

    let reading = until(&collector, |reading| reading.valid().is_valid()).await;
    let snapshot = reading.snapshot().unwrap();
    assert_eq!(snapshot.nodes.len(), 10);
    let engine = PolicyEngine::new(Limits::default()).unwrap();
    let policy = engine.load(&artifacts::read(artifacts::LEAST_LOADED), LoadOptions::default()).unwrap();
    let request = Request { pod: Pod::default(), candidates: Candidates::from_snapshot(snapshot) };
    assert_eq!(policy.score_async(&reading, &request).await.unwrap().scores.len(), 10);

    server.end().await;
    let reading = until(&collector, |reading| reading.valid().heartbeat.state == State::Stale).await;
    assert!(reading.snapshot().is_some(), "what was known is kept");
    let before = collector.status();
    assert!(before.heartbeat.failure.unwrap().contains("connection refused"));

    let server = Running::start(address);
    until(&collector, |reading| reading.valid().is_valid()).await;
    collector.shutdown().await;
    server.end().await;
}
