//! The program `scorelet`: collects live node load and scores nodes with sandboxed policies.

use std::process::ExitCode;

use clap::Parser;

mod cli;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    cli::logging::start(arguments.verbosity());
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(failure) => return cli::exit::report(&cli::exit::Failure::internal(failure.into())),
    };
    let outcome = runtime.block_on(arguments.run());
    // A policy that is just being stopped, or a name lookup, must not hold up the exit.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code,
        Err(failure) => cli::exit::report(&failure),
    }
}
