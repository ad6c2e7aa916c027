//! Pods and nodes as people write them, and what is said when they cannot be used.

use super::{folder, least_loaded};
use scorelet_tests::program::{Finished, Folder, fixture};

/// Scores with files of this content in the place of pod and nodes.
fn score_with(pod: Option<&[u8]>, nodes: Option<&[u8]>) -> Finished {
    let mut folder: Folder = folder(&least_loaded());
    if let Some(pod) = pod {
        folder = folder.and("pod.yaml", pod);
    }
    let mut arguments = "score policy.wasm --pod pod.yaml --metrics watcher.json".to_owned();
    if let Some(nodes) = nodes {
        folder = folder.and("nodes.yaml", nodes);
        arguments += " --nodes nodes.yaml";
    }
    folder.run(&arguments)
}

#[test]
fn a_pod_that_cannot_be_used_is_refused_with_its_place() {
    for (pod, error) in [
        (
            &b""[..],
            "pod.yaml: holds no pod; give a Pod, a List with one Pod, or a Deployment, StatefulSet, DaemonSet, \
             ReplicaSet, Job or CronJob",
        ),
        (
            b"kind: Service\n",
            "pod.yaml: kind: \"Service\" is not a pod; give a Pod, a List with one Pod, or a Deployment, StatefulSet, \
             DaemonSet, ReplicaSet, Job or CronJob",
        ),
        (b"{}", "pod.yaml: kind: missing; say what kind of object this is, such as Pod or Node"),
        (
            b"kind: Pod\nspec:\n  containers:\n  - name: a\n    resources: {requests: {cpu: lots}}\n",
            "pod.yaml:5:33: spec.containers[0].resources.requests.cpu: \"lots\" is not a quantity; write a number and \
             at most a suffix, such as 500m, 1.5 or 2Gi",
        ),
        (
            b"kind: Pod\nspec: {containers: [{resources: {limits: {memory: 2GB}}}]}\n",
            "pod.yaml:2:51: spec.containers[0].resources.limits.memory: \"2GB\" is not a quantity because \"GB\" is not \
             a suffix; use n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, an exponent such as e3, or none",
        ),
        (
            b"kind: Pod\nspec: {containers: []}\n",
            "pod.yaml: spec.containers: missing or empty; a pod needs at least one container",
        ),
        (
            b"kind: Pod\nspec: {containers: [{}]}\n---\nkind: Pod\nspec: {containers: [{}]}\n",
            "pod.yaml: holds 2 pods, as document 1 and document 2; keep the one that is to be placed",
        ),
        (b"{\"kind\": \"Pod\",", "pod.yaml:1:15: not JSON: EOF while parsing a value; correct the text there"),
    ] {
        assert_eq!(score_with(Some(pod), None).failed(65), error);
    }
}

#[test]
fn yaml_with_a_mistake_in_it_is_refused_with_its_line() {
    let error = score_with(Some(b"kind: Pod\nspec:\n  containers:\n  - name: a\n   image: b\n"), None).failed(65);
    assert!(error.starts_with("pod.yaml:5:"), "{error}");
    assert!(error.contains("not YAML"), "{error}");
}

#[test]
fn nodes_that_cannot_be_used_are_refused_with_their_place() {
    for (nodes, error) in [
        (&b""[..], "nodes.yaml: holds no node; give Nodes, such as the output of \"kubectl get nodes -o json\""),
        (
            b"kind: NodeList\nitems: []\n",
            "nodes.yaml: holds no node; give Nodes, such as the output of \"kubectl get nodes -o json\"",
        ),
        (
            b"kind: Pod\n",
            "nodes.yaml: kind: \"Pod\" is not a node; give Nodes, such as the output of \"kubectl get nodes -o json\"",
        ),
        (
            b"kind: Node\nmetadata: {name: a}\nstatus: {allocatable: {cpu: -1}}\n",
            "nodes.yaml:3:29: status.allocatable.cpu: \"-1\" is below zero; write an amount of 0 or more",
        ),
        (
            b"kind: Node\n",
            "nodes.yaml: metadata.name: missing or empty; give the node the name that it has in the cluster",
        ),
        (
            b"kind: Node\nmetadata: {name: a}\n---\nkind: Node\nmetadata: {name: a}\n",
            "nodes.yaml: document 2, metadata.name: there is a node \"a\" already, document 1; keep one of them",
        ),
    ] {
        assert_eq!(score_with(None, Some(nodes)).failed(65), error);
    }
}

#[test]
fn text_that_is_none_is_refused() {
    let error = score_with(Some(b"kind: \xff\n"), None).failed(65);
    assert!(error.starts_with("pod.yaml is not UTF-8 text: "), "{error}");
    let error = score_with(None, Some(b"\xff\xfe")).failed(65);
    assert!(error.starts_with("nodes.yaml is not UTF-8 text: "), "{error}");
}

#[test]
fn a_bomb_of_aliases_is_refused_soon() {
    let levels = (1..20).map(|level| {
        let below = format!("*a{}", level - 1);
        format!("a{level}: &a{level} [{}]\n", [below.as_str(); 9].join(", "))
    });
    let bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned() + &levels.collect::<String>();
    let error = score_with(Some(bomb.as_bytes()), None).failed(65);
    assert!(error.contains("too many aliases"), "{error}");
}

#[test]
fn files_that_are_not_there_are_named() {
    let folder = folder(&least_loaded());
    let error = folder.run("score policy.wasm --pod nowhere.yaml --metrics watcher.json").failed(74);
    assert!(error.starts_with("cannot read nowhere.yaml: "), "{error}");
    let error = folder.run("score policy.wasm --pod pod.yaml --nodes nowhere.yaml --metrics watcher.json").failed(74);
    assert!(error.starts_with("cannot read nowhere.yaml: "), "{error}");
    let error = folder.run("score policy.wasm --pod . --metrics watcher.json").failed(65);
    assert_eq!(error, ". is a directory; name a file");
}

#[test]
fn a_workload_stands_for_its_pod_and_a_list_for_its_nodes() {
    let pod = std::fs::read_to_string(fixture("pod.yaml")).unwrap();
    let of_pod = score_with(Some(pod.as_bytes()), None);
    let deployment = b"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n\
        spec: {template: {spec: {containers: [{name: server, resources: {requests: {cpu: 400m, memory: 1Gi}}}]}}}\n";
    let scores = |finished: Finished| finished.succeeded().lines().take(5).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(scores(score_with(Some(deployment), None)), scores(of_pod));

    let nodes = std::fs::read(fixture("nodes.json")).unwrap();
    let output = score_with(None, Some(&nodes)).succeeded();
    assert!(output.starts_with("RANK  NODE    SCORE\n   1  node-a   60.0\n\n"), "{output}");
}
