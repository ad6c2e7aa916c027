//! Manifests as people write them, as `kubectl` prints them, and as nobody should.

use std::time::{Duration, SystemTime};

use super::{read_assigned_pods, read_nodes, read_pod};
use crate::kubernetes::{AssignedPod, ManifestError, ManifestErrorKind};
use crate::scheduling::{Container, Node, Pod, Resources};

fn pod(text: &str) -> Pod {
    read_pod(text, "pod.yaml").unwrap_or_else(|error| panic!("{error}"))
}

fn nodes(text: &str) -> Vec<Node> {
    read_nodes(text, "nodes.yaml").unwrap_or_else(|error| panic!("{error}"))
}

fn names(text: &str) -> Vec<String> {
    nodes(text).into_iter().map(|node| node.name).collect()
}

fn pod_error(text: &str) -> ManifestError {
    read_pod(text, "pod.yaml").unwrap_err()
}

fn nodes_error(text: &str) -> ManifestError {
    read_nodes(text, "nodes.yaml").unwrap_err()
}

/// A pod with one container that requests this.
fn requesting(requests: &str) -> String {
    format!("kind: Pod\nspec:\n  containers:\n  - resources:\n      requests:\n        {requests}\n")
}

#[test]
fn a_pod_is_read_from_yaml() {
    let read = pod("
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  labels: {app: web}
  annotations:
    note: |
      two
      lines
spec:
  priority: 100
  initContainers:
  - name: migrate
    resources: {requests: {cpu: 2}}
  - name: proxy
    restartPolicy: Always
    resources: {requests: {cpu: 100m}}
  containers:
  - name: server
    image: example.com/server:1
    env: [{name: TOKEN, value: xyz}]
    resources:
      requests: {cpu: 500m, memory: 1Gi}
      limits: {memory: 2Gi}
  overhead: {memory: 1Mi}
");
    let expected = Pod {
        name: "web".to_owned(),
        namespace: "shop".to_owned(),
        labels: [("app".to_owned(), "web".to_owned())].into(),
        annotations: [("note".to_owned(), "two\nlines\n".to_owned())].into(),
        requests: Resources::new().with("cpu", 2000).with("memory", (1 << 30) + (1 << 20)),
        limits: Resources::new().with("memory", (2 << 30) + (1 << 20)),
        containers: vec![Container {
            name: "server".to_owned(),
            requests: Resources::new().with("cpu", 500).with("memory", 1 << 30),
            limits: Resources::new().with("memory", 2 << 30),
        }],
        overhead: Resources::new().with("memory", 1 << 20),
        priority: 100,
    };
    assert_eq!(read, expected);
}

#[test]
fn json_and_yaml_are_read_alike() {
    let json = r#" {"kind": "Pod", "metadata": {"name": "web", "labels": {"a": "\u00e9\ud83d\ude00"}, "annotations": null},
        "spec": {"containers": [{"resources": {"requests": {"cpu": "500m"}}}], "initContainers": null}} "#;
    let yaml = "{kind: Pod, metadata: {name: web, labels: {a: é😀}, annotations: }, \
        spec: {containers: [{resources: {requests: {cpu: 500m}}}], initContainers: ~}}";
    assert_eq!(pod(json), pod(yaml));
    assert_eq!(pod(&format!("\u{feff}{json}")), pod(&format!("\u{feff}{yaml}")));
}

