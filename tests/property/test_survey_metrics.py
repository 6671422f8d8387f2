"""Surveys against slow sums of fractions."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

import kpicore

MONDAY = datetime(2026, 10, 12, tzinfo=UTC)
USUAL = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 10), "esat": (1, 5)}
SCALES = st.sampled_from([None, (1, 5), (0, 10), (1, 10), (1, 7), (0, 100), (0, 1)])
AGENTS = st.sampled_from([None, "ann", "bob"])

Survey = tuple[str, str | None, int | None, int, tuple[int, int] | None, int | None]
SURVEYS = st.lists(
    st.tuples(
        st.sampled_from(sorted(USUAL)),
        AGENTS,
        st.sampled_from([None, 1, 2, 3]),
        st.integers(0, 71),
        SCALES,
        st.none() | st.integers(0, 12),
    ),
    max_size=30,
)
IN_CHARGE = {1: "ann", 2: "cat"}
TEXTS = {
    "csat": "csat",
    "csat_mean": "csat[statistic=mean]",
    "csat_rate": "csat[statistic=response_rate]",
    "nps": "nps",
    "ces": "ces",
    "esat": "employee_satisfaction",
    "top2": "employee_satisfaction[statistic=top2]",
}
KINDS = {name: name.split("_")[0] for name in TEXTS} | {"top2": "esat"}


def oracle(name: str, surveys: list[Survey]) -> dict[tuple[str, int], Fraction | None]:
    cells: dict[tuple[str, int], list[tuple[bool, Fraction | None, bool, int | None]]] = defaultdict(list)
    for kind, named, contact, hour, scale, score in surveys:
        agent = named or IN_CHARGE.get(contact or 0)
        if kind != KINDS[name] or agent is None:
            continue
        low, high = scale or USUAL[kind]
        share = None
        if score is not None and low <= score <= high:
            share = Fraction(score - low, high - low)
        top = score is not None and score >= high - 1
        cells[agent, hour // 24].append((score is not None, share, top, score))
    return {cell: figure(name, answers) for cell, answers in cells.items()}


def figure(name: str, answers: list[tuple[bool, Fraction | None, bool, int | None]]) -> Fraction | None:
    if name == "csat_rate":
        return Fraction(sum(answered for answered, *_ in answers), len(answers))
    scored = [(share, top, score) for _, share, top, score in answers if share is not None]
    if not scored:
        return None
    n = len(scored)
    mean = sum((share for share, *_ in scored), Fraction(0)) / n
    match name:
        case "csat":
            return Fraction(sum(share >= Fraction(3, 4) for share, *_ in scored), n)
        case "csat_mean":
            return 1 + 4 * mean
        case "nps":
            points = [score for *_, score in scored if score is not None]
            return Fraction(100 * (sum(p >= 9 for p in points) - sum(p <= 6 for p in points)), n)
        case "ces":
            return 1 + 9 * mean
        case "top2":
            return Fraction(sum(top for _, top, _ in scored), n)
    return mean


@settings(max_examples=25, deadline=None, derandomize=True)
@given(surveys=SURVEYS)
def test_surveys(surveys: list[Survey]) -> None:
    invited = [MONDAY + timedelta(hours=hour) for _, _, _, hour, _, _ in surveys]
    tables = {
        "surveys": pa.table(
            {
                "kind": pa.array([s[0] for s in surveys], pa.string()),
                "agent_id": pa.array([s[1] for s in surveys], pa.string()),
                "contact_id": pa.array([s[2] for s in surveys], pa.int64()),
                "invited_at": pa.array(invited, pa.timestamp("us", "UTC")),
                "score": pa.array([s[5] for s in surveys], pa.float64()),
                "scale_min": pa.array([s[4] and s[4][0] for s in surveys], pa.float64()),
                "scale_max": pa.array([s[4] and s[4][1] for s in surveys], pa.float64()),
            }
        ),
        "contacts": pa.table({"contact_id": [*IN_CHARGE], "agent_id": [*IN_CHARGE.values()]}),
    }
    result = kpicore.measure(
        kpicore.open(tables),
        list(TEXTS.values()),
        ["agent"],
        period="day",
        zone="UTC",
        start="2026-10-12",
        end="2026-10-15",
    )
    days = {f"2026-10-{12 + day}": day for day in range(3)}
    names = {text: name for name, text in TEXTS.items()}
    expected = {name: oracle(name, surveys) for name in TEXTS}
    for row in result.rows():
        cell = (row["agent"], days[str(row["period"])[:10]])
        wanted = expected[names[str(row["metric"])]].get(cell)  # type: ignore[arg-type]
        assert row["value"] == (None if wanted is None else float(wanted)), (row, wanted)
    seen = {row["agent"] for row in result.rows()}
    assert {agent for cells in expected.values() for agent, _ in cells} <= seen


HANDS = st.lists(
    st.tuples(
        st.integers(1, 2),
        st.integers(1, 60),
        st.sampled_from(["assigned", "transferred", "resolved", "reopened", "closed"]),
        AGENTS,
    ),
    max_size=12,
    unique_by=lambda event: event[:2],
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(events=HANDS, rated=st.lists(st.tuples(st.integers(1, 2), st.integers(0, 60)), max_size=6))
def test_whose_contacts_were(
    events: list[tuple[int, int, str, str | None]], rated: list[tuple[int, int]]
) -> None:
    expected: dict[str, dict[str, int]] = {"solve": defaultdict(int), "rating": defaultdict(int)}
    for contact, hour in rated:
        told = sorted(e for e in events if e[0] == contact)
        passing = [e for e in told if e[2] == "assigned" or (e[2] == "transferred" and e[3] is not None)]
        holder: str | None = None if passing else IN_CHARGE[contact]
        solver, taker, is_open = None, None, True
        for event in told:
            _, at, word, agent = event
            if event in passing:
                holder = agent
                taker = agent if at <= hour else taker
            elif word in ("resolved", "closed") and is_open:
                is_open = False
                solver = holder if at <= hour else solver
            elif word == "reopened":
                is_open = True
        for name, found in (("solve", solver), ("rating", taker)):
            expected[name][found or IN_CHARGE[contact]] += 1
    words = pa.array([word for _, _, word, _ in events], pa.string())
    whose = [agent for *_, agent in events]
    moments = [MONDAY + timedelta(hours=hour) for _, hour, _, _ in events]
    tables = {
        "contact_events": pa.table(
            {
                "contact_id": pa.array([contact for contact, *_ in events], pa.int64()),
                "at": pa.array(moments, pa.timestamp("us", "UTC")),
                "event": words,
                "agent_id": pa.array(whose, pa.string()),
                "to_agent_id": pa.array(whose, pa.string()),
            }
        ),
        "contacts": pa.table(
            {
                "contact_id": [*IN_CHARGE],
                "agent_id": [*IN_CHARGE.values()],
                "opened_at": pa.array([MONDAY] * len(IN_CHARGE), pa.timestamp("us", "UTC")),
            }
        ),
        "surveys": pa.table(
            {
                "kind": pa.array(["csat"] * len(rated), pa.string()),
                "contact_id": pa.array([contact for contact, _ in rated], pa.int64()),
                "answered_at": pa.array(
                    [MONDAY + timedelta(hours=hour) for _, hour in rated], pa.timestamp("us", "UTC")
                ),
                "score": pa.array([5.0] * len(rated), pa.float64()),
            }
        ),
    }
    texts = {f"csat[credit=assignee_at_{name}]": name for name in expected}
    span = {"start": "2026-10-12", "end": "2026-10-15"}
    result = kpicore.measure(kpicore.open(tables), list(texts), ["agent"], **span)  # type: ignore[arg-type]
    credited: dict[str, dict[object, object]] = {"solve": {}, "rating": {}}
    for row in result.rows():
        if row["denominator"]:
            credited[texts[str(row["metric"])]][row["agent"]] = row["denominator"]
    assert credited == expected
