//! `bench`: what it measures, and what it makes of results that were kept.

use scorelet_tests::program::{Finished, Folder, Program};
use serde_json::Value;

use super::{constant, least_loaded, load_variation};

/// As short as can be: what matters here is what is said, and not how long it took.
const QUICK: &str = "--time 0 --nodes 3 --no-cache --results kept";

/// What the program says of itself where the tests were built without optimisation.
const UNOPTIMISED: &str = if cfg!(debug_assertions) {
    "warning: this program was built without optimisation; `make release` makes one whose times count\n"
} else {
    ""
};

fn folder() -> Folder {
    Folder::with("mine.wasm", constant(&[1.0, 2.0, 3.0])).and("other.wasm", constant(&[3.0, 2.0, 1.0]))
}

fn bench(folder: &Folder, more: &str) -> Finished {
    folder.run(&format!("bench mine.wasm {QUICK} {more}"))
}

/// Puts results into the folder where they are kept.
fn keep(folder: &Folder, name: &str, results: &str) {
    std::fs::write(folder.path().join("kept").join(name).with_extension("json"), results).unwrap();
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[test]
fn every_figure_is_measured_and_fits_the_others() {
    let answer = bench(&folder(), "--against other.wasm -o json").json();
    assert_eq!((&answer["candidates"], &answer["isolation"]), (&Value::from(3), &Value::from("fresh")));
    assert_eq!((&answer["policy"]["policy"], &answer["against"]["policy"]), (&"mine".into(), &"other".into()));
    let policy = &answer["policy"];
    assert!(policy["evaluations"].as_u64().unwrap() >= 10);
    let [p50, max] = ["p50_us", "max_us"].map(|figure| number(&policy[figure]));
    assert!(0.0 < p50 && p50 <= max, "{policy}");
    // Ten evaluations have no hundredth.
    assert_eq!(policy["p99_us"], Value::Null);
    assert!((number(&policy["ns_per_candidate"]) - p50 * 1000.0 / 3.0).abs() < 1e-6, "{policy}");
    assert!(number(&policy["per_second"]) > 0.0);
    // A page, which is all that the policy has.
    assert_eq!(policy["memory_bytes"], 65_536);
    assert!(policy["fuel"].as_u64().unwrap() > 0);
    assert_eq!(answer["against"]["fuel"], policy["fuel"]);
    let ratio = p50 / number(&answer["against"]["p50_us"]);
    assert!((number(&answer["ratio"]) - ratio).abs() < 1e-9);
    assert_eq!(answer["compared"], Value::Null);
}

#[test]
fn the_same_seed_gives_the_same_cluster_and_with_it_the_same_fuel() {
    let folder = Folder::with("mine.wasm", load_variation());
    let fuel = |seed: u32| {
        // Each power takes its own time.
        let more = format!("--seed {seed} --time 0 --nodes 100 --no-cache -o json");
        let arguments = ["bench", "mine.wasm", "--settings", r#"{"sensitivity": 2.5}"#];
        Program::new(arguments.into_iter().chain(more.split_whitespace())).in_folder(folder.path()).run().json()["policy"]["fuel"].clone()
    };
    assert_eq!(fuel(1), fuel(1));
    assert_ne!(fuel(1), fuel(2));
}

#[test]
fn people_get_a_table() {
    let finished = bench(&folder(), "--against other.wasm --isolation reuse");
    assert_eq!((finished.code, finished.stderr.as_str()), (0, UNOPTIMISED));
    let output = finished.stdout;
    assert!(output.starts_with("FIGURE "), "{output}");
    for words in ["MINE", "OTHER", "median µs", "\n3 candidates, one instance for all\nmine takes "] {
        assert!(output.contains(words), "{words}: {output}");
    }
}

#[test]
fn results_that_are_kept_are_what_later_ones_are_held_against() {
    let folder = folder();
    let saved = bench(&folder, "--save first -o json").json();
    let same = bench(&folder, "--compare first --threshold 1000000% -o json");
    assert_eq!((same.code, same.json()["policy"]["digest"].clone()), (0, saved["policy"]["digest"].clone()));
    let figures: Vec<Value> =
        same.json()["compared"].as_array().unwrap().iter().map(|figure| figure["figure"].clone()).collect();
    assert_eq!(figures, ["p50_us", "fuel", "memory_bytes"]);

    // Twice the fuel that it takes, and half.
    let fuel = saved["policy"]["fuel"].as_u64().unwrap();
    for (was, code) in [(fuel * 2, 0), (fuel / 2, 1)] {
        let mut before = saved.clone();
        before["policy"]["fuel"] = was.into();
        before["policy"]["p50_us"] = 1e9.into();
        keep(&folder, "before", &before.to_string());
        let compared = bench(&folder, "--compare before");
        assert_eq!((compared.code, compared.stderr.as_str()), (code, UNOPTIMISED), "{}", compared.stdout);
        assert_eq!(compared.stdout.contains("regressed"), code == 1, "{}", compared.stdout);
    }
}

#[test]
fn what_cannot_be_measured_or_compared_is_refused_in_words() {
    let folder = folder();
    let unknown = bench(&folder, "--compare nothing").failed(65);
    assert!(unknown.contains("there are no results \"nothing\" in kept, none were saved yet"), "{unknown}");
    assert_eq!(bench(&folder, "--save first").code, 0);
    let saved = std::fs::read_to_string(folder.path().join("kept/first.json")).unwrap();
    let first: Value = serde_json::from_str(&saved).unwrap();
    let unknown = bench(&folder, "--compare nothing").failed(65);
    assert!(unknown.contains("there are first; --save nothing keeps those of a run"), "{unknown}");
    let other = bench(&folder, "--compare first --isolation reuse").failed(65);
    assert!(other.contains("other isolation, fresh instead of reuse"), "{other}");
    let other = bench(&folder, "--compare first --seed 2").failed(65);
    assert!(other.contains("other seed, 1 instead of 2"), "{other}");
    keep(&folder, "first", "{}");
    let words = bench(&folder, "--compare first").failed(65);
    assert!(words.contains("first.json is no result of `scorelet bench --save`"), "{words}");

    for flags in ["--save ../out", "--threshold 10%", "--compare first --threshold ten", "--nodes 0", "--time -1"] {
        assert_eq!(bench(&folder, flags).code, 2, "{flags}");
    }
    let negative = saved.replace(&format!("\"p50_us\": {}", first["policy"]["p50_us"]), "\"p50_us\": -5.0");
    assert_ne!(negative, saved);
    keep(&folder, "first", &negative);
    let words = bench(&folder, "--compare first").failed(65);
    assert!(words.ends_with("it is damaged"), "{words}");

    let broken = Folder::with("mine.wasm", constant(&[1.0]));
    let failure = bench(&broken, "-o json");
    assert_eq!((failure.code, &failure.json()["error"]["kind"]), (70, &"invalid-scores".into()));
}

#[test]
fn the_cluster_is_as_large_as_it_is_asked_to_be() {
    let folder = Folder::with("mine.wasm", least_loaded());
    let answer = folder.run("bench mine.wasm --time 0 --nodes 250 --seed 7 --no-cache -o json").json();
    assert_eq!(answer["candidates"], 250);
}
