//! Runs the hostile corpus again and again in one process: `hostile [ROUNDS] [by-hand] [ATTACK...]`, all attacks or those
//! that are named.
//!
//! Ends with 1 when an attack did not end as it has to, when the engine was harmed, or when memory or files were left
//! behind. Time passes by itself, or by hand, so that nothing depends on the speed of the machine.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "that is what the program is for")]

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

use scorelet_host::policy::{Limits, Ticking};
use scorelet_tests::hostile::{Case, Sandbox, Usage, corpus};

/// For so many rounds, attacks that take seconds have one, after all others: what a compiler leaves in the allocator's
/// pools after them could hide what the others leave behind.
const ROUNDS_PER_SLOW: usize = 100;

/// After so many rounds there is a sign of life.
const ROUNDS_PER_REPORT: usize = 100;

/// After so many rounds, what is kept for the next ones is there: threads, their stacks, the pools of the allocator.
const WARM_UP: usize = 10;

/// A fifth of the default, or a thousand rounds would mostly be waiting.
const DEADLINE: Duration = Duration::from_millis(20);

const USAGE: &str = "usage: hostile [ROUNDS] [by-hand] [ATTACK...]";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    let rounds = arguments.next().map_or(Ok(20), |rounds| rounds.parse());
    let by_hand = arguments.next_if(|argument| argument == "by-hand").is_some();
    let ticking = if by_hand { Ticking::Manual } else { Ticking::Thread };
    let names: Vec<String> = arguments.collect();
    let attacks = corpus();
    if let Some(unknown) = names.iter().find(|name| attacks.iter().all(|attack| attack.name != **name)) {
        eprintln!("there is no attack {unknown}\n{USAGE}");
        return ExitCode::from(2);
    }
    let (slow, quick) = attacks.iter().partition(|attack| attack.slow);
    let (slow, quick) = if names.is_empty() {
        (slow, quick)
    } else {
        (Vec::new(), attacks.iter().filter(|attack| names.iter().any(|name| attack.name == *name)).collect())
    };
    match rounds {
        Ok(rounds) if rounds > 0 => run(&quick, &slow, rounds, ticking),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run(quick: &[&'static Case], slow: &[&'static Case], rounds: usize, ticking: Ticking) -> ExitCode {
    let sandbox = Sandbox::new(Limits { deadline: DEADLINE, ..Limits::default() }, ticking);
    let [mut quick, mut slow] = [quick, slow].map(|cases| cases.iter().copied().map(Attack::new).collect::<Vec<_>>());
    let first = run_phase(&sandbox, &mut quick, rounds);
    let second = run_phase(&sandbox, &mut slow, rounds / ROUNDS_PER_SLOW);

    print_heading();
    quick.iter().chain(&slow).for_each(Attack::print);
    println!(
        "\nThe deadline was {} ms. Attacks that take seconds had a round in {ROUNDS_PER_SLOW}.",
        DEADLINE.as_millis()
    );
    let mut problems = first.problems + second.problems;
    for (what, phase) in [("all others", first), ("those that take seconds", second)] {
        if let (Some((round, before)), Some((last, after))) = (phase.warm, phase.done) {
            println!("{what}, after round {round:>4}: {before}\n{what}, after round {last:>4}: {after}");
            for growth in after.growth_since(&before) {
                eprintln!("{what}: {growth}");
                problems += 1;
            }
        }
    }
    println!("{problems} problems");
    if problems == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What came of many rounds.
#[derive(Default)]
struct Phase {
    problems: usize,
    /// What the process held when it was warm, and the round after which that was. Nothing where the system does not say.
    warm: Option<(usize, Usage)>,
    /// What it held in the end.
    done: Option<(usize, Usage)>,
}

fn run_phase(sandbox: &Sandbox, attacks: &mut [Attack], rounds: usize) -> Phase {
    let mut phase = Phase::default();
    for round in 1..=rounds {
        for attack in &mut *attacks {
            for problem in attack.run(sandbox) {
                eprintln!("round {round}: {problem}");
                phase.problems += 1;
            }
        }
        if round == WARM_UP.min(rounds.div_ceil(2)) {
            phase.warm = Usage::now().map(|usage| (round, usage));
        }
        phase.done = Usage::now().map(|usage| (round, usage));
        if let Some((_, usage)) = phase.done.filter(|_| round % ROUNDS_PER_REPORT == 0) {
            eprintln!("round {round} of {rounds}: {usage}");
        }
    }
    phase
}

/// An attack, and how long its rounds took.
struct Attack {
    case: &'static Case,
    /// How it ended: in one way, but for attacks whose time may be up first.
    ends: BTreeSet<String>,
    loads: Vec<Duration>,
    scores: Vec<Duration>,
}

impl Attack {
    fn new(case: &'static Case) -> Self {
        Self { case, ends: BTreeSet::new(), loads: Vec::new(), scores: Vec::new() }
    }

    /// One round; gives what was wrong.
    fn run(&mut self, sandbox: &Sandbox) -> Vec<String> {
        let mut problems = Vec::new();
        for file in &self.case.files {
            let mut outcome = sandbox.run(self.case, file, 1);
            let mut found = sandbox.problems(self.case, &outcome);
            if !found.is_empty() && outcome.was_late() {
                // A busy machine may have had no time for it before its time was up: once, and hardly twice in a row.
                outcome = sandbox.run(self.case, file, 1);
                found = sandbox.problems(self.case, &outcome);
            }
            problems.extend(found);
            self.ends.extend(outcome.ends());
            self.loads.push(outcome.load);
            self.scores.extend(&outcome.scores);
        }
        if !sandbox.is_unharmed() {
            problems.push(format!("{}: after it, a harmless policy does not score any more", self.case.name));
        }
        problems
    }

    fn print(&self) {
        let ends = self.ends.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let (name, runs) = (self.case.name, self.loads.len());
        let [load, longest_load] = median_and_longest(&self.loads);
        let [score, longest_score] = median_and_longest(&self.scores);
        println!("{name:<34} {ends:<24} {runs:>8}{load:>12}{longest_load:>12}{score:>12}{longest_score:>12}");
    }
}

fn print_heading() {
    println!(
        "{:<34} {:<24} {:>8}{:>12}{:>12}{:>12}{:>12}",
        "ATTACK", "ENDS", "RUNS", "LOAD", "LONGEST", "SCORE", "LONGEST"
    );
}

fn median_and_longest(times: &[Duration]) -> [String; 2] {
    let mut times = times.to_vec();
    times.sort();
    [times.get(times.len() / 2), times.last()]
        .map(|time| time.map_or_else(String::new, |time| format!("{:.2} ms", time.as_secs_f64() * 1000.0)))
}
