"""What the project's documents say about its files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_contributing_names_every_room_and_nothing_else() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = set(re.findall(r"^\| `([\w/]+)/` \|", text, re.MULTILINE))
    rooms = {f"kpicore/{path.parent.name}" for path in (ROOT / "kpicore").glob("*/__init__.py")}
    assert named == rooms | {"plugins", "benchmarks", "tests"}


def test_contributing_names_every_command_of_make() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8") + (ROOT / "README.md").read_text("utf-8")
    targets = re.findall(r"^(\w+): .*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = {
        word
        for line in re.findall(r"^make ([\w ]+?)(?: +#.*)?$", text, re.MULTILINE)
        for word in line.split()
    }
    assert named == set(targets) - {"clean"}


def test_fragments_of_the_changelog_are_one_line_of_a_known_type() -> None:
    types = set(re.findall(r"^- `(\w+)`:", (ROOT / "changes" / "README.md").read_text("utf-8"), re.MULTILINE))
    fragments = [path for path in (ROOT / "changes").iterdir() if path.name != "README.md"]
    assert types == {"feature", "bugfix", "doc", "misc"}
    assert [p.name for p in fragments if not re.fullmatch(rf"[\w-]+\.({'|'.join(types)})\.md", p.name)] == []
    assert [p.name for p in fragments if len(p.read_text("utf-8").strip().splitlines()) != 1] == []


def _words() -> list[str]:
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", (ROOT / "GLOSSARY.md").read_text("utf-8"), re.MULTILINE
    )
    return [
        word.strip()
        for words, chinese, _ in rows
        if "---" not in words and chinese != "Chinese"
        for word in words.split(",")
    ]


def test_the_glossary_has_every_word_once() -> None:
    words = _words()
    assert len(words) > 80
    assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize("word", ["segment", "leg", "visit", "dialect", "knot", "ledger", "run", "fact"])
def test_the_glossary_has_the_words_that_the_code_is_made_of(word: str) -> None:
    assert word in _words()
