"""Prorated measures, counted groups and snapshots against a slow computation."""

from __future__ import annotations

import itertools
import pickle
import random
from collections import Counter

import pyarrow as pa
import pytest

from kpicore._core import DenseIndex, Prorated, open_at

TASKS = ("pieces", "length", "weighted", "column", "largest", "smallest")
Group = tuple[int, tuple[int | None, ...]]
Row = tuple[tuple[int | None, ...], int | None, int | None, int | None, bool | None]


def make_rows(rng: random.Random, sizes: list[int], count: int) -> list[Row]:
    rows: list[Row] = []
    for _ in range(count):
        codes = tuple(rng.choice([None, *range(size)]) for size in sizes)
        start = rng.choice([None, *range(-5, 60)])
        end = None if start is None or rng.random() < 0.1 else start + rng.randrange(-2, 25)
        rows.append((codes, start, end, rng.choice([None, *range(-3, 9)]), rng.choice([None, True, False])))
    return rows


def oracle(
    rows: list[Row], edges: list[int], periods: list[int] | None, masked: bool
) -> dict[str, dict[Group, int | None]]:
    found: dict[str, dict[Group, int | None]] = {task: {} for task in TASKS}
    for codes, start, end, value, mask in rows:
        if start is None or end is None:
            continue
        for cell, (low, high) in enumerate(itertools.pairwise(edges)):
            length = min(end, high) - max(start, low)
            period = cell if periods is None else periods[cell]
            if length <= 0 or period < 0:
                continue
            group = period, codes
            for task in TASKS:
                found[task].setdefault(group, None if task in ("largest", "smallest") else 0)
            if masked and not mask:
                continue
            found["pieces"][group] = (found["pieces"][group] or 0) + 1
            found["length"][group] = (found["length"][group] or 0) + length
            if value is None:
                continue
            found["weighted"][group] = (found["weighted"][group] or 0) + value * length
            found["column"][group] = (found["column"][group] or 0) + value
            largest, smallest = found["largest"][group], found["smallest"][group]
            found["largest"][group] = value if largest is None else max(largest, value)
            found["smallest"][group] = value if smallest is None else min(smallest, value)
    return found


def columns_of(rows: list[Row], width: int) -> tuple[list[pa.Array], pa.Array, pa.Array, pa.Array, pa.Array]:
    codes = [pa.array([row[0][k] for row in rows], pa.int32()) for k in range(width)]
    start, end, value = (pa.array([row[i] for row in rows], pa.int64()) for i in (1, 2, 3))
    return codes, start, end, value, pa.array([row[4] for row in rows], pa.bool_())


def add(state: Prorated, rows: list[Row], width: int, masked: bool, tasks: tuple[str, ...] = TASKS) -> None:
    codes, start, end, value, mask = columns_of(rows, width)
    values = [None if task in ("pieces", "length") else value for task in tasks]
    state.add(codes, start, end, [mask if masked else None] * len(tasks), values)


def read(state: Prorated, tasks: tuple[str, ...] = TASKS) -> dict[str, dict[Group, int | None]]:
    runs = pa.record_batch(state.runs())
    ends = runs.column("end").to_pylist()
    lengths = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
    period = [p for p, n in zip(runs.column("period").to_pylist(), lengths, strict=True) for _ in range(n)]
    assert len(set(runs.column("period").to_pylist())) == len(runs)
    codes = [column.to_pylist() for column in pa.record_batch(state.members()).columns]
    groups = list(zip(period, zip(*codes, strict=True) if codes else [()] * len(period), strict=True))
    return {
        task: dict(zip(groups, pa.array(state.result(i)).to_pylist(), strict=True))
        for i, task in enumerate(tasks)
    }


