"""Responses credited to those in charge of the contact, whoever replied."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Fact, Input, Settings

from .schemas_conversation import RESPONSE_TIMES_OF_ASSIGNEES, RESPONSE_TIMES_OF_LAST_ASSIGNEES
from .takers import TAKING, takers
from .waits import COUNTED, RESPONSE_ROWS, counted, fact_of_waits
from .whole_tables import given, instant, last_before, look_up

__all__ = ["FACTS"]


def _of_assignees(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    responses, events = tables
    taken = takers(events)
    row = last_before(
        given(responses, "contact_id", pa.string()),
        instant(responses, "answered_at").fill_null(2**62),
        given(taken, "contact_id", pa.string()),
        instant(taken, "at"),
    )
    agent = given(taken, "agent_id", pa.string()).take(row)
    return {"response_times_of_assignees": _credited(settings, responses, agent)}


def _of_last_assignees(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    responses, contacts = tables
    agent = look_up(
        given(responses, "contact_id", pa.string()),
        given(contacts, "contact_id", pa.string()),
        given(contacts, "agent_id", pa.string()),
    )
    return {"response_times_of_last_assignees": _credited(settings, responses, agent)}


def _credited(settings: Settings, responses: pa.Table, agent: pa.Array) -> pa.Table:
    """Returns responses credited to ``agent``, where one is known."""
    words = pc.coalesce(agent.cast(pa.string()), given(responses, "agent_id", pa.string()).cast(pa.string()))
    found = counted(settings, responses, instant(responses, "asked_at"))
    return found.set_column(found.column_names.index("agent_id"), "agent_id", words)


_CONTACTS = Input(of="contacts", columns=("contact_id", "agent_id"), order=("contact_id",))

FACTS: tuple[Fact, ...] = (
    fact_of_waits(RESPONSE_TIMES_OF_ASSIGNEES, _of_assignees, RESPONSE_ROWS, TAKING, parameters=COUNTED),
    fact_of_waits(
        RESPONSE_TIMES_OF_LAST_ASSIGNEES, _of_last_assignees, RESPONSE_ROWS, _CONTACTS, parameters=COUNTED
    ),
)
