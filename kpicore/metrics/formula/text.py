"""The text of a formula: its words, and what is said of the column in which a mistake is."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kpicore.errors import FormulaError, KpicoreError
from kpicore.metrics.request_text import BRACKETED

__all__ = ["Formula", "Word", "parse_formula", "pointed", "read_formula"]

LONGEST = 4_000
"""Characters of a formula beyond which nobody can check it."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_HEAD = re.compile(r"\s*([^=\[\]@<>!]*?)\s*=(?!=)")
_WORD = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:%|[A-Za-z_][A-Za-z0-9_.]*)?)"
    r"|(?P<sign><=|>=|==|!=|[-+*/<>(),])"
)
_SUFFIX = re.compile(rf"(?:{BRACKETED}|@[a-z][a-z0-9_]*){{1,2}}")
_WINDOW = 72
_HINTS = {
    ".": "a formula has metrics, numbers and functions, nothing else",
    "=": "write == to compare",
    "%": "write per cent at its number, such as 85%",
    "[": "write parameters at the metric, such as service_level[within=30s]",
    "@": "write a dialect at the metric, such as service_level@connect",
    "×": "write *",
    "÷": "write /",
    "（": "write (",
    "）": "write )",
    "，": "write ,",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A formula as it was written: ``name`` and ``unit`` are empty where none is given.

    ``text`` is all that was written, in which the expression begins at ``start``.
    """

    text: str
    start: int = 0
    name: str = ""
    unit: str = ""
    direction: str = "neutral"
    label: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def expression(self) -> str:
        """The expression on one line."""
        return " ".join(self.text[self.start :].split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A number or a metric in the text of a formula."""

    kind: str
    text: str


def read_formula(text: str) -> Formula | None:
    """Returns the formula ``name = expression``, ``name: unit = expression`` or ``= expression``.

    None where ``text`` is none, but names a metric. FormulaError for another name.
    """
    head = _HEAD.match(text)
    if head is None:
        return None
    name, colon, unit = (part.strip() for part in head[1].partition(":"))
    formula = Formula(text=text, start=head.end(), name=name, unit=unit)
    if (name or colon) and not _NAME.fullmatch(name):
        raise pointed(
            formula,
            head.start(1),
            f"{name!r} cannot name a formula",
            "a name is made of lower-case letters, digits and _, such as quality = ...",
        )
    if colon and not unit:
        raise pointed(formula, head.start(1) + len(name), "a unit is missing", "write name: unit = ...")
    return formula


def pointed(formula: Formula, at: int, message: str, hint: str = "") -> FormulaError:
    """Returns the error that points at a column of the formula's text."""
    return FormulaError(f"{message}{_pointer(formula, at)}", hint=hint)


def pointed_as(error: KpicoreError, formula: Formula, at: int) -> KpicoreError:
    """Returns ``error`` pointing at a column of the formula's text."""
    message = f"{error.message}{_pointer(formula, at)}"
    return type(error)(message, hint=error.hint, problems=error.problems)


def _pointer(formula: Formula, at: int) -> str:
    """Returns the line around the column, and a caret below it."""
    line = re.sub(r"\s", " ", formula.text)
    at = min(at, len(line))
    first = max(0, at - _WINDOW // 2) if len(line) > _WINDOW else 0
    shown = line[first : first + _WINDOW]
    before, after = "..." if first else "", "..." if first + _WINDOW < len(line) else ""
    where = f"formula {formula.name}, column {at + 1}" if formula.name else f"column {at + 1}"
    return f"\n  {before}{shown}{after}\n  {' ' * (len(before) + at - first)}^ {where}"


def parse_formula(formula: Formula) -> tuple[ast.expr, Mapping[int, Word]]:
    """Returns Python's tree of the expression and the words in it, both by column of ``formula.text``.

    Numbers and metrics stand in the tree as names of underscores, as long as they are.
    """
    if len(formula.text) > LONGEST:
        raise FormulaError(
            f"a formula of {len(formula.text)} characters is too long",
            hint=f"keep it below {LONGEST}; give parts of it names of their own",
        )
    words, source = _split(formula)
    if not source.strip():
        raise pointed(formula, len(formula.text), "the formula is empty", "write an expression behind =")
    shift = len(source) - len(source.lstrip())
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except SyntaxError as error:
        at = shift + error.offset - 1 if error.offset else len(formula.text)
        raise pointed(formula, at, f"the formula cannot be read: {error.msg}") from None
    except (RecursionError, MemoryError, ValueError):
        raise pointed(formula, formula.start, "the formula is nested too deeply") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            node.col_offset += shift
    return tree, words


def _split(formula: Formula) -> tuple[dict[int, Word], str]:
    text, at = formula.text, formula.start
    words: dict[int, Word] = {}
    source = [" " * at]
    while at < len(text):
        found = _WORD.match(text, at)
        if found is None:
            hint = _HINTS.get(text[at], "a formula has metrics, numbers, functions and + - * / < > ( )")
            raise pointed(formula, at, f"{text[at]!r} has no place in a formula", hint)
        kind, word = str(found.lastgroup), found.group()
        if kind == "name" and (suffix := _SUFFIX.match(text, found.end())):
            kind, word = "metric", word + suffix.group()
        if kind in ("number", "metric"):
            words[at] = Word(kind=kind, text=word)
        source.append({"space": " " * len(word), "name": word, "sign": word}.get(kind, "_" * len(word)))
        at += len(word)
    return words, "".join(source)
