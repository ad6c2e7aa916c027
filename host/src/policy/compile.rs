//! From a file's bytes to machine code: on threads of its own, in limited time, or from the cache.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::thread;

use futures_util::future::{Either, select};
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::oneshot;
use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::error::Context as _;

use super::cache::CompiledCache;
use super::engine::Shared;
use super::error::{PolicyError, PolicyErrorKind};
use super::inspect::{Inspection, analyse, digest, file_kind, incompatible};
use super::load::unlinkable;
use super::wasi::Wasi;

/// Compilations at once, those included that nobody waits for any more. Each takes several cores for a moment; several, so
/// that a slow one does not hold up the others.
pub(super) const COMPILATIONS: usize = 4;

/// Threads of one compilation. More would multiply what the largest functions take of memory, on machines with many cores.
const MAX_THREADS: usize = 4;

/// The stack of threads that read and compile a stranger's file. Validation bounds how deeply they recurse; eight
/// mebibytes is what the bounds were tried with.
const STACK: usize = 8 << 20;

/// The compiled code of a file, and what the file is.
pub(super) struct Code {
    pub(super) inspection: Inspection,
    pub(super) component: Component,
    pub(super) is_from_cache: bool,
}

/// What a compilation needs of its engine, which may be gone before it ends.
struct Job {
    engine: Engine,
    cache: Option<CompiledCache>,
    wasi: Wasi,
    max_bytes: usize,
    file: Vec<u8>,
    /// The file's digest, once it is known.
    digest: Arc<OnceLock<String>>,
}

impl Shared {
    /// Compiles a policy, or finds it in the cache.
    pub(super) async fn compiled(&self, file: &[u8]) -> Result<Code, PolicyError> {
        let time = self.limits.compile_time;
        // Before the copy: the file may be of any size.
        file_kind(file, self.limits.module_bytes)?;
        let busy = || PolicyError::new(PolicyErrorKind::Busy, format!("{COMPILATIONS} others are being compiled"));
        let place = self.compilations.take(time, &self.ticks).await.ok_or_else(busy)?;
        let digest = Arc::new(OnceLock::<String>::new());
        // The thread's first work, so that there is hardly ever anything left to do here.
        let of_digest = |failure: PolicyError| failure.of_digest(digest.get_or_init(|| self::digest(file)));
        let job = Job {
            engine: self.engine.clone(),
            cache: self.cache.clone(),
            wasi: self.wasi,
            max_bytes: self.limits.module_bytes,
            file: file.to_vec(),
            digest: Arc::clone(&digest),
        };
        let (outcome, arrival) = oneshot::channel();
        let spawned = thread::Builder::new().name("scorelet-compile".to_owned()).stack_size(STACK).spawn(move || {
            // Nobody may be waiting any more.
            let _ = outcome.send(job.run());
            drop(place);
        });
        spawned.map_err(no_thread)?;
        match select(arrival, pin!(self.ticks.after(time))).await {
            Either::Left((Ok((outcome, complaints)), _)) => {
                // Here, where the caller's spans and subscriber are.
                for complaint in complaints {
                    tracing::warn!("compiled code on disk: {complaint}");
                }
                outcome
            }
            Either::Left((Err(_), _)) => {
                let message = "the compiler failed: it panicked";
                Err(of_digest(PolicyError::new(PolicyErrorKind::Internal, message)))
            }
            Either::Right(_) => {
                let message = format!("compiling it did not finish within {} ms", time.as_millis());
                Err(of_digest(PolicyError::new(PolicyErrorKind::Deadline, message)))
            }
        }
    }
}

impl Job {
    /// The code, and what is wrong with the cache.
    fn run(&self) -> (Result<Code, PolicyError>, Vec<String>) {
        let digest = self.digest.get_or_init(|| digest(&self.file));
        let mut complaints = Vec::new();
        if let Some(cache) = &self.cache {
            match cache.load(&self.engine, digest) {
                // The engine that kept it may have offered more.
                Ok(Some((inspection, component))) if inspection.wasi.is_none_or(|wasi| wasi == self.wasi) => {
                    return (Ok(Code { inspection, component, is_from_cache: true }), complaints);
                }
                Ok(_) => {}
                Err(complaint) => complaints.push(complaint),
            }
        }
        let code = self.compile().map_err(|failure| failure.of_digest(digest));
        if let (Some(cache), Ok(code)) = (&self.cache, &code) {
            complaints.extend(cache.store(&self.engine, &code.inspection, &code.component).err());
        }
        (code, complaints)
    }

    fn compile(&self) -> Result<Code, PolicyError> {
        let (inspection, component) = analyse(&self.file, self.max_bytes, self.wasi)?;
        inspection.verdict()?;
        let threads = threads()?;
        // The compiler is made for what toolchains write, and asserts where that is not so: for one, that there are not more
        // globals than it has numbers for. It works on the component alone, so nothing of the engine is left half done.
        let compile = || threads.install(|| Component::from_binary(&self.engine, &component));
        let component = catch_unwind(AssertUnwindSafe(compile))
            .map_err(|_| incompatible("it cannot be compiled: the compiler gave up on it"))?
            .context("it is not a valid component")
            .map_err(unlinkable)?;
        Ok(Code { inspection, component, is_from_cache: false })
    }
}

/// Threads for one compilation: in shared ones, those of a stranger's slow policy would be in everybody's way.
fn threads() -> Result<ThreadPool, PolicyError> {
    let number = thread::available_parallelism().map_or(1, NonZero::get).min(MAX_THREADS);
    let name = |number| format!("scorelet-compile-{number}");
    ThreadPoolBuilder::new().num_threads(number).thread_name(name).stack_size(STACK).build().map_err(no_thread)
}

fn no_thread(failure: impl std::error::Error + Send + Sync + 'static) -> PolicyError {
    PolicyError::new(PolicyErrorKind::Internal, "no thread could be started to compile it").with_source(failure)
}
