"""Text in canonical columns, read by the kinds of the schema alone."""

from __future__ import annotations

from kpicore.plugin import Feed, TableSchema
from kpicore.tables import ROW, check_tables_layout, read_stream

from .mapped import feed_rows
from .mapping import Choice, FeedRule, Rule
from .sheet import Sheet

__all__ = ["read_plain"]


def read_plain(feed: Feed, schema: TableSchema, zone: str | None) -> Feed:
    """Returns ``feed`` with its columns of strings parsed; rows that do not parse are rejected.

    Times are ISO 8601, with an offset or local to ``zone``; durations whole microseconds; lists are
    split at semicolons. Columns of other types, and those that the schema does not know, are handed
    on as they are. Raises SourceError where not one value of a column parses.
    """
    table = read_stream(feed.data, source=feed.source)
    names = [name for name in table.column_names if name != ROW]
    if len(set(names)) < len(names):
        return Feed(source=feed.source, table=feed.table, data=table, tally=feed.tally, zone=feed.zone)
    check_tables_layout(table, source=feed.source)
    rules = {name: Rule(choices=(Choice(key=name, columns=(name,)),)) for name in names}
    rule = FeedRule(
        key=schema.name,
        table=feed.table,
        columns={name: rules[name] for name in names if name in schema},
        dimensions={name: rules[name] for name in names if name not in schema},
    )
    if feed.tally.rows_in == 0:
        feed.tally.rows_in = table.num_rows
    return feed_rows(Sheet(table, {}, feed.source), rule, schema, None, feed.tally, feed.zone or zone)
