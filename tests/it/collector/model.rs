//! The loops against a model of them: any sequence of time, outages and answers.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use scorelet_host::monitor::MonitorErrorKind;
use scorelet_tests::body::Body;
use scorelet_tests::clock::START;
use scorelet_tests::monitor::{MemoryMonitor, Reply};

use super::{Stage, cpu};

#[derive(Clone, Debug)]
enum Step {
    /// So many seconds pass.
    Pass(u32),
    Up,
    Down,
    /// The monitor serves this answer, while it is up.
    Serve(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_u32..90).prop_map(Step::Pass),
        1 => Just(Step::Up),
        1 => Just(Step::Down),
        2 => (1_i64..4).prop_map(Step::Serve),
    ]
}

/// What readers should see, in whole seconds. Every step falls between two seconds, so that nothing happens at a tick.
struct Model {
    up: bool,
    served: i64,
    now: u32,
    next_update: u32,
    last_heartbeat: Option<u32>,
    alive: bool,
    /// Whether the last update was skipped or failed.
    behind: bool,
    /// Id and answer.
    snapshot: Option<(u64, i64)>,
}

impl Model {
    /// Lives through one second.
    fn tick(&mut self) {
        let mut due = self.now == self.next_update;
        if self.now.is_multiple_of(10) {
            due |= self.up && !self.alive && self.behind;
            self.alive = self.up;
            if self.up {
                self.last_heartbeat = Some(self.now);
            }
        }
        if due {
            self.next_update = self.now + 30;
            self.update();
        }
        self.now += 1;
    }

    fn update(&mut self) {
        let skipped = self.last_heartbeat.is_none_or(|last| self.now - last > 60);
        self.behind = skipped || !self.up;
        let is_changed = self.snapshot.is_none_or(|(_, answer)| answer != self.served);
        if !self.behind && is_changed {
            self.snapshot = Some((self.snapshot.map_or(1, |(id, _)| id + 1), self.served));
        }
    }
}

/// A failure without further tries: their jitter would be guesswork for the model.
fn apply(monitor: &MemoryMonitor, up: bool, answer: i64) {
    if up {
        let load = f64::from(i32::try_from(answer).unwrap());
        monitor.set_health(Reply::Answer(()));
        monitor.serve(Body::at(START + answer).node("node-a", load, load));
    } else {
        monitor.fail(MonitorErrorKind::Status(404), "status 404");
    }
}

async fn compare(up: bool, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let monitor = MemoryMonitor::new(Reply::Never, Reply::Never);
    apply(&monitor, up, 1);
    let stage = Stage::new(monitor);
    let mut model = Model {
        up,
        served: 1,
        now: 0,
        next_update: 0,
        last_heartbeat: None,
        alive: false,
        behind: false,
        snapshot: None,
    };
    for step in [Step::Pass(1)].into_iter().chain(steps) {
        match step {
            Step::Pass(seconds) => (0..seconds).for_each(|_| model.tick()),
            Step::Up => model.up = true,
            Step::Down => model.up = false,
            Step::Serve(answer) => model.served = answer,
        }
        // The model has lived through the second before `now`.
        stage.until(f64::from(model.now) - 0.5).await;
        apply(&stage.monitor, model.up, model.served);

        let reading = stage.read();
        let seen = reading.snapshot().map(|snapshot| (snapshot.id, snapshot.timestamp - START));
        prop_assert_eq!(seen, model.snapshot, "at {} s", model.now);
        let load = model.snapshot.map(|(_, answer)| f64::from(i32::try_from(answer).unwrap()));
        prop_assert_eq!(cpu(&reading, "node-a"), load);
        let age = model.last_heartbeat.map(|last| Duration::from_secs_f64(f64::from(model.now - last) - 0.5));
        prop_assert_eq!(reading.heartbeat_age(), age);
        let is_fresh = age.is_some_and(|age| age <= Duration::from_mins(1));
        prop_assert_eq!(!reading.valid().heartbeat.has_failed(), is_fresh);
    }
    Ok(())
}

proptest! {
    #[test]
    fn readers_see_what_the_model_of_the_loops_sees(up: bool, steps in vec(step(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(compare(up, steps))?;
    }
}
