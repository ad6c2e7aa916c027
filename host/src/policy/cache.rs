//! Compiled code on disk, so that a policy is compiled once and not by every process.
//!
//! What is loaded from here is run as machine code: an entry counts only when nobody but this user can have written it, and
//! when it is complete. Anything else is a miss, said in the log, and compiled anew.

use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::inspect::{Inspection, digest};

/// A folder of compiled code. It may be shared by processes of one user, and be deleted at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledCache {
    /// The folder: made when it is missing, with access for this user only.
    pub folder: PathBuf,
    /// Bytes of all entries together. Beyond, the oldest go. Default 1 GiB: a thousand policies, or fifty with an
    /// interpreter inside.
    pub max_bytes: u64,
}

const DEFAULT_MAX_BYTES: u64 = 1 << 30;
/// The ending of an entry's name.
const ENDING: &str = "scorelet-code";
/// Which rules a file was judged by before it was compiled, and what was noted of it: to be raised when they change, since an
/// entry is not judged again.
const RULES: u32 = 4;
/// How the name of an entry begins that is being written, and how long that may take.
const NEW: &str = ".new-";
const NEW_FOR: Duration = Duration::from_hours(1);
/// The longest first line of an entry: that of a policy with every name at its limit.
const MAX_HEADER: usize = 1 << 20;

/// The first line of an entry, as JSON. The code follows.
#[derive(Deserialize, Serialize)]
struct Header {
    key: String,
    inspection: Inspection,
}

impl CompiledCache {
    /// A cache in a folder, of the default size.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), max_bytes: DEFAULT_MAX_BYTES }
    }

    /// The compiled code of the file with a digest. An error says why an entry is not used.
    pub(super) fn load(&self, engine: &Engine, digest: &str) -> Result<Option<(Inspection, Component)>, String> {
        let key = key(engine, digest);
        let path = self.path(&key);
        let found = self.read(&path).and_then(|entry| {
            let Some(entry) = entry else { return Ok(None) };
            let (inspection, code) = parse(&entry, &key)?;
            Ok(Some((inspection, revived(engine, code)?)))
        });
        found.map_err(|reason| format!("the entry {} is not used, and compiled anew: {reason}", path.display()))
    }

    /// Keeps compiled code. An error says why the next process will have to compile again.
    pub(super) fn store(&self, engine: &Engine, inspection: &Inspection, component: &Component) -> Result<(), String> {
        let key = key(engine, &inspection.digest);
        let outcome = component.serialize().map_err(|failure| format!("{failure:#}")).and_then(|code| {
            let entry = entry(&key, inspection, &code).map_err(|failure| failure.to_string())?;
            self.write(&self.path(&key), &entry).map_err(|failure| failure.to_string())
        });
        outcome.map_err(|reason| format!("nothing can be kept in {}: {reason}", self.folder.display()))
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.{ENDING}"))
    }

    /// The bytes of an entry, known to be this user's; `None` when there is no entry.
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        let words = |failure: io::Error| failure.to_string();
        match fs::metadata(&self.folder) {
            Ok(folder) => owner::check(&folder).map_err(|problem| format!("its folder {problem}"))?,
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(failure) => return Err(words(failure)),
        }
        let file = match owner::open(path) {
            Ok(file) => file,
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(failure) => return Err(words(failure)),
        };
        // Of the open file, not of its name, which may be another file's by now.
        let metadata = file.metadata().map_err(words)?;
        if !metadata.is_file() {
            return Err("it is not a file".to_owned());
        }
        owner::check(&metadata).map_err(|problem| format!("it {problem}"))?;
        if metadata.len() > self.max_bytes {
            return Err(format!("it has {} bytes; the whole cache may have {}", metadata.len(), self.max_bytes));
        }
        let mut entry = Vec::new();
        file.take(metadata.len()).read_to_end(&mut entry).map_err(words)?;
        Ok(Some(entry))
    }

    /// Writes an entry that appears as a whole or not at all.
    fn write(&self, path: &Path, entry: &[u8]) -> io::Result<()> {
        owner::make(&self.folder)?;
        owner::check(&fs::metadata(&self.folder)?)
            .map_err(|problem| io::Error::other(format!("the folder {problem}")))?;
        // Readable and writable by this user only.
        let mut file = tempfile::Builder::new().prefix(NEW).tempfile_in(&self.folder)?;
        file.write_all(entry)?;
        file.persist(path).map_err(|failure| failure.error)?;
        self.make_room()
    }

    /// Removes the oldest entries until the others fit.
    fn make_room(&self) -> io::Result<()> {
        let mut entries: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(NEW) && is_old(&entry) {
                // Of a process that ended while it wrote. Another one may be faster in removing it.
                let _ = fs::remove_file(entry.path());
            }
            if entry.path().extension().is_some_and(|ending| ending == ENDING)
                && let Ok(metadata) = entry.metadata()
            {
                entries.push((metadata.modified()?, metadata.len(), entry.path()));
            }
        }
        let mut total: u64 = entries.iter().map(|(_, bytes, _)| bytes).sum();
        entries.sort();
        for (_, bytes, path) in entries {
            if total <= self.max_bytes {
                break;
            }
            total -= bytes;
            match fs::remove_file(path) {
                // Another process was faster.
                Err(failure) if failure.kind() != io::ErrorKind::NotFound => return Err(failure),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether an entry should have been written long ago.
fn is_old(entry: &fs::DirEntry) -> bool {
    let age = entry.metadata().and_then(|metadata| metadata.modified()).map(|modified| modified.elapsed());
    age.is_ok_and(|age| age.is_ok_and(|age| age > NEW_FOR))
}

/// What compiled code depends on: the file, this version of the host, wasmtime's version and its settings.
fn key(engine: &Engine, digest: &str) -> String {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    RULES.hash(&mut hasher);
    engine.precompile_compatibility_hash().hash(&mut hasher);
    let digits = digest.strip_prefix("sha256:").unwrap_or(digest);
    format!("{digits}-{:016x}", hasher.finish())
}

/// An entry's bytes: the digest of the rest, the header, the code.
fn entry(key: &str, inspection: &Inspection, code: &[u8]) -> serde_json::Result<Vec<u8>> {
    let header = Header { key: key.to_owned(), inspection: inspection.clone() };
    let mut rest = serde_json::to_vec(&header)?;
    rest.push(b'\n');
    rest.extend_from_slice(code);
    let mut entry = digest(&rest).into_bytes();
    entry.push(b'\n');
    entry.append(&mut rest);
    Ok(entry)
}

/// The parts of an entry that is complete, and the one that was looked for.
fn parse<'a>(entry: &'a [u8], key: &str) -> Result<(Inspection, &'a [u8]), String> {
    let damaged = || "it is damaged".to_owned();
    let (sum, rest) = line(entry, MAX_HEADER).ok_or_else(damaged)?;
    if sum != digest(rest).as_bytes() {
        return Err(damaged());
    }
    let (header, code) = line(rest, MAX_HEADER).ok_or_else(damaged)?;
    let header: Header = serde_json::from_slice(header).map_err(|_| damaged())?;
    if header.key != key {
        return Err("it is another policy's, or another version's".to_owned());
    }
    Ok((header.inspection, code))
}

/// The first line, and what follows.
fn line(bytes: &[u8], longest: usize) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().take(longest).position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at(end);
    Some((line, rest.get(1..)?))
}

