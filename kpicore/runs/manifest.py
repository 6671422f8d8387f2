"""The manifest: what a run was made from, with what, and what lies in its folder."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import kpicore
from kpicore.errors import VerificationError

__all__ = [
    "MANIFEST",
    "SCHEMA_VERSION",
    "SEAL",
    "Definition",
    "InputFile",
    "Manifest",
    "Provenance",
    "Reading",
    "StoredFile",
    "read_manifest",
    "versions",
]

MANIFEST = "manifest.json"
SEAL = "manifest.sha256"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """A file that was read: ``size`` in bytes, ``sha256`` of its bytes; neither for a table in memory."""

    name: str
    size: int | None
    sha256: str
    adapter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A metric as it was computed: its resolved parameters as text, and what they define as a hash."""

    request: str
    metric: str
    parameters: Mapping[str, str]
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the files were read: the paths as they were named and where they lay, by what, and in which zone.

    ``mapping`` is the name of a mapping, whose text is a file of the run. ``key_file`` lies where the key of
    pseudonyms was, and ``key_mark`` tells it from others; the key itself is in no run.
    """

    paths: tuple[str, ...]
    absolute: tuple[str, ...]
    adapter: str | None = None
    mapping: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None
    key_file: str | None = None
    key_mark: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What only the caller knows about a run.

    ``plugins`` maps distributions to versions; ``arguments`` are the zone, period, range and whatever
    else was asked for, as text. ``card_fingerprint`` is that of the card as it was understood. ``reading``
    is None for tables in memory, ``supersedes`` the id of the run that this one takes the place of.
    """

    inputs: tuple[InputFile, ...] = ()
    definitions: tuple[Definition, ...] = ()
    plugins: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    card_fingerprint: str | None = None
    reading: Reading | None = None
    supersedes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file of the run: ``size`` in bytes, ``sha256`` of its bytes, and its rows if it is a table."""

    size: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything that ``manifest.json`` says; ``files`` are all others of the folder, by name."""

    schema_version: int
    created_at: str
    versions: Mapping[str, str]
    provenance: Provenance
    files: Mapping[str, StoredFile]
    content_hash: str

    def to_json(self) -> str:
        """Returns the text of the file: keys in order, one per line, UTF-8 as it is."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2, sort_keys=True) + "\n"

    @property
    def created(self) -> datetime:
        """When the run was made, in UTC."""
        return datetime.fromisoformat(self.created_at).astimezone(UTC)


def read_manifest(folder: Path) -> Manifest:
    """Returns the manifest of the run in ``folder``.

    Raises VerificationError where the file is missing, is not a manifest, comes from a newer version,
    or names files outside its folder.
    """
    from pydantic import TypeAdapter, ValidationError

    path = folder / MANIFEST
    try:
        text = path.read_bytes()
        found = TypeAdapter(Manifest).validate_json(text)
    except OSError as error:
        raise VerificationError(f"{path}: cannot be read: {error.strerror}", hint="is this a run?") from error
    except ValidationError as error:
        problems = tuple(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
        raise VerificationError(f"{path} is not a manifest", problems=problems) from None
    if found.schema_version != SCHEMA_VERSION:
        raise VerificationError(
            f"{path} has schema version {found.schema_version}, this kpicore reads {SCHEMA_VERSION}",
            hint="open it with the version of kpicore that made it",
        )
    for name in found.files:
        if Path(name).name != name or name in (MANIFEST, SEAL, ".", ".."):
            raise VerificationError(f"{path} names a file that cannot be part of a run: {name!r}")
    return found


def versions() -> dict[str, str]:
    """Returns the versions of all that can change a number: kpicore, Python, pyarrow, numpy, tzdata,
    holidays.
    """
    found = {"kpicore": kpicore.__version__, "python": platform.python_version()}
    for name in ("pyarrow", "numpy", "tzdata", "holidays"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed as a distribution"
    return found
