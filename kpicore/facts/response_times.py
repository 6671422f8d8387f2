"""Response times: what a response counts for, and the mean per conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Choice, Derivation, Duration, Fact, Input, Settings

from .schemas import RESPONSES
from .schemas_conversation import (
    RESPONSE_TIMES,
    RESTARTED_RESPONSE_TIMES,
    RESTARTED_SESSION_RESPONSE_TIMES,
    SESSION_RESPONSE_TIMES,
)
from .whole_tables import given, instant, last_before, plain

__all__ = ["CAP", "FACTS", "UNANSWERED"]

UNANSWERED = Choice(
    name="unanswered",
    doc="what a question without reply counts for: nothing, or the cap; with the cap no wait counts for more",
    values=("drop", "cap"),
    default="drop",
    used_by={"drop": "Intercom, Zendesk", "cap": "Wangwang"},
)
CAP = Duration(name="cap", doc="the longest wait that counts, with unanswered=cap", default="600s")
_UTC = pa.timestamp("us", "UTC")
_COLUMNS = tuple(column.name for column in RESPONSES.columns)


def _counted(settings: Settings, responses: pa.Table, asked: pa.Array) -> pa.Table:
    answered = instant(responses, "answered_at")
    wait = pc.subtract(answered, asked)
    if settings.word("unanswered") == "cap":
        cap = settings.microseconds("cap")
        wait = pc.min_element_wise(wait.fill_null(cap), cap)
    columns = {name: responses.column(name) for name in _COLUMNS if name in responses.column_names}
    return pa.table(columns | {"asked_at": asked.cast(_UTC), "wait": wait})


def _response_times(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    (responses,) = tables
    return {"response_times": _counted(settings, responses, instant(responses, "asked_at"))}


def _restarted(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    """Starts the clock anew at the last reopening before the reply (of a question without reply, at the
    last of all), if that came after the question."""
    responses, events = tables
    reopened = events.filter(pc.equal(given(events, "event", pa.string()), "reopened"))
    asked, at = instant(responses, "asked_at"), instant(reopened, "at")
    until = instant(responses, "answered_at").fill_null(2**62)
    row = last_before(
        given(responses, "contact_id", pa.string()), until, given(reopened, "contact_id", pa.string()), at
    )
    asked = pc.max_element_wise(asked, at.take(row))
    return {"restarted_response_times": _counted(settings, responses, asked)}


def _session_means(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    return {"session_response_times": _means(tables[0])}


def _restarted_means(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    return {"restarted_session_response_times": _means(tables[0])}


def _means(rounds: pa.Table) -> pa.Table:
    rounds = rounds.filter(pc.is_valid(rounds.column("wait")))
    rows = pa.table(
        {
            "contact_id": given(rounds, "contact_id", pa.string()),
            "agent_id": given(rounds, "agent_id", pa.string()).cast(pa.string()),
            "asked": instant(rounds, "asked_at"),
            "answered": instant(rounds, "answered_at"),
            "wait": given(rounds, "wait", pa.int64()),
        }
    )
    found = rows.group_by(["contact_id", "agent_id"]).aggregate(
        [("asked", "min"), ("answered", "max"), ("wait", "sum"), ("wait", "count")]
    )
    total, n = plain(found.column("wait_sum")), plain(found.column("wait_count"))
    columns = {
        "contact_id": found.column("contact_id"),
        "agent_id": found.column("agent_id"),
        "asked_at": plain(found.column("asked_min")).cast(_UTC),
        "answered_at": plain(found.column("answered_max")).cast(_UTC),
        "responses": n,
        "wait": _half_even(total, n),
    }
    return pa.table(columns)


def _half_even(above: pa.Array, below: pa.Array) -> pa.Array:
    """Returns the quotient of integers >= 0, rounded to the nearest, halves to the even one."""
    whole = pc.divide(above, below)
    twice = pc.multiply(pc.subtract(above, pc.multiply(whole, below)), 2)
    odd = pc.equal(pc.bit_wise_and(whole, 1), 1)
    up = pc.or_(pc.greater(twice, below), pc.and_(pc.equal(twice, below), odd))
    return pc.add(whole, up.cast(pa.int64()))


_RESPONSES = Input(of="responses", columns=_COLUMNS, order=("asked_at",))
_REOPENED = Input(
    of="contact_events", columns=("contact_id", "at", "seq", "event"), order=("at", "seq"), optional=("seq",)
)
_ROUNDS = Input(
    of="response_times", columns=tuple(c.name for c in RESPONSE_TIMES.columns), order=("asked_at",)
)
_RESTARTED = replace(_ROUNDS, of="restarted_response_times")

FACTS: tuple[Fact, ...] = (
    Fact(
        schema=RESPONSE_TIMES,
        derivations=(
            Derivation(
                name="response_times",
                inputs=(_RESPONSES,),
                key="contact_id",
                outputs=("response_times",),
                parameters=(UNANSWERED, CAP),
                function=_response_times,
            ),
        ),
    ),
    Fact(
        schema=RESTARTED_RESPONSE_TIMES,
        derivations=(
            Derivation(
                name="restarted_response_times",
                inputs=(_RESPONSES, _REOPENED),
                key="contact_id",
                outputs=("restarted_response_times",),
                parameters=(UNANSWERED, CAP),
                function=_restarted,
            ),
        ),
    ),
    Fact(
        schema=SESSION_RESPONSE_TIMES,
        derivations=(
            Derivation(
                name="session_response_times",
                inputs=(_ROUNDS,),
                key="contact_id",
                outputs=("session_response_times",),
                function=_session_means,
            ),
        ),
    ),
    Fact(
        schema=RESTARTED_SESSION_RESPONSE_TIMES,
        derivations=(
            Derivation(
                name="restarted_session_response_times",
                inputs=(_RESTARTED,),
                key="contact_id",
                outputs=("restarted_session_response_times",),
                function=_restarted_means,
            ),
        ),
    ),
)
