# What people and CI do with this repository. `make` alone lists it.

CARGO ?= cargo
# Everything below names files by this folder, wherever cargo would put them otherwise.
export CARGO_TARGET_DIR := $(CURDIR)/target
WASM := wasm32-unknown-unknown
# Guests have a target folder of their own, so that tests can build them while cargo holds the lock on the first one.
GUESTS := target/guest
POLICIES := $(sort $(patsubst examples/policies/%/Cargo.toml,%,$(wildcard examples/policies/*/Cargo.toml)))
# Policies for tests only.
PROBES := $(sort $(patsubst tests/guests/%/Cargo.toml,%,$(wildcard tests/guests/*/Cargo.toml)))
# Those of them that are about WASI.
WASI_PROBES := ordinary
# Two nodes at a time, and memory that holds the columns of large clusters without growing; what that is worth stands in
# host/src/docs/performance.md.
FAST := -C target-feature=+simd128 -C link-arg=--initial-memory=4194304
# Paths of the machine have no place in a policy, and would make its digest differ from machine to machine.
REMAP := --remap-path-prefix=$(HOME)=/home --remap-path-prefix=$(CURDIR)=/scorelet

export RUST_BACKTRACE ?= 0

.PHONY: help targets build release policies wasip2 demo hostile bench bench-results test format lint unit library docs fuzz \
	fuzz-build languages test-languages clean

help:
	@echo 'make demo       build everything and show it at work; ends by itself with ARGS=--once'
	@echo 'make test       format, lints, all tests, documentation: what CI runs'
	@echo 'make build      the program, at target/debug/scorelet'
	@echo 'make release    the program, optimised, at target/release/scorelet'
	@echo 'make policies   the sample policies, at target/policies/NAME.wasm'
	@echo 'make bench      what evaluations, ingestion, loading and reading take; ten minutes on a quiet machine'
	@echo 'make bench-results   the table of results in host/src/docs/performance.md, from the last bench'
	@echo 'make hostile    every hostile policy a thousand times in one process, or ROUNDS=20 times'
	@echo 'make languages  the policy load-variation in other languages; takes npm, Python and their registries'
	@echo 'make test-languages   these against the one in Rust, and what `scorelet new` makes; .ci/languages runs it'
	@echo 'make fuzz       bytes of strangers against the host, for FUZZ_SECONDS=60 each; takes nightly Rust'

# rustup's automatic install may be switched off, so the targets are asked for by name.
targets:
	@rustup target add $(WASM) wasm32-wasip2 >/dev/null 2>&1 || rustup target add $(WASM) wasm32-wasip2

# The whole workspace, as the tests build it: a part of it would have other features, and compile wasmtime again.
build:
	$(CARGO) build --workspace

release:
	$(CARGO) build --package scorelet-host --release

policies: targets
	RUSTFLAGS='$(REMAP) $(FAST)' $(CARGO) build --profile policy --target $(WASM) --target-dir $(GUESTS) \
		$(POLICIES:%=--package %) $(patsubst %,--package %,$(filter-out $(WASI_PROBES),$(PROBES)))
	@mkdir -p target/policies target/probes
	@for name in $(POLICIES); do \
		cp $(GUESTS)/$(WASM)/policy/$$(echo $$name | tr - _).wasm target/policies/$$name.wasm || exit 1; \
	done
	@for name in $(filter-out $(WASI_PROBES),$(PROBES)); do \
		cp $(GUESTS)/$(WASM)/policy/$$(echo $$name | tr - _).wasm target/probes/$$name.wasm || exit 1; \
	done

# For tests only: the sample policies again, as those build theirs who use another toolchain's target.
wasip2: targets
	RUSTFLAGS='$(REMAP)' $(CARGO) build --profile policy --target wasm32-wasip2 --target-dir $(GUESTS) \
		$(POLICIES:%=--package %) $(WASI_PROBES:%=--package %)
	@mkdir -p target/wasip2 target/probes
	@for name in $(POLICIES); do \
		cp $(GUESTS)/wasm32-wasip2/policy/$$(echo $$name | tr - _).wasm target/wasip2/$$name.wasm || exit 1; \
	done
	@for name in $(WASI_PROBES); do \
		cp $(GUESTS)/wasm32-wasip2/policy/$$(echo $$name | tr - _).wasm target/probes/$$name.wasm || exit 1; \
	done

demo: build policies
	target/debug/scorelet demo $(ARGS)