@pytest.mark.parametrize("seed", range(60))
def test_prorated_equals_a_slow_computation(seed: int) -> None:
    rng = random.Random(seed)
    sizes = [rng.randrange(0, 4) for _ in range(rng.randrange(3))]
    edges = sorted(rng.sample(range(50), rng.randrange(2, 7)))
    periods = rng.choice([None, [rng.randrange(-1, 3) for _ in edges[1:]]])
    count = len(edges) - 1 if periods is None else 3
    masked = rng.random() < 0.5
    rows = make_rows(rng, sizes, rng.choice([0, 5, 3000]))
    mapping = None if periods is None else pa.array(periods, pa.int32())
    states = [Prorated(pa.array(edges), sizes, TASKS, count, mapping) for _ in range(2)]
    cut = rng.randint(0, len(rows))
    add(states[0], rows[:cut], len(sizes), masked)
    add(states[1], rows[cut:], len(sizes), masked)
    whole = pickle.loads(pickle.dumps(states[0]))
    whole.merge(states[1])
    assert read(whole) == oracle(rows, edges, periods, masked)


@pytest.mark.parametrize("seed", range(20))
def test_lengths_alone_take_the_short_way_to_the_same_sums(seed: int) -> None:
    rng = random.Random(seed)
    edges = sorted(rng.sample(range(50), 6))
    rows = [row for row in make_rows(rng, [3], 3000) if row[1] is not None and row[2] is not None]
    state = Prorated(pa.array(edges), [3], ("length",), 5)
    add(state, rows, 1, False, ("length",))
    assert read(state, ("length",))["length"] == oracle(rows, edges, None, False)["length"]


@pytest.mark.parametrize("tasks", [TASKS, ("length",)], ids=["all", "length"])
@pytest.mark.parametrize("ordered", [True, False])
def test_periods_are_packed_and_wanted_again(tasks: tuple[str, ...], ordered: bool) -> None:
    """So many groups that few periods stay open, and intervals that reach back over many of them."""
    rng = random.Random(11)
    edges = list(range(0, 60, 3))
    rows: list[Row] = []
    for _ in range(600):
        start = rng.randrange(60)
        code = rng.choice([None, 0, 7, 8, 15, 16, 119_999])
        rows.append(((code,), start, start + rng.choice([1, 2, 3, 30]), rng.randrange(-3, 9), None))
    if ordered:
        rows.sort(key=lambda row: row[2] or 0)
    states = [Prorated(pa.array(edges), [120_000], tasks, len(edges) - 1) for _ in range(2)]
    for first in range(0, 600, 50):
        add(states[first >= 300], rows[first : first + 50], 1, False, tasks)
    expected = oracle(rows, edges, None, False)
    restored = pickle.loads(pickle.dumps(states[1]))
    states[0].merge(states[1])
    assert read(states[0], tasks) == {task: expected[task] for task in tasks}
    late = [((16,), 0, 57, 5, None), ((0,), 40, 41, 6, None)]
    add(states[0], late, 1, False, tasks)
    states[0].merge(restored)
    expected = oracle([*rows, *late, *rows[300:]], edges, None, False)
    assert read(states[0], tasks) == {task: expected[task] for task in tasks}


def test_bytes_of_another_state_are_refused() -> None:
    state = Prorated(pa.array([0, 9]), [2], ("length",), 1)
    add(state, [((1,), 0, 5, None, None)], 1, False, ("length",))
    dumped = state.dump()
    for other in (
        Prorated(pa.array([0, 8]), [2], ("length",), 1),
        Prorated(pa.array([0, 9]), [3], ("length",), 1),
        Prorated(pa.array([0, 9]), [2], ("pieces",), 1),
        Prorated(pa.array([0, 9]), [2], ("length",), 1, pa.array([0], pa.int32())),
    ):
        with pytest.raises(ValueError, match="prorated"):
            other.load(dumped)
        assert read(other, other.tasks)[other.tasks[0]] == {}
    with pytest.raises(ValueError, match="damaged"):
        state.load(dumped[:-1] + b"x")
    state.load(dumped)
    assert read(state, ("length",)) == {"length": {(0, (1,)): 5}}


