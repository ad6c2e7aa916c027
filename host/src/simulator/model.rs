//! How a simulated node behaves: its size, its habits, and what its last five minutes looked like.

use super::noise::{Subject, between, draws, pick, wave, whole};

/// Minutes in the window of the averages, one sample each.
pub(super) const WINDOW_MINUTES: u8 = 5;
/// At most so many labels have pods on one node.
const LABELS_PER_NODE: usize = 3;

/// A node in one minute.
pub(super) struct NodeState {
    pub(super) size: Size,
    /// `None` when nothing measures the node: its capacity is known, its load is not.
    pub(super) load: Option<Load>,
    /// The memory utilisation, which is known of nodes without [`Load`] too.
    pub(super) memory: Utilisation,
}

/// What a node has; every amount is a whole number.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) cores: f64,
    pub(super) memory_bytes: f64,
    pub(super) storage_bytes: f64,
    pub(super) pods: f64,
    /// Bytes per second.
    pub(super) network_bytes: f64,
}

/// What a measured node does.
pub(super) struct Load {
    pub(super) cpu: Utilisation,
    /// Operations per second.
    pub(super) disk_reads: f64,
    /// Operations per second.
    pub(super) disk_writes: f64,
    /// Share of the time during which the disk was busy, 0–1.
    pub(super) disk_busy: f64,
    /// Share of the time spent waiting for the disk, weighted by the length of its queue.
    pub(super) disk_queue: f64,
    /// Bytes per second.
    pub(super) received: f64,
    /// Bytes per second.
    pub(super) transmitted: f64,
    /// Bytes per second.
    pub(super) receive_dropped: f64,
    pub(super) pods: u32,
    pub(super) threads: u32,
    /// Labels, by their index, and how many pods of each run here.
    pub(super) pods_of_labels: [Option<(u32, u32)>; LABELS_PER_NODE],
}

/// Utilisation over the window, in per cent.
#[derive(Clone, Copy)]
pub(super) struct Utilisation {
    pub(super) average: f64,
    pub(super) deviation: f64,
    pub(super) latest: f64,
}

/// The state of node `index` of a cluster of `nodes` nodes and `labels` labels, in a minute since the epoch.
pub(super) fn node_state(seed: u64, nodes: u32, labels: u32, index: u32, minute: i64) -> NodeState {
    let character = Character::of(seed, index);
    let habits = Habits::of(seed, index, character);
    let mut cpu = Window::default();
    let mut memory = Window::default();
    let mut noise = [0.0; 8];
    for back in (0..i64::from(WINDOW_MINUTES)).rev() {
        let minute = minute.saturating_sub(back);
        noise = draws(seed, Subject::Minute, index, minute);
        let [cpu_noise, memory_noise, ..] = noise;
        cpu.add(habits.cpu(minute, cpu_noise));
        memory.add(habits.memory(minute, memory_noise));
    }
    let (cpu, memory) = (cpu.finish(), memory.finish());
    let measured = nodes < GROUP || character != Character::Unmeasured;
    let load = measured.then(|| {
        let pods = draws(seed, Subject::Pods, index, minute.div_euclid(MINUTES_PER_HOUR));
        Load::of(habits.size, character, cpu, memory, labels, noise, pods)
    });
    NodeState { size: habits.size, load, memory }
}

/// Nodes come in groups of ten, each with one hot and one idle node, so that a small cluster has some of everything.
const GROUP: u32 = 10;
/// Every third group has a node that nothing measures: 3 % of a big cluster, and one node of a cluster of ten.
const GROUPS_PER_UNMEASURED: u32 = 3;
const MINUTES_PER_HOUR: i64 = 60;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Character {
    Usual,
    Hot,
    Idle,
    Unmeasured,
}

impl Character {
    fn of(seed: u64, index: u32) -> Self {
        let group = index / GROUP;
        let [hot, idle, unmeasured, ..] = draws(seed, Subject::Group, group, 0);
        // The hot and the idle node are among the first five, for clusters of fewer than ten nodes.
        let hot = pick(hot, 5);
        let idle = (hot + 1 + pick(idle, 4)) % 5;
        let unmeasured = 5 + pick(unmeasured, 5);
        match index % GROUP {
            place if place == hot => Self::Hot,
            place if place == idle => Self::Idle,
            place if place == unmeasured && group.is_multiple_of(GROUPS_PER_UNMEASURED) => Self::Unmeasured,
            _ => Self::Usual,
        }
    }
}

/// What stays the same about a node.
struct Habits {
    size: Size,
    cpu: Level,
    memory: Level,
    /// How far the node's day runs ahead of the cluster's, in turns.
    day: f64,
    /// Where in the shorter wave the node stands, in turns.
    hour: f64,
    /// The period of the shorter wave in minutes; nodes differ, or they would all peak together.
    period: u16,
}

/// How one utilisation moves, all in points of per cent.
struct Level {
    middle: f64,
    daily: f64,
    hourly: f64,
    noise: f64,
}

