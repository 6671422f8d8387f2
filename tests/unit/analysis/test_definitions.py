"""What a run keeps of its definitions, and the advice in two languages that goes with them."""

from __future__ import annotations

import pytest

import kpicore
from kpicore.analysis import DEFINITIONS, advice_for, definitions_table
from kpicore.analysis.advice import known_advice
from kpicore.metrics import parse_request
from kpicore.plugin.manager import load_plugins

PLUGINS = load_plugins(third_party=False)


def row(text: str) -> dict[str, object]:
    request = parse_request(text, PLUGINS)
    table = definitions_table([request], {text: request.metric.unit})
    assert table.schema == DEFINITIONS
    (one,) = table.to_pylist(maps_as_pydicts="strict")
    return dict(one)


def texts_of(metric: str) -> set[str]:
    found = PLUGINS.metric(metric)
    return {*found.causes, *found.actions}


def test_every_cause_and_action_is_known_in_chinese_and_nothing_else() -> None:
    said = set().union(*(texts_of(name) for name in PLUGINS.metrics))
    assert set(known_advice()) == said
    for advice in known_advice().values():
        assert any("\u4e00" <= sign <= "\u9fff" for sign in advice.zh)


def test_conditions_name_parameters_that_the_metrics_have() -> None:
    for advice in known_advice().values():
        metrics = [m for m in PLUGINS.metrics.values() if advice.en in (*m.causes, *m.actions)]
        for name, values in advice.only.items():
            for metric in metrics:
                (parameter,) = (p for p in metric.parameters if p.name == name)
                for value in values:
                    parameter.read(value)


def test_an_automatic_reply_moves_the_first_response_only_where_it_counts() -> None:
    human, any_ = row("first_response_time"), row("first_response_time[actor=any]")
    assert set(any_["causes"]) - set(human["causes"]) == {"set-up of automatic replies"}  # type: ignore[call-overload]
    assert "自动回复的设置" in any_["causes_zh"]  # type: ignore[operator]
    assert "自动回复的设置" not in human["causes_zh"]  # type: ignore[operator]
    assert len(any_["actions"]) == len(any_["actions_zh"]) == len(human["actions"]) + 1  # type: ignore[arg-type]


@pytest.mark.parametrize(("kinds", "holds"), [("blind+queue", True), ("consult", False)])
def test_one_of_several_words_is_enough(kinds: str, holds: bool) -> None:
    assert (advice_for("blind transfers fail and repeat", {"kinds": kinds}) is not None) == holds


def test_advice_of_a_plugin_stands_in_its_own_language() -> None:
    advice = advice_for("ask the owner", {"actor": "human"})
    assert advice is not None
    assert (advice.en, advice.zh) == ("ask the owner", "ask the owner")


def test_a_row_says_all_that_a_reader_asks() -> None:
    one = row("first_response_time[statistic=p90]")
    assert (one["metric"], one["name"]) == ("first_response_time[statistic=p90]", "first_response_time")
    assert (one["en"], one["zh"], one["direction"]) == ("First response time", "首次响应时间", "lower")
    assert (one["target"], one["target_basis"]) == ([300.0], "an e-commerce example")
    assert one["parameters"]["statistic"] == "p90"  # type: ignore[index]
    assert one["definition"] != one["definition_zh"]


def test_attribution_is_the_one_in_force() -> None:
    assert row("average_handle_time[attribution=completion]")["attribution"] == "completion"
    assert row("average_handle_time")["attribution"] == "start"
    # here the parameter says to whom an order is attributed
    sales = PLUGINS.metric("sales_amount")
    assert row("sales_amount[attribution=first]")["attribution"] == sales.attribution


def test_the_unit_is_that_of_the_values() -> None:
    request = parse_request("average_handle_time[statistic=share]", PLUGINS)
    unit = kpicore.engine.build(request).unit
    assert unit == "ratio"
    assert definitions_table([request], {request.text: unit}).column("unit").to_pylist() == ["ratio"]
