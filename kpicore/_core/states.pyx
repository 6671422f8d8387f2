"""State intervals: each row of an agent's log of states ends the state before it on the same track.

One dense record per agent (three tracks of 32 bytes: none named, presence, routing), reached through the
agent's code; no table by time, no sort. Order is one comparison with the agent's row before, a full one only
on ties. Output is collected in blocks on the stack, so that the columns grow by copies of 512 values and not
by a checked push per value. Stays of an agent come out by start, since what reads them needs it: while a state of
one track lasts, what ends on the other is held. 10 M rows of 2,000 agents, one thread of a busy machine, batches
of 64 Ki: 7 ns a row where only agent, instant and state are given (a loop of its own), 16 where reasons are too,
50 where agents change tracks at random.
"""

from kpicore._core.arrow cimport Batch, OutBatch, add_column, export_columns, import_batch, is_present
from kpicore._core.errors import OutOfOrder
from kpicore._core.sink cimport RowSink, Sink
from kpicore._core.state_steps cimport advance, advance_plain, close
from kpicore._core.stream cimport (
    MAX_CODES, CodeSlots, Dump, Load, check_codes, check_part, close_dump, open_load, reserve_rows,
)
from libc.stdint cimport int32_t, int64_t, uint32_t
from libcpp.string cimport string
from libcpp.vector cimport vector

cdef enum:
    STATES = 11
    TRACKS = 2

REASONS = ("gap", "overlap", "reversed", "zero_length", "repeated", "open_end")

# The columns of the fact, in the order in which a sink gets them.
COLUMNS = ("agent_id", "state", "track", "reason", "channel", "start", "end")

# The columns by which rows of an agent are ordered.
COMPARED = ("at", "seq", "state", "until", "reason", "track", "channel")


cdef OutBatch new_output() except *:
    cdef OutBatch out
    for name in COLUMNS:
        add_column(out, name, "l" if name in ("start", "end") else "i")
    return out


cdef inline Sink *sink_of(RowSink sink) noexcept:
    if sink is None:
        return NULL
    return sink.sink


cdef int check_port(int port) except -1:
    if port != 0:
        raise ValueError(f"port {port}: there is one input only")
    return 0


cdef class StateIntervals:
    """The operator of ``state_intervals`` for one part of the agents.

    ``keep``: a state whose stated end lies beyond the next row keeps that end; else the next row ends it.
    """

    cdef CodeSlots slots
    cdef vector[Agent] agents
    cdef vector[vector[Stay]] held     # beside the agents, by start
    cdef vector[int64_t] counts
    cdef uint32_t part, parts
    columns = COLUMNS
    cdef bint keep, plain   # plain: no optional column had a row so far

    def __init__(self, part, parts, bint keep):
        check_part(part, parts)
        self.part, self.parts, self.keep = part, parts, keep
        self.plain = True
        self.counts.assign(ODDITIES, 0)

    cdef int run(self, batch, RowSink sink, OutBatch &out) except -1:
        """Takes the rows of a batch; the stays that they end go to ``sink``, or to ``out`` where it is None."""
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
        if (is_present(&columns.seq) or is_present(&columns.until) or is_present(&columns.reason)
                or is_present(&columns.track) or is_present(&columns.channel)):
            self.plain = False
        block.size = 0
        block.sink = sink_of(sink)
        with nogil:
            if highest >= 0:
                self.slots.cover(highest)
            if block.sink == NULL:
                reserve_rows(out, rows.length)
            if self.plain:
                bad_row = advance_plain(&columns, self.slots, self.agents, self.held, self.part, self.parts,
                                        self.counts.data(), &block, out, &column)
            else:
                bad_row = advance(&columns, self.slots, self.agents, self.held, self.part, self.parts, self.keep,
                                  self.counts.data(), &block, out, &column)
            flush(&block, out, self.plain)
            if self.plain and block.sink == NULL:
                pad(out)
        if bad_row >= 0:
            raise OutOfOrder(COMPARED[column], bad_row)
        return 0

    cdef int end(self, int64_t until, RowSink sink, OutBatch &out) except -1:
        """Ends what is open; the stays go where those of ``run`` go."""
        cdef Block block
        block.size = 0
        block.sink = sink_of(sink)
        with nogil:
            close(self.slots, self.agents, self.held, until, self.counts.data(), &block, out)
            flush(&block, out, False)
            self.slots.clear()
            self.agents.clear()
            self.held.clear()
        return 0

    cdef string tag(self):
        return (f"state_intervals 2 keep={<int> self.keep}").encode()

    def push(self, batch not None, int port=0):
        """Returns the intervals that rows of ``batch`` (``agent_states``) end."""
        cdef OutBatch out = new_output()
        check_port(port)
        self.run(batch, None, out)
        return export_columns(out)

    def push_into(self, batch not None, RowSink sink not None, int port=0):
        """Gives ``sink`` what ``push`` returns."""
        cdef OutBatch nothing
        check_port(port)
        self.run(batch, sink, nothing)
        sink.sink.check()

    def finish(self, int64_t until):
        """Returns what is still open, ended at ``until`` where no end was stated; the state is empty afterwards."""
        cdef OutBatch out = new_output()
        self.end(until, None, out)
        return export_columns(out)

    def finish_into(self, int64_t until, RowSink sink not None):
        """Gives ``sink`` what ``finish`` returns."""
        cdef OutBatch nothing
        self.end(until, sink, nothing)
        sink.sink.check()

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
