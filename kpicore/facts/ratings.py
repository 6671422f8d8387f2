"""Ratings: surveys with the agent to credit and a score that compares across scales."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import TABLES, Derivation, Fact, Input, Settings

from .scale import MILLION, Scale, ends, millionths, rescale
from .schemas_voice import (
    RATINGS,
    RATINGS_OF_ASSIGNEE_AT_RATING,
    RATINGS_OF_ASSIGNEE_AT_SOLVE,
    RATINGS_OF_LAST_REPLIER,
    RATINGS_OF_PARTICIPANTS,
)
from .takers import TAKING, takers
from .turns import HUMAN
from .whole_tables import given, instant, last_before, look_up, plain

__all__ = ["FACTS", "USUAL_SCALES"]

USUAL_SCALES = {"csat": "1..5", "nps": "0..10", "ces": "1..10", "esat": "1..5", "fcr": "0..1", "cx": "1..5"}
"""The scale of a survey that does not state its own, by kind; others have none."""

_SCALE = Scale(
    name="scale", doc="the scale of surveys that state none; without it, the usual one of the kind"
)


def _ratings(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    surveys = tables[0]
    contacts = tables[1] if len(tables) > 1 else pa.table({"contact_id": pa.array([], pa.string())})
    contact = given(surveys, "contact_id", pa.string())
    known = given(contacts, "contact_id", pa.string())
    ended = pc.coalesce(instant(contacts, "closed_at"), instant(contacts, "opened_at"))
    in_charge = look_up(contact, known, given(contacts, "agent_id", pa.string()))
    invited, answered = instant(surveys, "invited_at"), instant(surveys, "answered_at")
    asked = pc.coalesce(invited, answered, look_up(contact, known, ended))
    score = millionths(given(surveys, "score", pa.float64()))
    low, high = _limits(surveys, settings)
    answer = given(surveys, "answer", pa.string())
    columns = {
        "kind": surveys.column("kind"),
        "agent_id": pc.coalesce(given(surveys, "agent_id", pa.string()), in_charge),
        "customer_id": given(surveys, "customer_id", pa.string()),
        "contact_id": contact,
        "answer": answer,
        "score": score,
        "share": rescale(score, low, high),
        "below_top": pc.subtract(high, score),
        "answered": pc.or_(pc.is_valid(score), pc.is_valid(answer)),
        "rated_at": _times(pc.coalesce(answered, asked)),
        "asked_at": _times(asked),
        "contact_at": _times(pc.coalesce(look_up(contact, known, ended), asked)),
    }
    return {"ratings": pa.table(columns)}


def _limits(surveys: pa.Table, settings: Settings) -> tuple[pa.Array, pa.Array]:
    """Returns the lowest and highest possible score of each survey, in millionths; null where unknown."""
    kinds = TABLES["surveys"].column("kind").values
    kind = pc.index_in(given(surveys, "kind", pa.string()), value_set=pa.array(kinds))
    scales = [_SCALE.read(USUAL_SCALES[word]) if word in USUAL_SCALES else None for word in kinds]
    if settings["scale"] is not None:
        scales = [settings.words("scale")] * len(kinds)
    limits = []
    for end, name in enumerate(("scale_min", "scale_max")):
        usual = [None if scale is None else int(ends(scale)[end] * MILLION) for scale in scales]
        stated = millionths(given(surveys, name, pa.float64()))
        limits.append(pc.coalesce(stated, pa.array(usual, pa.int64()).take(kind)))
    return limits[0], limits[1]


def _times(microseconds: pa.Array) -> pa.Array:
    return microseconds.cast(pa.timestamp("us", "UTC"))


def _of_last_replier(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    ratings, *parts = tables
    took_part = pa.concat_tables([_parts(table) for table in parts])
    return {"ratings_of_last_replier": _credited_before(ratings, took_part, "at")}


def _of_assignee_at_solve(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    ratings, stretches = tables
    done = pc.is_in(given(stretches, "ended", pa.string()), pa.array(["resolved", "closed"]))
    return {"ratings_of_assignee_at_solve": _credited_before(ratings, stretches.filter(done), "end")}


def _of_assignee_at_rating(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    ratings, events = tables
    return {"ratings_of_assignee_at_rating": _credited_before(ratings, takers(events), "at")}


def _credited_before(ratings: pa.Table, rows: pa.Table, time: str) -> pa.Table:
    """Returns ``ratings`` with the agent of the contact's last row that is not later than the rating."""
    row = last_before(
        given(ratings, "contact_id", pa.string()).cast(pa.string()),
        instant(ratings, "rated_at"),
        given(rows, "contact_id", pa.string()).cast(pa.string()),
        instant(rows, time),
    )
    return _credited(ratings, given(rows, "agent_id", pa.string()).take(row))


