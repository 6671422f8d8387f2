# The records of state intervals: an agent's last rows, and a block of output.
from kpicore._core.arrow cimport OutBatch, Span
from kpicore._core.parts cimport part_of
from kpicore._core.sink cimport Sink, codes_of, no_codes, times_of
from kpicore._core.stream cimport BLOCK, FOREIGN, UNSEEN, CodeSlots, append64, append_codes, append_null_codes
from libc.stdint cimport INT64_MAX, INT64_MIN, int32_t, int64_t, uint8_t, uint32_t
from libc.string cimport memset
from libcpp.vector cimport vector

cdef enum:
    BITS = BLOCK // 8 + 1   # bytes for the validity of a block

cdef enum:  # the notes, in the order of their reasons
    GAP
    OVERLAP
    REVERSED
    ZERO_LENGTH
    REPEATED
    OPEN_END
    ODDITIES

cdef struct Row:
    int64_t at
    int64_t until           # INT64_MIN where it is absent
    int32_t reason
    int32_t channel
    int32_t state
    int32_t open            # of the row kept: whether its state still waits for its end

cdef struct Agent:
    Row tracks[3]           # the last row without track, of presence, of routing
    int64_t at, seq         # of the agent's last row
    int32_t last            # and its track
    int32_t code

# A stay that is over, but that another one of the agent may yet come before.
cdef struct Stay:
    int64_t start, end
    int32_t state, track, reason, channel

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
    Sink *sink              # what takes the rows instead of an output batch, or NULL


cdef inline void clear_agent(Agent *agent, int32_t code) noexcept nogil:
    cdef int64_t track
    for track in range(3):
        agent.tracks[track] = Row(at=INT64_MIN, until=INT64_MIN, reason=-1, channel=-1, state=0, open=0)
    agent.at = agent.seq = INT64_MIN
    agent.last = 0
    agent.code = code


# The dense slot of an agent, FOREIGN where it is of another part.
cdef inline int32_t admit(
    CodeSlots &slots, vector[Agent] &agents, vector[vector[Stay]] &held, int32_t code, uint32_t part, uint32_t parts
) noexcept nogil:
    cdef int32_t slot = slots.slot_of[code]
    if slot != UNSEEN:
        return slot
    if parts > 1 and part_of(code, parts) != part:
        slots.slot_of[code] = FOREIGN
        return FOREIGN
    slot = slots.add(code)
    agents.resize(slot + 1)
    held.resize(slot + 1)
    clear_agent(&agents[slot], code)
    return slot


# Where the new row is less than the agent's last: an index in (at, seq, state, until, reason, track, channel), or -1.
cdef inline int compare(const Agent *agent, const Row *new, int32_t track, int64_t seq) noexcept nogil:
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
    notes[REPEATED] += not ((new.state ^ old.state) | (new.reason ^ old.reason) | (new.channel ^ old.channel))
    return end


# Gives a block to the sink, in the order of the fact's columns.
cdef inline void hand_over(Block *block, bint plain) noexcept nogil:
    cdef uint8_t bits[3][BITS]
    cdef Span columns[7]
    columns[0] = codes_of(block.agent, block.size, NULL)
    columns[1] = codes_of(block.state, block.size, NULL)
    if plain:
        columns[2] = columns[3] = columns[4] = no_codes(block.size)
    else:
        columns[2] = codes_of(block.track, block.size, bits[0])
        columns[3] = codes_of(block.reason, block.size, bits[1])
        columns[4] = codes_of(block.channel, block.size, bits[2])
    columns[5] = times_of(block.start, block.size)
    columns[6] = times_of(block.end, block.size)
    block.sink.take(columns)


# What a block holds beyond agent, state, start and end is all null where `plain`, and added by `pad` at the end.
cdef inline void flush(Block *block, OutBatch &out, bint plain) noexcept nogil:
    if block.sink != NULL:
        if block.size > 0:
            hand_over(block, plain)
        block.size = 0
        return
    append64(out[5], block.start, block.size)
    append64(out[6], block.end, block.size)
    append_codes(out[0], block.agent, block.size)
    append_codes(out[1], block.state, block.size)
    if not plain:
        append_codes(out[2], block.track, block.size)
        append_codes(out[3], block.reason, block.size)
        append_codes(out[4], block.channel, block.size)
    block.size = 0


cdef inline void pad(OutBatch &out) noexcept nogil:
    cdef int column
    for column in range(2, 5):
        append_null_codes(out[column], out[0].size() - out[column].size())


cdef inline void emit_plain(
    Block *block, OutBatch &out, int32_t code, int32_t state, int64_t start, int64_t end
) noexcept nogil:
    cdef int64_t i = block.size
    block.agent[i] = code
    block.state[i] = state
    block.start[i] = start
    block.end[i] = end
    block.size = i + 1
    if block.size == BLOCK:
        flush(block, out, True)


cdef inline void emit(Block *block, OutBatch &out, int32_t code, const Stay *stay) noexcept nogil:
    cdef int64_t i = block.size
    block.agent[i] = code
    block.state[i] = stay.state
    block.track[i] = stay.track
    block.reason[i] = stay.reason
    block.channel[i] = stay.channel
    block.start[i] = stay.start
    block.end[i] = stay.end
    block.size = i + 1
    if block.size == BLOCK:
        flush(block, out, False)


cdef inline Stay stay_of(const Row *row, int32_t track, int64_t end) noexcept nogil:
    return Stay(row.at, end, row.state, track - 1, row.reason, row.channel)


# The earliest start among the agent's open states.
cdef inline int64_t earliest_open(const Agent *agent) noexcept nogil:
    cdef int64_t earliest = INT64_MAX
    cdef int track
    for track in range(3):
        if agent.tracks[track].open and agent.tracks[track].at < earliest:
            earliest = agent.tracks[track].at
    return earliest


# Keeps a stay until no other can come before it: what reads stays wants them by start, on whatever track.
cdef inline void hold(vector[Stay] &held, const Stay *stay) noexcept nogil:
    cdef int64_t i = <int64_t> held.size()
    held.push_back(stay[0])
    while i > 0 and held[i - 1].start > stay.start:
        held[i] = held[i - 1]
        i -= 1
    held[i] = stay[0]


cdef inline void release(
    vector[Stay] &held, int64_t earliest, int32_t code, Block *block, OutBatch &out
) noexcept nogil:
    cdef int64_t i = 0
    while i < <int64_t> held.size() and held[i].start <= earliest:
        emit(block, out, code, &held[i])
        i += 1
    held.erase(held.begin(), held.begin() + i)
