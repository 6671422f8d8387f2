"""What a report shows is what the run holds, and a report for one person holds no other's figures."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pytest

from kpicore.errors import StorageError, UnknownNameError, UsageError, VerificationError
from kpicore.report import (
    build_report,
    each_report,
    matters_of,
    render_document,
    render_html,
    split_report,
    write_report,
)
from kpicore.report.overview import summary_of
from kpicore.runs import Run, keep
from tests.oracles.made_runs import CARD, Made, make_run

PEOPLE = [Made(id=f"zq{i}x", name=f"Name-{chr(0x4E00 + i * 37)}-{i}y") for i in range(9)]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make_run(tmp_path_factory.mktemp("runs"), PEOPLE, months=6)


def test_people_stand_by_rank_with_the_lines_of_the_run(run: Run) -> None:
    report = build_report(run)
    scores = {row["agent"]: row for row in run.table("scores").to_pylist()}
    assert [one.standing.rank for one in report.people] == sorted(row["rank"] for row in scores.values())
    for person in report.people:
        row = scores[person.id]
        assert (person.standing.total, person.standing.grade) == (row["total"], row["grade"])
        assert [line.kpi for line in person.lines][:5] == [
            "satisfaction",
            "transfers",
            "coaching",
            "handle_time",
            "calls",
        ]
        weighted = sum(line.exact_contribution or 0 for line in person.lines if line.kind == "entry")
        standing = person.standing
        assert standing.exact == weighted + Fraction(standing.bonus) - Fraction(standing.penalty)
        assert len(person.lines[0].trend) == 6
    assert {one.id: one.name for one in report.people} == {one.id: one.name for one in PEOPLE}


def test_what_is_said_of_all_is_true(run: Run) -> None:
    report = build_report(run)
    for kpi in report.kpis:
        lines = [x for p in report.people for x in p.lines if (x.kind, x.kpi) == (kpi.kind, kpi.id)]
        assert len(lines) == len(PEOPLE)
        assert kpi.spread is not None
        assert sum(kpi.spread.counts) == len(PEOPLE)
        assert kpi.average == pytest.approx(sum(float(x.contribution or 0) for x in lines) / len(lines))
        values = [float(x.value) for x in lines if x.value is not None]
        assert kpi.spread.edges[0] <= min(values)
        assert max(values) < kpi.spread.edges[-1]
    csat = report.kpis[0]
    counts = [(x.lines[0].numerator, x.lines[0].denominator) for x in report.people]
    assert csat.funnel is not None
    assert csat.funnel.centre == pytest.approx(
        sum(k or 0 for k, _ in counts) / sum(n or 0 for _, n in counts)
    )
    assert [k.funnel is not None for k in report.kpis] == [True, True, False, False, False, False]
    calls = report.kpis[4]
    last = [p.lines[4].trend[-1].value or 0 for p in report.people]
    assert calls.tally
    assert calls.team_trend[-1].value == pytest.approx(sum(last) / len(last))


def test_signs_are_shown_to_whom_they_are_about(run: Run) -> None:
    told = "contacts of less than 10 s of talk: 40 of 200 (20.0 %; in the team 3.4 %)"
    assert told in render_html(build_report(run, subject=PEOPLE[0].id))
    assert "Questions to ask" not in render_html(build_report(run, subject=PEOPLE[1].id))
    assert sum(len(one.signs) for one in build_report(run).people) == 1


def test_an_older_run_shows_the_parts_it_has(tmp_path: Path) -> None:
    report = build_report(make_run(tmp_path, PEOPLE[:2], older=True))
    assert report.absent == ("trend", "definitions", "exemplars")
    assert [one.name for one in report.people] == ["", ""]
    assert report.people[0].id in (html := render_html(report))
    assert "has no trend, definitions, exemplars" in html


@pytest.mark.parametrize("subject", [PEOPLE[0].id, PEOPLE[5].id])
def test_the_file_of_one_person_names_no_other(run: Run, subject: str) -> None:
    html = render_html(build_report(run, subject=subject))
    report = build_report(run, subject=subject)
    assert subject in html
    assert [one.id for one in report.people] == [subject]
    assert report.neighbours == ()
    for other in PEOPLE:
        if other.id != subject:
            assert other.id not in html
            assert other.name not in html
    assert "calls-of-everyone.csv" not in html
    assert {row.source for row in report.ledger} | {one.name for one in report.making.inputs} == {""}
    assert f"note {PEOPLE.index(next(o for o in PEOPLE if o.id == subject))}" in html
    own = [each.contact for line in report.people[0].lines for each in line.exemplars]
    assert len(own) == 12
    assert set(re.findall(r"\bc\d{3}-\w+", html)) == set(own)
    assert html.count("note ") == 1 + html.count('role="note "')


def test_the_file_of_one_person_depends_on_others_only_through_what_is_said_of_all(tmp_path: Path) -> None:
    """Others change ids, names and places; whoever they are, the file is the same but for hashes."""
    others = [
        Made(id=f"{chr(97 + i)}{one.id}", name=f"other {i}", team="Elsewhere")
        for i, one in enumerate(PEOPLE[1:])
    ]
    runs = [make_run(tmp_path / str(i), [PEOPLE[0], *rest]) for i, rest in enumerate((PEOPLE[1:], others))]
    files = []
    for one in runs:
        html = render_html(build_report(one, subject=PEOPLE[0].id))
        made = one.manifest
        for changing in (one.id, made.content_hash, made.created_at):
            html = html.replace(changing, "")
        files.append(html)
    assert runs[0].manifest.content_hash != runs[1].manifest.content_hash
    assert files[0] == files[1]


def test_numbers_of_others_are_nowhere_in_the_model(run: Run) -> None:
    """Whatever number of another occurs is one of his own, or a round number on an axis."""
    subject = PEOPLE[3].id
    told = repr(build_report(run, subject=subject))
    own = repr(next(one for one in build_report(run).people if one.id == subject))
    checked = 0
    for other in build_report(run).people:
        if other.id == subject:
            continue
        numbers = [repr(other.standing.total), repr(other.standing.exact)]
        for line in other.lines:
            numbers += [repr(line.value), repr(line.low), repr(line.exact_contribution)]
            numbers += [repr(float(x)) for x in (line.value, line.points, line.contribution) if x is not None]
            numbers += [f"value={point.value!r}," for point in line.trend]
        for number in numbers:
            if len(number) > 14 and number not in own:  # shorter ones are anybody's
                checked += 1
                assert number not in told
    assert checked > 100


def test_so_few_people_that_a_figure_on_all_would_tell_of_one(tmp_path: Path) -> None:
    run = make_run(tmp_path, PEOPLE[:5])
    report = build_report(run, subject=PEOPLE[0].id)
    assert {(k.spread, k.average, k.funnel) for k in report.kpis} == {(None, None, None)}
    assert {reason for k in report.kpis for reason in k.suppressed.values()} == {"small_group"}
    points = [point for k in report.kpis for point in k.team_trend]
    assert {(p.value, p.low, p.n, p.reason) for p in points} == {(None, None, None, "small_group")}
    assert report.people[0].standing.rank is None
    assert [sign.common for sign in report.people[0].signs] == [None]
    html = render_html(report)
    assert "so few people" in html
    assert "; in the team" not in html
    whole = build_report(run)
    assert all(k.spread is not None and k.suppressed == {} for k in whole.kpis)
    assert "so few people" not in render_html(whole)


def test_the_card_says_how_few_are_too_few(tmp_path: Path) -> None:
    """To those who see all it is fewer than ``min_group`` people, to one of them fewer others than that."""
    for smallest, to_all, to_one in ((3, True, True), (4, True, True), (5, True, False), (6, False, False)):
        card = f"{CARD}\n[report]\nmin_group = {smallest}\n"
        run = make_run(tmp_path / str(smallest), PEOPLE[:5], card=card)
        for subject, told in ((None, to_all), (PEOPLE[0].id, to_one)):
            report = build_report(run, subject=subject)
            assert report.small_group is not told
            for kpi in report.kpis:
                assert (kpi.spread is not None, kpi.average is not None) == (told, told)
                assert {p.value is not None for p in kpi.team_trend} <= {told}
                assert {p.reason for p in kpi.team_trend} <= {None if told else "small_group"}
            assert ("so few people" in render_html(report)) is not told
            assert subject is not None or (summary_of(report).median is not None) is told
            assert all(one.standing.rank is not None for one in report.people) is (told or subject is None)


def test_reasons_are_in_the_tables_and_the_document(tmp_path: Path) -> None:
    report = build_report(make_run(tmp_path, PEOPLE[:4]))
    trend = next(matter for matter in matters_of(report) if matter.id == "trend")
    value, why = trend.headers.index("Value"), trend.headers.index("Reason")
    whole = [row for row in trend.rows if row[1] == "all together"]
    assert whole
    assert {row[value] for row in whole} == {None}
    assert all("so few people" in str(row[why]) for row in whole)
    told = json.loads(render_document(report))["report"]
    assert {point["reason"] for kpi in told["kpis"] for point in kpi["team_trend"]} == {"small_group"}
    assert told["kpis"][0]["suppressed"] == dict.fromkeys(("spread", "average", "funnel"), "small_group")


def test_a_line_or_a_period_of_few_is_left_out_for_itself(run: Run) -> None:
    """Nine are in the run, but one line rests on five of them, and one month of another too."""
    few = {one.id for one in PEOPLE[:5]}

    def unknown(row: dict[str, object], emptied: bool) -> dict[str, object]:
        gone = emptied and row["agent"] not in few
        return (
            row | ({"value": None, "contribution": None} if gone else {})
            if "contribution" in row
            else (row | ({"value": None} if gone else {}))
        )

    trend, lines = run.table("trend"), run.table("contributions")
    month = max(row["period"] for row in trend.to_pylist())
    calls = next(k for k in build_report(run).kpis if k.team_trend and k.spread is not None)
    other = next(k for k in build_report(run).kpis if k.spread is not None and k.id != calls.id)
    changed = {
        "trend": [
            unknown(row, (row["metric"], row["period"], row["scope"]) == (calls.metric, month, "subject"))
            for row in trend.to_pylist()
        ],
        "contributions": [unknown(row, row["entry"] == other.id) for row in lines.to_pylist()],
    }
    tables = {name: run.table(name) for name in run.tables}
    tables |= {name: pa.Table.from_pylist(rows, tables[name].schema) for name, rows in changed.items()}
    made = keep(run.path.parent, provenance=run.manifest.provenance, tables=tables, card=run.card)
    own = {k.id: k for k in build_report(made, subject=PEOPLE[0].id).kpis}
    whole = {k.id: k for k in build_report(made).kpis}
    assert (own[other.id].spread, own[other.id].average, own[other.id].funnel) == (None, None, None)
    assert whole[other.id].spread is not None
    told = [point.period for point in own[calls.id].team_trend if point.value is not None]
    assert told
    assert month not in told
    assert month in [point.period for point in whole[calls.id].team_trend]
    assert own[calls.id].spread is not None


def test_the_card_may_allow_names_and_ranks_of_others(tmp_path: Path) -> None:
    run = make_run(tmp_path, PEOPLE, card=f"{CARD}\n[report]\nothers = true\n")
    report = build_report(run, subject=PEOPLE[0].id)
    assert {one.name for one in report.neighbours} == {one.name for one in PEOPLE[1:]}
    html = render_html(report)
    assert all(one.name in html for one in PEOPLE)
    assert not any(one.id in html for one in PEOPLE[1:])


def test_one_file_for_each_under_names_that_are_not_data(tmp_path: Path) -> None:
    people = [Made(id="../../evil", name="x"), Made(id="a/b", name="y"), Made(id="c\x1b[31m", name="z")]
    run = make_run(tmp_path / "runs", people)
    files = split_report(run, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "agent-0001.html",
        "agent-0002.html",
        "agent-0003.html",
    ]
    assert {path.name for path in tmp_path.iterdir()} == {"runs", "out"}
    assert set(files) == {"../../evil", "a/b", "c\x1b[31m"}
    for subject, report in each_report(run):
        assert files[subject].read_text("utf-8") == render_html(report)
        assert report == build_report(run, subject=subject)
    with pytest.raises(StorageError, match="exists already"):
        split_report(run, tmp_path / "out")


def test_what_cannot_be_reported(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"(?s)no agent 'zq0'.*zq0x"):
        build_report(run, subject="zq0")
    bare = keep(tmp_path / "bare", provenance=run.manifest.provenance, tables={"values": run.table("values")})
    with pytest.raises(UsageError, match="has no scores"):
        build_report(bare)
    with pytest.raises(StorageError, match="could not be written"):
        write_report(run, tmp_path / "missing" / "a.html")


def test_a_run_that_was_changed_is_not_reported(tmp_path: Path) -> None:
    run = make_run(tmp_path / "runs", PEOPLE[:2])
    assert run.report(tmp_path / "a.html") == tmp_path / "a.html"
    file = run.path / "card.toml"
    file.write_text(file.read_text("utf-8").replace("weight = 60", "weight = 61"), "utf-8")
    with pytest.raises(VerificationError):
        run.report(tmp_path / "b.html")
    assert not (tmp_path / "b.html").exists()


def test_totals_are_decimals_as_the_card_rounds_them(run: Run) -> None:
    assert all(isinstance(one.standing.total, Decimal) for one in build_report(run).people)
