"""Stays in queues out of the rows of calls.

Rows belong together by call id and queue, whatever their order in the file; a call that enters the
same queue again makes another stay. A stay belongs to the moment of entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from .accounts import Account
from .events import CONNECT, ENDS, ENTER, LEAVES, person, refusal, wait_and_talk
from .rows import SECOND, Row

__all__ = ["Stay", "find_stays"]

_SLACK = 2 * SECOND


@dataclass(slots=True, kw_only=True)
class Stay:
    """One stay in one queue; times in microseconds.

    ``left`` is when it was answered or otherwise left the queue, ``ended`` when the talk was over;
    ``wait`` and ``talk`` are what the log states.
    """

    callid: str
    queue: str
    entered: int
    outcome: str
    entry: Row | None = None
    connect: Row | None = None
    end: Row | None = None
    left: int | None = None
    ended: int | None = None
    wait: int | None = None
    agent: str | None = None
    ring: int = 0

    @property
    def rows(self) -> tuple[Row | None, ...]:
        """The rows that it is made of."""
        return self.entry, self.connect, self.end


def find_stays(rows: Iterable[Row], account: Account, *, keep_unfinished: bool) -> list[Stay]:
    """Returns the stays of all calls, by entry; rows that make none are counted with their reasons."""
    stays: list[Stay] = []
    by_call = sorted(rows, key=lambda row: (row.callid, row.queue, row.time, row.number))
    for (callid, queue), group in groupby(by_call, key=lambda row: (row.callid, row.queue)):
        thread = _Thread(callid, queue, account, keep_unfinished)
        for _, simultaneous in groupby(group, key=lambda row: row.time):
            thread.follow(list(simultaneous))
        thread.finish()
        stays += thread.stays
    for stay in stays:
        account.use(*stay.rows)
    return sorted(stays, key=lambda stay: (stay.entered, stay.callid, stay.queue))


class _Thread:
    """One call in one queue, event by event."""

    def __init__(self, callid: str, queue: str, account: Account, keep_unfinished: bool) -> None:
        self.callid, self.queue, self.account = callid, queue, account
        self.keep_unfinished = keep_unfinished
        self.stays: list[Stay] = []
        self.entry: Row | None = None
        self.connect: Row | None = None
        self.early: list[Row] = []

    def follow(self, simultaneous: list[Row]) -> None:
        """Takes the rows of one instant: what ends a stay comes before what begins the next."""
        while simultaneous:
            waiting = self.entry is not None
            row = min(simultaneous, key=lambda row: _turn(row.event, waiting))
            simultaneous.remove(row)
            self._step(row)

    def finish(self) -> None:
        """Joins what is left: an end that carries an earlier time than its entry is its end all the same."""
        if self.early and self.entry is not None and self.connect is None:
            early, self.early = self.early[-1], self.early[:-1]
            self._leave(early)
        self.account.leave("no_entry", *self.early)
        self.close()

    def close(self) -> None:
        """Deals with a stay that has no end."""
        if self.keep_unfinished and self.entry is not None:
            answered = self.connect is not None
            stay = self._stay("answered" if answered else "unknown", self.entry.time)
            if self.connect is not None:
                stay.left, stay.agent = self.connect.time, person(self.connect.agent)
                stay.wait, stay.ring = self.connect.seconds(1), self.connect.seconds(3) or 0
            self.stays.append(stay)
        else:
            self.account.leave("not_ended", self.connect)
            self.account.leave("still_waiting" if self.connect is None else "not_ended", self.entry)
        self.entry = self.connect = None

    def _step(self, row: Row) -> None:
        if row.event == ENTER:
            if self.entry is not None:
                self.close()
            self.entry = row
        elif row.event == CONNECT:
            self.account.leave("repeated_connect", self.connect)
            self.connect = row
        elif row.event in ENDS:
            self._end(row)
        elif row.event in LEAVES:
            self._leave(row)
        else:
            self.stays.append(
                Stay(
                    callid=self.callid,
                    queue=self.queue,
                    entered=row.time,
                    outcome=refusal(row.event) or "unknown",
                    end=row,
                    left=row.time,
                )
            )

    def _end(self, row: Row) -> None:
        wait, talk = wait_and_talk(row)
        if talk is None:
            talk = row.time - self.connect.time if self.connect is not None else 0
        if self.entry is None and self.connect is None and self._repeats(row.time - talk):
            self.account.leave("repeated_end", row)
            return
        answered = row.time - talk
        entered = answered - (wait or 0) if self.entry is None else self.entry.time
        stay = self._stay("answered", entered)
        stay.end, stay.ended, stay.wait = row, row.time, wait
        stay.agent = person(row.agent)
        stay.left = max(answered, entered)
        if self.connect is not None:
            stay.ring = self.connect.seconds(3) or 0
            stay.agent = stay.agent or person(self.connect.agent)
        self._keep(stay)

    def _leave(self, row: Row) -> None:
        outcome, field = LEAVES[row.event]
        if self.entry is None:
            before = self.stays[-1] if self.stays else None
            if (
                field == 0
                and before is not None
                and before.end is not None
                and before.end.event == "EXITEMPTY"
            ):
                before.wait = row.time - before.entered
                self.account.leave("repeated_end", row)
            else:
                self.account.leave("no_entry", self.connect)
                self.connect = None
                self.early.append(row)
            return
        stay = self._stay(outcome, self.entry.time)
        stay.end, stay.left = row, max(row.time, self.entry.time)
        stay.wait = row.seconds(field) if field else stay.left - self.entry.time
        self._keep(stay)

    def _repeats(self, began: int) -> bool:
        """Whether a talk that began then was already under way in the call before."""
        before = self.stays[-1] if self.stays else None
        return (
            before is not None
            and before.ended is not None
            and before.left is not None
            and abs(began - before.left) <= _SLACK
        )

    def _stay(self, outcome: str, entered: int) -> Stay:
        return Stay(
            callid=self.callid,
            queue=self.queue,
            entered=entered,
            outcome=outcome,
            entry=self.entry,
            connect=self.connect,
        )

    def _keep(self, stay: Stay) -> None:
        self.stays.append(stay)
        self.entry = self.connect = None


def call_rows(rows: Iterable[Row]) -> Iterator[Row]:
    """Yields the rows that begin, connect or end a stay."""
    for row in rows:
        if row.event in (ENTER, CONNECT) or row.event in ENDS or row.event in LEAVES or refusal(row.event):
            yield row


def _turn(event: str, waiting: bool) -> tuple[int, str]:
    if event == ENTER:
        return (3 if waiting else 0), event
    return (1 if event == CONNECT else 2), event
