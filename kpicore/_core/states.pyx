"""State intervals: each row of an agent's log of states ends the state before it on the same track.

One dense record per agent (three tracks of 32 bytes: none named, presence, routing), reached through the
agent's code; no table by time, no sort. Order is one comparison with the agent's row before, a full one only
on ties. Output is collected in blocks on the stack, so that the columns grow by copies of 512 values and not
by a checked push per value: PERF
"""

from kpicore._core.arrow cimport Batch, OutBatch, Span, absent_span, add_column, code_at, export_columns, import_batch
from kpicore._core.errors import OutOfOrder
from kpicore._core.parts cimport part_of
from kpicore._core.stream cimport (
    BLOCK, FOREIGN, MAX_CODES, UNSEEN, CodeSlots, Dump, Load, append64, append_codes, check_codes, check_part,
    close_dump, integer_or_least, open_load,
)
from libc.stdint cimport INT64_MIN, int32_t, int64_t, uint32_t
from libcpp.string cimport string
from libcpp.vector cimport vector

cdef enum:
    STATES = 11
    TRACKS = 2

cdef enum:  # the notes, by REASONS
    GAP
    OVERLAP
    REVERSED
    ZERO_LENGTH
    REPEATED
    OPEN_END
    ODDITIES

REASONS = ("gap", "overlap", "reversed", "zero_length", "repeated", "open_end")

# The columns by which rows of an agent are ordered.
COMPARED = ("at", "seq", "state", "until", "reason", "track", "channel")

cdef struct Row:
    int64_t at
    int64_t until           # INT64_MIN where it is absent
    int32_t reason
    int32_t channel
    int32_t state
    int32_t open            # of the row kept: whether its state still waits for its end

cdef struct Agent:
    Row tracks[3]           # the last row without track, of presence, of routing
    int64_t seq             # of the agent's last row
    int32_t last            # and its track
    int32_t code

cdef struct Columns:
    Span agent, at, seq, state, until, reason, track, channel

cdef struct Block:
    int32_t agent[BLOCK]
    int32_t state[BLOCK]
    int32_t track[BLOCK]
    int32_t reason[BLOCK]
    int32_t channel[BLOCK]
    int64_t start[BLOCK]
    int64_t end[BLOCK]
    int64_t size


cdef void clear_agent(Agent *agent, int32_t code) noexcept nogil:
    cdef int64_t track
    for track in range(3):
        agent.tracks[track] = Row(at=INT64_MIN, until=INT64_MIN, reason=-1, channel=-1, state=0, open=0)
    agent.seq = INT64_MIN
    agent.last = 0
    agent.code = code


cdef void flush(Block *block, OutBatch &out) noexcept nogil:
    append_codes(out[0], block.agent, block.size)
    append_codes(out[1], block.state, block.size)
    append_codes(out[2], block.track, block.size)
    append_codes(out[3], block.reason, block.size)
    append_codes(out[4], block.channel, block.size)
    append64(out[5], block.start, block.size)
    append64(out[6], block.end, block.size)
    block.size = 0


cdef inline void emit(Block *block, OutBatch &out, int32_t code, int32_t track, const Row *row, int64_t end) noexcept nogil:
    cdef int64_t i = block.size
    block.agent[i] = code
    block.state[i] = row.state
    block.track[i] = track - 1
    block.reason[i] = row.reason
    block.channel[i] = row.channel
    block.start[i] = row.at
    block.end[i] = end
    block.size = i + 1
    if block.size == BLOCK:
        flush(block, out)


# The index in COMPARED where the new row is less than the agent's last, or -1.
cdef int compare(const Agent *agent, const Row *new, int32_t track, int64_t seq) noexcept nogil:
    cdef const Row *old = &agent.tracks[agent.last]
    if new.at != old.at:
        return 0 if new.at < old.at else -1
    if seq != agent.seq:
        return 1 if seq < agent.seq else -1
    if new.state != old.state:
        return 2 if new.state < old.state else -1
    if new.until != old.until:
        return 3 if new.until < old.until else -1
    if new.reason != old.reason:
        return 4 if new.reason < old.reason else -1
    if track != agent.last:
        return 5 if track < agent.last else -1
    return 6 if new.channel < old.channel else -1


# When the open state `old` ends, now that the next row of its track is known.
cdef inline int64_t end_before(const Row *old, const Row *new, bint keep, int64_t *notes) noexcept nogil:
    cdef int64_t end = new.at
    if old.until != INT64_MIN and old.until != new.at:
        if old.until < new.at:
            notes[GAP] += 1
            return old.until
        notes[OVERLAP] += 1
        if keep:
            end = old.until
    if new.state == old.state and new.reason == old.reason and new.channel == old.channel:
        notes[REPEATED] += 1
    return end


