"""Handling that pauses, and parts of contacts without a word of the agent, on data checked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import MissingDataError, ParameterError
from kpicore.testing import check_metric

NINE = datetime(2026, 10, 12, 9, tzinfo=UTC)
Row = Mapping[str, object]
Tables = Mapping[str, Sequence[Row]]


def minute(number: float) -> datetime:
    return NINE + timedelta(minutes=number)


def rows_of(tables: Tables, text: str, *by: str, **more: str) -> list[dict[str, object]]:
    found = {}
    for name, rows in tables.items():
        columns = dict.fromkeys(column for row in rows for column in row)
        found[name] = pa.table({c: pa.array([row.get(c) for row in rows]) for c in columns})
    return kpicore.measure(kpicore.open(found), [text], by, zone="UTC", **more).rows()  # type: ignore[arg-type]


def event(contact: str, at: float, word: str, agent: str | None = None) -> Row:
    return {"contact_id": contact, "at": minute(at), "event": word, "agent_id": agent}


def said(contact: str, at: float, author: str, agent: str | None = None) -> Row:
    return {"contact_id": contact, "at": minute(at), "author": author, "agent_id": agent}


# Ann takes a at 0. The customer writes at 5 and 40, Ann at 12 and 41; a bot writes at 30. Ann is on a
# break from 8 to 10 and hands over to Bob at 45, who ends the talk at 50 without a word and wraps up to 53.
# b is Bob's from 60 on, pending from 62 to 70, closed at 71; he writes at 61.
LOG: Tables = {
    "contact_events": [
        event("a", 0, "answered", "ann"),
        {**event("a", 45, "transferred", "ann"), "to_agent_id": "bob", "detail": "blind"},
        event("a", 45, "answered", "bob"),
        event("a", 50, "wrapup_started", "bob"),
        event("a", 53, "wrapup_ended", "bob"),
        event("a", 53, "closed"),
        event("b", 60, "answered", "bob"),
        event("b", 62, "pending", "bob"),
        event("b", 70, "reopened"),
        event("b", 71, "closed"),
    ],
    "messages": [
        said("a", 5, "customer"),
        said("a", 12, "agent", "ann"),
        said("a", 30, "bot_auto"),
        said("a", 40, "customer"),
        said("a", 41, "agent", "ann"),
        said("b", 61, "agent", "bob"),
    ],
    "agent_states": [
        {"agent_id": "ann", "at": minute(at), "state": state}
        for at, state in ((0, "available"), (8, "break"), (10, "available"), (60, "offline"))
    ],
}


@pytest.mark.parametrize(
    ("bracket", "ann", "bob"),
    [
        ("", 45, 5 + 3 + 2 + 1),
        # both write: on until 22, from 40 on; b starts at 60, at 61 a word of Bob's
        ("pause_on=idle", 22 + 5, 5 + 3 + 2 + 1),
        ("pause_on=idle,idle=4m", 4 + 4 + 4 + 5, 4 + 3 + 2 + 0),
        ("pause_on=idle,activity=customer", 15 + 5, 5 + 3 + 2 + 0),
        ("pause_on=idle,activity=agent", 10 + 10 + 4, 5 + 3 + 2 + 1),
        ("pause_on=away", 43, 11),
        ("pause_on=away+idle", 25, 11),
    ],
)
def test_when_handling_pauses(bracket: str, ann: float, bob: float) -> None:
    for metric in (f"handling_time[{bracket}]", f"average_handle_time[statistic=sum,{bracket}]"):
        found = {row["agent"]: row["value"] for row in rows_of(LOG, metric, "agent")}
        assert found == {"ann": ann * 60, "bob": bob * 60}
    (whole,) = rows_of(LOG, f"average_handle_time[unit=interaction,{bracket}]")
    assert whole["value"] == (ann + bob) * 60 / 2


def test_the_quantiles_of_paused_handling() -> None:
    parts = "average_handle_time[pause_on=idle,statistic={}]"
    assert rows_of(LOG, parts.format("max"))[0]["value"] == 27 * 60
    assert rows_of(LOG, parts.format("p50"))[0]["value"] == 8 * 60
    assert rows_of(LOG, parts.format("share,within=8m"))[0]["value"] == pytest.approx(2 / 3)
    (held,) = rows_of(LOG, "average_handle_time[pause_on=idle,components=wrapup,over=with_component]")
    assert held["value"] == 180


def test_paused_handling_by_the_quarter_hour() -> None:
    rows = rows_of(
        LOG, "handling_time[pause_on=idle]", period="15min", start="2026-10-12T09:00", end="2026-10-12T10:00"
    )
    assert [row["value"] for row in rows] == [15 * 60, 7 * 60, 5 * 60, 8 * 60]


@pytest.mark.parametrize(
    ("bracket", "seconds", "n", "left_out"),
    [
        ("", (45 + 3) * 60, 2, 1),
        ("unit=interaction", (45 + 8 + 3) * 60, 2, None),
        ("pause_on=idle", (27 + 3) * 60, 2, 1),
        ("denominator=ended", (45 + 3) * 60, 2, 1),
    ],
)
def test_an_agent_who_wrote_nothing(bracket: str, seconds: float, n: int, left_out: int | None) -> None:
    (row,) = rows_of(LOG, f"average_handle_time[require_agent_message=true,{bracket}]")
    assert (row["numerator"], row["denominator"]) == (seconds * 1_000_000, n)
    assert row["excluded"] == ({} if left_out is None else {"no_agent_message": left_out})


def test_a_contact_without_a_word_of_any_agent() -> None:
    silent = {**LOG, "messages": [said("a", 5, "customer"), said("b", 61, "bot_assist", "bob")]}
    (row,) = rows_of(silent, "average_handle_time[require_agent_message=true,unit=interaction]")
    assert (row["value"], row["n"], row["excluded"]) == (180, 1, {"no_agent_message": 1})


def test_what_the_log_must_have() -> None:
    bare = {"contact_events": LOG["contact_events"]}
    for name in ("average_handle_time", "handling_time"):
        with pytest.raises(MissingDataError, match="there is no table messages"):
            rows_of(bare, f"{name}[pause_on=idle]")
        with pytest.raises(MissingDataError, match="there is no table agent_states"):
            rows_of(bare, f"{name}[pause_on=away]")
    messages = [{k: v for k, v in row.items() if k != "agent_id"} for row in LOG["messages"]]
    with pytest.raises(MissingDataError, match="messages has no column agent_id"):
        rows_of({**bare, "messages": messages}, "average_handle_time[require_agent_message=true]")


def test_pauses_are_those_of_single_contacts() -> None:
    for text in (
        "average_handle_time[concurrency=union,pause_on=idle]",
        "average_handle_time[concurrency=shared,require_agent_message=true]",
        "handling_time[concurrency=union,pause_on=away]",
    ):
        with pytest.raises(ParameterError, match="does not go with"):
            rows_of(LOG, text)


def test_laws() -> None:
    check_metric("handling_time", by=("agent",))
