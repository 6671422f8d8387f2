"""Fixed anchors: in profile pay, who else is there changes nobody's score."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction as F
from random import Random

import pyarrow as pa
import pyarrow.compute as pc

import kpicore
from kpicore.scoring import Measured, Score, Scores, load_card, score
from kpicore.testing import generate_log

HEAD = (
    'id = "c"\nversion = "1"\nowner = "o"\nprofile = "pay"\nsubject = "agent"\nperiod = "month"\n'
    'provisional = "hold"\npenalty_cap = 9\n[missing]\nmin_coverage = 0\n'
)
GRADES = '[[grade]]\nname = "A"\nat_least = 60\n[[grade]]\nname = "B"\n'


def alone(score: Score) -> Score:
    """What concerns the subject alone: rank, rank set and tier say where it stands among the others.

    Reliability and shrunk values compare with the others and are shown only; no points rest on them.
    """
    lines = tuple(replace(line, reliability=None) for line in score.contributions)
    penalties = tuple(replace(line, reliability=None) for line in score.penalties)
    return replace(score, rank=None, rank_set=None, tier=None, contributions=lines, penalties=penalties)


def by_subject(scores: Scores) -> dict[object, Score]:
    return {one.subject: alone(one) for one in scores.scores}


def measured(random: Random, agents: Iterable[int]) -> list[Measured]:
    rows = []
    for agent in agents:
        for metric in ("m0", "m1", "m2", "minus"):
            value = None if random.random() < 0.15 else F(random.randint(0, 300), 3)
            ends = None if value is None else (value - random.randint(0, 9), value + 5)
            rows.append(
                Measured(
                    subject=(f"{agent:02}",),
                    metric=metric,
                    value=value,
                    interval=ends if random.random() < 0.7 else None,
                    reason="no_data" if value is None else None,
                )
            )
    return rows


def test_removing_or_adding_others_changes_no_score() -> None:
    random = Random(5)
    curve = "curve = { linear = { zero_at = 0, full_at = 100 } }\n"
    entries = "".join(
        f'[[group.entry]]\nid = "m{i}"\nmetric = "m{i}"\nweight = {weight}\n{curve}'
        for i, weight in enumerate((50, 30, 20))
    )
    minus = '[[penalty]]\nid = "minus"\nmetric = "minus"\ncurve = { events = { points_each = 1, cap = 9 } }\n'
    card = load_card(HEAD + '[[group]]\nid = "g"\nweight = 100\n' + entries + minus + GRADES)
    for _ in range(150):
        rows = measured(random, range(random.randint(2, 12)))
        kept = {row.subject for row in rows if random.random() < 0.4}
        whole = by_subject(score(card, rows))
        part = by_subject(score(card, [row for row in rows if row.subject in kept]))
        assert part == {subject: one for subject, one in whole.items() if subject in kept}


CARD = (
    HEAD
    + '[[group]]\nid = "g"\nweight = 100\n'
    + "".join(
        f'[[group.entry]]\nid = "{name}"\nmetric = "{metric}"\nweight = 25\n'
        f"curve = {{ linear = {{ zero_at = {zero}, full_at = {full} }} }}\n"
        for name, metric, zero, full in (
            ("calls", "calls_answered", 0, 200),
            ("aht", "average_handle_time", '"600s"', '"120s"'),
            ("tail", "average_handle_time[statistic=p90]", '"900s"', '"120s"'),
            ("transfers", "transfer_rate", '"30%"', 0),
        )
    )
    + GRADES
)


def doubled(tables: dict[str, pa.Table], agent: str) -> dict[str, pa.Table]:
    """The log with a twin of ``agent``, who had contacts of his own like those that nobody else touched."""
    events = tables["contact_events"]
    ids, agents = (events.column(name).cast(pa.string()) for name in ("contact_id", "agent_id"))
    own = set(ids.filter(pc.equal(agents, agent)).to_pylist())
    shared = set(ids.filter(pc.fill_null(pc.not_equal(agents, agent), False)).to_pylist())
    copied = pa.array(sorted(own - shared))
    assert len(copied) > 20
    found = dict(tables)
    for name in ("contacts", "contact_events"):
        table = tables[name]
        found[name] = with_twin(
            table, pc.is_in(table.column("contact_id").cast(pa.string()), value_set=copied)
        )
    for name in ("agents", "agent_states"):
        table = tables[name]
        found[name] = with_twin(table, pc.equal(table.column("agent_id").cast(pa.string()), agent))
    return found


def with_twin(table: pa.Table, chosen: pa.ChunkedArray) -> pa.Table:
    """The table and its ``chosen`` rows again, as those of the twin."""
    plain = [table.column(name).cast(pa.string()) for name in table.column_names if name.endswith("_id")]
    names = [name for name in table.column_names if name.endswith("_id")]
    for name, column in zip(names, plain, strict=True):
        table = table.set_column(table.column_names.index(name), name, column)
    twin = table.filter(pc.fill_null(chosen, False))
    for name in names:
        column = twin.column(name)
        other = (
            pa.array(["twin"] * len(twin))
            if "agent" in name
            else pc.binary_join_element_wise("x", column, "")
        )
        column = pc.if_else(column.is_valid(), other, column)
        twin = twin.set_column(twin.column_names.index(name), name, column)
    return pa.concat_tables([table, twin])


def test_a_twin_in_the_log_changes_no_score() -> None:
    tables = generate_log(agents=5, days=3, zone="UTC")
    kept = {name: tables[name] for name in ("contacts", "contact_events", "agents", "agent_states")}

    def scored(source: dict[str, pa.Table]) -> dict[object, Score]:
        log = kpicore.open(source, zone="UTC")
        return by_subject(kpicore.score(log, CARD, period="2026-10", root=None).scores)

    before, after = scored(kept), scored(doubled(kept, "a03"))
    twin = after.pop(("twin",))
    assert sum(one.total is not None for one in (*before.values(), twin)) > 4
    assert after == before
