"""Text as values of a kind."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

from kpicore.adapters.parsing import parse_text
from kpicore.plugin import Kind


def parsed(texts: list[str], kind: Kind, **options: str) -> list[object]:
    """Returns the values, ``"failed"`` where there is none."""
    result = parse_text(pa.chunked_array([pa.array(texts, pa.string())]), kind, **options)
    failed = [False] * len(texts) if result.failed is None else result.failed.to_pylist()
    return [
        "failed" if wrong else value for value, wrong in zip(result.array.to_pylist(), failed, strict=True)
    ]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.INTEGER, "+3", 3),
        (Kind.INTEGER, "-003", -3),
        (Kind.INTEGER, "3.0", "failed"),
        (Kind.INTEGER, "12345678901234567890", "failed"),
        (Kind.NUMBER, "1e3", 1000.0),
        (Kind.NUMBER, "-.5", -0.5),
        (Kind.NUMBER, "nan", "failed"),
        (Kind.NUMBER, "1,5", "failed"),
        (Kind.MONEY, "12.3", Decimal("12.300000000")),
        (Kind.MONEY, "+7", Decimal(7)),
        (Kind.MONEY, "1e3", "failed"),
        (Kind.FLAG, "Yes", True),
        (Kind.FLAG, "否", False),
        (Kind.FLAG, "maybe", "failed"),
        (Kind.IDS, "a;b;", ["a", "b"]),
        (Kind.ID, " a ", " a "),
        (Kind.ENUM, "a", "a"),
    ],
)
def test_kinds(kind: Kind, text: str, value: object) -> None:
    assert parsed([text], kind) == [value]
    assert parsed([text, text], kind) == [value, value]


@pytest.mark.parametrize(
    ("unit", "text", "value"),
    [
        ("us", "5", 5),
        ("s", "5", 5_000_000),
        ("s", "1.25", 1_250_000),
        ("s", "-1.5", -1_500_000),
        ("ms", "0.0005", 0),
        ("min", "2", 120_000_000),
        ("h", ".5", 1_800_000_000),
        ("d", "1", 86_400_000_000),
        ("d", "999999999", "failed"),
        ("d", "999999999.5", "failed"),
        ("s", "a while", "failed"),
        ("clock", "1:02:03", 3_723_000_000),
        ("clock", "75:00", 4_500_000_000),
        ("clock", "12", "failed"),
    ],
)
def test_durations(unit: str, text: str, value: object) -> None:
    assert parsed([text], Kind.DURATION, unit=unit) == [value]


def test_whole_and_broken_durations_in_one_column() -> None:
    assert parsed(["1", "1.5", "x"], Kind.DURATION, unit="s") == [1_000_000, 1_500_000, "failed"]
