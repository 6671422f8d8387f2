"""Contacts of sources that log events or messages only, in the columns of the canonical table."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from kpicore._core import MessageContacts
from kpicore.plugin import TABLES, Derivation, Fact, Input

from .contact_flow import CONTACT_FLOW, fill_contacts
from .stream import Kernel, Stream

__all__ = ["CONTACTS_OF_MESSAGES", "FACTS", "MessageContactStream"]


class MessageContactStream(Stream):
    """Finds the contacts in messages: opened with the first message, whoever wrote it.

    The agent is the last one who wrote as a human (author ``agent``; without a name it is counted as
    ``agent_missing``), the customer the first one named. When a conversation ended messages do not tell:
    it is never closed. Contacts come with ``finish`` only.
    """

    fact = "contacts"

    def make_kernel(self) -> Kernel:
        kernel: Kernel = MessageContacts(self.part, self.parts)
        return kernel

    def push(self, batch: pa.RecordBatch, port: int = 0) -> Mapping[str, pa.RecordBatch]:
        """Takes messages; returns nothing."""
        self.kernel.push(batch, port)
        return {}

    def finish(self, until: int) -> Mapping[str, pa.RecordBatch]:
        """Returns all contacts; the operator is empty afterwards."""
        return {self.fact: fill_contacts(pa.record_batch(self.kernel.finish(until)))}


CONTACTS_OF_MESSAGES = Derivation(
    name="contacts_of_messages",
    inputs=(
        Input(
            of="messages",
            columns=("contact_id", "at", "seq", "author", "agent_id", "customer_id"),
            order=("at", "seq"),
            optional=("seq", "agent_id", "customer_id"),
        ),
    ),
    key="contact_id",
    outputs=("contacts",),
    start=MessageContactStream,
)

FACTS: tuple[Fact, ...] = (Fact(schema=TABLES["contacts"], derivations=(CONTACT_FLOW, CONTACTS_OF_MESSAGES)),)
