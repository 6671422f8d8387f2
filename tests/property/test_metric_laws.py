"""Every built-in metric keeps the laws that plugins must keep."""

from __future__ import annotations

import pyarrow as pa
import pytest

import kpicore
from kpicore.plugin.manager import load_plugins
from kpicore.testing import check_metric, generate_log

PLUGINS = load_plugins(third_party=False)


@pytest.fixture(scope="module")
def log() -> dict[str, pa.Table]:
    """Two days of two people: enough for every metric to have something to say."""
    return generate_log(agents=2, days=2, zone="UTC")


@pytest.mark.parametrize("name", sorted(PLUGINS.metrics))
def test_metric_keeps_the_laws(name: str, log: dict[str, pa.Table]) -> None:
    check_metric(name, log)


def test_the_made_up_log_supports_every_metric(log: dict[str, pa.Table]) -> None:
    findings = kpicore.check(kpicore.open(log, plugins=PLUGINS), plugins=PLUGINS)
    assert [finding for finding in findings if not finding.computable] == []
