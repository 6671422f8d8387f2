"""The documents tell the truth: their blocks are carried out, in their order, in one empty folder.

``sh`` blocks must succeed; ``console`` blocks must also print what they show (a line ``...`` stands for
any lines); ``python`` blocks share one namespace, and lines with ``>>>`` are checked as doctests.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


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


def carry_out_console(block: Block, folder: Path) -> None:
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        length = next(i for i, line in enumerate(lines, 1) if not line.endswith("\\"))
        done = shell("\n".join(lines[:length]), folder)
        found = (done.stdout + done.stderr).rstrip()
        pattern = re.escape("\n".join(lines[length:]).rstrip()).replace(r"\.\.\.", "(?s:.*?)")
        assert re.fullmatch(pattern, found), f"{block.place}: `{lines[0]}` prints\n{found}"


def carry_out_python(block: Block, names: dict[str, object]) -> None:
    if ">>> " in block.text:
        test = doctest.DocTestParser().get_doctest(block.text, names, block.place, block.place, 0)
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        report: list[str] = []
        assert runner.run(test, out=report.append, clear_globs=False).failed == 0, "".join(report)
        names.update(test.globs)
    else:
        exec(compile(block.text, block.place, "exec"), names)


@pytest.mark.parametrize("file", ["README.md", "docs/mapping.md"])
def test_blocks_are_true(file: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    names: dict[str, object] = {"__name__": "__main__"}
    found = blocks(file)
    assert found, f"{file} shows nothing"
    for block in found:
        match block.language:
            case "sh":
                done = shell(block.text, folder)
                assert done.returncode == 0, f"{block.place}: {done.stdout}{done.stderr}"
            case "console":
                carry_out_console(block, folder)
            case "python":
                carry_out_python(block, names)
            case "toml" | "text":
                pass
            case other:
                pytest.fail(f"{block.place}: a block of {other or 'no language'} is not carried out")


def test_console_blocks_can_fail(folder: Path) -> None:
    right = Block(
        place="here:1", language="console", text="$ echo a; echo b; echo c\na\n...\nc\n$ echo d\nd\n"
    )
    carry_out_console(right, folder)
    wrong = Block(place="here:1", language="console", text="$ echo a\nb\n")
    with pytest.raises(AssertionError, match="here:1: `echo a` prints"):
        carry_out_console(wrong, folder)
