"""State of measures: counts, sums, extrema, sets and multisets per dense id."""

from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize, PyBytes_Size
from kpicore._core.arrow cimport (
    Batch, OutBatch, OutColumn, Span, absent_span, add_column, export_array, export_columns, import_batch, import_mask,
    make_column,
)
from libc.stdint cimport int32_t, int64_t
from libcpp.string cimport string


cdef extern from "accumulate.hpp" namespace "kpicore" nogil:
    cppclass State "kpicore::Accumulator":
        int64_t size
        State(int32_t) except +
        void add(const Span &, const Span &, const Span &) except +
        void merge(const State &, const Span &) except +
        void result(int64_t, OutColumn &) except +
        void quantile(int64_t, int64_t, int64_t, OutColumn &, OutColumn &) except +
        void sorted(int64_t, OutColumn &, OutColumn &) except +
        string dump() except +
        void load(const char *, int64_t) except +


KINDS = ("count", "sum", "minimum", "maximum", "distinct", "values")


cdef class Accumulator:
    """The state of one measure: of kind count, sum, minimum, maximum, distinct or values (a multiset).

    Adding rows and merging states is commutative and associative; states of equal content have equal
    dumps. Ids are dense, as from ``PairIndex``.

    >>> import pyarrow as pa
    >>> total = Accumulator("sum")
    >>> total.add(pa.array([0, 2, -1, 0], pa.int32()), pa.array([5, 1, 9, None]))
    >>> pa.array(total.result(3)).to_pylist()
    [5, 0, 1]
    """

    cdef State *state
    cdef readonly str kind

    def __cinit__(self, str kind not None):
        if kind not in KINDS:
            raise ValueError(f"unknown kind {kind!r}; known: {', '.join(KINDS)}")
        self.kind = kind
        self.state = new State(KINDS.index(kind))

    def __dealloc__(self):
        del self.state

    def __len__(self):
        return self.state.size

    def add(self, ids not None, values=None, mask=None):
        """Adds rows: ``ids`` int32, ``values`` int32 or int64 (none for a count), ``mask`` bool.

        Rows are skipped whose id is negative or null, whose value is null or whose mask is false or null.
        """
        if (values is None) != (self.kind == "count"):
            raise TypeError(f"kind {self.kind!r} takes {'no ' if self.kind == 'count' else ''}values")
        cdef Batch id_owner = import_batch(ids), value_owner
        cdef Span rows = id_owner.alone("i"), numbers = absent_span(), wanted
        if values is not None:
            value_owner = import_batch(values)
            numbers = value_owner.alone("il")
            if numbers.length != rows.length:
                raise ValueError(f"{numbers.length} values for {rows.length} ids")
        cdef Batch mask_owner = import_mask(mask, rows.length, &wanted)
        with nogil:
            self.state.add(rows, numbers, wanted)

    def merge(self, Accumulator other not None, remap not None):
        """Adds ``other``, whose id ``i`` is ``remap[i]`` (int32) here; what maps to -1 is dropped."""
        if other is self or other.kind != self.kind:
            raise ValueError(f"a {self.kind!r} merges with another {self.kind!r}, found {other.kind!r}")
        cdef Batch owner = import_batch(remap)
        cdef Span to = owner.alone("i", nullable=False)
        with nogil:
            self.state.merge(other.state[0], to)

    def result(self, int64_t size):
        """Returns int64 by id: 0 where nothing was counted or summed, null where an extremum has no value.

        OverflowError names the id whose sum does not fit; ``size`` must reach all ids.
        """
        if self.kind == "values":
            raise TypeError("a multiset has no single result; ask for quantiles")
        cdef OutColumn out = make_column("l")
        with nogil:
            self.state.result(size, out)
        return export_array(out)

    def quantile(self, int64_t a, int64_t b, int64_t size):
        """Returns ``scaled`` and ``n`` by id: the quantile ``a / b`` of type 7 times ``b``, exactly.

        With n sorted values the quantile lies at ``a * (n - 1) / b`` and is interpolated between the
        two values beside it (Hyndman and Fan, 1996, type 7); null where there is no value.
        """
        if self.kind != "values":
            raise TypeError(f"kind {self.kind!r} has no quantiles")
        if not 0 <= a <= b or b == 0:
            raise ValueError(f"a quantile lies in 0..1, found {a}/{b}")
        cdef OutBatch out
        add_column(out, "scaled", "l")
        add_column(out, "n", "l")
        with nogil:
            self.state.quantile(a, b, size, out[0], out[1])
        return export_columns(out)

    def sorted(self, int64_t size):
        """Returns ``id`` (int32) and ``value`` of every value: by id, and sorted within."""
        if self.kind != "values":
            raise TypeError(f"kind {self.kind!r} keeps no values")
        cdef OutBatch out
        add_column(out, "id", "i")
        add_column(out, "value", "l")
        with nogil:
            self.state.sorted(size, out[0], out[1])
        return export_columns(out)

    def dump(self):
        """Returns the state as bytes, from which ``load`` restores it."""
        cdef string out = self.state.dump()
        return PyBytes_FromStringAndSize(out.data(), out.size())

    def load(self, bytes state not None):
        """Replaces the state by that of a dump; ValueError where the bytes are none of this kind."""
        cdef State *fresh = new State(KINDS.index(self.kind))
        try:
            fresh.load(PyBytes_AsString(state), PyBytes_Size(state))
        except:
            del fresh
            raise
        del self.state
        self.state = fresh

    def __reduce__(self):
        return Accumulator, (self.kind,), self.dump()

    def __setstate__(self, bytes state not None):
        self.load(state)
