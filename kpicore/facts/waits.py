"""Waits for replies: what a response counts for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Choice, Derivation, Duration, Fact, Input, Parameter, Settings, TableSchema
from kpicore.plugin.expression import Business

from .local_days import DAY, local_days
from .schemas import RESPONSES
from .whole_tables import instant

__all__ = ["CAP", "COUNTED", "DAY_CUT", "RESPONSE_ROWS", "UNANSWERED", "capped", "counted", "fact_of_waits"]

UNANSWERED = Choice(
    name="unanswered",
    doc="what a question without reply counts for: nothing, or the cap; with the cap no wait counts for more",
    values=("drop", "cap"),
    default="drop",
    used_by={"drop": "Intercom, Zendesk", "cap": "Wangwang"},
)
CAP = Duration(name="cap", doc="the longest wait that counts, with unanswered=cap", default="600s")
DAY_CUT = Choice(
    name="day_cut",
    doc="until when a reply counts: however late, or until the end of the local day of the question, which "
    "is then one without reply",
    values=("none", "local_day"),
    default="none",
    used_by={"local_day": "Wangwang"},
)
COUNTED = (UNANSWERED, CAP, DAY_CUT, *DAY)
"""The parameters of facts whose waits are ``counted``."""

_UTC = pa.timestamp("us", "UTC")
_COLUMNS = tuple(column.name for column in RESPONSES.columns)

RESPONSE_ROWS = Input(of="responses", columns=_COLUMNS, order=("asked_at",))


def counted(settings: Settings, responses: pa.Table, asked: pa.Array) -> pa.Table:
    """Returns ``responses`` asked at ``asked``, each with the ``wait`` that counts for it."""
    answered = _answered(settings, responses, asked)
    columns = {name: responses.column(name) for name in _COLUMNS if name in responses.column_names}
    columns |= {"asked_at": asked.cast(_UTC), "answered_at": answered.cast(_UTC)}
    return pa.table(columns | {"wait": capped(settings, pc.subtract(answered, asked))})


def _answered(settings: Settings, responses: pa.Table, asked: pa.Array) -> pa.Array:
    """Returns when questions were answered; null where that is too late to count."""
    answered = instant(responses, "answered_at")
    if settings.word("day_cut") == "none":
        return answered
    # A clock that starts before the question, as the contact is created, does not make its day another.
    since = pc.max_element_wise(asked, instant(responses, "asked_at"))
    day, answered_day = local_days(settings, since, answered)
    return pc.if_else(pc.equal(day, answered_day).fill_null(False), answered, pa.scalar(None, pa.int64()))


def capped(settings: Settings, wait: pa.Array) -> pa.Array:
    """Returns waits cut off at the cap, which is also that of a question without reply, if so asked."""
    if settings.word("unanswered") != "cap":
        return wait
    cap = settings.microseconds("cap")
    return pc.min_element_wise(wait.fill_null(cap), cap)


def fact_of_waits(
    schema: TableSchema,
    function: Callable[[Settings, tuple[pa.Table, ...]], Mapping[str, pa.Table]],
    *inputs: Input,
    parameters: tuple[Parameter, ...],
    worked: Callable[[Settings], Business | None] | None = None,
) -> Fact:
    """Returns a fact that ``function`` derives, contact by contact."""
    derivation = Derivation(
        name=schema.name,
        inputs=inputs,
        key="contact_id",
        outputs=(schema.name,),
        parameters=parameters,
        function=function,
        worked=worked,
    )
    return Fact(schema=schema, derivations=(derivation,))
