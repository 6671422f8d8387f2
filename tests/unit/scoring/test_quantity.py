from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from kpicore.scoring.quantity import decimal_text, exact, parse_quantity, parse_share


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        (3, Fraction(3), "number"),
        (Decimal("0.1"), Fraction(1, 10), "number"),
        ("-2.50", Fraction(-5, 2), "number"),
        ("85%", Fraction(17, 20), "share"),
        ("12.5 %", Fraction(1, 8), "share"),
        ("15%", Fraction(3, 20), "share"),
        ("20s", Fraction(20), "seconds"),
        ("1h30m", Fraction(5400), "seconds"),
        ("250ms", Fraction(1, 4), "seconds"),
    ],
)
def test_numbers_are_read_exactly(written: object, value: Fraction, unit: str) -> None:
    quantity = parse_quantity(written)
    assert (quantity.value, quantity.unit) == (value, unit)


@pytest.mark.parametrize(
    "written",
    [0.1, True, None, "", "abc", "1e5", Decimal("NaN"), Decimal("Infinity"), Decimal("1e999999"), 10**40],
)
def test_what_is_no_exact_number_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="found"):
        parse_quantity(written)


def test_a_share_lies_between_nothing_and_the_whole() -> None:
    assert parse_share("70%") == parse_share(Decimal("0.7")) == Fraction(7, 10)
    for written in ("101%", -1, "20s"):
        with pytest.raises(ValueError, match="write a share"):
            parse_share(written)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(-1, 20), "-0.05"),
        (Fraction(1, 3), "1/3"),
        (Fraction(1200), "1200"),
        (Fraction(5, 2), "2.5"),
    ],
)
def test_exact_values_are_written_exactly(value: Fraction, text: str) -> None:
    assert decimal_text(value) == text
    assert Fraction(text) == value


def test_exact_keeps_a_fraction() -> None:
    assert exact(Fraction(1, 3)) == Fraction(1, 3)
