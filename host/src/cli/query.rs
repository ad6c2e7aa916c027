//! `scorelet query`: the five queries.

use std::borrow::Cow;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use comfy_table::{ColumnConstraint, Width};

use scorelet_host::monitor::MonitorErrorKind;
use scorelet_host::snapshot::{MetricType, Operator, Row, Selector, Snapshot, State, Table, Validity};

use super::answers;
use super::exit::Failure;
use super::output::{Format, age, bytes, listed, number, print, print_json, render, table, verdict_cell, visible};
use super::source::Source;
use super::watch;

/// Ask a load monitor, or its recorded answer, one of the five queries.
#[derive(Debug, Args)]
pub(crate) struct Query {
    #[command(subcommand)]
    what: What,
    /// The form of the answer
    #[arg(short, long, global = true, value_name = "FORMAT", value_enum, default_value_t)]
    pub(super) output: Format,
}

#[derive(Debug, Subcommand)]
enum What {
    /// All metrics of one node (`GetNodeMetrics`)
    Node {
        /// The node's name
        name: String,
        #[command(flatten)]
        source: Source,
    },
    /// The statistics of the pods with a label value, or where there are none those of "all" pods
    /// (`GetStatisticsOfLabel`)
    Label {
        /// The label's value
        name: String,
        #[command(flatten)]
        source: Source,
    },
    /// The metrics of all nodes (`GetNodeAllMetrics`)
    ///
    /// The table shows the average load of cpu and memory with its standard deviation (±), both in per cent of the node,
    /// the size of the node, and how many metrics it has in all; `-` is not measured. Where there is no average, the newest
    /// sample stands in its place. JSON has all metrics.
    Nodes {
        #[command(flatten)]
        source: Source,
    },
    /// The statistics of all label values (`GetAllStatistics`)
    ///
    /// The table shows the average load of the pods with a label value and its standard deviation (±), in millicores (m)
    /// of cpu and MiB of memory, and how long ago the load monitor last published it; `-` is not known. JSON has all
    /// statistics.
    Labels {
        #[command(flatten)]
        source: Source,
    },
    /// Whether the data can be trusted now; exit code 1 if not (`Valid`)
    ///
    /// Three checks: the load monitor answers its health check, it has metrics of nodes whose window ended lately, and it
    /// has statistics. Each check tells its age and its reason.
    Valid {
        /// Keep collecting, and print the verdict again whenever it changes, until Ctrl-C
        #[arg(long, conflicts_with = "metrics")]
        watch: bool,
        #[command(flatten)]
        source: Source,
    },
}

