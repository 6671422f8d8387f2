"""A slow, obvious account of what contact events mean: one contact at a time, lists of dicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from kpicore.plugin import TABLES

Row = Mapping[str, Any]
COLUMNS = ("contact_id", "at", "seq", "event", "agent_id", "to_agent_id", "queue", "to_queue", "detail")
EVENTS = TABLES["contact_events"].column("event").values
DETAILS = TABLES["contact_events"].column("detail").values

LIVE = ("talk", "hold", "pending", "resolved")
NEUTRAL = ("opened", "ivr_entered", "ivr_left", "handed_off", "filtered", "tagged", "other")
HARMLESS_AFTER_CLOSING = (*NEUTRAL, "wrapup_started", "wrapup_ended", "resolved", "reopened", "closed")
WAITING_ENDS = {"abandoned": "abandoned", "voicemail": "voicemail", "callback_requested": "callback"}
EXITS = ("timeout", "full", "empty", "closed", "diverted")
TRANSFERS = ("blind", "consult", "queue")


def rank(row: Row) -> tuple[tuple[bool, int], ...]:
    """The order of rows: nulls first, enumerations by their position."""
    codes = {"event": EVENTS.index, "detail": DETAILS.index}
    return tuple(
        (False, 0) if row[name] is None else (True, codes.get(name, int)(row[name])) for name in COLUMNS[1:]
    )


def derive(rows: Iterable[Row], until: int) -> tuple[dict[str, list[dict[str, Any]]], Counter[str]]:
    """Returns the facts of all contacts, as rows in no order, and the counted oddities."""
    contacts: dict[int, list[Row]] = {}
    for row in rows:
        contacts.setdefault(row["contact_id"], []).append(row)
    facts: dict[str, list[dict[str, Any]]] = {"visits": [], "segments": [], "legs": [], "contacts": []}
    notes: Counter[str] = Counter()
    for contact, events in contacts.items():
        story = Story(contact, facts, notes)
        for row in sorted(events, key=rank):
            story.tell(row)
        story.end(until)
    return facts, notes


class Story:
    """What happens to one contact."""

    def __init__(self, contact: int, facts: dict[str, list[dict[str, Any]]], notes: Counter[str]) -> None:
        self.contact, self.facts, self.notes = contact, facts, notes
        self.opened_at: int | None = None
        self.closed_at: int | None = None
        self.resolved_at: int | None = None
        self.status = "open"
        self.reopens = 0
        self.filtered = False
        self.queue: int | None = None
        self.charge: int | None = None
        self.arrival: str | None = None
        self.arrival_queue: int | None = None
        self.visit: dict[str, Any] | None = None
        self.parts: list[dict[str, Any]] = []

    # ---- the events

    def tell(self, row: Row) -> None:
        event = row["event"]
        if self.opened_at is None:
            self.opened_at = row["at"]
        elif event == "opened":
            self.notes["opened_late"] += 1
        if event == "filtered":
            self.filtered = True
        if event in NEUTRAL:
            return
        if self.status == "closed" and event not in HARMLESS_AFTER_CLOSING:
            self.notes["after_closed"] += 1
            return
        if event in ("answered", "started"):
            self.take(row)
        elif event in WAITING_ENDS:
            self.stop_waiting(row, WAITING_ENDS[event])
        else:
            getattr(self, event)(row)

    def queued(self, row: Row) -> None:
        self.settle()
        queue = row["queue"] if row["queue"] is not None else row["to_queue"]
        if self.visit is not None:
            if queue is None or queue == self.visit["queue"]:
                self.notes["queued_twice"] += 1
                return
            self.leave_queue(row["at"], "flow_out")
            self.end_rings(row["at"])
        self.visit = {"queue": queue, "entered_at": row["at"]}
        self.see_queue(queue)

    def offered(self, row: Row) -> None:
        at = row["at"]
        self.count_unnamed(row)
        if self.find(row["agent_id"], LIVE):
            self.notes["offered_while_handling"] += 1
            return
        ringing = self.find(row["agent_id"], ("ring",))
        for part in [p for p in self.parts if p["state"] == "ring"]:
            if part is not ringing and part["since"] < at:
                self.end_ring(part, at)
        if ringing:
            self.notes["offered_twice"] += 1
            return
        part = self.find(row["agent_id"], ("assigned",)) or self.add(row["agent_id"])
        queue = first(row["queue"], part["queue"], self.visit and self.visit["queue"])
        part.update(state="ring", since=at, queue=queue, ring=0)

    def take(self, row: Row) -> None:
        at = row["at"]
        self.count_unnamed(row)
        live = self.find(row["agent_id"], LIVE)
        if live:
            self.settle()
            self.end_rings(at)
            self.leave_queue(at, "answered", live["agent"])
            if live["state"] in ("pending", "resolved"):
                live.update(state="talk", since=at)
            else:
                self.notes[row["event"] + "_twice"] += 1
            return
        ring = self.find(row["agent_id"], ("ring",))
        own = None if ring else self.find(row["agent_id"], ("assigned",))
        if own is None:
            self.settle()
        for part in [p for p in self.parts if p["state"] == "ring" and p is not ring]:
            self.end_ring(part, at)
        if self.arrival:
            began = self.arrival
        elif self.visit is not None:
            began = "answered"
        elif any(p["state"] in LIVE for p in self.parts):
            began = "conferenced"
        elif own:
            began = "assigned"
        else:
            began = "outbound" if row["event"] == "started" and not ring else "answered"
        part = ring or own or self.add(row["agent_id"])
        self.complete(part["agent"], at)
        if ring:
            self.segment(ring, "ring", at)
            ring["ring"] = at - ring["since"]
        self.begin(part, at, began, row["queue"])

    def assigned(self, row: Row) -> None:
        at = row["at"]
        self.count_unnamed(row)
        if self.find(row["agent_id"], ("assigned",)):
            return
        live = self.find(row["agent_id"], LIVE)
        self.settle()
        if live:
            if live["state"] in ("pending", "resolved"):
                live.update(state="talk", since=at)
            return
        for part in self.parts:
            if part["state"] in LIVE:
                self.end_talk(part, at, "left")
        ring = self.find(row["agent_id"], ("ring",))
        for part in [p for p in self.parts if p["state"] == "ring" and p is not ring]:
            self.end_ring(part, at)
        part = ring or self.add(row["agent_id"])
        self.complete(part["agent"], at)
        if ring:
            self.segment(ring, "ring", at)
            ring["ring"] = at - ring["since"]
        part.update(state="assigned", since=at, queue=first(row["queue"], part["queue"]))

    def held(self, row: Row) -> None:
        self.settle()
        part = self.find(row["agent_id"], LIVE)
        if part is None:
            self.notes["held_without_leg"] += 1
        elif part["state"] == "hold":
            self.notes["held_twice"] += 1
        else:
            self.turn(part, "hold", row["at"])

    def retrieved(self, row: Row) -> None:
        self.settle()
        part = self.find(row["agent_id"], LIVE)
        if part is None:
            self.notes["retrieved_without_leg"] += 1
        elif part["state"] == "talk":
            self.notes["retrieved_without_hold"] += 1
        else:
            self.turn(part, "talk", row["at"])

    def transferred(self, row: Row) -> None:
        self.settle()
        at = row["at"]
        sender = self.find(row["agent_id"], LIVE)
        if sender is None:
            if self.visit is None:
                self.notes["transferred_without_leg"] += 1
                return
            self.leave_queue(at, "transferred")
            self.end_rings(at)
            self.arrival, self.arrival_queue = "transferred_in", row["to_queue"]
            return
        receiver = self.other(sender, row["to_agent_id"], any_other=row["detail"] == "consult")
        detail = row["detail"]
        if detail not in TRANSFERS:
            to_queue_only = row["to_queue"] is not None and row["to_agent_id"] is None
            detail = "consult" if receiver else "queue" if to_queue_only else "blind"
        self.end_talk(sender, at, "transferred_" + detail)
        if receiver is None:
            self.arrival, self.arrival_queue = "transferred_in", row["to_queue"]
            return
        if receiver["began_at"] >= sender["began_at"]:
            receiver["began"] = "transferred_in"
        self.charge = receiver["agent"]

    def conferenced(self, row: Row) -> None:
        self.settle()
        sender = self.find(row["agent_id"], LIVE)
        if sender is None:
            self.notes["conferenced_without_leg"] += 1
            return
        for part in self.parts:
            if part["state"] == "hold":
                self.turn(part, "talk", row["at"])
        receiver = self.other(sender, row["to_agent_id"], any_other=True)
        if receiver is None:
            self.arrival, self.arrival_queue = "conferenced", row["to_queue"]
        elif receiver["began_at"] >= sender["began_at"]:
            receiver["began"] = "conferenced"
            self.charge = sender["agent"]

    def left(self, row: Row) -> None:
        self.settle()
        part = self.find(row["agent_id"], LIVE)
        ring = self.find(row["agent_id"], ("ring",))
        if part is not None:
            self.end_talk(part, row["at"], "left")
            others = [p for p in self.parts if p["state"] in LIVE]
            if len(others) == 1:
                self.charge = others[0]["agent"]
        elif ring is not None:
            self.end_ring(ring, row["at"])
        else:
            self.notes["left_without_leg"] += 1

    def wrapup_started(self, row: Row) -> None:
        self.settle()
        part = self.find(row["agent_id"], (*LIVE, "done"))
        if part is None:
            known = self.find(row["agent_id"], ("wrapup",))
            self.notes["wrapup_started_twice" if known else "wrapup_without_leg"] += 1
            return
        if part["state"] == "resolved":
            self.end_talk(part, row["at"], "closed")
        elif part["state"] in LIVE:
            self.end_talk(part, row["at"], "unknown")
        part.update(state="wrapup", since=row["at"])

    def wrapup_ended(self, row: Row) -> None:
        self.settle()
        part = self.find(row["agent_id"], ("wrapup",))
        if part is None:
            self.notes["wrapup_ended_without_start"] += 1
            return
        self.end_wrapup(part, row["at"])
        part["state"] = "finished"
        if part["ended"] != "unknown":
            self.emit(part)

    def exited(self, row: Row) -> None:
        named = None if self.visit is None else self.visit["queue"]
        if named is not None and row["queue"] is not None and row["queue"] != named:
            self.notes["exited_another_queue"] += 1
        elif self.visit is None:
            self.settle()
            self.notes["exited_without_visit"] += 1
        else:
            self.stop_waiting(row, row["detail"] if row["detail"] in EXITS else "unknown")

    def stop_waiting(self, row: Row, outcome: str) -> None:
        if self.visit is not None:
            self.parts = [p for p in self.parts if p["state"] != "assigned"]
            self.leave_queue(row["at"], outcome)
        else:
            self.settle()
            if outcome == "abandoned" and not any(p["state"] == "ring" for p in self.parts):
                self.notes["abandoned_without_visit"] += 1
        self.end_rings(row["at"])

    def pending(self, row: Row) -> None:
        self.settle()
        for part in self.parts:
            if part["state"] in LIVE:
                self.turn(part, "pending", row["at"])
        if self.status == "open":
            self.status = "pending"

    def resolved(self, row: Row) -> None:
        self.settle()
        self.wait_in_vain(row["at"])
        for part in self.parts:
            if part["state"] in LIVE and part["state"] != "resolved":
                self.turn(part, "resolved", row["at"])
        self.resolved_at = row["at"]
        if self.status != "closed":
            self.status = "resolved"

    def reopened(self, row: Row) -> None:
        if self.status in ("closed", "resolved"):
            self.reopens += 1
            self.closed_at = self.resolved_at = None
        elif self.status == "open":
            self.notes["reopened_while_open"] += 1
        self.status = "open"
        for part in self.parts:
            if part["state"] in ("pending", "resolved"):
                part.update(state="talk", since=row["at"])

    def closed(self, row: Row) -> None:
        if self.status == "closed":
            self.notes["closed_twice"] += 1
            return
        self.settle()
        self.wait_in_vain(row["at"])
        self.end_rings(row["at"])
        for part in list(self.parts):
            if part["state"] in LIVE:
                self.end_talk(part, row["at"], "closed")
            elif part["ended"] == "unknown":
                part["ended"] = "closed"
                if part["state"] == "finished":
                    self.emit(part)
        self.status, self.closed_at, self.arrival, self.arrival_queue = "closed", row["at"], None, None

    # ---- what the events do

    def find(self, agent: int | None, states: tuple[str, ...]) -> dict[str, Any] | None:
        """The agent's part; of no agent named, the unknown agent's, else the only one."""
        found = [p for p in self.parts if p["state"] in states]
        own = [p for p in found if p["agent"] == agent]
        if agent is None and not own and len(found) == 1:
            return found[0]
        return own[0] if own else None

    def other(self, sender: dict[str, Any], agent: int | None, *, any_other: bool) -> dict[str, Any] | None:
        others = [p for p in self.parts if p["state"] in LIVE and p is not sender]
        if agent is not None:
            others = [p for p in others if p["agent"] == agent]
        elif not any_other:
            others = []
        latest = max((p["began_at"] for p in others), default=None)
        return [p for p in others if p["began_at"] == latest][-1] if others else None

    def add(self, agent: int | None) -> dict[str, Any]:
        self.parts.append(
            {"agent": agent, "state": "new", "queue": None, "ring": 0, "talk": 0, "hold": 0, "wrapup": 0}
            | {"talk_ended_at": None, "ended_at": None, "ended": None}
        )
        return self.parts[-1]

    def begin(self, part: dict[str, Any], at: int, began: str, queue: int | None) -> None:
        queue = first(queue, part["queue"], self.visit and self.visit["queue"], self.arrival_queue)
        self.leave_queue(at, "answered", part["agent"])
        part.update(state="talk", since=at, began_at=at, began=began, queue=queue)
        self.arrival = self.arrival_queue = None
        self.see_queue(queue)
        if began != "conferenced" or self.charge is None:
            self.charge = part["agent"]

    def settle(self) -> None:
        """An assignment that was not answered by its agent as the next thing counts from its instant."""
        for part in self.parts:
            if part["state"] == "assigned":
                self.begin(part, part["since"], self.arrival or "assigned", None)

    def see_queue(self, queue: int | None) -> None:
        self.queue = first(self.queue, queue)

    def segment(self, part: dict[str, Any], kind: str, end: int) -> None:
        self.facts["segments"].append(
            {"contact_id": self.contact, "agent_id": part["agent"], "queue": part["queue"], "kind": kind}
            | {"start": part["since"], "end": end}
        )

    def turn(self, part: dict[str, Any], state: str, at: int) -> None:
        """Ends the stretch of talk or hold, if it was one, and begins the next."""
        if part["state"] in ("talk", "hold"):
            self.segment(part, part["state"], at)
            part[part["state"]] += at - part["since"]
        part.update(state=state, since=at)

    def end_talk(self, part: dict[str, Any], at: int, ended: str) -> None:
        part["talk_ended_at"] = part["since"] if part["state"] == "resolved" else at
        part["ended"] = ended
        self.turn(part, "done", at)

    def end_wrapup(self, part: dict[str, Any], at: int) -> None:
        self.segment(part, "wrapup", at)
        part["wrapup"] += at - part["since"]
        part["ended_at"] = at

    def complete(self, agent: int | None, at: int) -> None:
        """The agent takes the contact anew: what was left of his earlier leg ends."""
        past = [p for p in self.parts if p["state"] in ("done", "wrapup", "finished")]
        part = next((p for p in past if p["agent"] == agent), None)
        if part is None:
            return
        if part["state"] == "wrapup":
            self.notes["wrapup_cut"] += 1
            self.end_wrapup(part, at)
        elif part["state"] == "done":
            part["ended_at"] = part["talk_ended_at"]
        self.emit(part)

    def emit(self, part: dict[str, Any]) -> None:
        self.parts = [p for p in self.parts if p is not part]
        names = "queue began_at talk_ended_at ended_at began ended ring talk hold wrapup".split()
        self.facts["legs"].append(
            {"contact_id": self.contact, "agent_id": part["agent"], **{name: part[name] for name in names}}
        )

    def count_unnamed(self, row: Row) -> None:
        if row["agent_id"] is None:
            self.notes["agent_missing"] += 1

    def end_ring(self, part: dict[str, Any], at: int) -> None:
        self.segment(part, "ring", at)
        self.parts = [p for p in self.parts if p is not part]

    def end_rings(self, at: int) -> None:
        for part in [p for p in self.parts if p["state"] == "ring"]:
            self.end_ring(part, at)

    def wait_in_vain(self, at: int) -> None:
        if self.visit is not None:
            self.notes["ended_while_waiting"] += 1
            self.leave_queue(at, "unknown")
            self.end_rings(at)

    def leave_queue(self, at: int | None, outcome: str, agent: int | None = None) -> None:
        if self.visit is None:
            return
        wait = None if at is None else at - self.visit["entered_at"]
        self.facts["visits"].append(
            {"contact_id": self.contact, **self.visit, "agent_id": agent, "left_at": at}
            | {"outcome": outcome, "wait": wait}
        )
        self.visit = None

    def end(self, until: int) -> None:
        self.settle()
        if self.visit is not None:
            self.notes["visit_open"] += 1
            self.leave_queue(None, "unknown")
        for part in list(self.parts):
            stop = max(until, part["since"])
            match part["state"]:
                case "ring":
                    self.notes["ring_open"] += 1
                    self.end_ring(part, stop)
                    continue
                case "talk" | "hold" | "pending":
                    self.notes["leg_open"] += 1
                    self.turn(part, "open", stop)
                    part["ended"] = "open"
                case "resolved":
                    part.update(talk_ended_at=part["since"], ended_at=part["since"], ended="closed")
                case "wrapup":
                    self.notes["wrapup_open"] += 1
                    self.end_wrapup(part, stop)
                    part["ended_at"] = None
                case "done":
                    part["ended_at"] = part["talk_ended_at"]
            self.emit(part)
        contact: dict[str, Any] = {column.name: None for column in TABLES["contacts"].columns}
        contact.update(contact_id=self.contact, agent_id=self.charge, queue=self.queue)
        contact.update(opened_at=self.opened_at, closed_at=self.closed_at, resolved_at=self.resolved_at)
        contact.update(reopens=self.reopens, filtered=self.filtered)
        self.facts["contacts"].append(contact)


def first(*values: int | None) -> int | None:
    """The first that is not null."""
    return next((value for value in values if value is not None), None)
