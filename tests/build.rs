//! Tells the tests where the guests are that `make policies` built, and makes sure that each sample has a test.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let manifest = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let root = Path::new(&manifest).join("..").canonicalize()?;
    let samples = crates_in(&root.join("examples/policies"))?;
    let probes = crates_in(&root.join("tests/guests"))?;

    let mut code = String::new();
    for (names, folder) in [(&samples, "target/policies"), (&probes, "target/probes")] {
        for name in names {
            let constant = name.replace('-', "_").to_uppercase();
            let path = root.join(folder).join(format!("{name}.wasm")).to_string_lossy().into_owned();
            writeln!(code, "/// The policy `{name}`, compiled.\npub const {constant}: &str = {path:?};")
                .map_err(io::Error::other)?;
        }
    }
    code.push_str("/// The sample policies, each compiled for wasm32-unknown-unknown and for wasm32-wasip2.\n");
    code.push_str("pub const SAMPLES_OF_BOTH_TARGETS: &[[&str; 2]] = &[\n");
    for name in &samples {
        let path = |folder| root.join(folder).join(format!("{name}.wasm")).to_string_lossy().into_owned();
        writeln!(code, "    [{:?}, {:?}],", path("target/policies"), path("target/wasip2"))
            .map_err(io::Error::other)?;
    }
    code.push_str("];\n/// Hands the name of each sample policy to a macro, as an identifier.\n#[macro_export]\n");
    code.push_str("macro_rules! for_each_sample_policy {\n    ($with:ident) => {\n");
    for name in &samples {
        writeln!(code, "        $with!({});", name.replace('-', "_")).map_err(io::Error::other)?;
    }
    code.push_str("    };\n}\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("artifacts.rs"), code)
}

/// The names of the crates in a folder.
fn crates_in(folder: &Path) -> io::Result<Vec<String>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.join("Cargo.toml").is_file()) {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
