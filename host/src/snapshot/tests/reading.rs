//! The five queries, all answered from one reading.

use std::sync::Arc;

use super::*;

fn reading(snapshot: Option<Snapshot>) -> Reading {
    let taken_at = at(TIMESTAMP.unsigned_abs() + 10);
    Reading::new(snapshot.map(Arc::new), Some(Duration::from_secs(3)), taken_at, FRESHNESS)
}

fn usual() -> Reading {
    reading(Some(snapshot(&[("n", 1.0), ("m", 2.0)], &[("all", 3.0), ("web", 4.0)])))
}

#[test]
fn without_a_snapshot_every_query_has_no_data() {
    let reading = reading(None);
    assert!(reading.snapshot().is_none());
    assert_eq!(reading.node_metrics("n").unwrap_err(), Unavailable::NoData);
    assert_eq!(reading.statistics_of_label("all").unwrap_err(), Unavailable::NoData);
    assert_eq!(reading.node_all_metrics().unwrap_err(), Unavailable::NoData);
    assert_eq!(reading.all_statistics().unwrap_err(), Unavailable::NoData);
    assert!(!reading.valid().is_valid());
}

#[test]
fn metrics_of_a_node_come_with_their_window() {
    let reading = usual();
    let (row, answered) = reading.node_metrics("m").unwrap();
    assert_eq!((row.key(), value(row, &cpu_load())), ("m", Some(2.0)));
    assert_eq!(*answered, window("5m", TIMESTAMP));
}

#[test]
fn a_node_that_is_not_published_is_not_found() {
    for node in ["", "N", "n ", "nn"] {
        assert_eq!(usual().node_metrics(node).unwrap_err(), Unavailable::NotFound(node.to_owned()));
    }
}

#[test]
fn statistics_of_a_label_fall_back_to_all_and_say_so() {
    let reading = usual();
    let own = reading.statistics_of_label("web").unwrap();
    assert_eq!((own.row.key(), own.is_fallback, value(own.row, &cpu_load())), ("web", false, Some(4.0)));
    let fallback = reading.statistics_of_label("db").unwrap();
    assert_eq!((fallback.row.key(), fallback.is_fallback, value(fallback.row, &cpu_load())), ("all", true, Some(3.0)));
    assert_eq!(reading.age_of(fallback.last_seen), Duration::from_secs(10));
}

#[test]
fn without_all_an_unknown_label_is_not_found() {
    let reading = reading(Some(snapshot(&[], &[("web", 1.0)])));
    assert_eq!(reading.statistics_of_label("db").unwrap_err(), Unavailable::NotFound("db".to_owned()));
    assert_eq!(reading.statistics_of_label("all").unwrap_err(), Unavailable::NotFound("all".to_owned()));
}

#[test]
fn metrics_of_all_nodes_may_be_of_none() {
    let reading = reading(Some(snapshot(&[], &[])));
    let (table, answered) = reading.node_all_metrics().unwrap();
    assert!(table.is_empty());
    assert_eq!(*answered, window("5m", TIMESTAMP));
}

#[test]
fn all_statistics_come_with_the_window_that_carried_them() {
    let reading = usual();
    let statistics = reading.all_statistics().unwrap();
    assert_eq!(keys(statistics.table()), ["all", "web"]);
    assert_eq!(*statistics.window(), window("15d", 1000));
}

#[test]
fn statistics_that_were_never_published_are_no_data() {
    let reading = reading(Some(snapshot(&[("n", 1.0)], &[])));
    assert_eq!(reading.all_statistics().unwrap_err(), Unavailable::NoData);
    assert_eq!(Unavailable::NoData.to_string(), "no data of this kind has been collected from the load monitor yet");
}

#[test]
fn what_is_not_found_is_named_and_escaped() {
    let message = Unavailable::NotFound("a\n\"b\"".to_owned()).to_string();
    assert_eq!(message, r#"the load monitor publishes nothing for "a\n\"b\"""#);
}

#[test]
fn a_reading_pins_its_snapshot_and_its_moment() {
    let shared = Arc::new(snapshot(&[("n", 1.0)], &[("all", 1.0)]));
    let now = at(TIMESTAMP.unsigned_abs() + 180);
    let reading = Reading::new(Some(Arc::clone(&shared)), Some(Duration::from_mins(1)), now, FRESHNESS);
    assert!(Arc::ptr_eq(reading.snapshot().unwrap(), &shared));
    assert_eq!((reading.taken_at(), reading.heartbeat_age()), (now, Some(Duration::from_mins(1))));
    assert!(reading.valid().is_valid(), "both checks stand exactly at their limit");
    assert_eq!(reading.valid(), reading.clone().valid());
}

#[test]
fn ages_are_counted_from_the_reading_and_never_negative() {
    let reading = usual();
    assert_eq!(reading.age_of(reading.taken_at() - Duration::from_millis(1500)), Duration::from_millis(1500));
    assert_eq!(reading.age_of(reading.taken_at() + Duration::from_secs(5)), Duration::ZERO);
    assert_eq!(reading.age_of(UNIX_EPOCH), Duration::from_secs(TIMESTAMP.unsigned_abs() + 10));
}
