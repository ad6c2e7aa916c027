//! What a policy can ask its host: the imports of the contract, answered from one pinned reading.

use std::sync::Arc;

use wasmtime::component::Resource;

use super::convert;
use super::embed::PolicyView;
use super::embed::bindings::{collector, logging, types};
use super::log::Level;
use crate::snapshot::{Snapshot, Table, Unavailable};

pub(super) mod candidates;

pub use candidates::CandidatesInUse;

/// What a handle of the resource `metric-table` stands for: a table of a snapshot, which it keeps alive.
#[derive(Clone, Debug)]
pub struct MetricTable {
    of: Of,
    snapshot: Arc<Snapshot>,
}

/// Which of the two tables in a snapshot.
#[derive(Clone, Copy, Debug)]
enum Of {
    Nodes,
    Statistics,
}

impl MetricTable {
    fn table(&self) -> &Table {
        match self.of {
            Of::Nodes => &self.snapshot.nodes,
            Of::Statistics => self.snapshot.statistics.table(),
        }
    }

    fn window(&self) -> types::Window {
        convert::window(match self.of {
            Of::Nodes => &self.snapshot.window,
            Of::Statistics => self.snapshot.statistics.window(),
        })
    }
}

impl PolicyView<'_> {
    fn open_table(&mut self, of: Of, snapshot: Arc<Snapshot>) -> wasmtime::Result<Resource<MetricTable>> {
        Ok(self.push(MetricTable { of, snapshot })?)
    }

    fn pinned(&self) -> Result<Arc<Snapshot>, Unavailable> {
        self.context.reading.snapshot().cloned().ok_or(Unavailable::NoData)
    }
}

impl types::Host for PolicyView<'_> {}

impl collector::Host for PolicyView<'_> {
    fn get_node_metrics(
        &mut self,
        node: String,
    ) -> wasmtime::Result<Result<collector::NodeMetrics, collector::Unavailable>> {
        self.context.host_calls += 1;
        let answer = self.context.reading.node_metrics(&node).map(|(row, window)| {
            let (metrics, window) = (convert::metrics(&row), convert::window(window));
            collector::NodeMetrics { node, metrics, window }
        });
        Ok(answer.map_err(convert::unavailable))
    }

    fn get_statistics_of_label(
        &mut self,
        label: String,
    ) -> wasmtime::Result<Result<collector::LabelStatistics, collector::Unavailable>> {
        self.context.host_calls += 1;
        let reading = &self.context.reading;
        let answer = reading.statistics_of_label(&label).map(|found| collector::LabelStatistics {
            label: found.row.key().to_owned(),
            is_fallback: found.is_fallback,
            metrics: convert::metrics(&found.row),
            age_seconds: reading.age_of(found.last_seen).as_secs_f64(),
        });
        Ok(answer.map_err(convert::unavailable))
    }

    fn get_node_all_metrics(&mut self) -> wasmtime::Result<Result<Resource<MetricTable>, collector::Unavailable>> {
        self.context.host_calls += 1;
        match self.pinned() {
            Ok(snapshot) => self.open_table(Of::Nodes, snapshot).map(Ok),
            Err(reason) => Ok(Err(convert::unavailable(reason))),
        }
    }

    fn get_all_statistics(&mut self) -> wasmtime::Result<Result<Resource<MetricTable>, collector::Unavailable>> {
        self.context.host_calls += 1;
        let known = self.context.reading.all_statistics().map(|_| ());
        match known.and_then(|()| self.pinned()) {
            Ok(snapshot) => self.open_table(Of::Statistics, snapshot).map(Ok),
            Err(reason) => Ok(Err(convert::unavailable(reason))),
        }
    }

    fn valid(&mut self) -> wasmtime::Result<collector::Validity> {
        self.context.host_calls += 1;
        Ok(convert::validity(self.context.reading.valid()))
    }
}

impl collector::HostMetricTable for PolicyView<'_> {
    fn window(&mut self, table: Resource<MetricTable>) -> wasmtime::Result<types::Window> {
        self.context.host_calls += 1;
        Ok(self.handles.get(&table)?.window())
    }

    fn len(&mut self, table: Resource<MetricTable>) -> wasmtime::Result<u32> {
        self.context.host_calls += 1;
        Ok(u32::try_from(self.handles.get(&table)?.table().len())?)
    }

    fn keys(&mut self, table: Resource<MetricTable>) -> wasmtime::Result<Vec<String>> {
        self.context.host_calls += 1;
        Ok(self.handles.get(&table)?.table().keys().iter().map(ToString::to_string).collect())
    }

    fn row(&mut self, table: Resource<MetricTable>, key: String) -> wasmtime::Result<Option<Vec<types::Metric>>> {
        self.context.host_calls += 1;
        Ok(self.handles.get(&table)?.table().row(&key).map(|row| convert::metrics(&row)))
    }

    fn column(&mut self, table: Resource<MetricTable>, selector: types::Selector) -> wasmtime::Result<Vec<f64>> {
        self.context.host_calls += 1;
        Ok(self.handles.get(&table)?.table().column(&convert::selector(selector)))
    }

    fn drop(&mut self, table: Resource<MetricTable>) -> wasmtime::Result<()> {
        self.handles.delete(table)?;
        Ok(())
    }
}

impl logging::Host for PolicyView<'_> {
    fn log(&mut self, level: logging::Level, message: String) -> wasmtime::Result<()> {
        self.context.host_calls += 1;
        let level = match level {
            logging::Level::Trace => Level::Trace,
            logging::Level::Debug => Level::Debug,
            logging::Level::Info => Level::Info,
            logging::Level::Warn => Level::Warn,
            logging::Level::Error => Level::Error,
        };
        self.context.log.write(level, &message);
        Ok(())
    }
}
