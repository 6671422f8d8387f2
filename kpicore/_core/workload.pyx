"""Workload: how many contacts an agent handles at once, as stretches of constant level.

No list of events and no sort: segments come by start, so all that is needed of an agent is the ends of what is open,
in order, a handful of numbers in two cache lines. A start settles every end before it. What changes at the instant
of a start is settled by the next later one, so that segments which touch, or start together, leave no trace of where
they were cut. Only starts have to be in order: the rest of a row cannot change what comes out.
How many segments are open and how many end is what processors guess wrong, so the first steps of both are taken
without a branch. 5 M segments of 2,000 agents, 2.5 at once, one thread of a busy machine: 32 ns a row, of which 7 are
the copy of what comes out (two stretches a row); 38 to 55 where contacts are named.
"""

from kpicore._core.arrow cimport Batch, OutBatch, Span, add_column, export_columns, import_batch, is_valid
from kpicore._core.errors import OutOfOrder
from kpicore._core.stream cimport (
    MAX_CODES, CodeSlots, Dump, Load, check_codes, check_part, close_dump, open_load, reserve_rows,
)
from libc.stdint cimport int32_t, int64_t, uint32_t
from libcpp.string cimport string
from libcpp.vector cimport vector

cdef enum:  # the notes, by REASONS
    ZERO_LENGTH
    REVERSED
    OVERLAP
    ODDITIES

REASONS = ("zero_length", "reversed", "overlap")

# Opens a segment, or makes that of the same contact longer.
cdef inline void add_segment(
    AgentLoad *agent, int64_t end, const Span *contact, int64_t row, int64_t *notes
) noexcept nogil:
    cdef int64_t *known
    if contact.i64 == NULL or not is_valid(contact, row):
        agent.open(end)
        return
    known = &agent.contacts().end_of(contact.i64[row], agent.now)
    if known[0] == agent.now:
        agent.open(end)
        known[0] = end
        return
    notes[OVERLAP] += 1
    if end > known[0]:
        agent.prolong(known[0], end)
        known[0] = end


# Returns the row whose start goes back, or -1.
cdef int64_t advance(
    const Columns *columns, CodeSlots &slots, vector[AgentLoad] &agents, uint32_t part, uint32_t parts, uint32_t kinds,
    int64_t *notes, Stretches *stretches, OutBatch &out,
) noexcept nogil:
    cdef int64_t first, row, start, end, last = 0
    cdef int32_t slot
    cdef AgentLoad *agent
    for first in range(0, columns.agent.length, 64):
        last = min(first + 64, columns.agent.length)
        for row in range(first, last):
            slot = admit(slots, agents, columns.agent.i32[row], part, parts)
            if slot >= 0:
                prefetch(&agents[slot])
        if columns.contact.i64 != NULL:
            for row in range(first, last):
                slot = slots.slot_of[columns.agent.i32[row]]
                if slot >= 0:
                    agents[slot].ask()
        for row in range(first, last):
            slot = slots.slot_of[columns.agent.i32[row]]
            if slot < 0 or not (kinds >> columns.kind.i32[row]) & 1:
                continue
            start, end = columns.start.i64[row], columns.end.i64[row]
            if end <= start:
                notes[ZERO_LENGTH if end == start else REVERSED] += 1
                continue
            agent = &agents[slot]
            if start > agent.now:
                move_on(agent, start, stretches, out)
            elif start < agent.now:
                return row
            add_segment(agent, end, &columns.contact, row, notes)
    return -1


cdef OutBatch new_output() except *:
    cdef OutBatch out
    add_column(out, "agent_id", "i")
    for name in ("level", "start", "end"):
        add_column(out, name, "l")
    return out


