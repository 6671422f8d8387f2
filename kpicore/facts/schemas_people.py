"""The contracts of facts about how long people stay: customers and agents.

A snapshot takes what is open at an instant, ``start`` <= instant < ``end``. Whoever comes at the very
edge of a period belongs to the next one, and who leaves there is still here at the edge; so ``start`` and
``end`` lie a microsecond after the coming and the leaving.
"""

from __future__ import annotations

from kpicore.plugin.schema import Column, Kind, TableSchema
from kpicore.plugin.tables import TABLES

__all__ = ["BRIEF_TENURES", "EMPLOYMENTS", "REPURCHASES", "TENURES"]

_AGENTS, _CUSTOMERS = TABLES["agents"], TABLES["customers"]


def _time(name: str, doc: str, *, required: bool = False) -> Column:
    return Column(name=name, kind=Kind.TIME, doc=doc, required=required)


_INTERVAL = (
    _time("start", "a microsecond after the beginning", required=True),
    _time("end", "a microsecond after the end", required=True),
)
_LENGTH = Column(name="length", kind=Kind.DURATION, doc="end - start", required=True, unit="us")

TENURES = TableSchema(
    name="tenures",
    doc="A customer's relation, from its beginning to its end.",
    columns=(
        _CUSTOMERS.column("customer_id"),
        _CUSTOMERS.column("started_at"),
        _CUSTOMERS.column("ended_at"),
        *_INTERVAL,
    ),
    times={"start": "started_at", "completion": "ended_at"},
    interval=("start", "end"),
)

BRIEF_TENURES = TableSchema(
    name="brief_tenures",
    doc="A relation that is over, from its beginning to a microsecond after its end: whole where both lie in "
    "one period.",
    columns=(
        _CUSTOMERS.column("customer_id"),
        _time("start", "the beginning", required=True),
        _INTERVAL[1],
        _LENGTH,
    ),
    times={"start": "start", "completion": "end"},
    interval=("start", "end"),
)

REPURCHASES = TableSchema(
    name="repurchases",
    doc="A contact with the customer's first order after it: whole where both lie in one period.",
    columns=(
        TABLES["contacts"].column("contact_id"),
        _CUSTOMERS.column("customer_id"),
        TABLES["contacts"].column("agent_id"),
        _time("start", "when the contact was opened", required=True),
        _time("end", "a microsecond after the order", required=True),
        _LENGTH,
    ),
    times={"start": "start", "completion": "end"},
    interval=("start", "end"),
)

EMPLOYMENTS = TableSchema(
    name="employments",
    doc="A row of the roster, limited to the time in which the agent was employed.",
    columns=(
        _AGENTS.column("agent_id"),
        _AGENTS.column("team"),
        Column(
            name="full_time", kind=Kind.FLAG, doc="full time, also where the roster is silent", required=True
        ),
        _time("began_at", "when the agent was hired, or the row began to be true", required=True),
        _time("ended_at", "when the agent left, or the row ceased to be true"),
        _time("left_on", "when the agent left, in the last row that says so"),
        *_INTERVAL,
    ),
    times={"start": "began_at", "completion": "ended_at", "left": "left_on"},
    interval=("start", "end"),
)
