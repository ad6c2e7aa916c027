"""The policy `{{name}}`: prefers nodes whose load is low and steady."""

import json
from math import isfinite, isnan

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports.types import MetricType_Cpu, Operator_Average, Operator_StandardDeviation, Selector

# How many standard deviations are added to the average load: the one setting.
margin = 1.0


class Scorer(exports.Scorer):
    """What a policy exports, by the names of the contract in `wit/`."""

    def configure(self, settings):
        """Takes the settings, as JSON; the empty string asks for the defaults. An `Err` refuses them, in words."""
        global margin
        for name, value in read(settings).items():
            if name != "margin":
                raise Err(f"unknown field `{name}`, expected `margin`")
            margin = value
        if not (isinstance(margin, (int, float)) and isfinite(margin) and margin >= 0.0):
            raise Err(f"`margin` is {margin}: it has to be finite and at least 0")

    def score(self, pod, candidates):
        """Every candidate's score, 0 to 100, in their order. What was not measured is NaN."""
        averages = candidates.column(Selector(MetricType_Cpu(), Operator_Average(), None, None))
        deviations = candidates.column(Selector(MetricType_Cpu(), Operator_StandardDeviation(), None, None))
        return [score(average, deviation) for average, deviation in zip(averages, deviations)]


def score(average, deviation):
    # Nobody knows what a node does that was not measured: it comes last.
    if isnan(average):
        return 0.0
    # A load monitor that publishes no deviation leaves the average to decide.
    load = average if isnan(deviation) else average + margin * deviation
    return 100.0 - min(max(load, 0.0), 100.0)


def read(settings):
    try:
        given = json.loads(settings) if settings.strip() else {}
    except ValueError as error:
        raise Err(f"the settings are not JSON: {error}") from None
    if not isinstance(given or {}, dict):
        raise Err("the settings have to be an object")
    return given or {}
