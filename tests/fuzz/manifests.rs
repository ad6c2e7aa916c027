//! Any text as a manifest of a pod, of nodes and of assigned pods: it is read the same way twice, and what it holds is fit
//! for use.

#![no_main]

use std::collections::BTreeSet;
use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use scorelet_host::kubernetes::{AssignedPod, ManifestError, read_assigned_pods, read_nodes, read_pod};
use scorelet_host::scheduling::{Node, Pod, Resources};

const ORIGIN: &str = "manifest.yaml";

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(pod) = read(text, read_pod) {
        check_pod(&pod);
    }
    if let Some(nodes) = read(text, read_nodes) {
        check_nodes(&nodes);
    }
    if let Some(pods) = read(text, read_assigned_pods) {
        check_assigned(&pods);
    }
});

/// What a text holds, unless it is refused.
fn read<T: PartialEq + Debug>(text: &str, reader: fn(&str, &str) -> Result<T, ManifestError>) -> Option<T> {
    let read = reader(text, ORIGIN);
    assert_eq!(read, reader(text, ORIGIN));
    match read {
        Ok(value) => {
            // A comment before it makes YAML of what looks like JSON. Only YAML has keys that merge.
            if let Some(same) = reader(&format!("#\n{text}"), ORIGIN).ok().filter(|_| !text.contains("<<")) {
                assert_eq!(same, value);
            }
            Some(value)
        }
        Err(failure) => {
            check_failure(text, &failure);
            None
        }
    }
}

fn check_failure(text: &str, failure: &ManifestError) {
    assert_eq!(failure.origin(), Some(ORIGIN));
    assert!(failure.to_string().starts_with(ORIGIN));
    assert!(failure.field() != Some(""));
    if let Some((line, column)) = failure.position() {
        // YAML has more kinds of line ends than Rust, one of them in three bytes.
        let lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count() as u64;
        assert!((1..=lines + 1).contains(&line) && column >= 1, "{failure}");
    }
}

fn check_pod(pod: &Pod) {
    assert!(!pod.namespace.is_empty());
    let of_containers = pod.containers.iter().flat_map(|container| [&container.requests, &container.limits]);
    for amounts in of_containers.chain([&pod.requests, &pod.limits, &pod.overhead]) {
        check_amounts(amounts);
    }
    assert!(!pod.containers.is_empty());
    // Who limits a resource also requests it.
    assert!(pod.limits.iter().all(|(name, _)| pod.requests.get(name).is_some()), "{pod:?}");
}

fn check_nodes(nodes: &[Node]) {
    assert!(!nodes.is_empty());
    let names: BTreeSet<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
    assert!(names.len() == nodes.len() && !names.contains(""), "{names:?}");
    for node in nodes {
        check_amounts(&node.allocatable);
        assert_eq!(node.requested, Resources::new());
    }
}

fn check_assigned(pods: &[AssignedPod]) {
    let names: BTreeSet<_> = pods.iter().map(|assigned| (&assigned.pod.namespace, &assigned.pod.name)).collect();
    assert_eq!(names.len(), pods.len());
    for assigned in pods {
        assert!(!assigned.node.is_empty() && !assigned.pod.name.is_empty());
        check_pod(&assigned.pod);
    }
}

/// Kubernetes' own amounts are signed.
fn check_amounts(resources: &Resources) {
    assert!(resources.iter().all(|(_, amount)| i64::try_from(amount).is_ok()), "{resources:?}");
}
