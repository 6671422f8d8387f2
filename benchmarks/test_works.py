"""Suites for pytest-benchmark: ``pytest benchmarks --benchmark-only``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

from kpicore.tables import Log

from . import ours
from .peers import Duck, Polar
from .works import WORKS, Work

_NAMES = {work.name: work for work in WORKS}


@cache
def _table(name: str, rows: int) -> pa.Table:
    return _NAMES[name].make(rows)


@cache
def _engines(name: str, rows: int) -> tuple[Log, Duck, Polar]:
    work = _NAMES[name]
    tables = {work.table: _table(name, rows)}
    return ours.load(tables), Duck(tables), Polar(tables)


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_engines_agree(work: Work, scale: float) -> None:
    log, duck, polar = _engines(work.name, int(work.rows * scale))
    mine = work.normal(work.ours(log))
    columns = sorted(mine.columns)
    assert len(mine) > 0
    for peer in (duck, polar):
        theirs = work.peer_normal(getattr(peer, work.method)())
        assert_frame_equal(
            mine.select(columns), theirs.select(columns), check_row_order=False, check_dtypes=False
        )


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
@pytest.mark.parametrize("engine", ["kpicore", "duckdb", "polars"])
def test_speed(
    work: Work, engine: str, scale: float, benchmark: Callable[[Callable[[], object]], object]
) -> None:
    log, duck, polar = _engines(work.name, int(work.rows * scale))
    peers = {"duckdb": duck, "polars": polar}
    run = (lambda: work.ours(log)) if engine == "kpicore" else getattr(peers[engine], work.method)
    benchmark.group = work.name  # type: ignore[attr-defined]
    benchmark(run)
