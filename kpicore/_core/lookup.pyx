"""Codes translated from one dictionary to another, and rows found by key."""

from kpicore._core.arrow cimport (
    Batch, OutColumn, Span, export_array, import_batch, integer_at, make_column,
)
from libc.stdint cimport int32_t, int64_t


cdef extern from "lookup.hpp" namespace "kpicore" nogil:
    int64_t remap_codes(const Span &, const Span &, OutColumn &) except +
    cppclass RowByKey:
        int64_t duplicates
        RowByKey(const Span &) except +
        void rows(const Span &, int32_t *) except +


def remap(codes not None, table not None):
    """Returns ``table[code]`` (int32) of each code; a null code or a null entry of the table gives null.

    Codes are integers of 8, 16 or 32 bits, signed or not, as producers of dictionaries choose them.
    ValueError names the row of a code outside the table.
    """
    cdef Batch code_owner = import_batch(codes), table_owner = import_batch(table)
    cdef Span numbers = code_owner.alone("csiCSI"), entries = table_owner.alone("i")
    cdef OutColumn out = make_column("i")
    cdef int64_t bad
    with nogil:
        bad = remap_codes(numbers, entries, out)
    if bad >= 0:
        raise ValueError(
            f"row {bad}: code {integer_at(&numbers, bad)} is outside a dictionary of {entries.length} values"
        )
    return export_array(out)


cdef class Lookup:
    """Finds the row of a key: the first one, where ``keys`` (int32 or int64) has it several times.

    Null keys are never found. ``duplicates`` counts the rows whose key an earlier row has.

    >>> import pyarrow as pa
    >>> pa.array(Lookup(pa.array([30, 10, 30])).rows(pa.array([10, 30, 7, None]))).to_pylist()
    [1, 0, None, None]
    """

    cdef RowByKey *index

    def __cinit__(self, keys not None):
        cdef Batch owner = import_batch(keys)
        cdef Span numbers = owner.alone("il")
        if numbers.length > 0x7FFFFFFE:
            raise OverflowError(f"{numbers.length} keys; at most 2147483646 can be looked up")
        with nogil:
            self.index = new RowByKey(numbers)

    def __dealloc__(self):
        del self.index

    @property
    def duplicates(self):
        return self.index.duplicates

    def rows(self, keys not None):
        """Returns the row (int32) of each key, null where there is none."""
        cdef Batch owner = import_batch(keys)
        cdef Span numbers = owner.alone("il")
        cdef OutColumn out = make_column("i")
        out.i32.resize(numbers.length)
        cdef int32_t *to = out.i32.data()
        with nogil:
            self.index.rows(numbers, to)
            out.null_negatives()
        return export_array(out)
