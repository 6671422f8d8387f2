"""The schemes against formulas by hand and the laws of kpicore; what cannot be compared does no harm."""

from __future__ import annotations

from fractions import Fraction as F
from math import log, sqrt

import kpicore_mcda
import numpy as np
import pytest
from kpicore_mcda.schemes import WEIGHTINGS
from pyrepo_mcda.mcda_methods import TOPSIS
from pyrepo_mcda.weighting_methods import critic_weighting

import kpicore
from kpicore.plugin import Settings, Weighting, WeightingInput
from kpicore.scoring import Measured, load_card, score
from kpicore.testing import check_weighting

SCHEMES = {scheme.name: scheme for scheme in WEIGHTINGS}
TABLE = {"a": (80, 20, 50), "b": (60, 90, 50), "c": (70, 40, 50), "d": (90, 10, 50)}


def given(table: dict[str, tuple[int | None, ...]], **settings: str) -> WeightingInput:
    entries = tuple(f"e{i}" for i in range(len(next(iter(table.values())))))
    return WeightingInput(
        entries=entries,
        stated={},
        points={
            name: {(who,): None if row[i] is None else F(row[i] or 0) for who, row in table.items()}
            for i, name in enumerate(entries)
        },
        settings=Settings({"weights": "equal", **settings}),
    )


@pytest.mark.parametrize("scheme", WEIGHTINGS, ids=lambda scheme: scheme.name)
def test_the_laws(scheme: Weighting) -> None:
    assert scheme.data_driven
    assert scheme.peer_relative
    check_weighting(scheme)


def by_hand(name: str) -> list[float]:
    """The weights of the first two entries, from the formulas; the third is constant and weighs nothing."""
    columns = [[float(row[i]) for row in TABLE.values()] for i in range(2)]
    n = len(TABLE)

    def deviation(column: list[float]) -> float:
        return sqrt(sum((x - sum(column) / n) ** 2 for x in column) / n)

    if name == "entropy":
        parts = [[x / sum(column) for x in column] for column in columns]
        raw = [1 + sum(p * log(p) for p in part) / log(n) for part in parts]
    elif name == "critic":
        scaled = [[(x - min(c)) / (max(c) - min(c)) for x in c] for c in columns]
        r = float(np.corrcoef(scaled)[0, 1])
        raw = [deviation(c) * (1 - r) for c in scaled]
    elif name == "gini":
        raw = [sum(abs(x - y) for x in c for y in c) / (2 * n * sum(c)) for c in columns]
    else:
        raw = [deviation(c) for c in columns]
    return [value / sum(raw) for value in raw]


@pytest.mark.parametrize("name", ["entropy", "critic", "standard-deviation", "gini"])
def test_the_weights_are_those_of_the_formula(name: str) -> None:
    shares = SCHEMES[name].weigh(given(TABLE))
    assert [float(shares["e0"]), float(shares["e1"])] == pytest.approx(by_hand(name), abs=1e-11)
    assert shares["e2"] == 0


def test_topsis_is_the_closeness_to_the_best() -> None:
    scheme = SCHEMES["topsis"]
    table = {"best": (100, 90), "worst": (10, 20), "middle": (55, 55), "incomplete": (None, 90)}
    shares = scheme.weigh(given(table))
    assert shares == {"e0": F(1, 2), "e1": F(1, 2)}
    assert scheme.appraise is not None
    found = scheme.appraise(given(table), shares)
    assert found == {("best",): 1, ("worst",): 0, ("middle",): F(1, 2)}


@pytest.mark.parametrize("weights", ["entropy", "critic", "standard-deviation", "gini"])
def test_topsis_takes_the_weights_of_another_scheme(weights: str) -> None:
    assert SCHEMES["topsis"].weigh(given(TABLE, weights=weights)) == SCHEMES[weights].weigh(given(TABLE))


