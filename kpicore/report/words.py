"""The words of a report, in English and Chinese."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, TypeAlias

__all__ = ["Language", "Words", "known_words"]

Language: TypeAlias = Literal["en", "zh"]


@cache
def known_words() -> Mapping[str, tuple[str, str]]:
    """Returns every text by its key, in English and Chinese."""
    text = (resources.files("kpicore.report") / "words.toml").read_text("utf-8")
    return {key: (en, zh) for key, (en, zh) in tomllib.loads(text).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words in one language."""

    language: Language

    def __call__(self, key: str, **told: object) -> str:
        """Returns the text called ``key`` with ``told`` filled in; KeyError where there is none."""
        text = known_words()[key][self.language == "zh"]
        return text.format(**told) if told else text

    def code(self, kind: str, code: str) -> str:
        """Returns the word for a code such as a status or reason; the code itself where nobody knows it."""
        known = known_words().get(f"{kind}_{code}")
        return code.replace("_", " ") if known is None else known[self.language == "zh"]

    def flag(self, flag: str) -> str:
        """Returns what a flag says; some carry what they are about after a colon."""
        code, _, what = flag.partition(":")
        known = known_words().get(f"flag_{code}")
        return flag if known is None else known[self.language == "zh"].format(what=what)

    def unit(self, unit: str) -> str:
        """Returns the unit to stand beside a number; empty for those that numbers carry themselves."""
        return "" if unit in ("", "ratio", "s", "count") else self.code("unit", unit)
