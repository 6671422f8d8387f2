"""``kpicore audit``: who did what to the runs of a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from ..emit import emit
from ..options import Output, Session, with_output, with_session
from ..run_choice import with_root
from ..sheet import Sheet
from ..words import say

__all__ = ["command"]


@click.command()
@with_root
@with_output
@with_session
def command(session: Session, output: Output, root: Path) -> None:
    """Prove and list the log of what was done to runs.

    Each entry holds the hash of the one before; the chain is proved first. Whoever notes the last hash can
    tell later whether the end was cut off.
    """
    from dataclasses import asdict

    from kpicore.runs import read_audit

    entries = read_audit(root)

    def sheets() -> list[Sheet]:
        rows = [
            [str(e.number), e.at[:19].replace("T", " "), say(e.action, session.lang), e.run, _told(e.details)]
            for e in entries
        ]
        headers = [say(word, session.lang) for word in ("No.", "Made", "Action", "Run", "Details")]
        note = f"SHA-256: {entries[-1].hash}" if entries else ""
        return [Sheet(headers=headers, rows=rows, numbers=frozenset({0}), note=note)]

    emit(output, [asdict(entry) for entry in entries], sheets)


def _told(details: Mapping[str, object]) -> str:
    """Returns what an entry says in words; its lists, and the hash of a run, are for programs."""
    plain = {name: value for name, value in details.items() if isinstance(value, str | int)}
    return ", ".join(f"{name}: {value}" for name, value in plain.items() if name != "content_hash")
