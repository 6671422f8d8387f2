"""Dense ids of pairs of integers, by which measures are grouped (subject x period and the like)."""

from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize, PyBytes_Size
from kpicore._core.arrow cimport (
    Batch, OutBatch, OutColumn, Span, add_column, export_array, export_columns, import_batch, import_mask, make_column,
)
from libc.stdint cimport int32_t, int64_t
from libcpp.string cimport string


cdef extern from "hashing.hpp" namespace "kpicore" nogil:
    struct Pair:
        int64_t first
        int64_t second

    cppclass Keys "kpicore::Values<kpicore::Pair>":
        size_t size()
        Pair &operator[](size_t)


cdef extern from "pairs.hpp" namespace "kpicore" nogil:
    cppclass PairIds:
        int64_t size()
        Keys keys() except +
        void locate(const Span &, const Span &, const Span &, int32_t *) except +
        void merge(const PairIds &, int32_t *) except +
        string dump() except +
        void load(const char *, int64_t) except +


cdef void push_key(OutColumn *column, int64_t key) noexcept:
    if key < 0:
        column.push_null()
    else:
        column.push64(key)


cdef class PairIndex:
    """Numbers pairs of integers 0, 1, 2, ... in the order in which they first appear.

    A null is a key of its own. A negative number says that the row takes no part; its id is -1, as is
    that of a row whose mask is false or null. An id may be the ``first`` of another index, so that
    more than two columns chain.

    >>> import pyarrow as pa
    >>> index = PairIndex()
    >>> pa.array(index.locate(pa.array([7, 7, None, -1]), pa.array([0, 1, 0, 0]))).to_pylist()
    [0, 1, 2, -1]
    """

    cdef PairIds *ids

    def __cinit__(self):
        self.ids = new PairIds()

    def __dealloc__(self):
        del self.ids

    def __len__(self):
        return self.ids.size()

    def locate(self, first not None, second not None, mask=None):
        """Returns the id (int32) of each row's pair; both columns are int32 or int64."""
        cdef Batch first_owner = import_batch(first), second_owner = import_batch(second)
        cdef Span firsts = first_owner.alone("il"), seconds = second_owner.alone("il"), wanted
        if firsts.length != seconds.length:
            raise ValueError(f"{firsts.length} first keys and {seconds.length} second keys")
        cdef Batch mask_owner = import_mask(mask, firsts.length, &wanted)
        cdef OutColumn column = make_column("i")
        column.i32.resize(firsts.length)
        cdef int32_t *out = column.i32.data()
        with nogil:
            self.ids.locate(firsts, seconds, wanted, out)
        return export_array(column)

    def pairs(self):
        """Returns the pairs by id: ``first``, ``second`` (int64, null where the key was null)."""
        cdef OutBatch out
        add_column(out, "first", "l")
        add_column(out, "second", "l")
        cdef Keys keys = self.ids.keys()
        cdef size_t i
        for i in range(keys.size()):
            push_key(&out[0], keys[i].first)
            push_key(&out[1], keys[i].second)
        return export_columns(out)

    def merge(self, PairIndex other not None):
        """Adds the pairs of ``other`` and returns (int32) the id that each has here."""
        cdef OutColumn column = make_column("i")
        column.i32.resize(len(other))
        cdef int32_t *out = column.i32.data()
        with nogil:
            self.ids.merge(other.ids[0], out)
        return export_array(column)

    def dump(self):
        """Returns the state as bytes, from which ``load`` restores it."""
        cdef string out = self.ids.dump()
        return PyBytes_FromStringAndSize(out.data(), out.size())

    def load(self, bytes state not None):
        """Replaces the pairs by those of a dump; ValueError where the bytes are not one."""
        cdef PairIds *fresh = new PairIds()
        try:
            fresh.load(PyBytes_AsString(state), PyBytes_Size(state))
        except:
            del fresh
            raise
        del self.ids
        self.ids = fresh

    def __reduce__(self):
        return PairIndex, (), self.dump()

    def __setstate__(self, bytes state not None):
        self.load(state)
