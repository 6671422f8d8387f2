"""The door between Arrow and the kernels: capsules in, capsules out, nothing copied."""

from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_New
from libc.stdlib cimport calloc, free
from libc.string cimport strchr, strcmp, strncmp


cdef extern from "export.hpp" namespace "kpicore" nogil:
    void export_batch(OutBatch &batch, ArrowSchema *schema, ArrowArray *array)
    void export_column(OutColumn &column, ArrowSchema *schema, ArrowArray *array)


cdef int64_t NOTHING = 0


cdef const char *kind_of(const char *format) noexcept:
    """Maps an Arrow format to the one letter by which kernels know it, or an empty string."""
    if strcmp(format, b"l") == 0 or strncmp(format, b"tsu:", 4) == 0 or strcmp(format, b"tDu") == 0:
        return b"l"
    if format[0] != 0 and format[1] == 0 and strchr(b"iscISCgb", format[0]) != NULL:
        return format
    return b""


cdef Span span_of(
    const ArrowSchema *schema, const ArrowArray *array, int64_t parent_offset, int64_t length, str name, str formats,
    bint nullable,
) except *:
    cdef Span span = absent_span()
    cdef bytes kind = kind_of(schema.format)
    if schema.dictionary != NULL or not kind or kind.decode() not in formats:
        raise TypeError(f"column {name!r}: kernels take one of {formats!r}, found Arrow format "
                        f"{schema.format.decode()!r}{' (dictionary)' if schema.dictionary != NULL else ''}")
    if array.n_buffers != 2:
        raise TypeError(f"column {name!r}: expected 2 buffers, found {array.n_buffers}")
    if array.length < parent_offset + length:
        raise ValueError(f"column {name!r}: {array.length} values for {length} rows")
    span.offset = array.offset + parent_offset
    span.length = length
    if array.null_count != 0:
        span.valid = <const uint8_t *> array.buffers[0]
    cdef int64_t row
    if span.valid != NULL and not nullable:
        for row in range(length):
            if not is_valid(&span, row):
                raise ValueError(f"column {name!r}, row {row}: null where a value is required")
        span.valid = NULL
    if array.buffers[1] == NULL and length > 0:
        raise ValueError(f"column {name!r}: no data buffer")
    point(&span, kind[0], array.buffers[1])
    return span


cdef void point(Span *span, char kind, const void *data) noexcept:
    """Sets the one data pointer; an empty column may come without a buffer and is present all the same."""
    cdef int64_t at = span.offset
    if data == NULL:
        data = &NOTHING
        at = 0
    if kind == c"l":
        span.i64 = (<const int64_t *> data) + at
    elif kind == c"i":
        span.i32 = (<const int32_t *> data) + at
    elif kind == c"s":
        span.i16 = (<const int16_t *> data) + at
    elif kind == c"c":
        span.i8 = (<const int8_t *> data) + at
    elif kind == c"I":
        span.u32 = (<const uint32_t *> data) + at
    elif kind == c"S":
        span.u16 = (<const uint16_t *> data) + at
    elif kind == c"C":
        span.u8 = (<const uint8_t *> data) + at
    elif kind == c"g":
        span.f64 = (<const double *> data) + at
    else:
        span.bits = <const uint8_t *> data


cdef class Batch:
    cdef Span column(self, str name, str formats, bint nullable=True, bint optional=False) except *:
        cdef int64_t i
        cdef bytes wanted = name.encode()
        if strcmp(self.schema.format, b"+s") != 0:
            raise TypeError(f"expected a record batch, found Arrow format {self.schema.format.decode()!r}")
        for i in range(self.schema.n_children):
            if strcmp(self.schema.children[i].name, wanted) == 0:
                return span_of(self.schema.children[i], self.array.children[i], self.array.offset, self.length, name,
                               formats, nullable)
        if not optional:
            raise KeyError(f"the batch has no column {name!r}")
        return absent_span()

    cdef Span alone(self, str formats, bint nullable=True) except *:
        return span_of(self.schema, self.array, 0, self.length, "array", formats, nullable)


cdef Batch import_batch(object producer):
    """Imports anything that offers ``__arrow_c_array__``; the capsules keep the memory."""
    method = getattr(producer, "__arrow_c_array__", None)
    if method is None:
        raise TypeError(f"expected an Arrow array or record batch, found {type(producer).__name__}")
    cdef Batch batch = Batch.__new__(Batch)
    batch.schema_capsule, batch.array_capsule = method()
    batch.schema = <ArrowSchema *> PyCapsule_GetPointer(batch.schema_capsule, b"arrow_schema")
    batch.array = <ArrowArray *> PyCapsule_GetPointer(batch.array_capsule, b"arrow_array")
    if batch.schema.release == NULL or batch.array.release == NULL:
        raise ValueError("the Arrow array has been released")
    batch.length = batch.array.length
    return batch


cdef Batch import_mask(object mask, int64_t length, Span *out):
    out[0] = absent_span()
    if mask is None:
        return None
    cdef Batch owner = import_batch(mask)
    out[0] = owner.alone("b")
    if out.length != length:
        raise ValueError(f"mask of {out.length} rows for {length} rows")
    return owner


cdef void drop_schema(object capsule) noexcept:
    cdef ArrowSchema *schema = <ArrowSchema *> PyCapsule_GetPointer(capsule, b"arrow_schema")
    if schema.release != NULL:
        schema.release(schema)
    free(schema)


cdef void drop_array(object capsule) noexcept:
    cdef ArrowArray *array = <ArrowArray *> PyCapsule_GetPointer(capsule, b"arrow_array")
    if array.release != NULL:
        array.release(array)
    free(array)


cdef class Exported:
    def __arrow_c_array__(self, requested_schema=None):
        if self.schema_capsule is None:
            raise ValueError("these columns were taken already")
        capsules = self.schema_capsule, self.array_capsule
        self.schema_capsule = self.array_capsule = None
        return capsules


cdef object wrap(ArrowSchema *schema, ArrowArray *array):
    cdef Exported exported = Exported.__new__(Exported)
    exported.schema_capsule = PyCapsule_New(schema, b"arrow_schema", drop_schema)
    exported.array_capsule = PyCapsule_New(array, b"arrow_array", drop_array)
    return exported


cdef object export_columns(OutBatch &batch):
    """Moves ``batch`` out as a struct array: ``pyarrow.record_batch(result)`` takes it without a copy."""
    cdef ArrowSchema *schema = <ArrowSchema *> calloc(1, sizeof(ArrowSchema))
    cdef ArrowArray *array = <ArrowArray *> calloc(1, sizeof(ArrowArray))
    export_batch(batch, schema, array)
    return wrap(schema, array)


cdef object export_array(OutColumn &column):
    """Moves ``column`` out: ``pyarrow.array(result)`` takes it without a copy."""
    cdef ArrowSchema *schema = <ArrowSchema *> calloc(1, sizeof(ArrowSchema))
    cdef ArrowArray *array = <ArrowArray *> calloc(1, sizeof(ArrowArray))
    export_column(column, schema, array)
    return wrap(schema, array)


cdef OutColumn make_column(str format) except *:
    cdef OutColumn column
    column.format = format.encode()
    return column


cdef void add_column(OutBatch &batch, str name, str format) except *:
    cdef OutColumn column
    column.name = name.encode()
    column.format = format.encode()
    batch.push_back(column)
