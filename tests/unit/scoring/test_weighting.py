from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction as F

import pytest

from kpicore.errors import CardError, PluginError, UnknownNameError
from kpicore.plugin import Integer, Weighting, WeightingInput
from kpicore.scoring.card import Card
from kpicore.scoring.measured import Measured
from kpicore.scoring.resolve import load_card
from kpicore.scoring.scorer import score

CARD = """
id = "w"
version = "1"
owner = "tests"
profile = "{profile}"
subject = "agent"
period = "month"

[weighting]
scheme = "{scheme}"
{more}

[[group]]
id = "g"
{weight}
[[group.entry]]
id = "e1"
metric = "m1"
curve = {{ linear = {{ zero_at = 0, full_at = 100 }} }}
[[group.entry]]
id = "e2"
metric = "m2"
curve = {{ linear = {{ zero_at = 0, full_at = 100 }} }}
[[group]]
id = "h"
{weight}
[[group.entry]]
id = "e3"
metric = "m3"
curve = {{ linear = {{ zero_at = 0, full_at = 100 }} }}
"""


def card(scheme: str, *, profile: str = "review", more: str = "", weight: str = "") -> Card:
    return load_card(CARD.format(scheme=scheme, profile=profile, more=more, weight=weight))


def scheme(weigh: Callable[[WeightingInput], Mapping[str, F]], *, peers: bool = False) -> Weighting:
    return Weighting(
        name="spread",
        zh="",
        doc="",
        data_driven=True,
        peer_relative=peers,
        weigh=weigh,
        parameters=(Integer(name="power", doc="", default="1"),),
    )


def by_spread(given: WeightingInput) -> Mapping[str, F]:
    power = given.settings.integer("power")
    spread = {e: F(max(p.values()) - min(p.values())) ** power for e, p in given.points.items()}  # type: ignore[type-var, operator]
    return {e: value / sum(spread.values()) for e, value in spread.items()}


def test_equal_weighs_over_the_card_or_inside_the_groups(rows: Callable[..., list[Measured]]) -> None:
    assert dict(score(card("equal"), rows("a", 1, 2, 3)).weights) == {
        "e1": F(1, 3),
        "e2": F(1, 3),
        "e3": F(1, 3),
    }
    inside = score(card("equal", weight="weight = 50"), rows("a", 1, 2, 3))
    assert dict(inside.weights) == {"e1": F(1, 4), "e2": F(1, 4), "e3": F(1, 2)}


def test_a_plugin_s_scheme_reads_points_and_settings(rows: Callable[..., list[Measured]]) -> None:
    table = [*rows("a", 0, 0, 0), *rows("b", 10, 20, 70)]
    schemes = {"spread": scheme(by_spread)}
    assert dict(score(card("spread"), table, schemes=schemes).weights) == {
        "e1": F(1, 10),
        "e2": F(1, 5),
        "e3": F(7, 10),
    }
    squared = score(card("spread", more="settings = { power = 2 }"), table, schemes=schemes)
    assert dict(squared.weights)["e3"] == F(49, 54)
    with pytest.raises(CardError, match="did you mean 'power'"):
        score(card("spread", more="settings = { powr = 2 }"), table, schemes=schemes)


def test_pay_refuses_data_and_peers_without_a_waiver(rows: Callable[..., list[Measured]]) -> None:
    table = [*rows("a", 0, 0, 0), *rows("b", 10, 20, 70)]
    schemes = {"spread": scheme(by_spread, peers=True)}
    with pytest.raises(CardError, match="reads the data and depends on the peers") as caught:
        score(card("spread", profile="pay"), table, schemes=schemes)
    assert "waiver" in caught.value.hint
    waived = card("spread", profile="pay", more='waiver = "works council, 2026-10-01: trial"')
    assert score(waived, table, schemes=schemes).scores[0].total is not None


def test_an_unknown_scheme_is_named(rows: Callable[..., list[Measured]]) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'equal'"):
        score(card("equql"), rows("a", 1, 2, 3))


@pytest.mark.parametrize(
    "weights",
    [
        {"e1": F(1, 2), "e2": F(1, 2)},
        {"e1": F(1, 2), "e2": F(1, 2), "e3": F(1, 2)},
        {"e1": F(3, 2), "e2": F(-1, 2), "e3": F(0)},
        {"e1": 0.5, "e2": 0.25, "e3": 0.25},
    ],
)
def test_a_scheme_that_breaks_its_contract_fails_by_name(
    rows: Callable[..., list[Measured]], weights: Mapping[str, F]
) -> None:
    with pytest.raises(PluginError, match="'spread' did not return one exact share"):
        score(card("spread"), rows("a", 1, 2, 3), schemes={"spread": scheme(lambda _: weights)})


def test_a_scheme_that_raises_fails_by_name(rows: Callable[..., list[Measured]]) -> None:
    with pytest.raises(PluginError, match="'spread' failed"):
        score(card("spread"), rows("a", 1, 1, 1), schemes={"spread": scheme(by_spread)})
