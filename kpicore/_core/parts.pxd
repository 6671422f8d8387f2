# Which worker owns a key. Every operator and the engine's exchange use this one rule.
from libc.stdint cimport int64_t, uint32_t, uint64_t


cdef inline uint32_t part_of(int64_t key, uint32_t parts) noexcept nogil:
    return <uint32_t> ((<uint64_t> key * <uint64_t> 0x9E3779B97F4A7C15) >> 32) % parts
