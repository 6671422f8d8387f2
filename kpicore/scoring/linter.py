"""What is doubtful about a card although it can be used: weights, open targets, incentives."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from kpicore.scoring.card import Card, Entry
from kpicore.scoring.families import BEYOND_AGENT, EFFICIENCY, QUALITY, family
from kpicore.scoring.findings import Finding
from kpicore.scoring.lint_curves import lint_curves
from kpicore.scoring.lint_scores import lint_scores
from kpicore.scoring.quantity import decimal_text
from kpicore.scoring.result import Scores

__all__ = ["lint"]

_SMALL, _LARGE = Fraction(5, 100), Fraction(60, 100)


def lint(card: Card, scores: Scores | None = None) -> tuple[Finding, ...]:
    """Returns what is doubtful about ``card``, sorted by rule and place.

    ``scores`` are those of a past period on the same card; with them the rules that need data run as well:
    cliffs within one standard error, saturation, double counting, target ranges narrower than the noise.
    """
    rules = (_weights, _open_numbers, _counter_metric, _beyond_agent, lint_curves)
    found = [finding for rule in rules for finding in rule(card)]
    found += [] if scores is None else lint_scores(card, scores)
    return tuple(sorted(found, key=lambda finding: (finding.rule, finding.where, finding.message)))


def _weights(card: Card) -> Iterator[Finding]:
    for entry in card.entries:
        weight = entry.weight
        if weight is not None and weight < _SMALL:
            yield Finding(
                rule="weight",
                where=entry.id,
                message=f"weighs {decimal_text(weight * 100)} % of the total: nobody will notice it",
                hint="drop the entry, or give it at least 5 %",
                zh=f"占总分 {decimal_text(weight * 100)}%：没有人会注意到它",
                hint_zh="删除该项，或至少给 5%",
            )
        if weight is not None and weight > _LARGE and len(card.entries) > 1:
            yield Finding(
                rule="weight",
                where=entry.id,
                message=f"weighs {decimal_text(weight * 100)} % of the total: little else matters",
                hint="spread the weight, or say openly that this is the only goal",
                zh=f"占总分 {decimal_text(weight * 100)}%：其他各项几乎不起作用",
                hint_zh="分散权重，或公开说明这是唯一目标",
            )


def _open_numbers(card: Card) -> Iterator[Finding]:
    for name in card.required_targets:
        yield Finding(
            rule="target",
            where=name,
            message="its target is still to be set by a person",
            hint="look at what the team reached in past periods and write the target",
            zh="目标还需由人设定",
            hint_zh="参考团队过去各周期的实际水平后填写目标",
        )
    for name in dict.fromkeys(card.examples):
        yield Finding(
            rule="example",
            where=name,
            message="its weight or curve is only an example",
            hint="set the numbers and remove example = true",
            zh="其权重或曲线只是示例",
            hint_zh="设定数字并删除 example = true",
        )


def _counter_metric(card: Card) -> Iterator[Finding]:
    if any(entry.manual is not None or family(entry.metric) in QUALITY for entry in card.entries):
        return
    for entry in _of(card, EFFICIENCY):
        yield Finding(
            rule="counter_metric",
            where=entry.id,
            message="rewards speed or volume, and nothing on the card watches the quality",
            hint="add satisfaction, resolution, reopened cases or a quality review",
            zh="奖励速度或数量，而评分卡上没有任何质量指标",
            hint_zh="加入满意度、解决率、重开率或质检",
        )


def _beyond_agent(card: Card) -> Iterator[Finding]:
    if card.subject != "agent":
        return
    for entry in _of(card, BEYOND_AGENT):
        yield Finding(
            rule="control",
            where=entry.id,
            message="is decided by staffing and demand more than by the agent",
            hint="score it for a queue or a team, or show it without a weight",
            zh="主要由排班和需求决定，坐席难以控制",
            hint_zh="改为对队列或团队评分，或只展示不计权重",
        )


def _of(card: Card, families: frozenset[str]) -> list[Entry]:
    return [entry for entry in card.entries if family(entry.metric) in families]
