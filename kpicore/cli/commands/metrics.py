"""``kpicore metrics``: what can be measured, and what each metric means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from ..emit import emit
from ..figures import value_text
from ..options import Output, Session, with_output, with_session
from ..sheet import Sheet
from ..words import Language, say

if TYPE_CHECKING:
    from fractions import Fraction

    from kpicore.plugin import Metric, Parameter

__all__ = ["command", "describe", "meaning_of", "targets_of", "title_of"]


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@with_output
@with_session
def command(session: Session, output: Output, names: tuple[str, ...]) -> None:
    """List the metrics, or explain one."""
    plugins = session.plugins()
    metrics = [plugins.metric(name) for name in names] or list(plugins.metrics.values())
    records = [describe(metric) for metric in metrics]
    if names:
        emit(output, records, lambda: [s for metric in metrics for s in _explanation(metric, session.lang)])
    else:
        emit(output, records, lambda: [_listing(metrics, session.lang)])


def describe(metric: Metric) -> dict[str, object]:
    """Returns everything that a metric says about itself, in plain types."""
    target = metric.target
    return {
        "name": metric.name,
        "zh": metric.zh,
        "en": title_of(metric, "en"),
        "family": metric.family,
        "unit": metric.unit,
        "direction": metric.direction.value,
        "definition": metric.definition,
        "definition_zh": metric.definition_zh,
        "parameters": [_parameter(parameter) for parameter in metric.parameters],
        "needs": list(metric.needs),
        "attribution": metric.attribution,
        "settle_days": metric.settle_days,
        "industry": target.industry,
        "target": list(target.target),
        "target_basis": target.basis,
        "target_of_groups": {one.group: list(one.target) for one in target.groups},
        "causes": list(metric.causes),
        "actions": list(metric.actions),
        "source": metric.source,
    }


def _parameter(parameter: Parameter) -> dict[str, object]:
    return {
        "name": parameter.name,
        "doc": parameter.doc,
        "default": parameter.default,
        "takes": parameter.domain,
        "used_by": dict(parameter.used_by),
    }


def title_of(metric: Metric, lang: Language) -> str:
    """Returns the metric's name for people."""
    return metric.zh if lang == "zh" else metric.en or metric.name.replace("_", " ").capitalize()


def _listing(metrics: Sequence[Metric], lang: Language) -> Sheet:
    rows = [
        [metric.name, title_of(metric, lang), say(metric.unit, lang), say(metric.direction.value, lang)]
        for metric in metrics
    ]
    headers = [say(word, lang) for word in ("Metric", "Name", "Unit", "Better")]
    return Sheet(headers=headers, rows=rows)


def _explanation(metric: Metric, lang: Language) -> list[Sheet]:
    from kpicore.metrics.translation import translate_source

    definition = (metric.definition_zh or metric.definition) if lang == "zh" else metric.definition
    facts: Mapping[str, str] = {
        "Definition": definition,
        "Unit": say(metric.unit, lang),
        "Better": say(metric.direction.value, lang),
        "Needs": ", ".join(metric.needs),
        **targets_of(metric, lang),
        "Source": translate_source(metric.source, lang),
    }
    title = f"{metric.name}  {metric.zh}"
    sheets = [Sheet(title=title, headers=["", ""], rows=[[say(k, lang), v] for k, v in facts.items() if v])]
    if metric.parameters:
        headers = [say(word, lang) for word in ("Parameter", "Default", "Meaning")]
        rows = [
            [p.name, "-" if p.default is None else p.default, meaning_of(p, lang)] for p in metric.parameters
        ]
        sheets.append(Sheet(headers=headers, rows=rows))
    return sheets


def targets_of(metric: Metric, lang: Language) -> dict[str, str]:
    """Returns what the metric's source calls usual and recommends, by English word; empty where nothing."""
    from kpicore.metrics.translation import translate

    target = metric.target
    basis = f" ({translate(target.basis, lang)})" if target.basis else ""
    groups = [
        f"{translate(one.group, lang)}{say(': ', lang)}{_figures(one.target, metric, lang)}"
        for one in target.groups
    ]
    wished = [_figures(target.target, metric, lang) + basis] if target.target else []
    usual = () if target.industry is None else (target.industry,)
    return {"Usual": _figures(usual, metric, lang), "Target": say("; ", lang).join([*wished, *groups])}


def _figures(bounds: Sequence[Fraction], metric: Metric, lang: Language) -> str:
    """Returns a value or a range with its unit; nothing where there is none."""
    unit = f" {say(metric.unit, lang)}" if bounds and metric.unit != "ratio" else ""
    return " - ".join(value_text(float(bound), metric.unit) for bound in bounds) + unit


def meaning_of(parameter: Parameter, lang: Language) -> str:
    """Returns what a parameter means, what it takes, and who uses which of its values."""
    from kpicore.metrics.translation import translate, translate_domain

    doc, takes = translate(parameter.doc, lang), translate_domain(parameter.domain, lang)
    if lang == "zh":
        usage = "；".join(f"{value}：{who}" for value, who in parameter.used_by.items())
        return f"{doc}。 取值： {takes}。" + (f" 使用者： {usage}。" if usage else "")
    usage = "; ".join(f"{value}: {who}" for value, who in parameter.used_by.items())
    return f"{doc}. Takes {takes}." + (f" Used: {usage}." if usage else "")