impl Query {
    pub(crate) fn is_watching(&self) -> bool {
        matches!(self.what, What::Valid { watch: true, .. })
    }

    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        let format = self.output;
        match &self.what {
            What::Node { name, source } => node(source, name, format).await?,
            What::Label { name, source } => label(source, name, format).await?,
            What::Nodes { source } => nodes(source, format).await?,
            What::Labels { source } => labels(source, format).await?,
            What::Valid { watch: true, source } => return watch::run(source, format).await,
            What::Valid { watch: false, source } => return valid(source, format).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn node(source: &Source, name: &str, format: Format) -> Result<(), Failure> {
    let (reading, snapshot) = source.known().await?;
    let row = snapshot.nodes.row(name).ok_or_else(|| not_found("node", name, &snapshot.nodes))?;
    if format == Format::Json {
        return print_json(&answers::node(&reading, &snapshot, &row));
    }
    print(&metrics_table(&row))?;
    print(&format!("\n{}", measured(&snapshot, answers::metrics_age(&reading))))
}

async fn label(source: &Source, name: &str, format: Format) -> Result<(), Failure> {
    let (reading, snapshot) = source.known().await?;
    require_statistics(&snapshot)?;
    let found =
        snapshot.statistics.of_label(name).ok_or_else(|| not_found("label", name, snapshot.statistics.table()))?;
    if format == Format::Json {
        return print_json(&answers::label(&reading, &snapshot, name, &found));
    }
    print(&metrics_table(&found.row))?;
    let answered_by = if found.is_fallback {
        format!("no statistics of {name:?}: these are those of {:?}", found.row.key())
    } else {
        format!("statistics of {name:?}")
    };
    let seen = age(reading.age_of(found.last_seen).as_secs_f64());
    print(&format!("\n{answered_by}, last published {seen} ago"))
}

async fn nodes(source: &Source, format: Format) -> Result<(), Failure> {
    let (reading, snapshot) = source.known().await?;
    if format == Format::Json {
        return print_json(&answers::nodes(&reading, &snapshot));
    }
    let mut table = table(&["NODE", ">CPU %", ">± %", ">MEM %", ">± %", ">CORES", ">MEMORY", ">METRICS"]);
    for row in snapshot.nodes.rows() {
        let value = |metric_type, operator| {
            let selector = Selector::new(metric_type, operator);
            row.metric(&selector).map_or(f64::NAN, |metric| metric.value)
        };
        let percent = |value: f64| if value.is_nan() { "-".to_owned() } else { format!("{value:.1}") };
        // Some monitors publish the newest sample and no average.
        let load = |metric_type: MetricType<'static>| {
            let average = value(metric_type.clone(), Operator::Average);
            if average.is_nan() { value(metric_type, Operator::Latest) } else { average }
        };
        table.add_row([
            visible(row.key()).into_owned(),
            percent(load(MetricType::Cpu)),
            percent(value(MetricType::Cpu, Operator::StandardDeviation)),
            percent(load(MetricType::Memory)),
            percent(value(MetricType::Memory, Operator::StandardDeviation)),
            number(value(MetricType::Cpu, Operator::Capacity)),
            bytes(value(MetricType::Memory, Operator::Capacity)),
            row.metrics().count().to_string(),
        ]);
    }
    print(&render(&table))?;
    let nodes = count(snapshot.nodes.len() as u64, "node");
    print(&format!("\n{nodes}, {}", measured(&snapshot, answers::metrics_age(&reading))))?;
    dropped(&snapshot)
}

async fn labels(source: &Source, format: Format) -> Result<(), Failure> {
    let (reading, snapshot) = source.known().await?;
    require_statistics(&snapshot)?;
    if format == Format::Json {
        return print_json(&answers::labels(&reading, &snapshot));
    }
    let mut table = table(&["LABEL", ">CPU m", ">± m", ">MEM MiB", ">± MiB", ">AGE"]);
    let statistics = &snapshot.statistics;
    for (position, row) in statistics.table().rows().enumerate() {
        let value = |metric_type, operator| {
            let selector = Selector::new(metric_type, operator);
            row.metric(&selector).map_or_else(|| "-".to_owned(), |metric| format!("{:.1}", metric.value))
        };
        let seen = statistics.last_seen(position).map(|seen| age(reading.age_of(seen).as_secs_f64()));
        table.add_row([
            visible(row.key()).into_owned(),
            value(MetricType::Cpu, Operator::Average),
            value(MetricType::Cpu, Operator::StandardDeviation),
            value(MetricType::Memory, Operator::Average),
            value(MetricType::Memory, Operator::StandardDeviation),
            seen.unwrap_or_default(),
        ]);
    }
    print(&render(&table))?;
    let labels = count(statistics.table().len() as u64, "label");
    print(&format!("\n{labels}, published by {}", source_name(&snapshot)))
}

async fn valid(source: &Source, format: Format) -> Result<ExitCode, Failure> {
    let once = source.read().await?;
    let mut validity = once.reading.valid();
    for (check, outcome) in [(&mut validity.heartbeat, once.heartbeat), (&mut validity.metrics, once.update)] {
        match outcome {
            Err(failure) if failure.kind() == MonitorErrorKind::Configuration => return Err(failure.into()),
            Err(failure) => check.reason = format!("{}: {:#}", check.reason, anyhow::Error::from(failure)),
            Ok(()) => {}
        }
    }
    print_validity(&mut validity, format)
}

/// Prints a verdict; the code says whether it is good.
pub(super) fn print_validity(validity: &mut Validity, format: Format) -> Result<ExitCode, Failure> {
    if validity.statistics.state == State::Missing && validity.metrics.state != State::Missing {
        validity.statistics.reason.push_str("; if it never does, pass --without-statistics");
    }
    if format == Format::Json {
        print_json(&answers::valid(validity))?;
    } else {
        let mut table = table(&["CHECK", "STATE", ">AGE", "REASON"]);
        for (name, check) in validity.checks() {
            table.add_row([
                name.into(),
                verdict_cell(check.state.as_str(), !check.has_failed()),
                check.age.map_or_else(|| "-".to_owned(), |seconds| age(seconds.as_secs_f64())).into(),
                visible(&check.reason).into(),
            ]);
        }
        print(&render(&table))?;
        print(if validity.is_valid() { "\nvalid" } else { "\nnot valid" })?;
    }
    Ok(ExitCode::from(u8::from(!validity.is_valid())))
}

fn metrics_table(row: &Row<'_>) -> String {
    let mut table = table(&["METRIC", "TYPE", "OPERATOR", ">VALUE"]);
    let is_narrow = table.width().is_some();
    if is_narrow {
        // Makes room for the names of metrics, which are long, on a terminal of 80 columns.
        for column in table.column_iter_mut().take(3) {
            column.set_padding((0, 1));
        }
        if let Some(types) = table.column_mut(1) {
            types.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(14)));
        }
    }
    for metric in row.metrics() {
        let operator = match metric.operator {
            Operator::StandardDeviation => "std",
            operator => operator.as_str(),
        };
        let operator = match metric.rollup {
            "" | "Latest" => operator.to_owned(),
            rollup => format!("{operator}/{rollup}"),
        };
        let value = match metric.unit {
            "byte" | "bytes" => bytes(metric.value),
            "ratio" => format!("{} %", number(metric.value)),
            "" | "integer" => number(metric.value),
            unit => format!("{} {unit}", number(metric.value)),
        };
        // Lines are broken at spaces.
        let metric_type = metric.metric_type.as_str().replace('-', if is_narrow { " " } else { "-" });
        let cells = [metric.name, &metric_type, &operator, &value];
        table.add_row(cells.map(visible));
    }
    render(&table)
}

