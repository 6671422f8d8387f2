"""From a card's document to the card: weights become shares, curves knots, and contradictions problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from kpicore.errors import FormulaError, UsageError
from kpicore.metrics import (
    Formula,
    WrittenGroup,
    parse_formula,
    read_formula,
    read_request,
    write_request,
)
from kpicore.scoring.card import Card, Condition, Entry, Filter, Gate, Grade, Group, Label, Target, Variant
from kpicore.scoring.check import check_card
from kpicore.scoring.curve import Curve, make_curve
from kpicore.scoring.quantity import Quantity, decimal_text, parse_quantity
from kpicore.scoring.reading import card_error, read_document
from kpicore.scoring.schema import (
    AdjustmentDocument,
    CardDocument,
    EntryDocument,
    GateDocument,
    GradeDocument,
    GroupDocument,
)
from kpicore.scoring.schema_beside import FormulaDocument
from kpicore.scoring.schema_curves import CurveDocument
from kpicore.scoring.schema_values import Label as LabelDocument
from kpicore.scoring.sugar import TargetRequired, expand

__all__ = ["load_card"]


def load_card(source: Path | str) -> Card:
    """Returns the card in a TOML file (a Path or a string of one line) or in TOML text (a string of several
    lines).

    CardError names every problem at once: the key, what was found, and what to write instead.
    """
    document, name = read_document(source)
    builder = _Builder(document)
    card = builder.card()
    problems = [*builder.problems, *check_card(card)]
    if problems:
        raise card_error(name, problems)
    return card


class _Builder:
    """Builds one card and keeps what is wrong with it."""

    def __init__(self, document: CardDocument) -> None:
        self.document = document
        self.problems: list[str] = []
        self._ids: Counter[str] = Counter()

    def card(self) -> Card:
        document = self.document
        self._check_zone()
        groups = self._groups()
        bonuses = self._adjustments("bonus", document.bonus)
        penalties = self._adjustments("penalty", document.penalty)
        gates = tuple(self._gate(gate) for gate in document.gate)
        formulas = tuple(self._formula(formula) for formula in document.formula)
        repeated = [(name, count) for name, count in self._ids.items() if count > 1]
        self.problems += [f"{name}: found {n} times; give each an id of its own" for name, n in repeated]
        return Card(
            document=document,
            id=document.id,
            version=document.version,
            label=_label(document.label, document.id),
            profile=document.profile,
            subject=document.subject,
            period=document.period,
            zone=document.zone,
            calendar=document.calendar,
            population=document.population,
            lowest=document.points.lowest,
            highest=document.points.highest,
            weighting=document.weighting,
            missing=document.missing,
            provisional=document.provisional or ("hold" if document.profile == "pay" else "accept"),
            rounding=document.rounding,
            groups=groups,
            bonuses=bonuses,
            penalties=penalties,
            bonus_cap=document.bonus_cap or Fraction(0),
            penalty_cap=document.penalty_cap or Fraction(0),
            gates=gates,
            grades=tuple(_grade(grade) for grade in document.grade),
            distribution=document.distribution,
            formulas=formulas,
        )

    def _formula(self, document: FormulaDocument) -> Formula:
        self._ids[f"formula {document.name}"] += 1
        head = f"{document.name} = "
        formula = Formula(
            text=head + document.expression,
            start=len(head),
            name=document.name,
            unit=document.unit or "",
            direction=document.direction,
            label=document.label.model_dump() if document.label else {},
        )
        self._check_formula(f"formula[{document.name}]", formula)
        return formula

    def _check_formula(self, where: str, formula: Formula | None) -> None:
        try:
            if formula is not None:
                parse_formula(formula)
        except FormulaError as error:
            self.problems.append(f"{where}: {error.message}")

    def _check_zone(self) -> None:
        if self.document.zone is None:
            return
        try:
            ZoneInfo(self.document.zone)
        except (KeyError, ValueError, OSError):
            self.problems.append(
                f"zone: found {self.document.zone!r}; write an IANA name such as 'Asia/Shanghai'"
            )

    def _groups(self) -> tuple[Group, ...]:
        weighed = self.document.weighting.scheme != "fixed"
        groups = self.document.group
        shares = self._shares("group", [group.weight for group in groups], weighed=weighed)
        return tuple(self._group(group, share, weighed) for group, share in zip(groups, shares, strict=True))

    def _group(self, document: GroupDocument, share: Fraction | None, weighed: bool) -> Group:
        where = f"group[{document.id}]"
        self._ids[where] += 1
        weights = self._shares(f"{where}.entry", [entry.weight for entry in document.entry], weighed=weighed)
        entries = []
        for number, (entry, weight) in enumerate(zip(document.entry, weights, strict=True), start=1):
            total = None if share is None or weight is None else share * weight
            entries.append(self._line(f"{where}.entry", entry, number, group=document.id, weight=total))
        return Group(
            id=document.id, label=_label(document.label, document.id), weight=share, entries=tuple(entries)
        )

    def _shares(
        self, where: str, weights: Sequence[Quantity | None], *, weighed: bool
    ) -> list[Fraction | None]:
        written = [weight for weight in weights if weight is not None]
        nothing: list[Fraction | None] = [None] * len(weights)
        if weighed and where != "group":
            if written:
                scheme = self.document.weighting.scheme
                self.problems.append(f"{where}.weight: found weights beside scheme {scheme!r}; remove them")
            return nothing
        if weighed and not written:
            return nothing
        if len(written) < len(weights):
            self.problems.append(
                f"{where}.weight: missing for {len(weights) - len(written)}; write every weight"
            )
            return nothing
        total = sum((weight.value for weight in written), Fraction(0))
        units = {weight.unit for weight in written}
        shown = " + ".join(weight.written for weight in written)
        if "seconds" in units or len(units) > 1 or any(weight.value < 0 for weight in written):
            self.problems.append(
                f"{where}.weight: found {shown}; write all as per cent, or all as shares of one"
            )
            return nothing
        if total != 1 and not (total == 100 and units == {"number"}):
            sum_shown = f"{decimal_text(total * 100)} %" if units == {"share"} else decimal_text(total)
            found = f"{where}.weight: found {shown}" + (f" = {sum_shown}" if written[1:] else "")
            self.problems.append(f"{found}; make the sum exactly 100 (per cent) or 1 (shares)")
            return nothing
        return [weight.value / total for weight in written]

    def _adjustments(self, where: str, documents: Sequence[AdjustmentDocument]) -> tuple[Entry, ...]:
        return tuple(
            self._line(where, document, number, group=where, weight=None)
            for number, document in enumerate(documents, start=1)
        )

    def _line(
        self,
        where: str,
        document: EntryDocument | AdjustmentDocument,
        number: int,
        *,
        group: str,
        weight: Fraction | None,
    ) -> Entry:
        metric = self._metric(f"{where}[{document.id or number}]", document.metric, document.manual)
        if document.override:
            metric = self._overridden(f"{where}[{document.id or number}].override", metric, document)
        name = document.id or metric
        here = f"{where}[{name}]"
        self._ids[f"id {name}"] += 1
        target = self._target(here, document.target)
        variants = tuple(
            Variant(
                when=self._filter(f"{here}.variant[{i}]", variant.when),
                curve=self._curve(f"{here}.variant[{i}].curve", variant.curve or document.curve, own),
                target=own,
            )
            for i, variant in enumerate(document.variant, start=1)
            for own in [target if variant.target is None else self._target(here, variant.target)]
        )
        curve = self._curve(f"{here}.curve", document.curve, target, identity=document.manual is not None)
        curves = [document.curve, *(variant.curve for variant in document.variant)]
        example = any(curve.example for curve in curves if curve is not None)
        return Entry(
            id=name,
            label=_label(document.label, name),
            group=group,
            metric=metric,
            manual=document.manual,
            weight=weight,
            curve=curve,
            target=target,
            variants=variants,
            min_n=document.min_n,
            min_reliability=document.min_reliability,
            missing=document.missing if isinstance(document, EntryDocument) else None,
            uses=document.uses,
            example=example or (isinstance(document, EntryDocument) and document.example),
        )

    def _metric(self, where: str, metric: str | None, manual: str | None) -> str:
        if (metric is None) == (manual is None):
            found = "neither" if metric is None else "both"
            self.problems.append(f"{where}: found {found}; write either metric or manual")
        if metric is not None:
            self._check_formula(f"{where}.metric", read_formula(metric))
        return metric if metric is not None else f"manual:{manual}"

    def _overridden(self, where: str, metric: str, document: EntryDocument | AdjustmentDocument) -> str:
        """Returns the metric with the parameters of its groups as they are written in a request."""
        for number, override in enumerate(document.override, start=1):
            self._filter(f"{where}[{number}]", override.when)
        names = {formula.name for formula in self.document.formula}
        if document.metric is None or metric in names or read_formula(metric) is not None:
            self.problems.append(f"{where}: found {metric}, which has no parameters; write them at a metric")
            return metric
        groups = tuple(
            WrittenGroup(
                when=tuple((subject, tuple(sorted(set(words)))) for subject, words in override.when.items()),
                parameters=override.parameters,
            )
            for override in document.override
        )
        try:
            written = read_request(metric)
            metric = write_request(replace(written, groups=written.groups + groups))
            read_request(metric)
        except UsageError as error:
            self.problems.append(f"{where}: {error.message}; {error.hint}")
        return metric

    def _target(
        self, where: str, written: Quantity | tuple[Quantity, Quantity] | Literal["required"] | None
    ) -> Target:
        if isinstance(written, tuple):
            low, high = written
            if low.value > high.value:
                self.problems.append(
                    f"{where}.target: found [{low.written}, {high.written}]; write the lower end first"
                )
            return low.value, high.value
        return written.value if isinstance(written, Quantity) else written

    def _filter(self, where: str, written: Mapping[str, tuple[str, ...]]) -> Filter:
        if not written or not all(written.values()):
            self.problems.append(f"{where}.when: found no values; write an attribute and its values")
        return written

    def _curve(
        self, where: str, document: CurveDocument | None, target: Target, *, identity: bool = False
    ) -> Curve | None:
        scale = self.document.points
        if document is None:
            if identity and scale.lowest < scale.highest:
                ends = [(scale.lowest, scale.lowest), (scale.highest, scale.highest)]
                return make_curve(ends, below="refuse", above="refuse")
            self.problems.append(f"{where}: missing; write knots, or a form such as linear")
            return None
        one = target[0] if isinstance(target, tuple) and target[0] == target[1] else target
        try:
            return expand(document, target=None if isinstance(one, tuple) else one, highest=scale.highest)
        except TargetRequired:
            return None
        except ValueError as error:
            self.problems.append(f"{where}: {error}")
            return None

    def _gate(self, document: GateDocument) -> Gate:
        where = f"gate[{document.id}]"
        self._ids[where] += 1
        text = document.when.strip()
        operator = text[:2] if text[1:2] == "=" else text[:1]
        try:
            bound = parse_quantity(text[len(operator) :].strip()).value
        except ValueError as error:
            self.problems.append(f"{where}.when: {error}")
            bound = Fraction(0)
        return Gate(
            id=document.id,
            label=_label(document.label, document.id),
            metric=self._metric(where, document.metric, document.manual),
            when=Condition(operator=operator, bound=bound),  # type: ignore[arg-type]
            action=document.action,
            to=document.to,
            by=document.by,
            group=document.group,
            grade=document.grade,
        )


def _grade(document: GradeDocument) -> Grade:
    return Grade(
        name=document.name,
        label=_label(document.label, document.name),
        at_least=document.at_least,
        coefficient=document.coefficient,
    )


def _label(document: LabelDocument | None, name: str) -> Label:
    return Label(en=document.en, zh=document.zh) if document else Label(en=name, zh="")
