"""The documents tell the truth: their blocks are carried out, in their order, in one empty folder.

``sh`` blocks must succeed; ``console`` blocks must also print what they show (``...`` stands for any
text); ``python`` blocks share one namespace, and lines with ``>>>`` are checked as doctests. A block whose
first line is a comment with a file's name is written to that file.

With ``KPICORE_REWRITE=1`` console blocks are given what their commands print, to be reviewed.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")
FILE = re.compile(r"# (\S+\.(?:py|toml))\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block and where it begins."""

    place: str
    language: str
    text: str


def blocks(file: str) -> list[Block]:
    text = (ROOT / file).read_text("utf-8")
    return [
        Block(place=f"{file}:{text.count(chr(10), 0, m.start()) + 1}", language=m[1], text=m[2])
        for m in FENCE.finditer(text)
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder; beside it the commands: this interpreter's kpicore, and a make that only plans."""
    commands = {
        "kpicore": f'exec {sys.executable} -m kpicore "$@"',
        "python": f'exec {sys.executable} "$@"',
        "make": f'unset MAKEFLAGS MAKELEVEL; PATH="{os.environ["PATH"]}" exec make -n -C {ROOT} "$@"',
    }
    (tmp_path / "bin").mkdir()
    for name, line in commands.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{folder.parent / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "80",
        "LC_ALL": "C.UTF-8",
    }
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def settle(block: Block, command: str, shown: str, found: str, rewrite: bool) -> str:
    """Returns ``shown`` where it is what was ``found``, else ``found``, which only a rewriting run may do."""
    true = re.fullmatch(re.escape(shown).replace(r"\.\.\.", "(?s:.*?)"), found)
    assert true or rewrite, f"{block.place}: `{command}` prints\n{found}"
    text = shown if true else RUN_ID.sub("...", found)
    return f"{text}\n" if text else ""


def carry_out_console(block: Block, folder: Path, *, rewrite: bool) -> str:
    text = ""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        length = next(i for i, line in enumerate(lines, 1) if not line.endswith("\\"))
        command, shown = "\n".join(lines[:length]), "\n".join(lines[length:]).rstrip()
        done = shell(command, folder)
        text += f"$ {command}\n" + settle(
            block, lines[0], shown, (done.stdout + done.stderr).rstrip(), rewrite
        )
    return text


def carry_out_python(block: Block, names: dict[str, object], *, rewrite: bool) -> str:
    if ">>> " not in block.text:
        exec(compile(block.text, block.place, "exec"), names)
        return block.text
    text = ""
    for example in doctest.DocTestParser().get_examples(block.text):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(example.source, block.place, "single"), names)
        first, *more = example.source.splitlines()
        text += "\n".join([f">>> {first}", *(f"... {line}" for line in more)]) + "\n"
        text += settle(block, first, example.want.rstrip(), out.getvalue().rstrip(), rewrite)
    return text


def carry_out(block: Block, folder: Path, names: dict[str, object], *, rewrite: bool = False) -> str:
    """Returns the text that the block should have."""
    if file := FILE.match(block.text):
        (folder / file[1]).write_text(block.text, "utf-8")
        return block.text
    match block.language:
        case "sh":
            done = shell(block.text, folder)
            assert done.returncode == 0, f"{block.place}: {done.stdout}{done.stderr}"
        case "console":
            return carry_out_console(block, folder, rewrite=rewrite)
        case "python":
            return carry_out_python(block, names, rewrite=rewrite)
        case "toml" | "text":
            pass
        case other:
            pytest.fail(f"{block.place}: a block of {other or 'no language'} is not carried out")
    return block.text


@pytest.mark.parametrize(
    "file",
    [
        "README.md",
        "README.zh-CN.md",
        "docs/contesting.md",
        "docs/definitions.md",
        "docs/formulas.md",
        "docs/scorecards.md",
        "docs/subjects.md",
    ],
)
def test_blocks_are_true(file: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    rewrite = bool(os.environ.get("KPICORE_REWRITE"))
    names: dict[str, object] = {"__name__": "__main__"}
    found = blocks(file)
    assert found, f"{file} shows nothing"
    true = iter([carry_out(block, folder, names, rewrite=rewrite) for block in found])
    if rewrite:
        text = (ROOT / file).read_text("utf-8")
        text = FENCE.sub(lambda match: f"```{match[1]}\n{next(true)}```", text)
        (ROOT / file).write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("language", "right", "wrong", "message"),
    [
        ("console", "$ printf 'a\\nb\\nc'\na\n...\nc\n$ echo d\nd\n", "$ echo a\nb\n", "`echo a` prints"),
        ("python", ">>> 1 + 1\n2\n>>> for i in 1, 2:\n...     print(i)\n1\n2\n", ">>> 1\n2\n", "`1` prints"),
        ("python", "assert True\n", "assert False, 'no'\n", "no"),
        ("sh", "true\n", "false\n", "here:1"),
        ("toml", "# a.toml\n", "", ""),
    ],
)
def test_blocks_can_fail(language: str, right: str, wrong: str, message: str, folder: Path) -> None:
    block = Block(place="here:1", language=language, text=right)
    assert carry_out(block, folder, {}) == right
    assert carry_out(block, folder, {}, rewrite=True) == right
    if wrong:
        with pytest.raises(AssertionError, match=re.escape(message)):
            carry_out(Block(place="here:1", language=language, text=wrong), folder, {})
    else:
        assert (folder / "a.toml").read_text() == right


def test_what_is_not_true_can_be_rewritten(folder: Path) -> None:
    block = Block(place="here:1", language="console", text="$ echo a 20261031-160005-0123abcd\nb\n$ true\n")
    true = "$ echo a 20261031-160005-0123abcd\na ...\n$ true\n"
    assert carry_out(block, folder, {}, rewrite=True) == true


@pytest.mark.parametrize(
    "file",
    [
        "README.md",
        "README.zh-CN.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "changes/README.md",
        "docs/contesting.md",
        "docs/definitions.md",
        "docs/formulas.md",
        "docs/scorecards.md",
        "docs/subjects.md",
    ],
)
def test_links_lead_somewhere(file: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [link for link in links if not (ROOT / file).parent.joinpath(link).exists()] == []


def test_both_readmes_show_the_same() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))

    def commands(text: str) -> list[str]:
        return [line.replace(" --lang zh", "") for line in text.splitlines() if line.startswith("$ ")]

    assert commands(english) == commands(chinese)
    assert english.count("\n## ") == chinese.count("\n## ")
