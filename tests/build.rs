//! Tells the tests where the guests are that `make policies` built, and makes sure that each of them has a test.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let manifest = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let root = Path::new(&manifest).join("..").canonicalize()?;
    let samples = root.join("examples/policies");
    println!("cargo::rerun-if-changed={}", samples.display());
    let mut names: Vec<String> = fs::read_dir(&samples)?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()?;
    names.retain(|name| samples.join(name).join("Cargo.toml").is_file());
    names.sort();

    let mut code = String::new();
    for name in &names {
        let constant = name.replace('-', "_").to_uppercase();
        let path = root.join("target/policies").join(format!("{name}.wasm")).to_string_lossy().into_owned();
        writeln!(code, "/// The sample policy `{name}`, compiled.\npub const {constant}: &str = {path:?};")
            .map_err(io::Error::other)?;
    }
    code.push_str("/// Hands the name of each sample policy to a macro, as an identifier.\n#[macro_export]\n");
    code.push_str("macro_rules! for_each_sample_policy {\n    ($with:ident) => {\n");
    for name in &names {
        writeln!(code, "        $with!({});", name.replace('-', "_")).map_err(io::Error::other)?;
    }
    code.push_str("    };\n}\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("artifacts.rs"), code)
}
