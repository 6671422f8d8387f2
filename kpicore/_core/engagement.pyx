"""Engagement: what state an agent is in and how many contacts he has in hand, where both are constant."""

from kpicore._core.arrow cimport (
    Batch, OutBatch, Span, absent_span, add_column, code_at, export_columns, import_batch,
)
from kpicore._core.errors import OutOfOrder
from kpicore._core.parts cimport part_of
from kpicore._core.stream cimport MAX_CODES, Dump, Load, check_codes, check_part, close_dump, open_load
from libc.stdint cimport int32_t, int64_t, uint32_t
from libcpp cimport bool as cbool
from libcpp.string cimport string


cdef extern from "engagement.hpp" namespace "kpicore" nogil:
    cppclass State "kpicore::Engagement":
        cbool add_state(int32_t, int32_t, int32_t, int64_t, int64_t) except +
        cbool add_load(int32_t, int64_t, int64_t, int64_t) except +
        void finish(OutBatch &) except +
        void dump(Dump &) except +
        void load(Load &) except +
        cbool merge(const State &) except +

cdef enum:
    STATES = 11  # of agents, and their tracks, as in the schema
    TRACKS = 2

COLUMNS = (("agent_id", "i"), ("state", "i"), ("presence", "i"), ("routing", "i"), ("level", "l"), ("start", "l"),
           ("end", "l"))


cdef void open_columns(OutBatch &out) except *:
    for name, kind in COLUMNS:
        add_column(out, name, kind)


cdef class Engagement:
    """The stream of engagements of the agents of one part; port 0 takes states, port 1 workload."""

    cdef State state
    cdef uint32_t part, parts
    cdef string tag

    def __init__(self, part=0, parts=1):
        check_part(part, parts)
        self.part, self.parts = part, parts
        self.tag = b"engagement 1"

    def push(self, batch not None, int64_t port=0):
        """Keeps the rows of a batch; returns no row. OutOfOrder names the row that begins too early."""
        cdef Batch owner = import_batch(batch)
        cdef Span agent = owner.column("agent_id", "i"), start = owner.column("start", "l", False)
        cdef Span end = owner.column("end", "l", False), value, track = absent_span()
        check_codes(&agent, "agent_id", MAX_CODES)
        if port == 0:
            value = owner.column("state", "i", False)
            check_codes(&value, "state", STATES)
            track = owner.column("track", "i", True, True)
            check_codes(&track, "track", TRACKS)
        elif port == 1:
            value = owner.column("level", "l", False)
        else:
            raise ValueError(f"there is no port {port}")
        cdef int64_t bad
        with nogil:
            bad = self.take(&agent, &value, &track, &start, &end, port)
        if bad >= 0:
            raise OutOfOrder("start", bad)
        cdef OutBatch out
        open_columns(out)
        return export_columns(out)

    cdef int64_t take(
        self, const Span *agent, const Span *value, const Span *track, const Span *start, const Span *end, int64_t port
    ) except -2 nogil:
        cdef int64_t row
        cdef int32_t code
        cdef cbool fine
        for row in range(agent.length):
            code = code_at(agent, row)
            if code < 0 or part_of(code, self.parts) != self.part:
                continue
            if port == 0:
                fine = self.state.add_state(code, value.i32[row], code_at(track, row), start.i64[row], end.i64[row])
            else:
                fine = self.state.add_load(code, value.i64[row], start.i64[row], end.i64[row])
            if not fine:
                return row
        return -1

    def finish(self, int64_t until):
        """Returns all stretches, by agent and start; nothing is left."""
        cdef OutBatch out
        open_columns(out)
        with nogil:
            self.state.finish(out)
        return export_columns(out)

    def dump(self):
        """Returns the state as bytes."""
        cdef Dump out
        out.open(self.tag)
        self.state.dump(out)
        return close_dump(&out)

    def load(self, bytes state not None):
        """Replaces the state by a dumped one; ValueError where the bytes are damaged."""
        cdef Load reader
        cdef State fresh
        open_load(&reader, state, self.tag)
        fresh.load(reader)
        if not reader.done():
            raise ValueError("these bytes are no state of engagement")
        self.state = fresh

    def merge(self, Engagement other not None):
        """Adds the state of other agents."""
        if not self.state.merge(other.state):
            raise ValueError("both states hold the same agent")

    def notes(self):
        """Returns no notes: what is odd in states and segments is noted where they are derived."""
        return {}
