"""Plugins laid out as installed distributions, found by the real discovery."""

from __future__ import annotations

import importlib.metadata
import itertools
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

_NUMBERS = itertools.count()

Install = Callable[..., str]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path whose distributions are the only ones that offer plugins."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    everywhere = importlib.metadata.entry_points

    def entry_points(*, group: str) -> importlib.metadata.EntryPoints:
        found = everywhere(group=group)
        return importlib.metadata.EntryPoints(
            each for each in found if each.dist is not None and Path(str(each.dist.locate_file(""))) == site
        )

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    return site


@pytest.fixture
def install(site: Path) -> Install:
    """A function that lays out a module and its ``.dist-info``; returns the module's name.

    ``install(code, name="alpha", version="1.0", points=("alpha",))`` names the module in one entry
    point per word of ``points``; ``attribute`` names an object in it instead of the module.
    """

    def lay_out(
        code: str,
        *,
        name: str = "alpha",
        version: str = "1.0",
        points: tuple[str, ...] = (),
        attribute: str = "",
    ) -> str:
        module = f"{name}_module_{next(_NUMBERS)}"
        (site / f"{module}.py").write_text(textwrap.dedent(code))
        info = site / f"kpicore_{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: kpicore-{name}\nVersion: {version}\n")
        target = f"{module}:{attribute}" if attribute else module
        lines = [f"{point} = {target}" for point in points or (name,)]
        (info / "entry_points.txt").write_text("[kpicore.plugins]\n" + "\n".join(lines) + "\n")
        return module

    return lay_out
