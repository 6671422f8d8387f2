"""Reports as files: one on all, one for a single person, or a folder with one for each."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import Literal, TypeAlias

from kpicore.errors import StorageError, UsageError
from kpicore.runs import Run, verify

from .archive import render_archive
from .build import build_report, each_report
from .document import render_document
from .html import render_html
from .model import Report
from .pictures import render_png, render_svg
from .words import Language
from .workbook import render_workbook

__all__ = ["FORMS", "Form", "form_of", "split_report", "write_chart", "write_report"]

Form: TypeAlias = Literal["html", "xlsx", "csv", "json"]

FORMS: dict[Form, str] = {"html": ".html", "xlsx": ".xlsx", "csv": ".zip", "json": ".json"}
"""The forms of a report and the endings of their files; CSV is a zip with a file for each matter."""


def form_of(path: Path) -> Form:
    """Returns the form that the ending of ``path`` asks for; HTML where it says nothing."""
    ending = path.suffix.lower()
    return next((form for form, known in FORMS.items() if known == ending), "html")


def _render(report: Report, form: Form, language: Language) -> bytes:
    match form:
        case "xlsx":
            return render_workbook(report, language)
        case "csv":
            return render_archive(report, language)
        case "json":
            return render_document(report).encode()
    return render_html(report, language).encode()


def write_report(
    run: Run,
    path: Path,
    *,
    subject: str | None = None,
    language: Language = "en",
    form: Form | None = None,
) -> Path:
    """Writes the report on ``run``, or the one for ``subject``, to ``path`` and returns it.

    Its form is that of the path's ending where none is given; see ``form_of``.

    The run is verified first. A file that is there is replaced, and only when all went well. Raises what
    ``verify`` and ``build_report`` raise, and StorageError.
    """
    verify(run.path)
    return _put(path, _render(build_report(run, subject=subject), form or form_of(path), language))


def write_chart(
    run: Run, name: str, path: Path, *, subject: str | None = None, language: Language = "en"
) -> Path:
    """Writes one chart of the report on ``run`` (or on ``subject``) to ``path``, as SVG or PNG by its ending.

    The names are those of ``charts_of``. Raises UsageError for another ending, else as ``write_report``.
    """
    if path.suffix.lower() not in (".svg", ".png"):
        raise UsageError(f"{path}: a chart is an .svg or a .png", hint="name a file with such an ending")
    verify(run.path)
    report = build_report(run, subject=subject)
    if path.suffix.lower() == ".png":
        return _put(path, render_png(report, name, language))
    return _put(path, render_svg(report, name, language).encode())


def _put(path: Path, content: bytes) -> Path:
    temporary = path.with_name(f".{secrets.token_hex(4)}.report")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StorageError(f"{path}: the report could not be written: {error}") from error
    return path


def split_report(
    run: Run, folder: Path, *, language: Language = "en", form: Form = "html"
) -> dict[str, Path]:
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
            names[subject] = f"{report.subject}-{i:04}{FORMS[form]}"
            (staging / names[subject]).write_bytes(_render(report, form, language))
        staging.rename(folder)
    except OSError as error:
        raise StorageError(f"{folder}: the reports could not be written: {error}") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return {subject: folder / name for subject, name in names.items()}
