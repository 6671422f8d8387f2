# What rows of an agent's log do to its record, and which stays they end.
from kpicore._core.arrow cimport OutBatch, code_at
from kpicore._core.states cimport (
    OPEN_END, REPEATED, REVERSED, ZERO_LENGTH, Agent, Block, Columns, Row, Stay, admit, compare, earliest_open, emit,
    emit_plain, end_before, hold, release, stay_of,
)
from kpicore._core.stream cimport CodeSlots, integer_or_least
from libc.stdint cimport INT64_MAX, INT64_MIN, int32_t, int64_t, uint32_t
from libcpp.vector cimport vector


# Like `advance`, for rows that have agent, instant and state only, now and in all batches before.
cdef inline int64_t advance_plain(
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
cdef inline int64_t advance(
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


cdef inline void close(
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
