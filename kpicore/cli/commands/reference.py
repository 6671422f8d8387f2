"""``kpicore reference``: a page of documentation for every metric, those of plugins included."""

from __future__ import annotations

from pathlib import Path

import click

from ..emit import replacing
from ..options import Session, SourceChoice, with_session, with_source
from ..progress import working

__all__ = ["command"]


@click.command()
@with_source
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the pages.",
)
@with_session
def command(session: Session, source: SourceChoice, folder: Path) -> None:
    """Write a page for every metric, with an example.

    The pages are Markdown: README.md lists them, NAME.md explains one. The examples measure SOURCE.
    """
    from ..reference import index_page, metric_page

    plugins = session.plugins()
    log = source.open(plugins)
    zone = source.zone or log.zone or "UTC"
    metrics = list(plugins.metrics.values())
    named = " ".join(map(str, source.paths))
    with working("measuring the examples"):
        pages = {
            metric.name: metric_page(metric, plugins, log, source=named, zone=zone, lang=session.lang)
            for metric in metrics
        }
    other = {"English": "../README.md"} if session.lang == "zh" else {"中文": "zh/README.md"}
    pages["README"] = index_page(metrics, session.lang, other)
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in pages.items():
        with replacing(folder / f"{name}.md") as path:
            path.write_text(page, "utf-8")
