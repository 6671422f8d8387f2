"""Appeals and decisions: who may decide, what changes, and that the old run stays as it was."""

from __future__ import annotations

import hashlib
import multiprocessing
from fractions import Fraction
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import kpicore
from kpicore.errors import DataError, UnknownNameError, UsageError
from kpicore.plugin.manager import load_plugins
from kpicore.runs import (
    Correction,
    Run,
    appeals,
    chain_of,
    decide,
    decide_appeal,
    diff,
    explain,
    open_appeal,
    open_run,
    read_audit,
    replay,
    verify,
)
from kpicore.runs.amend import amend
from kpicore.testing import generate_log

from .test_review import CARD

PLUGINS = load_plugins(third_party=False)
GRADED = CARD + '[[grade]]\nname = "A"\nat_least = 80\n[[grade]]\nname = "B"\n'


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log")
    for name, table in generate_log(agents=3, days=2, zone="UTC").items():
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


@pytest.fixture
def run(source: Path, tmp_path: Path) -> Run:
    log = kpicore.open(source, zone="UTC", plugins=PLUGINS)
    made = kpicore.score(log, GRADED, period="2026-10", root=tmp_path, plugins=PLUGINS)
    assert made.run is not None
    return made.run


def bytes_of(run: Run) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in run.path.iterdir()}


def contacts_of(run: Run, agent: str = "a01") -> list[str]:
    rows = explain(run, agent, PLUGINS, metric="answered").lines[0].rows
    return [row.contact for row in rows if row.contact is not None]


def test_an_accepted_appeal_makes_a_run_in_place_of_the_old(run: Run, tmp_path: Path) -> None:
    before, contact = bytes_of(run), contacts_of(run)[0]
    appeal = open_appeal(run, "a01", [Correction(contact=contact, reason="")], PLUGINS, reason="line broke")
    assert (appeal.id, appeal.state, appeal.by) == ("appeal-1", "open", "a01")
    done = decide_appeal(tmp_path, "appeal-1", PLUGINS, accept=True, reviewer="lead", reason="it did")
    assert done.new_run is not None
    new = verify(tmp_path / done.new_run)
    assert bytes_of(run) == before
    assert new.manifest.provenance.supersedes == run.id
    assert [each.id for each in chain_of(tmp_path, run)] == [run.id, new.id]
    assert contact not in contacts_of(new)
    assert len(contacts_of(new)) == len(contacts_of(run)) - 1
    ledger = new.table("ledger").to_pylist()
    assert {r["table"] for r in ledger if (r["status"], r["reason"]) == ("excluded", "appeal")} >= {
        "contacts"
    }
    assert replay(new, PLUGINS).same
    found = diff(run, new, PLUGINS)
    assert [cause.kind for cause in found.causes] == ["appeal"]
    assert "a01" in {change.subject for change in found.changes}
    assert [entry.action for entry in read_audit(tmp_path)] == [
        "published",
        "appeal_opened",
        "published",
        "appeal_accepted",
    ]
    with pytest.raises(UsageError, match="was superseded by"):
        open_appeal(run, "a01", [Correction(contact=contact, reason="")], PLUGINS, reason="again")


def test_two_accepted_appeals_add_up(run: Run, tmp_path: Path) -> None:
    first, second, *_ = contacts_of(run)
    for contact in (first, second):
        open_appeal(run, "a01", [Correction(contact=contact, reason="")], PLUGINS, reason="no")
    for identity in ("appeal-2", "appeal-1"):
        decide_appeal(tmp_path, identity, PLUGINS, accept=True, reviewer="lead", reason="yes")
    chain = chain_of(tmp_path, run)
    assert len(chain) == 3
    assert not {first, second} & set(contacts_of(chain[-1]))


def test_a_rejected_appeal_makes_nothing(run: Run, tmp_path: Path) -> None:
    open_appeal(run, "a01", [Correction(contact=contacts_of(run)[0], reason="")], PLUGINS, reason="no")
    done = decide_appeal(tmp_path, "appeal-1", PLUGINS, accept=False, reviewer="lead", reason="it counts")
    assert (done.state, done.new_run) == ("rejected", None)
    assert chain_of(tmp_path, run) == (run,)
    assert appeals(tmp_path) == (done,)
    with pytest.raises(UsageError, match="was rejected by lead already"):
        decide_appeal(tmp_path, "appeal-1", PLUGINS, accept=True, reviewer="other", reason="yes")


