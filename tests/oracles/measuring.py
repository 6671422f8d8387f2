"""A slow, obvious account of what measuring means: rows as dictionaries, loops, exact fractions.

Tables are lists of rows with values, not codes: words, integers, microseconds since 1970 UTC. What a
measure asks for is read from its record and its expressions; everything else is done again here.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pyarrow as pa

from kpicore.metrics import Request, build
from kpicore.plugin import (
    Custom,
    Extremum,
    Measure,
    MeasureKind,
    Quantile,
    Ratio,
    Statistic,
    TableSchema,
    Tally,
)
from kpicore.plugin.expression import (
    And,
    Arithmetic,
    Belongs,
    Choose,
    Compare,
    Equal,
    Expression,
    Field,
    IsNull,
    Literal,
    Not,
    OneOfValues,
    Or,
)

__all__ = ["Cell", "Oracle", "Row", "Values", "measures_of"]

Row = Mapping[str, object]
Subject = tuple[str, ...]
Period = str
QUARTER = 15 * 60 * 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEYS = {"agent": "agent_id", "customer": "customer_id", "contact": "contact_id"}
_LATER = 10**18


@dataclass(frozen=True)
class Cell:
    """A row of a result, as far as the oracle tells it."""

    value: Fraction | None
    numerator: int | None
    denominator: int | None
    n: int | None
    excluded: Mapping[str, int]


@dataclass
class Values:
    """The values of one measure that fell into one subject, period and part, piece by piece."""

    seen: list[int | str] = field(default_factory=list)
    rows: int = 0


def evaluate(expression: Expression, row: Row, belongs: Callable[[Belongs], bool]) -> object:
    """Returns the value of an expression, None where it is undefined; conditions are never None."""

    def evaluated(part: Expression) -> object:
        return evaluate(part, row, belongs)

    match expression:
        case Belongs():
            return belongs(expression)
        case Choose(condition, left, right):
            return evaluated(left if evaluated(condition) else right)
        case Field(name):
            return row.get(name)
        case Literal(value):
            return value
        case Arithmetic(operator, left, right):
            a, b = evaluated(left), evaluated(right)
            if not isinstance(a, int) or not isinstance(b, int):
                return None
            return {"+": a + b, "-": a - b, "*": a * b}[operator]
        case Compare(operator, left, right):
            a, b = evaluated(left), evaluated(right)
            if not isinstance(a, int) or not isinstance(b, int):
                return False
            return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]
        case Equal(left, value):
            return evaluated(left) == value
        case OneOfValues(left, words):
            return evaluated(left) in words
        case IsNull(operand):
            return evaluated(operand) is None
        case Not(operand):
            return not evaluated(operand)
        case And(left, right):
            return bool(evaluated(left)) and bool(evaluated(right))
        case Or(left, right):
            return bool(evaluated(left)) or bool(evaluated(right))
    raise TypeError(expression)


def subjects_asked(expression: object) -> set[str]:
    """Returns the subjects that an expression asks of rows."""
    if isinstance(expression, Belongs):
        return {expression.subject}
    inside = [getattr(expression, f.name) for f in fields(expression)] if is_dataclass(expression) else []
    return {name for part in inside for name in subjects_asked(part)}


def measures_of(statistic: Statistic) -> list[Measure]:
    """Returns the measures that a statistic reads."""
    own: list[Measure]
    match statistic:
        case Tally() | Extremum() | Quantile():
            own = [statistic.measure]
        case Ratio():
            own = [statistic.numerator, statistic.denominator]
        case Custom():
            own = list(statistic.measures.values())
        case _:
            raise TypeError(statistic)
    return [*own, *([statistic.n] if statistic.n else []), *statistic.excluded.values()]


class Oracle:
    """Measures tables by subjects and periods over [start, end)."""

    def __init__(
        self,
        tables: Mapping[str, Sequence[Row]],
        schemas: Mapping[str, TableSchema],
        *,
        by: Sequence[str],
        periods: Sequence[str],
        zone: str,
        start: int,
        end: int,
        where: Mapping[str, Sequence[str]],
    ) -> None:
        self.tables, self.schemas = tables, schemas
        self.by, self.zone = by, ZoneInfo(zone)
        self.where = {name: words for name, words in where.items() if not name.endswith("!")}
        self.unless = {name[:-1]: words for name, words in where.items() if name.endswith("!")}
        for cycle, every in (("weekday", range(1, 8)), ("hour_of_day", range(24))):
            unwanted = self.unless.pop(cycle, ())
            if unwanted:
                words = self.where.get(cycle, list(map(str, every)))
                self.where[cycle] = [word for word in words if word not in unwanted]
        self.grain = next((p for p in periods if p not in ("weekday", "hour_of_day")), "all")
        self.cycles = [c for c in ("weekday", "hour_of_day") if c in periods]
        self.start, self.end = start, end

    # --- time -----------------------------------------------------------------------------------

    def local(self, at: int) -> datetime:
        return (EPOCH + timedelta(microseconds=at)).astimezone(self.zone)

    def period(self, at: int) -> Period | None:
        """Returns the label of the period of an instant; None outside the range or the chosen cycles."""
        if not self.start <= at < self.end:
            return None
        clock = self.local(at)
        values = {"weekday": str(clock.isoweekday()), "hour_of_day": f"{clock.hour:02d}"}
        for cycle, value in values.items():
            if cycle in self.where and int(value) not in map(int, self.where[cycle]):
                return None
        if self.cycles and self.grain == "all":
            return "/".join(values[cycle] for cycle in self.cycles)
        words = [self.grain_label(at), *(values[cycle] for cycle in self.cycles)]
        return " ".join(words)

    def grain_label(self, at: int) -> str:
        clock = self.local(at)
        if self.grain == "all":
            return self.local(self.start).isoformat()
        if self.grain in ("hour", "30min", "15min"):
            step = {"hour": 60, "30min": 30, "15min": 15}[self.grain]
            return clock.replace(minute=clock.minute // step * step, second=0, microsecond=0).isoformat()
        day = clock.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        if self.grain == "week":
            day -= timedelta(days=clock.isoweekday() - 1)
        if self.grain == "month":
            day = day.replace(day=1)
        return day.isoformat()

    def cell(self, at: int) -> tuple[object, ...] | None:
        """Returns what stays the same until the next edge of a period."""
        label = self.period(at)
        if label is None:
            return None
        clock = self.local(at)
        named = [*self.cycles, *(c for c in ("weekday", "hour_of_day") if c in self.where)]
        if "hour_of_day" in named:
            return label, clock.date(), clock.hour, clock.utcoffset()
        return (label, clock.date()) if named else (label,)

    def pieces(self, start: int, end: int) -> list[tuple[int, int]]:
        """Returns an interval cut at the edges of periods; quarter hours of UTC are a refinement of them."""
        edges = {start, end, self.start, self.end}
        edges.update(range(start - start % QUARTER + QUARTER, end, QUARTER))
        inside = sorted(at for at in edges if start <= at <= end)
        found: list[tuple[int, int]] = []
        for low, high in itertools.pairwise(inside):
            if self.cell(low) is None:
                continue
            if found and found[-1][1] == low and self.cell(found[-1][0]) == self.cell(low):
                found[-1] = (found[-1][0], high)
            else:
                found.append((low, high))
        return found

    def axis(self) -> dict[Period, int]:
        """Returns the periods in order of time, each with the number of local days that it touches."""
        touched: dict[Period, set[object]] = {label: set() for label in self.dense()}
        edges = {self.start, *range(self.start - self.start % QUARTER + QUARTER, self.end, QUARTER)}
        for at in sorted(edges):
            label = self.period(at)
            if label is not None:
                touched.setdefault(label, set()).add(self.local(at).date())
        return {label: len(days) for label, days in touched.items()}

    def dense(self) -> list[Period]:
        """Returns the periods that some chosen hour or weekday touches, every cycle in each of them."""
        edges = {self.start, *range(self.start - self.start % QUARTER + QUARTER, self.end, QUARTER)}
        touched = [at for at in sorted(edges) if self.grain == "all" or self.period(at) is not None]
        grains = dict.fromkeys(self.grain_label(at) for at in touched)
        words = {"weekday": [str(day) for day in range(1, 8)], "hour_of_day": [f"{h:02d}" for h in range(24)]}
        for cycle in words:
            if cycle in self.where:
                chosen = [int(word) for word in self.where[cycle]]
                words[cycle] = [word for word in words[cycle] if int(word) in chosen]
        rows = [[]] if self.grain == "all" and self.cycles else [[label] for label in grains]
        for cycle in self.cycles:
            rows = [[*row, word] for row in rows for word in words[cycle]]
        return [("/" if self.grain == "all" else " ").join(row) for row in rows]

    # --- subjects -------------------------------------------------------------------------------

    def roster(self, agent: object, at: int, column: str) -> object:
        """Returns what the roster says of an agent at an instant: of rows that overlap, the latest."""
        found: list[tuple[int, int, object]] = []
        for row in self.tables.get("agents", ()):
            since, until = row.get("valid_from"), row.get("valid_to")
            low = since if isinstance(since, int) else -_LATER
            high = until if isinstance(until, int) else _LATER
            if row["agent_id"] == agent and low <= at < high:
                found.append((low, -high, row.get(column)))
        return max(found, key=lambda each: each[:2])[2] if found else None

    def subjects_of(self, name: str, table: str, row: Row, at: int) -> list[object]:
        """Returns the values of a subject: one, several where a contact or agent has them, none for null."""
        known = "agent_id" in row and row["agent_id"] is not None
        if name.startswith("tenure"):
            return [self.band(row["agent_id"], at, name)] if known else []
        if name == "skill":
            return (
                sorted(set(self.roster(row["agent_id"], at, "skills") or ())) or ["unassigned"]
                if known
                else []
            )  # type: ignore[call-overload]
        if name == "topic":
            own = [c.get("topics") for c in self.tables["contacts"] if c["contact_id"] == row["contact_id"]]
            return sorted(set(own[0] or ())) or ["untagged"] if own else ["untagged"]  # type: ignore[call-overload]
        value = self.subject(name, table, row, at)
        return [] if value is None else [value]

    def band(self, agent: object, at: int, name: str) -> str:
        """Returns the tenure band of an agent on the local day of an instant."""
        limits = [int(word) for word in name[7:-1].split("+")] if "[" in name else [3, 12, 36]
        hired = self.roster(agent, at, "hired_on")
        if not isinstance(hired, int):
            return "unknown"
        first, day = self.local(hired).date(), self.local(at).date()
        months = (day.year - first.year) * 12 + day.month - first.month - (day.day < first.day)
        width = len(str(limits[-1]))
        for low, high in zip([0, *limits], limits, strict=False):
            if months < high:
                return f"{low:0{width}d}-{high:0{width}d}m"
        return f"{limits[-1]}m+"

    def subject(self, name: str, table: str, row: Row, at: int) -> object:
        column = KEYS.get(name, name)
        if column in row:
            return row[column]
        contacts = self.tables.get("contacts", ())
        roster = self.tables.get("agents", ())
        by_contact = "contact_id" in row and any(column in other for other in contacts)
        by_agent = "agent_id" in row and any(column in other for other in roster)
        if by_agent and (name == "team" or not by_contact):
            return self.roster(row["agent_id"], at, column)
        return next((c.get(column) for c in contacts if c["contact_id"] == row["contact_id"]), None)

    def stretches(
        self, table: str, row: Row, start: int, end: int, asked: Iterable[str]
    ) -> list[tuple[int, int]]:
        """Returns an interval cut where a subject of the row changes with the roster."""
        names = [
            name
            for name in (*self.by, *self.where, *self.unless, *asked)
            if name not in ("weekday", "hour_of_day")
        ]
        edges = [*self.membership_edges(row), *(self.midnights(start, end) if "tenure" in str(names) else ())]
        cuts = sorted({start, end, *(at for at in edges if start < at < end)})
        found: list[tuple[int, int]] = []
        before: list[object] = []
        for low, high in itertools.pairwise(cuts):
            now: list[object] = [self.subjects_of(name, table, row, low) for name in names]
            if found and now == before:
                found[-1] = (found[-1][0], high)
            else:
                found.append((low, high))
            before = now
        return found

    def midnights(self, start: int, end: int) -> Iterable[int]:
        for at in range(start - start % QUARTER + QUARTER, end, QUARTER):
            clock = self.local(at)
            if (clock.hour, clock.minute) == (0, 0):
                yield at

    def membership_edges(self, row: Row) -> Iterable[int]:
        for other in self.tables.get("agents", ()):
            if other["agent_id"] == row.get("agent_id"):
                for at in (other.get("valid_from"), other.get("valid_to")):
                    if isinstance(at, int):
                        yield at

    # --- rows -----------------------------------------------------------------------------------

    def placed(self, measure: Measure) -> Iterable[tuple[Row, int]]:
        """Yields the rows of a measure, or their pieces, with the instant that decides where they belong."""
        schema = self.schemas[measure.of]
        asked = sorted(subjects_asked(measure.where) | subjects_asked(measure.value))
        for row in self.tables[measure.of]:
            if measure.attribution in schema.times:
                at = row.get(schema.times[measure.attribution])
                if isinstance(at, int):
                    yield row, at
                continue
            begin, until = schema.interval or ("", "")
            start, end = row.get(begin), row.get(until)
            if not isinstance(start, int) or not isinstance(end, int):
                continue
            for low, high in self.stretches(measure.of, row, start, end, asked):
                for first, last in self.pieces(low, high):
                    yield {**row, begin: first, until: last}, first

    def measure(self, measure: Measure) -> dict[tuple[Subject, Period, str | None], Values]:
        """Returns what is known of every group in which a row occurred, even one that does not count."""
        groups: dict[tuple[Subject, Period, str | None], Values] = defaultdict(Values)
        for row, at in self.placed(measure):
            period = self.period(at)
            if period is None or not self.wanted(measure.of, row, at):
                continue

            def belongs(asked: Belongs, row: Row = row, at: int = at) -> bool:
                return any(
                    str(v) in asked.values for v in self.subjects_of(asked.subject, measure.of, row, at)
                )

            part = row.get(measure.part) if measure.part else None
            every = [self.subjects_of(name, measure.of, row, at) for name in self.by]
            for subject in itertools.product(*every):
                words = tuple(str(word) for word in subject)
                if any(
                    word not in self.where.get(n, (word,)) or word in self.unless.get(n, ())
                    for n, word in zip(self.by, words, strict=True)
                ):
                    continue
                values = groups[words, period, None if part is None else str(part)]
                if measure.where is not None and not evaluate(measure.where, row, belongs):
                    continue
                values.rows += 1
                if measure.value is not None:
                    value = evaluate(measure.value, row, belongs)
                    if isinstance(value, (int, str)):
                        values.seen.append(value)
        return groups

    def wanted(self, table: str, row: Row, at: int) -> bool:
        return all(
            any(str(value) in words for value in self.subjects_of(name, table, row, at))
            for name, words in self.where.items()
            if name not in ("weekday", "hour_of_day")
        ) and not any(
            str(value) in words
            for name, words in self.unless.items()
            for value in self.subjects_of(name, table, row, at)
        )

    # --- results --------------------------------------------------------------------------------

    def ask(
        self, requests: Sequence[Request], labels: Sequence[Period], days: Mapping[Period, int]
    ) -> dict[tuple[str, Subject, Period, str | None], Cell]:
        """Returns every row of the result for periods called ``labels``."""
        statistics = {request.text: build(request) for request in requests}
        every = dict.fromkeys(m for s in statistics.values() for m in measures_of(s))
        groups = {measure: self.measure(measure) for measure in every}
        subjects = sorted({subject for group in groups.values() for subject, _, _ in group})
        if not self.by:
            subjects = [()]
        result: dict[tuple[str, Subject, Period, str | None], Cell] = {}
        for text, statistic in statistics.items():
            broken = [m for m in measures_of(statistic) if m.part is not None]
            parts: list[str | None] = [None]
            if broken:
                found = {
                    part for m in broken for (*_, part), values in groups[m].items() if number(m, values)
                }
                parts = sorted(part for part in found if part is not None)  # type: ignore[assignment]
            for subject in subjects:
                for label in labels:
                    for part in parts:

                        def at(
                            measure: Measure,
                            subject: Subject = subject,
                            label: str = label,
                            part: str | None = part,
                        ) -> Values:
                            place = (subject, label, part if measure.part else None)
                            return groups[measure].get(place, Values())

                        result[text, subject, label, part] = cell(statistic, at, days[label])
        return result


def cell(statistic: Statistic, at: Callable[[Measure], Values], days: int) -> Cell:
    """Returns one row; ``at`` gives the values of a measure."""
    excluded = {reason: number(m, at(m)) for reason, m in statistic.excluded.items()}
    known = {reason: rows for reason, rows in excluded.items() if rows}
    numerator = denominator = n = None
    value: Fraction | None
    match statistic:
        case Tally():
            total = number(statistic.measure, at(statistic.measure))
            assert total is not None
            value, n = statistic.scale * total, total
            if statistic.per == "day":
                numerator, denominator = total, days
                value = value / days if days else None
        case Ratio():
            numerator = number(statistic.numerator, at(statistic.numerator))
            denominator = number(statistic.denominator, at(statistic.denominator))
            assert numerator is not None
            value, n = statistic.scale * numerator / denominator if denominator else None, denominator
        case Extremum():
            extreme = number(statistic.measure, at(statistic.measure))
            value = None if extreme is None else statistic.scale * extreme
        case Quantile():
            ordered = sorted(each for each in at(statistic.measure).seen if isinstance(each, int))
            value, n = quantile(ordered, statistic.q), len(ordered)
            value = None if value is None else statistic.scale * value
        case Custom():
            value, numerator, denominator, n = _finalized(statistic, at)
        case _:
            raise TypeError(statistic)
    if statistic.n is not None:
        n = number(statistic.n, at(statistic.n))
    return Cell(value, numerator, denominator, n, known)


def _finalized(
    statistic: Custom, at: Callable[[Measure], Values]
) -> tuple[Fraction | None, int | None, int | None, int | None]:
    """Returns what the statistic's own function makes of the numbers of one row."""
    state = {name: pa.array([number(m, at(m))], pa.int64()) for name, m in statistic.measures.items()}
    outcome = statistic.finalize(state)
    columns = (outcome.numerator, outcome.denominator, outcome.n, *(outcome.exact or ()))
    numerator, denominator, n, *exact = (None if c is None else c[0].as_py() for c in columns)
    value = outcome.value[0].as_py()
    return (None if value is None else Fraction(*(exact or (value,)))), numerator, denominator, n


def number(measure: Measure, values: Values) -> int | None:
    """Returns what a measure of these values is."""
    if measure.kind is MeasureKind.COUNT:
        return values.rows
    if measure.kind is MeasureKind.DISTINCT:
        return len(set(values.seen))
    numbers = [value for value in values.seen if isinstance(value, int)]
    if measure.kind is MeasureKind.SUM:
        return sum(numbers)
    if measure.kind is MeasureKind.MINIMUM:
        return min(numbers, default=None)
    if measure.kind is MeasureKind.MAXIMUM:
        return max(numbers, default=None)
    raise TypeError(measure.kind)


def quantile(ordered: Sequence[int], q: Fraction) -> Fraction | None:
    """Returns the quantile at position q * (n - 1), linearly between neighbours."""
    if not ordered:
        return None
    position = q * (len(ordered) - 1)
    below = position.numerator // position.denominator
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])
