"""What must not change a result: threads, batches, order, layout, labels; and what must add up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore.engine import local
from kpicore.runs import content_hash
from tests.oracles.measuring import Cell, Row
from tests.oracles.questions import METRICS, Question, ask, cells_of, random_question
from tests.oracles.random_logs import DAY, random_log, to_tables

SEEDS = st.integers(0, 2**32)
FEW = settings(max_examples=15, deadline=None, derandomize=True)

Log = Mapping[str, Sequence[Row]]
Tables = Mapping[str, pa.Table]


@pytest.fixture(autouse=True, scope="module")
def every_log_is_worth_threads() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "SMALL", 0)
        yield


def make(seed: int, size: int = 30) -> tuple[dict[str, list[dict[str, object]]], Question]:
    random = Random(seed)
    return random_log(random, size=size), random_question(random, METRICS)


def digest(tables: Tables, question: Question, **more: int) -> str:
    return content_hash({"values": ask(tables, question, **more).to_arrow()})


def shuffled(random: Random, table: pa.Table) -> pa.Table:
    order = list(range(len(table)))
    random.shuffle(order)
    return table.take(pa.array(order, pa.int64()))


def chunked(random: Random, table: pa.Table) -> pa.Table:
    """Returns the rows in chunks of random length, empty ones included, cut from longer buffers."""
    edges = sorted(random.choices(range(len(table) + 1), k=4))
    bounds = zip([0, *edges], [*edges, len(table)], strict=True)
    return pa.concat_tables([table.slice(low, high - low) for low, high in bounds])


def encoded(random: Random, table: pa.Table) -> pa.Table:
    """Returns strings as dictionaries, every chunk with one of its own."""
    arrays = {}
    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_string(column.type):
            words = [w for w in column.unique().to_pylist() if w is not None]
            random.shuffle(words)
            both = ([*words, "never"], ["unused", *reversed(words)])
            chunks = [
                pa.DictionaryArray.from_arrays(pc.index_in(c, value_set=pa.array(own)), pa.array(own))
                for c, own in zip(column.chunks, (both[i % 2] for i in range(column.num_chunks)), strict=True)
            ]
            column = pa.chunked_array(chunks)
        arrays[name] = column
    return pa.table(arrays)


@FEW
@given(seed=SEEDS, threads=st.sampled_from((1, 2, 3)), batch_rows=st.sampled_from((1, 7, 64, 65_536)))
def test_threads_and_batches_change_nothing(seed: int, threads: int, batch_rows: int) -> None:
    log, question = make(seed)
    tables = to_tables(log)
    assert digest(tables, question, threads=threads, batch_rows=batch_rows) == digest(tables, question)


@FEW
@given(seed=SEEDS)
def test_order_chunks_and_dictionaries_change_nothing(seed: int) -> None:
    log, question = make(seed)
    random, tables = Random(seed), to_tables(log)
    before = digest(tables, question)
    other = {
        # Of several rows of one contact the first counts, so their order is left alone.
        name: table if name == "contacts" else shuffled(random, table)
        for name, table in tables.items()
    }
    assert digest(other, question, threads=2, batch_rows=7) == before
    other = {name: chunked(random, table) for name, table in other.items()}
    assert digest(other, question, threads=2, batch_rows=7) == before
    other = {name: encoded(random, table) for name, table in other.items()}
    assert digest(other, question, threads=2, batch_rows=7) == before


@FEW
@given(seed=SEEDS)
def test_integers_as_ids_are_their_digits(seed: int) -> None:
    log, question = make(seed)
    names: dict[object, int] = {}
    ids = ("contact_id", "agent_id", "customer_id")
    numbered = {
        table: [
            {
                column: names.setdefault((column, value), len(names)) if column in ids and value else value
                for column, value in row.items()
            }
            for row in rows
        ]
        for table, rows in log.items()
    }
    texts = {
        t: [{c: str(v) if c in ids and v is not None else v for c, v in r.items()} for r in rows]
        for t, rows in numbered.items()
    }
    tables = to_tables(texts)
    numbers = {
        name: pa.table(
            {
                column: table.column(column).cast(pa.int64()) if column in ids else table.column(column)
                for column in table.column_names
            }
        )
        for name, table in tables.items()
    }
    question = replace(question, where={})
    assert digest(numbers, question) == digest(tables, question)
    # One table may have integers where another has text.
    mixed = tables | {"legs": numbers["legs"], "contacts": numbers["contacts"]}
    assert digest(mixed, question) == digest(tables, question)


def renamed(log: Log, names: Mapping[str, str]) -> dict[str, list[dict[str, object]]]:
    return {
        table: [
            {c: names.get(str(v), v) if c == "agent_id" and v else v for c, v in row.items()} for row in rows
        ]
        for table, rows in log.items()
    }


@FEW
@given(seed=SEEDS)
def test_new_names_of_agents_change_only_names(seed: int) -> None:
    log, question = make(seed)
    agents = sorted({str(row["agent_id"]) for rows in log.values() for row in rows if row.get("agent_id")})
    backwards = {name: f"{len(agents) - i:02d} {name}" for i, name in enumerate(agents)}
    where = dict(question.where)
    if "agent" in where:
        where["agent"] = tuple(backwards.get(name, name) for name in where["agent"])
    after = cells_of(ask(to_tables(renamed(log, backwards)), replace(question, where=where)), question)
    expected: dict[tuple[object, ...], Cell] = {}
    for (text, subject, *rest), value in cells_of(ask(to_tables(log), question), question).items():
        assert isinstance(subject, tuple)
        own = tuple(backwards.get(s, s) for s in subject) if "agent" in question.by else subject
        expected[text, own, *rest] = value
    assert after == expected


@FEW
@given(seed=SEEDS, days=st.sampled_from((-400, -7, 1, 7)))
def test_days_of_utc_can_be_shifted(seed: int, days: int) -> None:
    log, question = make(seed)
    question = replace(question, zone="UTC", periods=("day",), where={})
    shift = days * DAY
    moved = {
        table: [
            {c: v + shift if isinstance(v, int) and v > 10 * DAY else v for c, v in row.items()}
            for row in rows
        ]
        for table, rows in log.items()
    }
    later = replace(question, start=question.start + shift, end=question.end + shift)
    before, after = ask(to_tables(log), question), ask(to_tables(moved), later)
    assert before.table.drop(["period"]).equals(after.table.drop(["period"]))
    assert before.fractions() == after.fractions()


@FEW
@given(seed=SEEDS)
def test_where_cuts_out_what_by_tells_apart(seed: int) -> None:
    log, question = make(seed)
    if not question.by:
        question = replace(
            question, metrics=("calls_offered", "average_wait_time[statistic=p90]"), by=("queue",)
        )
    question = replace(question, where={}, metrics=tuple(m for m in question.metrics if "time_in" not in m))
    tables = to_tables(log)
    every = cells_of(ask(tables, question), question)
    for subject in {key[1] for key in every}:
        assert isinstance(subject, tuple)
        where = {name: (word,) for name, word in zip(question.by, subject, strict=True)}
        own = cells_of(ask(tables, replace(question, where=where)), question)
        # A part that others have is a row of zeros here; alone it has none.
        assert own.items() <= every.items()
        missing = {key for key in every if key[1] == subject} - own.keys()
        assert all(not every[key].value for key in missing)
        assert {key[1] for key in own} == {subject}


@FEW
@given(seed=SEEDS)
def test_one_more_agent_changes_nobody_else(seed: int) -> None:
    log, question = make(seed)
    question = replace(
        question, by=("agent",), where={}, metrics=("average_handle_time", "work_rate", "occupancy")
    )
    more = {
        table: [*rows, *({**row, "agent_id": "the new one"} for row in rows if row.get("agent_id") == "Ann")]
        for table, rows in log.items()
    }
    before = cells_of(ask(to_tables(log), question), question)
    after = cells_of(ask(to_tables(more), question), question)
    assert before == {key: value for key, value in after.items() if key[1] != ("the new one",)}
    copied = {key: value for key, value in after.items() if key[1] == ("the new one",)}
    assert list(copied.values()) == [value for key, value in before.items() if key[1] == ("Ann",)]


ADDITIVE = (
    "calls_offered",
    "service_level[within=1h]",
    "average_wait_time",
    "average_handle_time[components=talk]",
    "average_handle_time[statistic=sum,components=ring+talk]",
    "logged_in_time",
    "work_rate",
    "occupancy[concurrency=elapsed]",
    "abandon_rate[unit=queue_leg]",
)


def state(cell: Cell) -> tuple[int, int]:
    """Returns what adds up: both sides of a fraction, of a sum its value in millionths."""
    if cell.denominator is None:
        assert cell.value is not None
        return int(cell.value * 1_000_000), 0
    return cell.numerator or 0, cell.denominator


def summed(
    cells: Mapping[tuple[object, ...], Cell], keep: Sequence[int]
) -> dict[tuple[object, ...], tuple[int, int]]:
    sums: dict[tuple[object, ...], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for key, cell in cells.items():
        own, so_far = state(cell), sums[tuple(key[i] for i in keep)]
        sums[tuple(key[i] for i in keep)] = so_far[0] + own[0], so_far[1] + own[1]
    return dict(sums)


@FEW
@given(
    seed=SEEDS,
    metric=st.sampled_from(ADDITIVE),
    fine=st.sampled_from(("15min", "hour", "hour_of_day", "weekday")),
)
def test_periods_add_up_as_states_and_never_as_averages(seed: int, metric: str, fine: str) -> None:
    log, question = make(seed)
    question = replace(question, metrics=(metric,), by=("agent",), where={})
    tables = to_tables(log)
    whole = cells_of(ask(tables, replace(question, periods=("all",))), replace(question, periods=("all",)))
    parts = cells_of(ask(tables, replace(question, periods=(fine,))), replace(question, periods=(fine,)))
    assert summed(parts, (0, 1, 3)) == summed(whole, (0, 1, 3))
    for cell in whole.values():
        if cell.denominator:
            assert cell.value is not None
            scale = 1_000_000 if metric.startswith("average") else 1
            assert cell.value == pytest.approx(cell.numerator / cell.denominator / scale)  # type: ignore[operator]


@FEW
@given(seed=SEEDS, metric=st.sampled_from(ADDITIVE[5:8]))
def test_teams_add_up_to_all_agents_of_a_team(seed: int, metric: str) -> None:
    log, question = make(seed)
    question = replace(question, metrics=(metric,), where={})
    tables = to_tables(log)
    by_team = replace(question, by=("team",))
    by_both = replace(question, by=("team", "agent"))
    both = {(k[0], k[1][:1], *k[2:], k[1][1:]): v for k, v in cells_of(ask(tables, by_both), by_both).items()}  # type: ignore[index]
    assert summed(both, (0, 1, 2, 3)) == summed(cells_of(ask(tables, by_team), by_team), (0, 1, 2, 3))