@pytest.mark.parametrize("reviewer", ["Colleague", "a01", " A01 ", ""])
def test_nobody_decides_about_himself(reviewer: str, run: Run, tmp_path: Path) -> None:
    asked = [Correction(contact=contacts_of(run)[0], reason="")]
    open_appeal(run, "a01", asked, PLUGINS, reason="no", by="colleague")
    with pytest.raises(UsageError):
        decide_appeal(tmp_path, "appeal-1", PLUGINS, accept=True, reviewer=reviewer, reason="yes")
    assert appeals(tmp_path)[0].state == "open"


@pytest.mark.parametrize(
    ("subject", "correction", "kind", "told"),
    [
        ("a01", Correction(contact="nobody's", reason=""), DataError, "no row of contact"),
        ("a99", Correction(contact="x", reason=""), UnknownNameError, "has no score"),
        ("a01", None, UsageError, "asks for nothing"),
    ],
)
def test_an_appeal_that_cannot_be_met_is_refused(
    subject: str, correction: Correction | None, kind: type[Exception], told: str, run: Run, tmp_path: Path
) -> None:
    with pytest.raises(kind, match=told):
        open_appeal(run, subject, [correction] if correction else [], PLUGINS, reason="no")
    assert appeals(tmp_path) == ()


def test_a_correction_changes_one_value(source: Path) -> None:
    log = kpicore.open(source, zone="UTC", plugins=PLUGINS)
    surveys = log.tables["surveys"]
    answered = surveys.filter(pc.is_valid(surveys.column("score")))
    contact = answered.column("contact_id")[0].as_py()

    def correct(column: str, value: str | None, table: str = "surveys") -> pa.Table:
        asked = Correction(
            contact=contact, table=table, column=column, value=value, reason="", appeal="appeal-1"
        )
        return amend(log, [asked]).tables[table]

    mended = correct("score", "1")
    assert mended.schema == surveys.schema
    for before, after in zip(surveys.to_pylist(), mended.to_pylist(), strict=True):
        assert after == (before | {"score": 1} if before["contact_id"] == contact else before)
    agents = correct("agent_id", "new one", "contacts")
    assert agents.schema == log.tables["contacts"].schema
    mine = pc.equal(agents.column("contact_id").cast(pa.string()), contact)
    assert agents.filter(mine).column("agent_id").to_pylist() == ["new one"]
    assert correct("score", None).column("score").null_count > surveys.column("score").null_count
    assert correct("direction", "outbound", "contacts").schema == log.tables["contacts"].schema
    for column, value, table, told in (
        ("score", "many", "surveys", "cannot be 'many'"),
        ("colour", "red", "surveys", "no column 'colour'"),
        ("direction", "sideways", "contacts", "has no value 'sideways'"),
        ("score", "1", "sales", "no table 'sales'"),
    ):
        with pytest.raises(UsageError, match=told):
            correct(column, value, table)


def test_rows_taken_back_keep_the_account_in_balance(source: Path) -> None:
    log = kpicore.open(source, zone="UTC", plugins=PLUGINS)
    contact = log.tables["contacts"].column("contact_id")[0].as_py()
    mended = amend(log, [Correction(contact=contact, reason="", appeal="appeal-1")])
    for name, table in log.tables.items():
        left_out = len(table) - len(mended.tables[name])
        told = mended.ledger.rows("excluded", table=name).get("appeal", 0)
        assert told == left_out
        assert sum(mended.ledger.rows("used", table=name).values()) == len(mended.tables[name])
    assert log.ledger.rows("excluded").get("appeal", 0) == 0


def test_a_decision_stands_beside_the_computed_score(run: Run, tmp_path: Path) -> None:
    before = bytes_of(run)
    made = decide(run, "a01", by="boss", reason="two sick weeks", grade="B", total=Fraction(161, 2))
    assert bytes_of(run) == before
    assert verify(made.path).manifest.provenance.supersedes == run.id
    rows = {row["agent"]: row for row in made.table("scores").to_pylist()}
    decided = {name: rows["a01"][name] for name in rows["a01"] if name.startswith("decided")}
    assert decided == {
        "decided_by": "boss",
        "decided_grade": "B",
        "decided_total": "80.5",
        "decided_because": "two sick weeks",
    }
    assert (
        made.table("scores")
        .select(["agent", "total", "grade", "rank"])
        .equals(run.table("scores").select(["agent", "total", "grade", "rank"]))
    )
    assert replay(open_run(made.path), PLUGINS).same
    again = decide(made, "a01", by="boss", reason="thought again", grade="A")
    assert replay(again, PLUGINS).same
    assert [entry.action for entry in read_audit(tmp_path)] == ["published", "decided", "decided"]


