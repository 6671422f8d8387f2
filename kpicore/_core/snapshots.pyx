"""What is open at given instants: a half-open interval is open at t where start <= t < end.

An interval that has no end yet is open from its start on. The instants are the ends of cells, so a row
that is open over k of them yields k pieces.
"""

from kpicore._core.arrow cimport (
    Batch, OutBatch, OutColumn, Span, absent_span, add_column, export_columns, flag_at, import_batch, is_valid,
)
from libc.stdint cimport INT64_MAX, int32_t, int64_t


cdef int64_t first_not_before(const int64_t *instants, int64_t count, int64_t at) noexcept nogil:
    cdef int64_t low = 0, high = count, middle
    while low < high:
        middle = (low + high) >> 1
        if instants[middle] < at:
            low = middle + 1
        else:
            high = middle
    return low


cdef void spread(
    const int64_t *instants, int64_t count, const Span *start, const Span *end, const Span *mask, OutBatch &out
) noexcept nogil:
    cdef int64_t row, cell, stop
    for row in range(start.length):
        if mask.bits != NULL and not (is_valid(mask, row) and flag_at(mask, row)):
            continue
        if not is_valid(start, row):
            continue
        stop = end.i64[row] if is_valid(end, row) else INT64_MAX
        cell = first_not_before(instants, count, start.i64[row])
        while cell < count and instants[cell] < stop:
            out[0].push32(<int32_t> row)
            out[1].push32(<int32_t> cell)
            out[2].push64(instants[cell])
            cell += 1


def open_at(instants not None, start not None, end not None, mask=None):
    """Returns the pieces of intervals: row and position of the instant (int32), the instant (int64).

    ``instants`` are sorted; a null ``end`` is open; rows with a null ``start`` or masked out have none.
    """
    cdef Batch instant_owner = import_batch(instants), start_owner = import_batch(start)
    cdef Batch end_owner = import_batch(end), mask_owner
    cdef Span points = instant_owner.alone("l", nullable=False), starts = start_owner.alone("l")
    cdef Span ends = end_owner.alone("l"), wanted = absent_span()
    if starts.length != ends.length:
        raise ValueError(f"{starts.length} starts and {ends.length} ends")
    if mask is not None:
        mask_owner = import_batch(mask)
        wanted = mask_owner.alone("b")
        if wanted.length != starts.length:
            raise ValueError(f"mask of {wanted.length} rows for {starts.length} intervals")
    cdef OutBatch out
    add_column(out, "row", "i")
    add_column(out, "cell", "i")
    add_column(out, "instant", "l")
    with nogil:
        spread(points.i64, points.length, &starts, &ends, &wanted, out)
    return export_columns(out)
