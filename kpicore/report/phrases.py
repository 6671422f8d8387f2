"""What a report says in sentences, and numbers in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kpicore.analysis import Anomaly
from kpicore.plain import clean
from kpicore.scoring.card import Label, Target

from . import numbers
from .model import Definition, Kpi, Line, Person, Report, Sign, Standing
from .words import Words

__all__ = ["Phrases", "Told"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A sentence, the word in it that needs an explanation (empty: none does), and what is enough to say once
    that was explained on the page (empty: the same).
    """

    text: str
    ask: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """The sentences of one report in one language."""

    report: Report
    say: Words

    def label(self, label: Label) -> str:
        """Returns a label in the language."""
        return clean(label.read(self.say.language))

    def shown(self, value: numbers.Number | None, kpi: Kpi) -> str:
        """Returns a value of a KPI with its unit."""
        text, unit = numbers.value(value, kpi.unit), self.say.unit(kpi.unit)
        return text if value is None or not unit else f"{text} {unit}"

    def target(self, target: Target, kpi: Kpi) -> str:
        """Returns a target, or a range of them, in the KPI's unit."""
        if isinstance(target, tuple):
            return "–".join(numbers.value(end, kpi.unit) for end in target)
        return numbers.value(target, kpi.unit) if isinstance(target, Fraction) else numbers.NOTHING

    def span(self) -> str:
        """Returns the period that is judged."""
        span = self.report.span
        ends = f"{numbers.day(span.start, span.zone)} – {numbers.day(span.end - 1_000_000, span.zone)[:10]}"
        if span.asked == "all":
            return ends
        fiscal = span.fiscal_year_start != 1 and re.fullmatch(r"\d{4}(-Q\d)?", span.asked)
        return f"{'FY' if fiscal else ''}{span.asked} ({ends})"

    def period(self, start: str, kpi: Kpi) -> str:
        """Returns the name of a period of a KPI's trend from its ISO start."""
        return numbers.period(start, kpi.grain, self.report.span.fiscal_year_start)

    def settles(self, definition: Definition) -> str:
        """Returns after how many days a value is final."""
        days = definition.settle_days
        return self.say("days", n=days) if days else self.say("at_once")

    def rank_set(self, standing: Standing) -> str:
        """Returns the rank and those it may truly be: ``12, 3–41``."""
        if standing.rank is None:
            return numbers.NOTHING
        if standing.best is None or standing.best == standing.worst:
            return str(standing.rank)
        return f"{standing.rank}, {standing.best}–{standing.worst}"

    def rank_words(self, standing: Standing) -> str:
        """Returns the rank as a sentence."""
        told = {"rank": standing.rank, "size": self.report.size}
        if standing.best is None or standing.best == standing.worst:
            return self.say("rank_sure", **told)
        return self.say("rank_sentence", **told, best=standing.best, worst=standing.worst)

    def interval(self, standing: Standing) -> str:
        """Returns the interval of a total; empty where none is known."""
        if standing.low is None or standing.high is None:
            return ""
        return f"{numbers.points(standing.low, 0)}–{numbers.points(standing.high, 0)}"

    def warnings(self) -> list[str]:
        """Returns what a reader must know before he reads on."""
        report = self.report
        found = []
        if report.superseded_by is not None:
            found.append(clean(self.say("superseded_warning", run=report.superseded_by)))
        if any("example" in one.standing.flags for one in report.people):
            found.append(self.say("example_warning"))
        if report.profile == "explore":
            found.append(self.say("profile_explore"))
        if report.small_group:
            found.append(self.say("few_warning"))
        if report.absent:
            found.append(self.say("absent_warning", tables=", ".join(report.absent)))
        return found

    def alerts(self, person: Person) -> list[str]:
        """Returns what stands above a person's figures: no total, on hold, decided otherwise."""
        standing, say = person.standing, self.say
        found = []
        if standing.refusals:
            found.append(f"{say('refused_warning')} {clean('; '.join(standing.refusals))}")
        if standing.held:
            found.append(f"{say('held_warning')} ({', '.join(say.flag(hold) for hold in standing.holds)})")
        if standing.decided_by is not None:
            what = [standing.decided_grade, standing.decided_total, standing.decided_because]
            told = "; ".join(each for each in what if each)
            found.append(clean(say("decided", by=standing.decided_by, what=told)))
        return found

    def notes(self, person: Person) -> str:
        """Returns the remarks of a person's row in the table."""
        standing = person.standing
        found = [self.say("held")] if standing.held else []
        found += [self.say("decided_note")] if standing.decided_by is not None else []
        found += [f"{self.say('appeal')}: {self.say.code('state', one.state)}" for one in person.appeals]
        found += [clean(refusal) for refusal in standing.refusals]
        found += [self.label(gate.label) for gate in person.gates if gate.status == "fired"]
        found += [self.say.flag(each) for each in standing.flags if each != "example"]
        return ", ".join(found)

    def told(self, line: Line, kpi: Kpi) -> Iterator[Told]:
        """Yields what there is to say of a line: what it rests on, and how sure it is."""
        say = self.say
        counted = kpi.rate or kpi.unit != "ratio"  # n of a share of time is a time
        if kpi.rate and line.numerator is not None and line.denominator is not None:
            parts = {"numerator": line.numerator, "denominator": line.denominator}
            counts = {name: numbers.count(number) for name, number in parts.items()}
            yield Told(text=say("fraction_sentence", **counts) + ("。" if say.language == "zh" else "."))
        if line.low is not None and line.high is not None:
            low, high = (numbers.value(end, kpi.unit) for end in (line.low, line.high))
            if counted and line.n is not None and not kpi.rate:
                text = say("chance_sentence", n=numbers.count(line.n), low=low, high=high)
            else:
                text = say("chance_plain", low=low, high=high)
            yield Told(text=text, ask="interval")
        elif counted and line.n is not None:
            yield Told(text=f"n = {numbers.count(line.n)}.")
        if line.reliability is not None:
            share = f"{float(line.reliability) * 100:.0f} %"
            yield Told(
                text=say("reliability_sentence", share=share),
                ask="reliability",
                short=say("reliability_short", share=share),
            )
        if line.side in ("alert", "alarm"):
            yield Told(text=say(f"side_{line.side}"), ask="funnel")
        if line.used is not None and line.used != line.value:
            why = "carried" if line.status == "carried_forward" else kpi.uses
            text = say("used_sentence", used=self.shown(line.used, kpi), why=say(why))
            yield Told(text=text, ask="shrunk" if why == "shrunk" else "")
        if line.gap and line.beyond_chance is False:
            yield Told(text=say("within_chance"), ask="interval")
        for each in line.anomalies:
            yield Told(text=self.unusual(each, kpi))
        if line.variant is not None:
            yield Told(text=clean(say("variant_sentence", who=kpi.variants[line.variant - 1])))
        if line.provisional:
            yield Told(text=say("provisional"), ask="provisional")
        if line.evaluator is not None:
            yield Told(text=clean(say("evaluator_sentence", evaluator=line.evaluator)))

    def unusual(self, one: Anomaly, kpi: Kpi) -> str:
        """Returns what is unusual about a period."""
        told = {
            "period": self.period(one.period, kpi),
            "value": self.shown(one.value, kpi),
            "low": self.shown(one.low, kpi),
            "high": self.shown(one.high, kpi),
        }
        return self.say(f"unusual_{one.kind}", **told)

    def sign(self, sign: Sign) -> str:
        """Returns how frequent a sign is, here and in the team."""
        told = {
            "count": numbers.count(sign.count),
            "n": numbers.count(sign.n),
            "share": numbers.per_cent(Fraction(sign.count, sign.n or 1)),
        }
        if sign.common is None:
            return f"{self.label(sign.label)}: " + self.say("sign_alone", **told)
        common = numbers.per_cent(sign.common)
        return f"{self.label(sign.label)}: " + self.say("sign_sentence", **told, common=common)

    def suppressed(self, kpi: Kpi) -> str:
        """Returns why nothing is said of all together on a KPI; empty where something is."""
        return next((self.say.code("reason", why) for why in kpi.suppressed.values()), "")

    def appeals(self, person: Person) -> list[str]:
        """Returns each appeal of a person as a sentence: what was asked, and what became of it."""
        found = []
        for one in person.appeals:
            asked = {"id": one.id, "by": one.by, "day": one.opened_at[:10], "reason": one.reason}
            text = self.say("appeal_asked", **asked, contacts=", ".join(one.contacts))
            if one.state == "open":
                text += self.say("appeal_open")
            else:
                day = (one.decided_at or "")[:10]
                told = {"reviewer": one.reviewer or "", "day": day, "because": one.because or ""}
                text += self.say(f"appeal_{one.state}", **told, run=one.new_run or "")
            found.append(clean(text))
        return found

    def exemplars(self, line: Line) -> list[tuple[str, str]]:
        """Returns the best and the worst contacts behind a line, as one text each; a rate of one contact is
        all or nothing and needs no number.
        """
        kpi, texts = self.report.kpi(line), dict[str, list[str]]()
        for each in line.exemplars:
            value = "" if kpi.rate else f" ({numbers.value(each.value, kpi.unit)})"
            texts.setdefault(each.kind, []).append(f"{each.contact}{value}")
        return [(kind, clean(", ".join(known))) for kind, known in texts.items()]

    def quality(self, person: Person) -> list[str]:
        """Returns for each KPI what is missing, provisional or left out."""
        found = []
        for line in person.lines:
            kpi, parts = self.report.kpi(line), []
            if line.value is None:
                why = self.say.code("reason", line.reason or "no_data")
                parts.append(f"{self.say('missing')} ({why}; {self.say.code('status', line.status)})")
            elif line.reason is not None:
                why = self.say.code("reason", line.reason)
                parts.append(f"{why}; {self.say.code('status', line.status)}")
            if line.provisional:
                parts.append(self.say("provisional"))
            excluded = [f"{n} {reason.replace('_', ' ')}" for reason, n in line.excluded.items() if n]
            if excluded:
                parts.append(f"{self.say('excluded')}: {clean(', '.join(excluded))}")
            if parts:
                found.append(f"{self.label(kpi.label)}: {', '.join(parts)}")
        return found

    def sums(self, standing: Standing) -> list[tuple[str, str]]:
        """Returns what stands between the sum of the lines and the total."""
        return [
            (self.say(name), numbers.signed(amount, 2 if name != "rounding" else 4))
            for name, amount in self.amounts(standing)
        ]

    def amounts(self, standing: Standing) -> list[tuple[str, Decimal | Fraction]]:
        """Returns the same as keys of words and exact numbers; those that are zero are left out."""
        rows: list[tuple[str, Decimal | Fraction]] = [
            ("bonuses_capped", standing.bonus),
            ("penalties_capped", -standing.penalty),
            ("gates_effect", standing.gate_effect),
            ("rounding", standing.residual or Fraction(0)),
        ]
        return [(name, amount) for name, amount in rows if amount]
