//! The same thing published twice.

use super::*;

fn metric(name: &str, unit: &str, value: u32) -> String {
    format!(r#"{{"name":"{name}","type":"cpu","operator":"Avg","rollup":"5m","value":{value},"unit":"{unit}"}}"#)
}

#[test]
fn a_metric_repeated_in_a_node_stays_in_the_row_and_the_first_answers() {
    let repeated = [metric("m", "ratio", 3), metric("m", "ratio", 1), metric("m", "ratio", 2)].join(",");
    let answer = parsed(with_nodes(&format!(
        r#""twice":{{"metrics":[{repeated}]}},"once":{{"metrics":[{}]}}"#,
        metric("m", "ratio", 9)
    )));
    let values: Vec<f64> = metrics(&answer.nodes, "twice").iter().map(|metric| metric.value).collect();
    assert_eq!(values, [3.0, 1.0, 2.0]);
    assert_eq!(keys(&answer.nodes), ["once", "twice"]);
    assert_eq!(answer.nodes.column(&cpu_load()), [9.0, 3.0]);
    assert_eq!(value(answer.nodes.row("twice").unwrap(), &cpu_load()), Some(3.0));
    assert_eq!(answer.defects, NO_DEFECTS);
}

#[test]
fn a_repetition_whose_first_value_is_lost_is_answered_by_the_second() {
    let lost = r#"{"name":"m","type":"cpu","operator":"Avg","rollup":"5m","value":null,"unit":"ratio"}"#;
    let answer = parsed(with_metrics(&format!("{lost},{}", metric("m", "ratio", 2))));
    assert_eq!(answer.nodes.column(&cpu_load()), [2.0]);
    assert_eq!(answer.defects, Defects { lost_values: 1, ..NO_DEFECTS });
}

#[test]
fn of_several_fitting_metrics_the_first_by_name_then_rollup_then_unit_answers_in_any_order() {
    let metric = |name: &str, rollup: &str, unit: &str, value: u32| {
        format!(
            r#"{{"name":"{name}","type":"cpu","operator":"Avg","rollup":"{rollup}","unit":"{unit}","value":{value}}}"#
        )
    };
    let by_precedence = [
        metric("a", "5m", "z", 1),
        metric("b", "", "y", 2),
        metric("b", "15d", "x", 3),
        metric("b", "15d", "y", 4),
        metric("b", "5m", "", 5),
    ];
    for turn in 0..by_precedence.len() {
        let mut turned = by_precedence.clone();
        turned.rotate_left(turn);
        for skipped in 0..by_precedence.len() {
            // Without those of higher precedence, the next one answers.
            let rest = turned.iter().filter(|metric| by_precedence[skipped..].contains(metric));
            let answer = parsed(with_metrics(&rest.map(String::as_str).collect::<Vec<_>>().join(",")));
            let expected = f64::from(u32::try_from(skipped).unwrap() + 1);
            assert_eq!(answer.nodes.column(&cpu_load()), [expected], "{turned:?}");
        }
    }
}

#[test]
fn of_a_node_published_twice_the_last_wins_and_is_counted() {
    let answer = parsed(with_nodes(&format!(
        r#""n":{{"metrics":[{}]}},"m":{{"metrics":[]}},"\u006e":{{"metrics":[{}]}},"n":{{"metrics":[{}]}}"#,
        metric("a", "", 1),
        metric("b", "", 2),
        metric("c", "", 3),
    )));
    assert_eq!(keys(&answer.nodes), ["m", "n"]);
    let row = metrics(&answer.nodes, "n");
    assert_eq!(row.iter().map(|metric| metric.name).collect::<Vec<_>>(), ["c"]);
    assert_eq!(answer.defects, Defects { duplicate_entries: 2, ..NO_DEFECTS });
}

#[test]
fn of_a_label_published_twice_the_last_wins_and_is_counted() {
    let answer = parsed(format!(
        r#"{{"timestamp":1,"statistics":{{"StatisticsMap":{{"web":{{"metrics":[{}]}},"web":null}}}}}}"#,
        metric("a", "", 1)
    ));
    assert_eq!(metrics(&answer.statistics, "web"), []);
    assert_eq!(answer.defects, Defects { duplicate_entries: 1, ..NO_DEFECTS });
}

#[test]
fn a_field_published_twice_counts_as_published_last() {
    let answer = parsed(with_metrics(
        r#"{"name":"x","value":1,"type":"memory","type":"cpu","operator":"Avg","value":2,"name":"m"}"#,
    ));
    assert_eq!(answer.nodes.column(&cpu_load().with_name("m")), [2.0]);
}

#[test]
fn of_a_node_published_twice_a_malformed_last_one_leaves_none() {
    let good = format!(r#"{{"metrics":[{}]}}"#, metric("a", "", 1));
    let malformed = Defects { malformed_entries: 1, duplicate_entries: 1, ..NO_DEFECTS };
    let answer = parsed(with_nodes(&format!(r#""n":{good},"m":{good},"n":7"#)));
    assert_eq!((keys(&answer.nodes), answer.defects), (vec!["m"], malformed));
    let answer = parsed(with_nodes(&format!(r#""n":7,"m":{good},"n":{good}"#)));
    assert_eq!((keys(&answer.nodes), answer.defects), (vec!["m", "n"], malformed));
}
