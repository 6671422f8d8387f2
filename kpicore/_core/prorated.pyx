"""Prorated measures over groups that are counted out beforehand, in one pass (see prorated.hpp)."""

from kpicore._core.arrow cimport (
    Batch, OutBatch, OutColumn, Span, absent_span, add_column, export_array, export_columns, import_batch,
    make_column,
)
from kpicore._core.sink cimport RowSink, Sink
from kpicore._core.stream cimport Dump, Load, close_dump, open_load
from libc.stdint cimport int32_t, int64_t
from libcpp.string cimport string
from libcpp.vector cimport vector


cdef extern from "prorated.hpp" namespace "kpicore" nogil:
    enum class Task(int32_t):
        pass

    cppclass State "kpicore::Prorated":
        vector[int32_t] sizes
        vector[int64_t] edges
        vector[int32_t] periods
        vector[Task] tasks
        void open(int64_t) except +
        int64_t add(
            const vector[Span] &, const Span &, const Span &, const Span &, const vector[Span] &,
            const vector[Span] &,
        ) except +
        void merge(State &) except +
        void result(int64_t, OutColumn &) except +
        void members(OutBatch &) except +
        void runs(OutColumn &, OutColumn &) except +
        void dump(Dump &) except +
        void load(Load &) except +

cdef extern from "prorated_sink.hpp" namespace "kpicore" nogil:
    cppclass ProratedSink(Sink):
        ProratedSink(State &, vector[int32_t], int32_t, int32_t) except +


TASKS = ("pieces", "length", "weighted", "column", "largest", "smallest")


cdef Span span_of(object array, str formats, int64_t length, list owners) except *:
    """The span of an array, or an absent one; its owner is kept alive in ``owners``."""
    if array is None:
        return absent_span()
    cdef Batch owner = import_batch(array)
    cdef Span span = owner.alone(formats)
    if length >= 0 and span.length != length:
        raise ValueError(f"{span.length} values for {length} rows")
    owners.append(owner)
    return span