# Returns the row that is out of order (and in `column` where it is), or -1.
cdef int64_t advance(
    const Columns *columns, CodeSlots &slots, vector[Agent] &agents, uint32_t part, uint32_t parts, bint keep,
    int64_t *notes, Block *block, OutBatch &out, int *column,
) noexcept nogil:
    cdef int64_t row, end, seq
    cdef int32_t code, slot, track
    cdef Agent *agent
    cdef Row *old
    cdef Row new
    for row in range(columns.agent.length):
        code = columns.agent.i32[row]
        slot = slots.slot_of[code]
        if slot < 0:
            if slot == UNSEEN and parts > 1 and part_of(code, parts) != part:
                slots.slot_of[code] = slot = FOREIGN
            if slot == FOREIGN:
                continue
            slot = slots.add(code)
            agents.resize(slot + 1)
            clear_agent(&agents[slot], code)
        agent = &agents[slot]
        new.at = columns.at.i64[row]
        new.until = integer_or_least(&columns.until, row)
        new.state = columns.state.i32[row]
        new.reason = code_at(&columns.reason, row)
        new.channel = code_at(&columns.channel, row)
        new.open = 1
        track = code_at(&columns.track, row) + 1
        seq = integer_or_least(&columns.seq, row)
        if new.at <= agent.tracks[agent.last].at:
            column[0] = compare(agent, &new, track, seq)
            if column[0] >= 0:
                return row
        old = &agent.tracks[track]
        if old.open:
            end = end_before(old, &new, keep, notes)
            if end > old.at:
                emit(block, out, code, track, old, end)
            else:
                notes[ZERO_LENGTH] += 1
        if new.until != INT64_MIN and new.until < new.at:
            notes[REVERSED] += 1
            new.open = 0
        old[0] = new
        agent.last = track
        agent.seq = seq
    return -1


cdef void close(
    CodeSlots &slots, vector[Agent] &agents, int64_t until, int64_t *notes, Block *block, OutBatch &out
) noexcept nogil:
    cdef vector[int32_t] order
    cdef int32_t slot
    cdef int track
    cdef int64_t end
    cdef Row *old
    slots.sorted_slots(order)
    for slot in order:
        for track in range(3):
            old = &agents[slot].tracks[track]
            if not old.open:
                continue
            end = old.until
            if end == INT64_MIN:
                end = until
                notes[OPEN_END] += 1
            if end > old.at:
                emit(block, out, agents[slot].code, track, old, end)
            else:
                notes[ZERO_LENGTH] += 1


cdef OutBatch new_output() except *:
    cdef OutBatch out
    for name in ("agent_id", "state", "track", "reason", "channel"):
        add_column(out, name, "i")
    add_column(out, "start", "l")
    add_column(out, "end", "l")
    return out


cdef class StateIntervals:
    """The operator of ``state_intervals`` for one part of the agents.

    ``keep``: a state whose stated end lies beyond the next row keeps that end; else the next row ends it.
    """

    cdef CodeSlots slots
    cdef vector[Agent] agents
    cdef vector[int64_t] counts
    cdef uint32_t part, parts
    cdef bint keep

    def __init__(self, part, parts, bint keep):
        check_part(part, parts)
        self.part, self.parts, self.keep = part, parts, keep
        self.counts.assign(ODDITIES, 0)

    cdef string tag(self):
        return (f"state_intervals 1 keep={<int> self.keep}").encode()

    def push(self, batch not None, int port=0):
        """Returns the intervals that rows of ``batch`` (``agent_states``) end."""
        if port != 0:
            raise ValueError(f"port {port}: there is one input only")
        cdef Batch rows = import_batch(batch)
        cdef Columns columns
        columns.agent = rows.column("agent_id", "i", False)
        columns.at = rows.column("at", "l", False)
        columns.state = rows.column("state", "i", False)
        columns.seq = rows.column("seq", "l", True, True)
        columns.until = rows.column("until", "l", True, True)
        columns.reason = rows.column("reason", "i", True, True)
        columns.track = rows.column("track", "i", True, True)
        columns.channel = rows.column("channel", "i", True, True)
        check_codes(&columns.state, "state", STATES)
        check_codes(&columns.track, "track", TRACKS)
        check_codes(&columns.reason, "reason", MAX_CODES)
        check_codes(&columns.channel, "channel", MAX_CODES)
        cdef int32_t highest = check_codes(&columns.agent, "agent_id", MAX_CODES)
        cdef OutBatch out = new_output()
        cdef Block block
        cdef int64_t bad_row
        cdef int column = -1
        block.size = 0
        with nogil:
            if highest >= 0:
                self.slots.cover(highest)
            bad_row = advance(&columns, self.slots, self.agents, self.part, self.parts, self.keep, self.counts.data(),
                              &block, out, &column)
            flush(&block, out)
        if bad_row >= 0:
            raise OutOfOrder(COMPARED[column], bad_row)
        return export_columns(out)

    def finish(self, int64_t until):
        """Returns what is still open, ended at ``until`` where no end was stated; the state is empty afterwards."""
        cdef OutBatch out = new_output()
        cdef Block block
        block.size = 0
        with nogil:
            close(self.slots, self.agents, until, self.counts.data(), &block, out)
            flush(&block, out)
            self.slots.clear()
            self.agents.clear()
        return export_columns(out)

    def dump(self):
        """Returns the state as bytes."""
        cdef Dump dump
        cdef vector[int32_t] order
        cdef int32_t slot
        dump.open(self.tag())
        dump.put_all(self.counts)
        self.slots.sorted_slots(order)
        dump.put(<int64_t> order.size())
        for slot in order:
            dump.put(self.agents[slot])
        return close_dump(&dump)

    def load(self, bytes state not None):
        """Replaces the state by one that ``dump`` gave; ValueError for other bytes."""
        cdef Load load
        cdef vector[int64_t] counts
        cdef CodeSlots slots
        cdef vector[Agent] agents
        open_load(&load, state, self.tag())
        load.get_all(counts)
        load.get_all(agents)
        if not load.done() or counts.size() != ODDITIES:
            raise ValueError("this state of state_intervals was damaged")
        for i in range(<int64_t> agents.size()):
            if not 0 <= agents[i].code < MAX_CODES or not 0 <= agents[i].last <= TRACKS or slots.add(agents[i].code) < 0:
                raise ValueError("this state of state_intervals was damaged")
        self.slots, self.agents, self.counts = slots, agents, counts

    def merge(self, StateIntervals other not None):
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
