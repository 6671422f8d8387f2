"""Exit codes are a contract, and one place decides them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from kpicore import errors
from kpicore.cli import main
from kpicore.cli.commands import metrics


def failing(error: BaseException) -> click.Command:
    @click.command()
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            errors.CardError("weights sum to 99 %", hint="mend them"),
            2,
            "error: weights sum to 99 %\nhint: mend them",
        ),
        (errors.SchemaError("two faults", problems=("one", "two")), 3, "error: two faults\n  - one\n  - two"),
        (errors.VerificationError("changed"), 3, "error: changed"),
        (errors.PluginError("failed"), 4, "error: failed"),
        (errors.StorageError("full"), 5, "error: full"),
        (errors.MemoryLimitError("too much"), 5, "error: too much"),
        (MemoryError(), 5, "error: there is not enough memory"),
        (PermissionError(13, "Permission denied", "/x"), 5, "error: /x: Permission denied"),
        (KeyboardInterrupt(), 130, "error: interrupted"),
        (click.UsageError("no such option"), 2, "error: no such option"),
        (ZeroDivisionError("x"), 70, "please report"),
        (errors.KpicoreError("inconsistent"), 70, "error: inconsistent"),
    ],
)
def test_codes(
    error: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(metrics, "command", failing(error))
    assert main(["metrics"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_every_kind_of_error_has_a_documented_code() -> None:
    kinds = [getattr(errors, name) for name in errors.__all__ if name.endswith("Error")]
    assert {kind.exit_code for kind in kinds} == {2, 3, 4, 5, 70}


def test_an_unexpected_fault_shows_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(metrics, "command", failing(ZeroDivisionError("x")))
    main(["metrics"])
    assert "Traceback" in capsys.readouterr().err


def test_a_message_cannot_steer_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(metrics, "command", failing(errors.SourceError("file \x1b[2J\x07x.csv", hint="a\nb")))
    main(["metrics"])
    assert capsys.readouterr().err == "error: file x.csv\nhint: a\nb\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["measrue"], "did you mean 'measure'?"),
        (["metrics", "--format", "xml"], "'xml' is not one of"),
        (["metrics", "service_levle"], "did you mean 'service_level'?"),
        (["metrics", "--format", "parquet"], "name a file with --output"),
        (["measure", "x.csv", "-m", "a", "--where", "queue"], "not of the form name=value"),
        (["measure"], "Missing argument 'SOURCE...'"),
        (["--nonsense"], "No such option"),
    ],
)
def test_usage(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_success_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert main(["metrics", "--help"]) == 0
    assert main([]) == 0
    out, err = capsys.readouterr()
    assert "Commands:" in out
    assert err == ""


def test_a_reader_that_goes_away_is_no_fault() -> None:
    reader, writer = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "kpicore", "metrics", "--format", "json"],
        stdout=writer,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
    ) as process:
        os.close(reader)
        os.close(writer)
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_the_shell_can_complete_commands() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kpicore"],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": ":".join(sys.path),
            "_KPICORE_COMPLETE": "bash_complete",
            "COMP_WORDS": "kpicore sc",
            "COMP_CWORD": "1",
        },
    )
    assert (done.returncode, done.stdout.split()) == (0, ["plain,score", "plain,scorecards"])


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (("weight = 100", "weight = 99"), "group.weight: found 99; make the sum exactly 100"),
        (("zero_at", "zero"), "linear.zero: unknown key; did you mean 'zero_at'?"),
        (("full_at = 9", "full_at = [9]"), "full_at: found [9]; write a number"),
    ],
)
def test_a_bad_card_ends_with_2_and_names_the_key(
    fault: tuple[str, str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = (
        'id = "c"\nversion = "1"\nowner = "o"\nprofile = "review"\nsubject = "agent"\nperiod = "month"\n'
        '[[group]]\nid = "g"\nweight = 100\n[[group.entry]]\nid = "e"\nmetric = "calls_answered"\n'
        "weight = 1\ncurve = { linear = { zero_at = 0, full_at = 9 } }\n"
    )
    (tmp_path / "card.toml").write_text(card.replace(*fault), "utf-8")
    log = tmp_path / "contacts.csv"
    log.write_text("contact_id,opened_at\n1,2026-10-01T08:00:00Z\n", "utf-8")
    assert main(["score", str(log), "--card", str(tmp_path / "card.toml")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in " ".join(err.split())
