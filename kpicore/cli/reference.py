"""Pages of reference: one for each metric, in Markdown, with an example that was carried out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from .commands.measure import sheet_of
from .commands.metrics import meaning_of, targets_of, title_of
from .sheet import Sheet, render
from .words import Language, say

if TYPE_CHECKING:
    from jinja2 import Template

    from kpicore.plugin import Metric
    from kpicore.plugin.manager import Plugins
    from kpicore.tables import Log

__all__ = ["index_page", "metric_page"]

_WIDTH = 80
_ROWS = 12


def metric_page(metric: Metric, plugins: Plugins, log: Log, *, source: str, zone: str, lang: Language) -> str:
    """Returns the page of a metric; ``source`` is what its example calls ``log``."""
    from kpicore.analysis.advice import known_advice
    from kpicore.metrics.translation import translate_source

    def advice(texts: Sequence[str]) -> list[str]:
        known = known_advice()
        return [known[text].zh if lang == "zh" and text in known else text for text in texts]

    definition = metric.definition_zh if lang == "zh" else metric.definition
    subject, example = _example(metric, plugins, log, zone, lang)
    command = f"kpicore measure {source} -m {metric.name} --zone {zone}"
    command += (f" --by {subject}" if subject else "") + (" --lang zh" if lang == "zh" else "")
    return _template().render(
        metric=metric,
        say=lambda word: say(word, lang),
        title=title_of(metric, lang),
        other=title_of(metric, "en" if lang == "zh" else "zh"),
        definition=(definition or metric.definition).rstrip("."),
        unit=say(metric.unit, lang),
        targets=targets_of(metric, lang),
        source=translate_source(metric.source, lang),
        parameters=[(p.name, p.default or "-", meaning_of(p, lang)) for p in metric.parameters],
        dialects=list(_dialects(metric, plugins)),
        causes=advice(metric.causes),
        actions=advice(metric.actions),
        command=command,
        example=example,
    )


def index_page(metrics: Sequence[Metric], lang: Language, elsewhere: Mapping[str, str]) -> str:
    """Returns the list of all metrics; ``elsewhere`` are links to other languages by their titles."""
    lines = [f"# {say('Metrics', lang)}", ""]
    lines += [" · ".join(f"[{title}]({link})" for title, link in elsewhere.items()), ""]
    headers = [say(word, lang) for word in ("Metric", "Name", "Unit", "Better")]
    lines += [f"| {' | '.join(headers)} |", "|---" * len(headers) + "|"]
    for metric in metrics:
        cells = [title_of(metric, lang), say(metric.unit, lang), say(metric.direction.value, lang)]
        lines.append(f"| [{metric.name}]({metric.name}.md) | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _dialects(metric: Metric, plugins: Plugins) -> Iterator[tuple[str, list[str]]]:
    for dialect in plugins.dialects.values():
        if metric.name in dialect.metrics:
            yield dialect.name, [f"{k}={v}" for k, v in dialect.metrics[metric.name].items()]


def _example(metric: Metric, plugins: Plugins, log: Log, zone: str, lang: Language) -> tuple[str, str]:
    """Returns the finest subject by which the metric has values, and what measuring by it shows.

    Where the log lacks what the metric needs, the error is the example.
    """
    import kpicore
    from kpicore.errors import KpicoreError

    for subject in ("team", "channel", ""):
        try:
            result = kpicore.measure(
                log, [metric.name], by=[subject] if subject else [], zone=zone, plugins=plugins
            )
        except KpicoreError as error:
            if subject:
                continue
            return "", f"error: {error.message}" + (f"\nhint: {error.hint}" if error.hint else "")
        if subject == "" or any(row["value"] for row in result.rows()):
            return subject, _shown(sheet_of(result, lang))
    raise AssertionError("unreachable")


def _shown(sheet: Sheet) -> str:
    lines = render([sheet], columns=_WIDTH, coloured=False).rstrip().splitlines()
    return "\n".join(lines if len(lines) <= _ROWS + 1 else [*lines[:_ROWS], "..."])


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("kpicore.cli"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters |= {"code": _code, "cell": _cell}
    return environment.get_template("metric.md.j2")


def _code(text: str) -> str:
    return "-" if text == "-" else f"`{text}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
