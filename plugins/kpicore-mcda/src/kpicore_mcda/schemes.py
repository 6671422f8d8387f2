"""The schemes: what of the points each of them takes for importance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial

import numpy as np
import numpy.typing as npt

from kpicore.plugin import Choice, Weighting, WeightingInput

from .matrix import Matrix, Subject, matrix_of, shares_of

__all__ = ["WEIGHTINGS"]

Weights = npt.NDArray[np.float64]
Method = Callable[[Matrix], Weights]


def _entropy(matrix: Matrix) -> Weights:
    from pyrepo_mcda.weighting_methods import entropy_weighting

    _refuse_negatives(matrix, "entropy")
    return _quiet(entropy_weighting, matrix)


def _gini(matrix: Matrix) -> Weights:
    from pyrepo_mcda.weighting_methods import gini_weighting

    _refuse_negatives(matrix, "gini")
    return _quiet(gini_weighting, matrix)


def _critic(matrix: Matrix) -> Weights:
    from pyrepo_mcda.weighting_methods import critic_weighting

    return _quiet(critic_weighting, matrix)


def _deviation(matrix: Matrix) -> Weights:
    from pyrepo_mcda.weighting_methods import std_weighting

    return _quiet(std_weighting, matrix)


def _equal(matrix: Matrix) -> Weights:
    return np.ones(len(matrix.entries))


METHODS: Mapping[str, Method] = {
    "critic": _critic,
    "entropy": _entropy,
    "equal": _equal,
    "gini": _gini,
    "standard-deviation": _deviation,
}


def _quiet(method: Callable[[Weights], Weights], matrix: Matrix) -> Weights:
    """Returns what ``method`` says; what it cannot divide is nan, which the caller looks for."""
    with np.errstate(all="ignore"):
        return np.asarray(method(matrix.values), dtype=np.float64)


def _refuse_negatives(matrix: Matrix, name: str) -> None:
    for i, entry in enumerate(matrix.entries):
        if matrix.values[:, i].min() < 0:
            raise ValueError(
                f"entry {entry!r} has points below 0, for which {name} is not defined: "
                "use critic or standard-deviation, or a scale of points from 0"
            )


def _weigh(method: Method, given: WeightingInput) -> Mapping[str, Fraction]:
    matrix = matrix_of(given)
    weights = method(matrix) if matrix.entries else np.ones(0)
    return shares_of(given, matrix, weights)


def _weigh_topsis(given: WeightingInput) -> Mapping[str, Fraction]:
    return _weigh(METHODS[given.settings.word("weights")], given)


def _closeness(given: WeightingInput, shares: Mapping[str, Fraction]) -> Mapping[Subject, Fraction | None]:
    """Returns how close each subject is to the best points that anybody has, 1, and far from the worst, 0."""
    from pyrepo_mcda.mcda_methods import TOPSIS

    matrix = matrix_of(given)
    weights = np.array([float(shares[entry]) for entry in matrix.entries])
    if not matrix.entries or weights.sum() <= 0:
        return dict.fromkeys(matrix.subjects)
    found = TOPSIS()(matrix.values, weights / weights.sum(), np.ones(len(matrix.entries)))
    if not np.isfinite(found).all():
        raise ArithmeticError("TOPSIS gave a score that is no number")
    return {
        subject: Fraction(f"{min(max(float(value), 0.0), 1.0):.12g}")
        for subject, value in zip(matrix.subjects, found, strict=True)
    }


def _scheme(name: str, zh: str, doc: str, method: Method, source: str) -> Weighting:
    return Weighting(
        name=name,
        zh=zh,
        doc=doc,
        data_driven=True,
        peer_relative=True,
        weigh=partial(_weigh, method),
        source=source,
    )


WEIGHTINGS: tuple[Weighting, ...] = (
    _scheme(
        "entropy",
        "熵权法",
        "the more unevenly an entry's points are spread over the subjects, the more it weighs",
        _entropy,
        "Shannon entropy; Zeleny (1982)",
    ),
    _scheme(
        "critic",
        "CRITIC法",
        "an entry weighs what it varies, and what it does not share with the other entries",
        _critic,
        "Diakoulaki, Mavrotas and Papayannakis (1995)",
    ),
    _scheme(
        "standard-deviation",
        "标准差法",
        "an entry weighs its points' standard deviation",
        _deviation,
        "Wang and Luo (2010)",
    ),
    _scheme(
        "gini",
        "基尼系数法",
        "an entry weighs the Gini coefficient of its points",
        _gini,
        "Gini (1912); Li and Chi (2009)",
    ),
    Weighting(
        name="topsis",
        zh="TOPSIS法",
        doc="beside the total: the closeness to the best points that anybody has, from 0 to 1",
        data_driven=True,
        peer_relative=True,
        weigh=_weigh_topsis,
        appraise=_closeness,
        parameters=(
            Choice(
                name="weights",
                doc="the scheme that weighs the entries",
                values=tuple(METHODS),
                default="equal",
            ),
        ),
        source="Hwang and Yoon (1981)",
    ),
)
