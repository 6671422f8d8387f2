"""What the events of a queue log mean, and where each keeps its durations."""

from __future__ import annotations

from .rows import Row

__all__ = [
    "CONNECT",
    "ENDS",
    "ENTER",
    "LEAVES",
    "RINGS",
    "WRAPUP",
    "person",
    "refusal",
    "wait_and_talk",
]

ENTER = "ENTERQUEUE"
CONNECT = "CONNECT"
WRAPUP = "WRAPUPSTART"

ENDS = {
    "COMPLETEAGENT": "closed",
    "COMPLETECALLER": "closed",
    "TRANSFER": "transferred_blind",
    "BLINDTRANSFER": "transferred_blind",
    "ATTENDEDTRANSFER": "transferred_consult",
}
"""Events that end a call which an agent answered, and how the agent's part of it ended."""

LEAVES = {
    "ABANDON": ("abandoned", 3),
    "EXITWITHTIMEOUT": ("timeout", 3),
    "EXITWITHKEY": ("flow_out", 4),
    "EXITEMPTY": ("empty", 3),
    "LEAVEEMPTY": ("empty", 0),
    "LEAVEUNAVAIL": ("empty", 0),
    "SYSCOMPAT": ("unknown", 0),
}
"""Events that end a stay which nobody answered: its outcome, and which field states the wait (0: none)."""

_REFUSALS = {
    "JOINEMPTY": "empty",
    "JOINUNAVAIL": "empty",
    "FULL": "full",
    "CLOSED": "closed",
}
"""Events of calls that never entered the queue; those whose names begin with DIVERT are further ones."""

RINGS = ("RINGNOANSWER", "RINGCANCELED")
"""Events of an agent's telephone that rang in vain; data1 holds milliseconds."""


def refusal(event: str) -> str | None:
    """Returns the outcome of a call that the queue did not take; None for any other event."""
    return "diverted" if event.startswith("DIVERT") else _REFUSALS.get(event)


def wait_and_talk(row: Row) -> tuple[int | None, int | None]:
    """Returns the wait and the talk time that an end event states, in microseconds."""
    if row.event in ("COMPLETEAGENT", "COMPLETECALLER"):
        return row.seconds(1), row.seconds(2)
    if row.event == "ATTENDEDTRANSFER" and row.text(1).upper() == "LINK":
        return row.seconds(4), row.seconds(5)
    return row.seconds(3), row.seconds(4)


def person(interface: str) -> str | None:
    """Returns the agent's id: the number of ``Agent/<number>``, else the whole interface."""
    if interface in ("", "NONE"):
        return None
    head, _, number = interface.partition("/")
    return number if head.lower() == "agent" and number else interface
