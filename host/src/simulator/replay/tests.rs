//! What a replayed capture promises.

use super::*;

/// 2025-11-16, 01:23:45 UTC.
const NOW: i64 = 1_763_256_225;

const CAPTURE: &str = r#"{
  "timestamp" : 1600000007, "source": "Prometheus \"window\": {\"end\": 1}",
  "window": {"start":1600000000,"duration":"5m", "end"	:	1600000300 },
  "data": {"NodeMetricsMap": {
    "alpha": {"metrics": [{"name": "x", "timestamp": 5, "value": NaN}, {"name": "y", "value": -Inf}], "tags": {}},
    "b\u0065ta": {"metrics": [{"name": "x", "value": 1.50, "window": {"end": 6}}]}
  }, "timestamp": 4},
  "statistics": {"StatisticsMap": {"all": {"metrics": [{"name": "statistic", "value": +Inf}]}}}
}
"#;

fn replay(text: &str, clock: ReplayClock) -> Result<Replay, ReplayError> {
    Replay::parse(Path::new("some/capture.json"), text.as_bytes().to_vec(), clock, Dialect::LoadMonitor)
}

fn now(text: &str) -> Result<Replay, ReplayError> {
    replay(text, ReplayClock::Now)
}

#[test]
fn as_recorded_is_the_file_byte_for_byte() {
    let replay = replay(CAPTURE, ReplayClock::Recorded).unwrap();
    assert_eq!(replay.body(NOW), CAPTURE.as_bytes());
    assert_eq!(replay.body(0), CAPTURE.as_bytes());
}

#[test]
fn freshened_moves_three_numbers_and_keeps_every_other_byte() {
    let body = String::from_utf8(now(CAPTURE).unwrap().body(NOW)).unwrap();
    // The window ends with the last minute; the other two keep their distance to it.
    let expected = CAPTURE
        .replace("1600000300", "1763256180")
        .replace("1600000007", "1763255887")
        .replace("1600000000", "1763255880");
    assert_eq!(body, expected);
}

#[test]
fn freshened_goes_on_with_the_clock() {
    let replay = now(CAPTURE).unwrap();
    assert_eq!(replay.body(NOW), replay.body(NOW - 45), "the same minute");
    assert_ne!(replay.body(NOW), replay.body(NOW + 15), "the next minute");
}

#[test]
fn times_may_grow_and_shrink() {
    let text = r#"{"timestamp":99,"window":{"start":-1,"end":99}}"#;
    assert_eq!(now(text).unwrap().body(120), br#"{"timestamp":120,"window":{"start":20,"end":120}}"#);
    assert_eq!(now(text).unwrap().body(0), br#"{"timestamp":0,"window":{"start":-100,"end":0}}"#);
    // Whatever the file claims, nothing overflows.
    let text = format!(r#"{{"timestamp":{},"window":{{"end":{}}}}}"#, i64::MAX, i64::MIN);
    assert!(!now(&text).unwrap().body(i64::MAX).is_empty());
}

#[test]
fn without_a_window_the_timestamp_is_moved() {
    for window in ["", r#", "window": null"#, r#", "window": {"duration": "5m", "end": null}"#] {
        let text = format!(r#"{{"timestamp": 7{window}}}"#);
        let body = String::from_utf8(now(&text).unwrap().body(60)).unwrap();
        assert_eq!(body, text.replace(": 7", ": 60"));
    }
}

#[test]
fn one_host_is_cut_out_with_its_numbers_as_written() {
    let replay = replay(CAPTURE, ReplayClock::Recorded).unwrap();
    let alpha = String::from_utf8(replay.host_body(NOW, "alpha").unwrap()).unwrap();
    assert!(alpha.contains(r#""NodeMetricsMap": {"alpha": {"metrics": [{"name": "x", "timestamp": 5, "value": NaN}"#));
    assert!(alpha.contains(r#""statistics": {"StatisticsMap": {}}"#));
    assert!(!alpha.contains("u0065ta"));
    // A name is the same however it is escaped in the file.
    let beta = replay.host_body(NOW, "beta").unwrap();
    let beta: serde_json::Value = serde_json::from_slice(&beta).unwrap();
    assert_eq!(beta["data"]["NodeMetricsMap"].as_object().unwrap().len(), 1);
    assert_eq!(beta["data"]["NodeMetricsMap"]["beta"]["metrics"][0]["value"], 1.5);
    assert_eq!(replay.host_body(NOW, "gamma"), None);
}

#[test]
fn one_host_is_freshened_too() {
    let beta = now(CAPTURE).unwrap().host_body(NOW, "beta").unwrap();
    let beta: serde_json::Value = serde_json::from_slice(&beta).unwrap();
    assert_eq!(beta["window"]["end"], NOW - 45);
    assert_eq!(beta["timestamp"], NOW - 45 - 293);
}

#[test]
fn one_host_of_a_capture_without_nodes_is_unknown() {
    for text in [r"{}", r#"{"data": null}"#, r#"{"data": {"NodeMetricsMap": []}}"#] {
        assert_eq!(replay(text, ReplayClock::Recorded).unwrap().host_body(NOW, "alpha"), None, "{text}");
    }
}

#[test]
fn says_what_is_wrong_with_which_file() {
    for (text, expected) in [
        ("", "is not a JSON object: expected `{`, the begin of an object at byte 0"),
        ("<html></html>", "expected `{`, the begin of an object at byte 0"),
        (r#"{"timestamp": 1} {}"#, "expected the end of the file at byte 17"),
        (r#"{"timestamp": 1"#, "expected `,` or `}` at byte 15"),
        (r#"{"timestamp": 1, "window": {"end" 2}}"#, "expected `:` at byte 34"),
        (r#"{"timestamp": "1"}"#, "has a `timestamp` at byte 14 that is not a whole number"),
        (r#"{"window": {"end": 1.5}}"#, "has a `window.end` at byte 19 that is not a whole number"),
        (r#"{"window": {"end": NaN}}"#, "has a `window.end` at byte 19 that is not a whole number"),
        (r#"{"window": {"end": 1}, "window": {"end": 1}}"#, "has a second `window.end` at byte 41"),
        (r#"{"data": {}}"#, "has no `timestamp` and no `window.end`"),
    ] {
        let message = now(text).unwrap_err().to_string();
        assert!(message.contains(expected), "{text}: {message}");
        assert!(message.contains("some/capture.json"), "{message}");
    }
}

#[test]
fn recorded_needs_no_times() {
    assert_eq!(replay("{}", ReplayClock::Recorded).unwrap().body(NOW), b"{}");
}

#[test]
fn a_missing_file_is_named() {
    let error = Replay::open("no/such/capture.json", ReplayClock::Now, Dialect::LoadMonitor).unwrap_err();
    assert_eq!(error.to_string(), "cannot read the capture no/such/capture.json");
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn opens_a_file() {
    let path = std::env::temp_dir().join(format!("scorelet-capture-{}.json", std::process::id()));
    std::fs::write(&path, CAPTURE).unwrap();
    let replay = Replay::open(&path, ReplayClock::Recorded, Dialect::LoadWatcher);
    std::fs::remove_file(&path).unwrap();
    let replay = replay.unwrap();
    assert_eq!(replay.body(NOW), CAPTURE.as_bytes());
    assert_eq!(replay.dialect(), Dialect::LoadWatcher);
}