cdef class Prorated:
    """Measures of intervals cut at ``edges``, by codes (below ``sizes``, or null) and period.

    Each of ``tasks`` is ``pieces`` (their number), ``length`` (their sum, microseconds), ``weighted``
    (of length times a value), ``column`` (the sum of a value), ``largest`` or ``smallest`` (value).
    ``periods`` gives the period of each cell, -1 for none; without it cells are periods.
    """

    cdef State state
    cdef readonly tuple tasks
    cdef readonly int64_t period_count

    def __init__(self, edges not None, sizes not None, tasks not None, int64_t period_count, periods=None):
        cdef list owners = []
        cdef Span span = span_of(edges, "l", -1, owners)
        cdef int64_t i
        for i in range(span.length):
            self.state.edges.push_back(span.i64[i])
        if periods is not None:
            span = span_of(periods, "i", <int64_t> self.state.edges.size() - 1, owners)
            for i in range(span.length):
                self.state.periods.push_back(span.i32[i])
        self.lay_out(tuple(sizes), tuple(tasks), period_count)

    cdef int lay_out(self, tuple sizes, tuple tasks, int64_t period_count) except -1:
        cdef int64_t groups = period_count
        cdef int32_t period
        if self.state.edges.size() < 2:
            raise ValueError("at least two edges are needed")
        for period in self.state.periods:
            if period >= period_count:
                raise ValueError(f"there is no period {period}")
        if self.state.periods.empty() and <int64_t> self.state.edges.size() - 1 != period_count:
            raise ValueError(f"{self.state.edges.size() - 1} cells are not {period_count} periods")
        for size in sizes:
            self.state.sizes.push_back(size)
            groups *= size + 1
        if groups >= 2**31:
            raise ValueError(f"{groups} groups are too many to be counted out beforehand")
        for task in tasks:
            self.state.tasks.push_back(<Task> <int32_t> TASKS.index(task))
        self.period_count = period_count
        self.tasks = tasks
        self.state.open(period_count)
        return 0

    def add(self, codes not None, start not None, end not None, masks not None, values not None, mask=None):
        """Adds rows: int32 or int64 ``codes``, int64 ``start`` and ``end``, per task a mask and a value or None."""
        cdef list owners = []
        cdef Span starts = span_of(start, "l", -1, owners)
        cdef int64_t length = starts.length, bad, i
        cdef Span ends = span_of(end, "l", length, owners), wanted = span_of(mask, "b", length, owners)
        cdef vector[Span] code_spans, mask_spans, value_spans
        if len(codes) != <Py_ssize_t> self.state.sizes.size():
            raise ValueError(f"{len(codes)} columns of codes for {self.state.sizes.size()}")
        if len(masks) != len(self.tasks) or len(values) != len(self.tasks):
            raise ValueError(f"{len(masks)} masks and {len(values)} values for {len(self.tasks)} tasks")
        for array in codes:
            code_spans.push_back(span_of(array, "il", length, owners))
        for array in masks:
            mask_spans.push_back(span_of(array, "b", length, owners))
        for i, array in enumerate(values):
            if (array is None) != (self.tasks[i] in ("pieces", "length")):
                raise ValueError(f"task {self.tasks[i]!r} {'needs a' if array is None else 'takes no'} value")
            value_spans.push_back(span_of(array, "il", length, owners))
        with nogil:
            bad = self.state.add(code_spans, starts, ends, wanted, mask_spans, value_spans)
        if bad >= 0:
            raise ValueError(f"row {bad}: a code is out of range")

    def sink(self, codes not None, int32_t start, int32_t end):
        """Returns what adds the rows of a stream, whose columns with codes, start and end are at these places.

        The tasks must be ``pieces`` or ``length``; ValueError for others.
        """
        if not set(self.tasks) <= {"pieces", "length"}:
            raise ValueError("rows of a stream are counted and their lengths added up, no more")
        if len(codes) != <Py_ssize_t> self.state.sizes.size():
            raise ValueError(f"{len(codes)} columns of codes for {self.state.sizes.size()}")
        cdef vector[int32_t] places = codes
        cdef RowSink made = RowSink.__new__(RowSink)
        made.owner = self
        made.sink = new ProratedSink(self.state, places, start, end)
        return made

    def merge(self, Prorated other not None):
        """Adds another state of the same groups and tasks."""
        if self.tag() != other.tag() or self.state.edges != other.state.edges:
            raise ValueError("states of different groups or tasks do not merge")
        with nogil:
            self.state.merge(other.state)

    def result(self, int64_t task):
        """Returns int64 for the groups that occurred, by id; null where an extremum has no value."""
        cdef OutColumn out = make_column("l")
        if not 0 <= task < len(self.tasks):
            raise IndexError(f"there is no task {task}")
        with nogil:
            self.state.result(task, out)
        return export_array(out)

    def members(self):
        """Returns the groups that occurred, by period and codes: a column of codes each (null for null)."""
        cdef OutBatch out
        cdef int64_t k
        for k in range(<int64_t> self.state.sizes.size()):
            add_column(out, f"code {k}", "i")
        with nogil:
            self.state.members(out)
        return export_columns(out)

    def runs(self):
        """Returns the periods in which groups occurred, and after how many groups each of them ends."""
        cdef OutBatch out
        add_column(out, "period", "i")
        add_column(out, "end", "l")
        with nogil:
            self.state.runs(out[0], out[1])
        return export_columns(out)

    def dump(self):
        """Returns the state as bytes."""
        cdef Dump dump
        dump.open(self.tag())
        with nogil:
            self.state.dump(dump)
        return close_dump(&dump)

    def load(self, bytes state not None):
        """Replaces the state by one that ``dump`` gave; ValueError for other bytes, the state is empty then."""
        cdef Load load
        open_load(&load, state, self.tag())
        self.state.open(self.period_count)
        with nogil:
            self.state.load(load)
        if not load.done():
            self.state.open(self.period_count)
            raise ValueError("this state of prorated measures was damaged")

    cdef string tag(self):
        return f"prorated 1 {self.tasks} {tuple(self.state.sizes)} {self.period_count}".encode()

    def __reduce__(self):
        return _restore, (list(self.state.edges), list(self.state.periods), tuple(self.state.sizes), self.tasks,
                          self.period_count, self.dump())


def _restore(edges, periods, sizes, tasks, period_count, state):
    cdef Prorated fresh = Prorated.__new__(Prorated)
    fresh.state.edges = edges
    fresh.state.periods = periods
    fresh.lay_out(sizes, tasks, period_count)
    fresh.load(state)
    return fresh
