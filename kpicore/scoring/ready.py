"""The scorecards that come with the product."""

from __future__ import annotations

from importlib import resources

from kpicore.errors import UnknownNameError, suggest

__all__ = ["read_ready_card", "ready_cards"]

_FOLDER = "cards"
_ENDING = ".toml"


def ready_cards() -> tuple[str, ...]:
    """Returns the names of the ready cards, sorted."""
    folder = resources.files("kpicore.scoring") / _FOLDER
    return tuple(
        sorted(file.name.removesuffix(_ENDING) for file in folder.iterdir() if file.name.endswith(_ENDING))
    )


def read_ready_card(name: str) -> str:
    """Returns the TOML text of the ready card ``name``; UnknownNameError with the nearest name where there
    is none.
    """
    known = ready_cards()
    if name not in known:
        raise UnknownNameError(f"no ready scorecard is called {name!r}", hint=suggest(name, list(known)))
    return (resources.files("kpicore.scoring") / _FOLDER / f"{name}{_ENDING}").read_text(encoding="utf-8")
