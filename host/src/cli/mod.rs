//! The command line: a file per verb, and what they share.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod answers;
mod demo;
pub(crate) mod exit;
mod inspect;
pub(crate) mod logging;
mod output;
mod policies;
mod query;
mod score;
mod shutdown;
mod simulate;
mod source;
mod watch;

use exit::Failure;

/// Collect live node load, and score nodes with sandboxed WebAssembly policies.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, propagate_version = true, max_term_width = 100, after_help = exit::HELP)]
pub(crate) struct Arguments {
    /// Log more to standard error: -v for what goes on, -vv for detail. `SCORELET_LOG` takes filters of `tracing`.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show everything at work on this machine: simulated monitor, Collector, policies, ranked nodes.
    Demo(demo::Demo),
    /// Run a load monitor stand-in.
    Simulate(simulate::Simulate),
    /// Ask a load monitor one of the five queries.
    Query(query::Query),
    /// Score nodes for a pod with a policy, once.
    Score(score::Score),
    /// Tell what a policy's file is, and whether this host can run it.
    Inspect(inspect::Inspect),
}

impl Arguments {
    /// How much to log.
    pub(crate) fn verbosity(&self) -> u8 {
        // The demo and the stand-in are watched by somebody; the others are often part of a pipe.
        let of_verb = u8::from(matches!(self.verb, Verb::Simulate(_)) || self.is_watching());
        self.verbose.saturating_add(of_verb)
    }

    /// Runs the verb.
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        match self.verb {
            Verb::Demo(demo) => demo.run().await,
            Verb::Simulate(simulate) => simulate.run().await,
            Verb::Query(query) => query.run().await,
            Verb::Score(score) => score.run().await,
            Verb::Inspect(inspect) => inspect.run(),
        }
    }

    fn is_watching(&self) -> bool {
        matches!(&self.verb, Verb::Query(query) if query.is_watching())
    }
}
