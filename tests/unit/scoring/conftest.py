"""Small cards and values for the tests of scoring."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from kpicore.scoring.card import Card
from kpicore.scoring.measured import Measured
from kpicore.scoring.resolve import load_card

HEAD = """
id = "test"
version = "1"
owner = "tests"
profile = "{profile}"
subject = "agent"
period = "month"
"""
ENTRY = """
[[group.entry]]
id = "e{number}"
metric = "m{number}"
weight = {weight}
curve = {{ linear = {{ zero_at = 0, full_at = 100 }} }}
"""


@pytest.fixture(scope="session")
def make_card() -> Callable[..., Card]:
    """A card of one group: metrics m1, m2, ... of the weights given, whose points are the values."""

    def make(*weights: int, top: str = "", more: str = "", profile: str = "review") -> Card:
        entries = "".join(ENTRY.format(number=i, weight=w) for i, w in enumerate(weights, start=1))
        group = f'\n[[group]]\nid = "g"\nweight = 100\n{entries}'
        return load_card(HEAD.format(profile=profile) + top + group + more)

    return make


@pytest.fixture(scope="session")
def rows() -> Callable[..., list[Measured]]:
    """Measured values m1, m2, ... of one agent; None is missing for no_data."""

    def make(agent: str, *values: int | str | Fraction | None) -> list[Measured]:
        return [
            Measured(
                subject=(agent,),
                metric=f"m{i}",
                value=None if value is None else Fraction(value),
                reason="no_data" if value is None else None,
            )
            for i, value in enumerate(values, start=1)
        ]

    return make
