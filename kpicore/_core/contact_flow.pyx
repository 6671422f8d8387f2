"""Visits, segments, legs and contacts from the events of contacts.

The rules are in flow_rules.hpp and flow_queue.hpp, a table of them in kpicore/facts/contact_flow.py. Rows go
through in blocks, so that what they need is fetched together: ids of contacts (key_ids.hpp), states, codes read
without branches; facts leave as rows that are turned into columns by blocks (fact_rows.hpp). Measured by
benchmarks/test_contact_flow.py, 10 M events of 1 M calls, seven facts and a contact out of each, one thread of a
machine that was busy otherwise: 55 ns an event in the order of time (a hundred calls at once), 45 ns call by call,
80 ns with all million calls at once, plus 3 ns for the end. Much of it are branches that the order of events makes
unforeseeable. A version that searched every key and pushed value by value took 70, 40 and 95 ns.
"""

from kpicore._core.arrow cimport Batch, OutBatch, Span, export_columns, import_batch
from kpicore._core.errors import OutOfOrder
from kpicore._core.keyed_states cimport AHEAD, NO_MEMORY, TAKEN, KeyBlock, read_keys
from kpicore._core.stream cimport MAX_CODES, Dump, Load, check_codes, check_part, close_dump, integer_or_least, open_load
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint32_t
from libcpp.string cimport string

cdef extern from "flow_words.hpp" nogil:
    const char *const *event_names "kpicore::event::names"
    const char *const *detail_names "kpicore::detail::names"
    const char *const *outcome_names "kpicore::outcome::names"
    const char *const *kind_names "kpicore::kind::names"
    const char *const *began_names "kpicore::began::names"
    const char *const *ended_names "kpicore::ended::names"
    const char *const *note_names "kpicore::note::names"
    const int EVENTS "kpicore::event::count"
    const int DETAILS "kpicore::detail::count"
    const int OUTCOMES "kpicore::outcome::count"
    const int KINDS "kpicore::kind::count"
    const int BEGAN "kpicore::began::count"
    const int ENDED "kpicore::ended::count"
    const int NOTES "kpicore::note::count"

cdef extern from "contact_flow.hpp" namespace "kpicore" nogil:
    struct FlowRow:
        int64_t at
        int64_t seq
        int32_t agent
        int32_t to_agent
        int32_t queue
        int32_t to_queue
        int8_t event
        int8_t detail
        int16_t unused

    cppclass Legs:
        OutBatch columns

    struct FlowFacts:
        OutBatch visits
        OutBatch segments
        Legs legs
        OutBatch contacts
        void open() except +

    cppclass Flow "kpicore::ContactFlow":
        FlowFacts facts
        int64_t *notes
        bint locate(const int64_t *, int64_t, int32_t *)
        int take(int64_t, int32_t, const FlowRow &)
        bint close()
        bint finish(int64_t)
        bint merge(const Flow &, int64_t &) except +
        void dump(Dump &) except +
        void load(Load &) except +

# The columns by which rows of a contact are ordered, by the answers of contact_flow.hpp.
COMPARED = ("at", "seq", "event", "agent_id", "to_agent_id", "queue", "to_queue", "detail")

cdef struct Columns:
    Span contact, at, seq, event, agent, to_agent, queue, to_queue, detail


cdef tuple words(const char *const *names, int count):
    return tuple([(<bytes> names[i]).decode() for i in range(count)])


def flow_words():
    """Returns the enumerations of the contact flow: their words in the order of the codes, by name."""
    return {
        "event": words(event_names, EVENTS),
        "detail": words(detail_names, DETAILS),
        "outcome": words(outcome_names, OUTCOMES),
        "kind": words(kind_names, KINDS),
        "began": words(began_names, BEGAN),
        "ended": words(ended_names, ENDED),
        "note": words(note_names, NOTES),
    }


# The codes of a block of rows, column by column.
cdef struct CodeBlock:
    int32_t agent[AHEAD]
    int32_t to_agent[AHEAD]
    int32_t queue[AHEAD]
    int32_t to_queue[AHEAD]
    int32_t detail[AHEAD]


# The codes at a block's rows, -1 for null; without a branch a row, as nobody can foresee where a log has nulls.
cdef void read_codes(const Span *span, const KeyBlock *block, int32_t *out) noexcept nogil:
    cdef int64_t i, place
    cdef int32_t valid
    if span.i32 == NULL:
        for i in range(block.size):
            out[i] = -1
    elif span.valid == NULL:
        for i in range(block.size):
            out[i] = span.i32[block.row[i]]
    else:
        for i in range(block.size):
            place = span.offset + block.row[i]
            valid = (span.valid[place >> 3] >> (place & 7)) & 1
            out[i] = span.i32[block.row[i]] | (valid - 1)


