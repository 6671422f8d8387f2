"""State intervals: each row of an agent's log of states ends the state before it on the same track.

One dense record per agent (three tracks of 32 bytes: none named, presence, routing), reached through the
agent's code; no table by time, no sort. Order is one comparison with the agent's row before, a full one only
on ties. Output is collected in blocks on the stack, so that the columns grow by copies of 512 values and not
by a checked push per value. Stays of an agent come out by start, since what reads them needs it: while a state of
one track lasts, what ends on the other is held. 10 M rows of 2,000 agents, one thread of a busy machine, batches
of 64 Ki: 7 ns a row where only agent, instant and state are given (a loop of its own), 16 where reasons are too,
50 where agents change tracks at random.
"""

from kpicore._core.arrow cimport Batch, OutBatch, add_column, code_at, export_columns, import_batch, is_present
from kpicore._core.errors import OutOfOrder
from kpicore._core.stream cimport (
    MAX_CODES, CodeSlots, Dump, Load, check_codes, check_part, close_dump, integer_or_least, open_load,
    reserve_rows,
)
from libc.stdint cimport INT64_MIN, int32_t, int64_t, uint32_t
from libcpp.string cimport string
from libcpp.vector cimport vector

cdef enum:
    STATES = 11
    TRACKS = 2

REASONS = ("gap", "overlap", "reversed", "zero_length", "repeated", "open_end")

# The columns by which rows of an agent are ordered.
COMPARED = ("at", "seq", "state", "until", "reason", "track", "channel")


# Like `advance`, for rows that have agent, instant and state only, now and in all batches before.
cdef int64_t advance_plain(
    const Columns *columns, CodeSlots &slots, vector[Agent] &agents, vector[vector[Stay]] &held, uint32_t part,
    uint32_t parts, int64_t *notes, Block *block, OutBatch &out, int *column,
) noexcept nogil:
    cdef int64_t row, at, repeated = 0
    cdef int32_t code, slot, state
    cdef const int32_t *slot_of = slots.slot_of.data()
    cdef Agent *known = agents.data()
    cdef Row *old
    for row in range(columns.agent.length):
        code = columns.agent.i32[row]
        slot = slot_of[code]
        if slot < 0:
            slot = admit(slots, agents, held, code, part, parts)
            if slot < 0:
                continue
            known = agents.data()
        old = &known[slot].tracks[0]
        at = columns.at.i64[row]
        state = columns.state.i32[row]
        if at <= old.at and old.open:
            if at < old.at or state < old.state:
                column[0] = 0 if at < old.at else 2
                return row
            notes[ZERO_LENGTH] += 1
            repeated += state == old.state
        elif old.open:
            repeated += state == old.state
            emit_plain(block, out, code, old.state, old.at, at)
        old.at = known[slot].at = at
        old.state = state
        old.open = 1
    notes[REPEATED] += repeated
    return -1


# Returns the row that is out of order (and in `column` where it is), or -1.
cdef int64_t advance(
    const Columns *columns, CodeSlots &slots, vector[Agent] &agents, vector[vector[Stay]] &held, uint32_t part,
    uint32_t parts, bint keep, int64_t *notes, Block *block, OutBatch &out, int *column,
) noexcept nogil:
    cdef int64_t row, end, seq
    cdef int32_t code, slot, track
    cdef Agent *agent
    cdef Row *old
    cdef Row new
    cdef Stay stay
    for row in range(columns.agent.length):
        code = columns.agent.i32[row]
        slot = slots.slot_of[code]
        if slot < 0:
            slot = admit(slots, agents, held, code, part, parts)
            if slot < 0:
                continue
        agent = &agents[slot]
        new.at = columns.at.i64[row]
        new.until = integer_or_least(&columns.until, row)
        new.state = columns.state.i32[row]
        new.reason = code_at(&columns.reason, row)
        new.channel = code_at(&columns.channel, row)
        new.open = 1
        track = code_at(&columns.track, row) + 1
        seq = integer_or_least(&columns.seq, row)
        if new.at <= agent.at:
            column[0] = compare(agent, &new, track, seq)
            if column[0] >= 0:
                return row
        old = &agent.tracks[track]
        if old.open:
            end = end_before(old, &new, keep, notes)
            stay = stay_of(old, track, end)
            old.open = 0
            if end <= old.at:
                notes[ZERO_LENGTH] += 1
            elif held[slot].empty() and old.at <= earliest_open(agent):
                emit(block, out, code, &stay)
            else:
                hold(held[slot], &stay)
        if new.until != INT64_MIN and new.until < new.at:
            notes[REVERSED] += 1
            new.open = 0
        old[0] = new
        agent.last = track
        agent.at = new.at
        agent.seq = seq
        if not held[slot].empty():
            release(held[slot], earliest_open(agent), code, block, out)
    return -1


