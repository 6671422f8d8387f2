"""Responses: from a customer's first unanswered message to the one that stops the clock.

A contact is 40 bytes, found by open addressing (keyed.hpp). Rows go through in blocks of 64 and three blocks are on
their way at a time, so that misses overlap with each other and with work. Taking a message in has no branch on who
wrote it or which columns it has, which no processor can guess: every row writes a response behind the last one, and
a row that closes one moves on. Sequence and customer, where messages have them, lie beside (24 bytes), since many
logs have none. 10 M messages of 2 M contacts, one thread of a busy machine: 4 times the time of adding up as many
random reads of 32 MB (40 to 47 ns a row), 5 times with sequence and customer; with 20 thousand contacts twice.
"""

from kpicore._core.arrow cimport Batch, OutBatch, add_column, export_columns, import_batch, is_present
from kpicore._core.errors import OutOfOrder
from kpicore._core.parts cimport part_of
from kpicore._core.stream cimport (
    MAX_CODES, Dump, Load, append_null64s, check_codes, check_part, close_dump, open_load,
)
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libcpp.string cimport string

# The columns by which rows of a contact are ordered.
COMPARED = ("at", "seq", "author", "agent_id", "customer_id")


# Fills a block with the next rows of the part; returns where to go on.
cdef inline int64_t select(const Columns *columns, const Rules *rules, int64_t row, Stage *stage) noexcept nogil:
    cdef int64_t key
    cdef int count = 0
    while row < columns.contact.length and count < STAGE:
        key = columns.contact.i64[row]
        stage.keys[count] = key
        stage.rows[count] = row
        count += rules.parts == 1 or part_of(key, rules.parts) == rules.part
        row += 1
    stage.count = count
    return row


# Takes the messages of a block in; returns the row that is out of order (and in `column` where it is), or -1.
cdef int64_t take_in(
    const Columns *columns, const Rules *rules, const Stage *stage, Keyed[Contact] &contacts, Chunks[Beside] *besides,
    int64_t *begun_by_agent, Answers *answers, int *column,
) noexcept nogil:
    cdef Contact *contact
    cdef Beside *beside = NULL
    cdef Row row
    cdef int64_t i = answers.size, begun = 0
    cdef int k
    cdef int32_t id
    cdef uint32_t done
    for k in range(stage.count):
        id = contacts.get(stage.keys[k], stage.hashes[k], stage.ids[k])
        contact = &contacts[id]
        row = row_at(columns, stage.rows[k], besides != NULL)
        row.contact = stage.keys[k]
        if besides != NULL:
            beside = &besides[0][id]
        if row.at <= contact.at:
            column[0] = compare(contact, beside, &row)
            if column[0] >= 0:
                return stage.rows[k]
        done = update(contact, &row, rules, answers, i)
        if besides != NULL:
            name_customer(contact, beside, &row, answers, i)
        i += done & 1
        begun += done >> 1
    answers.size = i
    begun_by_agent[0] += begun
    return -1


# Three blocks are on their way at a time: the slots of the newest are asked for, the states of the one before,
# and the messages of the oldest are taken in.
cdef int64_t advance(
    const Columns *columns, const Rules *rules, Keyed[Contact] &contacts, Chunks[Beside] *besides, int64_t *n_besides,
    int64_t *begun_by_agent, OutBatch &out, int *column,
) noexcept nogil:
    cdef Stage stages[3]
    cdef Stage *newest = &stages[0]
    cdef Stage *middle = &stages[1]
    cdef Stage *oldest = &stages[2]
    cdef Answers answers
    cdef int64_t row = 0, bad_row
    middle.count = oldest.count = 0
    while True:
        row = select(columns, rules, row, newest)
        contacts.reserve(3 * STAGE)
        contacts.aim(newest.keys, newest.count, newest.hashes)
        contacts.seek(middle.keys, middle.count, middle.hashes, middle.ids)
        if besides != NULL:
            # One more for each row whose tag may yet prove wrong.
            cover(besides, n_besides, contacts.size() + 2 * STAGE)
            besides.ask(middle.ids, middle.count)
        bad_row = take_in(columns, rules, oldest, contacts, besides, begun_by_agent, &answers, column)
        if bad_row >= 0:
            return bad_row
        if answers.size > ROWS - STAGE:
            answers.flush(out, besides != NULL, True)
        if newest.count == 0 and middle.count == 0:
            break
        newest, middle, oldest = oldest, newest, middle
    answers.flush(out, besides != NULL, True)
    return -1


# What nobody has answered.
cdef void close(Keyed[Contact] &contacts, Chunks[Beside] *besides, OutBatch &out) noexcept nogil:
    cdef Answers answers
    cdef Contact *contact
    cdef int64_t id, i
    for id in range(contacts.size()):
        contact = &contacts[id]
        if not contact.bits & OPEN:
            continue
        i = answers.size
        answers.contact[i] = contact.key
        answers.asked_at[i] = contact.asked_at
        answers.agent[i] = contact.agent
        answers.ordinal[i] = contact.ordinal + 1
        if besides != NULL:
            answers.customer[i] = besides[0][id].customer
            answers.named[i] = (contact.bits & NAMED) != 0
        answers.size = i + 1
        if answers.size == ROWS:
            answers.flush(out, besides != NULL, False)
    answers.flush(out, besides != NULL, False)


cdef OutBatch new_output() except *:
    cdef OutBatch out
    for name, format in (("contact_id", "l"), ("customer_id", "l"), ("agent_id", "i"), ("asked_at", "l"),
                         ("answered_at", "l"), ("ordinal", "l")):
        add_column(out, name, format)
    return out


