//! The program `scorelet`: collects live node load and scores nodes with sandboxed policies.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::process::ExitCode;

use clap::Parser;

mod cli;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    cli::logging::start(arguments.verbosity(), arguments.stays());
    // Readers of strangers' files may panic, and what they do is told as an error: the panic itself is for maintainers.
    set_hook(Box::new(|panic| tracing::debug!("{panic}")));
    let format = arguments.format();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(failure) => return cli::exit::report(&cli::exit::Failure::internal(failure.into()), format),
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| runtime.block_on(arguments.run())))
        .unwrap_or_else(|_| Err(cli::exit::Failure::defect()));
    // A policy that is just being stopped, or a name lookup, must not hold up the exit.
    runtime.shutdown_background();
    outcome.unwrap_or_else(|failure| cli::exit::report(&failure, format))
}
