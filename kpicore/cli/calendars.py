"""A calendar file as data and as tables: its calendars, who works under which, the days that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from kpicore.errors import suggest

from .sheet import Sheet
from .words import Language, say

if TYPE_CHECKING:
    from kpicore.clock import CalendarBook, CalendarOverview
    from kpicore.tables import Log

__all__ = ["CheckedCalendar", "check_calendar", "strangers"]

_REASONS = {"holiday": "holiday", "make_up": "make-up day", "special": "special day"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCalendar:
    """A calendar file without faults, and what it holds from today on.

    ``doubts`` are the teams and queues that it names and the log lacks, each with the nearest known name.
    """

    book: CalendarBook
    calendars: Sequence[CalendarOverview]
    doubts: Sequence[str]

    def record(self) -> dict[str, object]:
        """Returns it as one object."""
        return {
            "default": self.book.default,
            "calendars": [
                {
                    "name": one.name,
                    "zone": one.zone,
                    "week": one.week,
                    "known_through": one.known_through,
                    "coming": [record for record in self.days() if record["calendar"] == one.name],
                }
                for one in self.calendars
            ],
            "assignments": [
                {
                    "team": list(rule.teams),
                    "queue": list(rule.queues),
                    "from": rule.since,
                    "until": rule.until,
                    "calendar": rule.calendar,
                }
                for rule in self.book.assignments
            ],
            "doubts": list(self.doubts),
        }

    def days(self) -> list[dict[str, object]]:
        """Returns the coming days that differ from the week, of all calendars."""
        from kpicore.clock import hours_text

        return [
            {
                "calendar": one.name,
                "day": day.day,
                "reason": day.reason,
                "name": day.name,
                "hours": hours_text(day.shifts),
            }
            for one in self.calendars
            for day in one.coming
        ]

    def sheets(self, lang: Language) -> list[Sheet]:
        """Returns it as tables."""
        default = {True: say("yes", lang), False: ""}
        calendars = [
            [
                one.name,
                one.zone,
                one.week,
                str(one.known_through or ""),
                default[one.name == self.book.default],
            ]
            for one in self.calendars
        ]
        rules = [
            [
                ", ".join(rule.teams) or say("all", lang),
                ", ".join(rule.queues) or say("all", lang),
                str(rule.since or ""),
                str(rule.until or ""),
                rule.calendar,
            ]
            for rule in self.book.assignments
        ]
        days = [
            [
                str(record["day"]),
                str(record["calendar"]),
                " ".join(filter(None, (say(_REASONS[str(record["reason"])], lang), str(record["name"])))),
                str(record["hours"]) or "-",
            ]
            for record in self.days()
        ]
        parts: tuple[tuple[str, tuple[str, ...], list[list[str]], set[int]], ...] = (
            ("Calendars", ("Calendar", "Zone", "Hours", "Known through", "Default"), calendars, {3}),
            ("Who works under which", ("Team", "Queue", "From day", "Until day", "Calendar"), rules, {2, 3}),
            ("Coming days that differ", ("Day", "Calendar", "Reason", "Hours"), days, set()),
        )
        return [
            Sheet(
                title=say(title, lang),
                headers=[say(word, lang) for word in headers],
                rows=rows,
                droppable=frozenset(droppable),
                note="\n".join(self.doubts) if title == "Calendars" else "",
            )
            for title, headers, rows, droppable in parts
            if rows
        ]


def check_calendar(file: Path, log: Log | None, today: date) -> CheckedCalendar:
    """Returns the calendars of ``file``; CalendarError, listing every fault, where it has any."""
    from kpicore.clock import load_calendars, overview_of

    book = load_calendars(file)
    doubts = [] if log is None else strangers(book, log)
    return CheckedCalendar(book=book, calendars=overview_of(book, today), doubts=doubts)


def strangers(book: CalendarBook, log: Log) -> list[str]:
    """Returns a sentence for each team and queue of the assignments that ``log`` does not have."""
    known: dict[str, set[str]] = {"team": set(), "queue": set()}
    for table in log.tables.values():
        for column, kind in (("team", "team"), ("queue", "queue"), ("to_queue", "queue")):
            if column in table.column_names:
                known[kind] |= {str(name) for name in table.column(column).unique().to_pylist() if name}
    named = [("team", name) for rule in book.assignments for name in rule.teams]
    named += [("queue", name) for rule in book.assignments for name in rule.queues]
    return [
        f"the log has no {kind} {name!r}; {suggest(name, sorted(known[kind]))}"
        for kind, name in dict.fromkeys(named)
        if name not in known[kind]
    ]