cdef void close(
    CodeSlots &slots, vector[Agent] &agents, vector[vector[Stay]] &held, int64_t until, int64_t *notes, Block *block,
    OutBatch &out,
) noexcept nogil:
    cdef vector[int32_t] order
    cdef int32_t slot
    cdef int track
    cdef int64_t end
    cdef Row *old
    cdef Stay stay
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
                stay = stay_of(old, track, end)
                hold(held[slot], &stay)
            else:
                notes[ZERO_LENGTH] += 1
        release(held[slot], INT64_MAX, agents[slot].code, block, out)


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
    cdef vector[vector[Stay]] held     # beside the agents, by start
    cdef vector[int64_t] counts
    cdef uint32_t part, parts
    cdef bint keep, plain   # plain: no optional column had a row so far

    def __init__(self, part, parts, bint keep):
        check_part(part, parts)
        self.part, self.parts, self.keep = part, parts, keep
        self.plain = True
        self.counts.assign(ODDITIES, 0)

    cdef string tag(self):
        return (f"state_intervals 2 keep={<int> self.keep}").encode()

    def push(self, batch not None, int port=0):
        """Returns the intervals that rows of ``batch`` (``agent_states``) end."""
        if port != 0:
            raise ValueError(f"port {port}: there is one input only")
        cdef Batch rows = import_batch(batch)
        cdef Columns columns
        cdef Block block
        cdef int64_t bad_row
        cdef int column = -1
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
        if (is_present(&columns.seq) or is_present(&columns.until) or is_present(&columns.reason)
                or is_present(&columns.track) or is_present(&columns.channel)):
            self.plain = False
        block.size = 0
        with nogil:
            if highest >= 0:
                self.slots.cover(highest)
            reserve_rows(out, rows.length)
            if self.plain:
                bad_row = advance_plain(&columns, self.slots, self.agents, self.held, self.part, self.parts,
                                        self.counts.data(), &block, out, &column)
            else:
                bad_row = advance(&columns, self.slots, self.agents, self.held, self.part, self.parts, self.keep,
                                  self.counts.data(), &block, out, &column)
            flush(&block, out, self.plain)
            if self.plain:
                pad(out)
        if bad_row >= 0:
            raise OutOfOrder(COMPARED[column], bad_row)
        return export_columns(out)

    def finish(self, int64_t until):
        """Returns what is still open, ended at ``until`` where no end was stated; the state is empty afterwards."""
        cdef OutBatch out = new_output()
        cdef Block block
        block.size = 0
        with nogil:
            close(self.slots, self.agents, self.held, until, self.counts.data(), &block, out)
            flush(&block, out, False)
            self.slots.clear()
            self.agents.clear()
            self.held.clear()
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
            dump.put_all(self.held[slot])
        return close_dump(&dump)

    def load(self, bytes state not None):
        """Replaces the state by one that ``dump`` gave; ValueError for other bytes."""
        cdef Load load
        cdef vector[int64_t] counts
        cdef CodeSlots slots
        cdef vector[Agent] agents
        cdef vector[vector[Stay]] held
        cdef Agent agent
        cdef int64_t count = 0
        open_load(&load, state, self.tag())
        load.get_all(counts)
        load.get(count)
        while count > 0 and not load.failed:
            count -= 1
            load.get(agent)
            agents.push_back(agent)
            held.resize(held.size() + 1)
            load.get_all(held.back())
            if not 0 <= agent.code < MAX_CODES or not 0 <= agent.last <= TRACKS or slots.add(agent.code) < 0:
                load.failed = True
        if not load.done() or counts.size() != ODDITIES:
            raise ValueError("this state of state_intervals was damaged")
        self.slots, self.agents, self.held, self.counts, self.plain = slots, agents, held, counts, False

    def merge(self, StateIntervals other not None):
        """Adds the state of other agents; ValueError where both know an agent."""
        cdef Agent agent
        for agent in other.agents:
            if self.slots.find(agent.code) >= 0:
                raise ValueError(f"agent {agent.code} is in both states")
        for i in range(<int64_t> other.agents.size()):
            self.slots.add(other.agents[i].code)
            self.agents.push_back(other.agents[i])
            self.held.push_back(other.held[i])
        for i in range(ODDITIES):
            self.counts[i] += other.counts[i]
        self.plain = self.plain and other.plain

    def notes(self):
        """Returns how often each oddity was met."""
        return {reason: count for reason, count in zip(REASONS, self.counts) if count}
