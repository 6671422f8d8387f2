"""Spikes and drops against the rule done by hand, one series at a time; the order of rows does not matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import sqrt
from random import Random
from statistics import median

import pyarrow as pa
import pytest

from kpicore.analysis import anomalies

Row = dict[str, object]
SCHEMA = pa.schema(
    [
        ("agent", pa.string()),
        ("scope", pa.string()),
        ("period", pa.string()),
        ("complete", pa.bool_()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("numerator", pa.int64()),
        ("denominator", pa.int64()),
        ("n", pa.int64()),
        ("unit", pa.string()),
        ("low", pa.float64()),
    ]
)


def drawn(random: Random, days: int) -> list[Row]:
    rows: list[Row] = []
    first = date(2026, 1, 1) + timedelta(days=random.randint(0, 6))
    for agent in (None, "a", "b"):
        for metric in ("count", "rate", "seconds"):
            for i in range(days):
                weekend = (first + timedelta(days=i)).weekday() > 4
                row: Row = {
                    "agent": agent,
                    "scope": "all" if agent is None else "subject",
                    "period": f"{first + timedelta(days=i)}T00:00:00+08:00",
                    "complete": i > 0,
                    "metric": metric,
                }
                k = random.randint(90, 110) // (3 if weekend else 1) * (4 if random.random() < 0.08 else 1)
                if metric == "count":
                    row |= {"value": float(k), "n": k, "unit": "calls"}
                elif metric == "rate":
                    n = random.choice((0, 5, 60, 400))
                    hit = min(n, round(n * random.choice((0.8, 0.82, 0.85, 1.0, 0.3 if i % 9 == 4 else 0.8))))
                    value = hit / n if n else None
                    row |= {"value": value, "numerator": hit, "denominator": n, "n": n, "unit": "ratio"}
                    row |= {"low": 0.0 if n else None}
                else:
                    value = None if random.random() < 0.1 else 200.0 + random.choice((0, 0, 1, 2, 15, 90))
                    row |= {"value": value, "numerator": 1, "denominator": 1, "n": 1, "unit": "s"}
                rows.append(row)
    return rows


def by_hand(rows: Sequence[Row]) -> set[tuple[object, object, object, str]]:
    """The five rules of the module, for series of days."""
    periods = {str(row["period"])[:10] for row in rows if row["complete"] and row["value"] is not None}
    weekdays = [date.fromisoformat(day).weekday() for day in periods]
    by_weekday = min(weekdays.count(day) for day in set(weekdays)) >= 3

    def season(row: Row) -> int:
        weekday = date.fromisoformat(str(row["period"])[:10]).weekday()
        return weekday if by_weekday else weekday // 5

    found = set()
    for key in {(row["agent"], row["metric"]) for row in rows}:
        series = [
            row
            for row in rows
            if (row["agent"], row["metric"]) == key and row["complete"] and row["value"] is not None
        ]
        usual = {}
        for name in {season(row) for row in series}:
            values = [float(str(row["value"])) for row in series if season(row) == name]
            if len(values) >= 3:
                usual[name] = median(values)
        judged = [row for row in series if season(row) in usual]
        if len(judged) < 5:
            continue
        spread = 1.4826 * median(abs(float(str(row["value"])) - usual[season(row)]) for row in judged)
        for row in judged:
            centre, value = usual[season(row)], float(str(row["value"]))
            noise, least = 0.0, 0.1 * abs(centre)
            if key[1] == "rate":
                n = int(str(row["denominator"]))
                share = (centre * n + 0.5) / (n + 1)
                noise, least = sqrt(share * (1 - share) / n), 0.0
            elif key[1] == "count":
                noise, least = sqrt(max(centre, 1.0)), 0.0
            if abs(value - centre) > max(3.5 * max(spread, noise), least) + 1e-7:
                found.add((*key, row["period"], "spike" if value > centre else "drop"))
    return found


@pytest.mark.parametrize("seed", range(40))
def test_as_by_hand_and_whatever_the_order(seed: int) -> None:
    random = Random(seed)
    rows = drawn(random, random.choice((4, 8, 12, 24, 70)))
    found = anomalies(pa.Table.from_pylist(rows, schema=SCHEMA), ["agent"], "day")
    assert {(one.subject[0], one.metric, one.period, one.kind) for one in found} == by_hand(rows)
    for one in found:
        assert (one.value > one.high) if one.kind == "spike" else (one.value < one.low)
        assert one.low <= one.usual <= one.high
    random.shuffle(rows)
    assert anomalies(pa.Table.from_pylist(rows, schema=SCHEMA), ["agent"], "day") == found


def test_both_kinds_of_both_seasons_were_met() -> None:
    kinds = set()
    for seed in range(40):
        random = Random(seed)
        rows = drawn(random, random.choice((4, 8, 12, 24, 70)))
        found = anomalies(pa.Table.from_pylist(rows, schema=SCHEMA), ["agent"], "day")
        kinds |= {(one.metric, one.compared) for one in found}
    assert kinds >= {
        (m, c) for m in ("count", "rate", "seconds") for c in ("same weekday", "workday or weekend")
    }
