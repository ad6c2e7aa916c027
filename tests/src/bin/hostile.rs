//! Runs the hostile corpus again and again in one process: `hostile [ROUNDS] [by-hand]`.
//!
//! Ends with 1 when an attack did not end as it has to, when the engine was harmed, or when memory or files were left
//! behind. Time passes by itself, or by hand, so that nothing depends on the speed of the machine.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "that is what the program is for")]

use std::process::ExitCode;
use std::time::Duration;

use scorelet_host::policy::{Limits, Ticking};
use scorelet_tests::hostile::{Case, Sandbox, Usage, corpus};

/// Of so many rounds, attacks that take seconds are in one; where there are fewer, they are left out.
const ROUNDS_OF_SLOW: usize = 100;

/// After so many rounds, what is kept for the next ones is there: threads, their stacks, the pools of the allocator.
const WARM_UP: usize = 10;

/// A fifth of the default, or a thousand rounds would mostly be waiting.
const DEADLINE: Duration = Duration::from_millis(20);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rounds = arguments.first().map_or(Ok(20), |rounds| rounds.parse());
    let ticking = match arguments.get(1).map(String::as_str) {
        None => Ok(Ticking::Thread),
        Some("by-hand") => Ok(Ticking::Manual),
        Some(_) => Err(()),
    };
    match (rounds, ticking) {
        (Ok(rounds), Ok(ticking)) if rounds > 0 => run(rounds, ticking),
        _ => {
            eprintln!("usage: hostile [ROUNDS] [by-hand]");
            ExitCode::from(2)
        }
    }
}

fn run(rounds: usize, ticking: Ticking) -> ExitCode {
    let sandbox = Sandbox::new(Limits { deadline: DEADLINE, ..Limits::default() }, ticking);
    let mut attacks: Vec<Attack> = corpus().into_iter().map(Attack::new).collect();
    let mut problems = 0;
    let mut warm = None;
    for round in 0..rounds {
        for attack in &mut attacks {
            if attack.case.slow && (rounds < ROUNDS_OF_SLOW || round % ROUNDS_OF_SLOW != 0) {
                continue;
            }
            for problem in attack.run(&sandbox) {
                eprintln!("round {}: {problem}", round + 1);
                problems += 1;
            }
        }
        if round + 1 == WARM_UP.min(rounds.div_ceil(2)) {
            warm = Some((round + 1, Usage::now()));
        }
    }
    let usage = Usage::now();
    print_table(&attacks);
    println!("\ndeadline {} ms; attacks marked * take part in one of {ROUNDS_OF_SLOW} rounds", DEADLINE.as_millis());
    println!("{problems} of {} ends were wrong", attacks.iter().map(|attack| attack.loads.len()).sum::<usize>());
    let grown = if let (Some((round, Some(before))), Some(after)) = (warm, usage) {
        println!("after round {round:>5}: {before}");
        println!("after round {rounds:>5}: {after}");
        after.growth_since(&before)
    } else {
        println!("memory and files are measured on Linux only");
        Vec::new()
    };
    for growth in &grown {
        eprintln!("{growth}");
    }
    if problems == 0 && grown.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// An attack, and how long its rounds took.
struct Attack {
    case: Case,
    loads: Vec<Duration>,
    scores: Vec<Duration>,
}

impl Attack {
    fn new(case: Case) -> Self {
        Self { case, loads: Vec::new(), scores: Vec::new() }
    }

    /// One round; gives what was wrong.
    fn run(&mut self, sandbox: &Sandbox) -> Vec<String> {
        let mut problems = Vec::new();
        for file in &self.case.files {
            let outcome = sandbox.run(&self.case, file);
            problems.extend(sandbox.problems(&self.case, &outcome));
            self.loads.push(outcome.load);
            self.scores.extend(&outcome.scores);
        }
        if !sandbox.is_unharmed() {
            problems.push(format!("{}: after it, a harmless policy does not score any more", self.case.name));
        }
        problems
    }
}

fn print_table(attacks: &[Attack]) {
    println!(
        "{:<36} {:<24} {:>7} {:>10} {:>10} {:>10} {:>10}",
        "ATTACK", "ENDS", "RUNS", "LOAD", "LONGEST", "SCORE", "LONGEST"
    );
    for Attack { case, loads, scores } in attacks {
        let name = if case.slow { format!("{} *", case.name) } else { case.name.to_owned() };
        let [load, longest_load] = median_and_longest(loads);
        let [score, longest_score] = median_and_longest(scores);
        let ends = case.ends.to_string();
        println!(
            "{name:<36} {ends:<24} {:>7} {load:>10} {longest_load:>10} {score:>10} {longest_score:>10}",
            loads.len()
        );
    }
}

fn median_and_longest(times: &[Duration]) -> [String; 2] {
    let mut times = times.to_vec();
    times.sort();
    [times.get(times.len() / 2), times.last()]
        .map(|time| time.map_or_else(String::new, |time| format!("{:.2} ms", time.as_secs_f64() * 1000.0)))
}
