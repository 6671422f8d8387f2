"""Corrections: what a decided appeal changes in a log before it is measured again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import DataError, UsageError, suggest
from kpicore.plugin import TABLES, RowTally
from kpicore.tables import Ledger, Log

__all__ = ["Correction", "amend"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One change that an appeal asks for.

    Without ``table``, every row of the contact is excluded, in all tables. With it, ``column`` of the
    contact's rows in that table becomes ``value`` (None: null). ``appeal`` is its id.
    """

    contact: str
    reason: str
    table: str | None = None
    column: str | None = None
    value: str | None = None
    appeal: str = ""

    @property
    def excludes(self) -> bool:
        """Whether rows are left out, and not changed."""
        return self.table is None


def amend(log: Log, corrections: Sequence[Correction]) -> Log:
    """Returns the log after ``corrections``, in their order; its ledger counts every row they touch.

    DataError where a correction finds no row, UsageError where it names a table or column that the log
    does not have, or a value that the column cannot hold.
    """
    tables, ledger = dict(log.tables), Ledger()
    ledger.merge(log.ledger)
    for correction in corrections:
        touched = 0
        for name in [correction.table] if correction.table else sorted(tables):
            if name not in tables:
                raise UsageError(f"the log has no table {name!r}", hint=suggest(name, sorted(tables)))
            table = tables[name]
            rows = _rows_of(table, correction.contact)
            number = pc.sum(rows).as_py() or 0
            if not number:
                continue
            touched += number
            if correction.excludes:
                tables[name] = table.filter(pc.invert(rows))
                # What a source's rows had been used for is taken back under the appeal's own name.
                left_out = RowTally(used=-number, excluded=Counter({"appeal": number}))
                ledger.add(f"appeal {correction.appeal}", name, left_out)
            else:
                tables[name] = _changed(table, name, rows, correction)
                ledger.note(name, "corrected_by_appeal", number, source=f"appeal {correction.appeal}")
        if not touched:
            raise DataError(
                f"no row of contact {correction.contact!r} is in {correction.table or 'any table'}",
                hint="`kpicore explain RUN SUBJECT` lists the contacts",
            )
    ledger.check()
    return replace(log, tables=tables, ledger=ledger) if corrections else log


def _rows_of(table: pa.Table, contact: str) -> pa.ChunkedArray:
    """Returns which rows are of ``contact``; none where the table has no such column."""
    if "contact_id" not in table.column_names:
        return pa.chunked_array([pa.repeat(False, len(table))])
    return pc.equal(table.column("contact_id").cast(pa.string()), contact).fill_null(False)


def _changed(table: pa.Table, name: str, rows: pa.ChunkedArray, correction: Correction) -> pa.Table:
    column = correction.column or ""
    if column not in table.column_names or column == "contact_id":
        known = [each for each in table.column_names if each != "contact_id"]
        raise UsageError(f"{name} has no column {column!r} to correct", hint=suggest(column, known))
    values = table.column(column)
    dictionary = pa.types.is_dictionary(values.type)
    kind = values.type.value_type if dictionary else values.type
    allowed = _allowed(name, column)
    if allowed and correction.value not in (None, *allowed):
        hint = suggest(str(correction.value), list(allowed))
        raise UsageError(f"{name}.{column} has no value {correction.value!r}", hint=hint)
    try:
        new = pa.scalar(correction.value, pa.string()).cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise UsageError(f"{name}.{column} cannot be {correction.value!r}: {error}") from error
    mended = pc.if_else(rows, new, values.cast(kind)).combine_chunks()
    if dictionary:
        words = pa.array(allowed, kind) if allowed else pc.unique(mended).drop_null()
        codes = pc.index_in(mended, value_set=words).cast(values.type.index_type)
        mended = pa.DictionaryArray.from_arrays(codes, words)
    return table.set_column(table.column_names.index(column), column, mended)


def _allowed(name: str, column: str) -> tuple[str, ...]:
    """Returns the words of an enumeration in the order of its codes; none where it is no enumeration."""
    schema = TABLES.get(name)
    return schema.column(column).values if schema is not None and column in schema else ()
