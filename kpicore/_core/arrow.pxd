# What kernels see of Arrow: spans to read, output columns to fill.
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memset
from libcpp.string cimport string
from libcpp.vector cimport vector


cdef extern from "arrow_c.h" nogil:
    struct ArrowSchema:
        const char *format
        const char *name
        int64_t flags
        int64_t n_children
        ArrowSchema **children
        ArrowSchema *dictionary
        void (*release)(ArrowSchema *) noexcept nogil

    struct ArrowArray:
        int64_t length
        int64_t null_count
        int64_t offset
        int64_t n_buffers
        int64_t n_children
        const void **buffers
        ArrowArray **children
        ArrowArray *dictionary
        void (*release)(ArrowArray *) noexcept nogil


cdef extern from "export.hpp" namespace "kpicore" nogil:
    cppclass OutColumn:
        string name
        string format
        vector[int64_t] i64
        vector[int32_t] i32
        vector[double] f64
        vector[uint8_t] u8
        vector[uint8_t] valid
        int64_t nulls
        int64_t size()
        void push64(int64_t)
        void push32(int32_t)
        void push8(uint8_t)
        void pushf(double)
        void push_null()
        void push_code(int32_t)
        void null_negatives() except +

    ctypedef vector[OutColumn] OutBatch


# A column to read; see span.hpp. Which pointer is set follows from the format: "l" i64, "i" i32,
# "s" i16, "c" i8, "I" u32, "S" u16, "C" u8, "g" f64, "b" bits.
cdef extern from "span.hpp" namespace "kpicore" nogil:
    struct Span:
        const int64_t *i64
        const int32_t *i32
        const int16_t *i16
        const int8_t *i8
        const uint32_t *u32
        const uint16_t *u16
        const uint8_t *u8
        const double *f64
        const uint8_t *bits
        const uint8_t *valid
        int64_t offset
        int64_t length


cdef inline Span absent_span() noexcept nogil:
    cdef Span span
    memset(&span, 0, sizeof(Span))
    return span


cdef inline bint is_valid(const Span *span, int64_t row) noexcept nogil:
    return span.valid == NULL or (span.valid[(span.offset + row) >> 3] >> ((span.offset + row) & 7)) & 1


cdef inline bint is_present(const Span *span) noexcept nogil:
    return (span.i64 != NULL or span.i32 != NULL or span.i16 != NULL or span.i8 != NULL or span.u32 != NULL
            or span.u16 != NULL or span.u8 != NULL or span.f64 != NULL or span.bits != NULL)


cdef inline bint flag_at(const Span *span, int64_t row) noexcept nogil:
    return (span.bits[(span.offset + row) >> 3] >> ((span.offset + row) & 7)) & 1


cdef inline int64_t integer_at(const Span *span, int64_t row) noexcept nogil:
    if span.i64 != NULL:
        return span.i64[row]
    if span.i32 != NULL:
        return span.i32[row]
    if span.i8 != NULL:
        return span.i8[row]
    if span.i16 != NULL:
        return span.i16[row]
    if span.u8 != NULL:
        return span.u8[row]
    if span.u16 != NULL:
        return span.u16[row]
    return span.u32[row]


# The code of an id or enumeration, -1 where it is null or the column is absent.
cdef inline int32_t code_at(const Span *span, int64_t row) noexcept nogil:
    if span.i32 == NULL or not is_valid(span, row):
        return -1
    return span.i32[row]


cdef class Batch:
    """A record batch, or one array, imported through the Arrow C data interface and kept alive."""
    cdef object schema_capsule, array_capsule
    cdef ArrowSchema *schema
    cdef ArrowArray *array
    cdef readonly int64_t length
    # Every span is checked: type out of `formats` ("l" int64 and timestamp[us], "i" int32, "c" int8,
    # "s" int16, "I" "S" "C" unsigned, "g" float64, "b" bool), nulls refused unless `nullable`, absent refused unless `optional`.
    cdef Span column(self, str name, str formats, bint nullable=*, bint optional=*) except *
    cdef Span alone(self, str formats, bint nullable=*) except *


cdef class Exported:
    """Columns of the core on their way out: offers ``__arrow_c_array__`` once."""
    cdef object schema_capsule, array_capsule


cdef Batch import_batch(object producer)
# An absent mask (None) keeps every row; another is a boolean array of ``length`` rows.
cdef Batch import_mask(object mask, int64_t length, Span *out)
cdef object wrap(ArrowSchema *schema, ArrowArray *array)
cdef object export_columns(OutBatch &batch)
cdef object export_array(OutColumn &column)
cdef void add_column(OutBatch &batch, str name, str format) except *
cdef OutColumn make_column(str format) except *