cdef void read_block(const Columns *columns, const KeyBlock *block, CodeBlock *codes) noexcept nogil:
    read_codes(&columns.agent, block, codes.agent)
    read_codes(&columns.to_agent, block, codes.to_agent)
    read_codes(&columns.queue, block, codes.queue)
    read_codes(&columns.to_queue, block, codes.to_queue)
    read_codes(&columns.detail, block, codes.detail)


# Returns the row that was not taken (and in `answer` why), or -1.
cdef int64_t feed(Flow *flow, const Columns *columns, uint32_t part, uint32_t parts, int *answer) noexcept nogil:
    cdef int64_t i, row, start = 0
    cdef KeyBlock block
    cdef CodeBlock codes
    cdef FlowRow event
    event.unused = 0
    while start < columns.contact.length:
        read_keys(&columns.contact, start, part, parts, &block)
        if not flow.locate(block.key, block.size, block.id):
            answer[0] = NO_MEMORY
            return start
        read_block(columns, &block, &codes)
        for i in range(block.size):
            row = block.row[i]
            event.at = columns.at.i64[row]
            event.seq = integer_or_least(&columns.seq, row)
            event.event = <int8_t> columns.event.i32[row]
            event.agent = codes.agent[i]
            event.to_agent = codes.to_agent[i]
            event.queue = codes.queue[i]
            event.to_queue = codes.to_queue[i]
            event.detail = <int8_t> codes.detail[i]
            answer[0] = flow.take(block.key[i], block.id[i], event)
            if answer[0] != TAKEN:
                return row
        start += AHEAD
    if not flow.close():
        answer[0] = NO_MEMORY
    return -1


cdef class ContactFlow:
    """The operator of ``visits``, ``segments``, ``legs`` and ``contacts`` for one part of the contacts."""

    cdef Flow flow
    cdef uint32_t part, parts

    def __init__(self, part, parts):
        check_part(part, parts)
        self.part, self.parts = part, parts

    cdef string tag(self):
        return b"contact_flow 1"

    cdef dict facts(self):
        return {
            "visits": export_columns(self.flow.facts.visits),
            "segments": export_columns(self.flow.facts.segments),
            "legs": export_columns(self.flow.facts.legs.columns),
        }

    def push(self, batch not None, int port=0):
        """Returns the facts that the events of ``batch`` complete, by name; contacts come at the end only."""
        if port != 0:
            raise ValueError(f"port {port}: there is one input only")
        cdef Batch rows = import_batch(batch)
        cdef Columns columns
        columns.contact = rows.column("contact_id", "l", False)
        columns.at = rows.column("at", "l", False)
        columns.event = rows.column("event", "i", False)
        columns.seq = rows.column("seq", "l", True, True)
        columns.agent = rows.column("agent_id", "i", True, True)
        columns.to_agent = rows.column("to_agent_id", "i", True, True)
        columns.queue = rows.column("queue", "i", True, True)
        columns.to_queue = rows.column("to_queue", "i", True, True)
        columns.detail = rows.column("detail", "i", True, True)
        check_codes(&columns.event, "event", EVENTS)
        check_codes(&columns.agent, "agent_id", MAX_CODES)
        check_codes(&columns.to_agent, "to_agent_id", MAX_CODES)
        check_codes(&columns.queue, "queue", MAX_CODES)
        check_codes(&columns.to_queue, "to_queue", MAX_CODES)
        check_codes(&columns.detail, "detail", DETAILS)
        self.flow.facts.open()
        cdef int answer = TAKEN
        cdef int64_t row
        with nogil:
            row = feed(&self.flow, &columns, self.part, self.parts, &answer)
        if answer == NO_MEMORY:
            raise MemoryError("no memory for the states of contacts")
        if row >= 0:
            raise OutOfOrder(COMPARED[answer], row)
        return self.facts()

    def finish(self, int64_t until):
        """Returns what is still open, with stretches ended at ``until``, and the contacts; the state is empty then."""
        cdef bint done
        self.flow.facts.open()
        with nogil:
            done = self.flow.finish(until)
        if not done:
            raise MemoryError("no memory for the facts of contacts")
        return self.facts() | {"contacts": export_columns(self.flow.facts.contacts)}

    def dump(self):
        """Returns the state as bytes."""
        cdef Dump dump
        dump.open(self.tag())
        self.flow.dump(dump)
        return close_dump(&dump)

    def load(self, bytes state not None):
        """Replaces the state by one that ``dump`` gave; ValueError for other bytes."""
        cdef Load load
        open_load(&load, state, self.tag())
        self.flow.load(load)
        if load.failed:
            raise ValueError("this state of contact_flow was damaged")

    def merge(self, ContactFlow other not None):
        """Adds the state of other contacts; ValueError where both know a contact."""
        cdef int64_t shared = 0
        if not self.flow.merge(other.flow, shared):
            raise ValueError(f"contact {shared} is in both states")

    def notes(self):
        """Returns how often each oddity was met."""
        return {name: self.flow.notes[i] for i, name in enumerate(words(note_names, NOTES)) if self.flow.notes[i]}
