"""Paced segments: what agents did with contacts, apart where something halted it."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Input, Settings
from kpicore.plugin.schema import Column, Kind, TableSchema

from .cutting import Stretches, cut
from .pauses import ACTIVITY, AUTHORS, IDLE, PAUSES
from .schemas import DUTY, OFF_DUTY, SEGMENTS
from .whole_tables import coded, given, instant, paired, plain, starts_of_runs

__all__ = ["FACTS"]

_UTC = pa.timestamp("us", "UTC")
_CONVERSATION = ("talk", "hold")

AWAY_SEGMENTS = TableSchema(
    name="away_segments",
    doc="The part of a segment in which its agent was off duty.",
    columns=tuple(SEGMENTS.column(name) for name in ("contact_id", "agent_id", "start", "end")),
    times={"start": "start", "completion": "end"},
    interval=("start", "end"),
)
PACED_SEGMENTS = TableSchema(
    name="paced_segments",
    doc="A part of a segment that was paused, or was not, throughout.",
    columns=(
        *(SEGMENTS.column(name) for name in ("contact_id", "agent_id", "queue", "kind")),
        Column(name="paused", kind=Kind.FLAG, doc="whether something halted the handling", required=True),
        Column(name="began_at", kind=Kind.TIME, doc="when the whole segment began", required=True),
        Column(name="ended_at", kind=Kind.TIME, doc="when the whole segment ended", required=True),
        SEGMENTS.column("start"),
        SEGMENTS.column("end"),
    ),
    times={"start": "began_at", "completion": "ended_at"},
    interval=("start", "end"),
)


def _away_segments(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    segments, duty = (table.filter(_lasting(table)) for table in tables)
    off = pa.array(OFF_DUTY)
    away = [pc.is_in(given(duty, track, pa.string()), value_set=off) for track in ("presence", "routing")]
    duty = duty.filter(pc.or_(*away))
    handled, absent = cut(*_by((segments, duty), "agent_id"))
    there = pc.is_in(handled.place, value_set=absent.place)
    row = handled.row.filter(there)
    columns = {name: given(segments, name, pa.string()).take(row) for name in ("contact_id", "agent_id")}
    columns["start"] = handled.start.filter(there).cast(_UTC)
    columns["end"] = handled.end.filter(there).cast(_UTC)
    return {"away_segments": pa.table(columns)}


def _paced_segments(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    """Cuts segments where a pause begins or ends; pieces of one segment that touch differ."""
    segments, *others = tables
    segments = segments.filter(_lasting(segments))
    pauses = settings.words("pause_on")
    going = [_going_on(settings, *others[:2])] if "idle" in pauses else []
    away = others[-1:] if "away" in pauses else []
    pieces, *marks = cut(*_by((segments, *going, *away), "contact_id"))
    paused = pa.repeat(pa.scalar(False), len(pieces.row))
    if going:
        kind = given(segments, "kind", pa.string()).take(pieces.row)
        talks = pc.is_in(kind, value_set=pa.array(_CONVERSATION))
        paused = pc.and_not(talks, pc.is_in(pieces.place, value_set=marks[0].place))
    if away:
        own, theirs = coded(*(given(table, "agent_id", pa.string()) for table in (segments, *away)))
        places = (pieces.place, own.take(pieces.row)), (marks[-1].place, theirs.take(marks[-1].row))
        mine, absent = paired(*places)
        ring = pc.equal(given(segments, "kind", pa.string()).take(pieces.row), "ring")
        paused = pc.or_(paused, pc.and_not(pc.is_in(mine, value_set=absent), ring))
    begins = starts_of_runs(pieces.row, paused)
    row = pieces.row.filter(begins)
    ends = pa.concat_arrays([begins.slice(1), _one_of(begins)])
    columns = {
        name: given(segments, name, pa.string()).take(row)
        for name in ("contact_id", "agent_id", "queue", "kind")
    }
    columns["paused"] = paused.filter(begins)
    columns["began_at"] = instant(segments, "start").take(row).cast(_UTC)
    columns["ended_at"] = instant(segments, "end").take(row).cast(_UTC)
    columns["start"] = pieces.start.filter(begins).cast(_UTC)
    columns["end"] = pieces.end.filter(ends).cast(_UTC)
    return {"paced_segments": pa.table(columns)}


def _going_on(settings: Settings, legs: pa.Table, messages: pa.Table) -> pa.Table:
    """Returns when conversations go on: from a message, or an agent's taking them, for ``idle``."""
    wanted = pa.array(AUTHORS[settings.word("activity")])
    messages = messages.filter(pc.is_in(given(messages, "author", pa.string()), value_set=wanted))
    contact = [given(table, "contact_id", pa.string()).cast(pa.string()) for table in (legs, messages)]
    at = pa.concat_arrays([instant(legs, "began_at"), instant(messages, "at")])
    signs = pa.table({"contact_id": pa.concat_arrays(contact), "at": at})
    signs = signs.take(pc.sort_indices(signs, sort_keys=[("contact_id", "ascending"), ("at", "ascending")]))
    contact_id, at = plain(signs.column("contact_id")), plain(signs.column("at"))
    until = pc.add_checked(at, settings.microseconds("idle"))
    late = pc.greater(at.slice(1), until.slice(0, max(len(at) - 1, 0)))
    begins = pc.or_(starts_of_runs(contact_id), pa.concat_arrays([_one_of(at), late]))
    ends = pa.concat_arrays([begins.slice(1), _one_of(at)])
    columns = {
        "contact_id": contact_id.filter(begins),
        "start": at.filter(begins).cast(_UTC),
        "end": until.filter(ends).cast(_UTC),
    }
    return pa.table(columns)


