"""The size of the logs that suites are timed on."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session")
def scale() -> float:
    """Share of the full size (10 M rows): KPICORE_BENCH_SCALE, 0.02 where it is not set."""
    return float(os.environ.get("KPICORE_BENCH_SCALE", "0.02"))
