//! `scorelet query valid --watch`: a Collector that runs, and its verdict whenever that changes.

use std::process::ExitCode;
use std::time::Duration;

use scorelet_host::collector::Collector;
use scorelet_host::snapshot::{State, Validity};

use super::exit::Failure;
use super::output::Format;
use super::query::print_validity;
use super::shutdown;
use super::source::Source;

/// How often the verdict is looked at: the ages in it are told in seconds.
const LOOK: Duration = Duration::from_secs(1);

pub(crate) async fn run(source: &Source, format: Format) -> Result<ExitCode, Failure> {
    let monitor = source.monitor()?;
    let collector =
        Collector::start(source.collector_options(), monitor).map_err(|failure| Failure::bad_input(failure.into()))?;
    collector.first_round().await;
    let mut looks = tokio::time::interval(LOOK);
    let mut printed = None;
    let mut code = ExitCode::SUCCESS;
    let ended = shutdown::requested();
    tokio::pin!(ended);
    loop {
        tokio::select! {
            _ = looks.tick() => {}
            () = &mut ended => break,
        }
        let validity = collector.reader().read().valid();
        let states = states(&validity);
        if printed.replace(states) != Some(states) {
            code = print_validity(&validity, format)?;
        }
    }
    collector.shutdown().await;
    Ok(code)
}

fn states(validity: &Validity) -> [State; 3] {
    validity.checks().map(|(_, check)| check.state)
}
