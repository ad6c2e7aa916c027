#!/usr/bin/env python3
"""Scores the same questions with `load-variation` in every language, and compares the answers with those in Rust.

    make test-languages                      builds what is needed, and runs this
    tests/languages.py [LANGUAGE...]         those of target/languages, which have to be there

Each of them has to pass the test cases of the formula too.

Scores may differ by 1e-9, since languages bring their own power function. What is refused has to be refused by all, for
the same setting. Ends with 1 and the differences, or with 1 when there was nothing to compare.
"""

import json
import random
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target/debug/scorelet"
REFERENCE = ROOT / "target/policies/load-variation.wasm"
FOLDER = ROOT / "target/languages"
INPUTS = FOLDER / "inputs"
# What every implementation of the formula has to pass.
CONFORMANCE = ROOT / "examples/policies/load-variation/cases.yaml"

LANGUAGES = ["javascript", "python", "c", "go"]

# A machine that is busy is no difference. What a language takes is measured apart, under the deadline of everybody.
PATIENCE = ["deadline=10s", "compile-time=300s"]
TOLERANCE = 1e-9
# The time at which the monitor of all generated files measured.
NOW = 1767225600
# A simulation with fewer different scores than this shows nothing.
LEAST_DIFFERENT = 100
TIMED = "5,000 nodes"
RUNS = 5


class Case:
    """One question, and what the Rust policy has to do with it, lest all of them agree in failing."""

    def __init__(
        self, name, metrics, settings="", pod=None, nodes=None, expect="scores", exact_words=False, different=1
    ):
        self.name = name
        self.metrics = metrics
        self.settings = settings
        self.pod = pod or ROOT / "examples/pod.yaml"
        self.nodes = nodes
        # "scores", or the name of the setting that is refused.
        self.expect = expect
        self.exact_words = exact_words
        self.different = different


def cases():
    small = ROOT / "tests/fixtures/watcher.json"
    some = write("300", monitor_answer(random.Random(1), 300))
    many = write("5000", monitor_answer(random.Random(2), 5000))
    edges = write("edges", edge_cases())
    large = write("large-pod", pod({"cpu": "4k", "memory": "9Ti"}))
    found = [
        Case("defaults", small),
        Case("defaults, 300 nodes", some, different=LEAST_DIFFERENT),
        Case(TIMED, many, different=LEAST_DIFFERENT),
        Case(f"{TIMED}, settings", many, '{"margin": 1.3, "sensitivity": 2.7}', different=LEAST_DIFFERENT),
        Case("missing and extreme metrics", edges, different=5),
        Case("missing and extreme metrics, settings", edges, '{"margin": 0.7, "sensitivity": 3}', different=5),
        Case("nodes that the monitor does not know", some, nodes=write("nodes", some_nodes()), different=2),
        Case("a pod without requests", some, pod=write("idle-pod", pod({})), different=LEAST_DIFFERENT),
        Case("a pod that fits nowhere", some, pod=large, different=10),
    ]
    for settings in (
        "{}",
        "null",
        " {\n\t} ",
        '{"margin": 0}',
        '{"margin": 1.5}',
        '{"margin":0.25,"sensitivity":4}',
        '{"sensitivity": 2}',
        '{"sensitivity": 0.5}',
        '{"sensitivity": -1}',
        '{"sensitivity": -0.5e1, "margin": 2E-1}',
        '{"sensitivity": 1e-300}',
        '{"sensitivity": 5e-324}',
        '{"sensitivity": 1e308}',
        '{"margin": 1e308}',
        '{"margin": 1e-320}',
        '{"margin": 123456789012345678901234567890}',
        '{"marg\\u0069n": 2, "\\u0073ensitivity": 3}',
    ):
        found.append(Case(f"settings {settings!r}", some, settings, different=2))
        found.append(Case(f"extremes and settings {settings!r}", edges, settings, different=2))
    for name, settings in (
        ("margin", '{"margin": -1}'),
        ("margin", '{"sensitivity": 2, "margin": -0.5}'),
        ("sensitivity", '{"sensitivity": 0}'),
    ):
        found.append(Case(f"refused {settings}", small, settings, expect=name, exact_words=True))
    for name, settings in (
        ("margin", '{"margin": -1e-300}'),
        ("sensitivity", '{"sensitivity": 0.0}'),
        ("sensitivity", '{"sensitivity": -0.0}'),
        ("sensitivity", '{"sensitivity": 1e-400}'),
        ("margin", '{"margin": 1e999}'),
        ("margin", '{"margin": "1"}'),
        ("margin", '{"margin": null}'),
        ("margin", '{"margin": true}'),
        ("margin", '{"margin": [1]}'),
        ("sensitivity", '{"sensitivity": {}}'),
        ("margn", '{"margn": 1}'),
        ("Margin", '{"Margin": 1}'),
        ("margin ", '{"margin ": 1}'),
        ("", '{"": 1}'),
        ("margin", '{"margin": 1, "margin": 2}'),
        ("margin", '{"margin": 1, "sensitivity": 2, "marg\\u0069n": 1}'),
    ):
        found.append(Case(f"refused {settings}", small, settings, expect=name))
    for settings in ("1", '"margin"', "true"):
        found.append(Case(f"refused {settings}", small, settings, expect=None))
    return found


