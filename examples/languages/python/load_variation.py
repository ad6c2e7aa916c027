"""The policy `load-variation`: prefers nodes whose load is low and steady.

Formula, settings and the treatment of missing values are those of examples/policies/load-variation, whose README
explains them.
"""

import json
from math import isfinite, isnan, nan

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports.types import (
    MetricType_Cpu,
    MetricType_Memory,
    Operator_Average,
    Operator_StandardDeviation,
    Selector,
)

settings = None


class Scorer(exports.Scorer):
    """What the contract calls the interface `scorer`; the toolchain looks for a class of this name."""

    def configure(self, text):
        global settings
        if settings is not None:
            raise Err("this instance has its settings already: configure a new one")
        settings = read_settings(text)

    def score(self, pod, candidates):
        if settings is None:
            raise Err("this instance was asked to score before it was configured: call `configure` first")
        cpu = scores(candidates, MetricType_Cpu(), "cpu", pod.requests.cpu)
        memory = scores(candidates, MetricType_Memory(), "memory", pod.requests.memory)
        return [lower(of_cpu, of_memory) for of_cpu, of_memory in zip(cpu, memory)]


def scores(candidates, metric_type, resource, request):
    """The score of a resource of each candidate; NaN where its average, or what the node offers, is not known."""
    capacities = candidates.allocatable(resource)
    averages = candidates.column(Selector(metric_type, Operator_Average(), None, None))
    deviations = candidates.column(Selector(metric_type, Operator_StandardDeviation(), None, None))
    margin, sensitivity = settings
    requested = max(request, 0.0)
    exponent = exponent_of(sensitivity)

    def score(capacity, average, deviation):
        if isnan(capacity) or isnan(average):
            return nan
        if capacity <= 0.0:
            return 0.0
        # A load monitor that publishes no deviation leaves the average to decide.
        if isnan(deviation):
            deviation = 0.0
        load = clamp(average * capacity / 100.0, capacity) + requested
        mu = clamp(load / capacity, 1.0)
        sigma = clamp(clamp(deviation * capacity / 100.0 / capacity, 1.0) ** exponent * margin, 1.0)
        return (1.0 - (mu + sigma) / 2.0) * 100.0

    return map(score, capacities, averages, deviations)


def exponent_of(sensitivity):
    """The power that the deviation is taken to. A negative sensitivity takes none."""
    return 1.0 if sensitivity < 0.0 else 1.0 / sensitivity


def lower(a, b):
    """The lower one of those that were measured, 0 when none was."""
    if isnan(a):
        return 0.0 if isnan(b) else b
    return a if isnan(b) else min(a, b)


def clamp(value, most):
    # Comparisons in place of min() and max(), whose calls would be half of the time of an evaluation.
    if value < 0.0:
        return 0.0
    return most if value > most else value


def read_settings(text):
    """Margin and sensitivity."""
    known = {"margin": 1.0, "sensitivity": 1.0}
    if not text.strip():
        return tuple(known.values())
    try:
        # Members as pairs, since a dictionary would silently keep the last of a name that is given twice.
        given = json.loads(text, object_pairs_hook=Members, parse_int=number, parse_constant=refuse_constant)
    except ValueError as error:
        raise Err(f"the settings are not JSON: {error}") from None
    if given is None:
        return tuple(known.values())
    if not isinstance(given, Members):
        raise Err('the settings have to be an object, such as {"margin": 1.5}')
    seen = set()
    for name, value in given:
        if name not in known:
            raise Err(f"unknown field `{name}`, expected `margin` or `sensitivity`")
        if name in seen:
            raise Err(f"`{name}` is given twice")
        if not isinstance(value, float):
            raise Err(f"`{name}` is {value!r}: it has to be a number")
        seen.add(name)
        known[name] = value
    margin, sensitivity = known.values()
    if not (isfinite(margin) and margin >= 0.0):
        raise Err(f"`margin` is {margin:.17g}: it has to be finite and at least 0")
    if not isfinite(sensitivity) or sensitivity == 0.0:
        words = "it has to be finite and not 0; a negative one takes the deviation as it is"
        raise Err(f"`sensitivity` is {sensitivity:.17g}: {words}")
    return margin, sensitivity


class Members(list):
    """The members of a JSON object, which a JSON array is not."""


def number(digits):
    """Integers too: Python has them of any size, and those beyond a float would be an exception later."""
    return float(digits)


def refuse_constant(name):
    """Python's reader takes NaN and Infinity; JSON has neither."""
    raise ValueError(f"{name} is not a number of JSON")