#[test]
fn quantities_written_as_numbers_keep_their_digits() {
    for (number, cpu, other) in [
        ("2", 2000, 2),
        ("0.5", 500, 1),
        ("0.1", 100, 1),
        ("1e3", 1_000_000, 1000),
        ("1E+3", 1_000_000, 1000),
        ("129e6", 129_000_000_000, 129_000_000),
        ("128974848", 128_974_848_000, 128_974_848),
        // None of these is the same after it has been an `f64`.
        ("9007199254740993", 9_007_199_254_740_993_000, 9_007_199_254_740_993),
        ("9007199254740.993", 9_007_199_254_740_993, 9_007_199_254_741),
        ("9223372036854775.807", 9_223_372_036_854_775_807, 9_223_372_036_854_776),
        ("1.00000000000000000001", 1001, 2),
        ("9223372036854775807", 9_223_372_036_854_775_807, 9_223_372_036_854_775_807),
    ] {
        let expected = Resources::new().with("cpu", cpu).with("memory", other).with("example.com/x", other);
        let list = format!("{{\"cpu\": {number}, \"memory\": \"{number}\", \"example.com/x\": {number}}}");
        assert_eq!(pod(&requesting(&format!("<<: {list}"))).requests, expected, "{number} in YAML");
        let json = format!(
            "{{\"kind\": \"Pod\", \"spec\": {{\"containers\": [{{\"resources\": {{\"requests\": {list}}}}}]}}}}"
        );
        assert_eq!(pod(&json).requests, expected, "{number} in JSON");
    }
}

#[test]
fn an_absent_quantity_is_zero_as_in_the_api() {
    let expected = Resources::new().with("cpu", 0);
    assert_eq!(pod(&requesting("cpu:")).requests, expected);
    assert_eq!(pod(&requesting("cpu: null")).requests, expected);
    let json = r#"{"kind": "Pod", "spec": {"containers": [{"resources": {"requests": {"cpu": null}}}]}}"#;
    assert_eq!(pod(json).requests, expected);
}

#[test]
fn an_absent_label_is_the_empty_string_as_in_the_api() {
    let read = pod("kind: Pod\nmetadata: {labels: {a: , b: x}}\nspec: {containers: [{}]}");
    assert_eq!(read.labels, [("a".to_owned(), String::new()), ("b".to_owned(), "x".to_owned())].into());
}

#[test]
fn the_pod_of_a_workload_bears_its_name() {
    let template = "template: {metadata: {name: ignored, namespace: ignored, labels: {app: web}}, \
        spec: {containers: [{resources: {limits: {cpu: 1}}}]}}";
    for (api_version, kind) in [
        ("apps/v1", "Deployment"),
        ("apps/v1", "StatefulSet"),
        ("apps/v1", "DaemonSet"),
        ("apps/v1", "ReplicaSet"),
        ("batch/v1", "Job"),
        ("batch/v1", "CronJob"),
    ] {
        let spec = match kind {
            "CronJob" => format!("{{schedule: '@daily', jobTemplate: {{spec: {{{template}}}}}}}"),
            _ => format!("{{replicas: 3, {template}}}"),
        };
        let read = pod(&format!(
            "apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: web, namespace: shop}}\nspec: {spec}"
        ));
        let expected = Pod {
            name: "web".to_owned(),
            namespace: "shop".to_owned(),
            labels: [("app".to_owned(), "web".to_owned())].into(),
            requests: Resources::new().with("cpu", 1000),
            limits: Resources::new().with("cpu", 1000),
            containers: vec![Container {
                name: String::new(),
                requests: Resources::new().with("cpu", 1000),
                limits: Resources::new().with("cpu", 1000),
            }],
            ..Pod::default()
        };
        assert_eq!(read, expected, "{kind}");
    }
}

#[test]
fn the_pod_is_found_in_a_list_or_beside_other_objects() {
    let object = "{kind: Pod, metadata: {name: web}, spec: {containers: [{}]}}";
    for text in [
        format!("kind: List\nitems: [{object}]"),
        "kind: PodList\napiVersion: v1\nitems:\n- metadata: {name: web}\n  spec: {containers: [{}]}".to_owned(),
        format!("kind: Service\napiVersion: v1\nspec: {{selector: {{app: web}}}}\n---\n{object}"),
        format!("---\n# nothing\n---\n{object}\n---\n"),
    ] {
        assert_eq!(pod(&text).name, "web", "{text}");
    }
}

