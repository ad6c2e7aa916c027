//! `simulate`: a load monitor stand-in for other programs, here for our own.

use serde_json::{Value, json};

use super::load_variation;
use scorelet_tests::program::{Finished, Folder, Simulator, fixture, run};

fn query(simulator: &Simulator, arguments: &str) -> Finished {
    run(&format!("query {arguments} --monitor {}", simulator.address()))
}

fn names(answer: &Value) -> Vec<&str> {
    answer["nodes"].as_array().unwrap().iter().map(|node| node["node"].as_str().unwrap()).collect()
}

#[test]
fn a_simulated_cluster_answers_every_query() {
    let simulator = Simulator::start("--nodes 3 --labels 2 --seed 7");
    let address = simulator.address();
    assert_eq!(simulator.first_line(), format!("load monitor at {address} (3 simulated nodes, 2 labels, seed 7)"));
    let nodes = query(&simulator, "nodes -o json").json();
    assert_eq!(names(&nodes), ["worker-0001", "worker-0002", "worker-0003"]);
    let node = query(&simulator, "node worker-0002 -o json").json();
    assert_eq!(node["metrics"], nodes["nodes"][1]["metrics"]);
    let labels = query(&simulator, "labels -o json").json();
    assert_eq!(labels["labels"].as_array().unwrap().len(), 3, "`all` and two more");
    assert_eq!(query(&simulator, "label nobody -o json").json()["answered_by"], "all");
    let valid = query(&simulator, "valid -o json");
    assert_eq!((valid.code, &valid.json()["valid"]), (0, &json!(true)));
}

#[test]
fn the_same_seed_gives_the_same_cluster() {
    let metrics = |arguments: &str| {
        let simulator = Simulator::start(arguments);
        // What is measured changes by the minute; the size of a node does not.
        let node = query(&simulator, "node worker-0001 -o json").json();
        let metrics = node["metrics"].as_array().unwrap().iter();
        metrics.filter(|metric| metric["operator"] == "capacity").cloned().collect::<Vec<_>>()
    };
    let first = metrics("--nodes 1 --seed 3");
    assert!(!first.is_empty());
    assert_eq!(first, metrics("--nodes 1 --seed 3"));
}

#[test]
fn the_dialect_of_load_watcher_is_found_out_and_has_no_statistics() {
    let simulator = Simulator::start("--nodes 2 --dialect load-watcher");
    assert_eq!(names(&query(&simulator, "nodes -o json").json()), ["worker-0001", "worker-0002"]);
    assert_eq!(query(&simulator, "labels").failed(69), "the load monitor publishes no statistics");
    for (flags, code) in
        [("", 1), ("--dialect load-monitor", 1), ("--without-statistics", 0), ("--dialect load-watcher", 0)]
    {
        let finished = query(&simulator, &format!("valid {flags}"));
        assert_eq!(finished.code, code, "{flags}: {}", finished.stdout);
    }
}

#[test]
fn a_monitor_without_capacities_makes_a_score_warn() {
    let simulator = Simulator::start("--nodes 2 --dialect load-watcher");
    let folder = Folder::with("policy.wasm", load_variation()).and("pod.yaml", include_str!("../../fixtures/pod.yaml"));
    let finished = folder
        .run(&format!("score policy.wasm --pod pod.yaml --dialect load-watcher --monitor {}", simulator.address()));
    assert_eq!(finished.code, 0);
    assert_eq!(
        finished.stderr,
        "warning: the load monitor publishes no capacities, so the policy does not know what the nodes offer; \
         pass --nodes FILE\n"
    );
}

#[test]
fn a_replay_is_moved_to_now() {
    let simulator = Simulator::start("--replay watcher.json");
    assert_eq!(
        simulator.first_line(),
        format!("load monitor at {} (watcher.json, its times moved to now)", simulator.address())
    );
    let live = query(&simulator, "nodes -o json").json();
    assert!(live["timestamp"].as_i64().unwrap() > 1_767_225_600);
    assert_eq!(
        live["window"]["end"].as_i64().unwrap() - live["window"]["start"].as_i64().unwrap(),
        300,
        "both ends are moved alike"
    );
    let recorded = run("query nodes -o json --metrics watcher.json").json();
    assert_eq!((&live["nodes"], &live["dropped"]), (&recorded["nodes"], &recorded["dropped"]));
    assert_eq!(query(&simulator, "valid").code, 0);
}

#[test]
fn a_replay_as_recorded_keeps_its_times() {
    let simulator = Simulator::start("--replay watcher.json --as-recorded");
    assert_eq!(simulator.first_line(), format!("load monitor at {} (watcher.json, as recorded)", simulator.address()));
    assert_eq!(query(&simulator, "nodes -o json").json()["timestamp"], 1_767_225_600);
    let valid = query(&simulator, "valid -o json");
    assert_eq!((valid.code, &valid.json()["metrics"]["state"]), (1, &json!("stale")));
}

#[test]
fn a_capture_that_is_none_is_refused() {
    let folder = Folder::with("list.json", "[]").and("empty.json", "").and("timeless.json", "{}");
    let error = folder.run("simulate --listen 127.0.0.1:0 --replay nowhere.json").failed(74);
    assert!(error.starts_with("cannot read the capture nowhere.json: "), "{error}");
    for (file, part) in [
        ("list.json", "the capture list.json is not a JSON object"),
        ("empty.json", "the capture empty.json is not a JSON object"),
        ("timeless.json", "the capture timeless.json has no `timestamp` and no `window.end`"),
    ] {
        let error = folder.run(&format!("simulate --listen 127.0.0.1:0 --replay {file}")).failed(65);
        assert!(error.starts_with(part), "{error}");
    }
}

#[test]
fn an_address_in_use_is_named() {
    let simulator = Simulator::start("--nodes 0");
    let address = simulator.address().trim_start_matches("http://");
    let error = run(&format!("simulate --listen {address}")).failed(74);
    assert!(error.starts_with(&format!("cannot listen on {address}: ")), "{error}");
}

#[test]
fn fixtures_are_what_a_load_monitor_could_have_said() {
    for name in ["watcher.json", "stale.json"] {
        let text = std::fs::read_to_string(fixture(name)).unwrap();
        assert!(text.starts_with(r#"{"timestamp": "#), "{name}");
    }
}
