"""Engagement: what states an agent is in and how many contacts he has in hand, where all of it is constant.

The sweep is in engagement.hpp. Without workload it gives duty, and needs no more than the last state of each track.
Agents of a block of rows are asked for before they are needed, since they and what waits for them outgrow the nearest
caches. 2,000 agents, one thread of a busy machine: duty 18 ns a state; engagement of 5 M states and 7.8 M stretches
of workload 70 ns a row, 14.5 M of which come out.
"""

from kpicore._core.arrow cimport Batch, OutBatch, Span, absent_span, add_column, code_at, export_columns, import_batch
from kpicore._core.errors import OutOfOrder
from kpicore._core.parts cimport part_of
from kpicore._core.stream cimport (
    FOREIGN, MAX_CODES, UNSEEN, Dump, Load, check_codes, check_part, close_dump, open_load, reserve_rows,
)
from libc.stdint cimport int32_t, int64_t, uint32_t
from libcpp cimport bool as cbool
from libcpp.string cimport string


cdef extern from "engagement.hpp" namespace "kpicore" nogil:
    struct Stay:
        int64_t start, end, value

    cppclass State "kpicore::Engagement":
        int64_t skipped[2]
        State()
        State(cbool)
        void cover(int32_t) except +
        int32_t find(int32_t)
        void ignore(int32_t)
        int32_t add(int32_t) except +
        void ask(int32_t)
        void ask_waiting(int32_t)
        cbool add_state(int32_t, int32_t, const Stay &, OutBatch &) except +
        cbool add_load(int32_t, const Stay &, OutBatch &) except +
        void finish(OutBatch &) except +
        void flush(OutBatch &) except +
        void dump(Dump &) except +
        cbool load(Load &) except +
        cbool merge(const State &) except +

cdef enum:
    STATES = 11  # of agents, and their tracks, as in the schema
    TRACKS = 2

DUTY = (("agent_id", "i"), ("state", "i"), ("presence", "i"), ("routing", "i"), ("start", "l"), ("end", "l"))
ENGAGEMENT = (("agent_id", "i"), ("presence", "i"), ("routing", "i"), ("level", "l"), ("start", "l"), ("end", "l"))

cdef struct Columns:
    Span agent, value, track, start, end


cdef class Engagement:
    """The stream of one part of the agents.

    Port 0 takes ``state_intervals``, port 1 ``workload``. Where not ``loaded`` there is no port 1, and what comes
    out is ``duty``. Rows of an agent come by start; what they are beside cannot change the outcome.
    """

    cdef State state
    cdef uint32_t part, parts
    cdef cbool loaded

    def __init__(self, part, parts, bint loaded):
        check_part(part, parts)
        self.part, self.parts, self.loaded = part, parts, loaded
        self.state = State(self.loaded)

    cdef string tag(self):
        return b"engagement 2" if self.loaded else b"duty 2"

    cdef OutBatch new_output(self) except *:
        cdef OutBatch out
        for name, kind in ENGAGEMENT if self.loaded else DUTY:
            add_column(out, name, kind)
        return out

    def push(self, batch not None, int64_t port=0):
        """Returns the stretches that no later row can change; OutOfOrder names the row that begins too early."""
        cdef Batch rows = import_batch(batch)
        cdef Columns columns
        if not 0 <= port <= self.loaded:
            raise ValueError(f"port {port}: there are {1 + self.loaded} inputs")
        columns.agent = rows.column("agent_id", "i", False)
        columns.start = rows.column("start", "l", False)
        columns.end = rows.column("end", "l", False)
        columns.track = absent_span()
        if port == 0:
            columns.value = rows.column("state", "i", False)
            columns.track = rows.column("track", "i", True, True)
            check_codes(&columns.value, "state", STATES)
            check_codes(&columns.track, "track", TRACKS)
        else:
            columns.value = rows.column("level", "l", False)
        cdef int32_t highest = check_codes(&columns.agent, "agent_id", MAX_CODES)
        cdef OutBatch out = self.new_output()
        cdef int64_t bad_row
        with nogil:
            if highest >= 0:
                self.state.cover(highest)
            if port == <int64_t> self.loaded:
                reserve_rows(out, rows.length)
            bad_row = self.take(&columns, port, out)
            self.state.flush(out)
        if bad_row >= 0:
            raise OutOfOrder("start", bad_row)
        return export_columns(out)

    cdef int32_t admit(self, int32_t code) except -3 nogil:
        cdef int32_t slot = self.state.find(code)
        if slot != UNSEEN:
            return slot
        if self.parts > 1 and part_of(code, self.parts) != self.part:
            self.state.ignore(code)
            return FOREIGN
        return self.state.add(code)

    cdef int64_t take(self, const Columns *columns, int64_t port, OutBatch &out) except -2 nogil:
        cdef int64_t first, last, row
        cdef int32_t slot
        cdef Stay stay
        cdef cbool fine
        for first in range(0, columns.agent.length, 64):
            last = min(first + 64, columns.agent.length)
            for row in range(first, last):
                slot = self.admit(columns.agent.i32[row])
                if slot >= 0:
                    self.state.ask(slot)
            if port == 1:
                for row in range(first, last):
                    slot = self.state.find(columns.agent.i32[row])
                    if slot >= 0:
                        self.state.ask_waiting(slot)
            for row in range(first, last):
                slot = self.state.find(columns.agent.i32[row])
                if slot < 0:
                    continue
                stay.start, stay.end = columns.start.i64[row], columns.end.i64[row]
                if port == 0:
                    stay.value = columns.value.i32[row]
                    fine = self.state.add_state(slot, code_at(&columns.track, row), stay, out)
                else:
                    stay.value = columns.value.i64[row]
                    fine = self.state.add_load(slot, stay, out)
                if not fine:
                    return row
        return -1

    def finish(self, int64_t until):
        """Returns the stretches that were left; the state is empty afterwards. ``until`` has no part in it."""
        cdef OutBatch out = self.new_output()
        with nogil:
            self.state.finish(out)
        return export_columns(out)

    def dump(self):
        """Returns the state as bytes."""
        cdef Dump out
        out.open(self.tag())
        self.state.dump(out)
        return close_dump(&out)

    def load(self, bytes state not None):
        """Replaces the state by one that ``dump`` gave; ValueError for other bytes."""
        cdef Load reader
        cdef State fresh = State(self.loaded)
        open_load(&reader, state, self.tag())
        if not fresh.load(reader):
            raise ValueError("this state of engagement was damaged")
        self.state = fresh

    def merge(self, Engagement other not None):
        """Adds the state of other agents; ValueError where both know an agent."""
        if other.loaded != self.loaded or not self.state.merge(other.state):
            raise ValueError("both states hold the same agent, or are of different facts")

    def notes(self):
        """Returns how often each oddity was met."""
        counts = zip(("zero_length", "reversed"), (self.state.skipped[0], self.state.skipped[1]))
        return {reason: count for reason, count in counts if count}
