"""Dialects that come with kpicore: one TOML file each, checked when it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources

from kpicore.errors import ParameterError
from kpicore.plugin import Dialect

__all__ = ["load_dialects", "read_dialect"]

_KEYS = {"name", "doc", "source", "metrics"}


def load_dialects() -> Iterator[Dialect]:
    """Yields every dialect that comes with kpicore, by the names of the files."""
    folder = resources.files("kpicore.metrics") / "dialects"
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml"):
            yield read_dialect(file.read_text("utf-8"), file.name)


def read_dialect(text: str, file: str) -> Dialect:
    """Returns the dialect that the TOML ``text`` of ``file`` describes.

    ``name``, ``doc`` and ``source`` are texts; ``[metrics.NAME]`` gives parameters as text. Raises
    ParameterError that lists every fault: whether metrics have these parameters is checked on use.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ParameterError(f"{file}: this is no TOML: {error}", hint="a dialect is a TOML file") from error
    problems = [f"the key {key!r} is unknown" for key in sorted(content.keys() - _KEYS)]
    for key in ("name", "doc", "source"):
        if not isinstance(content.get(key), str) or not content[key].strip():
            problems.append(f"{key} is missing, or no text")
    metrics = content.get("metrics", {})
    problems += _faults(metrics)
    if content.get("name", "") != file.removesuffix(".toml"):
        problems.append(f"the name {content.get('name')!r} is not that of the file")
    if problems:
        raise ParameterError(
            f"{file}: this is no dialect",
            problems=tuple(problems),
            hint='write name, doc, source and tables such as [metrics.service_level] with within = "20s"',
        )
    return Dialect(name=content["name"], doc=content["doc"], source=content["source"], metrics=metrics)


def _faults(metrics: object) -> list[str]:
    if not isinstance(metrics, Mapping) or not metrics:
        return ["there is no table [metrics.NAME]"]
    faults = []
    for metric, values in metrics.items():
        if not isinstance(values, Mapping):
            faults.append(f"metrics.{metric} is no table of parameters")
            continue
        faults += [
            f"metrics.{metric}.{name} is {value!r}, not text in quotes"
            for name, value in values.items()
            if not isinstance(value, str)
        ]
    return faults
