"""The last row of each key, for whoever goes on from the middle of a log."""

from kpicore._core.arrow cimport Batch, OutColumn, Span, export_array, import_batch, is_valid, make_column
from kpicore._core.stream cimport MAX_CODES, check_codes
from libc.stdint cimport int32_t, int64_t, uint8_t
from libcpp.vector cimport vector


cdef void find_last(const Span *keys, uint8_t *seen, vector[int64_t] &rows) noexcept nogil:
    cdef int64_t row = keys.length
    cdef int32_t key
    while row > 0:
        row -= 1
        if not is_valid(keys, row):
            continue
        key = keys.i32[row]
        if seen[key] == 0:
            seen[key] = 1
            rows.push_back(row)


cdef void turn_round(vector[int64_t] &rows) noexcept nogil:
    cdef int64_t low = 0, high = <int64_t> rows.size() - 1
    while low < high:
        rows[low], rows[high] = rows[high], rows[low]
        low += 1
        high -= 1


cdef class LastRows:
    """Finds the last row of each key (a code) in batches that come from the last one to the first.

    >>> import pyarrow as pa
    >>> last = LastRows()
    >>> later = pa.array(last.find(pa.array([3, 1, 3], pa.int32())))
    >>> earlier = pa.array(last.find(pa.array([0, 1, 0], pa.int32())))
    >>> later.to_pylist(), earlier.to_pylist()
    ([1, 2], [2])
    """

    cdef vector[uint8_t] seen

    def find(self, keys not None):
        """Returns the rows of ``keys`` (int32) whose key no later row or batch has, rising; nulls are no keys."""
        cdef Batch owner = import_batch(keys)
        cdef Span span = owner.alone("i")
        cdef OutColumn column = make_column("l")
        cdef vector[int64_t] rows
        cdef int64_t i
        cdef int32_t highest = check_codes(&span, "key", MAX_CODES)
        if highest >= <int64_t> self.seen.size():
            self.seen.resize(highest + 1, 0)
        if highest >= 0:
            with nogil:
                find_last(&span, self.seen.data(), rows)
                turn_round(rows)
        column.i64.resize(rows.size())
        for i in range(<int64_t> rows.size()):
            column.i64[i] = rows[i]
        return export_array(column)
