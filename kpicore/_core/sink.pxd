# What takes the rows of a stream without an Arrow batch between.
from kpicore._core.arrow cimport Span
from libc.stdint cimport int32_t, int64_t, uint8_t

cdef extern from "sink.hpp" namespace "kpicore" nogil:
    cppclass Sink:
        void take(const Span *) noexcept
        void check() except +

    Span times_of(const int64_t *, int64_t)
    Span no_codes(int64_t)
    Span codes_of(const int32_t *, int64_t, uint8_t *)


cdef class RowSink:
    """A sink and the Python object that it adds to."""
    cdef Sink *sink
    cdef object owner
