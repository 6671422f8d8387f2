"""Dense codes of strings that stay the same from batch to batch."""

from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize, PyBytes_Size
from kpicore._core.arrow cimport ArrowArray, ArrowSchema, Batch, OutColumn, export_array, import_batch, make_column, wrap
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc
from libc.string cimport memset, strcmp
from libcpp.string cimport string


cdef extern from "strings.hpp" namespace "kpicore" nogil:
    struct StringSpan:
        const int32_t *o32
        const int64_t *o64
        const char *data
        const uint8_t *valid
        int64_t offset
        int64_t length

    cppclass StringIds:
        int64_t size()
        int64_t locate(const StringSpan &, int32_t *) except +
        string dump() except +
        void load(const char *, int64_t) except +
        void export_values(ArrowSchema *, ArrowArray *) except +


cdef StringSpan string_span(Batch batch) except *:
    cdef StringSpan span
    cdef const ArrowArray *array = batch.array
    cdef bint large = strcmp(batch.schema.format, b"U") == 0
    memset(&span, 0, sizeof(StringSpan))
    if batch.schema.dictionary != NULL or not (large or strcmp(batch.schema.format, b"u") == 0):
        raise TypeError(f"expected plain strings (utf8 or large_utf8), found Arrow format "
                        f"{batch.schema.format.decode()!r}{' (dictionary)' if batch.schema.dictionary != NULL else ''}")
    if array.n_buffers != 3 or (array.length > 0 and array.buffers[1] == NULL):
        raise ValueError(f"strings need 3 buffers, found {array.n_buffers} or no offsets")
    span.offset = array.offset
    span.length = array.length
    if array.length == 0:
        return span
    if large:
        span.o64 = (<const int64_t *> array.buffers[1]) + array.offset
    else:
        span.o32 = (<const int32_t *> array.buffers[1]) + array.offset
    # without any text a producer may leave the buffer out
    span.data = <const char *> (array.buffers[2] if array.buffers[2] != NULL else array.buffers[1])
    span.valid = <const uint8_t *> array.buffers[0] if array.null_count != 0 else NULL
    return span


cdef class Interner:
    """Numbers strings 0, 1, 2, ... in the order in which they first appear, over any number of batches.

    >>> import pyarrow as pa
    >>> names = Interner()
    >>> pa.array(names.codes(pa.array(["b", "a", None, "b"]))).to_pylist()
    [0, 1, None, 0]
    >>> pa.array(names.values()).to_pylist()
    ['b', 'a']
    """

    cdef StringIds *ids

    def __cinit__(self):
        self.ids = new StringIds()

    def __dealloc__(self):
        del self.ids

    def __len__(self):
        return self.ids.size()

    def codes(self, strings not None):
        """Returns the code (int32) of each string, null for a null; utf8 or large_utf8."""
        cdef Batch owner = import_batch(strings)
        cdef StringSpan span = string_span(owner)
        cdef OutColumn out = make_column("i")
        cdef int64_t bad = -1
        out.i32.resize(span.length)
        cdef int32_t *to = out.i32.data()
        with nogil:
            if span.length > 0:
                bad = self.ids.locate(span, to)
            if bad < 0:
                out.null_negatives()
        if bad >= 0:
            raise ValueError(f"row {bad}: the string's offsets are negative or fall")
        return export_array(out)

    def values(self):
        """Returns the strings by code (utf8; large_utf8 from 2 GiB of text on)."""
        cdef ArrowSchema *schema = <ArrowSchema *> calloc(1, sizeof(ArrowSchema))
        cdef ArrowArray *array = <ArrowArray *> calloc(1, sizeof(ArrowArray))
        self.ids.export_values(schema, array)
        return wrap(schema, array)

    def dump(self):
        """Returns the state as bytes, from which ``load`` restores it."""
        cdef string out = self.ids.dump()
        return PyBytes_FromStringAndSize(out.data(), out.size())

    def load(self, bytes state not None):
        """Replaces the strings by those of a dump; ValueError where the bytes are not one."""
        cdef StringIds *fresh = new StringIds()
        try:
            fresh.load(PyBytes_AsString(state), PyBytes_Size(state))
        except:
            del fresh
            raise
        del self.ids
        self.ids = fresh

    def __reduce__(self):
        return Interner, (), self.dump()

    def __setstate__(self, bytes state not None):
        self.load(state)
