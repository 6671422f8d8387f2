# Calendars compiled into grids; other kernels look working time up with `worked`.
from libc.stdint cimport int64_t
from libcpp cimport bool as cbool
from libcpp.vector cimport vector


cdef extern from "business.hpp" namespace "kpicore" nogil:
    enum Status:
        NO_CALENDAR

    cppclass Grid:
        int64_t low
        int64_t high
        int64_t step
        cbool holds(int64_t t)
        int64_t worked(int64_t t)

    struct Rule:
        int reversed
        int64_t floor
        int64_t unit

    bint fill_grid(
        Grid &grid, const int64_t *start, const int64_t *length, const int64_t *before, int64_t n,
        int64_t low, int64_t high, int64_t limit,
    )
    int between_any(
        const Grid &grid, const int64_t *start, const int64_t *end, int64_t n, const Rule &rule,
        int64_t *out, int64_t *row,
    )
    int between_one(
        const Grid &grid, int64_t start, int64_t end, const Rule &rule, int64_t *out, cbool *null
    )


cdef class Business:
    # One grid per calendar, in the order they were given in.
    cdef vector[Grid] grids