def write(name, document):
    path = INPUTS / f"{name}.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def metric(kind, operator, value):
    if operator == "Capacity":
        name, rollup, unit = "kube_node_status_capacity", "Latest", {"cpu": "core", "memory": "byte"}[kind]
    else:
        name, rollup, unit = f"instance:node_{kind}:ratio", "5m", "ratio"
    return {"name": name, "type": kind, "operator": operator, "rollup": rollup, "value": value, "unit": unit}


def node(cpu=None, memory=None):
    """A node whose resources are triples of capacity, average and deviation, each of which may be missing."""
    metrics = []
    for kind, triple in (("cpu", cpu), ("memory", memory)):
        for operator, value in zip(("Capacity", "Avg", "Std"), triple or (None, None, None)):
            if value is not None:
                metrics.append(metric(kind, operator, value))
    return {"metrics": metrics, "tags": {}, "metadata": {"dataCenter": ""}}


def answer(nodes):
    """What `GET /watcher` answers."""
    statistic = {"name": "statistic", "type": "cpu", "operator": "Std", "rollup": "15d", "value": 3.05, "unit": "m"}
    return {
        "timestamp": NOW,
        "window": {"duration": "5m", "start": NOW - 300, "end": NOW},
        "source": "Prometheus",
        "data": {"NodeMetricsMap": nodes},
        "statistics": {"StatisticsMap": {"all": {"metrics": [statistic], "tags": {}, "metadata": {"dataCenter": ""}}}},
    }


def monitor_answer(generator, count):
    """A cluster in which about a tenth of the values is missing."""

    def some(value):
        return None if generator.random() < 0.1 else value

    def utilisation():
        average = generator.uniform(0, 100)
        return some(average), some(generator.uniform(0, min(average, 100 - average)))

    nodes = {}
    for index in range(count):
        cpu = some(generator.choice([2, 4, 8, 16, 64])), *utilisation()
        memory = some(generator.choice([4, 8, 16, 32, 256]) << 30), *utilisation()
        nodes[f"node-{index:05}"] = node(cpu, memory)
    return answer(nodes)


def edge_cases():
    """Every combination of missing and strange values."""
    capacities = [None, 0, 4]
    averages = [None, -40, 0, 40, 100, 400]
    deviations = [None, -5, 0, 5e-324, 36, 100, 120]
    usages = [(c, a, d) for c in capacities for a in averages for d in deviations]
    nodes = {f"cpu-{index:03}": node(cpu=usage) for index, usage in enumerate(usages)}
    nodes.update((f"memory-{index:03}", node(memory=usage)) for index, usage in enumerate(usages))
    nodes.update((f"both-{index:03}", node(usage, usages[-1 - index])) for index, usage in enumerate(usages))
    nodes["nothing"] = node()
    return answer(nodes)


def some_nodes():
    def manifest(name, allocatable):
        return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": {"allocatable": allocatable}}

    items = [manifest(f"node-{index:05}", {"cpu": "3500m", "memory": "12Gi"}) for index in range(20)]
    items += [manifest(f"node-{index:05}", {"cpu": "3500m"}) for index in range(20, 40)]
    items += [manifest(f"unknown-{index}", {"cpu": "4", "memory": "8Gi"}) for index in range(3)]
    return {"apiVersion": "v1", "kind": "List", "items": items}


def pod(requests):
    container = {"name": "main", "image": "example/main:1", "resources": {"requests": requests}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "some"}, "spec": {"containers": [container]}}


def run(policy, limits, case):
    """The document that `scorelet score` prints, of scores or of an error."""
    command = [PROGRAM, "score", policy, "--pod", case.pod, "--metrics", case.metrics, "-o", "json"]
    command += ["--cache", FOLDER / "cache", "--settings", case.settings]
    if case.nodes:
        command += ["--nodes", case.nodes]
    for limit in limits:
        command += ["--limit", limit]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        sys.exit(f"error: {policy} printed no JSON for {case.name!r}:\n{done.stdout}{done.stderr}")


def passes_conformance(policy):
    """Whether a policy passes the test cases of the formula; what fails is printed."""
    command = [PROGRAM, "test", CONFORMANCE, "--policy", policy, "--properties", "--cache", FOLDER / "cache"]
    for limit in PATIENCE:
        command += ["--limit", limit]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"DIFFERENT: {policy.name}\n{done.stdout}{done.stderr}")
    return done.returncode == 0


