//! What a process holds, as Linux tells it.

use std::fmt;
use std::fs;

/// Resident memory may grow so far: what the allocator keeps for itself differs by less than a MiB from round to round. In
/// half a dozen rounds, in each of which some hundred policies are loaded, it is 7 KiB for each of them; one takes
/// 15 KiB when it is compiled, and an instance of it 64 KiB at the least. In a thousand rounds it is 42 bytes.
const RESIDENT: u64 = 4 << 20;

/// Reserved addresses may grow so far: a pool of the allocator for one more thread takes 64 MiB, a kept instance
/// 4 GiB.
const RESERVED: u64 = 1 << 30;

/// So many threads more: those of a compilation that is over end by and by.
const THREADS: u64 = 8;

/// What this process holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of memory.
    pub resident: u64,
    /// Bytes of addresses.
    pub reserved: u64,
    /// Open files.
    pub files: u64,
    /// Threads.
    pub threads: u64,
}

impl Usage {
    /// What it holds now; nothing where the system does not say.
    #[must_use]
    pub fn now() -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let value = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<u64>().ok()
        };
        // One of them is the folder that is being listed.
        let files = fs::read_dir("/proc/self/fd").ok()?.count() - 1;
        Some(Self {
            resident: value("VmRSS")? << 10,
            reserved: value("VmSize")? << 10,
            files: u64::try_from(files).ok()?,
            threads: value("Threads")?,
        })
    }

    /// What has grown beyond what is usual, a sentence each.
    #[must_use]
    pub fn growth_since(&self, before: &Self) -> Vec<String> {
        [
            ("bytes of memory", before.resident, self.resident, RESIDENT),
            ("bytes of addresses", before.reserved, self.reserved, RESERVED),
            ("open files", before.files, self.files, 0),
            ("threads", before.threads, self.threads, THREADS),
        ]
        .into_iter()
        .filter(|(_, before, after, most)| after.saturating_sub(*before) > *most)
        .map(|(what, before, after, most)| format!("{before} {what} have become {after}; {most} more are allowed"))
        .collect()
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = |bytes: u64| format!("{}.{} MiB", bytes >> 20, (bytes >> 10) % 1024 * 10 / 1024);
        let (resident, reserved) = (mebibytes(self.resident), mebibytes(self.reserved));
        write!(formatter, "{resident} of memory, {reserved} of addresses, ")?;
        write!(formatter, "{} open files, {} threads", self.files, self.threads)
    }
}
