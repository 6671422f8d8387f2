"""A small log for the commands, opened once."""

from __future__ import annotations

import pytest

import kpicore
from kpicore import Log
from kpicore.testing import generate_log


@pytest.fixture(scope="session")
def small_log() -> Log:
    """Two days of four agents."""
    return kpicore.open(generate_log(agents=4, days=2), zone="Asia/Shanghai")


@pytest.fixture
def opened(small_log: Log, monkeypatch: pytest.MonkeyPatch) -> Log:
    """Lets every command find ``small_log``, whatever source it is given."""

    def give(source: object, **how: object) -> Log:
        return small_log

    monkeypatch.setattr(kpicore, "open", give, raising=False)
    return small_log
