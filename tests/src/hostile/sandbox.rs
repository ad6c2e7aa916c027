//! Where attacks are run, and what came of them.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use scorelet_host::policy::{
    EngineOptions, Evaluation, Limits, LoadOptions, LogLine, Policy, PolicyEngine, PolicyError, PolicyErrorKind,
    Ticking, Wasi, inspect,
};

use super::{Case, Ends, Scene};
use crate::wat_policy::policy_with;

/// Much longer than any attack takes that does not wait for its deadline: one that hangs fails, and does not hang for ever.
const PATIENCE: Duration = Duration::from_mins(2);

/// The longest message of a failure beside the policy's own words, in bytes.
const MESSAGE: usize = 2048;

/// One engine for all attacks, and a harmless policy on it.
#[derive(Debug)]
pub struct Sandbox {
    engine: PolicyEngine,
    harmless: Policy,
    ticking: Ticking,
}

/// What came of one file.
#[derive(Debug)]
pub struct Outcome {
    /// How long loading took.
    pub load: Duration,
    /// How long each evaluation took; none, when it was not loaded.
    pub scores: Vec<Duration>,
    ends: Vec<End>,
    /// What an inspection says: its error, or the problems that it found.
    inspected: Result<Vec<String>, PolicyError>,
}

#[derive(Debug)]
enum End {
    NotLoaded(PolicyError),
    NoScores(PolicyError),
    Scores(Evaluation),
}

impl Sandbox {
    /// An engine with these limits, whose time passes by itself or by hand: then just for attacks on the deadline.
    ///
    /// # Panics
    /// When the engine cannot be made, or does not load a harmless policy.
    #[must_use]
    pub fn new(mut limits: Limits, ticking: Ticking) -> Self {
        if ticking == Ticking::Manual {
            // It passes so fast then that compiling would take too long.
            limits.compile_time = Duration::from_hours(1);
        }
        let options = EngineOptions { limits, ticking, ..EngineOptions::default() };
        let engine = PolicyEngine::with_options(options).expect("the limits make sense");
        let harmless = engine.load(&policy_with(""), LoadOptions::default()).expect("it is harmless");
        Self { engine, harmless, ticking }
    }

    /// Loads a file of a case and, when it is loaded, has it score so many times.
    #[must_use]
    pub fn run(&self, case: &Case, file: &[u8], evaluations: usize) -> Outcome {
        let waits_at_load = matches!(case.ends, Ends::AtLoad(PolicyErrorKind::Deadline, _));
        let waits_at_score = matches!(case.ends, Ends::AtScore(PolicyErrorKind::Deadline, _));
        let inspected =
            inspect(file, self.engine.limits().module_bytes, Wasi::Inert).map(|inspection| inspection.problems);
        let options =
            LoadOptions { name: case.name.to_owned(), settings: case.settings.clone(), ..LoadOptions::default() };
        let (loaded, load) = self.timed(waits_at_load, || self.engine.load(file, options));
        let policy = match loaded {
            Ok(policy) => policy,
            Err(failure) => {
                return Outcome { load, scores: Vec::new(), ends: vec![End::NotLoaded(failure)], inspected };
            }
        };
        let (reading, request) = case.scene.parts();
        let evaluate = |_| self.timed(waits_at_score, || policy.score(reading, request));
        let (ends, scores): (Vec<_>, Vec<_>) = (0..evaluations).map(evaluate).unzip();
        let ends = ends.into_iter().map(|end| end.map_or_else(End::NoScores, End::Scores)).collect();
        Outcome { load, scores, ends, inspected }
    }

    /// Whether the harmless policy still scores.
    #[must_use]
    pub fn is_unharmed(&self) -> bool {
        let (reading, request) = Scene::Small.parts();
        let score = || match self.harmless.score(reading, request) {
            Ok(evaluation) => evaluation.scores == [0.0, 0.0],
            Err(_) => false,
        };
        // A busy machine may have had no time for it: once, and hardly twice in a row.
        score() || (self.ticking == Ticking::Thread && score())
    }

    /// What is wrong with an outcome; nothing, when the case ended as it has to.
    #[must_use]
    pub fn problems(&self, case: &Case, outcome: &Outcome) -> Vec<String> {
        let mut problems = Vec::new();
        for end in &outcome.ends {
            if !self.is_right(case, end) {
                problems.push(format!("{end:?}"));
            }
            let unprintable = end.texts().filter(|text| text.contains(is_unprintable));
            problems.extend(unprintable.map(|text| format!("it is not safe to print: {text:?}")));
            if end.has_a_message_of_lines() {
                problems.push(format!("its message has several lines: {end:?}"));
            }
            problems.extend(self.excesses(end));
        }
        if !outcome.agrees_with_inspection() {
            problems.push(format!("an inspection says something else: {:?}", outcome.inspected));
        }
        problems.iter().map(|problem| format!("{}: {problem}", case.name)).collect()
    }

