//! Wrong JSON types: inside a node they cost that node, at the top they cost the document.

use super::*;

/// Every JSON type that is neither text, number nor null.
const CONTAINERS_AND_BOOLEANS: [&str; 7] =
    ["true", "false", "{}", "[]", r#"{"a":[1,{"b":null}]}"#, "[[[]],2]", "[null]"];

fn assert_field_quarantines(field: &str, wrong: &[&str]) {
    for json in wrong {
        // Once in front of the good fields and once after them, in front of a metric that is right and after it.
        let good = r#""name":"m","type":"cpu","operator":"Avg","rollup":"5m","unit":"ratio","value":1"#;
        let without = good.split(',').filter(|pair| !pair.starts_with(&format!(r#""{field}""#)));
        let without = without.collect::<Vec<_>>().join(",");
        for metric in [format!(r#"{{"{field}":{json},{without}}}"#), format!(r#"{{{without},"{field}":{json}}}"#)] {
            assert_quarantined(&with_bad_node(&format!(r#"{{"metrics":[{metric},{CPU}]}}"#)));
            assert_quarantined(&with_bad_node(&format!(r#"{{"metrics":[{CPU},{metric}]}}"#)));
        }
    }
}

#[test]
fn a_node_that_is_no_object_is_quarantined() {
    for node in ["[]", "[1,{}]", "7", "-1.5", r#""text""#, "true"] {
        assert_quarantined(&with_bad_node(node));
    }
}

#[test]
fn metrics_that_are_no_array_quarantine_their_node() {
    for metrics in ["{}", r#"{"a":{"b":[1]}}"#, "7", r#""text""#, "true", "1e3"] {
        assert_quarantined(&with_bad_node(&format!(r#"{{"metrics":{metrics},"tags":{{}}}}"#)));
    }
}

#[test]
fn a_metric_that_is_no_object_quarantines_its_node() {
    for metric in ["null", "7", r#""text""#, "true", "[]", r#"["name","type"]"#] {
        assert_quarantined(&with_bad_node(&format!(r#"{{"metrics":[{CPU},{metric},{CPU}]}}"#)));
    }
}

#[test]
fn a_name_of_another_type_quarantines_its_node() {
    assert_field_quarantines("name", &[&["7", "1.5"], &CONTAINERS_AND_BOOLEANS[..]].concat());
}

#[test]
fn a_type_of_another_type_quarantines_its_node() {
    assert_field_quarantines("type", &[&["7", "1.5"], &CONTAINERS_AND_BOOLEANS[..]].concat());
}

#[test]
fn an_operator_of_another_type_quarantines_its_node() {
    assert_field_quarantines("operator", &[&["7", "1.5"], &CONTAINERS_AND_BOOLEANS[..]].concat());
}

#[test]
fn a_rollup_of_another_type_quarantines_its_node() {
    assert_field_quarantines("rollup", &[&["7", "1.5"], &CONTAINERS_AND_BOOLEANS[..]].concat());
}

#[test]
fn a_unit_of_another_type_quarantines_its_node() {
    assert_field_quarantines("unit", &[&["7", "1.5"], &CONTAINERS_AND_BOOLEANS[..]].concat());
}

#[test]
fn a_value_of_another_type_quarantines_its_node() {
    assert_field_quarantines("value", &[&[r#""42""#, r#""NaN""#, r#""""#], &CONTAINERS_AND_BOOLEANS[..]].concat());
}

#[test]
fn a_quarantined_node_counts_once_whatever_is_wrong_with_it() {
    assert_quarantined(&with_bad_node(r#"{"metrics":[{"value":null},{"value":NaN},7,{"name":7}],"metrics":{}}"#));
}

#[test]
fn a_label_of_another_type_is_quarantined() {
    let answer = parsed(format!(
        r#"{{"timestamp":1,"statistics":{{"StatisticsMap":{{"a":{{"metrics":[{CPU}]}},"bad":[],"z":{{"metrics":7}}}}}}}}"#
    ));
    assert_eq!(keys(&answer.statistics), ["a"]);
    assert_eq!(answer.defects, Defects { malformed_entries: 2, ..NO_DEFECTS });
}

#[test]
fn wrong_types_at_the_top_refuse_the_document_and_name_the_field() {
    for (field, wrong, expected) in [
        ("timestamp", r#""1670731045""#, "a number of Unix seconds"),
        ("timestamp", "true", "a number of Unix seconds"),
        ("timestamp", "{}", "a number of Unix seconds"),
        ("timestamp", "1e18", "a number of Unix seconds"),
        ("window", "[]", "an object"),
        ("window", "300", "an object"),
        ("source", "7", "text"),
        ("source", "[]", "text"),
        ("data", "[]", "an object"),
        ("data", r#""""#, "an object"),
        ("data", "false", "an object"),
        ("statistics", "[1,2]", "an object"),
    ] {
        let message = refusal(format!(r#"{{"{field}":{wrong},"window":{{"end":1}}}}"#));
        let start = format!("the body is not a load monitor's document: `{field}` is not {expected} at line 1 column ");
        assert!(message.starts_with(&start), "{message}");
    }
}

#[test]
fn wrong_types_one_level_down_refuse_the_document_and_name_the_field() {
    for (body, named) in [
        (r#"{"window":{"duration":5}}"#, "`window.duration` is not text"),
        (r#"{"window":{"start":"0"}}"#, "`window.start` is not a number of Unix seconds"),
        (r#"{"window":{"end":[]}}"#, "`window.end` is not a number of Unix seconds"),
        (r#"{"data":{"NodeMetricsMap":[]}}"#, "`data.NodeMetricsMap` is not an object"),
        (r#"{"statistics":{"StatisticsMap":"x"}}"#, "`statistics.StatisticsMap` is not an object"),
    ] {
        let message = refusal(body);
        assert!(message.contains(named), "{message}");
    }
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    for body in ["[]", "[{}]", "7", "-0.5", r#""text""#, "null", "true", "NaN"] {
        let message = refusal(body);
        assert!(message.starts_with("the body is not a load monitor's document: it is not a JSON object"), "{message}");
    }
}

#[test]
fn a_document_of_some_other_service_is_refused() {
    let expected = "it has neither `timestamp` nor `window.end`; does the address belong to a load monitor?";
    for body in
        ["{}", r#"{"status":"ok"}"#, r#"{"items":[{"timestamp":1}]}"#, r#"{"window":{}}"#, r#"{"timestamp":null}"#]
    {
        let message = refusal(body);
        assert!(message.contains(expected), "{message}");
    }
}