# What is freed goes back to the system at once, so that memory in use is what is still held.
ROUNDS ?= 1000
hostile: build policies
	MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=131072 target/debug/hostile $(ROUNDS)

# What an earlier run left would get between the results of this one.
bench: policies
	rm -rf target/criterion target/performance
	$(CARGO) bench --package scorelet-tests

bench-results: build
	target/debug/performance

test: format lint policies unit library docs

format:
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path tests/fuzz/Cargo.toml --check

# Guests twice: half of the SDK exists in WebAssembly only.
lint: targets
	$(CARGO) clippy --workspace --all-targets -- --deny warnings
	$(CARGO) clippy --target $(WASM) --target-dir $(GUESTS) --package scorelet-guest $(POLICIES:%=--package %) -- --deny warnings

# The program is built first: the tests run it.
unit: build policies wasip2
	$(CARGO) test --workspace

# The library alone: neither a command line nor a subscriber, which are the embedder's to choose.
PROGRAM_CRATES := axum|clap|comfy-table|k8s-openapi|serde-saphyr|tracing-subscriber
library:
	$(CARGO) clippy --package scorelet-host --lib --no-default-features -- --deny warnings
	$(CARGO) tree --package scorelet-host --no-default-features --edges normal --prefix none > target/library-crates
	@grep -q '^wasmtime ' target/library-crates
	@if grep -E '^($(PROGRAM_CRATES)) ' target/library-crates; then \
		echo 'error: the library without default features depends on crates of the program'; exit 1; \
	fi

docs:
	RUSTDOCFLAGS='--deny warnings' $(CARGO) doc --workspace --no-deps

