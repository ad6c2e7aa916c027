//! What a project of each language consists of: files, commands, and the words of its README.

use clap::ValueEnum;

/// A language with a template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    /// With the SDK; the smallest and fastest, and with native unit tests
    #[default]
    Rust,
    /// By componentize-js
    #[value(name = "javascript")]
    JavaScript,
    /// By componentize-py
    Python,
    /// By wit-bindgen and clang
    C,
}

/// What a policy looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// One node after the other
    #[default]
    PerNode,
    /// All nodes at once, in columns: the fastest, and able to compare them
    Batch,
}

/// Path and text.
type Template = (&'static str, &'static str);

/// The text of a template.
macro_rules! template {
    ($path:literal) => {
        include_str!(concat!("templates/", $path))
    };
}

/// The contract, for toolchains that read it.
const WIT: [Template; 5] = [
    ("wit/collector.wit", include_str!("../../../../wit/collector.wit")),
    ("wit/logging.wit", include_str!("../../../../wit/logging.wit")),
    ("wit/scheduling.wit", include_str!("../../../../wit/scheduling.wit")),
    ("wit/types.wit", include_str!("../../../../wit/types.wit")),
    ("wit/world.wit", include_str!("../../../../wit/world.wit")),
];

const RUST: [Template; 3] = [
    ("Cargo.toml", template!("rust/Cargo.toml.template")),
    (".cargo/config.toml", template!("rust/config.toml")),
    (".gitignore", template!("rust/gitignore")),
];

const JAVASCRIPT: [Template; 3] = [
    ("package.json", template!("javascript/package.json")),
    ("build.mjs", template!("javascript/build.mjs")),
    (".gitignore", template!("javascript/gitignore")),
];

const PYTHON: [Template; 2] =
    [("requirements.txt", template!("python/requirements.txt")), (".gitignore", template!("python/gitignore"))];

const C: [Template; 4] = [
    ("requirements.txt", template!("c/requirements.txt")),
    ("src/settings.h", template!("c/settings.h")),
    ("src/settings.c", template!("c/settings.c")),
    (".gitignore", template!("c/gitignore")),
];

