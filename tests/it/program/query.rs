//! The queries on recorded data: tables to the letter, JSON as values, and what is not there.

use serde_json::{Value, json};

use super::recorded;
use scorelet_tests::program::{Folder, run};

#[test]
fn nodes_are_a_table_with_load_and_size() {
    assert_eq!(
        recorded("query nodes").succeeded(),
        "\
NODE    CPU %   ± %  MEM %  ± %  CORES  MEMORY  METRICS
node-a   20.0   5.0   40.0  2.0      4  16 GiB       10
node-b   60.5  12.2   30.0    -      -       -        3
node-c      -     -      -    -      8       -        1
node-d   75.0     -      -    -      -       -        1

4 nodes, measured over 5m by Prometheus, 0 s ago
1 node without a name: dropped
2 values that JSON cannot carry, or missing: dropped
"
    );
}

#[test]
fn nodes_as_json_have_all_metrics_and_what_was_dropped() {
    let answer = recorded("query nodes -o json").json();
    let mut rest = answer.clone();
    let nodes = rest.as_object_mut().unwrap().remove("nodes").unwrap();
    assert_eq!(
        rest,
        json!({
            "source": "Prometheus",
            "timestamp": 1_767_225_600,
            "window": {"duration": "5m", "start": 1_767_225_300, "end": 1_767_225_600},
            "received_at": 1_767_225_600,
            "age_seconds": 0.0,
            "dropped": {
                "unnamed_nodes": 1, "malformed_entries": 0, "lost_values": 2, "duplicate_entries": 0, "excess_entries": 0,
            },
        })
    );
    let names: Vec<&Value> = nodes.as_array().unwrap().iter().map(|node| &node["node"]).collect();
    assert_eq!(names, ["node-a", "node-b", "node-c", "node-d"]);
    assert_eq!(
        nodes[3],
        json!({
            "node": "node-d",
            "metrics": [{
                "name": "instance:node_cpu:ratio", "type": "cpu", "operator": "latest", "rollup": "5m",
                "unit": "ratio", "value": 75.0,
            }],
        })
    );
}

#[test]
fn one_node_is_a_table_of_its_metrics_that_breaks_no_line() {
    assert_eq!(
        recorded("query node node-a").succeeded(),
        "\
METRIC                                        TYPE           OPERATOR      VALUE
kube_node_status_capacity                     cpu            capacity     4 core
kube_node_status_capacity                     memory         capacity     16 GiB
kube_node_status_capacity                     pods           capacity        110
kube_node_status_capacity                     hugepages_2mi  capacity        0 B
instance:node_cpu:ratio                       cpu            average/5m     20 %
instance:node_cpu:ratio                       cpu            std/5m          5 %
instance:node_memory_utilisation:ratio        memory         average/5m     40 %
instance:node_memory_utilisation:ratio        memory         std/5m          2 %
node_network_receive_drop_bytes_excluding_lo                 unknown/5m  2.5 KiB
pod_class_of_node_count                       cpu            average          97

measured over 5m by Prometheus, 0 s ago
"
    );
}

#[test]
fn one_node_as_json_has_the_dialects_folded() {
    assert_eq!(
        recorded("query node node-b -o json").json(),
        json!({
            "node": "node-b",
            "metrics": [
                {"name": "host.cpu.utilization", "type": "cpu", "operator": "average", "rollup": "5m", "unit": "",
                 "value": 60.5},
                {"name": "host.cpu.utilization", "type": "cpu", "operator": "standard-deviation", "rollup": "5m",
                 "unit": "", "value": 12.25},
                {"name": "host.memory.utilization", "type": "memory", "operator": "average", "rollup": "", "unit": "",
                 "value": 30.0},
            ],
            "window": {"duration": "5m", "start": 1_767_225_300, "end": 1_767_225_600},
            "received_at": 1_767_225_600,
            "age_seconds": 0.0,
        })
    );
}

#[test]
fn an_unknown_node_gets_a_list_of_those_that_are_known() {
    assert_eq!(
        recorded("query node node-x").failed(65),
        "the load monitor publishes nothing for the node \"node-x\"; it knows node-a, node-b, node-c, node-d"
    );
    let finished = recorded("query node node-x -o json");
    assert_eq!(finished.code, 65);
    assert_eq!(finished.json()["error"]["kind"], "bad-input");
}

#[test]
fn a_long_list_of_known_nodes_is_cut() {
    let nodes: serde_json::Map<String, Value> =
        (0..12).map(|number| (format!("n{number:02}"), json!({"metrics": []}))).collect();
    let body = json!({"timestamp": 1_767_225_600, "data": {"NodeMetricsMap": nodes}}).to_string();
    assert_eq!(
        Folder::with("body.json", body).run("query node x --metrics body.json").failed(65),
        "the load monitor publishes nothing for the node \"x\"; \
         it knows n00, n01, n02, n03, n04, n05, n06, n07, n08, n09 and 2 more"
    );
}

