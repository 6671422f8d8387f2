# What the streams of facts share: codes to slots, states to bytes, blocks of output, order of keys.
from kpicore._core.arrow cimport OutBatch, OutColumn, Span, is_valid
from libc.stdint cimport INT64_MIN, int32_t, int64_t, uint8_t, uint32_t
from libcpp.string cimport string
from libcpp.vector cimport vector

# Codes are indices into a dictionary; no dictionary has more than this.
cdef enum:
    MAX_CODES = 1 << 28
    BLOCK = 512

cdef extern from "codes.hpp" namespace "kpicore" nogil:
    const int32_t UNSEEN
    const int32_t FOREIGN

    cppclass CodeSlots:
        vector[int32_t] slot_of
        vector[int32_t] code_of
        void cover(int32_t)
        int32_t add(int32_t)
        int32_t find(int32_t)
        void sorted_slots(vector[int32_t] &)
        void clear()

cdef extern from "dump.hpp" namespace "kpicore" nogil:
    cppclass Dump:
        string bytes
        void put[T](const T &)
        void put_all[T](const vector[T] &)
        void open(const string &)
        void close()

    cppclass Load:
        bint failed
        void open(const char *, int64_t, const string &)
        void get[T](T &)
        void get_all[T](vector[T] &)
        bint done()

cdef extern from "columns.hpp" namespace "kpicore" nogil:
    void reserve_rows(OutBatch &, int64_t)
    void append64(OutColumn &, const int64_t *, int64_t)
    void append_codes(OutColumn &, const int32_t *, int64_t)
    void append_null_codes(OutColumn &, int64_t)
    void append_null64s(OutColumn &, int64_t)
    void append_some64(OutColumn &, const int64_t *, const uint8_t *, int64_t)


# The integer at a row, the least one where it is null or the column absent: nulls come first.
cdef inline int64_t integer_or_least(const Span *span, int64_t row) noexcept nogil:
    if span.i64 == NULL or not is_valid(span, row):
        return INT64_MIN
    return span.i64[row]


# The highest code of a column, at least (what lies under nulls may count), -1 where it is absent; `bad_row` is the
# first row whose code is not below `limit`, or -1.
cdef inline int32_t highest_code(const Span *span, uint32_t limit, int64_t *bad_row) noexcept nogil:
    cdef int64_t row
    cdef int32_t code, highest = -1, signs = 0
    cdef int32_t last = <int32_t> (limit - 1)
    bad_row[0] = -1
    if span.i32 == NULL:
        return -1
    # A code out of range leaves a sign in one of two differences; no branch, so this runs 4 to 16 rows at a time.
    for row in range(span.length):
        code = span.i32[row]
        signs |= code | <int32_t> (<uint32_t> last - <uint32_t> code)
        highest = code if code > highest else highest
    if signs >= 0:
        return highest
    highest = -1
    for row in range(span.length):
        if not is_valid(span, row):
            continue
        if <uint32_t> span.i32[row] >= limit:
            bad_row[0] = row
            return highest
        highest = max(highest, span.i32[row])
    return highest


cdef int32_t check_codes(const Span *span, str name, uint32_t limit) except? -2
cdef void check_part(object part, object parts) except *
cdef void open_load(Load *load, bytes state, string tag) except *
cdef bytes close_dump(Dump *dump)