cdef class Workload:
    """The operator of ``workload`` for one part of the agents; ``kinds`` has a bit per kind of segment that counts."""

    cdef CodeSlots slots
    cdef vector[AgentLoad] agents
    cdef vector[int64_t] counts
    cdef uint32_t part, parts, kinds

    def __init__(self, part, parts, uint32_t kinds):
        check_part(part, parts)
        if kinds >> KINDS:
            raise ValueError(f"kinds {kinds}: there are {KINDS} kinds of segments")
        self.part, self.parts, self.kinds = part, parts, kinds
        self.counts.assign(ODDITIES, 0)

    cdef string tag(self):
        return f"workload 1 kinds={self.kinds}".encode()

    def push(self, batch not None, int port=0):
        """Returns the stretches that no later start can change after ``batch`` (``segments``)."""
        if port != 0:
            raise ValueError(f"port {port}: there is one input only")
        cdef Batch rows = import_batch(batch)
        cdef Columns columns
        cdef Stretches stretches
        cdef int64_t bad_row
        columns.agent = rows.column("agent_id", "i", False)
        columns.start = rows.column("start", "l", False)
        columns.end = rows.column("end", "l", False)
        columns.kind = rows.column("kind", "i", False)
        columns.contact = rows.column("contact_id", "l", True, True)
        check_codes(&columns.kind, "kind", KINDS)
        cdef int32_t highest = check_codes(&columns.agent, "agent_id", MAX_CODES)
        cdef OutBatch out = new_output()
        stretches.size = 0
        with nogil:
            if highest >= 0:
                self.slots.cover(highest)
            reserve_rows(out, 2 * rows.length)
            bad_row = advance(&columns, self.slots, self.agents, self.part, self.parts, self.kinds, self.counts.data(),
                              &stretches, out)
            flush(&stretches, out)
        if bad_row >= 0:
            raise OutOfOrder("start", bad_row)
        return export_columns(out)

    def finish(self, int64_t until):
        """Returns the stretches that were left; the state is empty afterwards. ``until`` has no part in it."""
        cdef OutBatch out = new_output()
        cdef Stretches stretches
        cdef vector[int32_t] order
        cdef int32_t slot
        stretches.size = 0
        with nogil:
            self.slots.sorted_slots(order)
            for slot in order:
                leave_all(&self.agents[slot], &stretches, out)
            flush(&stretches, out)
            self.slots.clear()
            self.agents.clear()
        return export_columns(out)

    def dump(self):
        """Returns the state as bytes."""
        cdef Dump dump
        cdef vector[int32_t] order
        cdef vector[OpenContact] contacts
        cdef vector[int64_t] ends
        cdef int32_t slot
        dump.open(self.tag())
        dump.put_all(self.counts)
        self.slots.sorted_slots(order)
        dump.put(<int64_t> order.size())
        for slot in order:
            agent = &self.agents[slot]
            dump.put(agent.code)
            dump.put(agent.now)
            dump.put(agent.since)
            dump.put(agent.level)
            agent.list(ends)
            dump.put_all(ends)
            agent.contacts().list(agent.now, contacts)
            dump.put_all(contacts)
        return close_dump(&dump)

    def load(self, bytes state not None):
        """Replaces the state by one that ``dump`` gave; ValueError for other bytes."""
        cdef Load load
        cdef vector[int64_t] counts
        cdef CodeSlots slots
        cdef vector[AgentLoad] agents
        cdef AgentLoad *agent
        cdef vector[OpenContact] contacts
        cdef vector[int64_t] ends
        cdef int64_t size = 0
        open_load(&load, state, self.tag())
        load.get_all(counts)
        load.get(size)
        while size > 0 and not load.failed:
            size -= 1
            agents.resize(agents.size() + 1)
            agent = &agents.back()
            load.get(agent.code)
            load.get(agent.now)
            load.get(agent.since)
            load.get(agent.level)
            load.get_all(ends)
            for end in ends:
                agent.open(end)
            load.get_all(contacts)
            for contact in contacts:
                (&agent.contacts().end_of(contact.contact, agent.now))[0] = contact.end
            if load.failed or not 0 <= agent.code < MAX_CODES or slots.add(agent.code) < 0:
                raise ValueError("this state of workload was damaged")
        if not load.done() or counts.size() != ODDITIES:
            raise ValueError("this state of workload was damaged")
        self.slots, self.counts = slots, counts
        self.agents.swap(agents)

    def merge(self, Workload other not None):
        """Adds the state of other agents; ValueError where both know an agent."""
        cdef int64_t i
        for i in range(<int64_t> other.agents.size()):
            if self.slots.find(other.agents[i].code) >= 0:
                raise ValueError(f"agent {other.agents[i].code} is in both states")
        for i in range(<int64_t> other.agents.size()):
            self.slots.add(other.agents[i].code)
            self.agents.push_back(other.agents[i])
        for i in range(ODDITIES):
            self.counts[i] += other.counts[i]

    def notes(self):
        """Returns how often each oddity was met."""
        return {reason: count for reason, count in zip(REASONS, self.counts) if count}
