"""Everything that kpicore's own metrics say of themselves is there in Chinese."""

from __future__ import annotations

import re

import pytest

from kpicore.metrics.translation import translate, translate_domain, translate_source
from kpicore.plugin.manager import load_plugins

METRICS = load_plugins(third_party=False).metrics.values()
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def untranslated(texts: set[str]) -> list[str]:
    return sorted(text for text in texts if text and not CHINESE.search(translate(text, "zh")))


def test_every_parameter_is_explained_in_chinese() -> None:
    assert untranslated({p.doc for metric in METRICS for p in metric.parameters}) == []


def test_every_basis_of_a_target_is_there_in_chinese() -> None:
    assert untranslated({metric.target.basis for metric in METRICS}) == []
    assert untranslated({one.group for metric in METRICS for one in metric.target.groups}) == []


def test_every_domain_is_told_in_chinese() -> None:
    domains = {p.domain for metric in METRICS for p in metric.parameters}
    assert [
        d for d in sorted(domains) if not CHINESE.search(translate_domain(d, "zh")) and d != "true or false"
    ] == []


def test_every_metric_has_both_names_and_definitions() -> None:
    lacking = [
        m.name for m in METRICS if not (m.zh and m.en and m.definition and m.definition_zh and m.source)
    ]
    assert lacking == []


@pytest.mark.parametrize("say", [translate, translate_domain, translate_source])
def test_english_and_the_unknown_stay_as_they_are(say: object) -> None:
    assert callable(say)
    assert say("what counts", "en") == "what counts"
    assert say("a word of a plugin", "zh") == "a word of a plugin"
