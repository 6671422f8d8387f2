"""The engine against the slow oracle: every built-in metric on random delivered facts."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.questions import METRICS, ask, cells_of, random_question, told
from tests.oracles.random_logs import random_log, to_tables


@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=10, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 25), batch_rows=st.sampled_from((1, 7, 65_536)))
def test_the_engine_says_what_the_oracle_says(name: str, seed: int, size: int, batch_rows: int) -> None:
    random = Random(f"{name} {seed}")
    log = random_log(random, size=size)
    question = random_question(random, [name])
    assert cells_of(ask(to_tables(log), question, batch_rows=batch_rows), question) == told(log, question)
