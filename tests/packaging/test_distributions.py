"""What is published: sources without generated code, a wheel for every Python from 3.11 on."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GENERATED = (".cpp", ".c", ".so", ".pyc", ".html")


def tracked() -> list[str]:
    """The files of the repository; nothing else must decide what is published."""
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked files in a folder of their own, so that builds leave nothing here."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in tracked():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


def build(kind: str, source: Path, target: Path) -> Path:
    """Calls the build backend as every installer does, with the build tools that are at hand."""
    code = f"from setuptools import build_meta as b; print(b.build_{kind}({str(target)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return target / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def sdist(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", checkout, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the sdist, as a user would, so that the sdist proves to be whole."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    return build("wheel", source, tmp_path_factory.mktemp("wheel"))


@pytest.mark.slow
def test_the_sdist_has_the_sources_and_nothing_generated(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    sources = [name for name in tracked() if name.startswith("kpicore/")]
    assert {Path(name).suffix for name in sources} >= {".py", ".pyx", ".pxd", ".h", ".hpp", ".toml"}
    assert [name for name in sources if name not in names] == []
    assert [name for name in names if name.endswith(GENERATED)] == []
    assert {"LICENSE", "README.md", "pyproject.toml", "setup.py"} <= names


@pytest.mark.slow
def test_the_wheel_runs_everywhere_and_has_its_data(wheel: Path) -> None:
    assert "-cp311-abi3-" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    expected = [
        name
        for name in tracked()
        if name.startswith("kpicore/")
        and name.endswith((".py", ".toml", ".j2", ".css", ".js", "py.typed", ".pxd"))
    ]
    assert [name for name in expected if name not in names] == []
    assert [name for name in names if name.endswith((".pyx", ".cpp", ".c"))] == []
    kernels = [name for name in tracked() if name.endswith(".pyx")]
    assert {f"{Path(name).with_suffix('')}.abi3.so" for name in kernels} <= names
    assert not [name for name in names if name.startswith(("tests/", "plugins/", "benchmarks/"))]


@pytest.mark.slow
def test_the_wheel_works_where_nothing_else_is_seen(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "kpicore", "demo"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site"), "PATH": ""},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "verify it: kpicore verify kpicore-demo/runs/" in done.stdout