#[test]
fn nodes_are_read_as_kubectl_prints_them() {
    let read = nodes(
        r#"{
    "apiVersion": "v1",
    "items": [
        {"apiVersion": "v1", "kind": "Node",
         "metadata": {"labels": {"kubernetes.io/os": "linux"}, "name": "a", "resourceVersion": "12"},
         "spec": {"podCIDR": "10.0.0.0/24", "taints": [{"effect": "NoSchedule", "key": "x"}]},
         "status": {"addresses": [{"address": "10.0.0.1", "type": "InternalIP"}],
                    "allocatable": {"cpu": "3920m", "hugepages-2Mi": "0", "memory": "15Gi", "pods": "110"},
                    "capacity": {"cpu": "4", "memory": "16Gi"},
                    "images": [{"names": ["example.com/server:1"], "sizeBytes": 123456789}]}},
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "b"}, "status": {"capacity": {"cpu": "8"}}}
    ],
    "kind": "List",
    "metadata": {"resourceVersion": ""}
}
"#,
    );
    let allocatable =
        Resources::new().with("cpu", 3920).with("hugepages-2Mi", 0).with("memory", 15 << 30).with("pods", 110);
    let labels = [("kubernetes.io/os".to_owned(), "linux".to_owned())].into();
    let first = Node { labels, allocatable, ..Node::named("a") };
    let second = Node { allocatable: Resources::new().with("cpu", 8000), ..Node::named("b") };
    assert_eq!(read, [first, second]);
}

#[test]
fn nodes_come_in_every_arrangement_and_keep_their_order() {
    assert_eq!(names("kind: Node\nmetadata: {name: b}"), ["b"]);
    assert_eq!(
        names("kind: Node\nmetadata: {name: b}\n---\n---\napiVersion: v1\nkind: Node\nmetadata: {name: a}"),
        ["b", "a"]
    );
    assert_eq!(
        names("kind: NodeList\napiVersion: v1\nitems: [{metadata: {name: b}}, {metadata: {name: a}}]"),
        ["b", "a"]
    );
    assert_eq!(
        names("kind: List\nitems: [{kind: Node, metadata: {name: c}}]\n---\nkind: Node\nmetadata: {name: a}"),
        ["c", "a"]
    );
    let json = r#"{"kind": "Node", "metadata": {"name": "NAME"}}"#;
    assert_eq!(names(&format!("{}\n{}", json.replace("NAME", "b"), json.replace("NAME", "a"))), ["b", "a"]);
}

fn assigned_pods(text: &str) -> Result<Vec<AssignedPod>, String> {
    read_assigned_pods(text, "pods.yaml").map_err(|error| error.to_string())
}

#[test]
fn pods_on_nodes_are_read_as_kubectl_prints_them() {
    let read = assigned_pods(
        r#"{
    "apiVersion": "v1",
    "items": [
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"creationTimestamp": "2026-01-01T00:00:01Z", "labels": {"app": "web"}, "name": "web-0",
                      "namespace": "shop", "uid": "7"},
         "spec": {"containers": [{"name": "server", "image": "x", "resources": {"limits": {"cpu": "2"}}}],
                  "nodeName": "a", "tolerations": [{"operator": "Exists"}]},
         "status": {"conditions": [{"type": "Ready"}], "phase": "Running", "startTime": "2026-01-01T00:00:03Z"}},
        {"kind": "Pod", "metadata": {"name": "x", "creationTimestamp": "2026-01-01T00:00:02Z"},
         "spec": {"containers": [{}], "nodeName": "b"}, "status": {"phase": "Pending"}},
        {"kind": "Pod", "metadata": {"name": "y", "creationTimestamp": null}, "spec": {"containers": [{}], "nodeName": "b"}},
        {"kind": "Pod", "metadata": {"name": "waiting"}, "spec": {"containers": [{}]}, "status": {"phase": "Pending"}},
        {"kind": "Pod", "metadata": {"name": "done"}, "spec": {"containers": [{}], "nodeName": "a"},
         "status": {"phase": "Succeeded"}},
        {"kind": "Pod", "metadata": {"name": "broken"}, "spec": {"containers": [{}], "nodeName": "a"},
         "status": {"phase": "Failed"}}
    ],
    "kind": "List"
}
"#,
    )
    .unwrap();
    let at = |seconds: u64| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600 + seconds));
    let seen = read.iter().map(|assigned| (&assigned.node[..], &assigned.pod.name[..], assigned.since));
    assert_eq!(seen.collect::<Vec<_>>(), [("a", "web-0", at(3)), ("b", "x", at(2)), ("b", "y", None)]);
    assert_eq!(read[0].pod.namespace, "shop");
    assert_eq!(read[0].pod.containers[0].requests, Resources::new().with("cpu", 2000));
}

