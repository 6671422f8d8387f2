# What doors to states by key share: answers, blocks of rows.
from kpicore._core.arrow cimport Span
from kpicore._core.parts cimport part_of
from libc.stdint cimport int32_t, int64_t, uint32_t

cdef extern from "keyed_states.hpp" namespace "kpicore" nogil:
    const int TAKEN
    const int NO_MEMORY

cdef enum:
    AHEAD = 256  # rows of a block, KeyIds::BLOCK

# The rows of a block whose keys belong to the part.
cdef struct KeyBlock:
    int64_t size
    int64_t row[AHEAD]
    int64_t key[AHEAD]
    int32_t id[AHEAD]


cdef inline void read_keys(
    const Span *keys, int64_t start, uint32_t part, uint32_t parts, KeyBlock *block
) noexcept nogil:
    cdef int64_t row, n = 0
    for row in range(start, min(start + AHEAD, keys.length)):
        block.row[n] = row
        block.key[n] = keys.i64[row]
        n += parts == 1 or part_of(keys.i64[row], parts) == part
    block.size = n
