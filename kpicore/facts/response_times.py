"""Response times: what a response counts for, and the mean per conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import MissingDataError
from kpicore.plugin import (
    Choice,
    Choices,
    Derivation,
    Duration,
    Fact,
    Input,
    Parameter,
    Settings,
    TableSchema,
)
from kpicore.plugin.expression import Business
from kpicore.plugin.fact import WORKED

from .clocks import CLOCK_PARAMETERS, worked_between
from .local_days import DAY, local_days
from .schemas import RESPONSES
from .schemas_conversation import (
    CREATED_RESPONSE_TIMES,
    PERSON_DAY_RESPONSE_TIMES,
    RESPONSE_TIMES,
    RESTARTED_PERSON_DAY_RESPONSE_TIMES,
    RESTARTED_RESPONSE_TIMES,
    RESTARTED_SESSION_RESPONSE_TIMES,
    SESSION_RESPONSE_TIMES,
)
from .whole_tables import given, instant, last_before, look_up, plain

__all__ = ["CAP", "DAY_CUT", "FACTS", "UNANSWERED"]

UNANSWERED = Choice(
    name="unanswered",
    doc="what a question without reply counts for: nothing, or the cap; with the cap no wait counts for more",
    values=("drop", "cap"),
    default="drop",
    used_by={"drop": "Intercom, Zendesk", "cap": "Wangwang"},
)
CAP = Duration(name="cap", doc="the longest wait that counts, with unanswered=cap", default="600s")
DAY_CUT = Choice(
    name="day_cut",
    doc="until when a reply counts: however late, or until the end of the local day of the question, which "
    "is then one without reply",
    values=("none", "local_day"),
    default="none",
    used_by={"local_day": "Wangwang"},
)
_COUNTED = (UNANSWERED, CAP, DAY_CUT, *DAY)
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
_COLUMNS = tuple(column.name for column in RESPONSES.columns)


def _counted(settings: Settings, responses: pa.Table, asked: pa.Array) -> pa.Table:
    answered = _answered(settings, responses, asked)
    columns = {name: responses.column(name) for name in _COLUMNS if name in responses.column_names}
    columns |= {"asked_at": asked.cast(_UTC), "answered_at": answered.cast(_UTC)}
    return pa.table(columns | {"wait": _capped(settings, pc.subtract(answered, asked))})


def _answered(settings: Settings, responses: pa.Table, asked: pa.Array) -> pa.Array:
    """Returns when questions were answered; null where that is too late to count."""
    answered = instant(responses, "answered_at")
    if settings.word("day_cut") == "none":
        return answered
    # A clock that starts before the question, as the contact is created, does not make its day another.
    since = pc.max_element_wise(asked, instant(responses, "asked_at"))
    day, answered_day = local_days(settings, since, answered)
    return pc.if_else(pc.equal(day, answered_day).fill_null(False), answered, pa.scalar(None, pa.int64()))


def _response_times(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    (responses,) = tables
    return {"response_times": _counted(settings, responses, instant(responses, "asked_at"))}


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
    return {"restarted_response_times": _counted(settings, responses, asked)}


def _created(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    responses, contacts = tables
    if "opened_at" not in contacts.column_names:
        raise MissingDataError("contacts has no column opened_at", hint="deliver it, or map it")
    asked = instant(responses, "asked_at")
    opened = look_up(
        given(responses, "contact_id", pa.string()),
        given(contacts, "contact_id", pa.string()),
        instant(contacts, "opened_at"),
    )
    first = pc.equal(given(responses, "ordinal", pa.int64()), 1)
    asked = pc.if_else(first, pc.min_element_wise(asked, opened), asked)
    return {"created_response_times": _counted(settings, responses, asked)}


def _waits(settings: Settings, rounds: pa.Table) -> pa.Array:
    """Returns what each round counts for: its wait, or the business time of it."""
    if WORKED not in rounds.column_names:
        return given(rounds, "wait", pa.int64())
    return _capped(settings, given(rounds, WORKED, pa.int64()))


def _capped(settings: Settings, wait: pa.Array) -> pa.Array:
    """Returns waits cut off at the cap, which is also that of a question without reply, if so asked."""
    if settings.word("unanswered") != "cap":
        return wait
    cap = settings.microseconds("cap")
    return pc.min_element_wise(wait.fill_null(cap), cap)


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


_RESPONSES = Input(of="responses", columns=_COLUMNS, order=("asked_at",))
_EVENT_ROWS = Input(
    of="contact_events", columns=("contact_id", "at", "seq", "event"), order=("at", "seq"), optional=("seq",)
)
_CONTACT_ROWS = Input(
    of="contacts", columns=("contact_id", "opened_at"), order=("contact_id",), optional=("opened_at",)
)
_ROUNDS = Input(
    of="response_times", columns=tuple(c.name for c in RESPONSE_TIMES.columns), order=("asked_at",)
)
_RESTARTED = replace(_ROUNDS, of="restarted_response_times")


def _fact(
    schema: TableSchema,
    function: Callable[[Settings, tuple[pa.Table, ...]], Mapping[str, pa.Table]],
    *inputs: Input,
    parameters: tuple[Parameter, ...],
    worked: Callable[[Settings], Business | None] | None = None,
) -> Fact:
    derivation = Derivation(
        name=schema.name,
        inputs=inputs,
        key="contact_id",
        outputs=(schema.name,),
        parameters=parameters,
        function=function,
        worked=worked,
    )
    return Fact(schema=schema, derivations=(derivation,))


def _pooled(schema: TableSchema, rounds: Input, by_day: bool) -> Fact:
    """Returns a fact that pools rounds, by conversation or by person and day."""

    def function(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
        return {schema.name: (_person_days if by_day else _means)(settings, tables[0])}

    own = DAY if by_day else (_MIDDLE,)
    return _fact(
        schema,
        function,
        rounds,
        parameters=(*own, UNANSWERED, CAP, *CLOCK_PARAMETERS),
        worked=worked_between("asked_at", "answered_at"),
    )


FACTS: tuple[Fact, ...] = (
    _fact(RESPONSE_TIMES, _response_times, _RESPONSES, parameters=_COUNTED),
    _fact(
        RESTARTED_RESPONSE_TIMES,
        _restarted,
        _RESPONSES,
        _EVENT_ROWS,
        parameters=(*_COUNTED, _EVENTS),
    ),
    _fact(CREATED_RESPONSE_TIMES, _created, _RESPONSES, _CONTACT_ROWS, parameters=_COUNTED),
    _pooled(SESSION_RESPONSE_TIMES, _ROUNDS, by_day=False),
    _pooled(RESTARTED_SESSION_RESPONSE_TIMES, _RESTARTED, by_day=False),
    _pooled(PERSON_DAY_RESPONSE_TIMES, _ROUNDS, by_day=True),
    _pooled(RESTARTED_PERSON_DAY_RESPONSE_TIMES, _RESTARTED, by_day=True),
)
