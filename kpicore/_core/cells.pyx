"""Which cell a row falls into, and intervals cut at the edges of cells.

Rows of a log are nearly ordered in time, so the cell of the row before is tried first; a binary
search is needed only where it does not fit.
"""

from kpicore._core.arrow cimport (
    Batch, OutBatch, OutColumn, Span, add_column, export_array, export_columns, flag_at, import_batch,
    import_mask, is_valid, make_column,
)
from libc.stdint cimport int32_t, int64_t


cdef extern from "cells.hpp" namespace "kpicore" nogil:
    int64_t locate_cell(const int64_t *, int64_t, int64_t, int64_t)

    cppclass Cutter:
        Cutter(const int64_t *, int64_t, OutBatch &, int64_t) except +
        void cut(const Span &, const Span &, const Span &) except +


cdef void fill_cells(
    const int64_t *edges, int64_t n_cells, const Span *at, const Span *mask, int32_t *out
) noexcept nogil:
    cdef int64_t row, guess = 0, cell
    for row in range(at.length):
        if not is_valid(at, row) or (mask.bits != NULL and not (is_valid(mask, row) and flag_at(mask, row))):
            out[row] = -1
            continue
        cell = locate_cell(edges, n_cells, at.i64[row], guess)
        out[row] = <int32_t> cell
        if cell >= 0:
            guess = cell


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
        cdef Span instants = at_owner.alone("l"), wanted
        cdef Batch mask_owner = import_mask(mask, instants.length, &wanted)
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
        cdef Span starts = start_owner.alone("l"), ends = end_owner.alone("l"), wanted
        if starts.length != ends.length:
            raise ValueError(f"{starts.length} starts and {ends.length} ends")
        cdef Batch mask_owner = import_mask(mask, starts.length, &wanted)
        cdef OutBatch out
        add_column(out, "row", "i")
        add_column(out, "cell", "i")
        add_column(out, "start", "l")
        add_column(out, "end", "l")
        cdef Cutter *cutter = new Cutter(self.edges.i64, self.count, out, starts.length)
        try:
            with nogil:
                cutter.cut(starts, ends, wanted)
        finally:
            del cutter
        return export_columns(out)
