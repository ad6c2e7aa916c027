#!/usr/bin/env python3
"""Begins a project in every language and of every kind with `scorelet new`, and does what that says has to be done next.

    make test-languages                      builds what is needed, and runs this
    tests/new_projects.py [LANGUAGE...]      these only; takes `scorelet` at target/debug, and wit-bindgen for C

Every line has to succeed, and the test cases of every project have to pass. Ends with 1 and what a line printed otherwise.
Tools that were installed are kept in target/new-projects/tools for the next run.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "target/new-projects"
TOOLS = FOLDER / "tools"
GUESTS = ROOT / "target/guest"

# With which lines building and testing begin; what is before is done once.
BEGINNINGS = {
    "rust": ("cargo build ", "cargo test"),
    "javascript": ("npm run build", "npm test"),
    "python": ("mkdir ", "scorelet test"),
    "c": ("wit-bindgen c ", "scorelet test"),
}
KINDS = ["per-node", "batch"]
# What set-up leaves in a project.
INSTALLED = ["node_modules", ".venv"]
# A machine that is busy is no failure. What is measured is told and not judged.
BENCH = "--nodes 5000 --time 1 --limit deadline=10s --limit compile-time=300s -o json"

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "RUSTFLAGS"} | {
    "PATH": f"{ROOT / 'target/debug'}{os.pathsep}{os.environ['PATH']}",
    "CARGO_TARGET_DIR": str(GUESTS),
    "SCORELET_CACHE": str(FOLDER / "cache"),
    "ZIG_GLOBAL_CACHE_DIR": str(FOLDER / "zig"),
    "ZIG_LOCAL_CACHE_DIR": str(FOLDER / "zig"),
}


def run(line, folder):
    """What a line of a shell printed, and how many seconds it took."""
    print(f"  {line}", flush=True)
    start = time.monotonic()
    done = subprocess.run(line, shell=True, cwd=folder, env=ENVIRONMENT, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"error: exit code {done.returncode} in {folder}:\n  {line}\n{done.stdout}{done.stderr}")
    return done.stdout, time.monotonic() - start


def run_all(lines, folder):
    """How many seconds they took together."""
    return sum(run(line, folder)[1] for line in lines)


def first(lines, beginning):
    found = [index for index, line in enumerate(lines) if line.startswith(beginning)]
    return found[0] if found else sys.exit(f"error: no line begins with {beginning!r}: {lines}")


def prove(language, kind):
    """A row of the table."""
    print(f"{language}, {kind}:", flush=True)
    # One place for both kinds, where what was installed for the first is there for the second.
    name = f"my-{language}-policy"
    project, tools = FOLDER / name, TOOLS / language
    shutil.rmtree(project, ignore_errors=True)
    answer, _ = run(f"scorelet new {name} --lang {language} --kind {kind} -o json", FOLDER)
    lines = json.loads(answer)["next"]
    if lines[0] != f"cd {name}":
        sys.exit(f"error: the first line has to be `cd {name}`: {lines}")
    build, test = (first(lines, beginning) for beginning in BEGINNINGS[language])
    for installed in filter(Path.exists, (tools / one for one in INSTALLED)):
        installed.rename(project / installed.name)
    if language == "rust":
        # Where it is built is not where the files of the project look for what was built.
        (project / "target").symlink_to(GUESTS, target_is_directory=True)

    run_all(lines[1:build], project)
    seconds = [run_all(lines[build:test], project) for _ in range(2)]
    run_all(lines[test:], project)

    policy = lines[-1].split()[2]
    size = (project / policy).stat().st_size
    measured = json.loads(run(f"scorelet bench {policy} {BENCH}", project)[0])["policy"]["p50_us"]
    for installed in filter(Path.exists, (project / one for one in INSTALLED)):
        tools.mkdir(parents=True, exist_ok=True)
        installed.rename(tools / installed.name)
    return language, kind, f"{size:,}", *(f"{second:.1f}" for second in seconds), f"{measured:,.0f}"


def main(languages):
    unknown = [language for language in languages if language not in BEGINNINGS]
    if unknown:
        sys.exit(f"error: there are only {', '.join(BEGINNINGS)}")
    TOOLS.mkdir(parents=True, exist_ok=True)
    # The first build in C is to be the first.
    shutil.rmtree(FOLDER / "zig", ignore_errors=True)
    heading = ("language", "kind", "bytes", "first build, s", "again, s", "5,000 nodes, µs")
    rows = [heading, *(prove(language, kind) for language in languages or BEGINNINGS for kind in KINDS)]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        words = [cell.ljust(width) for cell, width in zip(row[:2], widths)]
        numbers = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:])]
        print("  ".join(words + numbers))


if __name__ == "__main__":
    main(sys.argv[1:])
