"""What the events of a contact mean: stays in queues, handling by agents, and the contact as a whole.

A contact waits in at most one queue at a time; any number of agents may be on it at once. Each agent's
part goes through phases (rings, talk, hold, paused, wrap-up) that events begin and end; a segment is what
lies between two of them, also where that took no time. These are the rules:

================== =======================================================================================
event              effect
================== =======================================================================================
queued             a visit of ``queue`` (else ``to_queue``) begins; one open in another queue ends as
                   flow_out and its rings end
offered            rings at the agent; rings that began earlier at others end unanswered, rings that began at
                   the same instant go on (all are rung together)
answered, started  the agent's leg begins; an open visit ends as answered by him; every other ring ends.
                   It began as transferred_in or conferenced where that was announced, else answered out of
                   a queue, else conferenced where another agent is on the contact, else assigned to its
                   owner, else outbound if ``started`` without a ring, else answered
assigned           the agent owns the contact from then on: his leg began as assigned (or transferred_in, if
                   announced), an open visit ends as answered by him, the legs of others end as left; if the
                   next thing is that he answers or starts, the leg begins there instead; if the contact
                   leaves the queue unanswered, or is offered to him, he had no leg
held, retrieved    talk turns into hold, hold into talk
transferred        the agent's leg ends as transferred_blind, _consult or _queue (untold: consult if the
                   receiver is on the contact already, queue if only a queue is named, else blind). A receiver
                   who is on it and came later is now transferred_in; else the next leg to begin is. With
                   nobody on the contact, an open visit ends as transferred
conferenced        both stay: hold ends for all; who came later, or the next to come, is conferenced
left               the agent's leg ends as left, or his ring ends unanswered
wrapup_started     wrap-up begins after the conversation, also after ``closed``; it ends the talk of who was
                   still talking, and his leg ends as the contact's end tells
wrapup_ended       the leg is complete
exited             an open visit ends as ``detail`` says: timeout, full, empty, closed, diverted, else unknown
abandoned,         an open visit ends so; rings end
voicemail,
callback_requested
pending, resolved  talk and hold pause without a segment, until the agent answers, starts, retrieves, holds or
                   is assigned again, or the contact is reopened. A leg resolved for good ended as closed when
                   it was resolved. ``resolved`` also ends an open visit, as unknown
reopened           closed or resolved no more; paused legs go on
closed             all legs that are on end as closed, an open visit as unknown, rings end
filtered           marks the contact; the remaining events change nothing
================== =======================================================================================

An event without agent is about the unknown agent if one is on the contact, else about the only agent it can
be about. Where there is none or several, ``offered``, ``answered``, ``started`` and ``assigned`` bring in an
unknown agent, whose segments and legs have a null agent; other events are about nobody.

A leg's queue is the first known of: its event's, its ring's, its visit's, the one transferred to. The
contact's queue is the first it was in; its agent who took it last (a transfer's receiver; who joins a
conference only once the others left); it opened with its first event.

At the end of the data an open visit has the outcome unknown, an open leg ended as open; both have no end
and their segments run to the end of the data.

What makes no sense where it stands changes nothing, invents no time and is counted: ``after_closed`` (what
begins or ends handling when the contact is closed), ``opened_late``, ``*_twice``, ``*_without_*``,
``offered_while_handling``, ``reopened_while_open``, ``exited_another_queue``. Counted too, but with effect:
``agent_missing`` (one of the four events named no agent), ``wrapup_cut`` (the agent took the contact again
during wrap-up), ``ended_while_waiting`` (closed or resolved in a queue), and what the end of the data found
open: ``visit_open``, ``ring_open``, ``leg_open``, ``wrapup_open``.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from kpicore._core import ContactFlow
from kpicore.plugin import TABLES, Derivation, Input, Kind

from .stream import Kernel, Stream

__all__ = ["CONTACT_FLOW", "ContactFlowStream", "fill_contacts"]

_CODED = {Kind.KEY: pa.int64(), Kind.ID: pa.int32(), Kind.ENUM: pa.int32(), Kind.TIME: pa.int64()}
_CODED |= {Kind.INTEGER: pa.int64(), Kind.FLAG: pa.bool_()}


class ContactFlowStream(Stream):
    """Turns events into visits, segments, legs and contacts, by the rules of this module.

    Contacts come with ``finish`` only: any of them may be reopened until then.
    """

    fact = "contact_flow"

    def make_kernel(self) -> Kernel:
        kernel: Kernel = ContactFlow(self.part, self.parts)
        return kernel

    def push(self, batch: pa.RecordBatch, port: int = 0) -> Mapping[str, pa.RecordBatch]:
        """Returns the visits, segments and legs that ``batch`` completes."""
        return _batches(self.kernel.push(batch, port))

    def finish(self, until: int) -> Mapping[str, pa.RecordBatch]:
        """Returns what was open, and all contacts; the operator is empty afterwards."""
        facts = _batches(self.kernel.finish(until))
        return {**facts, "contacts": fill_contacts(facts["contacts"])}


def _batches(facts: object) -> dict[str, pa.RecordBatch]:
    assert isinstance(facts, dict)
    return {name: pa.record_batch(columns) for name, columns in facts.items()}


def fill_contacts(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Returns derived contacts with all columns that the engine codes; null in those not derived."""
    columns = [column for column in TABLES["contacts"].columns if column.kind in _CODED]
    known = {name: batch.column(name) for name in batch.schema.names}
    return pa.record_batch(
        {column.name: known.get(column.name, pa.nulls(len(batch), _CODED[column.kind])) for column in columns}
    )


CONTACT_FLOW = Derivation(
    name="contact_flow",
    inputs=(
        Input(
            of="contact_events",
            columns=(
                "contact_id",
                "at",
                "seq",
                "event",
                "agent_id",
                "to_agent_id",
                "queue",
                "to_queue",
                "detail",
            ),
            order=("at", "seq"),
            optional=("seq", "agent_id", "to_agent_id", "queue", "to_queue", "detail"),
        ),
    ),
    key="contact_id",
    outputs=("visits", "segments", "legs", "contacts"),
    start=ContactFlowStream,
)
