"""A small world of files and mappings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kpicore.adapters import SourceLike, open_log
from kpicore.adapters.schemas import Schemas
from kpicore.facts.schemas import SEGMENTS, VISITS
from kpicore.plugin.manager import load_plugins
from kpicore.tables import Log

PLUGINS = load_plugins(third_party=False)
FACTS = {"visits": VISITS, "segments": SEGMENTS}
MapFile = Callable[..., Log]


@pytest.fixture(scope="session")
def schemas() -> Schemas:
    """The contracts of canonical tables and of two facts."""
    return Schemas(plugins=PLUGINS, facts=FACTS)


@pytest.fixture
def map_file(tmp_path: Path) -> MapFile:
    """Writes a file and a mapping, and opens the one by the other."""

    def run(content: str | bytes, mapping: str, *, name: str = "log.csv", zone: str | None = None) -> Log:
        data = tmp_path / name
        data.write_bytes(content if isinstance(content, bytes) else content.encode())
        toml = tmp_path / "mapping.toml"
        toml.write_text(mapping, encoding="utf-8")
        return open_log(data, mapping=toml, zone=zone, plugins=PLUGINS, facts=FACTS)

    return run


@pytest.fixture(scope="session")
def open_path() -> MapFile:
    """Opens a path or several."""

    def run(path: SourceLike, **options: str | Path | None) -> Log:
        return open_log(path, plugins=PLUGINS, facts=FACTS, **options)  # type: ignore[arg-type]

    return run