# One target for each kind of bytes that strangers hand over; `fuzz-NAME` runs one of them. With ARGS, these take the
# place of the time and the seeds: CONTRIBUTING.md says how to run an input again, and how to make it smaller.
FUZZ_SECONDS ?= 60
FUZZERS := $(sort $(patsubst tests/fuzz/%.rs,%,$(wildcard tests/fuzz/*.rs)))
FUZZ_BINARIES = target/fuzz/$(shell rustc --version --verbose | sed -n 's/^host: //p')/release
# The longest input is several times the largest seed.
FUZZ_FLAGS := -max_len=16384 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1

fuzz: $(FUZZERS:%=fuzz-%)

# Without a sanitizer: none of our code that runs here is `unsafe`, and it does not get on with the address space that
# wasmtime reserves and the signals that it handles. Overflows and assertions are checked all the same.
fuzz-build:
	@$(CARGO) +nightly fuzz --version >/dev/null 2>&1 || { \
		echo 'error: fuzzing takes nightly Rust and cargo-fuzz:' >&2; \
		echo '  rustup toolchain install nightly && cargo install cargo-fuzz' >&2; exit 1; }
	RUSTC_WRAPPER=$(CURDIR)/tests/fuzz/rustc.sh \
		$(CARGO) +nightly fuzz build --fuzz-dir tests/fuzz --target-dir target/fuzz --sanitizer none

$(FUZZERS:%=fuzz-%): fuzz-%: fuzz-build
	@mkdir -p target/fuzz/corpus/$* target/fuzz/artifacts/$*
	@echo '$*: the log is target/fuzz/$*.log'
	@$(FUZZ_BINARIES)/$* $(FUZZ_FLAGS) -dict=tests/fuzz/$*.dict -artifact_prefix=target/fuzz/artifacts/$*/ \
		$(or $(ARGS),-max_total_time=$(FUZZ_SECONDS) target/fuzz/corpus/$* $(wildcard tests/fuzz/seeds/$*) tests/fixtures) \
		>target/fuzz/$*.log 2>&1 || { tail -n 40 target/fuzz/$*.log; exit 1; }
	@tail -n 12 target/fuzz/$*.log

# The policy `load-variation` in other languages. Their tools come from npm and PyPI, so `make test` does without them.
# Everything that is installed lies in target/languages; what was installed once is installed again only when its versions
# change.
LANGUAGES := target/languages
LANGUAGE_NAMES := javascript python c go
WIT := $(wildcard wit/*.wit)
PYTHON ?= python3

languages: $(LANGUAGE_NAMES:%=$(LANGUAGES)/load-variation-%.wasm)

# Folders of packages are found from where a script is, so the script goes where they are.
$(LANGUAGES)/javascript/installed: $(addprefix examples/languages/javascript/,package.json package-lock.json build.mjs)
	@mkdir -p $(@D)
	cp $^ $(@D)
	npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund
	@touch $@

$(LANGUAGES)/load-variation-javascript.wasm: examples/languages/javascript/policy.js $(LANGUAGES)/javascript/installed $(WIT)
	node $(LANGUAGES)/javascript/build.mjs wit $< $@

$(addprefix $(LANGUAGES)/,python/installed c/installed go/installed): $(LANGUAGES)/%/installed: examples/languages/%/requirements.txt
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# From a copy, because compiled Python is left beside the source.
$(LANGUAGES)/load-variation-python.wasm: examples/languages/python/load_variation.py $(LANGUAGES)/python/installed $(WIT)
	@mkdir -p $(LANGUAGES)/python/source
	cp $< $(LANGUAGES)/python/source
	$(LANGUAGES)/python/bin/componentize-py --quiet --wit-path wit --world policy \
		componentize --stub-wasi --python-path $(LANGUAGES)/python/source load_variation --output $@

# The generator of C for the contract, of the family that the SDK uses. It is in neither npm nor PyPI.
WIT_BINDGEN_VERSION := 0.61.1
WIT_BINDGEN := $(LANGUAGES)/wit-bindgen-$(WIT_BINDGEN_VERSION)

$(WIT_BINDGEN)/bin/wit-bindgen:
	$(CARGO) install wit-bindgen-cli --version $(WIT_BINDGEN_VERSION) --locked --no-default-features --features c \
		--root $(WIT_BINDGEN) --target-dir $(WIT_BINDGEN)/build

# Zig brings clang, and builds the C library on first use: its cache has a place here too.
$(LANGUAGES)/load-variation-c.wasm: $(wildcard examples/languages/c/*.[ch]) $(LANGUAGES)/c/installed \
		$(WIT_BINDGEN)/bin/wit-bindgen $(WIT)
	$(WIT_BINDGEN)/bin/wit-bindgen c wit --world policy --out-dir $(LANGUAGES)/c/generated
	ZIG_GLOBAL_CACHE_DIR=$(LANGUAGES)/c/cache ZIG_LOCAL_CACHE_DIR=$(LANGUAGES)/c/cache \
		$(LANGUAGES)/c/bin/python -m ziglang cc -target wasm32-wasi -mexec-model=reactor -std=c17 -O2 -Wall -Wextra -Werror \
		-Wl,--no-entry,--strip-all,-z,stack-size=65536 -I $(LANGUAGES)/c/generated \
		examples/languages/c/*.c $(LANGUAGES)/c/generated/policy.c $(LANGUAGES)/c/generated/policy_component_type.o \
		-o $(LANGUAGES)/c/module.wasm
	$(LANGUAGES)/c/bin/wasm-tools component new $(LANGUAGES)/c/module.wasm -o $@

# Go asks nobody for anything, and keeps what it makes below target/. `-trimpath`: paths of the machine have no place here.
GO := GOTOOLCHAIN=local GOPROXY=off GOENV=off GOFLAGS= GOCACHE=$(CURDIR)/$(LANGUAGES)/go/cache \
	XDG_CONFIG_HOME=$(CURDIR)/$(LANGUAGES)/go/config GOOS=wasip1 GOARCH=wasm $(LANGUAGES)/go/bin/go
INERT := examples/languages/go/inert

$(LANGUAGES)/load-variation-go.wasm: $(wildcard examples/languages/go/*.go $(INERT)/*) examples/languages/go/go.mod \
		$(LANGUAGES)/go/installed $(WIT)
	$(GO) build -C examples/languages/go -buildmode=c-shared -trimpath -ldflags='-s -w' -o $(CURDIR)/$(LANGUAGES)/go/module.wasm .
	$(LANGUAGES)/go/bin/wasm-tools component embed wit $(LANGUAGES)/go/module.wasm --world policy -o $(LANGUAGES)/go/typed.wasm
	$(LANGUAGES)/go/bin/wasm-tools component embed $(INERT)/world.wit $(INERT)/inert.wat --world inert \
		-o $(LANGUAGES)/go/inert.wasm
	$(LANGUAGES)/go/bin/wasm-tools component new $(LANGUAGES)/go/typed.wasm \
		--adapt wasi_snapshot_preview1=$(LANGUAGES)/go/inert.wasm -o $@

test-languages: build policies languages
	$(PYTHON) tests/languages.py
	PATH=$(CURDIR)/$(WIT_BINDGEN)/bin:$$PATH CARGO_INSTALL_ROOT=$(CURDIR)/$(WIT_BINDGEN) $(PYTHON) tests/new_projects.py

clean:
	$(CARGO) clean
