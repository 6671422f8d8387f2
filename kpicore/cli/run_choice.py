"""Naming a kept run: a folder, or a name under the root."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from kpicore.runs import Run

__all__ = ["chosen_run", "with_again", "with_root"]

F = TypeVar("F", bound=Callable[..., object])


def with_root(function: F) -> F:
    """Adds ``--root``; passes ``root``."""
    return click.option(
        "--root",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("kpicore-runs"),
        show_default=True,
        help="The folder of runs.",
    )(function)


def with_again(function: F) -> F:
    """Adds ``--source``; passes ``source``: where the input of a run lies now."""
    return click.option(
        "--source",
        multiple=True,
        type=click.Path(path_type=Path),
        help="Where the input lies now, if it was moved; its hashes must be the same.",
    )(function)


def chosen_run(run: Path, root: Path) -> Run:
    """Returns the run that ``run`` names: a folder, or one under ``root``."""
    from kpicore.runs import open_run

    return open_run(run if run.is_dir() else root / run)