cdef class Responses:
    """The operator of ``responses`` for one part of the contacts.

    ``any_actor``: messages of bots and welcomes stop the clock as well; ``last``: the clock starts at the last
    unanswered message of the customer, not at the first.
    """

    cdef Keyed[Contact] contacts
    cdef Chunks[Beside] besides
    cdef int64_t n_besides, begun_by_agent
    cdef bint ordered_or_named    # whether a batch had sequence or customer
    cdef Rules rules

    def __init__(self, part, parts, bint any_actor, bint last):
        check_part(part, parts)
        self.rules.part, self.rules.parts = part, parts
        self.rules.stops = ANY if any_actor else HUMAN
        self.rules.last = last

    cdef string tag(self):
        return f"responses 1 stops={self.rules.stops} last={<int> self.rules.last}".encode()

    cdef Chunks[Beside] *beside(self) noexcept:
        if not self.ordered_or_named:
            return NULL
        if self.contacts.size() > 0:
            cover(&self.besides, &self.n_besides, self.contacts.size() - 1)
        return &self.besides

    def push(self, batch not None, int port=0):
        """Returns the responses that rows of ``batch`` (``messages``) complete."""
        if port != 0:
            raise ValueError(f"port {port}: there is one input only")
        cdef Batch rows = import_batch(batch)
        cdef Columns columns
        cdef OutBatch out = new_output()
        cdef int64_t bad_row
        cdef int column = -1
        columns.contact = rows.column("contact_id", "l", False)
        columns.at = rows.column("at", "l", False)
        columns.author = rows.column("author", "i", False)
        columns.seq = rows.column("seq", "l", True, True)
        columns.agent = rows.column("agent_id", "i", True, True)
        columns.customer = rows.column("customer_id", "l", True, True)
        check_codes(&columns.author, "author", AUTHORS)
        check_codes(&columns.agent, "agent_id", MAX_CODES)
        if is_present(&columns.seq) or is_present(&columns.customer):
            self.ordered_or_named = True
        cdef Chunks[Beside] *besides = self.beside()
        with nogil:
            bad_row = advance(&columns, &self.rules, self.contacts, besides, &self.n_besides, &self.begun_by_agent,
                              out, &column)
            if besides == NULL:
                append_null64s(out[1], out[0].size())
        if bad_row >= 0:
            raise OutOfOrder(COMPARED[column], bad_row)
        return export_columns(out)

    def finish(self, int64_t until):
        """Returns what is unanswered; the state is empty afterwards. ``until`` has no part in it."""
        cdef OutBatch out = new_output()
        cdef Chunks[Beside] *besides = self.beside()
        with nogil:
            close(self.contacts, besides, out)
            if besides == NULL:
                append_null64s(out[1], out[0].size())
            self.contacts.clear()
            self.besides.clear()
            self.n_besides = 0
        return export_columns(out)

    def dump(self):
        """Returns the state as bytes."""
        cdef Dump dump
        cdef int64_t id
        self.beside()
        dump.open(self.tag())
        dump.put(self.begun_by_agent)
        dump.put(<uint8_t> self.ordered_or_named)
        dump.put(self.contacts.size())
        for id in range(self.contacts.size()):
            dump.put(self.contacts[id])
            if self.ordered_or_named:
                dump.put(self.besides[id])
        return close_dump(&dump)

    def load(self, bytes state not None):
        """Replaces the state by one that ``dump`` gave; ValueError for other bytes."""
        cdef Load load
        cdef Responses new = Responses(self.rules.part, self.rules.parts, False, False)
        cdef Contact contact
        cdef Beside beside
        cdef int64_t count = 0, i
        cdef uint8_t ordered_or_named = 0
        open_load(&load, state, self.tag())
        load.get(new.begun_by_agent)
        load.get(ordered_or_named)
        load.get(count)
        new.ordered_or_named = ordered_or_named != 0
        for i in range(count):
            load.get(contact)
            if new.ordered_or_named:
                load.get(beside)
            if load.failed or not new.add(&contact, &beside):
                raise ValueError("this state of responses was damaged")
        if not load.done():
            raise ValueError("this state of responses was damaged")
        self.take(new)

    cdef bint add(self, const Contact *contact, const Beside *beside) noexcept:
        cdef int32_t id = self.contacts.insert(contact.key)
        if id < 0:
            return False
        self.contacts[id] = contact[0]
        if self.ordered_or_named:
            cover(&self.besides, &self.n_besides, id)
            self.besides[id] = beside[0]
        return True

    cdef void take(self, Responses other) noexcept:
        swap(self.contacts, other.contacts)
        swap(self.besides, other.besides)
        self.n_besides = other.n_besides
        self.begun_by_agent = other.begun_by_agent
        self.ordered_or_named = other.ordered_or_named

    def merge(self, Responses other not None):
        """Adds the state of other contacts; ValueError where both know a contact."""
        cdef int64_t id
        for id in range(other.contacts.size()):
            if self.contacts.find(other.contacts[id].key) >= 0:
                raise ValueError(f"contact {other.contacts[id].key} is in both states")
        self.ordered_or_named = other.ordered_or_named = self.ordered_or_named or other.ordered_or_named
        self.beside()
        other.beside()
        for id in range(other.contacts.size()):
            self.add(&other.contacts[id], &other.besides[id] if self.ordered_or_named else NULL)
        self.begun_by_agent += other.begun_by_agent

    def notes(self):
        """Returns how often each oddity was met."""
        return {"agent_initiated": self.begun_by_agent} if self.begun_by_agent else {}
