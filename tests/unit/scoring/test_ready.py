from __future__ import annotations

import subprocess
import sys
from fractions import Fraction as F
from types import ModuleType

import pytest

from kpicore.errors import CardError, UnknownNameError
from kpicore.scoring import Measured, load_card, read_ready_card, ready_cards, score
from kpicore.scoring.builtin import kpicore_scorecards, kpicore_weightings
from kpicore.scoring.families import family

SCENARIOS = {
    "ecommerce": "first_response_time average_resolution_time first_contact_resolution",
    "premium_service": "csat service_attitude communication_skill",
    "technical_support": "average_resolution_time resolution_rate professional_knowledge technical_skill",
    "presales": "sales_amount average_customer_spend inquiry_conversion_final message_ratio reply_rate "
    "first_response_time average_response_time",
    "inbound_support": "talk_time_share calls_answered service_level average_wait_time missed_calls "
    "average_callback_time",
    "outbound_sales": "calls_per_sale average_call_duration average_speed_of_answer",
    "customer_service": "first_contact_resolution voicemail_rate average_query_age "
    "customer_contact_frequency employee_satisfaction",
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_has_a_card_with_its_kpis_and_the_targets_that_sources_name(name: str) -> None:
    card = load_card(read_ready_card(name))
    found = {family(entry.metric): entry for entry in card.entries}
    assert set(SCENARIOS[name].split()) <= set(found)
    if name == "ecommerce":
        assert found["first_response_time"].target == 300
        assert found["first_contact_resolution"].target == F(85, 100)
    assert card.examples, "no source names the weights"


@pytest.mark.parametrize("name", ready_cards())
def test_a_ready_card_scores_and_pay_refuses_it_until_a_person_has_set_it(name: str) -> None:
    text = read_ready_card(name)
    card = load_card(text)
    assert card.id == name
    assert card.label.zh
    assert all(entry.label.zh for entry in card.entries)
    values = [Measured(subject=("a",), metric=metric, value=F(1, 2), n=1000) for metric in card.metrics] + [
        Measured(subject=("a",), metric=f"manual:{item}", value=F(50), n=1) for item in card.marks
    ]
    [one] = score(card, values).scores
    assert one.total is not None
    assert 0 <= one.total <= 100
    assert "example" in one.flags
    with pytest.raises(CardError, match="refuses"):
        load_card(text.replace('profile = "review"', 'profile = "pay"'))


def test_an_unknown_card_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'call_centre'"):
        read_ready_card("call_center")


def test_cards_and_schemes_come_through_the_hooks() -> None:
    assert {card.name for card in kpicore_scorecards()} == set(ready_cards())
    assert [weighting.name for weighting in kpicore_weightings()] == ["fixed", "equal"]


def test_listing_the_cards_is_light() -> None:
    code = (
        "import sys, kpicore.scoring.builtin as b; b.kpicore_scorecards(); "
        "print(*(m for m in ('pydantic', 'kpicore.scoring.schema') if m in sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""


def test_every_public_name_is_the_thing_itself() -> None:
    import kpicore.scoring
    import kpicore.scoring.linter

    for name in kpicore.scoring.__all__:
        assert not isinstance(getattr(kpicore.scoring, name), ModuleType), name
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        _ = kpicore.scoring.absent
