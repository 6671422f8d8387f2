"""Fixtures for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast examples are made says something of the machine, not of the code under test.
settings.register_profile("kpicore", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("kpicore")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real logs and conformance cases beside the checkout."""
    path = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not path.is_dir():
        pytest.skip(f"NOT TESTED on real data: there is no folder {path}")
    return path
