"""The law kit finds what is wrong with plugins that break its laws, and nothing wrong with others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pytest

from kpicore.plugin import (
    Adapter,
    Choice,
    Custom,
    Direction,
    Extremum,
    Feed,
    Integer,
    Metric,
    Outcome,
    Ratio,
    RowTally,
    Settings,
    Source,
    State,
    Statistic,
    Tally,
    Weighting,
    WeightingInput,
    col,
    count,
    maximum,
    total,
)
from kpicore.testing import LawBroken, check_adapter, check_metric, check_weighting, generate_log

Build = Callable[[Settings], Statistic]


def metric(build: Build) -> Metric:
    return Metric(
        name="probe",
        zh="试",
        unit="ratio",
        direction=Direction.HIGHER,
        definition="a probe",
        needs=("contacts",),
        build=build,
    )


@pytest.fixture(scope="module")
def log() -> dict[str, pa.Table]:
    return generate_log(agents=2, days=2)


def opened(p: Settings) -> Statistic:
    return Tally(measure=count("contacts"))


def test_a_lawful_metric_passes(log: dict[str, pa.Table]) -> None:
    result = check_metric(metric(opened), log, by=["queue"], zone="Asia/Shanghai")
    assert result.to_arrow().num_rows == 8
    first = sum(at.date().isoformat() == "2026-10-12" for at in log["contacts"]["opened_at"].to_pylist())
    check_metric(metric(opened), log, [{"period": "2026-10-12", "value": first, "n": first}])


calls = {"number": 0}


def fickle(p: Settings) -> Statistic:
    calls["number"] += 1
    return Tally(measure=count("contacts"), scale=Fraction(calls["number"]))


def unknown_column(p: Settings) -> Statistic:
    return Tally(measure=count("contacts", where=col("colour").is_("red")))


def unknown_table(p: Settings) -> Statistic:
    return Tally(measure=count("figures"))


def no_statistic(p: Settings) -> Statistic:
    return "many"  # type: ignore[return-value]


def divide_by_nothing(state: State) -> Outcome:
    nan = pa.array([float("nan")] * len(state["n"]))
    return Outcome(value=nan, n=state["n"])


def not_a_number(p: Settings) -> Statistic:
    return Custom(measures={"n": count("contacts")}, finalize=divide_by_nothing)


def zero_for_nothing(state: State) -> Outcome:
    return Outcome(value=state["n"].cast(pa.float64()), n=state["n"])


def zero_where_undefined(p: Settings) -> Statistic:
    return Custom(measures={"n": count("contacts")}, finalize=zero_for_nothing)


BROKEN: Mapping[str, tuple[Build, str]] = {
    "fickle": (fickle, "it builds the same"),
    "unknown_column": (unknown_column, "colour"),
    "unknown_table": (unknown_table, "the log has what its default form needs"),
    "no_statistic": (no_statistic, "gave str, no statistic"),
    "not_a_number": (not_a_number, "gave a value that is not finite"),
    "zero_where_undefined": (zero_where_undefined, "without rows the value is None"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_metric_that_breaks_a_law_is_found_out(log: dict[str, pa.Table], kind: str) -> None:
    build, message = BROKEN[kind]
    with pytest.raises(LawBroken, match=rf"probe: [\s\S]*{message}"):
        check_metric(metric(build), log)


def choosy(p: Settings) -> Statistic:
    if p.word("rule") == "bad":
        raise ValueError("not thought of")
    return Tally(measure=count("contacts"))


def test_every_choice_is_built(log: dict[str, pa.Table]) -> None:
    rule = Choice(name="rule", doc="which", values=("good", "bad"), default="good")
    with pytest.raises(LawBroken, match=r"probe\[rule=bad\] builds a statistic .*not thought of"):
        check_metric(replace(metric(choosy), parameters=(rule,)), log)


def test_texts_are_not_empty(log: dict[str, pa.Table]) -> None:
    with pytest.raises(LawBroken, match="zh is not empty"):
        check_metric(replace(metric(opened), zh=" "), log)
    with pytest.raises(LawBroken, match="the parameter k is documented"):
        check_metric(replace(metric(opened), parameters=(Integer(name="k", doc="", default="1"),)), log)


def test_expected_rows_are_looked_for(log: dict[str, pa.Table]) -> None:
    with pytest.raises(LawBroken, match=r"value in .*found"):
        check_metric(metric(opened), log, [{"period": "2026-10-12", "value": 1.5}])
    with pytest.raises(LawBroken, match="it has 0"):
        check_metric(metric(opened), log, [{"period": "1999", "value": 1.5}])


def longest(p: Settings) -> Statistic:
    return Extremum(measure=maximum("contacts", col("closed_at") - col("opened_at")))


def mean(p: Settings) -> Statistic:
    length = col("closed_at") - col("opened_at")
    return Ratio(numerator=total("contacts", length), denominator=count("contacts"))


@pytest.mark.parametrize("build", [longest, mean])
def test_other_statistics_pass(log: dict[str, pa.Table], build: Build) -> None:
    check_metric(metric(build), log)


@pytest.mark.parametrize(
    ("name", "by"), [("service_level", "queue"), ("average_handle_time", "agent"), ("transfer_rate", "queue")]
)
def test_metrics_of_our_own_pass(name: str, by: str) -> None:
    check_metric(name, by=[by])


def reading(make: Callable[[Path], Iterable[Feed]]) -> Adapter:
    def open_files(source: Source) -> Iterable[Feed]:
        return make(source.paths[0])

    def recognises(path: Path) -> bool:
        return path.suffix == ".states"

    return Adapter(
        name="probe",
        doc="states, one per line",
        open=open_files,
        recognises=recognises,
        tables=("agent_states",),
    )


def feed(
    path: Path, *, table: str = "agent_states", lost: int = 0, state: str = "available", **more: pa.Array
) -> Feed:
    agents = path.read_text().split()
    columns = {
        "agent_id": pa.array(agents),
        "at": pa.array(range(len(agents)), pa.timestamp("us", "UTC")),
        "state": pa.array([state] * len(agents)),
    }
    tally = RowTally(rows_in=len(agents) + lost)
    return Feed(source=path.name, table=table, data=pa.table(columns | more), tally=tally)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "today.states").write_text("ann\nbob\n")
    return tmp_path / "today.states"


def test_a_lawful_adapter_passes(path: Path) -> None:
    log = check_adapter(reading(lambda path: [feed(path)]), path, {"agent_states": 2})
    assert log.tables["agent_states"]["agent_id"].to_pylist() == ["ann", "bob"]


opened_before: list[Path] = []


def growing(path: Path) -> Iterable[Feed]:
    opened_before.append(path)
    return [feed(path, reason=pa.array([str(len(opened_before))] * 2))]


BAD_ADAPTERS: Mapping[str, tuple[Callable[[Path], Iterable[Feed]], str]] = {
    "loses rows": (lambda path: [feed(path, lost=1)], "3 rows came in"),
    "other table": (lambda path: [feed(path, table="messages")], "its files can be opened"),
    "undeclared": (
        lambda path: [Feed(source="x", table="customers", data=pa.table({"customer_id": ["a"]}))],
        "it delivers what it declares: customers",
    ),
    "further columns": (lambda path: [feed(path, mood=pa.array(["a", "b"]))], "dropped_column:mood"),
    "invalid": (lambda path: [feed(path, track=pa.array(["x", None]))], "validation finds nothing to reject"),
    "nothing": (lambda path: [], "it delivers something"),
    "raises": (lambda path: [][0], "IndexError"),
    "not the same twice": (growing, "opened again, it delivers the same"),
    "other number": (lambda path: [feed(path)], "agent_states has 3 rows: found 2"),
}


@pytest.mark.parametrize("kind", BAD_ADAPTERS)
def test_an_adapter_that_breaks_a_law_is_found_out(path: Path, kind: str) -> None:
    make, message = BAD_ADAPTERS[kind]
    with pytest.raises(LawBroken, match=rf"probe: [\s\S]*{message}"):
        check_adapter(reading(make), path, {"agent_states": 3} if kind == "other number" else None)


def test_recognising_is_checked(path: Path, tmp_path: Path) -> None:
    lawful = reading(lambda path: [feed(path)])
    with pytest.raises(LawBroken, match="it recognises nothing that is not there"):
        check_adapter(replace(lawful, recognises=lambda path: True), path)
    other = tmp_path / "today.txt"
    other.write_text("ann\n")
    with pytest.raises(LawBroken, match=r"it recognises today\.txt"):
        check_adapter(lawful, other)
    check_adapter(lawful, other, recognised=False)


def weighing(
    weigh: Callable[[WeightingInput], Mapping[str, Fraction]], *, data_driven: bool = False
) -> Weighting:
    return Weighting(
        name="probe", zh="试", doc="a probe", data_driven=data_driven, peer_relative=False, weigh=weigh
    )


def by_coverage(given: WeightingInput) -> Mapping[str, Fraction]:
    known = {e: Fraction(1 + sum(v is not None for v in own.values())) for e, own in given.points.items()}
    return {entry: share / sum(known.values()) for entry, share in known.items()}


def by_first_subject(given: WeightingInput) -> Mapping[str, Fraction]:
    firsts = {e: next(iter(own.values()), None) or Fraction(1) for e, own in given.points.items()}
    return {entry: share / sum(firsts.values()) for entry, share in firsts.items()}


BAD_SCHEMES: Mapping[str, tuple[Weighting, str]] = {
    "lacks": (weighing(lambda given: {}), "a share for every entry"),
    "too much": (weighing(lambda given: dict.fromkeys(given.entries, Fraction(1))), "exactly 1 in sum"),
    "inexact": (
        weighing(lambda given: {e: 1 / len(given.entries) for e in given.entries}),  # type: ignore[misc]
        "exact and not neg",
    ),
    "secretly data-driven": (weighing(by_coverage), "it reads no points, as it says"),
    "by order": (weighing(by_first_subject, data_driven=True), "the order of subjects means nothing"),
    "raises": (weighing(lambda given: given.stated), "a share for every entry"),
}


@pytest.mark.parametrize("kind", BAD_SCHEMES)
def test_a_scheme_that_breaks_a_law_is_found_out(kind: str) -> None:
    scheme, message = BAD_SCHEMES[kind]
    with pytest.raises(LawBroken, match=f"probe: {message}|probe: shares are {message}"):
        check_weighting(scheme)


def test_lawful_schemes_pass() -> None:
    check_weighting(weighing(by_coverage, data_driven=True))
    given = WeightingInput(entries=("a", "b"), stated={}, points={"a": {}, "b": {}})
    half = {"a": Fraction(1, 2), "b": Fraction(1, 2)}
    check_weighting(weighing(by_coverage, data_driven=True), half, given=given)
    with pytest.raises(LawBroken, match="the shares are those expected"):
        check_weighting(
            weighing(by_coverage, data_driven=True), {"a": Fraction(1), "b": Fraction(0)}, given=given
        )