impl Habits {
    fn of(seed: u64, index: u32, character: Character) -> Self {
        let [size, cpu, daily, memory, day, hour, period, noise] = draws(seed, Subject::Node, index, 0);
        let (cpu, memory) = match character {
            Character::Hot => (
                Level { middle: between(cpu, 84.0, 90.0), daily: 4.0, hourly: 1.5, noise: 1.5 },
                Level { middle: between(memory, 76.0, 88.0), daily: 3.0, hourly: 0.5, noise: 0.4 },
            ),
            Character::Idle => (
                Level { middle: between(cpu, 1.5, 3.5), daily: 0.6, hourly: 0.2, noise: 0.3 },
                Level { middle: between(memory, 5.0, 10.0), daily: 0.4, hourly: 0.1, noise: 0.05 },
            ),
            Character::Usual | Character::Unmeasured => {
                let middle = between(cpu, 16.0, 52.0);
                (
                    Level {
                        middle,
                        daily: middle * between(daily, 0.2, 0.4),
                        hourly: middle * 0.08,
                        noise: between(noise, 0.6, 3.0),
                    },
                    // Busy nodes tend to be full nodes, but not always.
                    Level { middle: middle * 0.6 + between(memory, 10.0, 40.0), daily: 5.0, hourly: 0.8, noise: 0.3 },
                )
            }
        };
        Self { size: Size::of(size), cpu, memory, day: day * 0.1, hour, period: 17 + u16_of(pick(period, 77)) }
    }

    fn cpu(&self, minute: i64, noise: f64) -> f64 {
        self.utilisation(&self.cpu, minute, noise)
    }

    fn memory(&self, minute: i64, noise: f64) -> f64 {
        self.utilisation(&self.memory, minute, noise)
    }

    fn utilisation(&self, level: &Level, minute: i64, noise: f64) -> f64 {
        const MINUTES_PER_DAY: u16 = 1_440;
        let value = level.middle
            + level.daily * wave(minute, MINUTES_PER_DAY, self.day)
            + level.hourly * wave(minute, self.period, self.hour)
            + level.noise * between(noise, -1.0, 1.0);
        // A node that runs its own agents is never at 0, and one that still answers is not quite at 100.
        value.clamp(0.2, 99.5)
    }
}

impl Size {
    /// One of four usual sizes: 4, 8, 16 or 64 cores with four times as many GiB.
    fn of(draw: f64) -> Self {
        const GIB: f64 = 1_073_741_824.0;
        let (cores, storage_gib, pods, network_bytes) = match draw {
            draw if draw < 0.30 => (4.0, 100.0, 110.0, 125e6),
            draw if draw < 0.70 => (8.0, 200.0, 110.0, 125e6),
            draw if draw < 0.92 => (16.0, 400.0, 110.0, 1.25e9),
            _ => (64.0, 900.0, 250.0, 3.125e9),
        };
        // A machine reports a little less than what it was sold as: the kernel and the file system keep some.
        let memory_bytes = (cores * 4.0 * GIB * 0.98).floor();
        let storage_bytes = (storage_gib * GIB * 0.95).floor();
        Self { cores, memory_bytes, storage_bytes, pods, network_bytes }
    }
}

impl Load {
    fn of(
        size: Size,
        character: Character,
        cpu: Utilisation,
        memory: Utilisation,
        labels: u32,
        noise: [f64; 8],
        pods: [f64; 8],
    ) -> Self {
        let [_, _, reads, writes, queue, received, transmitted, dropped] = noise;
        let busy = cpu.average / 100.0;
        let disk_reads = busy * between(reads, 0.0, 200.0);
        let disk_writes = busy * between(writes, 20.0, 600.0);
        // 1,000 operations a second keep such a disk busy; 800 are the most there are above.
        let disk_busy = (disk_reads + disk_writes) / 1_000.0;
        let receive_dropped = if character == Character::Hot { size.network_bytes * dropped * 1e-6 } else { 0.0 };
        let [share, ..] = pods;
        // The node's own agents, then as many pods as fit into the memory that is in use.
        let system_pods = 6;
        let label_room = size.pods - f64::from(system_pods);
        let user_pods = whole(label_room * memory.average / 100.0 * between(share, 0.4, 0.9));
        let running = system_pods + user_pods;
        Self {
            cpu,
            disk_reads,
            disk_writes,
            disk_busy,
            disk_queue: disk_busy * between(queue, 0.5, 1.5),
            // At most 40 % of the wire, so that there is always room below the capacity.
            received: size.network_bytes * busy * between(received, 0.01, 0.4),
            transmitted: size.network_bytes * busy * between(transmitted, 0.01, 0.4),
            receive_dropped,
            pods: running,
            threads: running.saturating_mul(28) + whole(busy * 200.0),
            pods_of_labels: pods_of_labels(labels, user_pods, pods),
        }
    }
}

/// Shares some of the pods among up to three labels; together they are never more than `pods`.
fn pods_of_labels(labels: u32, pods: u32, draws: [f64; 8]) -> [Option<(u32, u32)>; LABELS_PER_NODE] {
    let [_, first, count, shares @ ..] = draws;
    let first = pick(first, labels);
    // Neighbours in the order of labels, going round at the end: distinct as long as there are that many labels.
    let count = pick(count, 4).min(labels);
    let mut result = [None; LABELS_PER_NODE];
    for ((place, slot), share) in (0..count).zip(&mut result).zip(shares) {
        let label = (first + place) % labels.max(1);
        // A third at most for each of three.
        let of_label = whole(f64::from(pods) * between(share, 0.05, 0.33));
        *slot = (of_label > 0).then_some((label, of_label));
    }
    result
}

fn u16_of(value: u32) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

/// The samples of one utilisation.
#[derive(Default)]
struct Window {
    samples: [f64; WINDOW_MINUTES as usize],
    len: usize,
}

impl Window {
    fn add(&mut self, sample: f64) {
        if let Some(slot) = self.samples.get_mut(self.len) {
            *slot = sample;
            self.len += 1;
        }
    }

    fn finish(self) -> Utilisation {
        let count = f64::from(WINDOW_MINUTES);
        let average = self.samples.iter().sum::<f64>() / count;
        let variance = self.samples.iter().map(|sample| (sample - average) * (sample - average)).sum::<f64>() / count;
        let [.., latest] = self.samples;
        Utilisation { average, deviation: variance.sqrt(), latest }
    }
}
