"""A small log for the commands, as files, and the same log opened."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

import kpicore
from kpicore import Log
from kpicore.testing import generate_log

ZONE = "Asia/Shanghai"


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of four agents, a Parquet file per table."""
    folder = tmp_path_factory.mktemp("log")
    for name, table in generate_log(agents=4, days=2, zone=ZONE).items():
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


@pytest.fixture(scope="session")
def log(source: Path) -> Log:
    """What ``source`` holds."""
    return kpicore.open(source)
