"""The published JSON Schema of a report is that of its records, and documents keep to it.

With ``KPICORE_REWRITE=1`` it is written anew, to be reviewed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from kpicore.report import Report, build_report, render_document, report_schema
from tests.oracles.made_runs import CARD, Made, make_run

Schema: TypeAlias = Mapping[str, object]

FILE = Path(__file__).resolve().parents[2] / "docs" / "report.schema.json"
PEOPLE = [Made(id=f"a{i}", name=f"Name {i}") for i in range(7)]
TYPES = {"string": str, "integer": int, "boolean": bool, "null": type(None), "array": list, "object": dict}


def faults(value: object, schema: Schema, defs: Mapping[str, Schema]) -> Iterator[str]:
    """Yields what is wrong with ``value``: the part of JSON Schema that reports need, and no unknown keys."""
    if "$ref" in schema:
        yield from faults(value, defs[str(schema["$ref"]).rpartition("/")[2]], defs)
    elif "anyOf" in schema:
        ways = [list(faults(value, each, defs)) for each in schema["anyOf"]]  # type: ignore[attr-defined]
        yield from min(ways, key=len)
    elif "const" in schema or "enum" in schema:
        if value not in schema.get("enum", [schema.get("const")]):  # type: ignore[operator]
            yield f"{value!r} is not {schema}"
    elif schema["type"] == "number":
        if type(value) not in (int, float):
            yield f"{value!r} is no number"
    elif type(value) is not TYPES[str(schema["type"])]:
        yield f"{value!r} is no {schema['type']}"
    elif isinstance(value, str) and not re.search(str(schema.get("pattern", "")), value):
        yield f"{value!r} does not match {schema['pattern']}"
    elif isinstance(value, list):
        kinds = schema.get("prefixItems") or [schema["items"]] * len(value)
        assert isinstance(kinds, list)
        if len(kinds) != len(value):
            yield f"{value!r} has another length"
        for each, kind in zip(value, kinds, strict=False):
            yield from faults(each, kind, defs)
    elif isinstance(value, dict) and "properties" in schema:
        own = schema["properties"]
        assert isinstance(own, dict)
        if value.keys() != own.keys() or own.keys() != set(schema["required"]):  # type: ignore[call-overload]
            yield f"the keys are {sorted(value)}"
        for key in value.keys() & own.keys():
            yield from (f"{key}: {fault}" for fault in faults(value[key], own[key], defs))
    elif isinstance(value, dict):
        for each in value.values():
            yield from faults(each, schema["additionalProperties"], defs)  # type: ignore[arg-type]


def test_the_schema_that_is_published_is_true() -> None:
    text = json.dumps(report_schema(), ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("KPICORE_REWRITE"):
        FILE.write_text(text, "utf-8")
    assert FILE.read_text("utf-8") == text


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[Report]:
    root = tmp_path_factory.mktemp("runs")
    run = make_run(root / "run", PEOPLE, months=3)
    others = make_run(root / "others", PEOPLE, months=3, card=f"{CARD}\n[report]\nothers = true\n")
    older = make_run(root / "older", PEOPLE[:2], older=True)
    found = [build_report(each) for each in (run, older)]
    return [*found, *(build_report(each, subject=PEOPLE[0].id) for each in (run, others, older))]


def test_documents_keep_to_it(reports: list[Report]) -> None:
    schema = json.loads(FILE.read_text("utf-8"))
    for report in reports:
        assert list(faults(json.loads(render_document(report)), schema, schema["$defs"])) == []


def test_a_document_that_strays_is_found(reports: list[Report]) -> None:
    schema = json.loads(FILE.read_text("utf-8"))
    document = json.loads(render_document(reports[0]))
    document["report"]["size"] = "7"
    document["report"]["people"][0]["standing"]["exact"] = 83.25
    del document["report"]["kpis"][0]["unit"]
    told = "\n".join(faults(document, schema, schema["$defs"]))
    assert "'7' is no integer" in told
    assert "exact: 83.25 is no" in told
    assert "kpis: the keys are" in told
