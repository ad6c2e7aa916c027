//! `scorelet query valid --watch`: a Collector that runs, and its verdict whenever that changes.

use std::process::ExitCode;
use std::time::Duration;

use scorelet_host::collector::Collector;

use super::exit::Failure;
use super::output::Format;
use super::query::print_validity;
use super::shutdown;
use super::source::Source;

/// How often the verdict is looked at: the ages in it are told in seconds. Also how long the first one may take.
const LOOK: Duration = Duration::from_secs(1);

pub(crate) async fn run(source: &Source, format: Format) -> Result<ExitCode, Failure> {
    let monitor = source.monitor()?;
    let ended = shutdown::requested();
    tokio::pin!(ended);
    let mut options = source.collector_options();
    // Somebody who waits longer for one answer does not want a longer period.
    options.heartbeat_request_timeout = options.heartbeat_request_timeout.min(options.heartbeat_interval);
    options.update_request_timeout = options.update_request_timeout.min(options.update_interval);
    let collector = Collector::start(options, monitor).map_err(|failure| Failure::internal(failure.into()))?;
    let _ = tokio::time::timeout(LOOK, collector.first_round()).await;
    let mut looks = tokio::time::interval(LOOK);
    let mut printed = None;
    let mut code = ExitCode::SUCCESS;
    loop {
        tokio::select! {
            _ = looks.tick() => {}
            () = &mut ended => break,
        }
        let mut validity = collector.reader().read().valid();
        let status = collector.status();
        let causes = [
            status.heartbeat.failure.filter(|_| validity.heartbeat.has_failed()),
            status.update.failure.filter(|_| validity.metrics.has_failed()),
        ];
        let verdict = (validity.checks().map(|(_, check)| check.state), causes.clone());
        if printed.as_ref() != Some(&verdict) {
            printed = Some(verdict);
            for (check, cause) in [&mut validity.heartbeat, &mut validity.metrics].into_iter().zip(causes) {
                if let Some(cause) = cause {
                    check.reason = format!("{}: {cause}", check.reason);
                }
            }
            code = print_validity(&mut validity, format)?;
        }
    }
    collector.shutdown().await;
    Ok(code)
}
