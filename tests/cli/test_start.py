"""The program starts fast, lists its commands without importing them, and respects the terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from kpicore.cli.app import COMMANDS, app

HEAVY = {"pyarrow", "numpy", "pandas", "pydantic", "rich", "jinja2", "pluggy"}


def environment(**more: str) -> dict[str, str]:
    inherited = {
        k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM", "COLUMNS", "KPICORE_LANG")
    }
    return {**inherited, "PYTHONPATH": ":".join(sys.path), "TERM": "xterm", **more}


def imports(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "kpicore", *arguments],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["measure", "--help"], ["check", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert imports(*arguments) & HEAVY == set()


def test_listing_metrics_imports_neither_pandas_nor_pydantic() -> None:
    assert imports("metrics") & {"pandas", "pydantic"} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_of_a_command_is_its_own(name: str) -> None:
    command = app.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    assert command.get_short_help_str(200).startswith(COMMANDS[name].rstrip("."))


def on_a_terminal(*arguments: str, **variables: str) -> str:
    """What the program prints where stdout is a terminal."""
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "kpicore", *arguments], stdout=follower, env=environment(**variables)
    ) as process:
        os.close(follower)
        out = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:
                break
            if not piece:
                break
            out += piece
        assert process.wait() == 0
    os.close(leader)
    return out.decode()


def test_a_terminal_gets_style() -> None:
    assert "\x1b[" in on_a_terminal("scorecards", COLUMNS="80")


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_but_not_where_it_says_no(variables: dict[str, str]) -> None:
    assert "\x1b" not in on_a_terminal("scorecards", **variables)


def test_a_pipe_gets_plain_text_of_80_columns() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kpicore", "metrics", "service_level"],
        capture_output=True,
        env=environment(LC_ALL="C"),
        check=True,
        encoding="utf-8",
    )
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert done.stderr == ""
