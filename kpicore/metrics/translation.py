"""What metrics say of themselves, in Chinese: parameters, targets, sources."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

__all__ = ["translate", "translate_domain", "translate_source"]

_DOMAINS = (
    (r"a duration from (\S+) to (\S+)(, or none)?", r"\1 至 \2 的时长\3"),
    (r"a whole number from (\S+) to (\S+)", r"\1 至 \2 的整数"),
    (r"a number from (\S+) to (\S+)", r"\1 至 \2 的数"),
    (r"words joined by \+, out of (.+)", r"以 + 连接的词，取自 \1"),
    (r"words joined by \+", "以 + 连接的词"),
    (r"one of (.+)", r"\1 之一"),
    (r"a scale such as (.+)", r"量表，如 \1"),
    (r"weights above 0 such as (.+), of (.+)", r"大于 0 的权重，如 \1，类别取自 \2"),
    (r"true or false", "true 或 false"),
    (r"a name", "名称"),
)


def translate(text: str, lang: Literal["en", "zh"]) -> str:
    """Returns a sentence of a metric's record in the language; what has no translation stays as it is.

    >>> translate("what counts", "zh"), translate("what counts", "en")
    ('计入哪些', 'what counts')
    """
    return _chinese().get(text, text) if lang == "zh" else text


def translate_source(text: str, lang: Literal["en", "zh"]) -> str:
    """Returns where a definition comes from; several sources are joined by a semicolon.

    >>> translate_source("customer-service metrics; documentation of Zendesk, Easemob", "zh")
    '客户服务指标；Zendesk、Easemob 的文档'
    """
    if lang == "en":
        return text
    parts = []
    for part in text.split("; "):
        documented = part.removeprefix("documentation of ")
        known = translate(part, lang)
        parts.append(known if documented == part else f"{documented.replace(', ', '、')} 的文档")
    return "；".join(parts)


def translate_domain(text: str, lang: Literal["en", "zh"]) -> str:
    """Returns what a parameter takes; a plugin's own words stay as they are.

    >>> translate_domain("a duration from 0s to 1h, or none", "zh")
    '0s 至 1h 的时长，或 none'
    """
    if lang == "en":
        return text
    for pattern, chinese in _DOMAINS:
        if found := re.fullmatch(pattern, text):
            return found.expand(chinese).replace(", or none", "，或 none")
    return translate(text, lang)


@cache
def _chinese() -> dict[str, str]:
    text = files(__package__).joinpath("chinese.toml").read_text("utf-8")
    return {
        english: chinese for section in tomllib.loads(text).values() for english, chinese in section.items()
    }
