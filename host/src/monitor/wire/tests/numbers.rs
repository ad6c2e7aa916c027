//! Numbers that JSON cannot carry, and text that only looks like them.

use super::*;

fn metric_of_value(value: &str) -> String {
    format!(r#"{{"name":"m","type":"memory","operator":"Avg","value":{value}}}"#)
}

/// Checks that a value in this spelling is lost and counted, and nothing else with it.
fn assert_lost(value: &str) {
    let answer = parsed(with_nodes(&format!(
        r#""bad":{{"metrics":[{CPU},{},{CPU}]}},"good":{{"metrics":[{CPU}]}}"#,
        metric_of_value(value)
    )));
    assert_eq!(keys(&answer.nodes), ["bad", "good"], "{value}");
    assert_eq!(metrics(&answer.nodes, "bad").len(), 2, "{value}");
    assert_eq!(answer.nodes.column(&cpu_load()), [42.5, 42.5], "{value}");
    assert_eq!(answer.defects, Defects { lost_values: 1, ..NO_DEFECTS }, "{value}");
}

fn value_of(json: &str) -> f64 {
    let answer = parsed(with_metrics(&metric_of_value(json)));
    assert_eq!(answer.defects, NO_DEFECTS, "{json}");
    value(answer.nodes.row("n").unwrap(), &Selector::new(MetricType::Memory, Operator::Average)).unwrap()
}

#[test]
fn a_bare_nan_costs_that_value() {
    assert_lost("NaN");
}

#[test]
fn a_bare_plus_inf_costs_that_value() {
    assert_lost("+Inf");
}

#[test]
fn a_bare_minus_inf_costs_that_value() {
    assert_lost("-Inf");
}

#[test]
fn other_spellings_of_no_number_cost_that_value() {
    for value in ["nan", "-NaN", "Inf", "inf", "Infinity", "-Infinity", "+infinity"] {
        assert_lost(value);
    }
}

#[test]
fn a_number_beyond_a_64_bit_float_costs_that_value() {
    for value in ["1e999", "-1e999", "1E+999", "1.5e400", "1e99999999999999999999"] {
        assert_lost(value);
    }
    assert_lost(&"9".repeat(400));
    assert_lost(&format!("-{}.5", "9".repeat(400)));
}

#[test]
fn numbers_at_the_edges_of_a_64_bit_float_are_kept() {
    for (json, value) in [
        ("0", 0.0),
        ("-0.0", -0.0),
        ("18446744073709551615", 18_446_744_073_709_551_615.0),
        ("-9223372036854775808", -9_223_372_036_854_775_808.0),
        ("1e308", 1e308),
        ("5e-324", 5e-324),
        ("1e-999", 0.0),
        ("0e999999", 0.0),
    ] {
        assert_eq!(value_of(json).to_bits(), f64::to_bits(value), "{json}");
    }
    assert!(value_of(&format!("0.{}1", "0".repeat(400))).abs() < f64::MIN_POSITIVE);
}

#[test]
fn the_greatest_64_bit_floats_are_kept_or_lost_but_never_cost_the_document() {
    for json in [
        "1.7976931348623157e308",
        "1.7976931348623157081e308",
        "1.7976931348623158e308",
        "1.797693134862315807e308",
        "179769313486231570814527423731704356798070567525844996598917476803157260780028538760589558632766878171540458953514382464234321326889464182768467546703537516986049910576551282076245490090389328944075868508455133942304583236903222948165808559332123347747975e0",
    ] {
        let body = with_nodes(&format!(r#""a":{{"metrics":[{CPU}]}},"n":{{"metrics":[{}]}}"#, metric_of_value(json)));
        let answer = parsed(body);
        assert_eq!(keys(&answer.nodes), ["a", "n"], "{json}");
        let kept = answer.nodes.row("n").unwrap().metrics().count() as u64;
        assert_eq!(answer.defects, Defects { lost_values: 1 - kept, ..NO_DEFECTS }, "{json}");
    }
}

#[test]
fn text_that_contains_nan_is_untouched() {
    let metric =
        r#"{"name":"a NaN, +Inf:-Inf 1e999","type":"NaN","operator":"Inf","rollup":"-Inf","unit":"1e999","value":1}"#;
    let answer = parsed(with_metrics(&format!("{metric},{}", metric_of_value("NaN"))));
    let row = metrics(&answer.nodes, "n");
    assert_eq!(row.len(), 1);
    assert_eq!((row[0].name, row[0].rollup, row[0].unit), ("a NaN, +Inf:-Inf 1e999", "-Inf", "1e999"));
    assert_eq!(*row[0].metric_type, MetricType::Other("NaN".into()));
    assert_eq!(*row[0].operator, Operator::Other("Inf".into()));
    assert_eq!(answer.defects, Defects { lost_values: 1, ..NO_DEFECTS });
}

#[test]
fn text_with_escaped_quotes_around_nan_is_untouched() {
    let names = [r#"\""#, r"\\", r#"\\\""#, r#"\",NaN,\""#, r#"\":NaN}"#, r"NaN\\", r"\u0022 NaN \u0022"];
    for name in names {
        let metric = format!(r#"{{"name":"{name}","type":"cpu","operator":"Avg","value":1}}"#);
        let answer = parsed(with_metrics(&format!("{metric},{}", metric_of_value("NaN"))));
        let expected: String = serde_json::from_str(&format!(r#""{name}""#)).unwrap();
        assert_eq!(metrics(&answer.nodes, "n")[0].name, expected);
        assert_eq!(answer.defects, Defects { lost_values: 1, ..NO_DEFECTS }, "{name}");
    }
}

#[test]
fn a_node_named_nan_is_untouched() {
    let answer = parsed(with_nodes(&format!(r#""NaN":{{"metrics":[{CPU},{}]}}"#, metric_of_value("NaN"))));
    assert_eq!(keys(&answer.nodes), ["NaN"]);
    assert_eq!(answer.nodes.column(&cpu_load()), [42.5]);
}

#[test]
fn every_bad_number_of_a_document_is_counted() {
    let bad = ["NaN", "+Inf", "-Inf", "1e999", "null"].map(metric_of_value).join(",");
    let answer = parsed(with_nodes(&format!(r#""a":{{"metrics":[{bad}]}},"b":{{"metrics":[{bad},{CPU}]}}"#)));
    assert_eq!(answer.defects, Defects { lost_values: 10, ..NO_DEFECTS });
    assert_eq!(answer.nodes.column(&cpu_load())[1].to_bits(), 42.5_f64.to_bits());
}

#[test]
fn a_bad_number_in_a_time_is_a_missing_time() {
    let answer = parsed(r#"{"timestamp":NaN,"window":{"duration":"5m","start":-Inf,"end":301}}"#);
    assert_eq!((answer.timestamp, answer.window.start, answer.window.end), (301, 301, 301));
}

#[test]
fn a_bad_number_in_what_is_ignored_costs_nothing() {
    let answer = parsed(with_nodes(&format!(r#""n":{{"metrics":[{CPU}],"tags":{{"a":[NaN,1e999]}}}}"#)));
    assert_eq!(answer.nodes.column(&cpu_load()), [42.5]);
    assert_eq!(answer.defects, NO_DEFECTS);
}

#[test]
fn other_bare_words_stay_wrong() {
    for word in ["NaNs", "nul", "None", "undefined", "+5", "1.", ".5", "0x10", "1_000", "-"] {
        refusal(with_metrics(&metric_of_value(word)));
    }
}
