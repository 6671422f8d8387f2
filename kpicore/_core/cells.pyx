"""Which cell a row falls into, and intervals cut at the edges of cells.

Rows of a log are nearly ordered in time, so the cell of the row before is tried first; a binary
search is needed only where it does not fit.
"""

from kpicore._core.arrow cimport (
    Batch, OutBatch, OutColumn, Span, absent_span, add_column, export_array, export_columns, flag_at, import_batch, is_valid,
    make_column,
)
from libc.stdint cimport int32_t, int64_t


cdef inline int64_t locate(const int64_t *edges, int64_t n_cells, int64_t at, int64_t guess) noexcept nogil:
    """The cell of ``at``, -1 outside; ``guess`` is any cell."""
    cdef int64_t low, high, middle
    if edges[guess] <= at < edges[guess + 1]:
        return guess
    if at < edges[0] or at >= edges[n_cells]:
        return -1
    low, high = 0, n_cells
    if at >= edges[guess + 1]:
        if at < edges[guess + 2]:
            return guess + 1
        low = guess + 2
    else:
        high = guess
    while high - low > 1:
        middle = (low + high) >> 1
        if edges[middle] <= at:
            low = middle
        else:
            high = middle
    return low


cdef void fill_cells(
    const int64_t *edges, int64_t n_cells, const Span *at, const Span *mask, int32_t *out
) noexcept nogil:
    cdef int64_t row, guess = 0, cell
    for row in range(at.length):
        if not is_valid(at, row) or (mask.bits != NULL and not (is_valid(mask, row) and flag_at(mask, row))):
            out[row] = -1
            continue
        cell = locate(edges, n_cells, at.i64[row], guess)
        out[row] = <int32_t> cell
        if cell >= 0:
            guess = cell


cdef void cut_intervals(
    const int64_t *edges, int64_t n_cells, const Span *start, const Span *end, const Span *mask, OutBatch &out
) noexcept nogil:
    cdef int64_t row, cell, guess = 0, begin, stop
    cdef OutColumn *rows = &out[0]
    cdef OutColumn *cells = &out[1]
    cdef OutColumn *starts = &out[2]
    cdef OutColumn *ends = &out[3]
    rows.i32.reserve(start.length + 64)
    cells.i32.reserve(start.length + 64)
    starts.i64.reserve(start.length + 64)
    ends.i64.reserve(start.length + 64)
    for row in range(start.length):
        if mask.bits != NULL and not (is_valid(mask, row) and flag_at(mask, row)):
            continue
        if not is_valid(start, row) or not is_valid(end, row):
            continue
        begin, stop = start.i64[row], end.i64[row]
        if begin < edges[0]:
            begin = edges[0]
        if stop > edges[n_cells]:
            stop = edges[n_cells]
        if begin >= stop:
            continue
        cell = locate(edges, n_cells, begin, guess)
        guess = cell
        while True:
            rows.i32.push_back(<int32_t> row)
            cells.i32.push_back(<int32_t> cell)
            starts.i64.push_back(begin)
            if stop <= edges[cell + 1]:
                ends.i64.push_back(stop)
                break
            begin = edges[cell + 1]
            ends.i64.push_back(begin)
            cell += 1


cdef class Cells:
    """The cells between sorted ``edges`` (int64 microseconds, n + 1 of them for n cells)."""

    cdef Batch owner
    cdef Span edges
    cdef readonly int64_t count

    def __init__(self, edges not None):
        self.owner = import_batch(edges)
        self.edges = self.owner.alone("l", nullable=False)
        cdef int64_t i
        if self.edges.length < 2:
            raise ValueError("at least two edges are needed")
        for i in range(self.edges.length - 1):
            if self.edges.i64[i] >= self.edges.i64[i + 1]:
                raise ValueError(f"edges must rise strictly; edge {i + 1} does not")
        self.count = self.edges.length - 1

    def of(self, at not None, mask=None):
        """Returns the cell of each instant as int32, -1 where it is null, outside, or masked out."""
        cdef Batch at_owner = import_batch(at)
        cdef Batch mask_owner
        cdef Span instants = at_owner.alone("l"), wanted = absent_span()
        if mask is not None:
            mask_owner = import_batch(mask)
            wanted = mask_owner.alone("b")
            if wanted.length != instants.length:
                raise ValueError(f"mask of {wanted.length} rows for {instants.length} instants")
        cdef OutColumn column = make_column("i")
        column.i32.resize(instants.length)
        cdef int32_t *out = column.i32.data()
        with nogil:
            fill_cells(self.edges.i64, self.count, &instants, &wanted, out)
        return export_array(column)

    def cut(self, start not None, end not None, mask=None):
        """Returns the pieces of half-open intervals: row, cell (int32), start, end (int64).

        Intervals are clipped to the outer edges; empty, reversed and null ones have no piece.
        """
        cdef Batch start_owner = import_batch(start), end_owner = import_batch(end)
        cdef Batch mask_owner
        cdef Span starts = start_owner.alone("l"), ends = end_owner.alone("l"), wanted = absent_span()
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
        add_column(out, "start", "l")
        add_column(out, "end", "l")
        with nogil:
            cut_intervals(self.edges.i64, self.count, &starts, &ends, &wanted, out)
        return export_columns(out)
