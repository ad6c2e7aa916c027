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
# Paths of the machine have no place in a policy, and would make its digest differ from machine to machine.
REMAP := --remap-path-prefix=$(HOME)=/home --remap-path-prefix=$(CURDIR)=/scorelet

export RUST_BACKTRACE ?= 0

.PHONY: help targets build release policies wasip2 demo hostile test format lint unit library docs clean

help:
	@echo 'make demo       build everything and show it at work; ends by itself with ARGS=--once'
	@echo 'make test       format, lints, all tests, documentation: what CI runs'
	@echo 'make build      the program, at target/debug/scorelet'
	@echo 'make release    the program, optimised, at target/release/scorelet'
	@echo 'make policies   the sample policies, at target/policies/NAME.wasm'
	@echo 'make hostile    every hostile policy a thousand times in one process, or ROUNDS=20 times'

# rustup's automatic install may be switched off, so the targets are asked for by name.
targets:
	@rustup target add $(WASM) wasm32-wasip2 >/dev/null 2>&1 || rustup target add $(WASM) wasm32-wasip2

# The whole workspace, as the tests build it: a part of it would have other features, and compile wasmtime again.
build:
	$(CARGO) build --workspace

release:
	$(CARGO) build --package scorelet-host --release

policies: targets
	RUSTFLAGS='$(REMAP)' $(CARGO) build --profile policy --target $(WASM) --target-dir $(GUESTS) \
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

test: format lint policies unit library docs

format:
	$(CARGO) fmt --all --check

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

clean:
	$(CARGO) clean
