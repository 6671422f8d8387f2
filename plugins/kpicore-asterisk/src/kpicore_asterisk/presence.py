"""When agents were logged in, and when they paused.

A log-off states how long the agent had been logged in, so it makes a session by itself; a log-in that
no log-off follows lasts. Sessions that overlap are one. A pause lasts from the first PAUSEALL to the
next UNPAUSEALL; repeated ones change nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from .accounts import Account
from .events import person
from .rows import Row

__all__ = ["Change", "Span", "find_changes"]

_SESSIONS = {
    "AGENTLOGIN": ("agent", True),
    "AGENTLOGOFF": ("agent", False),
    "AGENTCALLBACKLOGIN": ("callback", True),
    "AGENTCALLBACKLOGOFF": ("callback", False),
}
_MEMBERS = {"ADDMEMBER": True, "REMOVEMEMBER": False}
_PAUSES = {"PAUSEALL": True, "UNPAUSEALL": False}
_QUEUE_PAUSES = {"PAUSE": True, "UNPAUSE": False}


class Span(NamedTuple):
    """From when to when; an end of None is open."""

    start: int
    end: int | None
    reason: str = ""


class Change(NamedTuple):
    """An agent's state on a track from ``at`` on."""

    agent: str
    at: int
    state: str
    track: str
    reason: str | None = None


def find_changes(rows: Iterable[Row], account: Account, *, login: str, pauses: str) -> list[Change]:
    """Returns the changes of all agents' states.

    ``login`` says what tells presence: ``agents`` (log-ins), ``members`` (being added to a queue), or
    ``auto``: log-ins where the agent has any, else membership. ``pauses=any`` counts a pause in one
    queue as well.
    """
    by_agent: dict[str, list[Row]] = defaultdict(list)
    watched = {*_SESSIONS, *_MEMBERS, *_PAUSES, *_QUEUE_PAUSES}
    for row in rows:
        if row.event in watched:
            agent = person(row.agent)
            if agent is None:
                account.leave("no_agent", row)
            else:
                by_agent[agent].append(row)
    changes: list[Change] = []
    for agent, own in sorted(by_agent.items()):
        own.sort(key=lambda row: (row.time, row.number))
        sessions = _unite(_find_sessions(own, account, login))
        breaks = _unite(_find_pauses(own, account, any_queue=pauses == "any"))
        changes += _tell(agent, own[0].time, sessions, breaks)
    return changes


def _find_sessions(rows: list[Row], account: Account, login: str) -> Iterator[Span]:
    by_login = login == "agents" or (login == "auto" and any(row.event in _SESSIONS for row in rows))
    threads: dict[str, list[tuple[Row, bool]]] = defaultdict(list)
    for row in rows:
        if row.event in _SESSIONS:
            kind, begins = _SESSIONS[row.event]
            if by_login:
                threads[kind].append((row, begins))
            else:
                account.leave("other_rule", row)
        elif row.event in _MEMBERS:
            if by_login:
                account.leave("other_rule", row)
            else:
                threads[f"queue {row.queue}"].append((row, _MEMBERS[row.event]))
    for thread in threads.values():
        yield from _pair(thread, account, stated=by_login)


def _find_pauses(rows: list[Row], account: Account, *, any_queue: bool) -> Iterator[Span]:
    threads: dict[str, list[tuple[Row, bool]]] = defaultdict(list)
    for row in rows:
        if row.event in _PAUSES:
            threads["all"].append((row, _PAUSES[row.event]))
        elif row.event in _QUEUE_PAUSES:
            if any_queue:
                threads[f"queue {row.queue}"].append((row, _QUEUE_PAUSES[row.event]))
            else:
                account.leave("pause_in_one_queue", row)
    for thread in threads.values():
        yield from _pair(thread, account, stated=False)


def _pair(thread: list[tuple[Row, bool]], account: Account, *, stated: bool) -> Iterator[Span]:
    """Yields a span per end; ``stated``: the end tells in data2 how long it was."""
    opened: Row | None = None
    for row, begins in _alternate(thread):
        if begins:
            if opened is None:
                opened = row
                account.use(row)
            else:
                account.leave("repeated", row)
            continue
        length = row.seconds(2) if stated else None
        if length is not None:
            yield Span(row.time - length, row.time)
        elif opened is not None:
            yield Span(opened.time, row.time, opened.text(1))
        if length is None and opened is None:
            account.leave("no_beginning", row)
        else:
            account.use(row)
        opened = None
    if opened is not None:
        yield Span(opened.time, None, opened.text(1))


def _alternate(thread: list[tuple[Row, bool]]) -> Iterator[tuple[Row, bool]]:
    """Yields beginnings and ends by time; of one instant first what changes the state."""
    within = False
    for _, group in groupby(thread, key=lambda item: item[0].time):
        rest = list(group)
        while rest:
            best = next((item for item in rest if item[1] is not within), rest[0])
            rest.remove(best)
            within = best[1]
            yield best


def _unite(spans: Iterable[Span]) -> list[Span]:
    """Returns the union: spans that overlap or touch are one."""
    united: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        last = united[-1] if united else None
        if last is None or (last.end is not None and span.start > last.end):
            united.append(span)
        elif last.end is not None and (span.end is None or span.end > last.end):
            united[-1] = last._replace(end=span.end)
    return [span for span in united if span.end is None or span.end > span.start]


def _tell(agent: str, first: int, sessions: list[Span], pauses: list[Span]) -> Iterator[Change]:
    """Yields what the tracks show from the agent's first row on.

    Presence tells log-ins only; routing tells pauses, which may reach beyond them.
    """
    begin = min([first, *(span.start for span in sessions), *(span.start for span in pauses)])
    edges = {begin}.union(*({span.start, span.end} for span in (*sessions, *pauses))) - {None}
    shown: dict[str, tuple[str, str | None]] = {}
    for at in sorted(edge for edge in edges if edge is not None):
        session, pause = _find(sessions, at), _find(pauses, at)
        online = "available" if session is not None else "offline"
        routing = ("away", pause.reason or None) if pause is not None else (online, None)
        for track, state in (("presence", (online, None)), ("routing", routing)):
            if shown.get(track) != state:
                shown[track] = state
                yield Change(agent, at, state[0], track, state[1])


def _find(spans: list[Span], at: int) -> Span | None:
    place = bisect_right(spans, at, key=lambda span: span.start) - 1
    if place < 0 or ((end := spans[place].end) is not None and at >= end):
        return None
    return spans[place]
