"""Reopenings that no agent answers: for a word of thanks, say."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Input, Settings

from .schemas_cases import ANSWERED_REOPENINGS, OPEN_STRETCHES, REOPENINGS
from .turns import HUMAN
from .whole_tables import first_from, given, instant, look_up, plain

__all__ = ["FACTS"]


def _answered_reopenings(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    cases, stretches, messages, _ = tables
    thanks = _unanswered(stretches, messages).group_by("contact").aggregate([([], "count_all")])
    contact = given(cases, "contact_id", pa.string())
    found = look_up(contact, plain(thanks.column("contact")), plain(thanks.column("count_all")))
    found = found.cast(pa.int64()).fill_null(0)
    reopens = pc.subtract(given(cases, "reopens", pa.int64()), found)
    cases = cases.set_column(cases.column_names.index("reopens"), "reopens", reopens)
    return {"answered_reopenings": cases.append_column("unanswered", found)}


def _unanswered(stretches: pa.Table, messages: pa.Table) -> pa.Table:
    """Returns the ``contact`` of each reopening without an agent's message until the case ended again."""
    rows = pa.table(
        {
            "contact": given(stretches, "contact_id", pa.string()),
            "since": instant(stretches, "open_since"),
            "end": instant(stretches, "end"),
            "lasts": pc.equal(given(stretches, "ended", pa.string()), "open"),
        }
    )
    times = rows.group_by(["contact", "since"]).aggregate([("end", "max"), ("lasts", "max")])
    first = rows.group_by("contact").aggregate([("since", "min")])
    contact, since, end, lasts = (
        plain(times.column(n)) for n in ("contact", "since", "end_max", "lasts_max")
    )
    opened = look_up(contact, plain(first.column("contact")), plain(first.column("since_min")))
    own = pc.is_in(given(messages, "author", pa.string()), pa.array(HUMAN))
    at = instant(messages, "at").filter(own)
    reply = at.take(first_from(contact, since, given(messages, "contact_id", pa.string()).filter(own), at))
    silent = pc.invert(pc.less_equal(reply, end).fill_null(False))
    again = pc.and_(pc.greater(since, opened), pc.invert(lasts))
    return pa.table({"contact": contact}).filter(pc.and_(again, silent))


FACTS: tuple[Fact, ...] = (
    Fact(
        schema=ANSWERED_REOPENINGS,
        derivations=(
            Derivation(
                name="answered_reopenings",
                inputs=(
                    Input(
                        of="reopenings",
                        columns=tuple(column.name for column in REOPENINGS.columns),
                        order=("opened_at",),
                    ),
                    Input(
                        of="open_stretches",
                        columns=tuple(column.name for column in OPEN_STRETCHES.columns),
                        order=("start", "end"),
                    ),
                    Input(of="messages", columns=("contact_id", "at", "author"), order=("at",)),
                    # Only events tell when a case was reopened.
                    Input(of="contact_events", columns=("contact_id", "at", "event"), order=("at",)),
                ),
                key="contact_id",
                outputs=("answered_reopenings",),
                function=_answered_reopenings,
            ),
        ),
    ),
)
