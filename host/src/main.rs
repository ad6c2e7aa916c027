//! The program `scorelet`: collects live node load and scores nodes with sandboxed policies.

use std::process::ExitCode;

use clap::Parser;

mod cli;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    cli::logging::start(arguments.verbosity(), arguments.stays());
    let format = arguments.format();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(failure) => return cli::exit::report(&cli::exit::Failure::internal(failure.into()), format),
    };
    let outcome = runtime.block_on(arguments.run());
    // A policy that is just being stopped, or a name lookup, must not hold up the exit.
    runtime.shutdown_background();
    outcome.unwrap_or_else(|failure| cli::exit::report(&failure, format))
}
