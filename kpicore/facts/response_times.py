"""Response times: what a response counts for, and the mean per conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import MissingDataError
from kpicore.plugin import (
    Choice,
    Choices,
    Fact,
    Input,
    Settings,
    TableSchema,
)
from kpicore.plugin.fact import WORKED

from .clocks import CLOCK_PARAMETERS, worked_between
from .local_days import DAY, local_days
from .schemas_conversation import (
    CREATED_RESPONSE_TIMES,
    PERSON_DAY_RESPONSE_TIMES,
    RESPONSE_TIMES,
    RESTARTED_PERSON_DAY_RESPONSE_TIMES,
    RESTARTED_RESPONSE_TIMES,
    RESTARTED_SESSION_RESPONSE_TIMES,
    SESSION_RESPONSE_TIMES,
)
from .waits import CAP, COUNTED, RESPONSE_ROWS, UNANSWERED, capped, counted, fact_of_waits
from .whole_tables import given, instant, last_before, look_up, plain

__all__ = ["FACTS", "OPENINGS", "since_opening"]

_EVENTS = Choices(
    name="events",
    doc="the events of a contact that start the clock anew",
    values=("answered", "assigned", "handed_off", "reopened", "transferred"),
    default="reopened",
)
_MIDDLE = Choice(
    name="middle", doc="what stands for a conversation's waits", values=("mean", "median"), default="mean"
)
_UTC = pa.timestamp("us", "UTC")


def _response_times(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    (responses,) = tables
    return {"response_times": counted(settings, responses, instant(responses, "asked_at"))}


def _restarted(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    """Starts the clock anew at the last of the events before the reply (of a question without reply, at
    the last of all), if that came after the question."""
    responses, events = tables
    words = pa.array(settings.words("events"), pa.string())
    events = events.filter(pc.is_in(given(events, "event", pa.string()), value_set=words))
    asked, at = instant(responses, "asked_at"), instant(events, "at")
    until = instant(responses, "answered_at").fill_null(2**62)
    row = last_before(
        given(responses, "contact_id", pa.string()), until, given(events, "contact_id", pa.string()), at
    )
    asked = pc.max_element_wise(asked, at.take(row))
    return {"restarted_response_times": counted(settings, responses, asked)}


def _created(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    responses, contacts = tables
    return {"created_response_times": counted(settings, responses, since_opening(responses, contacts))}


def since_opening(responses: pa.Table, contacts: pa.Table) -> pa.Array:
    """Returns when the clock starts: of a contact's first response when it was opened, if that is earlier."""
    if "opened_at" not in contacts.column_names:
        raise MissingDataError("contacts has no column opened_at", hint="deliver it, or map it")
    asked = instant(responses, "asked_at")
    opened = look_up(
        given(responses, "contact_id", pa.string()),
        given(contacts, "contact_id", pa.string()),
        instant(contacts, "opened_at"),
    )
    first = pc.equal(given(responses, "ordinal", pa.int64()), 1)
    return pc.if_else(first, pc.min_element_wise(asked, opened), asked)


def _waits(settings: Settings, rounds: pa.Table) -> pa.Array:
    """Returns what each round counts for: its wait, or the business time of it."""
    if WORKED not in rounds.column_names:
        return given(rounds, "wait", pa.int64())
    return capped(settings, given(rounds, WORKED, pa.int64()))


def _means(settings: Settings, rounds: pa.Table) -> pa.Table:
    rows = pa.table(
        {
            "contact_id": given(rounds, "contact_id", pa.string()),
            "agent_id": given(rounds, "agent_id", pa.string()).cast(pa.string()),
            "asked": instant(rounds, "asked_at"),
            "answered": instant(rounds, "answered_at"),
            "unanswered": pc.is_null(instant(rounds, "answered_at")).cast(pa.int64()),
            "wait": _waits(settings, rounds),
        }
    )
    order = [(name, "ascending") for name in ("contact_id", "agent_id", "wait")]
    rows = rows.take(pc.sort_indices(rows, sort_keys=order))
    rows = rows.append_column("position", pa.arange(0, len(rows)))
    found = rows.group_by(["contact_id", "agent_id"]).aggregate(
        [
            ("asked", "min"),
            ("answered", "max"),
            ("unanswered", "sum"),
            ("wait", "sum"),
            ("wait", "count"),
            ("position", "min"),
        ]
    )
    above, n = plain(found.column("wait_sum")), plain(found.column("wait_count"))
    middle = _half_even(above, pc.if_else(pc.equal(n, 0), pa.scalar(None, pa.int64()), n))
    if settings.word("middle") == "median":
        first, waits = plain(found.column("position_min")), plain(rows.column("wait"))
        low = pc.add(first, pc.divide(pc.subtract(n, 1), 2))
        high = pc.add(first, pc.divide(n, 2))
        middle = _half_even(pc.add(waits.take(low), waits.take(high)), pc.add(pc.multiply(n, 0), 2))
    columns = {
        "contact_id": found.column("contact_id"),
        "agent_id": found.column("agent_id"),
        "asked_at": plain(found.column("asked_min")).cast(_UTC),
        "answered_at": plain(found.column("answered_max")).cast(_UTC),
        "responses": n,
        "unanswered": found.column("unanswered_sum"),
        "wait": middle,
    }
    return pa.table(columns)


