"""The first thing a newcomer meets: what is missing is named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PREFLIGHT = Path(__file__).resolve().parents[2] / ".ci" / "preflight"


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("sh") or "/bin/sh", PREFLIGHT], env=environment, capture_output=True, text=True
    )


def fake_python(folder: Path, answers: str) -> Path:
    """A stand-in for an interpreter: a shell script whose ``case`` branches on the code it is given."""
    path = folder / "python-stand-in"
    path.write_text(f'#!/bin/sh\ncase "$2" in\n{answers}\nesac\n')
    path.chmod(0o755)
    return path


def test_prints_python_and_compiler() -> None:
    done = run(PATH=os.environ["PATH"], PYTHON=sys.executable)
    assert (done.returncode, done.stderr) == (0, "")
    python, compiler = done.stdout.splitlines()
    assert python == sys.executable
    assert shutil.which(compiler.split()[0])


def test_names_everything_that_is_missing_at_once(tmp_path: Path) -> None:
    done = run(PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "Python 3.11 or newer (found: no python3)" in done.stderr
    assert "C++17 compiler" in done.stderr


def test_an_old_python_is_named_with_its_version(tmp_path: Path) -> None:
    old = tmp_path / "python-old"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" || exit 1\n')
    old.chmod(0o755)
    done = run(PATH=os.environ["PATH"], PYTHON=str(old))
    assert done.returncode == 1
    assert "found: Python 3.9.2" in done.stderr
    assert "C++" not in done.stderr


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ("*ensurepip*) exit 1 ;; *include*) echo {headers} ;; *CXX*) ;;", "the venv module of"),
        ("*include*) echo /nowhere ;; *CXX*) ;;", "the Python headers (/nowhere/Python.h)"),
    ],
)
def test_venv_and_headers(answers: str, named: str, tmp_path: Path) -> None:
    (tmp_path / "Python.h").touch()
    python = fake_python(tmp_path, answers.format(headers=tmp_path))
    done = run(PATH=os.environ["PATH"], PYTHON=str(python))
    assert done.returncode == 1
    assert done.stderr.count("\n  - ") == 1
    assert named in done.stderr


def test_a_stated_compiler_is_not_replaced_by_another() -> None:
    done = run(PATH=os.environ["PATH"], PYTHON=sys.executable, CXX="no-such-compiler")
    assert done.returncode == 1
    assert "tried: no-such-compiler" in done.stderr