impl Language {
    /// The name in tables, JSON and flags.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::JavaScript => "javascript",
            Self::Python => "python",
            Self::C => "c",
        }
    }

    /// The files of a project, as templates.
    pub(super) fn files(self, kind: Kind) -> Vec<Template> {
        let policy = match (self, kind) {
            (Self::Rust, Kind::PerNode) => ("src/lib.rs", template!("rust/per-node.rs.template")),
            (Self::Rust, Kind::Batch) => ("src/lib.rs", template!("rust/batch.rs.template")),
            (Self::JavaScript, Kind::PerNode) => ("policy.js", template!("javascript/per-node.js")),
            (Self::JavaScript, Kind::Batch) => ("policy.js", template!("javascript/batch.js")),
            (Self::Python, Kind::PerNode) => ("src/app.py", template!("python/per-node.py")),
            (Self::Python, Kind::Batch) => ("src/app.py", template!("python/batch.py")),
            (Self::C, Kind::PerNode) => ("src/policy.c", template!("c/per-node.c")),
            (Self::C, Kind::Batch) => ("src/policy.c", template!("c/batch.c")),
        };
        let own: &[Template] = match self {
            Self::Rust => &RUST,
            Self::JavaScript => &JAVASCRIPT,
            Self::Python => &PYTHON,
            Self::C => &C,
        };
        // The SDK brings the contract.
        let contract: &[Template] = if self == Self::Rust { &[] } else { &WIT };
        let common = [
            policy,
            ("README.md", template!("common/README.md")),
            ("cases.yaml", kind.cases()),
            ("metrics.json", template!("common/metrics.json")),
            ("pod.yaml", template!("common/pod.yaml")),
        ];
        [common.as_slice(), own, contract].concat()
    }

    /// What stands for the names in the templates. In the values, names of later ones may stand.
    pub(super) fn values(self, kind: Kind, name: &str, sdk: &str) -> [(&'static str, String); 13] {
        let policy = match self {
            Self::Rust => "target/wasm32-unknown-unknown/release/{{file}}.wasm",
            Self::JavaScript | Self::Python | Self::C => "build/{{name}}.wasm",
        };
        [
            ("notes", self.notes().trim_end().to_owned()),
            ("setup", self.setup().to_owned()),
            ("build", self.build().to_owned()),
            ("test", self.test().to_owned()),
            ("about_tests", self.about_tests().to_owned()),
            ("refusals", self.refusals()),
            ("policy", policy.to_owned()),
            ("what", kind.what().to_owned()),
            ("settings", kind.settings().to_owned()),
            ("example", kind.example().to_owned()),
            ("sdk", sdk.to_owned()),
            ("file", name.replace('-', "_")),
            ("name", name.to_owned()),
        ]
    }

    /// What its README says of its files, and of what it takes.
    fn notes(self) -> &'static str {
        match self {
            Self::Rust => template!("rust/notes.md"),
            Self::JavaScript => template!("javascript/notes.md"),
            Self::Python => template!("python/notes.md"),
            Self::C => template!("c/notes.md"),
        }
    }

    /// What is done once, as lines of a shell.
    fn setup(self) -> &'static str {
        match self {
            Self::Rust => "rustup target add wasm32-unknown-unknown",
            Self::JavaScript => "npm install",
            Self::Python => {
                "python3 -m venv .venv\n\
                 .venv/bin/pip install --requirement requirements.txt"
            }
            Self::C => {
                "cargo install wit-bindgen-cli --version 0.61.1 --locked --no-default-features --features c\n\
                 python3 -m venv .venv\n\
                 .venv/bin/pip install --requirement requirements.txt"
            }
        }
    }

    /// What makes the policy, likewise.
    fn build(self) -> &'static str {
        match self {
            Self::Rust => "cargo build --release --target wasm32-unknown-unknown",
            Self::JavaScript => "npm run build",
            Self::Python => {
                "mkdir -p build\n\
                 VIRTUAL_ENV=.venv .venv/bin/componentize-py --wit-path wit --world policy componentize \
                 --python-path src app --output {{policy}}"
            }
            Self::C => {
                "wit-bindgen c wit --world policy --out-dir build/generated\n\
                 .venv/bin/python -m ziglang cc -target wasm32-wasi -mexec-model=reactor -std=c17 -O2 -Wall -Wextra \
                 -Wl,--no-entry,-z,stack-size=65536 -I build/generated src/*.c build/generated/policy.c \
                 build/generated/policy_component_type.o -o build/module.wasm\n\
                 .venv/bin/wasm-tools strip build/module.wasm -o {{policy}}"
            }
        }
    }

    /// What checks that it does what it promises, likewise.
    fn test(self) -> &'static str {
        match self {
            Self::Rust => "cargo test\nscorelet test --properties",
            Self::JavaScript => "npm test   # builds, and runs `scorelet test --properties`",
            Self::Python | Self::C => "scorelet test --properties",
        }
    }

    /// What its README says of tests in its own way.
    fn about_tests(self) -> &'static str {
        match self {
            Self::Rust => "`cargo test` runs the unit tests in `src/lib.rs`, natively and without a host. ",
            Self::JavaScript | Self::Python | Self::C => "",
        }
    }

    /// Cases of settings that are no object, as lines of YAML.
    fn refusals(self) -> String {
        let mut refused = vec!["true", "5"];
        let words = if self == Self::Rust {
            "expected struct Settings"
        } else {
            // To serde, a list has the fields in their order.
            refused.push("[]");
            "the settings have to be an object"
        };
        let case = |settings: &str| {
            let name = format!("\"{settings} is refused as settings\"");
            format!("  - name: {name}\n    settings: {settings}\n    nodes: []\n    refused: {words}")
        };
        refused.into_iter().map(case).collect::<Vec<_>>().join("\n")
    }
}

impl Kind {
    /// The name in tables, JSON and flags.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::PerNode => "per-node",
            Self::Batch => "batch",
        }
    }

    fn cases(self) -> &'static str {
        match self {
            Self::PerNode => template!("common/cases-per-node.yaml"),
            Self::Batch => template!("common/cases-batch.yaml"),
        }
    }

    /// What its policy does, in a sentence.
    fn what(self) -> &'static str {
        match self {
            Self::PerNode => "Scores a node by what is left of it: the less of its cpu and memory is used, the better.",
            Self::Batch => "Prefers nodes whose load is low and steady: the average of cpu and its deviation add up.",
        }
    }

    /// The rows of the table of settings.
    fn settings(self) -> &'static str {
        match self {
            Self::PerNode => {
                "| `full_at` | 80 | the utilisation in per cent from which on a node counts as full; 1 to 100 |"
            }
            Self::Batch => {
                "| `margin` | 1 | how many standard deviations are added to the average load; finite, at least 0 |"
            }
        }
    }

    /// Settings that differ from the defaults.
    fn example(self) -> &'static str {
        match self {
            Self::PerNode => r#"{"full_at": 60}"#,
            Self::Batch => r#"{"margin": 2}"#,
        }
    }
}
