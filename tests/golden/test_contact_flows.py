"""Call flows, chats and tickets written out by hand: events in, visits, segments and legs out."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kpicore.facts.contact_flow import ContactFlowStream
from kpicore.facts.schemas import LEGS, SEGMENTS, VISITS
from kpicore.plugin import TABLES, Settings, TableSchema

FLOWS = tomllib.loads(Path(__file__).with_name("contact_flows.toml").read_text("utf-8"))
EVENTS = TABLES["contact_events"]
AGENTS, QUEUES = ("ann", "bob", "cem"), ("sales", "tech")
LAYOUTS = {
    "visits": (VISITS, "{queue} {entered_at}-{left_at} {outcome} {agent_id}"),
    "segments": (SEGMENTS, "{agent_id} {kind} {start}-{end}"),
    "legs": (
        LEGS,
        "{agent_id} {queue} {began} {began_at}-{talk_ended_at}-{ended_at} {ended}"
        " {ring}/{talk}/{hold}/{wrapup}",
    ),
    "contacts": (TABLES["contacts"], "{opened_at}-{closed_at}-{resolved_at} {reopens} {agent_id} {queue}"),
}


def code_of(column: str, word: str) -> tuple[str, int]:
    """The column (of the receiver's side for ``>word``) and the code of a word."""
    to, word = ("to_", word[1:]) if word.startswith(">") else ("", word)
    if word in AGENTS:
        return f"{to}agent_id", AGENTS.index(word)
    if word in QUEUES:
        return f"{to}queue", QUEUES.index(word)
    return column, EVENTS.column(column).values.index(word)


def batch_of(events: str) -> pa.RecordBatch:
    rows = []
    for number, line in enumerate(events.strip().splitlines()):
        at, event, *words = line.split()
        told = [code_of("event", event), *(code_of("detail", word) for word in words)]
        rows.append({"contact_id": 7, "at": int(at), "seq": number, **dict(told)})
    wide = {name: pa.int64() for name in ("contact_id", "at", "seq")}
    fields = [(column.name, wide.get(column.name, pa.int32())) for column in EVENTS.columns]
    return pa.RecordBatch.from_pylist(rows, schema=pa.schema(fields))


def lines_of(fact: pa.RecordBatch, schema: TableSchema, layout: str) -> list[str]:
    lines = []
    for row in fact.to_pylist():
        told: dict[str, Any] = {name: "?" if value is None else value for name, value in row.items()}
        for name, value in row.items():
            words = {"agent_id": AGENTS, "queue": QUEUES}.get(name, schema.column(name).values)
            if value is not None and words:
                told[name] = words[value]
        lines.append(layout.format(**told))
    return lines


@pytest.mark.parametrize("title", FLOWS)
def test_flow(title: str) -> None:
    flow = FLOWS[title]
    stream = ContactFlowStream(Settings())
    found: dict[str, list[str]] = {name: [] for name in LAYOUTS}
    for facts in (stream.push(batch_of(flow["events"])), stream.finish(1000)):
        for name, fact in facts.items():
            found[name] += lines_of(fact, *LAYOUTS[name])
    expected = {name: flow.get(name, []) for name in ("visits", "segments", "legs")}
    expected["contacts"] = [flow["contact"]]
    assert {name: sorted(lines) for name, lines in found.items()} == {
        name: sorted(lines) for name, lines in expected.items()
    }
    assert stream.notes() == flow.get("notes", {})
