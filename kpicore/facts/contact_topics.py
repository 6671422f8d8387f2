"""Contact topics: the tags of contacts, one row each."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import MissingDataError
from kpicore.plugin import Derivation, Fact, Input, Settings

from .schemas_demand import CONTACT_TOPICS
from .whole_tables import plain

__all__ = ["FACTS", "UNTAGGED"]

UNTAGGED = "untagged"


def _contact_topics(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    """Returns a row per contact and different topic; an empty or unknown list is untagged."""
    (contacts,) = tables
    if "topics" not in contacts.column_names:
        raise MissingDataError("contacts has no column topics", hint="deliver it, or map it")
    topics = plain(contacts.column("topics"))
    row, topic = pc.list_parent_indices(topics), plain(pc.list_flatten(topics))
    named = pc.is_valid(topic)
    row, topic = row.filter(named).cast(pa.int64()), topic.filter(named)
    codes = topic.dictionary_encode()
    pair = pc.add(pc.multiply(row, max(len(codes.dictionary), 1)), codes.indices.cast(pa.int64()))
    different = pc.unique(pair)
    tagged = pc.divide(different, max(len(codes.dictionary), 1))
    code = pc.subtract(different, pc.multiply(tagged, max(len(codes.dictionary), 1)))
    every = pa.arange(0, len(contacts))
    without = every.filter(pc.invert(pc.is_in(every, value_set=tagged)))
    rows = contacts.drop_columns("topics").take(pa.concat_arrays([tagged, without]))
    words = pa.concat_arrays([codes.dictionary.take(code), pa.repeat(pa.scalar(UNTAGGED), len(without))])
    return {"contact_topics": rows.append_column("topic", words)}


_DERIVATION = Derivation(
    name="contact_topics",
    inputs=(
        Input(
            of="contacts",
            columns=("contact_id", "topics", "opened_at", "closed_at"),
            order=("contact_id",),
            optional=("opened_at", "closed_at"),
        ),
    ),
    key="contact_id",
    outputs=("contact_topics",),
    function=_contact_topics,
)

FACTS: tuple[Fact, ...] = (Fact(schema=CONTACT_TOPICS, derivations=(_DERIVATION,)),)
