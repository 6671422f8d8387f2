"""The checks at the door of every stream of facts."""

from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize, PyBytes_Size


cdef int32_t check_codes(const Span *span, str name, uint32_t limit) except? -2:
    """Returns the highest code; ValueError names the first row whose code is beyond ``limit``."""
    cdef int64_t bad_row
    cdef int32_t highest = highest_code(span, limit, &bad_row)
    if bad_row >= 0:
        raise ValueError(f"column {name!r}, row {bad_row}: code {span.i32[bad_row]} is outside 0 to {limit - 1}")
    return highest


cdef void check_part(object part, object parts) except *:
    if not 0 <= part < parts < 1 << 31:
        raise ValueError(f"part {part} of {parts}: expected 0 <= part < parts")


cdef void open_load(Load *load, bytes state, string tag) except *:
    load.open(PyBytes_AsString(state), PyBytes_Size(state), tag)
    if load.failed:
        raise ValueError(f"these bytes are no state of {tag.decode()}, or were damaged")


cdef bytes close_dump(Dump *dump):
    dump.close()
    return PyBytes_FromStringAndSize(dump.bytes.data(), <Py_ssize_t> dump.bytes.size())
