//! Load monitors that are down, slow or something else.

use super::load_variation;
use scorelet_tests::canned::{CannedServer, NOBODY};
use scorelet_tests::program::{Finished, Folder, Simulator, run};

fn query(server: &CannedServer, arguments: &str) -> Finished {
    run(&format!("query {arguments} --monitor {}", server.address()))
}

#[test]
fn one_that_is_down_is_named_with_advice() {
    let error = run(&format!("query nodes --monitor {NOBODY}")).failed(69);
    assert!(error.contains(NOBODY) && error.contains("check that it is running"), "{error}");

    let finished = run(&format!("query nodes -o json --monitor {NOBODY}"));
    assert_eq!(finished.code, 69);
    let answer = finished.json();
    assert_eq!(answer["error"]["kind"], "monitor-unavailable");
    assert_eq!(answer["error"]["message"], error.as_str());
    assert_eq!(finished.stderr, format!("error: {error}\n"));
}

#[test]
fn one_that_is_down_is_not_valid_for_every_reason() {
    let finished = run(&format!("query valid -o json --monitor {NOBODY}"));
    assert_eq!((finished.code, finished.stderr.as_str()), (1, ""));
    let answer = finished.json();
    assert_eq!(answer["valid"], false);
    for (check, begin) in [
        ("heartbeat", "the load monitor has never answered its health check: "),
        ("metrics", "no metrics have been received yet: "),
    ] {
        assert_eq!(answer[check]["state"], "missing");
        let reason = answer[check]["reason"].as_str().unwrap();
        assert!(reason.starts_with(begin) && reason.contains(NOBODY), "{reason}");
    }
    assert_eq!(answer["statistics"]["state"], "missing");
    assert_eq!(answer["statistics"]["reason"], "no statistics have been received yet");
}

#[test]
fn one_that_is_down_fails_a_score_after_the_files_were_read() {
    let folder = Folder::with("policy.wasm", load_variation()).and("pod.yaml", include_str!("../../fixtures/pod.yaml"));
    let error = folder.run(&format!("score policy.wasm --pod pod.yaml --monitor {NOBODY}")).failed(69);
    assert!(error.contains(NOBODY), "{error}");
    let error = folder.run(&format!("score policy.wasm --pod nowhere.yaml --monitor {NOBODY}")).failed(74);
    assert!(error.starts_with("cannot read nowhere.yaml: "), "{error}");
}

#[test]
fn statuses_are_told() {
    for (status, body) in [("404 Not Found", "no such host"), ("500 Internal Server Error", "nothing cached yet")] {
        let server = CannedServer::answering(status, "text/plain", body);
        let error = query(&server, "nodes").failed(69);
        for part in [server.address().as_str(), "/watcher", status, body] {
            assert!(error.contains(part), "{part} is not in {error}");
        }
        let finished = query(&server, "valid -o json");
        assert_eq!(finished.code, 1);
        let reason = finished.json()["metrics"]["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains(status), "{reason}");
    }
}

#[test]
fn a_web_page_is_no_load_monitor() {
    let server = CannedServer::answering("200 OK", "text/html", "<!DOCTYPE html><title>Welcome</title>");
    let error = query(&server, "nodes").failed(69);
    assert!(error.contains(&server.address()), "{error}");
    assert!(error.contains("the body is not a load monitor's document: "), "{error}");
}

#[test]
fn one_that_never_answers_is_given_up_in_time() {
    let server = CannedServer::silent();
    let error = query(&server, "nodes --timeout 0.2").failed(69);
    for part in [server.address().as_str(), "within 0.2 s", "; a longer --timeout may help"] {
        assert!(error.contains(part), "{part} is not in {error}");
    }
}

#[test]
fn data_from_one_that_fails_its_health_check_comes_with_a_warning() {
    let simulator = Simulator::start("--nodes 1 --dialect load-watcher");
    // The health check of this dialect is at another path.
    let finished = run(&format!("query nodes --dialect load-monitor --monitor {}", simulator.address()));
    assert_eq!(finished.code, 0);
    assert!(finished.stdout.contains("worker-0001"), "{}", finished.stdout);
    assert!(
        finished.stderr.starts_with("warning: the load monitor has data, and fails its health check: "),
        "{}",
        finished.stderr
    );
    assert!(finished.stderr.contains("404"), "{}", finished.stderr);
}

#[test]
fn options_that_cannot_work_are_bad_input() {
    for (arguments, part) in [
        ("--monitor ftp://host", "ftp://host"),
        ("--monitor http://user:secret@host", "password"),
        ("--monitor host --token-file nowhere", "nowhere"),
    ] {
        let finished = run(&format!("query nodes {arguments}"));
        assert_eq!((finished.code, finished.stdout.as_str()), (65, ""), "{arguments}: {}", finished.stderr);
        assert!(finished.stderr.contains(part), "{}", finished.stderr);
        assert!(!finished.stderr.contains("secret"), "{}", finished.stderr);
    }
}
