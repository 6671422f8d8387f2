"""What agents did with calls: segments of ringing, talking and wrapping up, and their parts of calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from .accounts import Account
from .calls import Stay
from .events import ENDS, RINGS, WRAPUP, person
from .rows import Row

__all__ = ["Leg", "Segment", "find_legs", "find_segments", "find_wrapups"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of one kind of handling; times in microseconds."""

    callid: str
    agent: str
    queue: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One agent's part of a call; durations in microseconds."""

    stay: Stay
    agent: str
    began: str
    ended: str
    ended_at: int | None
    wrapup: int


def find_wrapups(
    rows: Iterable[Row], stays: Iterable[Stay], account: Account, *, assumed: int | None
) -> list[Segment]:
    """Returns the after-call work that the log tells of, else ``assumed`` after each call."""
    wrapups: list[Segment] = []
    for row in rows:
        if row.event != WRAPUP:
            continue
        agent, length = person(row.agent), row.seconds(1)
        if agent is None or not length:
            account.leave("no_agent" if agent is None else "zero_length", row)
            continue
        account.use(row)
        wrapups.append(_segment(row.callid, agent, row.queue, "wrapup", row.time, row.time + length))
    if wrapups or not assumed:
        return wrapups
    return [
        _segment(stay.callid, stay.agent, stay.queue, "wrapup", stay.ended, stay.ended + assumed)
        for stay in stays
        if stay.agent is not None and stay.ended is not None
    ]


def find_segments(rows: Iterable[Row], stays: Iterable[Stay], account: Account) -> list[Segment]:
    """Returns ringing, also in vain, and talk."""
    segments: list[Segment] = []
    for row in rows:
        if row.event in RINGS:
            agent, length = person(row.agent), (row.seconds(1) or 0) // 1000
            if agent is None or not length:
                account.leave("no_agent" if agent is None else "zero_length", row)
                continue
            account.use(row)
            segments.append(_segment(row.callid, agent, row.queue, "ring", row.time - length, row.time))
    for stay in stays:
        if stay.outcome != "answered" or stay.left is None:
            continue
        _add(segments, stay, "ring", stay.left - stay.ring, stay.left, stay.connect, account)
        _add(segments, stay, "talk", stay.left, stay.ended, stay.end, account)
    return segments


def find_legs(stays: Iterable[Stay], wrapups: Iterable[Segment], account: Account) -> list[Leg]:
    """Returns a leg per answered stay; a call that an agent passed on comes to the next as a transfer."""
    work: dict[tuple[str, str, str], list[Segment]] = defaultdict(list)
    for segment in wrapups:
        work[segment.callid, segment.queue, segment.agent].append(segment)
    legs: list[Leg] = []
    passed_on: set[str] = set()
    for stay in stays:
        if stay.outcome != "answered" or stay.agent is None:
            account.leave("no_agent" if stay.outcome == "answered" else "not_answered", *stay.rows)
            continue
        account.use(*stay.rows)
        ended = "open" if stay.end is None else ENDS[stay.end.event]
        after = _take(work[stay.callid, stay.queue, stay.agent], stay.ended)
        legs.append(
            Leg(
                stay=stay,
                agent=stay.agent,
                began="transferred_in" if stay.callid in passed_on else "answered",
                ended=ended,
                ended_at=after.end if after is not None else stay.ended,
                wrapup=after.end - after.start if after is not None else 0,
            )
        )
        if ended.startswith("transferred"):
            passed_on.add(stay.callid)
    return legs


def _take(wrapups: list[Segment], ended: int | None) -> Segment | None:
    """Takes out the first wrap-up that is not over when the talk ends; none where the talk goes on."""
    for segment in sorted(wrapups, key=lambda segment: segment.start):
        if ended is not None and segment.end > ended:
            wrapups.remove(segment)
            return segment
    return None


def _add(
    segments: list[Segment],
    stay: Stay,
    kind: str,
    start: int,
    end: int | None,
    row: Row | None,
    account: Account,
) -> None:
    if stay.agent is None:
        account.leave("no_agent", row)
    elif end is None or end <= start:
        account.leave("zero_length", row)
    else:
        account.use(row)
        segments.append(_segment(stay.callid, stay.agent, stay.queue, kind, start, end))


def _segment(callid: str, agent: str, queue: str, kind: str, start: int, end: int) -> Segment:
    return Segment(callid=callid, agent=agent, queue=queue, kind=kind, start=start, end=end)
