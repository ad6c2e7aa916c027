//! Bodies from an attacker or a broken proxy.

use proptest::prelude::*;

use super::*;
use crate::snapshot::MAX_DISTINCT_METRICS;

/// Closed or not, this is far beyond what a parser that recurses survives.
const BOMB_DEPTH: usize = 100_000;

fn bomb() -> String {
    "[".repeat(BOMB_DEPTH) + &"]".repeat(BOMB_DEPTH)
}

fn object_bomb() -> String {
    r#"{"a":"#.repeat(BOMB_DEPTH) + "1" + &"}".repeat(BOMB_DEPTH)
}

/// Everything that the format has, in few bytes.
fn small_body() -> String {
    format!(
        r#"{{"timestamp":1670731045,"window":{{"duration":"5m","start":-1,"end":1.5e3}},"source":"P\"\u00e9","x":[true,null,{{}}],"data":{{"NodeMetricsMap":{{"nœud":{{"metrics":[{CPU},{{"value":null}}],"tags":{{}}}},"m":7}}}},"statistics":{{"StatisticsMap":{{"all":{{"metrics":[]}}}}}}}}"#
    )
}

#[test]
fn truncated_at_every_byte() {
    let body = small_body();
    parsed(&body);
    assert_eq!(refusal(""), "the body is empty");
    for length in 1..body.len() {
        assert_eq!(refusal(&body.as_bytes()[..length]), format!("the body is cut off after {length} bytes"));
    }
}

