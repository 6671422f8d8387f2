"""Legs from segments, for sources that log segments; see segment_legs.hpp."""

from kpicore._core.arrow cimport Batch, OutBatch, Span, code_at, export_columns, import_batch
from kpicore._core.errors import OutOfOrder
from kpicore._core.keyed_states cimport AHEAD, NO_MEMORY, TAKEN, KeyBlock, read_keys
from kpicore._core.stream cimport MAX_CODES, Dump, Load, check_codes, check_part, close_dump, open_load
from libc.stdint cimport int32_t, int64_t, uint32_t
from libcpp.string cimport string

cdef extern from "segment_legs.hpp" namespace "kpicore" nogil:
    const int KINDS "kpicore::kind::count"

    cppclass Legs:
        OutBatch columns
        void open() except +

    struct SegmentEvent:
        int64_t start
        int64_t end
        int32_t kind
        int32_t agent
        int32_t queue
        int32_t unused

    cppclass States "kpicore::SegmentLegs":
        Legs legs
        int64_t reversed
        bint locate(const int64_t *, int64_t, int32_t *)
        int take(int64_t, int32_t, const SegmentEvent &)
        bint close()
        bint finish()
        bint merge(const States &, int64_t &) except +
        void dump(Dump &) except +
        void load(Load &) except +

# The columns by which rows of a contact are ordered, by the answers of segment_legs.hpp.
COMPARED = ("start", "end", "kind", "agent_id", "queue")

cdef struct Columns:
    Span contact, start, end, kind, agent, queue


# Returns the row that was not taken (and in `answer` why), or -1.
cdef int64_t feed(States *states, const Columns *columns, uint32_t part, uint32_t parts, int *answer) noexcept nogil:
    cdef int64_t i, row, start = 0
    cdef KeyBlock block
    cdef SegmentEvent event
    event.unused = 0
    while start < columns.contact.length:
        read_keys(&columns.contact, start, part, parts, &block)
        if not states.locate(block.key, block.size, block.id):
            answer[0] = NO_MEMORY
            return start
        for i in range(block.size):
            row = block.row[i]
            event.start = columns.start.i64[row]
            event.end = columns.end.i64[row]
            event.kind = columns.kind.i32[row]
            event.agent = code_at(&columns.agent, row)
            event.queue = code_at(&columns.queue, row)
            answer[0] = states.take(block.key[i], block.id[i], event)
            if answer[0] != TAKEN:
                return row
        start += AHEAD
    if not states.close():
        answer[0] = NO_MEMORY
    return -1


cdef class SegmentLegs:
    """The operator of ``legs`` from ``segments`` for one part of the contacts."""

    cdef States states
    cdef uint32_t part, parts

    def __init__(self, part, parts):
        check_part(part, parts)
        self.part, self.parts = part, parts

    cdef string tag(self):
        return b"segment_legs 1"

    def push(self, batch not None, int port=0):
        """Returns the legs that segments of ``batch`` show to be complete."""
        if port != 0:
            raise ValueError(f"port {port}: there is one input only")
        cdef Batch rows = import_batch(batch)
        cdef Columns columns
        columns.contact = rows.column("contact_id", "l", False)
        columns.start = rows.column("start", "l", False)
        columns.end = rows.column("end", "l", False)
        columns.kind = rows.column("kind", "i", False)
        columns.agent = rows.column("agent_id", "i", True, True)
        columns.queue = rows.column("queue", "i", True, True)
        check_codes(&columns.kind, "kind", KINDS)
        check_codes(&columns.agent, "agent_id", MAX_CODES)
        check_codes(&columns.queue, "queue", MAX_CODES)
        self.states.legs.open()
        cdef int answer = TAKEN
        cdef int64_t row
        with nogil:
            row = feed(&self.states, &columns, self.part, self.parts, &answer)
        if answer == NO_MEMORY:
            raise MemoryError("no memory for the legs of contacts")
        if row >= 0:
            raise OutOfOrder(COMPARED[answer], row)
        return export_columns(self.states.legs.columns)

    def finish(self, int64_t until):
        """Returns the remaining legs; the state is empty then. Segments have ends, so ``until`` changes nothing."""
        cdef bint done
        self.states.legs.open()
        with nogil:
            done = self.states.finish()
        if not done:
            raise MemoryError("no memory for the legs of contacts")
        return export_columns(self.states.legs.columns)

    def dump(self):
        """Returns the state as bytes."""
        cdef Dump dump
        dump.open(self.tag())
        dump.put(self.states.reversed)
        self.states.dump(dump)
        return close_dump(&dump)

    def load(self, bytes state not None):
        """Replaces the state by one that ``dump`` gave; ValueError for other bytes."""
        cdef Load load
        open_load(&load, state, self.tag())
        load.get(self.states.reversed)
        self.states.load(load)
        if load.failed:
            raise ValueError("this state of segment_legs was damaged")

    def merge(self, SegmentLegs other not None):
        """Adds the state of other contacts; ValueError where both know a contact."""
        cdef int64_t shared = 0
        if not self.states.merge(other.states, shared):
            raise ValueError(f"contact {shared} is in both states")
        self.states.reversed += other.states.reversed

    def notes(self):
        """Returns how often each oddity was met."""
        return {"reversed": self.states.reversed} if self.states.reversed else {}
