from __future__ import annotations

from decimal import Decimal
from fractions import Fraction as F

import pytest

from kpicore.errors import UsageError
from kpicore.scoring.ahp import ahp_weights, apportion


def test_a_textbook_matrix() -> None:
    # 1 3 5 / 1/3 1 3 / 1/5 1/3 1: weights .637 .258 .105, ratio .033 (Saaty's random index .58)
    found = ahp_weights({("a", "b"): F(3), ("a", "c"): F(5), ("b", "c"): F(3)})
    assert found.weights == {"a": Decimal("63.70"), "b": Decimal("25.83"), "c": Decimal("10.47")}
    assert found.ratio == pytest.approx(0.0332, abs=5e-4)
    assert found.consistent


def test_consistent_comparisons_give_their_weights_exactly() -> None:
    found = ahp_weights({("a", "b"): F(2), ("c", "b"): F(1), ("a", "c"): F(2)})
    assert found.weights == {"a": Decimal("50.00"), "b": Decimal("25.00"), "c": Decimal("25.00")}
    assert found.ratio == 0
    assert "# a\nweight = 50.00" in found.to_toml()


def test_a_circle_is_inconsistent() -> None:
    found = ahp_weights({("a", "b"): F(9), ("b", "c"): F(9), ("c", "a"): F(9)})
    assert not found.consistent
    assert sum(found.weights.values()) == 100


def test_two_names_are_always_consistent() -> None:
    assert ahp_weights({("a", "b"): F(3)}).weights == {"a": Decimal("75.00"), "b": Decimal("25.00")}


@pytest.mark.parametrize(
    ("comparisons", "message"),
    [
        ({}, "found 0 names"),
        ({("a", "b"): F(1), ("a", "c"): F(1)}, "b and c: compared 0 times"),
        ({("a", "b"): F(1), ("b", "a"): F(1)}, "a and b: compared 2 times"),
        ({("a", "b"): F(10)}, "write 1/9 to 9"),
        ({("a", "a"): F(1)}, "for two names"),
    ],
)
def test_comparisons_that_give_no_weights(comparisons: dict[tuple[str, str], F], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ahp_weights(comparisons)


def test_apportioned_shares_sum_to_exactly_one_hundred() -> None:
    thirds = {name: F(1, 3) for name in "abc"}
    assert apportion(thirds) == {"a": Decimal("33.34"), "b": Decimal("33.33"), "c": Decimal("33.33")}
