"""Metrics as text: names, parameters, shorthands, dialects, and what is said of mistakes."""

from __future__ import annotations

import pytest

from kpicore.errors import ParameterError, UnknownNameError, UsageError
from kpicore.metrics import parse_request
from kpicore.plugin import Dialect, hookimpl
from kpicore.plugin.manager import Plugins, load_plugins


class Acme:
    """A plugin with one dialect."""

    @hookimpl
    def kpicore_dialects(self) -> list[Dialect]:
        own = {"service_level": {"within": "10s", "op": "lt"}, "abandon_rate": {"short": "3s"}}
        return [Dialect(name="acme", doc="as Acme counts", source="their manual", metrics=own)]


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return load_plugins(third_party=False, extra=(Acme(),))


def test_a_bare_name_has_the_defaults(plugins: Plugins) -> None:
    request = parse_request("service_level", plugins)
    assert request.parameters == {
        "within": "20s",
        "op": "le",
        "numerator_abandons": "none",
        "denominator_abandons": "exclude_short",
        "short": "5s",
        "short_clock": "queue",
        "clock_start": "queue",
        "flow_outs": "exclude",
        "callbacks": "exclude",
        "callback_within": "1h",
        "unit": "queue_leg",
        "attribution": "start",
        "hours": "all",
        "calendar": "none",
        "transfer_wait": "per_leg",
        "closed_queue_value": "null",
    }
    assert request.settings.microseconds("within") == 20_000_000


@pytest.mark.parametrize(
    "text",
    [
        "service_level[within=30s,op=lt]",
        " service_level[ within = 30 , op = lt ] ",
        "service_level[op=lt,within=0.5m,]",
        "service_level@acme[within=30s]",
        "service_level[within=30s]@acme",
    ],
)
def test_ways_to_write_the_same(text: str, plugins: Plugins) -> None:
    settings = parse_request(text, plugins).settings
    assert settings == parse_request("service_level[within=30s,op=lt]", plugins).settings


def test_a_dialect_gives_values_and_explicit_ones_win(plugins: Plugins) -> None:
    request = parse_request("service_level[op=le]@acme", plugins)
    assert (request.parameters["within"], request.parameters["op"]) == ("10s", "le")
    assert request.dialect == "acme"


@pytest.mark.parametrize(
    ("word", "above", "below"),
    [
        ("include", "none", "all"),
        ("exclude", "none", "none"),
        ("exclude_short", "none", "exclude_short"),
        ("count_within_as_met", "within_threshold", "all"),
    ],
)
def test_a_shorthand_sets_several_parameters(word: str, above: str, below: str, plugins: Plugins) -> None:
    parameters = parse_request(f"service_level[abandoned={word}]", plugins).parameters
    assert (parameters["numerator_abandons"], parameters["denominator_abandons"]) == (above, below)
    assert "abandoned" not in parameters


def test_what_is_said_beside_a_shorthand_wins(plugins: Plugins) -> None:
    request = parse_request("service_level[abandoned=include,denominator_abandons=none]", plugins)
    assert request.parameters["denominator_abandons"] == "none"


def test_a_shorthand_wins_over_the_dialect(plugins: Plugins) -> None:
    request = parse_request("service_level@cisco_positive[abandoned=exclude]", plugins)
    above, below = (request.parameters[f"{part}_abandons"] for part in ("numerator", "denominator"))
    assert (above, below) == ("none", "none")


@pytest.mark.parametrize(
    "text",
    ["", "[within=20s]", "Service level", "service_level[within]", "service_level[within=20s",
     "service_level]",
     "service_level[op=lt,op=le]", "service_level[op=lt][within=20s]", "service_level@", "service_level@a@b",
     "service_level within=20s"],
)  # fmt: skip
def test_malformed_texts_are_quoted(text: str, plugins: Plugins) -> None:
    with pytest.raises(UsageError, match="does not name a metric") as caught:
        parse_request(text, plugins)
    assert repr(text) in str(caught.value)
    assert "name[parameter=value,...]" in caught.value.hint


def test_unknown_names_are_answered_with_near_ones(plugins: Plugins) -> None:
    with pytest.raises(UnknownNameError, match="service_levle") as caught:
        parse_request("service_levle", plugins)
    assert "service_level" in str(caught.value)
    with pytest.raises(UnknownNameError, match="acne") as caught:
        parse_request("service_level@acne", plugins)
    assert "acme" in str(caught.value)


def test_a_dialect_that_is_silent_about_a_metric(plugins: Plugins) -> None:
    with pytest.raises(ParameterError, match="acme says nothing about occupancy") as caught:
        parse_request("occupancy@acme", plugins)
    assert "abandon_rate, service_level" in caught.value.hint


def test_every_mistake_is_told_at_once(plugins: Plugins) -> None:
    text = "service_level[withn=20s,op=less,short=soon,unit=queue_legs,abandoned=includes]"
    with pytest.raises(ParameterError) as caught:
        parse_request(text, plugins)
    told = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 5
    for word in ("'withn'", "within", "op=less", "short=soon", "queue_leg", "abandoned=includes", "include"):
        assert word in told
    assert text in str(caught.value)


@pytest.mark.parametrize("value", ["-5s", "20", "1e3", "²", "20 s", "20x", "5000d"])
def test_durations(value: str, plugins: Plugins) -> None:
    text = f"service_level[within={value}]"
    if value in ("20", "20 s"):
        assert parse_request(text, plugins).settings.microseconds("within") == 20_000_000
    else:
        with pytest.raises(ParameterError, match="within"):
            parse_request(text, plugins)


def test_several_words_are_sorted_and_checked(plugins: Plugins) -> None:
    one = parse_request("transfer_rate[kinds=queue+blind]", plugins)
    assert one.settings == parse_request("transfer_rate[kinds=blind+queue+blind]", plugins).settings
    with pytest.raises(ParameterError, match="blind") as caught:
        parse_request("transfer_rate[kinds=blnd]", plugins)
    assert "blnd" in str(caught.value)


def test_parameters_are_shown_as_they_are_read(plugins: Plugins) -> None:
    for name in plugins.metrics:
        request = parse_request(name, plugins)
        given = {key: value for key, value in request.parameters.items() if value != "none"}
        again = parse_request(f"{name}[{','.join(f'{k}={v}' for k, v in given.items())}]", plugins)
        assert again.settings == request.settings