    fn is_right(&self, case: &Case, end: &End) -> bool {
        let (words, failure) = match (case.ends, end) {
            (Ends::WithScores, End::Scores(_)) => return true,
            (Ends::WithScores, End::NoScores(failure)) => ("", failure),
            (Ends::AtLoad(_, words), End::NotLoaded(failure)) | (Ends::AtScore(_, words), End::NoScores(failure)) => {
                (words, failure)
            }
            _ => return false,
        };
        let time_was_up = case.heavy && self.ticking == Ticking::Thread && failure.kind() == PolicyErrorKind::Deadline;
        time_was_up || case.ends.kind() == Some(failure.kind()) && failure.message().contains(words)
    }

    /// What is larger than it may be: everything that a policy has a part in is bounded.
    fn excesses(&self, end: &End) -> Vec<String> {
        let limits = self.engine.limits();
        // What is cut ends in `…`, which has three bytes.
        let line = limits.log_line_bytes + 3;
        let log = end.logs().iter().map(|line| line.message.len()).sum();
        let mut sizes = vec![("log", log, limits.log_bytes + MESSAGE)];
        sizes.extend(end.logs().iter().map(|logged| ("log line", logged.message.len(), line)));
        match end {
            End::Scores(given) => sizes.push(("memory", given.report.memory_bytes, limits.memory_bytes)),
            End::NotLoaded(failure) | End::NoScores(failure) => {
                sizes.push(("message", failure.message().len(), line + MESSAGE));
                sizes.push(("backtrace", failure.backtrace().len(), 100));
                sizes.extend(failure.backtrace().iter().map(|frame| ("function name", frame.len(), line)));
            }
        }
        let excesses = sizes.into_iter().filter(|(_, size, most)| size > most);
        excesses.map(|(what, size, most)| format!("its {what} is {size} long; {most} are allowed")).collect()
    }

    /// What came of some work, and how long it took. Where time passes by hand, it does until the work is done.
    fn timed<T: Send>(&self, ticked: bool, work: impl FnOnce() -> T + Send) -> (T, Duration) {
        let begin = Instant::now();
        if self.ticking == Ticking::Thread {
            return (work(), begin.elapsed());
        }
        thread::scope(|scope| {
            let (done, result) = mpsc::channel();
            let worker = scope.spawn(move || done.send(work()));
            let mut patience = if ticked { Duration::ZERO } else { PATIENCE };
            let result = loop {
                match result.recv_timeout(patience) {
                    Ok(result) => break (result, begin.elapsed()),
                    Err(RecvTimeoutError::Timeout) => {
                        patience = Duration::ZERO;
                        self.engine.tick();
                        thread::yield_now();
                    }
                    Err(RecvTimeoutError::Disconnected) => panic!("the host panicked"),
                }
            };
            // Until the thread is gone: threads are counted.
            let _ = worker.join();
            result
        })
    }
}

impl Outcome {
    /// How it ended, each time, as [`Ends`] says it.
    pub fn ends(&self) -> impl Iterator<Item = String> {
        self.ends.iter().map(|end| match end {
            End::NotLoaded(failure) => Ends::AtLoad(failure.kind(), "").to_string(),
            End::NoScores(failure) => Ends::AtScore(failure.kind(), "").to_string(),
            End::Scores(_) => Ends::WithScores.to_string(),
        })
    }

    /// Whether time was up for it.
    #[must_use]
    pub fn was_late(&self) -> bool {
        self.ends.iter().any(|end| end.failure().is_some_and(|failure| failure.kind() == PolicyErrorKind::Deadline))
    }

    /// Whether an inspection finds the same as loading, as far as it goes.
    fn agrees_with_inspection(&self) -> bool {
        let refused = self.ends.iter().find_map(|end| match end {
            End::NotLoaded(failure) => Some(failure.message()),
            _ => None,
        });
        match (&self.inspected, refused) {
            (Err(inspected), refused) => refused == Some(inspected.message()),
            (Ok(found), _) if found.is_empty() => true,
            // A long message is cut.
            (Ok(found), refused) => {
                refused.is_some_and(|message| found.join("; ").starts_with(message.trim_end_matches('…')))
            }
        }
    }
}

impl End {
    fn failure(&self) -> Option<&PolicyError> {
        match self {
            Self::NotLoaded(failure) | Self::NoScores(failure) => Some(failure),
            Self::Scores(_) => None,
        }
    }

    /// Whether the host's own words had several lines before they were escaped.
    fn has_a_message_of_lines(&self) -> bool {
        let failure = self.failure().filter(|failure| failure.kind() == PolicyErrorKind::Incompatible);
        failure.is_some_and(|failure| failure.message().contains("\\n"))
    }

    fn logs(&self) -> &[LogLine] {
        match self {
            Self::NotLoaded(failure) | Self::NoScores(failure) => failure.logs(),
            Self::Scores(given) => &given.logs,
        }
    }

    /// All words of it that the policy may have a part in.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let failure = self.failure().into_iter();
        let words =
            failure.flat_map(|failure| failure.backtrace().iter().map(String::as_str).chain([failure.message()]));
        words.chain(self.logs().iter().map(|line| line.message.as_str()))
    }
}

/// Whether a character moves a cursor, or hides or reverses the text around it.
fn is_unprintable(character: char) -> bool {
    let hides = matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    hides || character.is_control()
}
