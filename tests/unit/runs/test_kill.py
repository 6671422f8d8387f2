"""kill -9 at random moments: no torn run is ever visible, and none that was acknowledged is lost."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from kpicore.runs import list_runs, verify

# For every folder named on its input it forks a writer, which starts faster than an interpreter would.
WRITERS = """
import itertools, os, sys
import pyarrow as pa
from pathlib import Path
from kpicore.runs import Provenance, publish

def write(root):
    table = pa.table({"agent": [f"agent-{i}" for i in range(3000)], "value": [i / 7 for i in range(3000)]})
    tables = {"values": table, "scores": table, "ledger": table}
    print(os.getpid(), flush=True)
    for i in itertools.count():
        folder = publish(Path(root) / f"run-{i}", provenance=Provenance(), tables=tables, card="id = 'x'")
        print(folder.name, flush=True)

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        write(line.strip())
    os.waitpid(child, 0)
    print("killed", flush=True)
"""


@pytest.fixture
def writers() -> Iterator[tuple[IO[str], IO[str]]]:
    """The input and the output of a process that starts writers."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITERS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        yield process.stdin, process.stdout
        process.stdin.close()


def publish_until_killed(
    writers: tuple[IO[str], IO[str]], root: Path, acknowledged: int, delay: float
) -> list[str]:
    """Kills a writer ``delay`` seconds after it has acknowledged some runs; returns all it acknowledged."""
    commands, answers = writers
    print(root, file=commands, flush=True)
    writer = int(answers.readline())
    said = [answers.readline().strip() for _ in range(acknowledged)]
    # Nothing to wait for but the time.
    select.select([], [], [], delay)
    os.kill(writer, signal.SIGKILL)
    said += iter(lambda: answers.readline().strip(), "killed")
    return said


def check(root: Path, said: list[str]) -> int:
    found = list_runs(root)
    assert found.unreadable == {}
    for run in found.runs:
        verify(run.path)
    assert set(said) <= {run.id for run in found.runs}
    return len(list(root.glob(".*.staging")))


@pytest.mark.parametrize(("kills", "seed"), [(20, 1), pytest.param(200, 2, marks=pytest.mark.slow)])
def test_killed_at_random_moments(
    kills: int, seed: int, tmp_path: Path, writers: tuple[IO[str], IO[str]]
) -> None:
    chance, interrupted = random.Random(seed), 0
    for kill in range(kills):
        root = tmp_path / str(kill)
        root.mkdir()
        said = publish_until_killed(writers, root, chance.randrange(2), chance.uniform(0, 0.02))
        interrupted += check(root, said)
    assert interrupted > 0, "no kill hit a writer at work, so nothing was tested"
