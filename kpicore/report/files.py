"""Reports as files: one on all, one for a single person, or a folder with one for each."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from kpicore.errors import StorageError
from kpicore.runs import Run, verify

from .build import build_report, each_report
from .html import render_html
from .words import Language

__all__ = ["split_report", "write_report"]


def write_report(run: Run, path: Path, *, subject: str | None = None, language: Language = "en") -> Path:
    """Writes the report on ``run``, or the one for ``subject``, to ``path`` as HTML and returns it.

    The run is verified first. A file that is there is replaced, and only when all went well. Raises what
    ``verify`` and ``build_report`` raise, and StorageError.
    """
    verify(run.path)
    text = render_html(build_report(run, subject=subject), language)
    temporary = path.with_name(f".{secrets.token_hex(4)}.html")
    try:
        temporary.write_text(text, "utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StorageError(f"{path}: the report could not be written: {error}") from error
    return path


def split_report(run: Run, folder: Path, *, language: Language = "en") -> dict[str, Path]:
    """Writes a report for each subject of ``run`` into ``folder``, which must not exist; returns the files by
    subject.

    Files are numbered in the order of ids: a name that comes from data could lead anywhere. All are there
    when the call returns, none when it raises.
    """
    verify(run.path)
    if folder.exists():
        raise StorageError(f"{folder} exists already", hint="name a folder that does not exist")
    staging = folder.absolute().with_name(f".{secrets.token_hex(4)}.reports")
    names: dict[str, str] = {}
    try:
        staging.mkdir(parents=True)
        for i, (subject, report) in enumerate(each_report(run), start=1):
            names[subject] = f"{report.subject}-{i:04}.html"
            (staging / names[subject]).write_text(render_html(report, language), "utf-8")
        staging.rename(folder)
    except OSError as error:
        raise StorageError(f"{folder}: the reports could not be written: {error}") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return {subject: folder / name for subject, name in names.items()}