/// Compiled code made ready to run, without compiling.
#[expect(
    unsafe_code,
    reason = "compiled code cannot be checked; loading it twenty times faster is what a cache is for"
)]
fn revived(engine: &Engine, code: &[u8]) -> Result<Component, String> {
    // SAFETY: The code must be what `Component::serialize` wrote. It is: the entry was read from a file that belongs to this
    // user and that nobody else can write to, in such a folder, so this user's processes wrote it. Of those, only `store`
    // writes files that name their own digest and key, and the digest says that it is complete. wasmtime itself refuses
    // code of another version of it, or for another machine.
    let component = unsafe { Component::deserialize(engine, code) };
    component.map_err(|failure| format!("{failure:#}"))
}

/// Who may write to a file.
#[cfg(unix)]
mod owner {
    use super::{File, OpenOptions, Path, io};
    use std::fs::{DirBuilder, Metadata};
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};

    use rustix::fs::OFlags;

    /// Neither follows a link nor waits for the other end of a pipe.
    pub(super) fn open(path: &Path) -> io::Result<File> {
        let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).map_err(io::Error::other)?;
        OpenOptions::new().read(true).custom_flags(flags).open(path)
    }

    pub(super) fn make(folder: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)
    }

    pub(super) fn check(metadata: &Metadata) -> Result<(), String> {
        let (owner, user) = (metadata.uid(), rustix::process::geteuid().as_raw());
        if owner != user {
            return Err(format!("belongs to user {owner}; this is user {user}"));
        }
        if metadata.mode() & 0o022 != 0 {
            return Err(format!("can be written to by others (mode {:03o})", metadata.mode() & 0o777));
        }
        Ok(())
    }
}

/// Who may write to a file cannot be told, so no entry counts.
#[cfg(not(unix))]
mod owner {
    use super::{File, OpenOptions, Path, io};
    use std::fs::{DirBuilder, Metadata};

    pub(super) fn open(path: &Path) -> io::Result<File> {
        OpenOptions::new().read(true).open(path)
    }

    pub(super) fn make(folder: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).create(folder)
    }

    pub(super) fn check(_: &Metadata) -> Result<(), String> {
        Err("may be written to by others: on this system nobody can tell".to_owned())
    }
}
