"""``python -m benchmarks.ratios``: medians of five after a first run, and how many times faster ours is."""

from __future__ import annotations

import argparse
import gc
from collections.abc import Callable
from statistics import median
from time import perf_counter

from . import ours
from .peers import Duck, Polar
from .works import WORKS


def _median(run: Callable[[], object], times: int) -> float:
    """Returns the median time of ``run`` after a first run, which gets the process the memory it needs."""
    run()
    seconds = []
    for _ in range(times):
        gc.collect()
        begun = perf_counter()
        run()
        seconds.append(perf_counter() - begun)
    return median(seconds)


def main() -> None:
    """Prints a line per work: seconds of each engine, and the ratio to the best peer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("works", nargs="*", help="W1, W2, ...; all where none is named")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--threads", type=int, default=None, help="threads of kpicore")
    chosen = parser.parse_args()
    print("work  rows        kpicore  duckdb   polars   best peer / kpicore")
    for work in WORKS:
        if chosen.works and work.name not in chosen.works:
            continue
        rows = int(work.rows * chosen.scale)
        tables = {work.table: work.make(rows)}
        log, duck, polar = ours.load(tables), Duck(tables), Polar(tables)
        mine = _median(lambda: work.ours(log, chosen.threads), chosen.times)  # noqa: B023
        duck_time, polar_time = (_median(getattr(p, work.method), chosen.times) for p in (duck, polar))
        best = min(duck_time, polar_time)
        times = "  ".join(f"{seconds:7.3f}" for seconds in (mine, duck_time, polar_time))
        print(f"{work.name}    {rows:>10,}  {times}  {best / mine:5.1f} x")


if __name__ == "__main__":
    main()
