"""Random questions about random logs, asked of the engine and of the oracle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

import pyarrow as pa

import kpicore
from kpicore.engine import Result
from kpicore.engine.plan import frames_of
from kpicore.engine.prepare import durations_of, sources_of
from kpicore.errors import MissingDataError, UsageError
from kpicore.metrics import build, parse_request
from kpicore.plugin import Choice, Choices, Duration, Metric, Parameter, Shorthand

from .delivered import plugins_with
from .measuring import Cell, Oracle, Row, measures_of
from .random_logs import BASE, DAY, HOUR, MINUTE, SCHEMAS, random_log, to_tables

__all__ = ["METRICS", "PLUGINS", "Question", "ask", "cells_of", "random_question", "told"]

PLUGINS = plugins_with()
SAMPLE = kpicore.open(to_tables(random_log(Random(0))), plugins=PLUGINS)


@cache
def is_delivered(text: str) -> bool:
    """Returns whether a metric as asked for reads only what random logs deliver, and the oracle knows how."""
    try:
        request = parse_request(text, PLUGINS)
        statistic = build(request)
        frames = frames_of(measures_of(statistic), sources_of(SAMPLE, PLUGINS))
    except (MissingDataError, UsageError, TypeError):
        return False
    by_the_clock = not durations_of(measures_of(statistic))
    return by_the_clock and all(frame.relation.derivation is None for frame in frames)


METRICS = [name for name in sorted(PLUGINS.metrics) if is_delivered(name)]
ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Asia/Kathmandu")
SUBJECTS: Mapping[str, Sequence[tuple[str, ...]]] = {
    "visits": (
        (),
        ("agent",),
        ("queue",),
        ("channel",),
        ("team",),
        ("agent", "queue"),
        ("contact",),
        ("topic",),
        ("topic", "skill"),
        ("tenure",),
    ),
    "legs": (
        (),
        ("agent",),
        ("team",),
        ("tier",),
        ("team", "channel"),
        ("skill",),
        ("tenure[1+3]",),
        ("agent", "topic"),
    ),
    "responses": ((), ("agent",), ("team",), ("customer",), ("channel",), ("topic",), ("tenure",)),
    "contacts": ((), ("channel",), ("tier", "channel"), ("topic",), ("topic", "channel")),
    "agents": (
        (),
        ("agent",),
        ("team",),
        ("team", "agent"),
        ("skill",),
        ("tenure",),
        ("skill", "tenure[1+3]"),
    ),
}
PERIODS = (
    ("all",),
    ("hour",),
    ("day",),
    ("week",),
    ("month",),
    ("15min",),
    ("hour_of_day",),
    ("weekday",),
    ("day", "hour_of_day"),
    ("weekday", "hour_of_day"),
)


@dataclass(frozen=True)
class Question:
    """What is asked of a log."""

    metrics: tuple[str, ...]
    by: tuple[str, ...]
    periods: tuple[str, ...]
    zone: str
    start: int
    end: int
    where: Mapping[str, tuple[str, ...]]


WORDS: Mapping[str, Sequence[str]] = {
    "agent": ("Ann", "李雷", "nobody"),
    "team": ("day",),
    "queue": ("售后",),
    "channel": ("chat",),
    "tier": ("gold",),
    "topic": ("refund", "untagged"),
    "skill": ("退款", "unassigned"),
    "tenure": ("00-03m", "12-36m", "unknown"),
    "tenure[1+3]": ("1-3m", "3m+"),
}
"""Values that occur and some that do not, by subject."""


def random_value(random: Random, parameter: Parameter) -> str:
    match parameter:
        case Duration():
            return random.choice(("0s", "5s", "20s", "1h", "3h"))
        case Choice():
            return random.choice(parameter.values)
        case Choices():
            return "+".join(random.sample(parameter.values, random.randrange(1, len(parameter.values))))
        case Shorthand():
            return random.choice(list(parameter.meanings))
    raise TypeError(parameter)


def random_request(random: Random, metric: Metric) -> str:
    """Returns a metric with some of its parameters, those of facts (which are delivered) left alone."""
    free = [p for p in metric.parameters if isinstance(p, (Duration, Choice, Choices, Shorthand))]
    free = [p for p in free if p.name not in ("actor", "start", "concurrency")]
    subjects = sorted({name for by in SUBJECTS[family(metric)] for name in by} & WORDS.keys())

    def settings(least: int) -> str:
        chosen = random.sample(free, random.randrange(min(least, len(free)), len(free) + 1))
        return ",".join(f"{p.name}={random_value(random, p)}" for p in chosen)

    def group() -> str:
        words = {name: "+".join(WORDS[name]) for name in random.sample(subjects, random.randrange(1, 3))}
        return f"; {', '.join(f'{name}={word}' for name, word in words.items())}: {settings(1)}"

    for _ in range(20):
        groups = [group() for _ in range(random.choice((0, 0, 1, 2)))] if free else []
        text = f"{metric.name}[{settings(0)}{''.join(groups)}]"
        if is_delivered(text):
            return text
    return metric.name


def family(metric: Metric) -> str:
    if metric.name in ("calls_answered", "sessions_per_hour"):
        return "agents"
    for name in ("visits", "legs", "contacts"):
        if name in metric.needs:
            return name
    return "responses" if "messages" in metric.needs else "agents"


def random_question(random: Random, metrics: Sequence[str]) -> Question:
    first = PLUGINS.metric(random.choice(metrics))
    by = random.choice(SUBJECTS[family(first)])
    start = BASE + random.choice((0, -DAY, 7 * HOUR + 11 * MINUTE + 1, DAY))
    end = start + random.choice((HOUR, 26 * HOUR, 2 * DAY, 5 * DAY + 30 * MINUTE + 7))
    where: dict[str, tuple[str, ...]] = {}
    if random.random() < 0.3:
        where["weekday"] = tuple(random.sample("1234567", random.randrange(1, 6)))
    if random.random() < 0.3:
        where["hour_of_day"] = tuple(str(h) for h in random.sample(range(24), 12))
    if random.random() < 0.4 and by:
        where |= {name: tuple(WORDS[name]) for name in by if name in WORDS}
        if "contact" not in by and family(first) in ("visits", "legs", "responses"):
            where |= random.choice(({}, {"topic": ("发货",)}, {"skill": ("mail", "unassigned")}))
    where = {name + random.choice(("", "", "!")): words for name, words in where.items()}
    same = [name for name in metrics if family(PLUGINS.metric(name)) == family(first)]
    texts = [random_request(random, PLUGINS.metric(random.choice(same))) for _ in range(2)]
    periods = random.choice(PERIODS)
    return Question(
        (random_request(random, first), *texts), by, periods, random.choice(ZONES), start, end, where
    )


def ask(tables: Mapping[str, pa.Table], question: Question, **more: int) -> Result:
    log = kpicore.open(tables, plugins=PLUGINS)
    return kpicore.measure(
        log,
        question.metrics,
        question.by,
        period=question.periods,
        zone=question.zone,
        start=question.start,
        end=question.end,
        where=question.where,
        plugins=PLUGINS,
        **more,
    )


def cells_of(result: Result, question: Question) -> dict[tuple[object, ...], Cell]:
    """Returns the rows of a result as the oracle names them."""
    cells: dict[tuple[object, ...], Cell] = {}
    grain = next((p for p in question.periods if p not in ("weekday", "hour_of_day")), "all")
    for row, value in zip(result.rows(), result.fractions(), strict=True):
        label = str(row["period"])
        if grain != "all":
            label += f" {row['weekday']}" if "weekday" in row else ""
            label += f" {row['hour_of_day']:02d}" if "hour_of_day" in row else ""
        key = (row["metric"], tuple(row[name] for name in question.by), label, row["part"])
        assert key not in cells
        numbers = (row["numerator"], row["denominator"], row["n"])
        cells[key] = Cell(value, *numbers, dict(row["excluded"]))  # type: ignore[arg-type, call-overload]
        assert row["reason"] == (None if value is not None else "no_data")
        assert row["value"] == (None if value is None else float(value))
    return cells


def told(log: Mapping[str, Sequence[Row]], question: Question) -> dict[tuple[object, ...], Cell]:
    """Returns what the oracle says."""
    oracle = Oracle(
        log,
        SCHEMAS,
        by=question.by,
        periods=question.periods,
        zone=question.zone,
        start=question.start,
        end=question.end,
        where=question.where,
    )
    axis = oracle.axis()
    requests = [parse_request(text, PLUGINS) for text in dict.fromkeys(question.metrics)]
    return dict(oracle.ask(requests, list(axis), axis))  # type: ignore[arg-type]