#[test]
fn truncated_at_every_byte_with_a_bad_number_inside() {
    let body = with_nodes(&format!(r#""n":{{"metrics":[{{"value":NaN}},{{"value":-Inf}},{CPU}]}}"#));
    parsed(&body);
    let inside_a_number = ["N", "Na", "-I", "-In"];
    for length in 1..body.len() {
        let message = refusal(&body.as_bytes()[..length]);
        if inside_a_number.iter().any(|word| body[..length].ends_with(&format!(":{word}"))) {
            assert!(message.starts_with("the body is not a load monitor's document: "), "{message}");
        } else {
            assert_eq!(message, format!("the body is cut off after {length} bytes"));
        }
    }
}

#[test]
fn empty_body() {
    for body in ["", " ", "\r\n\t "] {
        assert_eq!(refusal(body), "the body is empty");
    }
}

#[test]
fn html_body() {
    for body in ["<html><body>502 Bad Gateway</body></html>", "<!DOCTYPE html>\n<p>NaN</p>", "no such host"] {
        let message = refusal(body);
        assert!(message.starts_with("the body is not a load monitor's document: expected"), "{message}");
    }
}

#[test]
fn trailing_garbage() {
    let body = small_body();
    for garbage in ["}", "x", "{}", ",", "\0", "NaN", "<!-- -->"] {
        let message = refusal(format!("{body}{garbage}"));
        assert!(message.contains("trailing characters at line 1 column "), "{message}");
    }
    parsed(format!("{body}\r\n \t"));
}

#[test]
fn nesting_bomb_in_place_of_a_node() {
    for bomb in [bomb(), object_bomb()] {
        let answer = parsed(with_bad_node(&format!(r#"{{"metrics":{bomb}}}"#)));
        // An array of arrays and an object: neither is an array of metrics.
        assert_eq!(keys(&answer.nodes), ["a", "z"]);
        assert_eq!(answer.defects, Defects { malformed_entries: 1, ..NO_DEFECTS });
    }
    assert_quarantined(&with_bad_node(&bomb()));
}

#[test]
fn nesting_bomb_in_a_field_of_a_metric() {
    for bomb in [bomb(), object_bomb()] {
        assert_quarantined(&with_bad_node(&format!(r#"{{"metrics":[{{"name":{bomb},"value":{bomb}}}]}}"#)));
    }
}

#[test]
fn nesting_bomb_in_ignored_places() {
    for bomb in [bomb(), object_bomb()] {
        let answer = parsed(format!(
            r#"{{"timestamp":1,"unknown":{bomb},"data":{{"x":{bomb},"NodeMetricsMap":{{"n":{{"tags":{bomb},"metrics":[{CPU}]}}}}}}}}"#
        ));
        assert_eq!(answer.nodes.column(&cpu_load()), [42.5]);
        assert_eq!(answer.defects, NO_DEFECTS);
    }
}

#[test]
fn nesting_bomb_at_the_top() {
    let message = refusal(bomb());
    assert!(message.starts_with("the body is not a load monitor's document: it is not a JSON object"), "{message}");
    let message = refusal(object_bomb());
    assert!(message.contains("it has neither `timestamp` nor `window.end`"), "{message}");
}

#[test]
fn nesting_bomb_that_never_closes() {
    let open = "[".repeat(BOMB_DEPTH);
    for body in [open.clone(), format!(r#"{{"unknown":{open}"#), with_bad_node(&open), object_bomb().replace('}', "")] {
        assert_eq!(parse(body.as_bytes()).unwrap_err().kind(), MonitorErrorKind::Malformed);
    }
    assert_eq!(refusal(&open), format!("the body is cut off after {BOMB_DEPTH} bytes"));
}

#[test]
fn invalid_utf_8() {
    let body = small_body();
    let marker = body.find("instance").unwrap();
    for bytes in [&b"\xff"[..], b"\xc3", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc0\xaf"] {
        let mut body = body.clone().into_bytes();
        body.splice(marker..marker, bytes.iter().copied());
        let message = refusal(&body);
        assert!(message.starts_with("the body is not a load monitor's document: "), "{message}");
    }
    refusal(b"\xef\xbb\xbf{\"timestamp\":1}");
    refusal(with_nodes(r#""\ud800":{}"#));
}

#[test]
fn text_of_a_megabyte_in_place_of_the_document_does_not_flood_the_log() {
    let flood = "secret ".repeat(150_000);
    for body in [format!("\"{flood}\""), format!(r#"{{"timestamp":"{flood}"}}"#), format!(r#"{{"data":"{flood}"}}"#)] {
        let message = refusal(body);
        assert!(message.len() < 300, "{} bytes", message.len());
        assert!(!message.contains("secret"), "{message}");
    }
}

#[test]
fn keys_of_a_megabyte_are_carried_or_ignored() {
    let key = "k".repeat(1_000_000);
    let answer =
        parsed(with_nodes(&format!(r#""{key}":{{"{key}":1,"metrics":[{{"{key}":2,"name":"{key}","value":3}}]}}"#)));
    assert_eq!(keys(&answer.nodes), [key.as_str()]);
    assert_eq!(metrics(&answer.nodes, &key)[0].name, key);
}

#[test]
fn metrics_of_a_quarantined_node_leave_nothing_behind() {
    let many: Vec<String> = (0..500).map(|number| format!(r#"{{"name":"m{number}","value":1}}"#)).collect();
    let lean = parsed(with_nodes(&format!(r#""a":{{"metrics":[{CPU}]}},"z":{{"metrics":[{CPU}]}}"#)));
    for dropped in
        [format!(r#""bad":{{"metrics":[{},7]}}"#, many.join(",")), format!(r#""":{{"metrics":[{}]}}"#, many.join(","))]
    {
        let answer = parsed(with_nodes(&format!(r#""a":{{"metrics":[{CPU}]}},{dropped},"z":{{"metrics":[{CPU}]}}"#)));
        assert_eq!(keys(&answer.nodes), ["a", "z"]);
        assert_eq!(answer.nodes.heap_bytes(), lean.nodes.heap_bytes());
    }
}

#[test]
fn a_flood_of_metrics_in_a_node_without_a_name_does_not_blind_the_others() {
    let flood: Vec<String> =
        (0..MAX_DISTINCT_METRICS).map(|number| format!(r#"{{"name":"{number}","value":1}}"#)).collect();
    for flooded in [r#""":{"metrics":["#.to_owned(), r#""bad":{"metrics":[7,"#.to_owned()] {
        let answer = parsed(with_nodes(&format!(r#"{flooded}{}]}},"z":{{"metrics":[{CPU}]}}"#, flood.join(","))));
        assert_eq!(answer.nodes.column(&cpu_load()), [42.5]);
        assert_eq!(answer.defects.lost_values, 0);
    }
}

proptest! {
    #[test]
    fn any_bytes_at_all(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = parse(&body) {
            prop_assert_eq!(error.kind(), MonitorErrorKind::Malformed);
        }
    }

    #[test]
    fn a_document_with_bytes_overwritten(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut body = small_body().into_bytes();
        for (place, byte) in changes {
            let place = place.index(body.len());
            body[place] = byte;
        }
        match parse(&body) {
            Ok(answer) => {
                let finite = answer.nodes.rows().flat_map(|row| row.metrics()).all(|metric| metric.value.is_finite());
                prop_assert!(finite);
            }
            Err(error) => {
                prop_assert_eq!(error.kind(), MonitorErrorKind::Malformed);
                prop_assert!(error.to_string().len() < 300);
            }
        }
    }

    #[test]
    fn a_document_with_a_slice_of_itself_spliced_in(
        from in any::<prop::sample::Index>(), length in 0..40_usize, to in any::<prop::sample::Index>(),
    ) {
        let body = small_body().into_bytes();
        let from = from.index(body.len());
        let slice = body[from..(from + length).min(body.len())].to_vec();
        let mut spliced = body.clone();
        let to = to.index(body.len());
        spliced.splice(to..to, slice);
        if let Err(error) = parse(&spliced) {
            prop_assert_eq!(error.kind(), MonitorErrorKind::Malformed);
        }
    }
}
