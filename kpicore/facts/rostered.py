"""Rostered time: what an agent did beside what was planned, in stretches where both are constant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Input, Settings, Switch
from kpicore.plugin.schema import Column, Kind, TableSchema
from kpicore.plugin.tables import TABLES

from .schemas import DUTY, OFF_DUTY, TRACKS
from .whole_tables import given, instant, last_before, plain

__all__ = ["FACTS", "ROSTERED"]

_UTC = pa.timestamp("us", "UTC")

ROSTERED = TableSchema(
    name="rostered",
    doc="What an agent did and what was planned: stretches where both are constant.",
    columns=(
        DUTY.column("agent_id"),
        DUTY.column("state"),
        DUTY.column("presence"),
        DUTY.column("routing"),
        TABLES["schedules"].column("activity"),
        Column(name="scheduled", kind=Kind.FLAG, doc="whether anything was planned", required=True),
        Column(
            name="productive", kind=Kind.FLAG, doc="whether contacts were planned; null where nothing was"
        ),
        Column(
            name="as_named",
            kind=Kind.FLAG,
            doc="whether the state is called like the activity",
            required=True,
        ),
        Column(
            name="in_category",
            kind=Kind.FLAG,
            doc="whether the state on either track is called like the activity",
            required=True,
        ),
        Column(
            name="for_reason",
            kind=Kind.FLAG,
            doc="whether the reason of the state on either track is called like the activity; null where "
            "reasons are not asked for",
        ),
        DUTY.column("start"),
        DUTY.column("end"),
    ),
    times={"start": "start", "completion": "end"},
    interval=("start", "end"),
)


def _rostered(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    duty, schedules = (_stretches(table) for table in tables[:2])
    schedules = _one_at_a_time(schedules)
    reasons = tables[2] if settings.flag("reasons") else None
    pieces = _pieces(duty, schedules, reasons)
    did, planned = _found(pieces, duty), _found(pieces, schedules)
    states = {name: given(tables[0], name, pa.string()) for name in ("state", "presence", "routing")}
    activity = given(tables[1], "activity", pa.string()).cast(pa.string())
    contacts = given(tables[1], "productive", pa.bool_())
    by_name = pc.invert(pc.is_in(activity, value_set=pa.array(OFF_DUTY)))
    row = pc.take(duty.column("row").combine_chunks(), did)
    plan = pc.take(schedules.column("row").combine_chunks(), planned)
    columns = {name: values.cast(pa.string()).take(row) for name, values in states.items()}
    columns |= {"activity": activity.take(plan), "productive": pc.coalesce(contacts, by_name).take(plan)}
    columns["scheduled"] = pc.is_valid(plan)
    columns["as_named"] = _same(columns["state"], columns["activity"])
    columns["in_category"] = pc.or_(*(_same(columns[track], columns["activity"]) for track in TRACKS))
    columns["for_reason"] = pa.nulls(len(pieces), pa.bool_())
    if reasons is not None:
        columns["for_reason"] = _for_reason(pieces, columns, reasons)
    columns |= {name: pieces.column(name) for name in ("agent_id", "start", "end")}
    facts = pa.table(columns).filter(pc.or_(pc.is_valid(row), pc.is_valid(plan)))
    for name in ("start", "end"):
        facts = facts.set_column(facts.column_names.index(name), name, facts.column(name).cast(_UTC))
    return {"rostered": facts}


def _same(one: pa.Array, other: pa.Array) -> pa.Array:
    return pc.equal(one, other).fill_null(False)


def _for_reason(pieces: pa.Table, columns: Mapping[str, pa.Array], changes: pa.Table) -> pa.Array:
    """Returns whether the last change of a track in which the agent is gave the activity as its reason."""
    agent, start = (plain(pieces.column(name)) for name in ("agent_id", "start"))
    named = []
    for track in TRACKS:
        own = changes.filter(pc.equal(given(changes, "track", pa.string()), track).fill_null(True))
        whose = given(own, "agent_id", pa.string()).cast(pa.string())
        last = last_before(agent, start, whose, instant(own, "at"))
        reason = given(own, "reason", pa.string()).cast(pa.string()).take(last)
        named.append(pc.and_(_same(reason, columns["activity"]), pc.is_valid(columns[track])))
    return pc.or_(*named)


def _stretches(table: pa.Table) -> pa.Table:
    """Returns agent, start and end in microseconds, and the row, of what takes time."""
    columns = {
        "agent_id": given(table, "agent_id", pa.string()).cast(pa.string()),
        "start": instant(table, "start"),
        "end": instant(table, "end"),
        "row": pa.arange(0, len(table)),
    }
    return pa.table(columns).filter(pc.less(columns["start"], columns["end"]))


def _one_at_a_time(plans: pa.Table) -> pa.Table:
    """Returns plans of which an agent has one at a time: the one that began last, then the one it cut.

    Of those that began together it is the one that ends first.
    """
    size = len(plans)
    if size < 2:
        return plans
    plans = plans.take(pc.sort_indices(plans, sort_keys=_LAST_ON_TOP))
    agent, start, end = (plans.column(name).combine_chunks() for name in ("agent_id", "start", "end"))
    same = pc.equal(agent.slice(1), agent.slice(0, size - 1))
    overlap = pc.and_(same, pc.less(start.slice(1), end.slice(0, size - 1)))
    if not pc.any(overlap).as_py():
        return plans
    # Breaks laid over shifts: schedules have few rows, and which covers which matters.
    pieces = _uncovered(zip(*(plans.column(name).to_pylist() for name in _NAMES), strict=True))
    return pa.table(dict(zip(_NAMES, zip(*pieces, strict=True), strict=True)), schema=plans.schema)


_NAMES = ("agent_id", "start", "end", "row")
_LAST_ON_TOP = [
    ("agent_id", "ascending"),
    ("start", "ascending"),
    ("end", "descending"),
    ("row", "ascending"),
]
Plan = tuple[str, int, int, int]


def _uncovered(plans: Iterable[Plan]) -> list[Plan]:
    """Returns the pieces of ``plans`` (by agent and start) that no later one covers, in order."""
    pieces: list[Plan] = []
    waiting: list[Plan] = []

    def advance(agent: str, until: int) -> None:
        """Ends what lies on top, then what lay under it, until the next plan begins."""
        now = None
        while waiting:
            whose, start, end, row = waiting.pop()
            start = start if now is None else max(start, now)
            now = max(start, end if whose != agent else min(end, until))
            if start < min(now, end):
                pieces.append((whose, start, min(now, end), row))
            if whose == agent and now < end:
                waiting.append((whose, now, end, row))
                return

    for agent, start, end, row in plans:
        advance(agent, start)
        waiting.append((agent, start, end, row))
    advance("", 0)
    return pieces


def _pieces(duty: pa.Table, schedules: pa.Table, reasons: pa.Table | None) -> pa.Table:
    """Returns what lies between two neighbouring edges of one agent."""
    parts = [
        table.select(["agent_id", name]).rename_columns(["a", "at"])
        for table in (duty, schedules)
        for name in ("start", "end")
    ]
    if reasons is not None:
        agent = given(reasons, "agent_id", pa.string()).cast(pa.string())
        parts.append(pa.table({"a": agent, "at": instant(reasons, "at")}))
    edges = pa.concat_tables(parts).group_by(["a", "at"]).aggregate([])
    edges = edges.take(pc.sort_indices(edges, sort_keys=[("a", "ascending"), ("at", "ascending")]))
    agent, at = (edges.column(name).combine_chunks() for name in ("a", "at"))
    last = max(len(edges) - 1, 0)
    between = pa.table({"agent_id": agent.slice(0, last), "start": at.slice(0, last), "end": at.slice(1)})
    return between.filter(pc.equal(agent.slice(0, last), agent.slice(1)))


def _found(pieces: pa.Table, among: pa.Table) -> pa.Array:
    """Returns for each piece the position of the stretch that it lies in; null for none."""
    agent, start = (pieces.column(name).combine_chunks() for name in ("agent_id", "start"))
    place = last_before(
        agent, start, among.column("agent_id").combine_chunks(), among.column("start").combine_chunks()
    )
    inside = pc.greater(among.column("end").combine_chunks().take(place), start).fill_null(False)
    return pc.if_else(inside, place, pa.scalar(None, pa.int64()))


def _named(settings: Settings) -> bool:
    return settings.flag("activities")


def _unnamed(settings: Settings) -> bool:
    return not settings.flag("activities")


def _with_reasons(settings: Settings) -> bool:
    return settings.flag("reasons")


_SCHEDULES = Input(
    of="schedules",
    columns=("agent_id", "start", "end", "activity", "productive"),
    order=("start", "end"),
    optional=("activity", "productive"),
    when=_unnamed,
)

_DERIVATION = Derivation(
    name="rostered",
    inputs=(
        Input(
            of="duty",
            columns=("agent_id", "state", "presence", "routing", "start", "end"),
            order=("start", "end"),
        ),
        _SCHEDULES,
        replace(_SCHEDULES, optional=("productive",), when=_named),
        Input(
            of="agent_states",
            columns=("agent_id", "at", "seq", "track", "reason"),
            order=("at", "seq"),
            optional=("seq", "track"),
            when=_with_reasons,
        ),
    ),
    key="agent_id",
    outputs=("rostered",),
    parameters=(
        Switch(name="activities", doc="whether schedules must say what was planned", default="false"),
        Switch(name="reasons", doc="whether the reasons of states are compared as well", default="false"),
    ),
    function=_rostered,
)

FACTS: tuple[Fact, ...] = (Fact(schema=ROSTERED, derivations=(_DERIVATION,)),)
