from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction as F

import pyarrow as pa
import pytest

from kpicore.scoring.card import Card
from kpicore.scoring.statistics.gaming import (
    Indicator,
    boomerang_transfers,
    bunching,
    quick_returns,
    short_contacts,
    state_flicker,
    stretched_wrapup,
    survey_avoidance,
    transfer_dumping,
)

TIME = pa.timestamp("us", "UTC")
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
S = 1_000_000


def at(seconds: float | None) -> datetime | None:
    return None if seconds is None else NOON + timedelta(seconds=seconds)


def legs(*rows: tuple[str | None, str, float, float | None, str, int | None, int | None]) -> pa.Table:
    """Rows of agent, contact, began, talk ended, how it ended, talk and wrap-up in seconds."""
    agent, contact, began, ended, how, talk, wrapup = zip(*rows, strict=True)
    return pa.table(
        {
            "agent_id": pa.array(agent, pa.string()).dictionary_encode(),
            "contact_id": pa.array(contact, pa.string()).dictionary_encode(),
            "began_at": pa.array([at(x) for x in began], TIME),
            "talk_ended_at": pa.array([at(x) for x in ended], TIME),
            "ended": pa.array(how, pa.string()).dictionary_encode(),
            "talk": pa.array([None if x is None else x * S for x in talk], pa.int64()),
            "wrapup": pa.array([None if x is None else x * S for x in wrapup], pa.int64()),
        }
    )


def counts(found: tuple[Indicator, ...]) -> dict[str, tuple[int, int]]:
    return {one.agent: (one.count, one.n) for one in found}


LEGS = legs(
    ("a", "1", 0, 20, "transferred_blind", 9, 5),
    ("b", "1", 20, 100, "transferred_blind", 80, 5),
    ("a", "1", 100, 200, "closed", 100, 5),
    ("a", "2", 300, 340, "transferred_queue", 40, 20),
    ("b", "3", 0, 10, "closed", 10, None),
    ("b", "4", 0, None, "open", None, 0),
    (None, "5", 0, 1, "transferred_blind", 1, 1),
)


def test_short_contacts_lie_below_the_limit() -> None:
    assert counts(short_contacts(LEGS)) == {"a": (1, 3), "b": (0, 2)}
    assert counts(short_contacts(LEGS, limit=11 * S)) == {"a": (1, 3), "b": (1, 2)}


def test_dumped_transfers_happen_at_once() -> None:
    assert counts(transfer_dumping(LEGS)) == {"a": (1, 3), "b": (0, 3)}


def test_boomerangs_come_back_to_the_same_agent() -> None:
    assert counts(boomerang_transfers(LEGS)) == {"a": (1, 2), "b": (0, 1)}


def test_where_nobody_transfers_there_is_no_sign_of_it() -> None:
    alone = legs(("a", "1", 0, 20, "closed", 9, 5), ("b", "2", 0, 20, "closed", 9, 5))
    assert boomerang_transfers(alone) == ()


def test_stretched_wrapup_is_beyond_three_medians() -> None:
    assert counts(stretched_wrapup(LEGS)) == {"a": (1, 3), "b": (0, 2)}


def test_quick_returns() -> None:
    table = pa.table(
        {
            "agent_id": ["a", "a", "a", "b"],
            "closed_at": pa.array([at(0)] * 4, TIME),
            "next_at": pa.array([at(60), at(86_400), at(86_401), None], TIME),
        }
    )
    assert counts(quick_returns(table)) == {"a": (2, 3), "b": (0, 1)}


def test_flicker_is_a_short_ready_that_ends_in_not_ready() -> None:
    rows = [
        ("a", "available", 0, 10),
        ("a", "break", 10, 100),
        ("a", "available", 100, 110),
        ("a", "on_contact", 110, 200),
        ("a", "available", 200, 300),
        ("a", "away", 300, 400),
        ("a", "available", 400, 410),
        ("b", "away", 410, 420),
    ]
    agent, state, start, end = zip(*rows, strict=True)
    table = pa.table(
        {
            "agent_id": list(agent),
            "state": list(state),
            "start": pa.array([at(x) for x in start], TIME),
            "end": pa.array([at(x) for x in end], TIME),
        }
    )
    assert counts(state_flicker(table)) == {"a": (1, 4), "b": (0, 0)}


def test_only_what_stands_out_from_everybody_is_suspect() -> None:
    handled = {f"{i:02}": 200 for i in range(30)}
    invited = dict.fromkeys(handled, 180) | {"07": 100, "08": 199}
    found = {one.agent: one for one in survey_avoidance(handled, invited)}
    assert [one.agent for one in found.values() if one.suspect] == ["07"]
    assert found["07"].share == 0.5
    assert (found["08"].side, found["08"].suspect) == ("alarm", False)


@pytest.mark.parametrize("rising", [True, False])
def test_bunching_at_a_knot(make_card: Callable[..., Card], rising: bool) -> None:
    card = make_card(100)
    entry = card.entries[0]
    if not rising:
        from dataclasses import replace

        from kpicore.scoring.curve import make_curve

        entry = replace(entry, curve=make_curve([(F(0), F(100)), (F(100), F(0))]))
    near = [F(99), F(99), *[F(100 if rising else 98)] * 14, F(101), F(1, 2)]
    found = {one.at: one for one in bunching(entry, near, width=F(1))}
    expected = (15, 2) if rising else (2, 1)
    assert (found[F(100)].better, found[F(100)].worse) == expected
    if rising:
        assert found[F(100)].p == pytest.approx(0.001175, abs=1e-6)