/// Whence and when.
fn measured(snapshot: &Snapshot, age_seconds: f64) -> String {
    let window = if snapshot.window.duration.is_empty() { "an unknown window" } else { &snapshot.window.duration };
    format!("measured over {} by {}, {} ago", visible(window), source_name(snapshot), age(age_seconds))
}

fn source_name(snapshot: &Snapshot) -> Cow<'_, str> {
    if snapshot.source.is_empty() { "an unknown source".into() } else { visible(&snapshot.source) }
}

/// Says what of the load monitor's answer is not in the table.
fn dropped(snapshot: &Snapshot) -> Result<(), Failure> {
    let defects = snapshot.defects;
    for (number, noun, what) in [
        (defects.unnamed_nodes, "node", "without a name: dropped"),
        (defects.malformed_entries, "entry", "with wrong types inside: dropped"),
        (defects.lost_values, "value", "that JSON cannot carry, or missing: dropped"),
        (defects.duplicate_entries, "entry", "published more than once: the last one counts"),
    ] {
        if number > 0 {
            print(&format!("{} {what}", count(number, noun)))?;
        }
    }
    Ok(())
}

fn require_statistics(snapshot: &Snapshot) -> Result<(), Failure> {
    if snapshot.statistics.table().is_empty() {
        return Err(Failure::unavailable(anyhow!("the load monitor publishes no statistics")));
    }
    Ok(())
}

fn count(number: u64, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {noun}s"),
    }
}

fn not_found(what: &str, name: &str, table: &Table) -> Failure {
    let known = if table.is_empty() {
        "it publishes none at all".to_owned()
    } else {
        format!("it knows {}", listed(table.keys().iter().map(|key| &**key)))
    };
    Failure::bad_input(anyhow!("the load monitor publishes nothing for the {what} {name:?}; {known}"))
}
