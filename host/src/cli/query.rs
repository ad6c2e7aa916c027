//! `scorelet query`: the five queries.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use comfy_table::{ColumnConstraint, Width};

use scorelet_host::monitor::MonitorErrorKind;
use scorelet_host::snapshot::{MetricType, Operator, Row, Selector, Snapshot, Table, Validity};

use super::answers;
use super::exit::Failure;
use super::output::{Format, age, bytes, number, print, print_json, render, table, verdict_cell};
use super::source::Source;
use super::watch;

/// Ask a load monitor one of the five queries.
#[derive(Debug, Args)]
pub(crate) struct Query {
    #[command(subcommand)]
    what: What,
    /// The form of the answer
    #[arg(short, long, global = true, value_enum, default_value_t)]
    output: Format,
}

#[derive(Debug, Subcommand)]
enum What {
    /// `GetNodeMetrics`: all metrics of one node
    Node {
        /// The node's name
        name: String,
        #[command(flatten)]
        source: Source,
    },
    /// `GetStatisticsOfLabel`: statistics of a label value, or of `all` when there are none
    Label {
        /// The label's value
        name: String,
        #[command(flatten)]
        source: Source,
    },
    /// `GetNodeAllMetrics`: the metrics of all nodes
    Nodes {
        #[command(flatten)]
        source: Source,
    },
    /// `GetAllStatistics`: the statistics of all label values
    Labels {
        #[command(flatten)]
        source: Source,
    },
    /// `Valid`: whether the data can be trusted now; exit code 1 when not
    Valid {
        /// Keep collecting, and print the verdict again whenever it changes, until Ctrl-C
        #[arg(long)]
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
    print(&footer(&snapshot, answers::metrics_age(&reading)))
}

async fn label(source: &Source, name: &str, format: Format) -> Result<(), Failure> {
    let (reading, snapshot) = source.known().await?;
    let found =
        snapshot.statistics.of_label(name).ok_or_else(|| not_found("label", name, snapshot.statistics.table()))?;
    if format == Format::Json {
        return print_json(&answers::label(&reading, &snapshot, name, &found));
    }
    print(&metrics_table(&found.row))?;
    let answered_by = if found.is_fallback {
        format!("the load monitor has no statistics for {name:?}: these are those of {:?}", found.row.key())
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
            row.key().to_owned(),
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
    print(&footer(&snapshot, answers::metrics_age(&reading)))
}

async fn labels(source: &Source, format: Format) -> Result<(), Failure> {
    let (reading, snapshot) = source.known().await?;
    reading.all_statistics().map_err(|_| Failure::unavailable(anyhow!("the load monitor publishes no statistics")))?;
    if format == Format::Json {
        return print_json(&answers::labels(&reading, &snapshot));
    }
    let mut table = table(&["LABEL", ">CPU m", ">± m", ">MEM MiB", ">± MiB", ">SEEN"]);
    let statistics = &snapshot.statistics;
    for (position, row) in statistics.table().rows().enumerate() {
        let value = |metric_type, operator| {
            let selector = Selector::new(metric_type, operator);
            row.metric(&selector).map_or_else(|| "-".to_owned(), |metric| format!("{:.1}", metric.value))
        };
        let seen = statistics.last_seen(position).map(|seen| age(reading.age_of(seen).as_secs_f64()));
        table.add_row([
            row.key().to_owned(),
            value(MetricType::Cpu, Operator::Average),
            value(MetricType::Cpu, Operator::StandardDeviation),
            value(MetricType::Memory, Operator::Average),
            value(MetricType::Memory, Operator::StandardDeviation),
            seen.unwrap_or_default(),
        ]);
    }
    print(&render(&table))
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
    print_validity(&validity, format)
}

/// Prints a verdict; the code says whether it is good.
pub(super) fn print_validity(validity: &Validity, format: Format) -> Result<ExitCode, Failure> {
    if format == Format::Json {
        print_json(&answers::valid(validity))?;
    } else {
        let mut table = table(&["CHECK", "STATE", ">AGE", "REASON"]);
        for (name, check) in validity.checks() {
            table.add_row([
                name.into(),
                verdict_cell(check.state.as_str(), !check.has_failed()),
                check.age.map_or_else(|| "-".to_owned(), |seconds| age(seconds.as_secs_f64())).into(),
                check.reason.as_str().into(),
            ]);
        }
        print(&render(&table))?;
        print(if validity.is_valid() { "\nvalid" } else { "\nnot valid" })?;
    }
    Ok(ExitCode::from(u8::from(!validity.is_valid())))
}

fn metrics_table(row: &Row<'_>) -> String {
    let mut table = table(&["METRIC", "TYPE", "OPERATOR", ">VALUE"]);
    // The names of metrics are long, and better whole than the names of types.
    if let Some(types) = table.column_mut(1) {
        types.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(15)));
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
        table.add_row([metric.name, &metric.metric_type.as_str().replace('-', " "), &operator, &value]);
    }
    render(&table)
}

fn footer(snapshot: &Arc<Snapshot>, age_seconds: f64) -> String {
    let mut footer = format!(
        "\n{}, measured over {} by {}, {} ago",
        count(snapshot.nodes.len() as u64, "node"),
        if snapshot.window.duration.is_empty() { "an unknown window" } else { &snapshot.window.duration },
        if snapshot.source.is_empty() { "an unknown source" } else { &snapshot.source },
        age(age_seconds),
    );
    let defects = snapshot.defects;
    for (number, noun, what) in [
        (defects.unnamed_nodes, "node", "without a name: dropped"),
        (defects.malformed_entries, "entry", "with wrong types inside: dropped"),
        (defects.lost_values, "value", "that JSON cannot carry, or missing: dropped"),
        (defects.duplicate_entries, "entry", "published more than once: the last one counts"),
    ] {
        if number > 0 {
            let _ = write!(footer, "\n{} {what}", count(number, noun));
        }
    }
    footer
}

fn count(number: u64, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {noun}s"),
    }
}

fn not_found(what: &str, name: &str, table: &Table) -> Failure {
    const SHOWN: usize = 10;
    let known: Vec<&str> = table.keys().iter().map(|key| &**key).take(SHOWN).collect();
    let more = table.len().saturating_sub(SHOWN);
    let known = match (known.as_slice(), more) {
        ([], _) => "it publishes none at all".to_owned(),
        (known, 0) => format!("it knows {}", known.join(", ")),
        (known, more) => format!("it knows {} and {more} more", known.join(", ")),
    };
    Failure::bad_input(anyhow!("the load monitor publishes nothing for the {what} {name:?}; {known}"))
}
