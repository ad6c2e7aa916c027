//! From a load monitor's body to a snapshot, beside what `serde_json` alone takes to read the same bytes.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::borrow::Cow;
use std::collections::HashMap;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use scorelet_host::collector::{CollectorOptions, recorded};
use scorelet_host::monitor::wire::leading_timestamp;
use scorelet_tests::{bench, cluster};
use serde::Deserialize;

/// The document as anybody would read it: borrowed where that is possible, in the order of the file.
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Data<'a> {
    #[serde(borrow)]
    node_metrics_map: HashMap<Cow<'a, str>, Node<'a>>,
}

#[derive(Deserialize)]
struct Node<'a> {
    #[serde(borrow)]
    metrics: Vec<Metric<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "reading them is what is measured")]
struct Metric<'a> {
    name: &'a str,
    r#type: &'a str,
    operator: &'a str,
    rollup: &'a str,
    unit: &'a str,
    value: f64,
}

fn ingestion(criterion: &mut Criterion) {
    for size in [5_000, 100_000] {
        let nodes = bench::scaled(size);
        let body = cluster::body(nodes);
        let document: Document<'_> = serde_json::from_slice(&body).unwrap();
        assert_eq!(u32::try_from(document.data.node_metrics_map.len()), Ok(nodes));
        // All of it was read: 24 for most nodes, and fewer for those that are not measured.
        let metrics: usize = document.data.node_metrics_map.values().map(|node| node.metrics.len()).sum();
        assert!(metrics > 20 * document.data.node_metrics_map.len());
        drop(document);

        let mut group = criterion.benchmark_group(format!("ingestion/{size}"));
        group.throughput(Throughput::Bytes(body.len() as u64)).sample_size(10);
        group.bench_function("serde_json", |bencher| {
            bencher.iter(|| serde_json::from_slice::<Document<'_>>(black_box(&body)).unwrap());
        });
        let options = CollectorOptions::default();
        group.bench_function("snapshot", |bencher| bencher.iter(|| recorded(&options, black_box(&body)).unwrap()));
        // What is done with an answer whose `timestamp` is that of the last one.
        group.bench_function("unchanged", |bencher| bencher.iter(|| leading_timestamp(black_box(&body)).unwrap()));
        group.finish();
    }
}

criterion_group!(benches, ingestion);
criterion_main!(benches);
