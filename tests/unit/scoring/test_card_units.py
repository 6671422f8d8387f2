from __future__ import annotations

import pytest

from kpicore.errors import CardError
from kpicore.scoring import check_units, load_card, read_ready_card, ready_cards
from kpicore.scoring.card import Card

UNITS = {"m1": "s", "m2": "ratio", "m3": "calls"}


def card(metric: str, curve: str, more: str = "") -> Card:
    return load_card(
        'id = "c"\nversion = "1"\nowner = "o"\nprofile = "review"\nsubject = "agent"\nperiod = "month"\n'
        f'[[group]]\nid = "g"\nweight = 100\n[[group.entry]]\nid = "e"\nmetric = "{metric}"\nweight = 100\n'
        f"curve = {{ {curve} }}\n{more}"
    )


@pytest.mark.parametrize(
    ("metric", "curve", "more", "message"),
    [
        ("m1", "linear = { zero_at = '60%', full_at = 20 }", "", "e: found 60%, the metric's unit is s"),
        (
            "m2",
            "linear = { zero_at = '60s', full_at = 1 }",
            "",
            "e: found the duration 60s, the metric's unit is ratio",
        ),
        ("m2", "knots = [[60, 0], [90, 100]]", "", "e: found 60 for a ratio; write 60%"),
        ("m3", "linear = { zero_at = 0, full_at = 10 }", "target = '5m'", "e: found the duration 5m"),
        (
            "m3",
            "linear = { zero_at = 0, full_at = 10 }",
            "variant = [{ when = { team = 'x' }, target = ['1%', '2%'] }]",
            "e: found 1%, the metric's unit is calls",
        ),
        (
            "m3",
            "linear = { zero_at = 0, full_at = 10 }",
            "[[gate]]\nid = 'x'\nmetric = 'm2'\nwhen = '<= 85'",
            "x: found 85 for a ratio",
        ),
    ],
)
def test_numbers_that_do_not_fit_their_unit(metric: str, curve: str, more: str, message: str) -> None:
    with pytest.raises(CardError) as caught:
        check_units(card(metric, curve, more), UNITS)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("metric", "curve"),
    [
        ("m1", "linear = { zero_at = '60s', full_at = 20 }"),
        ("m2", "linear = { zero_at = '60%', full_at = 0.9 }"),
        ("m3", "linear = { zero_at = 0, full_at = 500 }"),
        ("unknown", "linear = { zero_at = '60%', full_at = '20s' }"),
    ],
)
def test_numbers_that_fit(metric: str, curve: str) -> None:
    check_units(card(metric, curve), UNITS)


@pytest.mark.parametrize("name", ready_cards())
def test_ready_cards_write_times_as_durations_and_rates_as_per_cent(name: str) -> None:
    ready = load_card(read_ready_card(name))
    units = {
        metric: "s" if "time" in metric or "duration" in metric or "age" in metric else "ratio"
        for metric in ready.metrics
        if any(word in metric for word in ("time", "duration", "query_age", "_rate", "level", "csat"))
        and "share" not in metric
    }
    check_units(ready, units)
