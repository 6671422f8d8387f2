"""Laws of weighting schemes: shares that add up, and what they may depend on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from random import Random

from kpicore.plugin import Settings, Weighting, WeightingInput

from .laws import law, require

__all__ = ["check_weighting"]

Points = Mapping[str, Mapping[tuple[str | None, ...], Fraction | None]]


def check_weighting(
    scheme: Weighting, expected: Mapping[str, Fraction] | None = None, *, given: WeightingInput | None = None
) -> None:
    """Raises LawBroken if ``scheme`` breaks a law.

    The laws: a share for every entry, none negative, exactly 1 in sum, also where points are missing or
    all alike; the same whatever the order of subjects; not dependent on points unless it says so
    (``data_driven``). What ``appraise`` gives lies between 0 and 1, is of subjects that there are, and the
    same whatever their order. ``given`` must yield the shares ``expected``.
    """
    random = Random(11)
    for size in (1, 2, 5):
        entries = tuple(f"entry_{number}" for number in range(size))
        for points in _points(entries, random):
            shares = _weigh(
                scheme, WeightingInput(entries=entries, stated={}, points=points, settings=_defaults(scheme))
            )
            backwards = {entry: dict(reversed(list(own.items()))) for entry, own in points.items()}
            other = WeightingInput(entries=entries, stated={}, points=backwards, settings=_defaults(scheme))
            require(_weigh(scheme, other) == shares, scheme.name, "the order of subjects means nothing")
            _appraise(scheme, given_points=(points, backwards), entries=entries, shares=shares)
            if not scheme.data_driven:
                none: Points = {entry: {} for entry in entries}
                blind = WeightingInput(entries=entries, stated={}, points=none, settings=_defaults(scheme))
                require(_weigh(scheme, blind) == shares, scheme.name, "it reads no points, as it says")
    if given is not None:
        shares = _weigh(scheme, given)
        require(shares == dict(expected or {}), scheme.name, "the shares are those expected", str(shares))


def _weigh(scheme: Weighting, given: WeightingInput) -> dict[str, Fraction]:
    with law(scheme.name, "it weighs any points"):
        shares = dict(scheme.weigh(given))
    require(set(shares) == set(given.entries), scheme.name, "a share for every entry", str(shares))
    exact = all(isinstance(share, Fraction | int) and share >= 0 for share in shares.values())
    require(exact, scheme.name, "shares are exact and not negative", str(shares))
    require(sum(shares.values()) == 1, scheme.name, "shares are exactly 1 in sum", str(sum(shares.values())))
    return shares


def _appraise(
    scheme: Weighting,
    *,
    given_points: tuple[Points, Points],
    entries: tuple[str, ...],
    shares: Mapping[str, Fraction],
) -> None:
    if scheme.appraise is None:
        return
    figures = []
    for points in given_points:
        given = WeightingInput(entries=entries, stated={}, points=points, settings=_defaults(scheme))
        with law(scheme.name, "it appraises any points"):
            figures.append(dict(scheme.appraise(given, shares)))
    first, second = figures
    known = {subject for own in given_points[0].values() for subject in own}
    exact = all(v is None or (isinstance(v, Fraction) and 0 <= v <= 1) for v in first.values())
    require(exact and set(first) <= known, scheme.name, "figures of subjects lie from 0 to 1", str(first))
    require(first == second, scheme.name, "the order of subjects means nothing")


def _points(entries: tuple[str, ...], random: Random) -> Iterator[Points]:
    subjects = [(f"agent_{number}",) for number in range(7)]

    def some(entry: str, subject: tuple[str]) -> Fraction | None:
        return None if random.random() < 0.2 else Fraction(random.randrange(0, 10001), 100)

    yield {entry: {subject: some(entry, subject) for subject in subjects} for entry in entries}
    yield {entry: {subject: Fraction(50) for subject in subjects} for entry in entries}
    yield {entry: dict.fromkeys(subjects) for entry in entries}
    yield {entry: {} for entry in entries}


def _defaults(scheme: Weighting) -> Settings:
    return Settings({p.name: p.read(p.default) for p in scheme.parameters if p.default is not None})
