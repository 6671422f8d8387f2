"""Which scheme weighs a card, whether the card may use it, and the check of what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from kpicore.errors import CardError, PluginError, UnknownNameError, suggest
from kpicore.plugin.parameters import Settings, Value
from kpicore.plugin.weighting import Weighting, WeightingInput
from kpicore.scoring.card import Card
from kpicore.scoring.schemes import WEIGHTINGS

__all__ = ["appraise", "choose_weighting", "weigh_entries"]

Points = Mapping[str, Mapping[tuple[str | None, ...], Fraction | None]]


def choose_weighting(card: Card, schemes: Mapping[str, Weighting]) -> Weighting:
    """Returns the scheme that ``card`` names, looked up among the built-in ones and ``schemes``.

    UnknownNameError where nobody provides it; CardError where profile ``pay`` meets a scheme that reads the
    data or the peers, and the card has no waiver.
    """
    known = {**schemes, **{scheme.name: scheme for scheme in WEIGHTINGS}}
    name = card.weighting.scheme
    if name not in known:
        raise UnknownNameError(
            f"card {card.id!r}: weighting.scheme: found {name!r}", hint=suggest(name, list(known))
        )
    scheme = known[name]
    faults = [
        fault
        for fault, holds in (
            ("reads the data", scheme.data_driven),
            ("depends on the peers", scheme.peer_relative),
        )
        if holds
    ]
    if card.profile == "pay" and faults and card.weighting.waiver is None:
        raise CardError(
            f"card {card.id!r}: weighting.scheme: {name!r} {' and '.join(faults)}, "
            "which profile 'pay' refuses: one agent leaving could turn the order of the others",
            hint="write fixed weights, or weighting.waiver with who allows it and why",
        )
    return scheme


def weigh_entries(
    card: Card,
    scheme: Weighting,
    points: Points,
) -> dict[str, Fraction]:
    """Returns each weighted entry's share of the total, exactly 1 in sum.

    Where the card states the groups' weights, the scheme weighs inside each group; else over the whole card.
    PluginError where a scheme breaks its contract.
    """
    if scheme.name == "fixed":
        return {entry.id: entry.weight for entry in card.entries if entry.weight is not None}
    if any(group.weight is None for group in card.groups):
        return _weigh(card, scheme, tuple(entry.id for entry in card.entries), points)
    shares: dict[str, Fraction] = {}
    for group in card.groups:
        inside = _weigh(card, scheme, tuple(entry.id for entry in group.entries), points)
        shares |= {name: share * (group.weight or 0) for name, share in inside.items()}
    return shares


def appraise(
    card: Card, scheme: Weighting, points: Points, weights: Mapping[str, Fraction]
) -> dict[tuple[str | None, ...], Fraction]:
    """Returns the figure from 0 to 1 that ``scheme`` gives subjects beside their totals; few schemes do.

    Subjects without one are left out. PluginError where a scheme breaks its contract.
    """
    if scheme.appraise is None:
        return {}
    given = WeightingInput(
        entries=tuple(entry.id for entry in card.entries),
        stated={},
        points=points,
        settings=_settings(card, scheme),
    )
    try:
        found = dict(scheme.appraise(given, weights))
    except Exception as error:
        raise PluginError(
            f"weighting scheme {scheme.name!r} failed: {error}", hint="report it to the plugin's author"
        ) from error
    if not all(
        value is None or (isinstance(value, Fraction) and 0 <= value <= 1) for value in found.values()
    ):
        raise PluginError(
            f"weighting scheme {scheme.name!r} did not return exact figures from 0 to 1",
            hint="report it to the plugin's author, or choose another scheme",
        )
    return {subject: value for subject, value in found.items() if value is not None}


def _weigh(
    card: Card,
    scheme: Weighting,
    entries: tuple[str, ...],
    points: Points,
) -> dict[str, Fraction]:
    given = WeightingInput(
        entries=entries,
        stated={},
        points={entry: points[entry] for entry in entries},
        settings=_settings(card, scheme),
    )
    try:
        weights = dict(scheme.weigh(given))
    except Exception as error:
        raise PluginError(
            f"weighting scheme {scheme.name!r} failed: {error}", hint="report it to the plugin's author"
        ) from error
    exact = all(isinstance(weight, Fraction) and weight >= 0 for weight in weights.values())
    if set(weights) != set(entries) or not exact or sum(weights.values()) != 1:
        raise PluginError(
            f"weighting scheme {scheme.name!r} did not return one exact share per entry, 1 in sum",
            hint="report it to the plugin's author, or choose another scheme",
        )
    return {entry: weights[entry] for entry in entries}


def _settings(card: Card, scheme: Weighting) -> Settings:
    parameters = {parameter.name: parameter for parameter in scheme.parameters}
    values: dict[str, Value] = {
        name: parameter.read(parameter.default)
        for name, parameter in parameters.items()
        if parameter.default is not None
    }
    for name, text in card.weighting.settings.items():
        if name not in parameters:
            raise CardError(
                f"card {card.id!r}: weighting.settings.{name}: unknown setting of {scheme.name!r}",
                hint=suggest(name, list(parameters)),
            )
        values[name] = parameters[name].read(text)
    return Settings(values)
