"""Past periods of a log: which ones it covers whole, and what another card would have changed in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from kpicore.analysis import Proposal, better, propose_target
from kpicore.clock import CalendarBook, load_zone, timeline
from kpicore.engine import ask, extent
from kpicore.errors import UsageError
from kpicore.metrics import parse_requests
from kpicore.plugin.manager import Plugins
from kpicore.scoring import Card, Change, compare_scores, load_card
from kpicore.tables import Log

from .review import calendars_of, review

__all__ = ["backtest_log", "past_periods", "propose_targets"]

_MOST = 12


def past_periods(
    log: Log, card: Card, plugins: Plugins, *, zone: str | None = None
) -> tuple[tuple[str, int, int], ...]:
    """Returns name, start and end (microseconds UTC) of the periods of ``card`` that ``log`` covers from the
    first to the last day, oldest first; the last twelve. None where the log is shorter than a period.
    """
    chosen = load_zone(zone or card.zone or log.zone or "UTC")
    requests = parse_requests(card.metrics, plugins, card.formulas)
    first, last = extent(log, requests, plugins)
    days = timeline(first, last + 1, "day", chosen, align=True)
    low, high = days.edges[0], days.edges[-1]
    cells = timeline(low, high, card.period, chosen, align=True)
    whole = [
        (_name(start, card.period, chosen), start, end)
        for start, end in zip(cells.edges, cells.edges[1:], strict=False)
        if start >= low and end <= high
    ]
    return tuple(whole[-_MOST:])


def backtest_log(
    log: Log,
    old: str,
    new: str,
    plugins: Plugins,
    *,
    periods: Sequence[str] = (),
    zone: str | None = None,
    calendars: CalendarBook | None = None,
    threads: int | None = None,
) -> tuple[Change, ...]:
    """Returns what the card ``new`` instead of ``old`` (TOML texts) would have changed in past ``periods``,
    and for whom; by default in all that ``past_periods`` gives, or in the whole log where it gives none.

    Raises UsageError for cards of different subjects or periods, and what scoring raises.
    """
    cards = load_card(old), load_card(new)
    for what, one, two in (
        ("subject", cards[0].subject, cards[1].subject),
        ("period", cards[0].period, cards[1].period),
    ):
        if one != two:
            raise UsageError(
                f"the old card's {what} is {one}, the new one's {two}",
                hint="compare cards for the same thing",
            )
    names: Sequence[str | None] = periods or [
        name for name, _, _ in past_periods(log, cards[0], plugins, zone=zone)
    ]
    changes: list[Change] = []
    for name in names or [None]:
        before, after = (
            review(
                log, text, plugins, period=name, zone=zone, calendars=calendars, root=None, threads=threads
            ).scores
            for text in (old, new)
        )
        changes += compare_scores(before, after, period=name or "all")
    return tuple(changes)


def propose_targets(
    log: Log,
    card: Card,
    plugins: Plugins,
    *,
    reach: Fraction,
    zone: str | None = None,
    calendars: CalendarBook | None = None,
    threads: int | None = None,
) -> tuple[tuple[Proposal, str], ...]:
    """Returns a target for every measured entry of ``card``, with its unit: the hardest that the share
    ``reach`` of the values of past periods is on. A value with fewer than the entry's ``min_n`` is left out.

    Each subject's value of each past period counts once; those of the whole log where it is shorter than a
    period.
    """
    whole = past_periods(log, card, plugins, zone=zone)
    result = ask(
        log,
        card.metrics,
        [card.subject],
        plugins,
        period=card.period if whole else "all",
        zone=zone or card.zone,
        start=whole[0][1] if whole else None,
        end=whole[-1][2] if whole else None,
        calendars=calendars_of(card, calendars),
        threads=threads,
    )
    directions = {request.text: request.metric.direction.value for request in result.requests}
    rows = list(zip(result.rows(), result.fractions(), strict=True))
    found = []
    for entry in card.entries:
        own = [(row, value) for row, value in rows if row["metric"] == entry.metric]
        enough = [value for row, value in own if value is not None and _enough(row["n"], entry.min_n)]
        if own and enough:
            unit = str(own[0][0]["unit"])
            way = better(entry, {"direction": directions[entry.metric]})
            proposal = propose_target(entry.id, enough, way, reach, unit)
            if proposal is not None:
                found.append((proposal, unit))
    return tuple(found)


def _enough(n: object, least: int | None) -> bool:
    return least is None or (isinstance(n, int) and n >= least)


def _name(start: int, grain: str, zone: ZoneInfo) -> str:
    day = datetime.fromtimestamp(start // 1_000_000, zone).date()
    match grain:
        case "year":
            return f"{day.year}"
        case "quarter":
            return f"{day.year}-Q{(day.month + 2) // 3}"
        case "month":
            return f"{day:%Y-%m}"
        case "week":
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02d}"
        case "day":
            return day.isoformat()
    raise UsageError(f"a card for one {grain} has no named periods", hint="score a day, a week or longer")
