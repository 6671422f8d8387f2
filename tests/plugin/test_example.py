"""The example plugin, found as an installed one would be."""

from __future__ import annotations

from pathlib import Path

import pytest

import kpicore
from kpicore.plugin.manager import load_plugins
from kpicore.testing import generate_log

ROOT = Path(__file__).resolve().parents[2]


def test_the_example_is_found_and_measured(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = site / "kpicore_example-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kpicore-example\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[kpicore.plugins]\nexample = kpicore_example\n")
    monkeypatch.syspath_prepend(str(ROOT / "plugins" / "kpicore-example" / "src"))
    plugins = load_plugins(allow=["kpicore-example==0.1.0"])
    assert str(plugins.provenance("metric", "long_wait_rate")) == "example (kpicore-example 0.1.0)"
    assert "rank-order" in plugins.weightings
    assert plugins.failures == ()
    log = kpicore.open(generate_log(agents=2, days=1), plugins=plugins)
    result = kpicore.measure(log, ["long_wait_rate[over=1s]", "long_wait_rate"], plugins=plugins)
    short, long = result.fractions()
    assert short is not None
    assert long is not None
    assert 0 <= long < short <= 1