def test_slices_are_read_where_they_begin() -> None:
    rows = make_rows(random.Random(3), [2], 100)
    codes, start, end, value, mask = columns_of(rows, 1)
    state = Prorated(pa.array([0, 20, 40]), [2], ("weighted",), 2)
    state.add(
        [codes[0].slice(7, 50)],
        start.slice(7, 50),
        end.slice(7, 50),
        [mask.slice(7, 50)],
        [value.slice(7, 50)],
    )
    assert read(state, ("weighted",))["weighted"] == oracle(rows[7:57], [0, 20, 40], None, True)["weighted"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([pa.array([2], pa.int32())], pa.array([0]), pa.array([5]), [None], [None]), "row 0: a code"),
        (([], pa.array([0]), pa.array([5]), [None], [None]), "0 columns of codes"),
        (
            ([pa.array([0], pa.int32())], pa.array([0]), pa.array([5, 6]), [None], [None]),
            "2 values for 1 rows",
        ),
        (([pa.array([0], pa.int32())], pa.array([0]), pa.array([5]), [], []), "0 masks"),
        (
            ([pa.array([0], pa.int32())], pa.array([0]), pa.array([5]), [None], [pa.array([1])]),
            "takes no value",
        ),
    ],
)
def test_what_does_not_fit_is_refused(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Prorated(pa.array([0, 9]), [2], ("length",), 1).add(*arguments)


def test_states_of_other_groups_do_not_merge() -> None:
    with pytest.raises(ValueError, match="do not merge"):
        Prorated(pa.array([0, 9]), [2], TASKS, 1).merge(Prorated(pa.array([0, 9]), [3], TASKS, 1))
    with pytest.raises(ValueError, match="too many"):
        Prorated(pa.array([0, 9]), [2**16, 2**16], TASKS, 1)


def test_a_sum_that_does_not_fit_is_an_error() -> None:
    state = Prorated(pa.array([0, 10]), [], ("column",), 1)
    value = pa.array([2**62, 2**62])
    with pytest.raises(OverflowError, match="64 bits"):
        state.add([], pa.array([0, 0]), pa.array([1, 1]), [None], [value])


@pytest.mark.parametrize("seed", range(40))
def test_counted_groups_name_what_they_number(seed: int) -> None:
    rng = random.Random(seed)
    sizes = [rng.randrange(0, 5) for _ in range(rng.randrange(1, 4))]
    keys = [
        (rng.randrange(-1, 4), tuple(rng.choice([None, *range(size)]) for size in sizes)) for _ in range(50)
    ]
    index = DenseIndex(sizes, 4)
    codes = [pa.array([key[1][k] for key in keys], pa.int32()) for k in range(len(sizes))]
    ids = pa.array(index.locate(codes, pa.array([key[0] for key in keys], pa.int32()))).to_pylist()
    found = pa.record_batch(pickle.loads(pickle.dumps(index)).groups())
    names = {
        number: (period, tuple(words))
        for number, period, *words in zip(*(column.to_pylist() for column in found.columns), strict=True)
    }
    assert [names.get(number) for number in ids] == [key if key[0] >= 0 else None for key in keys]
    assert set(names.values()) == {key for key in keys if key[0] >= 0}
    with pytest.raises(ValueError, match="there is no such period"):
        index.locate(codes, pa.array([4] * 50, pa.int32()))
    with pytest.raises(ValueError, match="row 0: code 9"):
        index.locate([pa.array([9], pa.int32())] * len(sizes), pa.array([0], pa.int32()))


@pytest.mark.parametrize("seed", range(40))
def test_open_intervals_are_found_at_every_instant(seed: int) -> None:
    rng = random.Random(seed)
    instants = sorted(rng.sample(range(40), rng.randrange(0, 6)))
    rows = [
        (rng.choice([None, *range(40)]), rng.choice([None, *range(45)]), rng.random() < 0.8)
        for _ in range(30)
    ]
    start, end = (pa.array([row[i] for row in rows], pa.int64()) for i in (0, 1))
    found = pa.record_batch(
        open_at(pa.array(instants, pa.int64()), start, end, pa.array([row[2] for row in rows]))
    )
    expected = Counter(
        (i, k, at)
        for i, (begin, stop, kept) in enumerate(rows)
        for k, at in enumerate(instants)
        if kept and begin is not None and begin <= at and (stop is None or at < stop)
    )
    assert Counter(zip(*(column.to_pylist() for column in found.columns), strict=True)) == expected
