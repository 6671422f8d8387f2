"""The adapter ``asterisk``: from the rows of a queue log to facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from kpicore.plugin import Adapter, Choice, Duration, Feed, Parameter, Source, SourceNotFoundError
from kpicore.plugin.parameters import Value

from . import arrow
from .accounts import Account
from .calls import call_rows, find_stays
from .handling import find_legs, find_segments, find_wrapups
from .presence import find_changes
from .rows import Reader, Row, looks_like_queue_log

__all__ = ["ADAPTER", "open_queue_log"]

_WRAPUP = Duration(
    name="wrapup",
    doc="after-call work that follows every call, where the log has no WRAPUPSTART (the queue's wrapuptime)",
    default="none",
    optional=True,
)
_LOGIN = Choice(
    name="login",
    doc="what tells that an agent is there: log-ins, membership of a queue, or log-ins where he has any",
    values=("auto", "agents", "members"),
    default="auto",
)
_PAUSES = Choice(
    name="pauses",
    doc="which pauses count: those from all queues, or in any queue",
    values=("all", "any"),
    default="all",
)
_UNFINISHED = Choice(
    name="unfinished",
    doc="what becomes of a call without an end in the log: left out and counted, or kept as far as known",
    values=("drop", "keep"),
    default="drop",
)


def open_queue_log(source: Source) -> Iterable[Feed]:
    """Yields contacts, visits, segments, legs and agent_states of all files taken together.

    Several files, such as rotated ones, are one log. Raises UsageError where local times have no zone,
    SourceNotFoundError where a path does not exist.
    """
    reader = Reader(source.zone)
    files = list(_files(source.paths))
    rows = [row for path in files for row in reader.read(path)]
    name = str(files[0]) if len(files) == 1 else f"{files[0]} and {len(files) - 1} more"
    yield from _feeds(name, rows, reader, source)


def _feeds(name: str, rows: list[Row], reader: Reader, source: Source) -> Iterator[Feed]:
    calls, talks, parts, states = Account(), Account(), Account(), Account()
    keep = _option(source, _UNFINISHED) == "keep"
    assumed = _option(source, _WRAPUP)
    stays = find_stays(call_rows(rows), calls, keep_unfinished=keep)
    wrapups = find_wrapups(rows, stays, talks, assumed=assumed if isinstance(assumed, int) else None)
    segments = find_segments(rows, stays, talks) + wrapups
    legs = find_legs(stays, wrapups, parts)
    changes = find_changes(
        rows, states, login=str(_option(source, _LOGIN)), pauses=str(_option(source, _PAUSES))
    )
    yield Feed(source=name, table="contacts", data=arrow.contacts(stays), tally=calls.close(reader))
    yield Feed(source=name, table="visits", data=arrow.visits(stays), tally=calls.close(reader))
    yield Feed(source=name, table="segments", data=arrow.segments(segments), tally=talks.close(reader))
    yield Feed(source=name, table="legs", data=arrow.legs(legs), tally=parts.close(reader))
    yield Feed(source=name, table="agent_states", data=arrow.states(changes), tally=states.close(reader))


def _option(source: Source, parameter: Parameter) -> Value:
    if parameter.name in source.options:
        return source.options[parameter.name]
    return parameter.read(parameter.default or "")


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise SourceNotFoundError(
                f"there is no {path}", hint="name the queue log, its export, or their folder"
            )
        if path.is_dir():
            logs = sorted(file for file in path.iterdir() if looks_like_queue_log(file))
            if not logs:
                raise SourceNotFoundError(
                    f"there is no queue log in {path}", hint="name the files themselves"
                )
            yield from logs
        else:
            yield path


ADAPTER = Adapter(
    name="asterisk",
    doc="Asterisk's queue_log: the text file, or an export of its table",
    open=open_queue_log,
    recognises=looks_like_queue_log,
    options=(_WRAPUP, _LOGIN, _PAUSES, _UNFINISHED),
    tables=("contacts", "visits", "segments", "legs", "agent_states"),
    source="Asterisk's documentation of queue logs; the statistics of Wazo",
)
