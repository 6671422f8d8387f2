# The records of workload: what an agent has in hand, and how a start moves him on.
from kpicore._core.arrow cimport OutBatch, Span
from kpicore._core.parts cimport part_of
from kpicore._core.stream cimport BLOCK, FOREIGN, UNSEEN, CodeSlots, append64, append_codes
from libc.stdint cimport int32_t, int64_t, uint32_t
from libcpp.vector cimport vector

cdef extern from *:
    void prefetch "__builtin_prefetch" (const void *) noexcept nogil

cdef extern from "workload.hpp" namespace "kpicore" nogil:
    struct OpenContact:
        int64_t contact, end

    cppclass OpenContacts:
        int64_t &end_of(int64_t, int64_t)
        void list(int64_t, vector[OpenContact] &)

    cppclass AgentLoad:
        int64_t now, since
        int32_t level, code, size
        int64_t *ends
        AgentLoad()
        void ask()
        OpenContacts &contacts()
        void open(int64_t)
        void prolong(int64_t, int64_t)
        void list(vector[int64_t] &)

cdef enum:
    KINDS = 4  # of segments, as in their schema

cdef struct Columns:
    Span agent, start, end, kind, contact

cdef struct Stretches:
    int32_t agent[BLOCK]
    int64_t level[BLOCK]
    int64_t start[BLOCK]
    int64_t end[BLOCK]
    int64_t size


cdef inline void flush(Stretches *stretches, OutBatch &out) noexcept nogil:
    append_codes(out[0], stretches.agent, stretches.size)
    append64(out[1], stretches.level, stretches.size)
    append64(out[2], stretches.start, stretches.size)
    append64(out[3], stretches.end, stretches.size)
    stretches.size = 0


# Writes a stretch behind the last one; whoever calls decides whether it stays.
cdef inline void write(
    Stretches *stretches, int64_t i, const AgentLoad *agent, int64_t level, int64_t start, int64_t end
) noexcept nogil:
    stretches.agent[i] = agent.code
    stretches.level[i] = level
    stretches.start[i] = start
    stretches.end[i] = end


# Settles what changed at the agent's last start, then every end before `now`. What ends at `now` is no longer open,
# but whether the level changes then is not known before all that starts then is.
cdef inline void move_on(AgentLoad *agent, int64_t now, Stretches *stretches, OutBatch &out) noexcept nogil:
    cdef int64_t *ends = agent.ends
    cdef int64_t since = agent.since, size = agent.size, end
    cdef int64_t i = stretches.size, turns = size != agent.level
    cdef int step
    write(stretches, i, agent, agent.level, since, agent.now)
    i += turns & (agent.level > 0)
    since ^= (since ^ agent.now) & -turns
    for step in range(2):
        end = ends[size]
        turns = end < now
        write(stretches, i, agent, size, since, end)
        i += turns & (end > since)
        since ^= (since ^ end) & -turns
        size -= turns
    while ends[size] < now:
        end = ends[size]
        write(stretches, i, agent, size, since, end)
        i += end > since
        since = end
        size -= 1
        if i > BLOCK - 4:
            stretches.size = i
            flush(stretches, out)
            i = 0
    agent.level = <int32_t> size
    while ends[size] == now:
        size -= 1
    agent.size = <int32_t> size
    agent.since = since
    agent.now = now
    stretches.size = i
    if i > BLOCK - 4:
        flush(stretches, out)


cdef inline void leave_all(AgentLoad *agent, Stretches *stretches, OutBatch &out) noexcept nogil:
    cdef int64_t end
    if stretches.size > BLOCK - 4:
        flush(stretches, out)
    if agent.size != agent.level:
        write(stretches, stretches.size, agent, agent.level, agent.since, agent.now)
        stretches.size += agent.level > 0
        agent.since = agent.now
    while agent.size > 0:
        if stretches.size > BLOCK - 4:
            flush(stretches, out)
        end = agent.ends[agent.size]
        write(stretches, stretches.size, agent, agent.size, agent.since, end)
        stretches.size += end > agent.since
        agent.since = end
        agent.size -= 1


cdef inline int32_t admit(
    CodeSlots &slots, vector[AgentLoad] &agents, int32_t code, uint32_t part, uint32_t parts
) noexcept nogil:
    cdef int32_t slot = slots.slot_of[code]
    if slot != UNSEEN:
        return slot
    if parts > 1 and part_of(code, parts) != part:
        slots.slot_of[code] = FOREIGN
        return FOREIGN
    slot = slots.add(code)
    agents.resize(slot + 1)
    agents[slot].code = code
    return slot