@pytest.mark.parametrize(
    ("subject", "more", "kind", "told"),
    [
        ("a01", {}, UsageError, "nothing is decided"),
        ("a01", {"grade": "Z"}, UsageError, "no grade 'Z'"),
        ("a01", {"grade": "A", "by": " "}, UsageError, "who made it"),
        ("a99", {"grade": "A"}, UnknownNameError, "has no score"),
    ],
)
def test_a_decision_that_says_nothing_is_refused(
    subject: str, more: dict[str, str], kind: type[Exception], told: str, run: Run
) -> None:
    with pytest.raises(kind, match=told):
        decide(run, subject, **({"by": "boss", "reason": "so"} | more))  # type: ignore[arg-type]


def test_a_late_correction_posts_its_difference_once(run: Run, source: Path, tmp_path: Path) -> None:
    open_appeal(run, "a01", [Correction(contact=contacts_of(run)[0], reason="")], PLUGINS, reason="no")
    new = decide_appeal(tmp_path, "appeal-1", PLUGINS, accept=True, reviewer="lead", reason="yes").new_run
    assert new is not None
    corrected = open_run(tmp_path / new)
    log = kpicore.open(source, zone="UTC", plugins=PLUGINS)

    def later(*runs: Run) -> Run:
        made = kpicore.score(log, GRADED, period="2026-11", root=tmp_path, plugins=PLUGINS, corrected=runs)
        assert made.run is not None
        return made.run

    with pytest.raises(UsageError, match="supersedes no run"):
        later(run)
    posted = later(corrected)
    changes = {c.subject: c.by_all for c in diff(run, corrected, PLUGINS).changes if c.by_all}
    assert changes
    rows = posted.table("postings").to_pylist()
    assert {row["subject"]: Fraction(row["points"]) for row in rows} == changes
    assert {(row["before"], row["after"]) for row in rows} == {(run.id, corrected.id)}
    assert {each.points for each in explain(posted, "a01", PLUGINS).postings} <= set(changes.values())
    assert replay(posted, PLUGINS).same
    with pytest.raises(UsageError, match="were posted in"):
        later(corrected)


def _accept(root: Path, identity: str, reviewer: str, start: Barrier, said: SimpleQueue[str]) -> None:
    start.wait()
    try:
        decide_appeal(root, identity, PLUGINS, accept=True, reviewer=reviewer, reason="yes")
    except UsageError as error:
        said.put(error.message)
    else:
        said.put("accepted")


@pytest.mark.parametrize("identities", [("appeal-1", "appeal-1"), ("appeal-1", "appeal-2")])
def test_two_reviewers_at_once(identities: tuple[str, str], run: Run, tmp_path: Path) -> None:
    """One appeal is accepted once, by one run; of two appeals the later run supersedes the earlier."""
    for contact in contacts_of(run)[:2]:
        open_appeal(run, "a01", [Correction(contact=contact, reason="")], PLUGINS, reason="no")
    processes = multiprocessing.get_context("spawn")
    start, said = processes.Barrier(2), processes.SimpleQueue()
    reviewers = [
        processes.Process(target=_accept, args=(tmp_path, identity, reviewer, start, said))
        for identity, reviewer in zip(identities, ("lead", "head"), strict=True)
    ]
    for each in reviewers:
        each.start()
    for each in reviewers:
        each.join()
    words = sorted(said.get() for _ in reviewers)
    entered = [str(e.details["new_run"]) for e in read_audit(tmp_path) if e.action == "appeal_accepted"]
    assert [each.id for each in chain_of(tmp_path, run)] == [run.id, *entered]
    published = [e.run for e in read_audit(tmp_path) if e.action == "published"]
    assert published == [run.id, *entered]
    assert len(entered) == len(set(identities))
    if len(entered) == 1:
        assert words[0] == "accepted"
        assert "was accepted by" in words[1]
    else:
        assert words == ["accepted", "accepted"]
