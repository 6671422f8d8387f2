from __future__ import annotations

from fractions import Fraction as F
from random import Random

import pytest

from kpicore.scoring.statistics.casemix import Stratum, decompose_change, standardise


def strata(**kinds: tuple[int, int]) -> dict[str, Stratum]:
    return {kind: Stratum(n=n, total=F(total)) for kind, (n, total) in kinds.items()}


def test_standardising_to_a_reference_mix() -> None:
    found = standardise(strata(easy=(90, 81), hard=(10, 4)), {"easy": F(1, 2), "hard": F(1, 2)})
    assert (found.crude, found.value, found.covered) == (F(85, 100), F(13, 20), 1)


def test_kinds_without_cases_are_left_out_and_said() -> None:
    found = standardise(strata(easy=(10, 9), odd=(5, 0)), {"easy": F(3, 4), "hard": F(1, 4)})
    assert (found.value, found.covered) == (F(9, 10), F(3, 4))
    nothing = standardise({}, {"easy": F(1)})
    assert (nothing.crude, nothing.value, nothing.covered) == (None, None, 0)
    with pytest.raises(ValueError, match="sum to exactly 1"):
        standardise({}, {"easy": F(1, 2)})


def test_simpson_is_flagged() -> None:
    # both kinds got better, but the hard one became the common one
    before = strata(easy=(80, 72), hard=(20, 8))
    after = strata(easy=(20, 19), hard=(80, 40))
    found = decompose_change(before, after)
    assert found is not None
    assert found.change == F(59, 100) - F(80, 100)
    assert found.rate > 0 > found.change
    assert found.simpson


def test_mix_and_rate_sum_to_the_change_exactly() -> None:
    random = Random(8)
    for _ in range(500):
        sides = []
        for _ in range(2):
            kinds = random.sample("abcde", random.randint(1, 5))
            sides.append({k: Stratum(n=random.randint(0, 20), total=F(random.randint(0, 20))) for k in kinds})
        before, after = ({k: s for k, s in side.items() if s.n} for side in sides)
        found = decompose_change(before, after)
        if not before or not after:
            assert found is None
            continue
        assert found is not None
        crude = [
            sum(s.total for s in side.values()) / F(sum(s.n for s in side.values()))
            for side in (before, after)
        ]
        assert found.change == found.mix + found.rate == crude[1] - crude[0]


def test_the_same_mix_has_no_mix_effect() -> None:
    found = decompose_change(strata(a=(10, 5), b=(10, 1)), strata(a=(20, 12), b=(20, 4)))
    assert found is not None
    assert (found.mix, found.simpson) == (0, False)
