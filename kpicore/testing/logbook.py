"""What a synthetic contact centre writes down, and its canonical tables."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from kpicore.plugin.schema import Kind
from kpicore.plugin.tables import TABLES

__all__ = ["Contact", "Logbook"]

_TYPES = {
    Kind.TIME: pa.timestamp("us", tz="UTC"),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.FLAG: pa.bool_(),
    Kind.MONEY: pa.decimal128(18, 4),
    Kind.IDS: pa.list_(pa.string()),
}

Row = dict[str, object]


@dataclass(slots=True, kw_only=True)
class Contact:
    """A conversation while it goes on."""

    contact_id: str
    customer_id: str
    channel: str
    queue: str
    opened: int
    direction: str = "inbound"
    reopens: int = 0
    root: str | None = None
    agent: str | None = None
    topics: list[str] = field(default_factory=list)
    product: str = ""
    closed: int | None = None
    resolved: int | None = None
    filtered: bool = False
    queued: int = 0
    waiting: bool = False
    waited: int = 0
    serial: int = 0


class Logbook:
    """Rows by table, in the order in which things happened."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {
            name: [] for name in ("contacts", "contact_events", "messages", "agent_states", "surveys")
        }
        self.contacts: list[Contact] = []

    def event(self, contact: Contact, at: int, event: str, **more: str | None) -> None:
        """Writes down what happened to ``contact``."""
        contact.serial += 1
        row: Row = {"contact_id": contact.contact_id, "at": at, "seq": contact.serial, "event": event}
        self.rows["contact_events"].append(row | more)

    def message(self, contact: Contact, at: int, author: str, agent: str | None = None) -> None:
        """Writes down a message."""
        contact.serial += 1
        self.rows["messages"].append(
            {
                "contact_id": contact.contact_id,
                "at": at,
                "seq": contact.serial,
                "author": author,
                "agent_id": agent,
                "customer_id": contact.customer_id if author == "customer" else None,
                "message_id": f"{contact.contact_id}-{contact.serial}",
            }
        )

    def state(self, agent: str, at: int, state: str, track: str) -> None:
        """Writes down an agent's change of state."""
        self.rows["agent_states"].append({"agent_id": agent, "at": at, "state": state, "track": track})

    def contact(self, contact: Contact) -> None:
        """Writes down a conversation that is over, or that the log leaves open."""
        self.contacts.append(contact)
        self.rows["contacts"].append(
            {
                "contact_id": contact.contact_id,
                "customer_id": contact.customer_id,
                "agent_id": contact.agent,
                "channel": contact.channel,
                "direction": contact.direction,
                "queue": contact.queue or None,
                "topics": contact.topics,
                "product": contact.product,
                "opened_at": contact.opened,
                "closed_at": contact.closed,
                "resolved_at": contact.resolved,
                "reopens": contact.reopens,
                "root_id": contact.root,
                "filtered": contact.filtered,
            }
        )

    def to_arrow(self) -> dict[str, pa.Table]:
        """Returns the canonical tables by name."""
        return {name: _to_table(name, rows) for name, rows in self.rows.items()}


def _to_table(name: str, rows: list[Row]) -> pa.Table:
    columns = {
        column.name: pa.array([row.get(column.name) for row in rows], _TYPES.get(column.kind, pa.string()))
        for column in TABLES[name].columns
    }
    if TABLES[name].open_ended:
        columns |= {
            key: pa.array([row[key] for row in rows]) for key in (rows or [{}])[0] if key not in columns
        }
    kept = {key: array for key, array in columns.items() if array.null_count < len(array) or not rows}
    return pa.table(kept)
