"""Repeats: each contact of a customer with the contacts before and after it."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import MissingDataError
from kpicore.plugin import Choice, Choices, Derivation, Fact, Input, Integer, Settings, TableSchema

from .schemas_cases import REOPENINGS
from .schemas_returns import (
    FLAGGED_CONTACTS,
    FLAGGED_CONTACTS_WITH_TRANSFERS,
    REPEATS,
    REPEATS_WITH_TRANSFERS,
    TRANSFERRED_CONTACTS,
)
from .whole_tables import given, instant, look_up, plain, starts_of_runs

__all__ = ["FACTS", "FOLLOWERS", "SAME"]

SAME = Choice(
    name="same",
    doc="which contacts of a customer belong together: all, or those that share a topic, a product, or one "
    "of both",
    values=("customer", "topic", "product", "topic_or_product"),
    default="customer",
)
FOLLOWERS = Choices(
    name="followers",
    doc="who began the contacts that count as coming back: the customer, or (outbound) an agent as well",
    values=("inbound", "outbound"),
    default="inbound+outbound",
)
_UTC = pa.timestamp("us", "UTC")


def _columns(settings: Settings, contacts: pa.Table) -> dict[str, pa.Array]:
    direction = given(contacts, "direction", pa.string()).fill_null("inbound")
    filtered = given(contacts, "filtered", pa.bool_()).fill_null(False)
    chosen = pc.is_in(direction, value_set=pa.array(sorted({"inbound", *settings.words("followers")})))
    kept = pc.and_(pc.and_not(chosen, filtered), pc.is_valid(instant(contacts, "opened_at")))
    contacts, inbound = contacts.filter(kept), pc.equal(direction, "inbound").filter(kept)
    opened = instant(contacts, "opened_at")
    row, shared = _groups(settings.word("same"), contacts)
    follows = _follows(settings, inbound).take(row)
    before, after = _neighbours(row, shared, opened.take(row), follows, len(contacts))
    columns = {
        "contact_id": given(contacts, "contact_id", pa.string()),
        "customer_id": given(contacts, "customer_id", pa.string()),
        "agent_id": given(contacts, "agent_id", pa.string()),
        "opened_at": opened.cast(_UTC),
        "comparable": pc.is_in(pa.arange(0, len(contacts)), value_set=row),
        "previous_at": before.cast(_UTC),
        "next_at": after.cast(_UTC),
        "followed_for": pc.subtract(settings.integer("last_at"), opened),
    }
    return {name: column.filter(inbound) for name, column in columns.items()}


def _follows(settings: Settings, inbound: pa.Array) -> pa.Array:
    """Returns which contacts count as coming back."""
    words = settings.words("followers")
    return pc.if_else(inbound, "inbound" in words, "outbound" in words)


def _groups(same: str, contacts: pa.Table) -> tuple[pa.Array, pa.Array]:
    """Returns rows of ``contacts``, each with a code of what it shares with others; a row may come often."""
    customer = given(contacts, "customer_id", pa.string()).dictionary_encode().indices.cast(pa.int64())
    rows = pa.arange(0, len(contacts))
    if same == "customer":
        known = pc.is_valid(customer)
        return rows.filter(known), customer.filter(known)
    found = []
    if same != "product" and "topics" in contacts.column_names:
        topics = plain(contacts.column("topics"))
        found.append((pc.list_parent_indices(topics).cast(pa.int64()), plain(pc.list_flatten(topics)), "t"))
    if same != "topic" and "product" in contacts.column_names:
        found.append((rows, given(contacts, "product", pa.string()), "p"))
    if not found:
        words = {"topic": "topics", "product": "product"}.get(same, "topics or product")
        raise MissingDataError(f"contacts has no column {words}", hint="deliver it, or map it")
    row = pa.concat_arrays([row for row, *_ in found])
    words = pa.concat_arrays([pc.binary_join_element_wise(k, w.cast(pa.string()), ":") for _, w, k in found])
    word = words.dictionary_encode().indices.cast(pa.int64())
    width = (pc.max(word).as_py() or 0) + 1
    shared = pc.add(pc.multiply(customer.take(row), width), word)
    known = pc.is_valid(shared)
    return row.filter(known), shared.filter(known)


def _neighbours(
    row: pa.Array, shared: pa.Array, opened: pa.Array, follows: pa.Array, size: int
) -> tuple[pa.Array, pa.Array]:
    """Returns per contact when the one before and after it was opened, over all that it shares."""
    rows = pa.table({"shared": shared, "opened": opened, "row": row, "follows": follows})
    order = [(name, "ascending") for name in ("shared", "opened", "row")]
    rows = rows.take(pc.sort_indices(rows, sort_keys=order))
    # A tag that a contact bears twice is one.
    rows = rows.filter(starts_of_runs(plain(rows.column("shared")), plain(rows.column("row"))))
    shared, opened, row, follows = (plain(rows.column(n)) for n in ("shared", "opened", "row", "follows"))
    first = starts_of_runs(shared)
    # Times of those that follow, with a mark where a customer's run ends, so that filling stops there.
    mark = pa.scalar(-(2**62), pa.int64())
    time = pc.if_else(follows, opened, pa.scalar(None, pa.int64()))
    end = pa.array([None] * min(len(time), 1), pa.int64())
    last = pc.fill_null(
        pa.concat_arrays([first.slice(1), pa.array([True] * min(len(first), 1), pa.bool_())]), True
    )
    above = pa.concat_arrays([end, time.slice(0, max(len(time) - 1, 0))])
    before = pc.fill_null_forward(pc.if_else(first, mark, above))
    after = pc.fill_null_backward(pc.if_else(last, mark, pa.concat_arrays([time.slice(1), end])))
    found = pa.table(
        {
            "row": row,
            "before": pc.if_else(pc.equal(before, mark), pa.scalar(None, pa.int64()), before),
            "after": pc.if_else(pc.equal(after, mark), pa.scalar(None, pa.int64()), after),
        }
    )
    nearest = found.group_by("row").aggregate([("before", "max"), ("after", "min")])
    among, every = plain(nearest.column("row")), pa.arange(0, size)
    above, below = plain(nearest.column("before_max")), plain(nearest.column("after_min"))
    return look_up(every, among, above), look_up(every, among, below)


def _told(table: pa.Table) -> tuple[str, pa.Array]:
    """Returns what a table tells of contacts: whether they were resolved for good, or transferred."""
    if "transferred" in table.column_names:
        return "transferred", given(table, "transferred", pa.bool_())
    never = pc.equal(given(table, "reopens", pa.int64()).fill_null(0), 0)
    return "resolved_for_good", pc.and_(pc.equal(given(table, "ended", pa.string()), "resolved"), never)


def _transferred_contacts(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    contacts, legs = tables
    passed = pc.starts_with(given(legs, "ended", pa.string()), "transferred")
    came = pc.equal(given(legs, "began", pa.string()), "transferred_in")
    transferred = given(legs, "contact_id", pa.string()).filter(pc.or_(passed, came))
    contact = given(contacts, "contact_id", pa.string())
    transferred = transferred.cast(contact.type)
    columns = {
        "contact_id": contact,
        "customer_id": given(contacts, "customer_id", pa.string()),
        "opened_at": instant(contacts, "opened_at").cast(_UTC),
        "transferred": pc.is_in(contact, value_set=transferred, skip_nulls=True),
    }
    return {"transferred_contacts": pa.table(columns)}


_COLUMNS = (
    "customer_id",
    "opened_at",
    "contact_id",
    "agent_id",
    "direction",
    "filtered",
    "product",
    "topics",
)
_OPTIONAL = ("agent_id", "direction", "filtered", "product", "topics")
_CONTACTS = Input(of="contacts", columns=_COLUMNS, order=("opened_at", "contact_id"), optional=_OPTIONAL)
_RESOLVED = Input(
    of="contacts", columns=(*_COLUMNS, "resolved_at"), order=("opened_at", "contact_id"), optional=_OPTIONAL
)
_REOPENINGS = Input(
    of="reopenings", columns=tuple(column.name for column in REOPENINGS.columns), order=("opened_at",)
)

_TRANSFERS = Input(
    of="transferred_contacts", columns=("customer_id", "contact_id", "transferred"), order=("contact_id",)
)
_OPENED = Input(
    of="contacts",
    columns=("contact_id", "customer_id", "opened_at"),
    order=("opened_at",),
    optional=("opened_at",),
)
_LEGS = Input(of="legs", columns=("contact_id", "began", "ended", "began_at"), order=("began_at",))
_LAST = Integer(name="last_at", doc="when the last contact was opened, as the log has it, where not told")


def _fact(schema: TableSchema, *inputs: Input) -> Fact:
    """Returns a fact of contacts with their neighbours, and with what other tables tell of them."""

    def function(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
        contacts, *more = tables
        columns = _columns(settings, contacts)
        for table in more:
            name, found = _told(table)
            among = given(table, "contact_id", pa.string())
            columns[name] = look_up(columns["contact_id"], among, found).fill_null(False)
        return {schema.name: pa.table(columns)}

    derivation = Derivation(
        name=schema.name,
        inputs=inputs,
        key="customer_id",
        outputs=(schema.name,),
        parameters=(SAME, FOLLOWERS, _LAST),
        function=function,
    )
    return Fact(schema=schema, derivations=(derivation,))


FACTS: tuple[Fact, ...] = (
    _fact(REPEATS, _CONTACTS),
    _fact(REPEATS_WITH_TRANSFERS, _CONTACTS, _TRANSFERS),
    _fact(FLAGGED_CONTACTS, _RESOLVED, _REOPENINGS),
    _fact(FLAGGED_CONTACTS_WITH_TRANSFERS, _RESOLVED, _REOPENINGS, _TRANSFERS),
    Fact(
        schema=TRANSFERRED_CONTACTS,
        derivations=(
            Derivation(
                name="transferred_contacts",
                inputs=(_OPENED, _LEGS),
                key="contact_id",
                outputs=("transferred_contacts",),
                function=_transferred_contacts,
            ),
        ),
    ),
)