#[test]
fn pods_on_nodes_may_be_none_and_come_in_every_arrangement() {
    assert_eq!(assigned_pods("kind: PodList\nitems: []"), Ok(Vec::new()));
    assert_eq!(assigned_pods(r#"{"kind": "List", "items": []}"#), Ok(Vec::new()));
    let pod =
        |name: &str| format!("kind: Pod\nmetadata: {{name: {name}}}\nspec: {{nodeName: n, containers: [{{}}]}}\n");
    let read = assigned_pods(&format!("{}---\n{}", pod("b"), pod("a"))).unwrap();
    assert_eq!(read.iter().map(|assigned| &assigned.pod.name[..]).collect::<Vec<_>>(), ["b", "a"]);
}

#[test]
fn pods_on_nodes_that_cannot_be_used_are_refused_with_their_place() {
    let pod = |rest: &str| format!("kind: Pod\nmetadata: {{name: a}}\nspec: {{nodeName: n, {rest}}}\n");
    let twice = format!("{0}---\n{0}", pod("containers: [{}]"));
    for (text, error) in [
        (
            "",
            "pods.yaml: holds no pods; give the output of \"kubectl get pods -o json\", with an empty list if there are \
             none",
        ),
        (
            "apiVersion: apps/v1\nkind: Deployment\n",
            "pods.yaml: kind: \"Deployment\" of \"apps/v1\" is not a pod; give Pods, such as the output of \
             \"kubectl get pods -o json\"",
        ),
        (
            "kind: Pod\nspec: {nodeName: n, containers: [{}]}\n",
            "pods.yaml: metadata.name: missing or empty; give the pod the name that it has in the cluster",
        ),
        (&pod("containers: []"), "pods.yaml: spec.containers: missing or empty; a pod needs at least one container"),
        (
            &twice,
            "pods.yaml: document 2, metadata.name: there is a pod \"default/a\" already, document 1; keep one of \
             them",
        ),
    ] {
        assert_eq!(assigned_pods(text), Err(error.to_owned()));
    }
    let error = assigned_pods(&format!("{}status: {{startTime: yesterday}}\n", pod("containers: [{}]"))).unwrap_err();
    assert!(error.starts_with("pods.yaml:") && error.contains("status.startTime: "), "{error}");
    let json = r#"{"kind": "Pod", "metadata": {"name": "a", "creationTimestamp": 5}, "spec": {"nodeName": "n"}}"#;
    let error = assigned_pods(json).unwrap_err();
    assert!(error.starts_with("pods.yaml:1:") && error.contains("metadata.creationTimestamp: "), "{error}");
}

#[test]
fn an_error_names_file_place_field_fault_and_remedy() {
    assert_eq!(
        pod_error(&requesting("cpu: 1ki")).to_string(),
        "pod.yaml:6:14: spec.containers[0].resources.requests.cpu: \"1ki\" is not a quantity \
         because \"ki\" is not a suffix; \
         use n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, an exponent such as e3, or none"
    );
    let error = nodes_error(
        "{\"kind\": \"List\", \"items\": [{\"kind\": \"Node\", \"metadata\": {\"name\": \"a\"},\n\
         \"status\": {\"allocatable\": {\"cpu\": \"-1\"}}}]}",
    );
    assert_eq!(
        error.to_string(),
        "nodes.yaml:2:39: items[0].status.allocatable.cpu: \"-1\" is below zero; write an amount of 0 or more"
    );
    assert_eq!(error.kind(), ManifestErrorKind::Field);
    assert_eq!(error.origin(), Some("nodes.yaml"));
    assert_eq!(error.position(), Some((2, 39)));
    assert_eq!(error.field(), Some("items[0].status.allocatable.cpu"));
}

#[test]
fn what_is_no_quantity_is_refused_in_both_formats() {
    let field = "spec.containers[0].resources.requests.cpu";
    for value in ["[1]", "{\"a\": 1}"] {
        assert_eq!(
            pod_error(&requesting(&format!("cpu: {value}"))).to_string(),
            format!("pod.yaml:6:14: {field}: not a single value; write one")
        );
    }
    assert_eq!(
        pod_error(&requesting("cpu: true")).to_string(),
        format!(
            "pod.yaml:6:14: {field}: \"true\" is not a quantity; \
             write a number and at most a suffix, such as 500m, 1.5 or 2Gi"
        )
    );
    for value in ["[1]", "{\"a\": 1}", "true"] {
        let json = format!(
            "{{\"kind\": \"Pod\", \"spec\": {{\"containers\": [{{\"resources\": {{\"requests\": {{\"cpu\":\n{value}}}}}}}]}}}}"
        );
        assert_eq!(
            pod_error(&json).to_string(),
            format!(
                "pod.yaml:2:{}: {field}: not a quantity; write a number or a string such as 500m, 1.5 or 2Gi",
                value.len() + 1
            )
        );
    }
}

#[test]
fn a_field_of_a_template_is_named_in_full() {
    assert_eq!(
        pod_error("kind: List\nitems:\n- kind: CronJob\n  spec: {jobTemplate: {spec: {template: {spec: {}}}}}")
            .to_string(),
        "pod.yaml: items[0].spec.jobTemplate.spec.template.spec.containers: missing or empty; \
         a pod needs at least one container"
    );
    assert_eq!(
        pod_error("kind: Deployment\nspec: {template: {spec: {priority: high}}}").to_string(),
        "pod.yaml:2:36: spec.template.spec.priority: not a whole number of 32 bits; write one"
    );
    assert_eq!(
        pod_error("kind: Job\nspec: {}").to_string(),
        "pod.yaml: spec.template: missing; this kind of object has its pod there"
    );
}

#[test]
fn values_of_the_wrong_shape_are_named() {
    for (text, expected) in [
        ("kind: Pod\nspec: []", "pod.yaml:2:7: spec: not a mapping; write keys with values"),
        ("kind: Pod\nspec: {containers: {}}", "pod.yaml:2:20: spec.containers: not a list; write items after dashes"),
        (
            "kind: Pod\nspec: {containers: [{name: a, name: b}]}",
            "pod.yaml:2:31: spec.containers[0]: duplicate mapping key `name` is not allowed here",
        ),
        (
            "{\"kind\": \"Pod\", \"spec\": 5}",
            "pod.yaml:1:25: spec: invalid type: integer `5`, expected the spec of a pod or workload",
        ),
        ("{\"kind\": \"Pod\", \"kind\": \"Pod\"}", "pod.yaml:1:22: duplicate field `kind`"),
    ] {
        assert_eq!(pod_error(text).to_string(), expected);
        assert_eq!(pod_error(text).kind(), ManifestErrorKind::Field);
    }
}

#[test]
fn an_object_of_another_kind_is_named() {
    let pods = "give a Pod, a List with one Pod, or a Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or CronJob";
    let nodes = "give Nodes, such as the output of \"kubectl get nodes -o json\"";
    for (error, expected) in [
        (
            pod_error("apiVersion: v1\nkind: Service\nmetadata: {name: web}"),
            format!("pod.yaml: kind: \"Service\" of \"v1\" is not a pod; {pods}"),
        ),
        (
            pod_error("apiVersion: batch.volcano.sh/v1alpha1\nkind: Job"),
            format!("pod.yaml: kind: \"Job\" of \"batch.volcano.sh/v1alpha1\" is not a pod; {pods}"),
        ),
        // Its `spec.resources` is a list, but that is not what is wrong.
        (
            pod_error("kind: Composition\nspec: {resources: [1]}"),
            format!("pod.yaml: kind: \"Composition\" is not a pod; {pods}"),
        ),
        (nodes_error(&requesting("cpu: 1")), format!("nodes.yaml: kind: \"Pod\" is not a node; {nodes}")),
        (
            nodes_error(r#"{"kind": "List", "items": [{"kind": "Node", "metadata": {"name": "a"}}, {"kind": "Pod"}]}"#),
            format!("nodes.yaml: items[1].kind: \"Pod\" is not a node; {nodes}"),
        ),
        (
            nodes_error("kind: Node\nmetadata: {name: a}\n---\nkind: Node\napiVersion: management.cattle.io/v3"),
            format!("nodes.yaml: document 2, kind: \"Node\" of \"management.cattle.io/v3\" is not a node; {nodes}"),
        ),
    ] {
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.kind(), ManifestErrorKind::WrongKind);
    }
}

#[test]
fn an_object_without_a_kind_is_named() {
    let missing = "missing; say what kind of object this is, such as Pod or Node";
    for (error, place) in [
        (pod_error("metadata: {name: web}"), "pod.yaml: kind"),
        (pod_error("{}"), "pod.yaml: kind"),
        (pod_error("kind: ''"), "pod.yaml: kind"),
        (nodes_error("kind: List\nitems: [{metadata: {name: a}}]"), "nodes.yaml: items[0].kind"),
        (nodes_error("kind: Node\nmetadata: {name: a}\n---\nmetadata: {name: b}"), "nodes.yaml: document 2, kind"),
    ] {
        assert_eq!(error.to_string(), format!("{place}: {missing}"));
        assert_eq!(error.kind(), ManifestErrorKind::WrongKind);
    }
}

#[test]
fn a_text_without_objects_is_refused() {
    for text in [
        "",
        " \n",
        "# only a comment\n",
        "---\n---\n",
        "kind: List",
        "kind: List\nitems: []",
        "{\"kind\": \"NodeList\"}",
    ] {
        assert_eq!(
            pod_error(text).to_string(),
            "pod.yaml: holds no pod; give a Pod, a List with one Pod, \
             or a Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or CronJob"
        );
        assert_eq!(
            nodes_error(text).to_string(),
            "nodes.yaml: holds no node; give Nodes, such as the output of \"kubectl get nodes -o json\""
        );
        assert_eq!(nodes_error(text).kind(), ManifestErrorKind::Empty);
    }
}

#[test]
fn several_pods_are_refused() {
    let error = pod_error("kind: Deployment\n---\nkind: Service\n---\nkind: List\nitems: [{kind: Pod}, {kind: Pod}]");
    assert_eq!(
        error.to_string(),
        "pod.yaml: holds 3 pods, as document 1 and document 3, items[0]; keep the one that is to be placed"
    );
    assert_eq!(error.kind(), ManifestErrorKind::Ambiguous);
}

#[test]
fn two_nodes_of_one_name_are_refused() {
    let error =
        nodes_error("kind: NodeList\nitems: [{metadata: {name: a}}, {metadata: {name: b}}, {metadata: {name: a}}]");
    assert_eq!(
        error.to_string(),
        "nodes.yaml: items[2].metadata.name: there is a node \"a\" already, items[0]; keep one of them"
    );
    assert_eq!(error.kind(), ManifestErrorKind::Ambiguous);
}

#[test]
fn a_node_without_a_name_is_refused() {
    assert_eq!(
        nodes_error("kind: NodeList\nitems: [{metadata: {name: a}}, {metadata: {labels: {}}}]").to_string(),
        "nodes.yaml: items[1].metadata.name: missing or empty; give the node the name that it has in the cluster"
    );
}

#[test]
fn a_syntax_error_has_a_place() {
    for (text, expected) in [
        (
            "kind: Pod\n  spec: x",
            "pod.yaml:2:7: not YAML: mapping values are not allowed in this context; correct the text there",
        ),
        ("kind: Pod\nspec: *x", "pod.yaml:2:7: not YAML: reference to unknown value; correct the text there"),
        ("{\"kind\": \"Pod\",}", "pod.yaml:1:16: not JSON: trailing comma; correct the text there"),
        ("{\"kind\": \"Pod\"", "pod.yaml:1:14: not JSON: EOF while parsing an object; correct the text there"),
        ("{\"kind\": \"Pod\"}\nx", "pod.yaml:2:1: not JSON: expected value; correct the text there"),
    ] {
        assert_eq!(pod_error(text).to_string(), expected);
        assert_eq!(pod_error(text).kind(), ManifestErrorKind::Syntax);
    }
}

#[test]
fn what_is_no_mapping_at_all_is_refused() {
    for text in ["hello", "[]", "- kind: Pod", "42", "\"kind\""] {
        assert_eq!(pod_error(text).to_string(), "pod.yaml:1:1: not a mapping; write keys with values");
    }
}

/// Lists of ten of the list before, which all together have ten to the power of `levels` items.
fn billion_laughs(levels: usize) -> String {
    let level = |level: usize| {
        let item = if level == 0 { "x".to_owned() } else { format!("*a{}", level - 1) };
        format!("a{level}: &a{level} [{}]\n", vec![item; 10].join(", "))
    };
    (0..levels).map(level).collect()
}

#[test]
fn billion_laughs_cost_no_more_than_the_limits() {
    let error = pod_error(&format!("kind: Pod\n{}", billion_laughs(12)));
    assert_eq!(error.kind(), ManifestErrorKind::TooLarge);
    assert!(
        error.to_string().ends_with(
            ": too many aliases or too deeply nested; write aliases out, and make sure that this is a manifest"
        ),
        "{error}"
    );
}

#[test]
fn billion_laughs_spread_over_documents_cost_no_more_than_the_limits() {
    let document = format!("---\nkind: Node\n{}", billion_laughs(5));
    assert_eq!(nodes_error(&document.repeat(100)).kind(), ManifestErrorKind::TooLarge);
}

#[test]
fn a_large_string_copied_by_aliases_costs_no_more_than_the_limits() {
    let copies = vec!["*s"; 1000].join(", ");
    let text = format!("kind: Pod\nx: &s {}\ny: [{copies}]\n", "z".repeat(1 << 20));
    assert_eq!(pod_error(&text).kind(), ManifestErrorKind::TooLarge);
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    for text in ["[", "{a: ", "- ", "{\"items\":[", "{\"x\":", "? "] {
        let error = pod_error(&text.repeat(100_000));
        assert!(error.to_string().len() < 300, "{error}");
    }
    let nested = |field: &str| pod_error(&format!("kind: Pod\n{field}: {}", "[".repeat(100_000))).kind();
    assert_eq!(nested("spec"), ManifestErrorKind::TooLarge);
    assert_eq!(nested("status"), ManifestErrorKind::TooLarge);
}

#[test]
fn hostile_bytes_are_errors() {
    for text in [
        "\0",
        "kind: Pod\0",
        "kind: \"\\ud800\"",
        "{\"kind\": \"\\ud800\"}",
        "!!!!",
        "%",
        "&a",
        "*a",
        "<<: 1",
        "? ? ?",
        "|",
        "\u{feff}\u{feff}{",
    ] {
        assert!(read_pod(text, "pod.yaml").is_err(), "{text:?}");
        assert!(read_nodes(text, "nodes.yaml").is_err(), "{text:?}");
    }
}

#[test]
fn an_error_does_not_quote_a_long_value() {
    let long = "x".repeat(10 << 20);
    for text in [
        requesting(&format!("cpu: {long}")),
        format!("kind: {long}"),
        format!("{{\"kind\": \"Pod\", \"spec\": \"{long}\"}}"),
        format!("kind: Pod\nspec: {{containers: [{{name: a, {long}: b, {long}: c}}]}}"),
    ] {
        assert!(pod_error(&text).to_string().len() < 600, "{}", &pod_error(&text).to_string()[..600]);
    }
}

#[test]
fn a_file_of_many_nodes_is_within_the_limits() {
    let images = "{names: [example.com/server@sha256:0, example.com/server:1], sizeBytes: 1}, ".repeat(50);
    let node = |index| format!("---\nkind: Node\nmetadata: {{name: n{index}}}\nstatus: {{images: [{images}]}}\n");
    assert_eq!(nodes(&(0..2000).map(node).collect::<String>()).len(), 2000);
}
