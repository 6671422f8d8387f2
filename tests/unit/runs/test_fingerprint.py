"""Fingerprints follow what is computed, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest

from kpicore.metrics import Group, Request
from kpicore.plugin import (
    Custom,
    Direction,
    Duration,
    Metric,
    Outcome,
    Ratio,
    Settings,
    State,
    Statistic,
    col,
    count,
)
from kpicore.runs import definition_fingerprint, fingerprint


def answered_within(settings: Settings) -> Statistic:
    answered = col("outcome").is_("answered")
    return Ratio(
        numerator=count("visits", where=answered & (col("wait") <= settings.microseconds("within"))),
        denominator=count("visits", where=answered),
        scale=Fraction(1),
    )


METRIC = Metric(
    name="answered_within",
    zh="及时接通率",
    unit="ratio",
    direction=Direction.HIGHER,
    definition="answered in time / answered",
    needs=("visits",),
    build=answered_within,
    parameters=(Duration(name="within", doc="the threshold", default="20s"),),
)


def asked(metric: Metric = METRIC, within: int = 20_000_000) -> str:
    return definition_fingerprint(
        Request(text="answered", metric=metric, settings=Settings({"within": within}))
    )


def test_another_parameter_is_another_definition() -> None:
    assert asked() == asked()
    assert asked() != asked(within=30_000_000)


def test_a_group_of_its_own_is_another_definition() -> None:
    vip = Group(when=(("queue", ("vip",)),), settings=Settings({"within": 10_000_000}))
    plain = Request(text="answered", metric=METRIC, settings=Settings({"within": 20_000_000}))
    assert definition_fingerprint(replace(plain, groups=(vip,))) != definition_fingerprint(plain)


def test_wording_does_not_count_but_direction_does() -> None:
    assert asked(replace(METRIC, definition="better said", zh="接通率", causes=("few people",))) == asked()
    assert asked(replace(METRIC, direction=Direction.LOWER)) != asked()


def finalize(state: State) -> Outcome:
    return Outcome(value=state["rows"])


def other(state: State) -> Outcome:
    return Outcome(value=state["rows"])


def test_functions_count_by_name_in_every_process() -> None:
    custom = Custom(measures={"rows": count("visits")}, finalize=finalize)
    code = "print(__import__('kpicore.runs').runs.fingerprint(({'b': {3, 1, 2}, 'a': 'x'}, len)))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {fingerprint(({"a": "x", "b": {1, 2, 3}}, len)) + "\n"}
    assert fingerprint(custom) != fingerprint(replace(custom, finalize=other))


def test_refuses_what_has_no_plain_form() -> None:
    with pytest.raises(TypeError, match="a float has no fingerprint"):
        fingerprint({"x": 0.1})
