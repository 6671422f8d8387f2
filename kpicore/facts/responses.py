"""Responses: a customer's unanswered message and the reply to it, or its lack."""

from __future__ import annotations

from kpicore._core import Responses
from kpicore.plugin import Choice, Derivation, Fact, Input

from .schemas import RESPONSES
from .stream import Kernel, Stream

__all__ = ["DERIVATION", "FACTS", "ResponseStream"]


class ResponseStream(Stream):
    """Turns messages into responses.

    The clock starts at a customer's message and stops at the next message of an agent, or of a bot in
    an agent's name; under ``actor=any`` also at one of a bot or at a welcome. Notes, system messages and
    what is of no known author never stop it. What is unanswered at the end comes without ``answered_at``,
    under the last human agent of the contact. ``customer_id`` is the last one named in the contact by
    then. A contact in which an agent writes before any customer is counted as ``agent_initiated``; his
    messages until then are no responses.
    """

    fact = "responses"

    def make_kernel(self) -> Kernel:
        word = self.settings.word
        kernel: Kernel = Responses(
            self.part, self.parts, word("actor") == "any", word("start") == "last_unanswered"
        )
        return kernel


DERIVATION = Derivation(
    name="responses",
    inputs=(
        Input(
            of="messages",
            columns=("contact_id", "at", "seq", "author", "agent_id", "customer_id"),
            order=("at", "seq", "author"),
            optional=("seq", "agent_id", "customer_id"),
        ),
    ),
    key="contact_id",
    outputs=("responses",),
    parameters=(
        Choice(
            name="actor",
            doc="whose message stops the clock: that of a human, or of bots and welcomes as well",
            default="human",
            values=("human", "any"),
        ),
        Choice(
            name="start",
            doc="which of several customer messages in a row starts the clock",
            default="first_unanswered",
            values=("first_unanswered", "last_unanswered"),
        ),
    ),
    start=ResponseStream,
)

FACTS: tuple[Fact, ...] = (Fact(schema=RESPONSES, derivations=(DERIVATION,)),)