def _of_participants(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    ratings, *parts = tables
    took_part = pa.concat_tables([_parts(table) for table in parts])
    pairs = took_part.group_by(["contact_id", "agent_id"]).aggregate([])
    rated = pa.table(
        {
            "contact_id": given(ratings, "contact_id", pa.string()).cast(pa.string()),
            "row": pa.arange(0, len(ratings)),
        }
    )
    joined = rated.join(pairs, "contact_id", join_type="left outer")
    every = ratings.take(joined.column("row"))
    return {"ratings_of_participants": _credited(every, plain(joined.column("agent_id")))}


def _parts(table: pa.Table) -> pa.Table:
    """Returns who did something on which contact, and when, from replies or from legs."""
    if "author" in table.column_names:
        table = table.filter(pc.is_in(given(table, "author", pa.string()), pa.array(HUMAN)))
    agent = given(table, "agent_id", pa.string()).cast(pa.string())
    columns = {
        "contact_id": given(table, "contact_id", pa.string()).cast(pa.string()),
        "agent_id": agent,
        "at": instant(table, "at" if "at" in table.column_names else "began_at"),
    }
    return pa.table(columns).filter(pc.is_valid(agent))


def _credited(ratings: pa.Table, agent: pa.Array) -> pa.Table:
    """Returns ``ratings`` with ``agent`` where one is known."""
    words = pc.coalesce(agent.cast(pa.string()), given(ratings, "agent_id", pa.string()))
    return ratings.set_column(ratings.column_names.index("agent_id"), "agent_id", words)


_SURVEY_COLUMNS = tuple(column.name for column in TABLES["surveys"].columns)
_SURVEYS = Input(
    of="surveys",
    columns=_SURVEY_COLUMNS,
    order=("contact_id", "invited_at", "answered_at"),
    optional=_SURVEY_COLUMNS[1:],
)
_CONTACTS = Input(
    of="contacts",
    columns=("contact_id", "agent_id", "opened_at", "closed_at"),
    order=("contact_id",),
    optional=("agent_id", "opened_at", "closed_at"),
)
_RATINGS = Input(
    of="ratings",
    columns=tuple(column.name for column in RATINGS.columns),
    order=("contact_id", "asked_at"),
)
_MESSAGES = Input(
    of="messages",
    columns=("contact_id", "at", "seq", "author", "agent_id"),
    order=("at", "seq"),
    optional=("seq",),
)
_LEGS = Input(of="legs", columns=("contact_id", "began_at", "agent_id"), order=("began_at",))
_STRETCHES = Input(
    of="open_stretches", columns=("contact_id", "start", "end", "ended", "agent_id"), order=("start", "end")
)

_DERIVATIONS = (
    Derivation(
        name="ratings",
        inputs=(_SURVEYS, _CONTACTS),
        key="contact_id",
        outputs=("ratings",),
        parameters=(_SCALE,),
        function=_ratings,
    ),
    Derivation(
        name="ratings_without_contacts",
        inputs=(_SURVEYS,),
        key="contact_id",
        outputs=("ratings",),
        parameters=(_SCALE,),
        function=_ratings,
    ),
)
_PARTS: tuple[tuple[Input, ...], ...] = ((_MESSAGES, _LEGS), (_MESSAGES,), (_LEGS,))
"""What tells who took part: both, where both are known."""


def _crediting(
    name: str,
    function: Callable[[Settings, tuple[pa.Table, ...]], Mapping[str, pa.Table]],
    told_by: tuple[tuple[Input, ...], ...] = _PARTS,
) -> tuple[Derivation, ...]:
    return tuple(
        Derivation(
            name="_".join((name, "by", *(part.of for part in parts))),
            inputs=(_RATINGS, *parts),
            key="contact_id",
            outputs=(name,),
            function=function,
        )
        for parts in told_by
    )


FACTS: tuple[Fact, ...] = (
    Fact(schema=RATINGS, derivations=_DERIVATIONS),
    Fact(
        schema=RATINGS_OF_ASSIGNEE_AT_SOLVE,
        derivations=_crediting("ratings_of_assignee_at_solve", _of_assignee_at_solve, ((_STRETCHES,),)),
    ),
    Fact(
        schema=RATINGS_OF_ASSIGNEE_AT_RATING,
        derivations=_crediting("ratings_of_assignee_at_rating", _of_assignee_at_rating, ((TAKING,),)),
    ),
    Fact(schema=RATINGS_OF_LAST_REPLIER, derivations=_crediting("ratings_of_last_replier", _of_last_replier)),
    Fact(schema=RATINGS_OF_PARTICIPANTS, derivations=_crediting("ratings_of_participants", _of_participants)),
)
