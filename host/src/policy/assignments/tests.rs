//! What is remembered of assigned pods, for how long, and what a reading does not show of it.

use std::time::UNIX_EPOCH;

use super::*;
use crate::policy::Candidates;
use crate::scheduling::{CPU, Node, Resources};
use crate::snapshot::{Freshness, Reading};

/// The moment around which all happens, and seconds around it.
fn at(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_767_225_600_u64.checked_add_signed(seconds).unwrap())
}

/// A reading before anything was collected: it shows no pod at all.
fn reading(seconds: i64) -> Reading {
    Reading::new(None, None, at(seconds), Freshness::default())
}

fn pod(name: &str) -> Pod {
    let labels = [("app".to_owned(), name.to_owned())].into();
    Pod { name: name.to_owned(), namespace: "shop".to_owned(), labels, ..Pod::default() }
}

fn recorded(pods: &[(&str, &str, i64)]) -> Assignments {
    let assignments = Assignments::new();
    for (node, name, seconds) in pods {
        assignments.record(*node, pod(name), at(*seconds));
    }
    assignments
}

/// Candidate, name and age in seconds of the pods that a reading does not show.
fn seen(assignments: &Assignments, nodes: &[&str], reading: &Reading) -> Vec<(u32, String, f64)> {
    let candidates = Candidates::new(nodes.iter().map(|name| Node::named(*name)));
    let candidates = candidates.with_assigned(assignments.current());
    let name = |pod: &AssignedPod| pod.labels.get("app").cloned().unwrap();
    let pods = candidates.assigned_since(reading).into_iter();
    pods.map(|assigned| (assigned.candidate, name(&assigned.pod), assigned.age_seconds)).collect()
}

fn told(pods: &[(u32, &str, u32)]) -> Vec<(u32, String, f64)> {
    pods.iter().map(|(candidate, name, age)| (*candidate, (*name).to_owned(), f64::from(*age))).collect()
}

#[test]
fn pods_come_by_candidate_and_oldest_first() {
    let assignments = recorded(&[("b", "first", 2), ("a", "late", 9), ("b", "second", 2), ("a", "early", 1)]);
    let expected = told(&[(0, "first", 8), (0, "second", 8), (2, "early", 9), (2, "late", 1)]);
    assert_eq!(seen(&assignments, &["b", "other", "a"], &reading(10)), expected);
    assert_eq!(assignments.len(), 4);
}

#[test]
fn pods_on_other_nodes_are_left_out_and_nodes_named_alike_share_theirs() {
    let assignments = recorded(&[("elsewhere", "x", 0), ("a", "y", 0)]);
    assert_eq!(seen(&assignments, &["a", "b", "a"], &reading(0)), told(&[(0, "y", 0), (2, "y", 0)]));
    assert_eq!(seen(&assignments, &[], &reading(0)), []);
}

#[test]
fn pods_age_out() {
    let assignments = recorded(&[("a", "x", 0)]);
    assert_eq!(seen(&assignments, &["a"], &reading(300)), told(&[(0, "x", 300)]));
    assert_eq!(seen(&assignments, &["a"], &reading(301)), []);
    assignments.record("a", pod("y"), at(301));
    assert_eq!(seen(&assignments, &["a"], &reading(301)), told(&[(0, "y", 0)]));
    assert_eq!(assignments.len(), 2, "nobody asks for the time, and one moment may be wrong");
    assignments.record("a", pod("z"), at(302));
    assert_eq!((assignments.len(), assignments.dropped()), (2, 0));
}

#[test]
fn a_moment_that_is_wrong_does_not_make_the_others_old() {
    for order in [[("a", "x", 0), ("a", "wrong", 10_000)], [("a", "wrong", 10_000), ("a", "x", 0)]] {
        assert_eq!(seen(&recorded(&order), &["a"], &reading(1)), told(&[(0, "x", 1)]));
    }
}

#[test]
fn a_time_ahead_is_now_unless_it_is_of_another_time() {
    let assignments = recorded(&[("a", "soon", 300), ("a", "never", 301)]);
    assert_eq!(seen(&assignments, &["a"], &reading(0)), told(&[(0, "soon", 0)]));
}

#[test]
fn a_pod_is_on_one_node_and_forgotten_by_its_name() {
    let assignments = recorded(&[("a", "x", 0), ("a", "y", 1), ("b", "x", 2)]);
    assert_eq!(seen(&assignments, &["a", "b"], &reading(2)), told(&[(0, "y", 1), (1, "x", 0)]));
    assignments.forget("shop", "x");
    assignments.forget("shop", "never-seen");
    assignments.forget("other", "y");
    assert_eq!(seen(&assignments, &["a", "b"], &reading(2)), told(&[(0, "y", 1)]));
    assignments.forget("shop", "y");
    assert!(assignments.is_empty());
}

#[test]
fn pods_without_a_name_are_told_apart_by_nothing_and_all_count() {
    let assignments = Assignments::new();
    for _ in 0..2 {
        assignments.record("a", Pod { name: String::new(), ..pod("x") }, at(0));
    }
    assignments.forget("shop", "");
    assert_eq!(seen(&assignments, &["a"], &reading(0)).len(), 2);
}

#[test]
fn what_an_evaluation_was_given_stays_as_it_is() {
    let assignments = recorded(&[("a", "x", 0)]);
    let (before, clone) = (assignments.current(), assignments.clone());
    clone.record("a", pod("y"), at(1));
    clone.forget("shop", "x");
    assert_eq!((before.len(), before.is_empty()), (1, false));
    assert_eq!(before.since(&reading(1)).map(|(pod, _)| pod.labels.clone()).collect::<Vec<_>>(), [pod("x").labels]);
    assert_eq!(seen(&assignments, &["a"], &reading(1)), told(&[(0, "y", 0)]));
}

#[test]
fn the_oldest_pods_beyond_the_limit_are_dropped_and_counted() {
    let assignments = Assignments::new();
    // The first one is the oldest.
    for index in 0..Assignments::MAX_PODS {
        assignments.record("a", pod(&index.to_string()), at(i64::from(index > 0)));
    }
    assert_eq!((assignments.len(), assignments.dropped()), (Assignments::MAX_PODS, 0));
    assignments.record("a", pod("oldest"), at(-1));
    assert_eq!((assignments.len(), assignments.dropped()), (Assignments::MAX_PODS, 1));
    assignments.record("a", pod("newest"), at(2));
    assert_eq!((assignments.len(), assignments.dropped()), (Assignments::MAX_PODS, 2));
    assignments.forget("shop", "0");
    assert_eq!(assignments.len(), Assignments::MAX_PODS, "it is the one that was dropped");
    assignments.forget("shop", "1");
    assert_eq!(assignments.len(), Assignments::MAX_PODS - 1);
}

#[test]
fn of_a_pod_what_policies_may_ask_is_kept() {
    let assignments = Assignments::new();
    let requests = Resources::new().with(CPU, 500);
    let annotations = [("large".to_owned(), "x".repeat(1000))].into();
    assignments.record("a", Pod { requests: requests.clone(), annotations, ..pod("x") }, at(0));
    let current = assignments.current();
    let (kept, _) = current.since(&reading(0)).next().unwrap();
    assert_eq!((&kept.node[..], &kept.requests), ("a", &requests));
}
