"""One flipped bit anywhere in a run is found."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest

import kpicore
from kpicore.errors import VerificationError
from kpicore.plugin.manager import load_plugins
from kpicore.runs import verify
from kpicore.testing import generate_log

from .test_review import CARD

PLUGINS = load_plugins(third_party=False)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log")
    for name, table in generate_log(agents=2, days=1, zone="UTC").items():
        pq.write_table(table, folder / f"{name}.parquet")
    log = kpicore.open(folder, zone="UTC", plugins=PLUGINS)
    root = tmp_path_factory.mktemp("runs")
    made = kpicore.score(log, CARD, root=root, plugins=PLUGINS, keep_evidence=True)
    assert made.run is not None
    return made.run.path


def offsets(size: int, every: int, random: Random) -> list[int]:
    """Returns the first and last bytes, and one of every stretch between."""
    edges = {*range(min(16, size)), *range(max(0, size - 16), size)}
    return sorted(edges | {min(size - 1, at + random.randrange(every)) for at in range(0, size, every)})


def check_flips(run: Path, every: int) -> int:
    random, flips = Random(7), 0
    for path in sorted(run.iterdir()):
        data = path.read_bytes()
        for at in offsets(len(data), every, random):
            damaged = bytearray(data)
            damaged[at] ^= 1 << random.randrange(8)
            path.write_bytes(damaged)
            with pytest.raises(VerificationError):
                verify(run)
            flips += 1
        path.write_bytes(data)
    verify(run)
    return flips


def test_a_flipped_bit_is_found_in_every_file(run: Path) -> None:
    assert len(list(run.iterdir())) > 8
    assert check_flips(run, 2000) > 300


@pytest.mark.slow
def test_a_flipped_bit_is_found_at_many_places(run: Path) -> None:
    assert check_flips(run, 61) > 1000
