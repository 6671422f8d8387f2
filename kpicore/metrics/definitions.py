"""The definitions of one metric beside each other: the defaults, every dialect, and the steps between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kpicore.errors import ParameterError
from kpicore.plugin.manager import Plugins

from .request import Request, parse_request
from .request_text import Written, WrittenGroup, write_request

__all__ = ["DEFAULT", "Definition", "definitions_of"]

DEFAULT = "default"
"""What the definition is called that takes no dialect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A metric as somebody computes it.

    ``steps`` holds, for every parameter whose value is not that of the first definition, the first
    definition with this one value instead.
    """

    name: str
    request: Request
    steps: Mapping[str, Request] = field(default_factory=dict, hash=False)


def definitions_of(
    text: str, plugins: Plugins, dialects: Sequence[str] | None = None
) -> tuple[Definition, ...]:
    """Returns the metric ``text`` with its defaults, and in each of ``dialects``: all that define it.

    Parameters in brackets hold for all of them. Raises as ``parse_request`` does, and ParameterError
    where ``text`` itself names a dialect, or no dialect defines the metric.
    """
    base = parse_request(text, plugins)
    name = base.metric.name
    if base.dialect is not None:
        raise ParameterError(
            f"{text} is one definition already", hint=f"leave out @{base.dialect} to compare all"
        )
    chosen = (
        [d.name for d in plugins.dialects.values() if name in d.metrics] if dialects is None else dialects
    )
    if not chosen:
        raise ParameterError(f"no dialect defines {name}", hint="a plugin can provide one")
    others = [parse_request(f"{text.strip()}@{dialect}", plugins) for dialect in chosen]
    return (
        Definition(name=DEFAULT, request=base),
        *(
            Definition(name=dialect, request=other, steps=_steps(base, other, plugins))
            for dialect, other in zip(chosen, others, strict=True)
        ),
    )


def _steps(base: Request, other: Request, plugins: Plugins) -> dict[str, Request]:
    differing = {name: word for name, word in other.parameters.items() if base.parameters[name] != word}
    return {name: _with(base, name, word, plugins) for name, word in differing.items()}


def _with(base: Request, name: str, word: str, plugins: Plugins) -> Request:
    values = {**base.parameters, name: word}
    unset = {p.name for p in base.metric.parameters if p.default is None and values.get(p.name) == "none"}
    own = {p.name: values[p.name] for p in base.metric.parameters if p.name in values.keys() - unset}
    groups = tuple(WrittenGroup(when=group.when, parameters=group.given) for group in base.groups)
    return parse_request(
        write_request(Written(name=base.metric.name, parameters=own, groups=groups)), plugins
    )
