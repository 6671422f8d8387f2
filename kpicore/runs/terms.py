"""The terms of a review: all that it takes in beside the log, kept with its run as text and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast, get_args

import pyarrow as pa

from kpicore.clock import CalendarBook, read_calendars
from kpicore.errors import VerificationError
from kpicore.scoring import Decision, Mark, Measured
from kpicore.scoring.measured import SubjectKey
from kpicore.scoring.schema import Reason

from .amend import Correction
from .posting import Posting, postings_table
from .store import CALENDAR, Run

__all__ = ["Terms", "terms_of", "terms_tables"]

_SUBJECT = pa.list_(pa.string())


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A card and what it is applied with.

    ``period`` is written as ``2026-10``, ``2026-W40``, ``2026-Q3``, ``2026`` or a day; without it the
    whole range of the log is one period. ``previous`` are last period's values, for cards that carry them
    forward, of ``previous_run`` where a run gave them; ``decisions`` are those of persons; ``corrections``
    change the log first; ``postings`` are the differences that late corrections of earlier periods made.
    ``calendars``, ``day_start`` (microseconds after midnight) and ``fiscal_year_start`` are those of the
    query.
    """

    card: str
    period: str | None = None
    zone: str | None = None
    marks: tuple[Mark, ...] = ()
    previous: tuple[Measured, ...] = ()
    decisions: tuple[Decision, ...] = ()
    corrections: tuple[Correction, ...] = ()
    keep_evidence: bool = False
    previous_run: str | None = None
    postings: tuple[Posting, ...] = ()
    calendars: CalendarBook | None = None
    day_start: int = 0
    fiscal_year_start: int = 1


def terms_tables(terms: Terms) -> dict[str, pa.Table]:
    """Returns what of ``terms`` is records: a table per kind that has any, numbers as exact text."""
    kinds: dict[str, tuple[Sequence[object], tuple[str, ...]]] = {
        "marks": (terms.marks, _MARK),
        "previous": (terms.previous, _PREVIOUS),
        "decisions": (terms.decisions, _DECISION),
        "corrections": (terms.corrections, _CORRECTION),
    }
    tables = {name: _table(records, columns) for name, (records, columns) in kinds.items() if records}
    return tables | postings_table(terms.postings)


_MARK = ("subject", "item", "value", "evaluator", "evidence")
_PREVIOUS = ("subject", "metric", "value", "n", "numerator", "denominator", "reason")
_DECISION = ("subject", "by", "reason", "grade", "total")
_CORRECTION = ("appeal", "contact", "table", "column", "value", "reason")


def _table(records: Sequence[object], columns: Sequence[str]) -> pa.Table:
    schema = pa.schema([(name, _SUBJECT if name == "subject" else pa.string()) for name in columns])
    rows = [{name: _plain(getattr(record, name)) for name in columns} for record in records]
    return pa.Table.from_pylist(rows, schema=schema)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Fraction | int) else value


def terms_of(run: Run) -> Terms:
    """Returns the terms on which a run was made; VerificationError where it has no card."""
    if run.card is None:
        raise VerificationError(f"{run.path} has no card", hint="only a scored run can be made again")
    arguments = run.manifest.provenance.arguments
    written = run.text(CALENDAR)

    def rows(name: str) -> list[dict[str, str | None]]:
        found: list[dict[str, str | None]] = run.table(name).to_pylist() if name in run.tables else []
        return found

    return Terms(
        card=run.card,
        period=None if arguments.get("period", "all") == "all" else arguments["period"],
        zone=arguments.get("zone"),
        marks=tuple(
            Mark(
                subject=_key(row),
                item=_word(row["item"]),
                value=Fraction(_word(row["value"])),
                evaluator=_word(row["evaluator"]),
                evidence=_word(row["evidence"]),
            )
            for row in rows("marks")
        ),
        previous=tuple(_measured(row) for row in rows("previous")),
        decisions=tuple(
            Decision(
                subject=_key(row),
                by=_word(row["by"]),
                reason=_word(row["reason"]),
                grade=row["grade"],
                total=_fraction(row["total"]),
            )
            for row in rows("decisions")
        ),
        corrections=tuple(
            Correction(
                appeal=_word(row["appeal"]),
                contact=_word(row["contact"]),
                table=row["table"],
                column=row["column"],
                value=row["value"],
                reason=_word(row["reason"]),
            )
            for row in rows("corrections")
        ),
        keep_evidence="evidence" in run.tables,
        previous_run=arguments.get("previous_run"),
        postings=tuple(
            Posting(
                subject=_word(row["subject"]),
                points=Fraction(_word(row["points"])),
                before=_word(row["before"]),
                after=_word(row["after"]),
            )
            for row in rows("postings")
        ),
        calendars=None if written is None else read_calendars(written, name=arguments["calendar"]),
        day_start=int(arguments.get("day_start", "0")),
        fiscal_year_start=int(arguments.get("fiscal_year_start", "1")),
    )


def _measured(row: Mapping[str, str | None]) -> Measured:
    reason = row["reason"]
    return Measured(
        subject=_key(row),
        metric=_word(row["metric"]),
        value=_fraction(row["value"]),
        n=_whole(row["n"]),
        numerator=_whole(row["numerator"]),
        denominator=_whole(row["denominator"]),
        reason=cast("Reason", reason) if reason in get_args(Reason) else None,
    )


def _key(row: Mapping[str, object]) -> SubjectKey:
    subject = row["subject"]
    assert isinstance(subject, list)
    return tuple(subject)


def _word(text: str | None) -> str:
    return text or ""


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)
