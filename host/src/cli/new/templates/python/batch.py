"""The policy `{{name}}`: prefers nodes whose load is low and steady."""

import json
from math import isnan
from sys import float_info

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports.types import MetricType_Cpu, Operator_Average, Operator_StandardDeviation, Selector

# What can be set, with its default.
settings = {
    # How many standard deviations are added to the average load.
    "margin": 1,
}


def score_node(average, deviation):
    """The score of one node, 0 to 100. What was not measured is NaN."""
    # Nobody knows what a node does that was not measured: it comes last.
    if isnan(average):
        return 0.0
    # A load monitor that publishes no deviation leaves the average to decide.
    load = average if isnan(deviation) else average + settings["margin"] * deviation
    return 100.0 - min(max(load, 0.0), 100.0)


class Scorer(exports.Scorer):
    """What a policy exports, by the names of the contract in `wit/`."""

    def configure(self, text):
        """Takes the settings, as JSON; the empty string asks for the defaults. An `Err` refuses them, in words."""
        take(text)
        margin = settings["margin"]
        # Whole numbers may be of any size.
        if not 0 <= margin <= float_info.max:
            raise Err(f"`margin` is {json.dumps(margin)}: it has to be finite and at least 0")

    def score(self, pod, candidates):
        """Every candidate's score, in their order."""
        averages = candidates.column(Selector(MetricType_Cpu(), Operator_Average(), None, None))
        deviations = candidates.column(Selector(MetricType_Cpu(), Operator_StandardDeviation(), None, None))
        return [score_node(*node) for node in zip(averages, deviations)]


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
