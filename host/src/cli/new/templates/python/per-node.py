"""The policy `{{name}}`: the less a node does, the better it scores."""

import json
from math import isnan

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports.types import MetricType_Cpu, MetricType_Memory, Operator_Average, Selector

# What can be set, with its default.
settings = {
    # The utilisation in per cent from which on a node counts as full.
    "full_at": 80,
}


def score_node(pod, cpu, memory):
    """The score of one node, 0 to 100, from its average load in per cent. What was not measured is NaN."""
    used = worse(cpu, memory)
    # Nobody knows what a node does that was not measured: it comes last.
    if isnan(used):
        return 0.0
    full_at = settings["full_at"]
    return 100.0 * (min(max(full_at - used, 0.0), full_at) / full_at)


def worse(a, b):
    """The higher one of those that were measured."""
    if isnan(a):
        return b
    return b if b > a else a


class Scorer(exports.Scorer):
    """What a policy exports, by the names of the contract in `wit/`."""

    def configure(self, text):
        """Takes the settings, as JSON; the empty string asks for the defaults. An `Err` refuses them, in words."""
        take(text)
        full_at = settings["full_at"]
        if not 1 <= full_at <= 100:
            raise Err(f"`full_at` is {json.dumps(full_at)}: it has to be within 1 to 100 per cent")

    def score(self, pod, candidates):
        """Every candidate's score, in their order."""
        cpu = candidates.column(Selector(MetricType_Cpu(), Operator_Average(), None, None))
        memory = candidates.column(Selector(MetricType_Memory(), Operator_Average(), None, None))
        return [score_node(pod, *node) for node in zip(cpu, memory)]


def take(text):
    """Takes numbers from a JSON object, by the names that there are."""
    try:
        given = json.loads(text) if text.strip() else None
    except ValueError as error:
        raise Err(f"the settings are not JSON: {error}") from None
    if given is None:
        return
    if not isinstance(given, dict):
        example = json.dumps(settings)
        raise Err(f"the settings have to be an object, such as {example}, and are {json.dumps(given)}")
    for name, value in given.items():
        if name not in settings:
            expected = " or ".join(f"`{known}`" for known in settings)
            raise Err(f"unknown field `{name}`, expected {expected}")
        # Not isinstance(): to Python, `true` is a number too.
        if type(value) not in (int, float):
            raise Err(f"`{name}` is {json.dumps(value)}: it has to be a number")
        settings[name] = value
