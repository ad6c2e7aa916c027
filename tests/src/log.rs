//! What the host writes to its log while a test runs.

use std::cell::RefCell;
use std::fmt::{Debug, Write};
use std::marker::PhantomData;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

thread_local! {
    static LINES: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Captures the lines that an operator would see of `scorelet_host` on the current thread, until it is dropped.
#[derive(Debug)]
pub struct Log {
    /// Belongs to its thread.
    _local: PhantomData<*const ()>,
}

impl Log {
    /// Begins to capture. A test on a runtime of one thread sees all of its tasks.
    #[must_use]
    pub fn capture() -> Self {
        install();
        LINES.set(Some(Vec::new()));
        Self { _local: PhantomData }
    }

    /// Takes the lines since the last time: `LEVEL message field=value`, without those below the level of information.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        LINES.with_borrow_mut(|lines| lines.as_mut().map(std::mem::take)).unwrap_or_default()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        LINES.set(None);
    }
}

/// Installs the one subscriber of the test binary.
///
/// A subscriber per thread would lose lines: tracing remembers for each place in the code whether anybody listens, and
/// may ask a thread that has none. For the same reason it is installed before any Collector starts.
pub(crate) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let targets = Targets::new().with_target("scorelet_host", Level::INFO);
        let subscriber = tracing_subscriber::registry().with(targets).with(Capture);
        tracing::subscriber::set_global_default(subscriber).expect("no other subscriber is installed");
    });
}

struct Capture;

impl<S: Subscriber> Layer<S> for Capture {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        LINES.with_borrow_mut(|lines| {
            let Some(lines) = lines else { return };
            let mut line = Line::default();
            event.record(&mut line);
            lines.push(format!("{} {}{}", event.metadata().level(), line.message, line.fields));
        });
    }
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let written = if field.name() == "message" {
            write!(self.message, "{value:?}")
        } else {
            write!(self.fields, " {}={value:?}", field.name())
        };
        written.expect("text takes everything");
    }
}
