"""Slowly changing attributes: the value that holds at an instant, and intervals cut where it changes."""

from kpicore._core.arrow cimport (
    Batch, OutBatch, OutColumn, Span, add_column, export_array, export_columns, import_batch, make_column,
)
from libc.stdint cimport int32_t, int64_t


cdef extern from "validity.hpp" namespace "kpicore" nogil:
    cppclass Validity:
        Validity(const Span &, const Span &, const Span &, const Span &) except +
        void at(const Span &, const Span &, int32_t *) except +
        void cut(const Span &, const Span &, const Span &, OutBatch &) except +


cdef int same_length(const Span *first, const Span *second, str what) except -1:
    if first.length != second.length:
        raise ValueError(f"{first.length} keys and {second.length} {what}")
    return 0


cdef class AsOf:
    """What holds for a key at an instant: rows of key (int32), valid_from, valid_to (int64), value (int32).

    Validity is half-open; a null ``valid_from`` has held for ever, a null ``valid_to`` still does. Where
    rows of a key overlap, the one that began last wins, of those the one that ends first, then the larger
    value. Rows without a key (null or negative) and rows that end before they begin are left out; values
    are codes, a negative one is null.

    >>> import pyarrow as pa
    >>> key, code = pa.array([7, 7], pa.int32()), pa.array([1, 2], pa.int32())
    >>> team = AsOf(key, pa.array([None, 100]), pa.array([100, None], pa.int64()), code)
    >>> pa.array(team.at(key, pa.array([99, 100]))).to_pylist()
    [1, 2]
    """

    cdef Validity *validity

    def __cinit__(self, key not None, valid_from not None, valid_to not None, value not None):
        cdef Batch key_owner = import_batch(key), from_owner = import_batch(valid_from)
        cdef Batch to_owner = import_batch(valid_to), value_owner = import_batch(value)
        cdef Span keys = key_owner.alone("i"), since = from_owner.alone("l"), until = to_owner.alone("l")
        cdef Span values = value_owner.alone("i")
        same_length(&keys, &since, "instants in valid_from")
        same_length(&keys, &until, "instants in valid_to")
        same_length(&keys, &values, "values")
        if keys.length > 0x7FFFFFFE:
            raise OverflowError(f"{keys.length} rows; at most 2147483646 can be looked up")
        with nogil:
            self.validity = new Validity(keys, since, until, values)

    def __dealloc__(self):
        del self.validity

    def at(self, keys not None, at not None):
        """Returns the value (int32) that holds for each key at its instant, null where none does."""
        cdef Batch key_owner = import_batch(keys), at_owner = import_batch(at)
        cdef Span sought = key_owner.alone("i"), instants = at_owner.alone("l")
        same_length(&sought, &instants, "instants")
        cdef OutColumn out = make_column("i")
        out.i32.resize(sought.length)
        cdef int32_t *to = out.i32.data()
        with nogil:
            self.validity.at(sought, instants, to)
            out.null_negatives()
        return export_array(out)

    def cut(self, keys not None, start not None, end not None):
        """Returns the pieces of half-open intervals: row (int32), start, end (int64), value (int32).

        The pieces of an interval follow each other and cover it; the value is null where none holds.
        An interval that is null, empty or reversed has no piece.
        """
        cdef Batch key_owner = import_batch(keys), start_owner = import_batch(start), end_owner = import_batch(end)
        cdef Span sought = key_owner.alone("i"), starts = start_owner.alone("l"), ends = end_owner.alone("l")
        same_length(&sought, &starts, "starts")
        same_length(&sought, &ends, "ends")
        if sought.length > 0x7FFFFFFE:
            raise OverflowError(f"{sought.length} intervals; cut at most 2147483646 at a time")
        cdef OutBatch out
        add_column(out, "row", "i")
        add_column(out, "start", "l")
        add_column(out, "end", "l")
        add_column(out, "value", "i")
        with nogil:
            self.validity.cut(sought, starts, ends, out)
        return export_columns(out)
