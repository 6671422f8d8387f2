"""The log of a run opened once more: the same files, or an error that names those that differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kpicore.adapters import MappingText, open_log
from kpicore.errors import SourceNotFoundError, VerificationError
from kpicore.plugin.manager import Plugins
from kpicore.tables import Log

from .manifest import Reading
from .store import MAPPING, Run

__all__ = ["reopen"]


def reopen(run: Run, plugins: Plugins, source: Sequence[Path] = ()) -> Log:
    """Returns the log that ``run`` was made from, from where it lay or from ``source``.

    Raises VerificationError where an input is not what it was, or the run was made from tables in memory;
    SourceNotFoundError where the files are gone.
    """
    reading = run.manifest.provenance.reading
    if reading is None:
        raise VerificationError(
            f"{run.path} was made from tables in memory, which cannot be opened again",
            hint="keep the evidence with the run: --keep-evidence",
        )
    text = run.text(MAPPING)
    log = open_log(
        _paths(run, reading, source),
        plugins=plugins,
        adapter=reading.adapter if text is None else None,
        mapping=None if text is None else MappingText(name=reading.mapping or MAPPING, text=text),
        zone=reading.zone,
        options=reading.options if text is None else {},
        pseudonyms=reading.key_file,
    )
    found = {file.name: file.sha256 for file in log.sources if _is_data(file.adapter)}
    problems = tuple(_differences(_stored(run), found))
    if log.origin is not None and log.origin.key_mark != reading.key_mark:
        problems = (*problems, f"{reading.key_file}: holds another key of pseudonyms")
    if problems:
        raise VerificationError(
            f"the input of {run.path} is not what it was",
            problems=problems,
            hint="name the files as they were with --source",
        )
    return log


def _paths(run: Run, reading: Reading, source: Sequence[Path]) -> list[Path]:
    if source:
        return list(source)
    for named in (reading.paths, reading.absolute):
        if all(Path(path).exists() for path in named):
            return [Path(path) for path in named]
    gone = next(path for path in reading.absolute if not Path(path).exists())
    raise SourceNotFoundError(
        f"the input of {run.path} is gone: {gone}", hint="say with --source where it lies now"
    )


def _stored(run: Run) -> dict[str, str]:
    return {file.name: file.sha256 for file in run.manifest.provenance.inputs if _is_data(file.adapter)}


def _is_data(adapter: str) -> bool:
    """Whether a file holds data; the text of a mapping is kept with the run itself."""
    return adapter != "mapping"


def _differences(stored: Mapping[str, str], found: Mapping[str, str]) -> Iterator[str]:
    if set(stored) != set(found) and Counter(stored.values()) == Counter(found.values()):
        return  # the same files under other names
    for name in sorted({*stored, *found}):
        before, now = stored.get(name), found.get(name)
        if before is None:
            yield f"{name}: was not among the files of the run"
        elif now is None:
            yield f"{name}: is missing"
        elif before != now:
            yield f"{name}: its SHA-256 is {now[:16]}..., not {before[:16]}..."
