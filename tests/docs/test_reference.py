"""The pages of reference under docs/metrics are what ``kpicore reference`` writes about the demo's log.

With ``KPICORE_REWRITE=1`` they are written anew, to be reviewed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from kpicore.cli.app import app

PAGES = Path(__file__).resolve().parents[2] / "docs" / "metrics"


def kpicore(*arguments: str) -> None:
    done = CliRunner().invoke(app, ["--no-plugins", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output


@pytest.mark.slow
def test_every_page_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kpicore("demo")
    source = ("kpicore-demo/log", "--zone", "Asia/Shanghai")
    kpicore("reference", *source, "-o", "metrics")
    kpicore("reference", *source, "-o", "metrics/zh", "--lang", "zh")
    written = {str(path.relative_to("metrics")): path for path in Path("metrics").rglob("*.md")}
    if os.environ.get("KPICORE_REWRITE"):
        for old in PAGES.rglob("*.md"):
            old.unlink()
        for name, path in written.items():
            (PAGES / name).parent.mkdir(parents=True, exist_ok=True)
            (PAGES / name).write_bytes(path.read_bytes())
    kept = {str(path.relative_to(PAGES)): path for path in PAGES.rglob("*.md")}
    assert sorted(kept) == sorted(written)
    assert [n for n, path in written.items() if path.read_bytes() != kept[n].read_bytes()] == []
