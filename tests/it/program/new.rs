//! `new`: the beginning of a policy in every language and kind; in Rust, one that is built, tested and scored with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use scorelet_tests::program::{Finished, Folder, Program};

/// Each language, and the file that the policy is in.
const LANGUAGES: [(&str, &str); 4] =
    [("rust", "src/lib.rs"), ("javascript", "policy.js"), ("python", "src/app.py"), ("c", "src/policy.c")];
const KINDS: [&str; 2] = ["per-node", "batch"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn new_in(folder: &Path, arguments: &[&str]) -> Finished {
    Program::new([&["new"][..], arguments].concat()).in_folder(folder).run()
}

/// Makes a project, and tells what was said of it.
fn make_in(folder: &Path, arguments: &[&str]) -> String {
    new_in(folder, arguments).succeeded()
}

/// A folder with one file in it, for projects beside that.
fn somewhere() -> Folder {
    Folder::with("mine.txt", "mine")
}

/// The paths of all files below a folder, in byte order.
fn files(folder: &Path) -> Vec<String> {
    fn collect(folder: &Path, below: &Path, files: &mut Vec<String>) {
        for entry in fs::read_dir(below).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(folder, &path, files);
            } else {
                files.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut files_below = Vec::new();
    collect(folder, folder, &mut files_below);
    files_below.sort();
    files_below
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn every_language_and_kind_has_its_files_with_the_name_in_them() {
    for (language, policy) in LANGUAGES {
        for kind in KINDS {
            let place = somewhere();
            let arguments = ["my-policy", "--lang", language, "--kind", kind, "-o", "json"];
            let answer: Value = serde_json::from_str(&make_in(place.path(), &arguments)).unwrap();
            let project = place.path().join("my-policy");
            assert_eq!(answer["files"], json!(files(&project)), "{language} {kind}");
            assert_eq!((&answer["name"], &answer["folder"]), (&json!("my-policy"), &json!("my-policy")));
            assert_eq!((&answer["language"], &answer["kind"]), (&json!(language), &json!(kind)));
            for name in files(&project) {
                assert!(!read(&project, &name).contains("{{"), "{language} {kind}: {name} is not filled in");
            }
            for name in [policy, "README.md"] {
                assert!(read(&project, name).contains("my-policy"), "{language} {kind}: {name}");
            }
            let compiled = if language == "rust" {
                "target/wasm32-unknown-unknown/release/my_policy.wasm"
            } else {
                "build/my-policy.wasm"
            };
            assert!(read(&project, "cases.yaml").contains(&format!("\npolicy: {compiled}\n")));
            let score = format!("scorelet score {compiled} --pod pod.yaml --metrics metrics.json");
            assert!(read(&project, "README.md").contains(&score));
            assert_eq!(answer["next"].as_array().unwrap().last(), Some(&json!(score)));
        }
    }
}

#[test]
fn nothing_else_is_left_in_the_folder() {
    let place = somewhere();
    let output = make_in(place.path(), &["my-policy", "--lang", "python"]);
    assert!(output.starts_with("created my-policy, a policy in python (per-node):\n  .gitignore\n"), "{output}");
    assert!(output.contains("\n\nnext:\n  cd my-policy\n  python3 -m venv .venv\n"), "{output}");
    let mut names: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["mine.txt", "my-policy"]);
}

#[test]
fn other_languages_than_rust_get_the_contract() {
    let place = somewhere();
    for (language, _) in LANGUAGES {
        make_in(place.path(), &[language, "--lang", language]);
        let contract = place.path().join(language).join("wit");
        if language == "rust" {
            assert!(!contract.exists());
            continue;
        }
        assert_eq!(files(&contract), files(&root().join("wit")), "{language}");
        for name in files(&contract) {
            assert_eq!(read(&contract, &name), read(&root().join("wit"), &name), "{language}");
        }
    }
}

#[test]
fn tools_have_the_versions_of_the_examples() {
    let place = somewhere();
    for (language, file) in [("python", "requirements.txt"), ("c", "requirements.txt"), ("javascript", "package.json")]
    {
        make_in(place.path(), &[language, "--lang", language]);
        let (ours, example) =
            (read(&place.path().join(language), file), read(&root().join("examples/languages").join(language), file));
        if file == "package.json" {
            let tools = |text: &str| serde_json::from_str::<Value>(text).unwrap()["devDependencies"].clone();
            assert_eq!(tools(&ours), tools(&example));
        } else {
            assert_eq!(ours, example, "{language}");
        }
    }
    let generator = read(&root(), "Makefile");
    let version = generator.lines().find_map(|line| line.strip_prefix("WIT_BINDGEN_VERSION := ")).unwrap();
    assert!(read(&place.path().join("c"), "README.md").contains(&format!("wit-bindgen-cli --version {version} ")));
}

#[test]
fn what_is_no_object_is_refused_as_settings() {
    let place = somewhere();
    for (language, _) in LANGUAGES {
        make_in(place.path(), &[language, "--lang", language]);
        let cases = read(&place.path().join(language), "cases.yaml");
        // To serde, a list has the fields in their order.
        for settings in ["true", "5", "[]"].iter().filter(|settings| language != "rust" || **settings != "[]") {
            let refused = format!("\n    settings: {settings}\n    nodes: []\n    refused: ");
            assert!(cases.contains(&refused), "{language}: {cases}");
        }
    }
}

/// What a name has to be.
const ADVICE: &str = "is no name for a policy: it may have lower-case letters, digits and `-`, begins with a letter, and \
                      has 64 characters at most, such as `my-policy`";

#[test]
fn a_name_is_one_that_a_crate_can_have() {
    let place = somewhere();
    let long = "a".repeat(65);
    for name in ["My-Policy", "my_policy", "1st", "-", "pölicy", "my policy", "..", "a/..", long.as_str()] {
        // What begins with a hyphen is a name too, behind this.
        let error = new_in(place.path(), &["--", name]).failed(2);
        assert_eq!(error, format!("`{name}` {ADVICE}"));
    }
    for name in ["fn", "core", "scorelet-guest"] {
        let error = new_in(place.path(), &[name]).failed(2);
        assert_eq!(error, format!("`{name}` means something else to Rust; choose another name"));
    }
    assert_eq!(files(place.path()), ["mine.txt"]);
    make_in(place.path(), &["core", "--lang", "c"]);
}

#[test]
fn of_a_path_the_last_part_is_the_name() {
    let place = somewhere();
    let output = make_in(place.path(), &["my policies/those/steady", "--lang", "c"]);
    assert!(output.contains("\n  cd 'my policies/those/steady'\n"), "{output}");
    assert!(read(&place.path().join("my policies/those/steady"), "README.md").starts_with("# steady\n"));
    let error = new_in(place.path(), &["mine.txt/steady"]).failed(74);
    assert!(error.starts_with("cannot look into mine.txt/steady: "), "{error}");
}

#[test]
fn a_point_is_the_folder_that_one_is_in() {
    let place = somewhere();
    let (mine, other) = (place.path().join("mine"), place.path().join("Other"));
    fs::create_dir(&mine).unwrap();
    let output = make_in(&mine, &[".", "--lang", "python"]);
    assert!(output.contains("\n\nnext:\n  python3 -m venv .venv\n"), "{output}");
    assert!(read(&mine, "README.md").starts_with("# mine\n"));
    fs::create_dir(&other).unwrap();
    assert_eq!(new_in(&other, &["."]).failed(2), format!("`Other` {ADVICE}"));
    let full = "this folder is not empty; nothing was written: name a new one";
    assert_eq!(new_in(&mine, &[".", "--lang", "python"]).failed(2), full);
}

#[test]
fn what_is_there_is_never_overwritten() {
    let place = somewhere();
    let mine = place.path().join("mine");
    fs::create_dir(&mine).unwrap();
    make_in(place.path(), &["mine"]);
    fs::write(mine.join("README.md"), "changed").unwrap();
    let error = new_in(place.path(), &["mine", "--lang", "c"]).failed(2);
    let words = "nothing was written: choose another name, or remove it";
    assert_eq!(error, format!("mine is there already, and not empty; {words}"));
    assert_eq!(read(&mine, "README.md"), "changed");
    assert!(!mine.join("src/policy.c").exists());
    fs::write(place.path().join("file"), "").unwrap();
    assert_eq!(new_in(place.path(), &["file"]).failed(2), format!("file is a file; {words}"));
}

#[cfg(unix)]
#[test]
fn an_empty_folder_is_filled_and_stays_what_it_is() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    let place = somewhere();
    let (mine, link, nowhere) = (place.path().join("mine"), place.path().join("link"), place.path().join("nowhere"));
    fs::create_dir(&mine).unwrap();
    fs::set_permissions(&mine, fs::Permissions::from_mode(0o750)).unwrap();
    let before = fs::metadata(&mine).unwrap();
    symlink(&mine, &link).unwrap();
    make_in(place.path(), &["link", "--lang", "python"]);
    let after = fs::metadata(&mine).unwrap();
    assert_eq!((after.ino(), after.mode()), (before.ino(), before.mode()));
    assert!(link.is_symlink() && read(&mine, "README.md").starts_with("# link\n"));

    symlink(place.path().join("nothing"), &nowhere).unwrap();
    let error = new_in(place.path(), &["nowhere"]).failed(2);
    let words = "nothing was written: choose another name, or remove it";
    assert_eq!(error, format!("nowhere is a symbolic link to nothing; {words}"));
}

#[test]
fn the_sdk_is_that_of_the_checkout_or_one_that_is_named() {
    let place = somewhere();
    let sdk = root().join("guest");
    let by_path = sdk.join("../guest");
    for (name, more) in [("of-checkout", vec![]), ("by-path", vec!["--sdk", by_path.to_str().unwrap()])] {
        let output = make_in(place.path(), &[vec![name], more].concat());
        assert!(output.contains(&format!("\n\nthe SDK is in {}\n\nnext:\n", sdk.display())), "{output}");
        let manifest = read(&place.path().join(name), "Cargo.toml");
        assert!(manifest.contains(&format!("\nscorelet-guest = {{ path = {sdk:?} }}\n")), "{manifest}");
    }
}

#[cfg(unix)]
#[test]
fn a_program_without_a_checkout_asks_for_the_sdk() {
    let place = somewhere();
    let error = Program::new(["new", "mine"]).in_folder(place.path()).copied_to(place.path()).run().failed(2);
    assert_eq!(
        error,
        "policies in Rust take the SDK, which is not on crates.io yet: pass --sdk PATH with the folder `guest` of a \
         checkout of Scorelet"
    );
    assert!(!place.path().join("mine").exists());
}

#[test]
fn a_folder_that_is_not_the_sdk_is_refused() {
    let place = somewhere();
    let host = root().join("host");
    assert_eq!(
        new_in(place.path(), &["mine", "--sdk", host.to_str().unwrap()]).failed(65),
        format!(
            "{} is not that of scorelet-guest; pass the folder `guest` of a checkout of Scorelet as --sdk",
            host.join("Cargo.toml").display()
        )
    );
    let error = new_in(place.path(), &["mine", "--sdk", "nowhere"]).failed(74);
    assert!(error.starts_with("--sdk names no crate: cannot read nowhere/Cargo.toml: "), "{error}");
    let sdk = root().join("guest");
    let error = new_in(place.path(), &["mine", "--lang", "c", "--sdk", sdk.to_str().unwrap()]).failed(2);
    assert_eq!(error, "--sdk is for policies in Rust; those in other languages get the contract in `wit/` instead");
    let finished = new_in(place.path(), &["Mine", "-o", "json"]);
    assert_eq!((finished.code, &finished.json()["error"]["kind"]), (2, &json!("usage")));
    assert_eq!(files(place.path()), ["mine.txt"]);
}

#[test]
fn a_project_in_rust_can_be_tested_built_and_scored_with() {
    // At the same place each time, so that what was compiled is found again.
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new");
    if place.exists() {
        fs::remove_dir_all(&place).unwrap();
    }
    fs::create_dir_all(&place).unwrap();
    let sdk = root().join("guest");
    for (kind, scores) in [("per-node", [25.0, 0.0, 50.0]), ("batch", [30.0, 5.0, 76.0])] {
        let name = format!("new-{kind}");
        make_in(&place, &[&name, "--kind", kind, "--sdk", sdk.to_str().unwrap()]);
        let project = place.join(&name);
        // Only what this repository uses was downloaded.
        fs::copy(root().join("Cargo.lock"), project.join("Cargo.lock")).unwrap();
        cargo(&project, &["test", "--offline"]);
        cargo(&project, &["build", "--offline", "--release", "--target", "wasm32-unknown-unknown"]);

        // To where the files of the project have it, since it was built elsewhere.
        let policy = format!("target/wasm32-unknown-unknown/release/{}.wasm", name.replace('-', "_"));
        let built = root().join("target/guest").join(policy.trim_start_matches("target/"));
        fs::create_dir_all(project.join(&policy).parent().unwrap()).unwrap();
        fs::copy(built, project.join(&policy)).unwrap();

        let inspection = Program::new(["inspect", &policy, "-o", "json"]).in_folder(&project).run();
        let _ = inspection.clone().succeeded();
        let inspection = inspection.json();
        assert_eq!((&inspection["runnable"], &inspection["wasi"]), (&json!(true), &json!(null)), "{kind}");
        assert_eq!(inspection["metadata"]["version"], "0.1.0", "{kind}");
        assert!(inspection["metadata"]["description"].as_str().unwrap().ends_with('.'), "{kind}");

        let report = Program::new(["test", "--properties", "-o", "json"]).in_folder(&project).run();
        let _ = report.clone().succeeded();
        assert_eq!(report.json()["failed"], 0, "{kind}");
        assert!(report.json()["passed"].as_u64().unwrap() >= 8, "{kind}");

        let arguments = ["score", &policy, "--pod", "pod.yaml", "--metrics", "metrics.json", "-o", "json"];
        let answer = Program::new(arguments).in_folder(&project).run().succeeded();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let found: Vec<_> = answer["scores"].as_array().unwrap().iter().map(|score| &score["score"]).collect();
        assert_eq!(json!(found), json!(scores), "{kind}: {answer}");
    }
}

/// Runs cargo in a project, with the target folder of the repository's guests: what they compiled is there.
fn cargo(project: &Path, arguments: &[&str]) {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(program)
        .args(arguments)
        .current_dir(project)
        .env("CARGO_TARGET_DIR", root().join("target/guest"))
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        // rustc would read what is there as a program.
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
