# The records of responses: what is known of a contact, and what one message does to it.
from kpicore._core.arrow cimport OutBatch, Span
from kpicore._core.stream cimport integer_or_least
from libc.stdint cimport INT64_MIN, int32_t, int64_t, uint8_t, uint32_t, uint64_t

cdef extern from "keyed.hpp" namespace "kpicore" nogil:
    cppclass Chunks[T]:
        T &operator[](int64_t)
        void cover(int64_t)
        void ask(const int32_t *, int)
        void clear()

    cppclass Keyed[State]:
        int64_t size()
        State &operator[](int64_t)
        void reserve(int64_t)
        void aim(const int64_t *, int, uint64_t *)
        void seek(const int64_t *, int, const uint64_t *, int32_t *)
        int32_t get(int64_t, uint64_t, int32_t)
        int32_t find(int64_t)
        int32_t insert(int64_t)
        void clear()

cdef extern from "<utility>" namespace "std" nogil:
    void swap[T](T &, T &)

cdef extern from "responses.hpp" namespace "kpicore" nogil:
    enum:
        AUTHOR, OPEN, ASKED_ONCE, BEGUN_BY_AGENT, NAMED, ROW_NAMED, ROWS

    struct Contact:
        int64_t key, at, asked_at
        int32_t row_agent, agent
        uint32_t ordinal, bits

    struct Beside:
        int64_t seq, row_customer, customer

    cppclass Answers:
        int64_t contact[256]
        int64_t customer[256]
        int64_t asked_at[256]
        int64_t answered_at[256]
        int64_t ordinal[256]
        int32_t agent[256]
        uint8_t named[256]
        int64_t size
        void flush(OutBatch &, bint, bint)

cdef enum:  # authors, as in the schema of messages
    CUSTOMER
    AGENT
    BOT_AUTO
    BOT_ASSIST
    WELCOME
    SYSTEM
    NOTE
    OTHER
    AUTHORS

cdef enum:
    STAGE = 64
    HUMAN = (1 << AGENT) | (1 << BOT_ASSIST)
    ANY = HUMAN | (1 << BOT_AUTO) | (1 << WELCOME)

cdef struct Columns:
    Span contact, at, author, seq, agent, customer

# A block of rows of the part on its way through the table.
cdef struct Stage:
    int64_t rows[STAGE]
    int64_t keys[STAGE]
    uint64_t hashes[STAGE]
    int32_t ids[STAGE]
    int count

cdef struct Rules:
    uint32_t part, parts
    uint32_t stops          # a bit per author
    bint last               # the clock starts at the last unanswered message

cdef struct Row:
    int64_t contact
    int64_t at
    int64_t seq
    int64_t customer
    int32_t author
    int32_t agent
    uint32_t named


# The index in COMPARED where the new row is less than the contact's last, or -1.
cdef inline int compare(const Contact *old, const Beside *beside, const Row *new) noexcept nogil:
    cdef int32_t author = old.bits & AUTHOR
    cdef uint32_t named = (old.bits & ROW_NAMED) != 0
    if new.at != old.at:
        return 0 if new.at < old.at else -1
    if beside != NULL and new.seq != beside.seq:
        return 1 if new.seq < beside.seq else -1
    if new.author != author:
        return 2 if new.author < author else -1
    if new.agent != old.row_agent:
        return 3 if new.agent < old.row_agent else -1
    if named != new.named:
        return 4 if named else -1
    return 4 if named and new.customer < beside.row_customer else -1


# Takes a message in; returns whether it answers (1) and whether it makes the contact begun by an agent (2). What it
# answers is written behind the responses of the block in any case.
cdef inline uint32_t update(
    Contact *contact, const Row *row, const Rules *rules, Answers *out, int64_t i
) noexcept nogil:
    cdef int64_t asked_at = contact.asked_at
    cdef int32_t agent = contact.agent
    cdef uint32_t bits = contact.bits, ordinal = contact.ordinal
    cdef uint32_t asks = row.author == CUSTOMER
    cdef uint32_t human = (<uint32_t> HUMAN >> row.author) & 1
    cdef uint32_t open = (bits & OPEN) != 0
    cdef uint32_t closes = open & (rules.stops >> row.author)
    cdef uint32_t first = human & ((bits & (ASKED_ONCE | BEGUN_BY_AGENT)) == 0)
    contact.at = row.at
    contact.row_agent = row.agent
    contact.ordinal = ordinal + closes
    # Masks, since compilers turn a choice between two values back into a branch.
    contact.asked_at = asked_at ^ ((asked_at ^ row.at) & -<int64_t> (asks & (rules.last | (open ^ 1))))
    contact.agent = agent ^ ((agent ^ row.agent) & -<int32_t> (human & (row.agent >= 0)))
    open = (open | asks) & (closes ^ 1)
    bits = (bits & (ASKED_ONCE | BEGUN_BY_AGENT | NAMED)) | <uint32_t> row.author | open * OPEN
    contact.bits = bits | asks * ASKED_ONCE | first * BEGUN_BY_AGENT
    out.contact[i] = row.contact
    out.agent[i] = row.agent
    out.asked_at[i] = asked_at
    out.answered_at[i] = row.at
    out.ordinal[i] = ordinal + 1
    return closes | first << 1


cdef inline void name_customer(
    Contact *contact, Beside *beside, const Row *row, Answers *out, int64_t i
) noexcept nogil:
    beside.seq = row.seq
    beside.row_customer = row.customer
    beside.customer ^= (beside.customer ^ row.customer) & -<int64_t> row.named
    contact.bits |= <uint32_t> row.named * (NAMED | ROW_NAMED)
    out.customer[i] = beside.customer
    out.named[i] = (contact.bits & NAMED) != 0


cdef inline void cover(Chunks[Beside] *besides, int64_t *size, int64_t id) noexcept nogil:
    while size[0] <= id:
        besides.cover(size[0])
        besides[0][size[0]] = Beside(INT64_MIN, 0, 0)
        size[0] += 1


# 1 where there is a value: without a branch, since authors decide which columns have one.
cdef inline uint32_t has(const Span *span, int64_t row) noexcept nogil:
    return 1 if span.valid == NULL else (span.valid[(span.offset + row) >> 3] >> ((span.offset + row) & 7)) & 1


cdef inline Row row_at(const Columns *columns, int64_t at, bint beside) noexcept nogil:
    cdef Row row
    row.at = columns.at.i64[at]
    row.author = columns.author.i32[at]
    row.agent = -1
    if columns.agent.i32 != NULL:
        row.agent = columns.agent.i32[at] | (<int32_t> has(&columns.agent, at) - 1)
    row.named = False
    if beside:
        row.seq = integer_or_least(&columns.seq, at)
        row.customer = 0
        if columns.customer.i64 != NULL:
            row.named = has(&columns.customer, at)
            row.customer = columns.customer.i64[at] & -<int64_t> row.named
    return row
