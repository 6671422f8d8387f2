"""Groups whose number is known beforehand: the id of a group is computed, not looked up.

With codes c1 of n1 values, c2 of n2, ... and a period p of m, the id is ((p * (n1 + 1) + c1) * (n2 + 1)
+ c2) ..., the last value of each code standing for null. Rows of a log move on through periods
together, so the groups in use at one time lie side by side, where a hash table would miss the cache for
every new group.
"""

from kpicore._core.arrow cimport (
    Batch, OutBatch, OutColumn, Span, add_column, export_array, export_columns, import_batch, integer_at, is_valid,
    make_column,
)
from libc.stdint cimport int32_t, int64_t, uint8_t
from libcpp.vector cimport vector


cdef int64_t start_ids(const Span *period, int64_t n_periods, int32_t *ids) noexcept nogil:
    """Copies the periods; returns the first row that is out of range, -1 if there is none."""
    cdef int64_t row, value
    for row in range(period.length):
        value = integer_at(period, row)
        if value >= n_periods:
            return row
        ids[row] = <int32_t> value if value >= 0 and is_valid(period, row) else -1
    return -1


cdef int64_t refine_ids(const Span *codes, int32_t size, int32_t *ids) noexcept nogil:
    """Makes room for ``size`` codes and null in each id; returns a row out of range, or -1."""
    cdef int64_t row, value
    for row in range(codes.length):
        value = integer_at(codes, row)
        if not is_valid(codes, row):
            value = size
        elif value < 0 or value >= size:
            return row
        ids[row] = ids[row] * (size + 1) + <int32_t> value if ids[row] >= 0 else -1
    return -1


cdef void mark(const int32_t *ids, int64_t length, uint8_t *seen) noexcept nogil:
    cdef int64_t row
    for row in range(length):
        if ids[row] >= 0:
            seen[ids[row]] = 1


cdef class DenseIndex:
    """Ids of combinations of codes (below ``sizes``, or null) and a period (below ``periods``)."""

    cdef vector[int32_t] sizes
    cdef int64_t periods
    cdef readonly int64_t size
    cdef vector[uint8_t] seen

    def __init__(self, sizes not None, int64_t periods):
        self.periods = periods
        self.size = periods
        for size in sizes:
            if size < 0:
                raise ValueError(f"{size} is not a number of codes")
            self.sizes.push_back(size)
            self.size *= size + 1
        if self.size >= 2**31:
            raise ValueError(f"{self.size} groups are too many to be counted out beforehand")
        self.seen.assign(self.size, 0)

    def __len__(self):
        return self.size

    def locate(self, codes not None, period not None):
        """Returns the int32 id of each row; -1 where the period is negative or null."""
        cdef Batch owner = import_batch(period)
        cdef Span span = owner.alone("il")
        cdef OutColumn column = make_column("i")
        cdef int64_t bad, i, length = span.length
        cdef int32_t *ids
        if len(codes) != <Py_ssize_t> self.sizes.size():
            raise ValueError(f"{len(codes)} columns of codes for {self.sizes.size()}")
        column.i32.resize(length)
        ids = column.i32.data()
        with nogil:
            bad = start_ids(&span, self.periods, ids)
        if bad >= 0:
            raise ValueError(f"row {bad}: there is no such period")
        for i in range(<int64_t> self.sizes.size()):
            owner = import_batch(codes[i])
            span = owner.alone("ilc")
            if span.length != length:
                raise ValueError(f"{span.length} codes for {length} rows")
            with nogil:
                bad = refine_ids(&span, self.sizes[i], ids)
            if bad >= 0:
                raise ValueError(f"row {bad}: code {integer_at(&span, bad)} is none of {self.sizes[i]}")
        with nogil:
            mark(ids, length, self.seen.data())
        return export_array(column)

    def merge(self, DenseIndex other not None):
        """Adds the groups that ``other`` has seen; both must be of the same sizes."""
        cdef int64_t i
        if self.sizes != other.sizes or self.periods != other.periods:
            raise ValueError("groups of different sizes do not merge")
        for i in range(self.size):
            self.seen[i] |= other.seen[i]

    def groups(self):
        """Returns the groups seen, by id: id, period, then one column of codes each (null for null)."""
        cdef OutBatch out
        cdef int64_t i, rest, k, width = <int64_t> self.sizes.size()
        cdef int32_t code
        add_column(out, "id", "i")
        add_column(out, "period", "i")
        for k in range(width):
            add_column(out, f"code {k}", "i")
        for i in range(self.size):
            if not self.seen[i]:
                continue
            out[0].push32(<int32_t> i)
            rest = i
            for k in range(width - 1, -1, -1):
                code = <int32_t> (rest % (self.sizes[k] + 1))
                out[2 + k].push_code(code if code < self.sizes[k] else -1)
                rest = rest // (self.sizes[k] + 1)
            out[1].push32(<int32_t> rest)
        return export_columns(out)

    def __reduce__(self):
        return _restore, (list(self.sizes), self.periods, bytes(self.seen))


def _restore(sizes, periods, bytes seen not None):
    cdef DenseIndex index = DenseIndex(sizes, periods)
    cdef int64_t i
    if len(seen) != index.size:
        raise ValueError("the state is damaged")
    for i in range(index.size):
        index.seen[i] = seen[i]
    return index
