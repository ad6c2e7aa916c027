"""The policy `{{name}}`: the less a node does, the better it scores."""

import json
from math import isnan

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports.types import MetricType_Cpu, MetricType_Memory, Operator_Average, Selector

# The utilisation in per cent from which on a node counts as full: the one setting.
full_at = 80.0


def score_node(pod, cpu, memory):
    """The score of one node, 0 to 100, from its average load in per cent. What was not measured is NaN."""
    used = worse(cpu, memory)
    # Nobody knows what a node does that was not measured: it comes last.
    if isnan(used):
        return 0.0
    return 100.0 * (min(max(full_at - used, 0.0), full_at) / full_at)


def worse(a, b):
    """The higher one of those that were measured."""
    if isnan(a):
        return b
    return b if b > a else a


class Scorer(exports.Scorer):
    """What a policy exports, by the names of the contract in `wit/`."""

    def configure(self, settings):
        """Takes the settings, as JSON; the empty string asks for the defaults. An `Err` refuses them, in words."""
        global full_at
        for name, value in read(settings).items():
            if name != "full_at":
                raise Err(f"unknown field `{name}`, expected `full_at`")
            full_at = value
        if not (isinstance(full_at, (int, float)) and 1.0 <= full_at <= 100.0):
            raise Err(f"`full_at` is {full_at}: it has to be within 1 to 100 per cent")

    def score(self, pod, candidates):
        """Every candidate's score, in their order."""
        cpu = candidates.column(Selector(MetricType_Cpu(), Operator_Average(), None, None))
        memory = candidates.column(Selector(MetricType_Memory(), Operator_Average(), None, None))
        return [score_node(pod, *node) for node in zip(cpu, memory)]


def read(settings):
    try:
        given = json.loads(settings) if settings.strip() else {}
    except ValueError as error:
        raise Err(f"the settings are not JSON: {error}") from None
    if not isinstance(given or {}, dict):
        raise Err("the settings have to be an object")
    return given or {}
