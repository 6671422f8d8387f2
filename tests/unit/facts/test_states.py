"""State intervals by example."""

from __future__ import annotations

import pickle

import pyarrow as pa
import pytest

from kpicore.facts.builtin import kpicore_facts
from kpicore.facts.states import DERIVATION, StateIntervalStream
from kpicore.plugin import TABLES, Operator, Settings

NEXT_WINS = Settings({"overlap": "next_wins"})
KEEP = Settings({"overlap": "keep"})
AVAILABLE, BREAK, OFFLINE = 0, 4, 10

Changes = list[tuple[int, int, int | None]]


def stays(
    changes: Changes, settings: Settings = NEXT_WINS
) -> tuple[list[tuple[int, int, int]], dict[str, int]]:
    stream = StateIntervalStream(settings)
    batch = pa.record_batch(
        {
            "agent_id": pa.array([0] * len(changes), pa.int32()),
            "at": pa.array([at for at, _, _ in changes], pa.int64()),
            "state": pa.array([state for _, state, _ in changes], pa.int32()),
            "until": pa.array([until for _, _, until in changes], pa.int64()),
        }
    )
    found = [
        *stream.push(batch)["state_intervals"].to_pylist(),
        *stream.finish(100)["state_intervals"].to_pylist(),
    ]
    return [(row["state"], row["start"], row["end"]) for row in found], dict(stream.notes())


def test_the_next_row_ends_a_state_and_the_range_ends_the_last() -> None:
    found, notes = stays([(0, AVAILABLE, None), (30, BREAK, None), (40, OFFLINE, None)])
    assert found == [(AVAILABLE, 0, 30), (BREAK, 30, 40), (OFFLINE, 40, 100)]
    assert notes == {"open_end": 1}


def test_a_stated_end_before_the_next_row_leaves_a_gap() -> None:
    found, notes = stays([(0, AVAILABLE, 10), (30, BREAK, 40)])
    assert (found, notes) == ([(AVAILABLE, 0, 10), (BREAK, 30, 40)], {"gap": 1})


@pytest.mark.parametrize(("settings", "end"), [(NEXT_WINS, 30), (KEEP, 35)])
def test_a_stated_end_beyond_the_next_row(settings: Settings, end: int) -> None:
    found, notes = stays([(0, AVAILABLE, 35), (30, BREAK, 40)], settings)
    assert (found, notes) == ([(AVAILABLE, 0, end), (BREAK, 30, 40)], {"overlap": 1})


def test_a_reversed_row_ends_the_state_before_it_and_opens_nothing() -> None:
    found, notes = stays([(0, AVAILABLE, None), (30, BREAK, 20), (40, OFFLINE, 50)])
    assert (found, notes) == ([(AVAILABLE, 0, 30), (OFFLINE, 40, 50)], {"reversed": 1})


def test_a_repeated_state_is_kept_apart() -> None:
    found, notes = stays([(0, BREAK, None), (10, BREAK, None), (20, OFFLINE, 30)])
    assert (found, notes) == ([(BREAK, 0, 10), (BREAK, 10, 20), (OFFLINE, 20, 30)], {"repeated": 1})


def test_a_state_without_length_is_left_out() -> None:
    found, notes = stays([(0, AVAILABLE, None), (0, BREAK, None), (20, OFFLINE, 30)])
    assert (found, notes) == ([(BREAK, 0, 20), (OFFLINE, 20, 30)], {"zero_length": 1})


def test_stays_on_both_tracks_come_by_start() -> None:
    batch = pa.record_batch(
        {
            "agent_id": pa.array([0] * 6, pa.int32()),
            "at": pa.array([0, 1, 3, 5, 8, 9], pa.int64()),
            "state": pa.array([AVAILABLE, 1, 2, 1, BREAK, 2], pa.int32()),
            "track": pa.array([0, 1, 1, 1, 0, 1], pa.int32()),
        }
    )
    stream = StateIntervalStream(NEXT_WINS)
    first = stream.push(batch)["state_intervals"].to_pylist()
    last = stream.finish(20)["state_intervals"].to_pylist()
    assert [row["start"] for row in first] == [0, 1, 3, 5]
    assert [(row["track"], row["start"], row["end"]) for row in last] == [(0, 8, 20), (1, 9, 20)]


def test_the_record_fits_its_tables_and_the_operator_pickles() -> None:
    (given,) = DERIVATION.inputs
    table = TABLES[given.of]
    assert all(name in table for name in given.columns)
    assert set(given.columns) - set(given.optional) == set(table.required)
    assert "state_intervals" in {fact.name for fact in kpicore_facts()}
    assert pickle.loads(pickle.dumps(DERIVATION)) == DERIVATION
    stream = StateIntervalStream(KEEP, 1, 3)
    assert isinstance(stream, Operator)
    copy = pickle.loads(pickle.dumps(stream))
    assert (copy.settings, copy.part, copy.parts) == (KEEP, 1, 3)


def test_states_under_other_settings_do_not_merge() -> None:
    with pytest.raises(ValueError, match="equal settings"):
        StateIntervalStream(KEEP, 0, 2).merge(StateIntervalStream(NEXT_WINS, 1, 2))
