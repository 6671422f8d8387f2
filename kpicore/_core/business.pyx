"""Business durations: working time between two instants, under one calendar or one per row."""

from kpicore._core.arrow cimport (
    Batch, OutColumn, Span, absent_span, export_array, import_batch, integer_at, is_present, is_valid, make_column,
)
from libc.stdint cimport int64_t
from libcpp cimport bool as cbool

_REVERSED = {"error": 0, "zero": 1, "negative": 2, "null": 3}
_FAULTS = {1: "reversed", 2: "outside", 3: "calendar"}


class IntervalFault(Exception):
    """An interval that cannot be measured: ``row`` and why (``reversed``, ``outside``, ``calendar``)."""

    def __init__(self, reason, row):
        super().__init__(f"row {row}: {reason}")
        self.reason = reason
        self.row = row


cdef int measure_rows(
    const vector[Grid] &grids, const Span *start, const Span *end, const Span *which, int64_t calendar,
    const Rule &rule, OutColumn &out, int64_t *fault,
) noexcept nogil:
    cdef int64_t row, duration = 0
    cdef int status
    cdef cbool null = False
    for row in range(start.length):
        if not is_valid(start, row) or not is_valid(end, row):
            out.push_null()
            continue
        if is_present(which):
            if not is_valid(which, row):
                out.push_null()
                continue
            calendar = integer_at(which, row)
            if calendar < 0 or calendar >= <int64_t> grids.size():
                fault[0] = row
                return NO_CALENDAR
        status = between_one(grids[calendar], start.i64[row], end.i64[row], rule, &duration, &null)
        if status:
            fault[0] = row
            return status
        if null:
            out.push_null()
        else:
            out.push64(duration)
    return 0


cdef void look_up(const Grid &grid, const Span *at, OutColumn &out) noexcept nogil:
    cdef int64_t row
    for row in range(at.length):
        if is_valid(at, row) and grid.holds(at.i64[row]):
            out.push64(grid.worked(at.i64[row]))
        else:
            out.push_null()


cdef class Business:
    """Compiled calendars: tuples (low, high, starts, lengths, before), each array int64 microseconds.

    The pieces of a calendar are sorted and disjoint and begin at ``low`` or later; ``before`` is the
    time worked before each. Raises ValueError where they are not, and OverflowError where the grid
    would need more than ``limit`` cells.
    """

    def __init__(self, calendars not None, int64_t limit):
        cdef Batch start_owner, length_owner, before_owner
        cdef Span start, length, before
        cdef int64_t low, high, i
        for low, high, starts, lengths, befores in calendars:
            start_owner, length_owner = import_batch(starts), import_batch(lengths)
            before_owner = import_batch(befores)
            start = start_owner.alone("l", nullable=False)
            length = length_owner.alone("l", nullable=False)
            before = before_owner.alone("l", nullable=False)
            if start.length != length.length or start.length != before.length or high < low:
                raise ValueError("a calendar has three arrays of one length, and a range that is not reversed")
            for i in range(start.length):
                if length.i64[i] < 0 or start.i64[i] < (low if i == 0 else start.i64[i - 1] + length.i64[i - 1]):
                    raise ValueError(f"piece {i} is out of order")
            self.grids.resize(self.grids.size() + 1)
            if not fill_grid(self.grids.back(), start.i64, length.i64, before.i64, start.length, low, high, limit):
                raise OverflowError(f"more than {limit} cells")
        if self.grids.empty():
            raise ValueError("no calendar")

    @property
    def steps(self):
        """The width of the cells of each calendar's grid, in microseconds."""
        return [self.grids[i].step for i in range(self.grids.size())]

    def worked(self, at not None, Py_ssize_t calendar=0):
        """Returns the time worked before each instant, null where it is null or outside the range."""
        if not 0 <= calendar < <Py_ssize_t> self.grids.size():
            raise IndexError(calendar)
        cdef Batch owner = import_batch(at)
        cdef Span instants = owner.alone("l")
        cdef OutColumn column = make_column("l")
        column.i64.reserve(instants.length)
        with nogil:
            look_up(self.grids[calendar], &instants, column)
        return export_array(column)

    def between(self, start not None, end not None, which=None, str reversed not None="error", int64_t floor=0,
                int64_t unit=1, Py_ssize_t calendar=0):
        """Returns the time worked in each [start, end), null where either is null.

        ``which`` numbers the calendar of each row (null: null), ``calendar`` that of all rows. ``reversed`` says what an end before
        its start is: ``error``, ``zero``, ``negative`` or ``null``. Durations are cut to a multiple of
        ``unit`` and raised to ``floor``. Raises IntervalFault for the first row that is at fault.
        """
        if not 0 <= calendar < <Py_ssize_t> self.grids.size():
            raise IndexError(calendar)
        cdef Batch start_owner = import_batch(start), end_owner = import_batch(end)
        cdef Batch which_owner
        cdef Span starts = start_owner.alone("l"), ends = end_owner.alone("l"), calendars = absent_span()
        if which is not None:
            which_owner = import_batch(which)
            calendars = which_owner.alone("i")
            if calendars.length != starts.length:
                raise ValueError(f"{calendars.length} calendars for {starts.length} intervals")
        if starts.length != ends.length:
            raise ValueError(f"{starts.length} starts and {ends.length} ends")
        cdef Rule rule
        cdef int policy = _REVERSED[reversed]
        rule.reversed, rule.floor, rule.unit = policy, floor, unit
        cdef OutColumn column = make_column("l")
        cdef int64_t row = 0
        cdef int status
        cdef bint dense = which is None and starts.valid == NULL and ends.valid == NULL and policy != 3
        with nogil:
            if dense:
                column.i64.resize(starts.length)
                status = between_any(
                    self.grids[calendar], starts.i64, ends.i64, starts.length, rule, column.i64.data(), &row
                )
            else:
                column.i64.reserve(starts.length)
                status = measure_rows(
                    self.grids, &starts, &ends, &calendars, calendar, rule, column, &row
                )
        if status:
            raise IntervalFault(_FAULTS[status], row)
        return export_array(column)
