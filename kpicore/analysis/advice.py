"""Causes and actions of metrics in both languages, and for which parameters each of them holds."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

__all__ = ["Advice", "advice_for", "known_advice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A cause or an action; ``only`` names, per parameter, the values with which it can move the metric."""

    en: str
    zh: str
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@cache
def known_advice() -> Mapping[str, Advice]:
    """Returns what is known of the built-in metrics' causes and actions, by their English text."""
    text = (resources.files("kpicore.analysis") / "advice.toml").read_text("utf-8")
    return {
        each["en"]: Advice(
            en=each["en"],
            zh=each["zh"],
            only={name: tuple(values) for name, values in each.get("only", {}).items()},
        )
        for each in tomllib.loads(text)["advice"]
    }


def advice_for(text: str, parameters: Mapping[str, str]) -> Advice | None:
    """Returns a metric's cause or action in both languages; None where it cannot move the metric so defined.

    A text of a plugin that is not known holds always, and stands in its own language twice.

    >>> advice_for("set-up of automatic replies", {"actor": "human"}) is None
    True
    """
    advice = known_advice().get(text) or Advice(en=text, zh=text)
    for name, values in advice.only.items():
        if name in parameters and not set(parameters[name].split("+")) & set(values):
            return None
    return advice