def test_the_library_alone_turns_scores_into_nan_silently() -> None:
    """The reason for our own checks; where this fails, the library has learned better."""
    hole = np.array([[1.0, np.nan], [2.0, 5.0], [3.0, 4.0]])
    with np.errstate(all="ignore"):
        assert np.isnan(critic_weighting(hole)).all()
        assert np.isnan(TOPSIS()(hole, np.array([0.5, 0.5]), np.ones(2))).any()


@pytest.mark.parametrize("scheme", WEIGHTINGS, ids=lambda scheme: scheme.name)
@pytest.mark.parametrize(
    ("table", "shares"),
    [
        ({"a": (1, 2)}, [F(1, 2)] * 2),
        ({"a": (5, 5), "b": (5, 5)}, [F(1, 2)] * 2),
        ({"a": (5, 1), "b": (5, 9)}, [0, 1]),
        ({"a": (None, 1), "b": (None, 9)}, [0, 1]),
        ({"a": (None, 1), "b": (2, None)}, [F(1, 2)] * 2),
        ({"a": (1, 1), "b": (3, 3), "c": (2, 2)}, [F(1, 2)] * 2),
    ],
    ids=["one subject", "constant", "one constant", "one missing", "nobody complete", "all the same"],
)
def test_what_cannot_be_compared_gives_usable_shares(
    scheme: Weighting, table: dict[str, tuple[int | None, ...]], shares: list[F]
) -> None:
    assert list(scheme.weigh(given(table)).values()) == shares


@pytest.mark.parametrize("name", ["entropy", "gini"])
def test_negative_points_are_refused_where_they_mean_nothing(name: str) -> None:
    with pytest.raises(ValueError, match=f"'e1' has points below 0, for which {name} is not defined"):
        SCHEMES[name].weigh(given({"a": (1, -2), "b": (4, 5)}))
    assert sum(SCHEMES["critic"].weigh(given({"a": (1, -2), "b": (4, 5), "c": (0, 1)})).values()) == 1


CARD = """
id = "mcda"
version = "1"
owner = "tests"
profile = "{profile}"
subject = "agent"
period = "month"
[weighting]
scheme = "topsis"
settings = {{ weights = "entropy" }}
{waiver}
[[group]]
id = "g"
[[group.entry]]
id = "e0"
metric = "m0"
curve = {{ linear = {{ zero_at = 0, full_at = 100 }} }}
[[group.entry]]
id = "e1"
metric = "m1"
curve = {{ linear = {{ zero_at = 0, full_at = 100 }} }}
"""
ROWS = [
    Measured(subject=(who,), metric=f"m{i}", value=F(row[i])) for who, row in TABLE.items() for i in range(2)
]


def test_a_card_is_weighed_by_what_is_found() -> None:
    scores = score(load_card(CARD.format(profile="review", waiver="")), ROWS, schemes=SCHEMES)
    assert [float(weight) for _, weight in scores.weights] == pytest.approx(by_hand("entropy"), abs=1e-11)
    assert scores.to_arrow().column("appraisal").null_count == 0
    assert {one.subject[0] for one in scores.scores if (one.appraisal or 0) > F(1, 2)} == {"b"}


def test_pay_refuses_peers_without_a_waiver() -> None:
    with pytest.raises(kpicore.errors.CardError) as caught:
        score(load_card(CARD.format(profile="pay", waiver="")), ROWS, schemes=SCHEMES)
    assert "'topsis' reads the data and depends on the peers, which profile 'pay' refuses" in str(
        caught.value
    )
    assert "weighting.waiver" in str(caught.value)
    waived = CARD.format(
        profile="pay", waiver='waiver = "works council, 2026-10-01: a trial of three months"'
    )
    assert len(score(load_card(waived), ROWS, schemes=SCHEMES).scores) == 4


def test_the_plugin_is_a_plugin() -> None:
    plugins = kpicore.load_plugins(allow=["kpicore-mcda==0.1.0"])
    assert plugins.failures == ()
    assert set(SCHEMES) <= set(plugins.weightings)
    assert [scheme.name for scheme in kpicore_mcda.kpicore_weightings()] == list(SCHEMES)
