"""The order of rows by several columns."""

from kpicore._core.arrow cimport Batch, OutColumn, Span, export_array, import_batch, make_column
from libc.stdint cimport int64_t


cdef extern from "radix.hpp" namespace "kpicore" nogil:
    cppclass RowSorter:
        void add(const Span &) except +
        void sort(int64_t, int64_t *) except +


def sort_rows(batch not None, list by not None):
    """Returns the rows (int64) in ascending order of the columns ``by``, the first of which decides.

    Rows that are equal in all of them keep their order. Nulls come first; NaN comes last, -0.0 equals 0.0.
    Columns are integers of any width, instants, float64 or bool.

    >>> import pyarrow as pa
    >>> batch = pa.record_batch({"agent": [2, 1, None, 1], "at": [5, 9, 7, 3]})
    >>> pa.array(sort_rows(batch, ["agent", "at"])).to_pylist()
    [2, 3, 1, 0]
    """
    cdef Batch owner = import_batch(batch)
    cdef RowSorter sorter
    cdef OutColumn out = make_column("l")
    if owner.length > 0xFFFFFFFF:
        raise OverflowError(f"{owner.length} rows; sort at most 4294967295 at a time")
    for name in by:
        if not isinstance(name, str):
            raise TypeError(f"columns are named by strings, found {name!r}")
        sorter.add(owner.column(name, "liscISCgb"))
    out.i64.resize(owner.length)
    cdef int64_t *to = out.i64.data()
    with nogil:
        sorter.sort(owner.length, to)
    return export_array(out)