def _person_days(settings: Settings, rounds: pa.Table) -> pa.Table:
    asked = instant(rounds, "asked_at")
    (days,) = local_days(settings, asked)
    keys = ["customer_id", "agent_id"]
    rows = pa.table(
        {
            **{key: given(rounds, key, pa.string()).cast(pa.string()) for key in keys},
            "day": days,
            "asked": asked,
            "unanswered": pc.is_null(instant(rounds, "answered_at")).cast(pa.int64()),
            "wait": _waits(settings, rounds),
        }
    )
    rows = rows.filter(pc.is_valid(rows.column("customer_id")))
    found = rows.group_by([*keys, "day"]).aggregate(
        [("asked", "min"), ("unanswered", "sum"), ("wait", "max")]
    )
    columns = {
        **{key: found.column(key) for key in keys},
        "asked_at": plain(found.column("asked_min")).cast(_UTC),
        "unanswered": found.column("unanswered_sum"),
        "wait": found.column("wait_max"),
    }
    return pa.table(columns)


def _half_even(above: pa.Array, below: pa.Array) -> pa.Array:
    """Returns the quotient of integers >= 0, rounded to the nearest, halves to the even one."""
    whole = pc.divide(above, below)
    twice = pc.multiply(pc.subtract(above, pc.multiply(whole, below)), 2)
    odd = pc.equal(pc.bit_wise_and(whole, 1), 1)
    up = pc.or_(pc.greater(twice, below), pc.and_(pc.equal(twice, below), odd))
    return pc.add(whole, up.cast(pa.int64()))


_EVENT_ROWS = Input(
    of="contact_events", columns=("contact_id", "at", "seq", "event"), order=("at", "seq"), optional=("seq",)
)
OPENINGS = Input(
    of="contacts", columns=("contact_id", "opened_at"), order=("contact_id",), optional=("opened_at",)
)
_ROUNDS = Input(
    of="response_times", columns=tuple(c.name for c in RESPONSE_TIMES.columns), order=("asked_at",)
)
_RESTARTED = replace(_ROUNDS, of="restarted_response_times")


def _pooled(schema: TableSchema, rounds: Input, by_day: bool) -> Fact:
    """Returns a fact that pools rounds, by conversation or by person and day."""

    def function(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
        return {schema.name: (_person_days if by_day else _means)(settings, tables[0])}

    own = DAY if by_day else (_MIDDLE,)
    return fact_of_waits(
        schema,
        function,
        rounds,
        parameters=(*own, UNANSWERED, CAP, *CLOCK_PARAMETERS),
        worked=worked_between("asked_at", "answered_at"),
    )


FACTS: tuple[Fact, ...] = (
    fact_of_waits(RESPONSE_TIMES, _response_times, RESPONSE_ROWS, parameters=COUNTED),
    fact_of_waits(
        RESTARTED_RESPONSE_TIMES,
        _restarted,
        RESPONSE_ROWS,
        _EVENT_ROWS,
        parameters=(*COUNTED, _EVENTS),
    ),
    fact_of_waits(CREATED_RESPONSE_TIMES, _created, RESPONSE_ROWS, OPENINGS, parameters=COUNTED),
    _pooled(SESSION_RESPONSE_TIMES, _ROUNDS, by_day=False),
    _pooled(RESTARTED_SESSION_RESPONSE_TIMES, _RESTARTED, by_day=False),
    _pooled(PERSON_DAY_RESPONSE_TIMES, _ROUNDS, by_day=True),
    _pooled(RESTARTED_PERSON_DAY_RESPONSE_TIMES, _RESTARTED, by_day=True),
)