def _one_of(rows: pa.Array) -> pa.Array:
    """Returns true, once if there are rows: what holds for the first or the last of them."""
    return pa.array([True] if len(rows) else [], pa.bool_())


def _lasting(table: pa.Table) -> pa.Array:
    return pc.less(instant(table, "start"), instant(table, "end")).fill_null(False)


def _by(tables: tuple[pa.Table, ...], key: str) -> list[Stretches]:
    codes = coded(*(given(table, key, pa.string()) for table in tables))
    return [
        Stretches(key=code, start=instant(table, "start"), end=instant(table, "end"))
        for code, table in zip(codes, tables, strict=True)
    ]


def _idle(settings: Settings) -> bool:
    return "idle" in settings.words("pause_on")


def _away(settings: Settings) -> bool:
    return "away" in settings.words("pause_on")


_SEGMENTS = Input(
    of="segments",
    columns=("contact_id", "agent_id", "queue", "kind", "start", "end"),
    order=("start", "end"),
    optional=("queue",),
)
_MESSAGES = Input(of="messages", columns=("contact_id", "at", "author"), order=("at", "author"), when=_idle)

FACTS: tuple[Fact, ...] = (
    Fact(
        schema=AWAY_SEGMENTS,
        derivations=(
            Derivation(
                name="away_segments",
                inputs=(
                    _SEGMENTS,
                    Input(
                        of="duty",
                        columns=tuple(column.name for column in DUTY.columns),
                        order=("start", "end"),
                    ),
                ),
                key="agent_id",
                outputs=("away_segments",),
                function=_away_segments,
            ),
        ),
    ),
    Fact(
        schema=PACED_SEGMENTS,
        derivations=(
            Derivation(
                name="paced_segments",
                inputs=(
                    _SEGMENTS,
                    Input(of="legs", columns=("contact_id", "began_at"), order=("began_at",), when=_idle),
                    _MESSAGES,
                    Input(
                        of="away_segments",
                        columns=("contact_id", "agent_id", "start", "end"),
                        order=("start", "end"),
                        when=_away,
                    ),
                ),
                key="contact_id",
                outputs=("paced_segments",),
                parameters=(PAUSES, IDLE, ACTIVITY),
                function=_paced_segments,
            ),
        ),
    ),
)
