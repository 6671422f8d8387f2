"""Cases: contacts as pieces of work, from tickets' own columns and from events where there are any.

A case is open from ``opened_at`` until it is resolved or closed, and again from each ``reopened`` event.
What a contact's row says of its end counts where no event says it. Events before the opening count as if
they came with it. A case is in the hands of whom it was last assigned or transferred to, or who last
answered or started it.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Input, Settings

from .schemas_cases import CASE_EFFORTS, CASES, OPEN_STRETCHES, REOPENINGS, SESSIONS
from .whole_tables import given, instant, look_up, plain, starts_of_runs

__all__ = ["CONTACT_COLUMNS", "FACTS"]

_TIME = pa.timestamp("us", "UTC")
_WORDS = ("resolved", "closed", "passed", "open")
_OPEN, _RESOLVED, _CLOSED, _PASSED = range(4)
_KIND = {
    "reopened": _OPEN,
    "resolved": _RESOLVED,
    "closed": _CLOSED,
    "assigned": _PASSED,
    "answered": _PASSED,
    "started": _PASSED,
    "transferred": _PASSED,
}
NOBODY = -1


def _open_stretches(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    contacts, *events = tables
    opened = instant(contacts, "opened_at")
    known = pc.is_valid(opened)
    contacts, opened = contacts.filter(known), opened.filter(known)
    changes, agents = _changes(contacts, opened, events[0] if events else None)
    order = [(name, "ascending") for name in ("case", "at", "rank", "place")]
    changes = changes.take(pc.sort_indices(changes, sort_keys=order))
    case, at, kind, agent = (plain(changes.column(name)) for name in ("case", "at", "kind", "agent"))
    state = pc.fill_null_forward(pc.if_else(pc.equal(kind, _PASSED), pa.scalar(None, pa.int64()), kind))
    first = starts_of_runs(case)
    goes_on = pc.invert(_next(first, True))
    before = pc.if_else(first, pa.scalar(_CLOSED, pa.int64()), _before(state))
    is_open = pc.equal(state, _OPEN)
    began = pc.and_(is_open, pc.not_equal(before, _OPEN))
    following = pc.if_else(goes_on, _next(kind, _PASSED), pa.scalar(None, pa.int64()))
    ended = pc.if_else(pc.equal(following, _OPEN), pa.scalar(_PASSED, pa.int64()), following)
    words = pa.array(["open", *_WORDS[:3]])
    holder = pc.fill_null_forward(agent)
    columns = {
        "case": case,
        "holder": pc.if_else(pc.equal(holder, NOBODY), pa.scalar(None, pa.int64()), holder),
        "open_since": pc.fill_null_forward(pc.if_else(began, at, pa.scalar(None, pa.int64()))),
        "start": at,
        "end": pc.if_else(goes_on, _next(at, 0), pa.scalar(None, pa.int64())),
        "began": began,
        "ended": words.take(ended.fill_null(0)),
    }
    pieces = pa.table(columns).filter(is_open)
    case = plain(pieces.column("case"))
    stretches = {
        "contact_id": given(contacts, "contact_id", pa.string()).take(case),
        "agent_id": agents.take(plain(pieces.column("holder"))),
        "opened_at": opened.take(case).cast(_TIME),
        **{name: plain(pieces.column(name)).cast(_TIME) for name in ("open_since", "start", "end")},
        "began": pieces.column("began"),
        "ended": pieces.column("ended"),
        "filtered": _filtered(contacts).take(case),
    }
    return {"open_stretches": pa.table(stretches)}


def _changes(contacts: pa.Table, opened: pa.Array, events: pa.Table | None) -> tuple[pa.Table, pa.Array]:
    """Returns what opened, ended or passed on a case (a position in ``contacts``), and the agents."""
    found = _events(contacts, opened, events)
    case, kind, names = found["case"], found["kind"], found["agent"]
    passed = pc.equal(kind, _PASSED)
    in_charge = given(contacts, "agent_id", pa.string()).cast(pa.string())
    everybody = pc.unique(pa.concat_arrays([in_charge, names])).drop_null()
    rows = pa.arange(0, len(contacts))
    told = pc.is_in(rows, value_set=case.filter(passed))
    owner = pc.index_in(in_charge, value_set=everybody, skip_nulls=True).cast(pa.int64())
    owner = pc.if_else(told, pa.scalar(None, pa.int64()), owner).fill_null(NOBODY)
    codes = pc.index_in(names, value_set=everybody, skip_nulls=True).cast(pa.int64())
    resolved, closed = instant(contacts, "resolved_at"), instant(contacts, "closed_at")
    resolved_told = pc.is_in(rows, value_set=case.filter(pc.equal(kind, _RESOLVED)))
    end_told = pc.is_in(rows, value_set=case.filter(pc.is_in(kind, pa.array([_RESOLVED, _CLOSED]))))
    by_row = pc.and_(pc.is_valid(resolved), pc.invert(resolved_told))
    only_closed = pc.and_(pc.is_valid(closed), pc.invert(pc.or_(end_told, pc.is_valid(resolved))))
    blocks = [
        _block(rows, opened, opened, _OPEN, 0, owner),
        _block(rows.filter(by_row), resolved.filter(by_row), opened, _RESOLVED, 1, None),
        _block(rows.filter(only_closed), closed.filter(only_closed), opened, _CLOSED, 3, None),
        _block(
            case,
            found["at"],
            opened,
            kind,
            2,
            pc.if_else(passed, codes.fill_null(NOBODY), pa.scalar(None, pa.int64())),
        ),
    ]
    return pa.concat_tables(blocks), everybody


def _block(
    case: pa.Array, at: pa.Array, opened: pa.Array, kind: pa.Array | int, rank: int, agent: pa.Array | None
) -> pa.Table:
    size = len(case)
    kinds = pa.repeat(pa.scalar(kind, pa.int64()), size) if isinstance(kind, int) else kind
    columns = {
        "case": case,
        "at": pc.max_element_wise(at, opened.take(case)),
        "rank": pa.repeat(pa.scalar(rank, pa.int64()), size),
        "place": pa.arange(0, size),
        "kind": kinds,
        "agent": pa.nulls(size, pa.int64()) if agent is None else agent,
    }
    return pa.table(columns)


def _events(contacts: pa.Table, opened: pa.Array, events: pa.Table | None) -> dict[str, pa.Array]:
    """Returns the events that say something of a known case, in order."""
    if events is None:
        empty = pa.array([], pa.int64())
        return {"case": empty, "at": empty, "kind": empty, "agent": pa.array([], pa.string())}
    kind = look_up(given(events, "event", pa.string()), pa.array([*_KIND]), pa.array([*_KIND.values()]))
    case = look_up(
        given(events, "contact_id", pa.string()),
        given(contacts, "contact_id", pa.string()),
        pa.arange(0, len(contacts)),
    )
    to = given(events, "to_agent_id", pa.string()).cast(pa.string())
    own = given(events, "agent_id", pa.string()).cast(pa.string())
    transfer = pc.equal(given(events, "event", pa.string()), "transferred")
    agent = pc.if_else(transfer, to, own)
    says = pc.and_(pc.is_valid(kind), pc.is_valid(case))
    says = pc.and_not(says, pc.and_(transfer, pc.is_null(to)))
    columns = {"case": case, "at": instant(events, "at"), "kind": kind, "agent": agent}
    return {name: column.filter(says) for name, column in columns.items()}


def _filtered(contacts: pa.Table) -> pa.Array:
    return given(contacts, "filtered", pa.bool_()).fill_null(False)


def _next(column: pa.Array, last: object) -> pa.Array:
    """Returns the value of the row after each; ``last`` for the last row."""
    end = pa.array([last] if len(column) else [], column.type)
    return pa.concat_arrays([column.slice(1), end])


def _before(column: pa.Array) -> pa.Array:
    """Returns the value of the row before each; null for the first row."""
    return pa.concat_arrays(
        [pa.nulls(min(len(column), 1), column.type), column.slice(0, max(len(column) - 1, 0))]
    )


def _case_columns(contacts: pa.Table, stretches: pa.Table) -> dict[str, pa.Array]:
    """Returns the columns of cases, ``reopens`` among them."""
    contact = given(contacts, "contact_id", pa.string())
    end, ended = instant(stretches, "end"), given(stretches, "ended", pa.string())
    done = pc.is_in(ended, value_set=pa.array(["resolved", "closed"]))
    resolved = pc.equal(ended, "resolved")
    rows = pa.table(
        {
            "contact": given(stretches, "contact_id", pa.string()),
            "end": pc.if_else(done, end, pa.scalar(None, pa.int64())),
            "resolved": pc.if_else(resolved, end, pa.scalar(None, pa.int64())),
            "lasts": pc.equal(ended, "open"),
            "began": pc.cast(given(stretches, "began", pa.bool_()), pa.int64()),
        }
    )
    wanted = [("end", "min"), ("end", "max"), ("resolved", "min"), ("resolved", "max")]
    found = rows.group_by("contact").aggregate([*wanted, ("lasts", "max"), ("began", "sum")])
    among = plain(found.column("contact"))

    def of(name: str) -> pa.Array:
        return look_up(contact, among, plain(found.column(name)))

    counted = pc.subtract(of("began_sum"), 1)
    reopens = pc.max_element_wise(counted, given(contacts, "reopens", pa.int64()))
    lasts = of("lasts_max").fill_null(True)
    ended_at = pc.if_else(lasts, pa.scalar(None, pa.int64()), of("end_max"))
    is_resolved = pc.equal(of("resolved_max"), ended_at).fill_null(False)
    unknown = pc.greater(reopens, counted).fill_null(False)
    first = pc.if_else(unknown, pa.scalar(None, pa.int64()), of("end_min"))
    first_resolved = pc.if_else(unknown, pa.scalar(None, pa.int64()), of("resolved_min"))
    last_resolved = pc.if_else(is_resolved, ended_at, pa.scalar(None, pa.int64()))
    return {
        "contact_id": contact,
        "customer_id": given(contacts, "customer_id", pa.string()),
        "agent_id": given(contacts, "agent_id", pa.string()),
        "opened_at": instant(contacts, "opened_at").cast(_TIME),
        "ended_at": ended_at.cast(_TIME),
        "ended": pc.if_else(pc.is_null(ended_at), "open", pc.if_else(is_resolved, "resolved", "closed")),
        "first_ended_at": first.cast(_TIME),
        "first_resolved_at": first_resolved.cast(_TIME),
        "settled_at": pc.coalesce(first, ended_at).cast(_TIME),
        "resolved_once_at": pc.coalesce(first_resolved, last_resolved).cast(_TIME),
        "filtered": _filtered(contacts),
        "reopens": reopens,
    }


def _cases(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    return {"cases": pa.table(_case_columns(tables[0], tables[1]))}


def _reopenings(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    return {"reopenings": pa.table(_case_columns(tables[0], tables[1]))}


def _case_efforts(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    contacts, stretches, legs = tables
    parts = [given(legs, name, pa.int64()).fill_null(0) for name in ("talk", "hold", "wrapup")]
    rows = pa.table(
        {
            "contact": given(legs, "contact_id", pa.string()),
            "effort": pc.add_checked(pc.add_checked(parts[0], parts[1]), parts[2]),
        }
    )
    found = rows.group_by("contact").aggregate([("effort", "sum")])
    columns = _case_columns(contacts, stretches)
    effort = plain(found.column("effort_sum"))
    columns["effort"] = look_up(columns["contact_id"], plain(found.column("contact")), effort)
    return {"case_efforts": pa.table(columns)}


def _sessions(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    contacts, *legs = tables
    contact, opened = given(contacts, "contact_id", pa.string()), instant(contacts, "opened_at")
    taken = opened
    if legs:
        # Legs come ordered by when they began, and look_up finds the first.
        taken = look_up(contact, given(legs[0], "contact_id", pa.string()), instant(legs[0], "began_at"))
    columns = {
        "contact_id": contact,
        "customer_id": given(contacts, "customer_id", pa.string()),
        "agent_id": given(contacts, "agent_id", pa.string()),
        "opened_at": opened.cast(_TIME),
        "taken_at": taken.cast(_TIME),
        "closed_at": instant(contacts, "closed_at").cast(_TIME),
        "filtered": _filtered(contacts),
    }
    return {"sessions": pa.table(columns)}


CONTACT_COLUMNS = (
    "contact_id",
    "customer_id",
    "agent_id",
    "opened_at",
    "closed_at",
    "resolved_at",
    "reopens",
    "filtered",
)


def _contacts(*required: str) -> Input:
    optional = tuple(c for c in CONTACT_COLUMNS if c not in ("contact_id", "opened_at", *required))
    return Input(of="contacts", columns=CONTACT_COLUMNS, order=("opened_at",), optional=optional)


_EVENT_COLUMNS = ("contact_id", "at", "seq", "event", "agent_id", "to_agent_id")
_EVENTS = Input(
    of="contact_events",
    columns=_EVENT_COLUMNS,
    order=("at", "seq"),
    optional=("seq", "agent_id", "to_agent_id"),
)
_STRETCHES = Input(
    of="open_stretches",
    columns=tuple(column.name for column in OPEN_STRETCHES.columns),
    order=("start", "end"),
)
_LEG_COLUMNS = ("contact_id", "began_at", "talk", "hold", "wrapup")
_LEGS = Input(of="legs", columns=_LEG_COLUMNS, order=("began_at",), optional=("talk", "hold", "wrapup"))
_EVENTS_TOO = Input(of="contact_events", columns=("contact_id", "at", "event"), order=("at",))

_KEY = "contact_id"
_STRETCHES_OF = (
    Derivation(
        name="open_stretches",
        inputs=(_contacts(), _EVENTS),
        key=_KEY,
        outputs=("open_stretches",),
        function=_open_stretches,
    ),
    Derivation(
        name="open_stretches_of_contacts",
        inputs=(_contacts(),),
        key=_KEY,
        outputs=("open_stretches",),
        function=_open_stretches,
    ),
)
_REOPENINGS_OF = (
    Derivation(
        name="reopenings",
        inputs=(_contacts(), _STRETCHES, _EVENTS_TOO),
        key=_KEY,
        outputs=("reopenings",),
        function=_reopenings,
    ),
    Derivation(
        name="reopenings_of_contacts",
        inputs=(_contacts("reopens"), _STRETCHES),
        key=_KEY,
        outputs=("reopenings",),
        function=_reopenings,
    ),
)

FACTS: tuple[Fact, ...] = (
    Fact(schema=OPEN_STRETCHES, derivations=_STRETCHES_OF),
    Fact(
        schema=CASES,
        derivations=(
            Derivation(
                name="cases",
                inputs=(_contacts(), _STRETCHES),
                key=_KEY,
                outputs=("cases",),
                function=_cases,
            ),
        ),
    ),
    Fact(schema=REOPENINGS, derivations=_REOPENINGS_OF),
    Fact(
        schema=CASE_EFFORTS,
        derivations=(
            Derivation(
                name="case_efforts",
                inputs=(_contacts(), _STRETCHES, _LEGS),
                key=_KEY,
                outputs=("case_efforts",),
                function=_case_efforts,
            ),
        ),
    ),
    Fact(
        schema=SESSIONS,
        derivations=(
            Derivation(
                name="sessions",
                inputs=(_contacts(), _LEGS),
                key=_KEY,
                outputs=("sessions",),
                function=_sessions,
            ),
            Derivation(
                name="sessions_of_contacts",
                inputs=(_contacts(),),
                key=_KEY,
                outputs=("sessions",),
                function=_sessions,
            ),
        ),
    ),
)
