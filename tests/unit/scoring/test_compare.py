from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from kpicore.scoring.card import Card
from kpicore.scoring.compare import backtest, compare_scores
from kpicore.scoring.measured import Measured
from kpicore.scoring.scorer import score

GRADES = '\n[[grade]]\nname = "A"\nat_least = 60\n[[grade]]\nname = "B"\n'


def test_a_late_correction_is_a_difference(
    make_card: Callable[..., Card], rows: Callable[..., list[Measured]]
) -> None:
    card = make_card(50, 50, more=GRADES)
    before = score(card, [*rows("a", 50, 60), *rows("b", 80, 80), *rows("c", None, None)])
    after = score(card, [*rows("a", 60, 60), *rows("b", 80, 80), *rows("c", 1, 1), *rows("d", 1, 1)])
    changes = {change.subject[0]: change for change in compare_scores(before, after)}
    assert changes["a"].difference == Decimal("5.00")
    assert changes["a"].regraded
    assert changes["b"].difference == 0
    assert not changes["b"].regraded
    assert (changes["c"].difference, changes["c"].after) == (None, Decimal("1.00"))
    assert (changes["d"].before, changes["d"].grade_after) == (None, "B")


def test_a_backtest_says_whom_a_new_card_would_have_changed(
    make_card: Callable[..., Card], rows: Callable[..., list[Measured]]
) -> None:
    periods = {"2026-09": rows("a", 100, 0), "2026-10": rows("a", 50, 50)}
    changes = backtest(make_card(50, 50), make_card(80, 20), periods)
    assert [(change.period, change.difference) for change in changes] == [
        ("2026-09", Decimal("30.00")),
        ("2026-10", Decimal("0.00")),
    ]
