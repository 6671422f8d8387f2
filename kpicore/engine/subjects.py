"""How the rows of a relation come by a subject: its own column, its contact's, or its agent's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kpicore.errors import MissingDataError
from kpicore.plugin import Column, Kind

from .coding import WITHOUT, Domain, column_of
from .plan import Frame, Relation
from .tenure import tenure_bands, tenure_column

__all__ = ["Access", "Directory", "access", "subject_column", "with_codes"]

Directory = tuple[Relation, frozenset[str]]
"""The relation of contacts or agents, with the columns that it has."""

_ALIASES = {"agent": "agent_id", "customer": "customer_id", "contact": "contact_id"}
_KINDS = {Kind.IDS: "a list of words", Kind.TEXT: "free text"}
_SEVERAL = {"topic": ("contact", "topics"), "skill": ("agent", "skills")}
_KEYS = {"contact": "contact_id", "agent": "agent_id"}


def subject_column(subject: str) -> str:
    """Returns the column that holds ``subject``: ``agent`` is in ``agent_id``, a dimension in itself."""
    return _ALIASES.get(subject, subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where a subject comes from: ``via`` is ``row``, ``contact`` or ``agent``.

    A row whose column holds ``many`` values counts once under each of them, and under the code
    ``without`` where there is none. ``bands`` are limits in months since the instant in the column.
    """

    subject: str
    via: str
    column: str
    contract: Column
    many: bool = False
    without: int = -1
    bands: tuple[int, ...] = ()


def access(
    subject: str,
    frame: Frame,
    columns: frozenset[str],
    contacts: Directory | None,
    agents: Directory | None,
) -> Access:
    """Returns the way from a frame's rows (with ``columns``) to ``subject``; MissingDataError if none."""
    name = dict(frame.overrides).get(subject, subject_column(subject))
    relation = frame.relation
    if name in columns:
        return Access(subject=subject, via="row", column=name, contract=_grouping(relation, name))
    ways = [("agent", agents, "agent_id"), ("contact", contacts, "contact_id")]
    for via, directory, key in ways if name == "team" else reversed(ways):
        if directory is not None and key in columns and name in directory[1] and name != key:
            return Access(subject=subject, via=via, column=name, contract=_grouping(directory[0], name))
    bands = tenure_bands(subject)
    if bands is not None:
        _check(subject, frame, columns, "agent", "hired_on", agents)
        return Access(
            subject=subject, via="agent", column="hired_on", contract=tenure_column(bands), bands=bands
        )
    if subject in _SEVERAL:
        via, column = _SEVERAL[subject]
        _check(subject, frame, columns, via, column, contacts if via == "contact" else agents)
        contract = Column(name=subject, kind=Kind.ID, doc=f"each of the {column}", domain=subject)
        return Access(subject=subject, via=via, column=column, contract=contract, many=True)
    telling = " or ".join(f"{via}s" for via, _, key in ways if key in columns and name != key)
    told = f"a column {name!r} of the table {telling} would tell; " if telling else ""
    raise MissingDataError(
        f"{relation.name} cannot be told apart by {subject}",
        hint=f"{told}{relation.name} has {', '.join(sorted(columns))}",
    )


def with_codes(way: Access, domains: Mapping[str, Domain]) -> Access:
    """Returns ``way`` with the code of what has no value, where it can have many."""
    code = domains[way.contract.domain].code(WITHOUT[way.contract.domain]) if way.many else None
    return way if code is None else replace(way, without=code)


def _check(
    subject: str, frame: Frame, columns: frozenset[str], via: str, column: str, directory: Directory | None
) -> None:
    """Raises MissingDataError where the rows have no key, or its table lacks ``column``."""
    table = f"{via}s"
    if _KEYS[via] not in columns:
        raise MissingDataError(
            f"{frame.relation.name} cannot be told apart by {subject}: it has no {_KEYS[via]}"
        )
    if directory is None:
        raise MissingDataError(
            f"there is no table {table} to tell {subject}", hint=f"deliver {table} with {column}"
        )
    if column not in directory[1] or directory[0].derivation is not None:
        raise MissingDataError(f"{table} has no column {column}", hint="deliver it, or map it")


def _grouping(relation: Relation, name: str) -> Column:
    contract = column_of(relation.schema, name)
    if contract.kind not in (Kind.ID, Kind.KEY, Kind.ENUM, Kind.FLAG, Kind.INTEGER):
        what = _KINDS.get(contract.kind, f"a {contract.kind.value}")
        raise MissingDataError(
            f"{relation.name}.{name} is {what}, not a subject",
            hint=f"by {contract.domain} every row counts under each of them" if contract.domain else "",
        )
    return contract
