//! `demo --once`: everything at work, in one table.

use super::{constant, least_loaded, load_variation};
use scorelet_tests::program::{Folder, run};

#[test]
fn it_ranks_simulated_nodes_with_every_policy() {
    let folder = Folder::with("least-loaded.wasm", least_loaded()).and("load-variation.wasm", load_variation());
    let output = folder.run("demo --once --nodes 4 least-loaded.wasm load-variation.wasm").succeeded();
    let lines: Vec<&str> = output.lines().collect();
    assert!(lines[0].starts_with("simulated load monitor at http://127.0.0.1:"), "{output}");
    let heading = lines.iter().position(|line| line.starts_with("NODE")).unwrap();
    let columns: Vec<&str> = lines[heading].split_whitespace().collect();
    assert_eq!(columns, ["NODE", "CPU", "%", "MEM", "%", "LEAST-LOADED", "LOAD-VARIATION"]);
    let rows: Vec<Vec<&str>> =
        lines[heading + 1..heading + 5].iter().map(|line| line.split_whitespace().collect()).collect();
    let mut names: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    let scores: Vec<f64> = rows.iter().map(|row| row[3].parse().unwrap()).collect();
    assert!(scores.is_sorted_by(|left, right| left >= right), "{output}");
    names.sort_unstable();
    assert_eq!(names, ["worker-0001", "worker-0002", "worker-0003", "worker-0004"]);
    assert!(lines.last().unwrap().starts_with("snapshot 1 is valid; the slowest policy took "), "{output}");
}

#[test]
fn it_finds_the_samples_where_they_are_built() {
    let folder = Folder::with("x", "");
    std::fs::create_dir_all(folder.path().join("target/policies")).unwrap();
    std::fs::write(folder.path().join("target/policies/mine.wasm"), constant(&[1.0, 2.0])).unwrap();
    std::fs::write(folder.path().join("target/policies/notes.txt"), "not a policy").unwrap();
    let output = folder.run("demo --once --nodes 2").succeeded();
    assert!(output.contains("NODE         CPU %  MEM %  MINE\n"), "{output}");
}

#[test]
fn without_policies_it_says_how_to_get_some() {
    let folder = Folder::with("x", "");
    assert_eq!(
        folder.run("demo --once").failed(65),
        "no policies in target/policies: build the samples with `make policies`, or name .wasm files"
    );
    let error = folder.run("demo --once nowhere.wasm").failed(74);
    assert!(error.starts_with("cannot read nowhere.wasm: "), "{error}");
}

#[test]
fn a_policy_that_fails_ends_it() {
    let folder = Folder::with("short.wasm", constant(&[1.0]));
    let finished = folder.run("demo --once --nodes 2 short.wasm");
    assert_eq!(finished.code, 70);
    assert!(
        finished.stderr.starts_with("error: policy short: it gave 1 score for 2 candidates; "),
        "{}",
        finished.stderr
    );
}

#[test]
fn its_cluster_is_never_empty() {
    assert!(run("demo --once --nodes 0").failed(2).starts_with("invalid value '0'"));
}
