"""Random small logs: delivered facts of every family, with what real ones have of nulls, gaps and ties."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random

import pyarrow as pa

from kpicore.facts import schemas as facts
from kpicore.plugin import TABLES, Kind, TableSchema

__all__ = ["BASE", "DAY", "HOUR", "MINUTE", "SCHEMAS", "SECOND", "random_log", "to_tables"]

SECOND, MINUTE, HOUR, DAY = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
BASE = 1_792_800_000_000_000
"""2026-10-24 04:00 UTC: the day before clocks change in Europe, eight days before America."""

HIRED = tuple(
    int(datetime(*day, 12, tzinfo=UTC).timestamp()) * SECOND
    for day in ((2026, 7, 25), (2026, 9, 25), (2025, 10, 25), (2023, 10, 26), (2026, 7, 31))
)
AGENTS = ("Ann", "bob", "李雷", "韩梅梅", "zoë")
QUEUES = ("billing", "support", "售后")
TEAMS = ("night", "day")

SCHEMAS: Mapping[str, TableSchema] = {
    **TABLES,
    **{schema.name: schema for schema in vars(facts).values() if isinstance(schema, TableSchema)},
}
_TYPES = {
    Kind.TIME: pa.timestamp("us", tz="UTC"),
    Kind.DURATION: pa.int64(),
    Kind.INTEGER: pa.int64(),
    Kind.FLAG: pa.bool_(),
    Kind.IDS: pa.list_(pa.string()),
}

Rows = list[dict[str, object]]


class _Maker:
    """Draws rows of facts; contacts are known beforehand, so that facts can refer to them."""

    def __init__(self, random: Random, size: int, days: int) -> None:
        self.random, self.size, self.span = random, size, days * DAY
        self.contacts = [f"c{i}" for i in range(max(1, size // 2))]

    def maybe(self, value: object, chance: float = 0.15) -> object:
        return None if self.random.random() < chance else value

    def at(self) -> int:
        coarse = self.random.choice((1, SECOND, 15 * MINUTE, HOUR))
        return BASE + self.random.randrange(self.span) // coarse * coarse

    def length(self) -> int:
        return self.random.choice((0, 5 * SECOND, 20 * SECOND, self.random.randrange(9 * HOUR), 3 * HOUR))

    def interval(self) -> tuple[int, int]:
        start = self.at()
        return start, start + self.length()

    def pick(self, words: Sequence[object]) -> object:
        return self.random.choice(words)

    def some(self, words: Sequence[str]) -> object:
        """Returns some of the words, in any order and perhaps twice."""
        return self.maybe([self.pick(words) for _ in range(self.random.randrange(4))])

    def hired_on(self) -> object:
        """Returns an instant whose day of the month comes round in the log, or any."""
        return self.maybe(self.pick((*HIRED, BASE - self.random.randrange(1500) * DAY)))

    def enum(self, table: str, column: str) -> object:
        return self.pick(SCHEMAS[table].column(column).values)

    def visits(self) -> dict[str, object]:
        start, end = self.interval()
        left = self.maybe(end)
        wait = self.maybe(end - start) if left is not None else None
        return {
            "contact_id": self.maybe(self.pick((*self.contacts, "unknown")), 0.0),
            "queue": self.maybe(self.pick(QUEUES)),
            "agent_id": self.maybe(self.pick(AGENTS), 0.3),
            "entered_at": start,
            "left_at": left,
            "outcome": self.pick(("answered", "abandoned", self.enum("visits", "outcome"))),
            "wait": wait,
        }

    def legs(self) -> dict[str, object]:
        start, end = self.interval()
        return {
            "contact_id": self.pick(self.contacts),
            "agent_id": self.pick(AGENTS),
            "queue": self.maybe(self.pick(QUEUES)),
            "began_at": start,
            "talk_ended_at": self.maybe(end),
            "ended_at": self.maybe(end + self.length()),
            "began": self.enum("legs", "began"),
            "ended": self.enum("legs", "ended"),
            "ring": self.maybe(self.length()),
            "talk": self.maybe(self.length()),
            "hold": self.maybe(self.length()),
            "wrapup": self.maybe(self.length()),
        }

    def segments(self) -> dict[str, object]:
        start, end = self.interval()
        return {
            "contact_id": self.pick(self.contacts),
            "agent_id": self.pick(AGENTS),
            "queue": self.maybe(self.pick(QUEUES)),
            "kind": self.enum("segments", "kind"),
            "start": start,
            "end": end,
        }

    def responses(self) -> dict[str, object]:
        start, end = self.interval()
        return {
            "contact_id": self.pick(self.contacts),
            "customer_id": self.maybe(f"k{self.random.randrange(4)}"),
            "agent_id": self.maybe(self.pick(AGENTS)),
            "asked_at": start,
            "answered_at": self.maybe(end, 0.3),
            "ordinal": self.random.randrange(1, 4),
        }

    def duty(self) -> dict[str, object]:
        start, end = self.interval()
        presence = self.maybe(self.enum("duty", "presence"), 0.4)
        routing = self.maybe(self.enum("duty", "routing"), 0.4)
        state = routing if routing is not None else presence
        own = {"agent_id": self.pick(AGENTS), "state": state, "presence": presence, "routing": routing}
        return own | {"start": start, "end": end}

    def engagement(self) -> dict[str, object]:
        row = self.duty()
        del row["state"]
        return row | {"level": self.random.randrange(3)}

    def workload(self) -> dict[str, object]:
        start, end = self.interval()
        level = self.random.randrange(1, 12)
        return {"agent_id": self.pick(AGENTS), "level": level, "start": start, "end": end}

    def memberships(self) -> dict[str, object]:
        start, end = self.interval()
        return {
            "agent_id": self.pick(AGENTS),
            "team": self.maybe(self.pick(TEAMS)),
            "capacity": self.maybe(self.random.randrange(1, 9)),
            "full_time": self.maybe(self.pick((True, False))),
            "start": start,
            "end": end,
        }


def random_log(random: Random, *, size: int = 12, days: int = 3) -> dict[str, Rows]:
    """Returns rows by table: contacts, agents, and ``size`` rows of every delivered fact."""
    make = _Maker(random, size, days)
    families: Sequence[tuple[str, Callable[[], dict[str, object]]]] = (
        ("visits", make.visits),
        ("legs", make.legs),
        ("segments", make.segments),
        ("responses", make.responses),
        ("duty", make.duty),
        ("engagement", make.engagement),
        ("workload", make.workload),
        ("memberships", make.memberships),
    )
    log: dict[str, Rows] = {name: [draw() for _ in range(size)] for name, draw in families}
    log["contacts"] = [_contact(make, name) for name in make.contacts]
    log["agents"] = [row for agent in AGENTS[:-1] for row in _validities(make, agent)]
    return log


def _contact(make: _Maker, name: str) -> dict[str, object]:
    start, end = make.interval()
    return {
        "contact_id": name,
        "agent_id": make.maybe(make.pick(AGENTS)),
        "channel": make.maybe(make.pick(("voice", "chat"))),
        "tier": make.maybe(make.pick(("gold", "金"))),
        "topics": make.some(("refund", "发货", "delivery")),
        "opened_at": make.maybe(start),
        "closed_at": make.maybe(end),
    }


def _validities(make: _Maker, agent: str) -> Rows:
    edges = sorted({make.at() for _ in range(make.random.randrange(4))})
    lows: list[int | None] = [None, *edges]
    highs: list[int | None] = [*edges, None]
    rows: Rows = []
    for low, high in zip(lows, highs, strict=True):
        if make.random.random() < 0.85:
            team = make.maybe(make.pick(TEAMS))
            own = {"skills": make.some(("mail", "voice", "退款")), "hired_on": make.hired_on()}
            rows.append({"agent_id": agent, "team": team, **own, "valid_from": low, "valid_to": high})
    return rows


def to_tables(log: Mapping[str, Sequence[Mapping[str, object]]]) -> dict[str, pa.Table]:
    """Returns the rows as Arrow tables with every column that some row has."""
    tables = {}
    for name, rows in log.items():
        columns = dict.fromkeys(column for row in rows for column in row)
        arrays = {}
        for column in columns:
            schema = SCHEMAS[name]
            kind = schema.column(column).kind if column in schema else Kind.ID
            arrays[column] = pa.array([row.get(column) for row in rows], _TYPES.get(kind, pa.string()))
        tables[name] = pa.table(arrays)
    return tables
