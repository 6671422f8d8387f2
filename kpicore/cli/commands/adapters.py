"""``kpicore adapters``: whose logs can be read."""

from __future__ import annotations

import click

from ..emit import emit
from ..options import Output, Session, with_output, with_session
from ..sheet import Sheet
from ..words import say

__all__ = ["command"]


@click.command()
@with_output
@with_session
def command(session: Session, output: Output) -> None:
    """List the readers of other systems' logs."""
    plugins = session.plugins()
    records: list[dict[str, object]] = [
        {
            "name": adapter.name,
            "doc": adapter.doc,
            "tables": list(adapter.tables),
            "options": [
                {"name": o.name, "doc": o.doc, "default": o.default, "takes": o.domain}
                for o in adapter.options
            ],
            "source": adapter.source,
            "plugin": plugins.provenance("adapter", adapter.name).plugin,
        }
        for adapter in plugins.adapters.values()
    ]

    def sheets() -> list[Sheet]:
        headers = [say(word, session.lang) for word in ("Adapter", "Meaning", "Tables", "Options")]
        rows = [
            [a.name, a.doc, ", ".join(a.tables), ", ".join(o.name for o in a.options)]
            for a in plugins.adapters.values()
        ]
        return [Sheet(headers=headers, rows=rows)]

    emit(output, records, sheets)
