"""A slow, obvious account of which segments make up a leg."""

from __future__ import annotations

from collections import Counter
from typing import Any

KINDS = ("ring", "talk", "hold", "wrapup")
Segment = dict[str, Any]


def rank(row: Segment) -> tuple[Any, ...]:
    agent, queue = ((row[name] is not None, row[name] or 0) for name in ("agent_id", "queue"))
    return row["start"], row["end"], KINDS.index(row["kind"]), agent, queue


def derive(rows: list[Segment]) -> tuple[list[dict[str, Any]], Counter[str]]:
    """Returns the legs in no order, and the counted oddities."""
    notes: Counter[str] = Counter()
    legs = []
    for contact in {row["contact_id"] for row in rows}:
        own = sorted((row for row in rows if row["contact_id"] == contact), key=rank)
        notes["reversed"] += sum(row["end"] < row["start"] for row in own)
        own = [row for row in own if row["end"] >= row["start"]]
        for agent in {row["agent_id"] for row in own}:
            legs += [leg_of(group) for group in groups(own, agent)]
    return legs, +notes


def groups(rows: list[Segment], agent: int | None) -> list[list[Segment]]:
    """The agent's segments leg by leg, rings with the leg that they led to."""
    found: list[list[Segment]] = []
    rings: list[Segment] = []
    others_took_over = False
    for row in rows:
        if row["agent_id"] != agent:
            if row["kind"] == "talk":
                rings = [ring for ring in rings if not over(rings, row)]
                others_took_over |= bool(found) and over([s for s in found[-1] if s["kind"] != "ring"], row)
        elif row["kind"] == "ring":
            rings.append(row)
        elif found and (row["kind"] == "wrapup" or not others_took_over):
            if row["kind"] == "wrapup":
                found[-1].append(row)
            else:
                found[-1] += [*rings, row]
                rings = []
        else:
            found.append([*rings, row])
            rings, others_took_over = [], False
    return found


def over(segments: list[Segment], talk: Segment) -> bool:
    return all(segment["end"] <= talk["start"] for segment in segments)


def leg_of(group: list[Segment]) -> dict[str, Any]:
    handled = [row for row in group if row["kind"] != "ring"]
    spoken = [row for row in group if row["kind"] in ("talk", "hold")]
    leg: dict[str, Any] = {"contact_id": group[0]["contact_id"], "agent_id": group[0]["agent_id"]}
    leg["queue"] = next((row["queue"] for row in group if row["queue"] is not None), None)
    leg |= {"began_at": handled[0]["start"], "ended_at": max(row["end"] for row in handled)}
    leg["talk_ended_at"] = max((row["end"] for row in spoken), default=None)
    leg |= {"began": "answered", "ended": "unknown"}
    for kind in KINDS:
        leg[kind] = sum(row["end"] - row["start"] for row in group if row["kind"] == kind)
    return leg
