"""The points of a card as the matrix that MCDA methods take: complete, and every column tells something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from kpicore.plugin import WeightingInput

__all__ = ["Matrix", "Subject", "matrix_of", "shares_of"]

Subject = tuple[str | None, ...]
_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Points by subject (rows, sorted) and entry (columns): no missing cell, no constant column."""

    subjects: tuple[Subject, ...]
    entries: tuple[str, ...]
    values: npt.NDArray[np.float64]


def matrix_of(given: WeightingInput) -> Matrix:
    """Returns what can be compared: the subjects that have points for every entry that anybody has points
    for, and of these entries those in which such subjects differ.

    The methods turn every score into NaN, without a word, where one cell is missing or one column constant.
    """
    known = [name for name in given.entries if any(p is not None for p in given.points[name].values())]
    everybody = {subject for name in known for subject in given.points[name]}
    rows: dict[Subject, list[Fraction]] = {}
    for subject in sorted(everybody, key=_order):
        cells = [given.points[name].get(subject) for name in known]
        complete = [cell for cell in cells if cell is not None]
        if len(complete) == len(known):
            rows[subject] = complete
    columns = list(zip(*rows.values(), strict=True))
    varying = [i for i, column in enumerate(columns) if min(column) < max(column)]
    values = np.array([[float(row[i]) for i in varying] for row in rows.values()], dtype=np.float64)
    return Matrix(
        subjects=tuple(rows),
        entries=tuple(known[i] for i in varying),
        values=values.reshape(len(rows), len(varying)),
    )


def shares_of(
    given: WeightingInput, matrix: Matrix, weights: npt.NDArray[np.float64]
) -> Mapping[str, Fraction]:
    """Returns a share for every entry, exactly 1 in sum, of ``weights`` of the matrix's entries.

    Entries without information weigh nothing; where no entry has any, all weigh the same. ``weights`` that
    are not usable (a method divided by zero) count as equal.
    """
    if not matrix.entries:
        return {entry: Fraction(1, len(given.entries)) for entry in given.entries}
    whole = float(np.sum(weights))
    if not np.isfinite(weights).all() or whole <= 0 or weights.min() < -1e-9:
        weights = np.ones(len(matrix.entries))
        whole = float(len(matrix.entries))
    parts = [Fraction(f"{max(float(weight), 0.0) / whole:.{_DIGITS}f}") for weight in weights]
    largest = parts.index(max(parts))
    parts[largest] += 1 - sum(parts)
    found = dict(zip(matrix.entries, parts, strict=True))
    return {entry: found.get(entry, Fraction(0)) for entry in given.entries}


def _order(subject: Subject) -> tuple[tuple[bool, str], ...]:
    return tuple((part is not None, part or "") for part in subject)
