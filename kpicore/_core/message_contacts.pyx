"""Contacts from messages, for sources that log messages only; see message_contacts.hpp."""

from kpicore._core.arrow cimport Batch, OutBatch, Span, code_at, export_columns, import_batch
from kpicore._core.errors import OutOfOrder
from kpicore._core.keyed_states cimport AHEAD, NO_MEMORY, TAKEN, KeyBlock, read_keys
from kpicore._core.stream cimport MAX_CODES, Dump, Load, check_codes, check_part, close_dump, integer_or_least, open_load
from libc.stdint cimport int32_t, int64_t, uint32_t
from libcpp.string cimport string

cdef extern from "message_contacts.hpp" namespace "kpicore" nogil:
    struct MessageEvent:
        int64_t at
        int64_t seq
        int64_t customer
        int32_t author
        int32_t agent

    cppclass States "kpicore::MessageContacts":
        OutBatch columns
        int64_t agent_missing
        void open() except +
        bint locate(const int64_t *, int64_t, int32_t *)
        int take(int32_t, const MessageEvent &)
        bint finish()
        bint merge(const States &, int64_t &) except +
        void dump(Dump &) except +
        void load(Load &) except +

cdef enum:
    AUTHORS = 8

# The columns by which rows of a contact are ordered, by the answers of message_contacts.hpp.
COMPARED = ("at", "seq", "author", "agent_id", "customer_id")

cdef struct Columns:
    Span contact, at, seq, author, agent, customer


# Returns the row that was not taken (and in `answer` why), or -1.
cdef int64_t feed(States *states, const Columns *columns, uint32_t part, uint32_t parts, int *answer) noexcept nogil:
    cdef int64_t i, row, start = 0
    cdef KeyBlock block
    cdef MessageEvent event
    while start < columns.contact.length:
        read_keys(&columns.contact, start, part, parts, &block)
        if not states.locate(block.key, block.size, block.id):
            answer[0] = NO_MEMORY
            return start
        for i in range(block.size):
            row = block.row[i]
            event.at = columns.at.i64[row]
            event.seq = integer_or_least(&columns.seq, row)
            event.author = columns.author.i32[row]
            event.agent = code_at(&columns.agent, row)
            event.customer = integer_or_least(&columns.customer, row)
            answer[0] = states.take(block.id[i], event)
            if answer[0] != TAKEN:
                return row
        start += AHEAD
    return -1


cdef class MessageContacts:
    """The operator of ``contacts`` from ``messages`` for one part of the contacts."""

    cdef States states
    cdef uint32_t part, parts

    def __init__(self, part, parts):
        check_part(part, parts)
        self.part, self.parts = part, parts

    cdef string tag(self):
        return b"message_contacts 1"

    def push(self, batch not None, int port=0):
        """Takes messages; contacts come at the end, as any message may change them."""
        if port != 0:
            raise ValueError(f"port {port}: there is one input only")
        cdef Batch rows = import_batch(batch)
        cdef Columns columns
        columns.contact = rows.column("contact_id", "l", False)
        columns.at = rows.column("at", "l", False)
        columns.author = rows.column("author", "i", False)
        columns.seq = rows.column("seq", "l", True, True)
        columns.agent = rows.column("agent_id", "i", True, True)
        columns.customer = rows.column("customer_id", "l", True, True)
        check_codes(&columns.author, "author", AUTHORS)
        check_codes(&columns.agent, "agent_id", MAX_CODES)
        cdef int answer = TAKEN
        cdef int64_t row
        with nogil:
            row = feed(&self.states, &columns, self.part, self.parts, &answer)
        if answer == NO_MEMORY:
            raise MemoryError("no memory for the states of contacts")
        if row >= 0:
            raise OutOfOrder(COMPARED[answer], row)

    def finish(self, int64_t until):
        """Returns the contacts; the state is empty then. A conversation has no known end, so ``until`` changes nothing."""
        cdef bint done
        self.states.open()
        with nogil:
            done = self.states.finish()
        if not done:
            raise MemoryError("no memory for the contacts")
        return export_columns(self.states.columns)

    def dump(self):
        """Returns the state as bytes."""
        cdef Dump dump
        dump.open(self.tag())
        dump.put(self.states.agent_missing)
        self.states.dump(dump)
        return close_dump(&dump)

    def load(self, bytes state not None):
        """Replaces the state by one that ``dump`` gave; ValueError for other bytes."""
        cdef Load load
        open_load(&load, state, self.tag())
        load.get(self.states.agent_missing)
        self.states.load(load)
        if load.failed:
            raise ValueError("this state of message_contacts was damaged")

    def merge(self, MessageContacts other not None):
        """Adds the state of other contacts; ValueError where both know a contact."""
        cdef int64_t shared = 0
        if not self.states.merge(other.states, shared):
            raise ValueError(f"contact {shared} is in both states")
        self.states.agent_missing += other.states.agent_missing

    def notes(self):
        """Returns how often each oddity was met."""
        return {"agent_missing": self.states.agent_missing} if self.states.agent_missing else {}