#[test]
fn labels_are_a_table_of_absolute_load() {
    assert_eq!(
        recorded("query labels").succeeded(),
        "\
LABEL  CPU m   ± m  MEM MiB  ± MiB  AGE
all    120.0  30.0        -      -  0 s
cpu        -   3.0        -      -  0 s
web    250.0  40.5    512.0   32.0  0 s

3 labels, published by Prometheus
"
    );
}

#[test]
fn labels_as_json_have_all_statistics() {
    let answer = recorded("query labels -o json").json();
    assert_eq!(answer["source"], "Prometheus");
    assert_eq!(answer["window"], json!({"duration": "5m", "start": 1_767_225_300, "end": 1_767_225_600}));
    assert_eq!(answer["received_at"], 1_767_225_600);
    assert_eq!(
        answer["labels"][1],
        json!({
            "label": "cpu",
            "age_seconds": 0.0,
            "metrics": [{
                "name": "statistic", "type": "cpu", "operator": "standard-deviation", "rollup": "15d", "unit": "m",
                "value": 3.05,
            }],
        })
    );
    let labels: Vec<&Value> = answer["labels"].as_array().unwrap().iter().map(|label| &label["label"]).collect();
    assert_eq!(labels, ["all", "cpu", "web"]);
}

#[test]
fn a_label_has_a_table_of_its_own_statistics() {
    assert_eq!(
        recorded("query label web").succeeded(),
        "\
METRIC     TYPE    OPERATOR        VALUE
statistic  cpu     average/15d     250 m
statistic  cpu     std/15d      40.500 m
statistic  memory  average/15d   512 MiB
statistic  memory  std/15d        32 MiB

statistics of \"web\", last published 0 s ago
"
    );
}

#[test]
fn a_label_without_statistics_says_that_all_answered() {
    assert_eq!(
        recorded("query label batch").succeeded(),
        "\
METRIC     TYPE  OPERATOR     VALUE
statistic  cpu   average/15d  120 m
statistic  cpu   std/15d       30 m

no statistics of \"batch\": these are those of \"all\", last published 0 s ago
"
    );
    let answer = recorded("query label batch -o json").json();
    assert_eq!(
        (&answer["label"], &answer["answered_by"], &answer["is_fallback"]),
        (&json!("batch"), &json!("all"), &json!(true))
    );
    let answer = recorded("query label all -o json").json();
    assert_eq!(
        (&answer["label"], &answer["answered_by"], &answer["is_fallback"]),
        (&json!("all"), &json!("all"), &json!(false))
    );
}

#[test]
fn without_statistics_there_is_no_label_and_no_list() {
    for query in ["label web", "labels"] {
        let error = run(&format!("query {query} --metrics stale.json")).failed(69);
        assert_eq!(error, "the load monitor publishes no statistics", "{query}");
    }
}

#[test]
fn a_label_without_fallback_gets_a_list_of_those_that_are_known() {
    let body = json!({
        "timestamp": 1_767_225_600,
        "statistics": {"StatisticsMap": {"web": {"metrics": []}}},
    });
    assert_eq!(
        Folder::with("body.json", body.to_string()).run("query label batch --metrics body.json").failed(65),
        "the load monitor publishes nothing for the label \"batch\"; it knows web"
    );
}

#[test]
fn a_recorded_answer_that_is_none_is_refused_with_what_is_wrong() {
    let folder = Folder::with("empty.json", "")
        .and("text.json", "kind: Pod\n")
        .and("cut.json", r#"{"timestamp": 1767225600, "data": {"#)
        .and("other.json", r#"{"kind": "Pod"}"#)
        .and("binary.json", b"\xff\xfe\x00");
    for (file, problem) in [
        ("empty.json", "the body is empty"),
        ("text.json", "the body is not a load monitor's document: expected value at line 1 column 1"),
        ("cut.json", "the body is cut off after 35 bytes"),
        (
            "other.json",
            "the body is not a load monitor's document: it has neither `timestamp` nor `window.end`; \
             does the address belong to a load monitor? at line 1 column 15",
        ),
        ("binary.json", "the body is not a load monitor's document: expected value at line 1 column 1"),
    ] {
        let error = folder.run(&format!("query nodes --metrics {file}")).failed(65);
        assert_eq!(error, format!("{file} is no recorded answer of a load monitor: {problem}"));
    }
}

#[test]
fn a_file_that_is_not_there_and_a_directory_are_told_apart() {
    let error = run("query nodes --metrics nowhere.json").failed(74);
    assert!(error.starts_with("cannot read nowhere.json: "), "{error}");
    assert_eq!(run("query nodes --metrics .").failed(65), ". is a directory; name a file");
}

#[test]
#[cfg(target_os = "linux")]
fn a_device_given_by_mistake_does_not_fill_the_memory() {
    assert_eq!(run("query nodes --metrics /dev/zero").failed(65), "/dev/zero is larger than 1073741824 bytes");
}
