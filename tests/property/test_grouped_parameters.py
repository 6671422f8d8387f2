"""Parameters that differ by group: the figures of every group are those of its own parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kpicore.metrics import Request, parse_request
from kpicore.plugin import Metric
from tests.oracles.measuring import Cell
from tests.oracles.questions import (
    METRICS,
    PLUGINS,
    SUBJECTS,
    WORDS,
    Question,
    ask,
    cells_of,
    family,
    is_delivered,
    random_question,
    random_request,
)
from tests.oracles.random_logs import random_log, to_tables

ONE_VALUE = ("agent", "team", "queue", "channel", "tier", "tenure", "tenure[1+3]")
"""Subjects of which a row has one value at most, so that results by them are results of groups."""


def parameters_of(text: str) -> str:
    return text.partition("[")[2].rpartition("]")[0].partition(";")[0]


def plain(request: Request, given: Mapping[str, str]) -> str:
    """Returns the request without groups, all its parameters written out, those ``given`` in their place."""
    optional = {p.name for p in request.metric.parameters if p.default is None}
    words = {
        p.name: request.parameters[p.name] for p in request.metric.parameters if p.name in request.settings
    }
    every = {k: v for k, v in {**words, **given}.items() if k not in optional or v != "none"}
    return f"{request.metric.name}[{','.join(f'{k}={v}' for k, v in every.items())}]"


def random_groups(random: Random, metric: Metric) -> tuple[str, str]:
    """Returns a subject and a request with one or two groups of it; nothing where luck gives none."""
    subject = random.choice([by[0] for by in SUBJECTS[family(metric)] if by[:1] and by[0] in ONE_VALUE])
    every = list(WORDS[subject])
    for _ in range(40):
        base, *own = (parameters_of(random_request(random, metric)) for _ in range(3))
        groups = [(words, p) for words, p in zip((every[:1], every), own, strict=True) if p]
        written = [f"; {subject}={'+'.join(words)}: {parameters}" for words, parameters in groups]
        text = f"{metric.name}[{base}{''.join(written)}]"
        if groups and is_delivered(text):
            return subject, text
    return subject, ""


@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=6, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 30))
def test_by_the_subject_of_its_groups_a_metric_is_each_groups_own(name: str, seed: int, size: int) -> None:
    random = Random(f"{name} {seed}")
    subject, text = random_groups(random, PLUGINS.metric(name))
    assume(text)
    tables = to_tables(random_log(random, size=size))
    question = replace(random_question(random, [name]), by=(subject,), where={})
    request = parse_request(text, PLUGINS)

    def cells(text: str) -> dict[tuple[object, ...], Cell]:
        asked: Question = replace(question, metrics=(text,))
        return {key[1:]: cell for key, cell in cells_of(ask(tables, asked), asked).items()}

    own = [(dict(group.when)[subject], cells(plain(request, group.given))) for group in request.groups]
    others = cells(plain(request, {}))
    for key, cell in cells(text).items():
        (value,) = key[0]  # type: ignore[misc]
        expected = next((found for words, found in own if value in words), others)
        nothing = Cell(
            cell.value and cell.value * 0, cell.numerator and 0, cell.denominator, cell.n and 0, {}
        )
        assert cell == expected.get(key, nothing)
