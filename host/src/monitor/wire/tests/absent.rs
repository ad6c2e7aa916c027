//! Null, missing and empty: each is something that a real load monitor publishes.

use super::*;
use crate::snapshot::Window;

const TIMES: &str = r#""timestamp":1670731045,"window":{"duration":"5m","start":1670730745,"end":1670731045}"#;

/// A metric with one of its fields replaced by other JSON; `None` leaves the field out.
fn metric_with(field: &str, json: Option<&str>) -> String {
    let fields = [
        ("name", r#""m""#),
        ("type", r#""cpu""#),
        ("operator", r#""Avg""#),
        ("rollup", r#""5m""#),
        ("value", "7"),
        ("unit", r#""ratio""#),
    ];
    let fields = fields.iter().filter_map(|(name, usual)| {
        let json = if *name == field { json? } else { usual };
        Some(format!(r#""{name}":{json}"#))
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// Parses a metric whose field is null, missing and empty text, and hands each of the three to the check.
fn for_each_absence(field: &str, check: impl Fn(Metric<'_>)) {
    for json in [Some("null"), None, Some(r#""""#)] {
        let answer = parsed(with_metrics(&metric_with(field, json)));
        assert_eq!(answer.defects, NO_DEFECTS, "{field}: {json:?}");
        let row = metrics(&answer.nodes, "n");
        assert_eq!(row.len(), 1, "{field}: {json:?}");
        assert_eq!(row[0].value.to_bits(), 7.0_f64.to_bits());
        check(row[0]);
    }
}

fn assert_no_nodes(body: &str) {
    let answer = parsed(body);
    assert!(answer.nodes.is_empty(), "{body}");
    assert_eq!(answer.timestamp, 1_670_731_045);
    assert_eq!(answer.defects, NO_DEFECTS, "{body}");
}

#[test]
fn data_null_missing_or_empty_is_an_answer_without_nodes() {
    assert_no_nodes(&format!(r#"{{{TIMES},"data":null}}"#));
    assert_no_nodes(&format!("{{{TIMES}}}"));
    assert_no_nodes(&format!(r#"{{{TIMES},"data":{{}}}}"#));
}

#[test]
fn node_metrics_map_null_or_empty_is_an_answer_without_nodes() {
    assert_no_nodes(&format!(r#"{{{TIMES},"data":{{"NodeMetricsMap":null}}}}"#));
    assert_no_nodes(&format!(r#"{{{TIMES},"data":{{"NodeMetricsMap":{{}}}}}}"#));
    assert_no_nodes(&format!(r#"{{{TIMES},"data":{{"SomethingElse":{{"n":1}}}}}}"#));
}

#[test]
fn statistics_null_missing_or_empty_leave_the_nodes_alone() {
    for statistics in ["", r#","statistics":null"#, r#","statistics":{}"#] {
        let answer =
            parsed(format!(r#"{{{TIMES},"data":{{"NodeMetricsMap":{{"n":{{"metrics":[{CPU}]}}}}}}{statistics}}}"#));
        assert!(answer.statistics.is_empty(), "{statistics}");
        assert_eq!(keys(&answer.nodes), ["n"], "{statistics}");
        assert_eq!(answer.defects, NO_DEFECTS, "{statistics}");
    }
}

#[test]
fn statistics_map_null_missing_or_empty_leave_the_nodes_alone() {
    for statistics in [r#"{"StatisticsMap":null}"#, r#"{"StatisticsMap":{}}"#, r#"{"Other":[1]}"#] {
        let answer = parsed(format!(
            r#"{{{TIMES},"data":{{"NodeMetricsMap":{{"n":{{"metrics":[{CPU}]}}}}}},"statistics":{statistics}}}"#
        ));
        assert!(answer.statistics.is_empty(), "{statistics}");
        assert_eq!(keys(&answer.nodes), ["n"], "{statistics}");
        assert_eq!(answer.defects, NO_DEFECTS, "{statistics}");
    }
}

#[test]
fn node_null_or_empty_and_metrics_null_missing_or_empty_are_a_node_without_load() {
    for node in ["null", "{}", r#"{"metrics":null}"#, r#"{"metrics":[]}"#, r#"{"tags":{},"metadata":{}}"#] {
        let answer = parsed(with_nodes(&format!(r#""n":{node}"#)));
        assert_eq!(keys(&answer.nodes), ["n"], "{node}");
        assert_eq!(metrics(&answer.nodes, "n"), [], "{node}");
        assert!(answer.nodes.column(&cpu_load())[0].is_nan(), "{node}");
        assert_eq!(answer.defects, NO_DEFECTS, "{node}");
    }
}

#[test]
fn tags_null_missing_or_of_any_shape_are_ignored() {
    for tags in ["", r#","tags":null"#, r#","tags":{}"#, r#","tags":["x"]"#, r#","tags":7"#] {
        let answer = parsed(with_nodes(&format!(r#""n":{{"metrics":[{CPU}]{tags}}}"#)));
        assert_eq!(answer.nodes.column(&cpu_load()), [42.5], "{tags}");
        assert_eq!(answer.defects, NO_DEFECTS, "{tags}");
    }
}

#[test]
fn metadata_null_missing_or_of_any_shape_is_ignored() {
    for metadata in
        ["", r#","metadata":null"#, r#","metadata":{}"#, r#","metadata":{"dataCenter":null}"#, r#","metadata":1"#]
    {
        let answer = parsed(with_nodes(&format!(r#""n":{{"metrics":[{CPU}]{metadata}}}"#)));
        assert_eq!(answer.nodes.column(&cpu_load()), [42.5], "{metadata}");
        assert_eq!(answer.defects, NO_DEFECTS, "{metadata}");
    }
}

#[test]
fn window_null_or_missing_ends_at_the_timestamp() {
    for window in ["", r#","window":null"#] {
        let answer = parsed(format!(r#"{{"timestamp":1670731045{window},"data":{{}}}}"#));
        assert_eq!(answer.window, Window { duration: String::new(), start: 1_670_731_045, end: 1_670_731_045 });
    }
}

#[test]
fn window_without_an_end_ends_at_the_timestamp() {
    for window in [r"{}", r#"{"duration":null,"start":null,"end":null}"#] {
        let answer = parsed(format!(r#"{{"window":{window},"timestamp":1670731045}}"#));
        assert_eq!(answer.window, Window { duration: String::new(), start: 1_670_731_045, end: 1_670_731_045 });
    }
    let answer = parsed(r#"{"window":{"duration":"5m","start":1670730745},"timestamp":1670731045}"#);
    assert_eq!(answer.window, Window { duration: "5m".to_owned(), start: 1_670_730_745, end: 1_670_731_045 });
}

#[test]
fn window_of_zeroes_is_kept_as_published() {
    let answer = parsed(r#"{"timestamp":1670731045,"window":{"duration":"","start":0,"end":0}}"#);
    assert_eq!(answer.window, Window::default());
}

#[test]
fn timestamp_null_or_missing_is_the_end_of_the_window() {
    for timestamp in ["", r#","timestamp":null"#] {
        let answer = parsed(format!(r#"{{"window":{{"duration":"5m","start":1,"end":301}}{timestamp}}}"#));
        assert_eq!(answer.timestamp, 301);
        assert_eq!(answer.window, Window { duration: "5m".to_owned(), start: 1, end: 301 });
    }
}

#[test]
fn source_null_missing_or_empty_is_empty() {
    for source in ["", r#","source":null"#, r#","source":"""#] {
        assert_eq!(parsed(format!(r#"{{"timestamp":1,"data":null{source}}}"#)).source, "");
    }
}

#[test]
fn operator_null_missing_or_empty_is_no_known_operator() {
    for_each_absence("operator", |metric| assert_eq!(*metric.operator, Operator::Other("".into())));
}

#[test]
fn type_null_missing_or_empty_is_no_known_type() {
    for_each_absence("type", |metric| assert_eq!(*metric.metric_type, MetricType::Other("".into())));
}

#[test]
fn rollup_null_missing_or_empty_is_empty() {
    for_each_absence("rollup", |metric| assert_eq!(metric.rollup, ""));
}

#[test]
fn unit_null_missing_or_empty_is_empty() {
    for_each_absence("unit", |metric| assert_eq!(metric.unit, ""));
}

#[test]
fn name_null_missing_or_empty_is_empty() {
    for_each_absence("name", |metric| assert_eq!(metric.name, ""));
}

#[test]
fn value_null_or_missing_loses_that_value_only() {
    for json in [Some("null"), None] {
        let answer = parsed(with_metrics(&format!("{},{CPU}", metric_with("value", json))));
        assert_eq!(answer.defects, Defects { lost_values: 1, ..NO_DEFECTS });
        assert_eq!(answer.nodes.column(&cpu_load()), [42.5]);
        assert_eq!(metrics(&answer.nodes, "n").len(), 1);
    }
}

#[test]
fn a_node_without_a_name_is_dropped_and_counted() {
    let answer = parsed(with_nodes(&format!(r#""":{{"metrics":[{CPU}]}},"n":{{"metrics":[]}},"":null,"":7"#)));
    assert_eq!(keys(&answer.nodes), ["n"]);
    assert_eq!(answer.defects, Defects { unnamed_nodes: 3, ..NO_DEFECTS });
}

#[test]
fn a_label_without_text_is_a_label_like_any_other() {
    let answer = parsed(format!(r#"{{{TIMES},"statistics":{{"StatisticsMap":{{"":{{"metrics":[{CPU}]}}}}}}}}"#));
    assert_eq!(keys(&answer.statistics), [""]);
    assert_eq!(answer.defects, NO_DEFECTS);
}

#[test]
fn a_document_with_a_time_and_nothing_else_of_a_load_monitor_is_refused() {
    for body in [r#"{"timestamp":1}"#, r#"{"timestamp":1,"status":"ok","source":"x","NodeMetricsMap":{}}"#] {
        let message = refusal(body);
        assert!(message.contains("it has none of `window`, `data` and `statistics`; does the address"), "{message}");
    }
    for section in ["window", "data", "statistics"] {
        parsed(format!(r#"{{"timestamp":1,"{section}":null}}"#));
        parsed(format!(r#"{{"{section}":{{}},"timestamp":1}}"#));
    }
}

#[test]
fn a_document_whose_nodes_are_all_malformed_is_refused() {
    for nodes in [r#""a":7"#, r#""a":[],"b":{"metrics":{}}"#, r#""":null,"a":"x""#, r#""a":{},"a":7"#] {
        let message = refusal(with_nodes(nodes));
        assert!(message.contains("not one of its nodes is well-formed; does the load monitor publish"), "{message}");
    }
    // Malformed labels say nothing about nodes, and an empty map says that there are none.
    let answer =
        parsed(format!(r#"{{{TIMES},"data":{{"NodeMetricsMap":{{}}}},"statistics":{{"StatisticsMap":{{"a":7}}}}}}"#));
    assert!(answer.nodes.is_empty() && answer.statistics.is_empty());
    assert_eq!(answer.defects, Defects { malformed_entries: 1, ..NO_DEFECTS });
    let answer = parsed(with_nodes(r#""":{}"#));
    assert!(answer.nodes.is_empty());
    assert_eq!(answer.defects, Defects { unnamed_nodes: 1, ..NO_DEFECTS });
}