def check_reference(case, answer):
    """What is wrong with the case itself."""
    error = answer.get("error")
    if case.expect == "scores":
        if error:
            return [f"Rust did not score: {error['kind']}: {error['message']}"]
        different = len({score["score"] for score in answer["scores"]})
        if different < case.different:
            return [f"Rust gave {different} different scores, which shows too little: {case.different} are expected"]
    elif not error:
        return ["Rust was expected to refuse the settings"]
    elif error["kind"] != "refused-settings":
        return [f"Rust was expected to refuse the settings: {error['kind']}: {error['message']}"]
    elif case.expect is not None and f"`{case.expect}`" not in error["message"]:
        return [f"Rust's refusal does not name `{case.expect}`: {error['message']}"]
    return []


def differences(case, expected, got):
    """The differences of two answers, as lines for people, and how many scores were compared."""
    expected_error, error = expected.get("error"), got.get("error")
    if expected_error or error:
        kinds = [(failure or {"kind": "scores"})["kind"] for failure in (expected_error, error)]
        words = [words_of(failure) for failure in (expected_error, error)]
        same_words = words[0] == words[1] if case.exact_words else case.expect is None or f"`{case.expect}`" in words[1]
        if kinds[0] == kinds[1] and same_words:
            return [], 0
        return [f"Rust   {kinds[0]}: {words[0]}", f"other  {kinds[1]}: {words[1]}"], 0
    if [score["node"] for score in expected["scores"]] != [score["node"] for score in got["scores"]]:
        return ["the nodes differ, or their order"], 0
    lines = []
    for ours, theirs in zip(expected["scores"], got["scores"]):
        # Not `>`: a NaN has to differ.
        if not abs(ours["score"] - theirs["score"]) <= TOLERANCE:
            lines.append(f"{ours['node']}: Rust {ours['score']!r}, other {theirs['score']!r}")
    return lines, len(expected["scores"])


def words_of(error):
    """The policy's own words: without its name, which is that of the file."""
    return error["message"].partition("refuses its settings: ")[2] or error["message"] if error else ""


def main(languages):
    unknown = [language for language in languages if language not in LANGUAGES]
    if unknown:
        sys.exit(f"error: there are only {', '.join(LANGUAGES)}")
    policies = {language: FOLDER / f"load-variation-{language}.wasm" for language in languages or LANGUAGES}
    for path in (PROGRAM, REFERENCE, *policies.values()):
        if not path.is_file():
            sys.exit(f"error: there is no {path.relative_to(ROOT)}: run `make test-languages`")
    INPUTS.mkdir(parents=True, exist_ok=True)

    questions = cases()
    failed = sum(not passes_conformance(policy) for policy in (REFERENCE, *policies.values()))
    compared = dict.fromkeys(policies, 0)
    largest = dict.fromkeys(policies, 0.0)
    for case in questions:
        expected = run(REFERENCE, PATIENCE, case)
        problems = check_reference(case, expected)
        if problems:
            failed += 1
            print_differences(case.name, "the case", problems)
            continue
        for language, policy in policies.items():
            got = run(policy, PATIENCE, case)
            lines, scores = differences(case, expected, got)
            if lines:
                failed += 1
                print_differences(case.name, language, lines)
                continue
            compared[language] += scores
            for ours, theirs in zip(expected.get("scores", []), got.get("scores", [])):
                largest[language] = max(largest[language], abs(ours["score"] - theirs["score"]))

    refusals = sum(case.expect != "scores" for case in questions)
    for language in policies:
        print(
            f"{language}: {len(questions)} questions, {refusals} of them refused, {compared[language]} scores "
            f"compared, which differ by {largest[language]:.2g} at most"
        )
    if failed:
        sys.exit(f"error: {failed} differences")
    # Unless something differs, each has compared all nodes of each case: more than 20,000.
    if not policies or min(compared.values()) < 20_000:
        sys.exit("error: too little was compared")

    timed = next(case for case in questions if case.name == TIMED)
    for language, policy in [("rust", REFERENCE), *policies.items()]:
        answers = [run(policy, [], timed) for _ in range(RUNS)]
        reports = [answer["report"] for answer in answers if "report" in answer]
        late = f", {RUNS - len(reports)} of {RUNS} beyond the deadline" if len(reports) < RUNS else ""
        if not reports:
            print(f"{language}: {TIMED}: {answers[0]['error']['message']}")
            continue
        median = statistics.median(report["wall_us"] for report in reports)
        memory = max(report["memory_bytes"] for report in reports) / (1 << 20)
        size = policy.stat().st_size
        print(f"{language}: {TIMED} in {median:.0f} µs{late}, {memory:.1f} MiB of memory, file of {size} bytes")


def print_differences(case, who, lines):
    shown = 5
    print(f"DIFFERENT: {who}: {case}")
    for line in lines[:shown]:
        print(f"    {line}")
    if len(lines) > shown:
        print(f"    and {len(lines) - shown} more")


if __name__ == "__main__":
    main(sys.argv[1:])
