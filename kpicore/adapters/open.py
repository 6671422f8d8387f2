"""Opening a source: from what the user named to a log of canonical tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kpicore.errors import KpicoreError, ParameterError, PluginError, UsageError, suggest
from kpicore.plugin import Adapter, ArrowStream, Feed, Settings, Source, TableSchema
from kpicore.plugin.manager import Plugins
from kpicore.tables import Ledger, Log, Origin, SourceFile

from .arrow import feed_tables
from .found import find_files
from .gather import gather
from .mapped_files import assign_files, feed_mapped
from .mapping import MappingFile
from .mapping_file import MappingText, load_mapping, read_mapping
from .pseudonyms import key_mark, pseudonymise, read_key
from .reading import Fingerprints
from .schemas import Schemas

__all__ = ["SourceLike", "open_log"]

SourceLike = str | Path | Sequence[str | Path] | Mapping[str, ArrowStream]
"""A path, several paths, or tables in memory by name."""


def open_log(
    source: SourceLike,
    *,
    plugins: Plugins,
    adapter: str | None = None,
    mapping: str | Path | MappingText | None = None,
    zone: str | None = None,
    options: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    facts: Mapping[str, TableSchema] | None = None,
    pseudonyms: str | Path | None = None,
) -> Log:
    """Returns the log of ``source``, its tables normalised and every row accounted for.

    Files are read by the ``adapter`` of that name with its ``options``, or by a ``mapping`` (the path
    of a TOML file, the name of one that comes with kpicore, or its text), else by the adapter that
    recognises them. ``zone`` gives local times without zone their meaning. ``facts`` holds the contracts
    of facts that a source may deliver directly; left out, plugins are asked for them. ``pseudonyms`` is a
    file with a key, by which persons become keyed hashes.

    Raises SourceNotFoundError for what is not there, SourceError for what cannot be read, SchemaError
    for what breaks a table's contract, MappingError for a mapping that cannot be used.
    """
    schemas = Schemas(plugins=plugins, facts=facts)
    key = None if pseudonyms is None else read_key(pseudonyms)
    log = _opened(source, schemas, plugins, adapter, mapping, zone, dict(options))
    if key is None:
        return log
    log = pseudonymise(log, key, schemas)
    if log.origin is None:
        return log
    where = str(Path(str(pseudonyms)).absolute())
    return replace(log, origin=replace(log.origin, key_file=where, key_mark=key_mark(key)))


def _opened(
    source: SourceLike,
    schemas: Schemas,
    plugins: Plugins,
    adapter: str | None,
    mapping: str | Path | MappingText | None,
    zone: str | None,
    options: dict[str, str],
) -> Log:
    if isinstance(source, Mapping):
        tables = tuple(SourceFile(name=name, size=None, sha256="", adapter="arrow") for name in source)
        return gather(feed_tables(source), schemas, zone=zone, sources=lambda: tables, ledger=Ledger())
    paths = tuple(Path(each) for each in ([source] if isinstance(source, str | Path) else source))
    origin = Origin(
        paths=tuple(str(path) for path in paths),
        absolute=tuple(str(path.absolute()) for path in paths),
        options=options,
        zone=zone,
    )
    if mapping is None:
        reader = _reader(paths, adapter, plugins)
        log = _read(paths, reader, _settings(reader, options), schemas, zone)
        return replace(log, origin=replace(origin, adapter=reader.name))
    if adapter is not None or options:
        raise UsageError("a mapping says all that an adapter and its options do", hint="name one of them")
    read = read_mapping(mapping)
    log = _map(paths, load_mapping(read, schemas), schemas, zone)
    return replace(log, origin=replace(origin, mapping=read.name, mapping_text=read.text))


def _read(
    paths: tuple[Path, ...], reader: Adapter, options: Settings, schemas: Schemas, zone: str | None
) -> Log:
    files = find_files(paths)
    feeds = _feeds(reader, Source(paths=paths, zone=zone, options=options))
    with Fingerprints((file.path, file.name, reader.name) for file in files) as prints:
        return gather(feeds, schemas, zone=zone, sources=prints.result, ledger=Ledger())


def _feeds(reader: Adapter, source: Source) -> Iterator[Feed]:
    try:
        yield from reader.open(source)
    except KpicoreError:
        raise
    except Exception as error:
        raise PluginError(
            f"the adapter {reader.name!r} failed: {type(error).__name__}: {error}",
            hint="report it to whoever provides the adapter; `kpicore plugins` names them",
        ) from error


def _map(paths: tuple[Path, ...], mapping: MappingFile, schemas: Schemas, zone: str | None) -> Log:
    ledger = Ledger()
    assigned = assign_files(find_files(paths), mapping, ledger)
    feeds = feed_mapped(assigned, mapping, schemas, zone)
    home = zone or mapping.zone or assigned[0][1].zone
    label, itself = Path(mapping.name).name, Path(mapping.name)
    inputs = [(file.path, file.name, label) for file, _ in assigned]
    if itself.is_file():
        inputs.append((itself, label, "mapping"))
    with Fingerprints(inputs) as prints:
        return gather(feeds, schemas, zone=home, sources=prints.result, ledger=ledger)


def _reader(paths: tuple[Path, ...], adapter: str | None, plugins: Plugins) -> Adapter:
    if adapter is not None:
        return plugins.adapter(adapter)
    if not paths:
        raise UsageError("no source was named", hint="name a file or a folder")
    found = {reader.name: reader for path in paths if (reader := plugins.resolve_adapter(path))}
    if len(found) > 1:
        raise UsageError(
            f"the sources are of several adapters: {', '.join(sorted(found))}",
            hint="open them one by one, or name the adapter",
        )
    return found.popitem()[1] if found else plugins.adapter("files")


def _settings(reader: Adapter, given: dict[str, str]) -> Settings:
    known = {parameter.name: parameter for parameter in reader.options}
    for name in given:
        if name not in known:
            raise ParameterError(
                f"the adapter {reader.name!r} has no option {name!r}", hint=suggest(name, list(known))
            )
    texts = {name: given.get(name, parameter.default) for name, parameter in known.items()}
    return Settings({name: known[name].read(text) for name, text in texts.items() if text is not None})
