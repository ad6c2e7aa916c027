//! The command line: a file per verb, and what they share.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod answers;
mod bench;
mod demo;
pub(crate) mod exit;
mod input;
mod inspect;
mod limits;
pub(crate) mod logging;
mod new;
mod output;
mod policies;
mod query;
mod score;
mod shutdown;
mod simulate;
mod source;
mod test;
mod watch;

use exit::Failure;
use output::Format;

/// Collect live node load, and score nodes with sandboxed WebAssembly policies.
#[derive(Debug, Parser)]
#[command(name = "scorelet", version, arg_required_else_help = true, propagate_version = true, max_term_width = 100, after_help = exit::HELP)]
pub(crate) struct Arguments {
    /// Log more to standard error: -v for what goes on, -vv for detail
    // Behind what is particular to the verbs.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, display_order = 900)]
    verbose: u8,
    #[command(subcommand)]
    verb: Verb,
}

// Each variant is described by what it holds.
#[derive(Debug, Subcommand)]
enum Verb {
    Demo(demo::Demo),
    Simulate(simulate::Simulate),
    Query(query::Query),
    New(new::New),
    Score(score::Score),
    Test(test::Test),
    Bench(bench::Bench),
    Inspect(inspect::Inspect),
    Limits(limits::ShowLimits),
}

impl Arguments {
    /// How much to log.
    pub(crate) fn verbosity(&self) -> u8 {
        // Verbs that stay are watched by somebody; the others are often part of a pipe.
        let of_verb = u8::from(self.stays() && !matches!(self.verb, Verb::Demo(_)));
        self.verbose.saturating_add(of_verb)
    }

    /// Whether the verb goes on until it is stopped.
    pub(crate) fn stays(&self) -> bool {
        match &self.verb {
            Verb::Demo(_) | Verb::Simulate(_) => true,
            Verb::Query(query) => query.is_watching(),
            Verb::New(_) | Verb::Score(_) | Verb::Test(_) | Verb::Bench(_) | Verb::Inspect(_) | Verb::Limits(_) => {
                false
            }
        }
    }

    /// The form in which a failure is wanted.
    pub(crate) fn format(&self) -> Format {
        match &self.verb {
            Verb::Demo(_) | Verb::Simulate(_) => Format::Table,
            Verb::Query(query) => query.output,
            Verb::New(new) => new.output,
            Verb::Score(score) => score.output,
            Verb::Test(test) => test.output,
            Verb::Bench(bench) => bench.output,
            Verb::Inspect(inspect) => inspect.output,
            Verb::Limits(limits) => limits.output,
        }
    }

    /// Runs the verb.
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        match self.verb {
            Verb::Demo(demo) => demo.run().await,
            Verb::Simulate(simulate) => simulate.run().await,
            Verb::Query(query) => query.run().await,
            Verb::New(new) => new.run(),
            Verb::Score(score) => score.run().await,
            Verb::Test(test) => test.run(),
            Verb::Bench(bench) => bench.run(),
            Verb::Inspect(inspect) => inspect.run(),
            Verb::Limits(limits) => limits.run(),
        }
    }
}
