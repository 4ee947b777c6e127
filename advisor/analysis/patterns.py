"""Which patterns of answers are tried: every one if the facts are few, a fixed sample if they are many.

A pattern says which facts of a slice were reported (see `advisor.reasoning.slices`). Since n facts have up to 2**n
patterns, those of more than `WIDEST` facts are sampled, and nothing that was only sampled is called proved.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Final, TypeAlias

from advisor.diagnostics import AdvisorError
from advisor.model.facts import Concluded, Fact
from advisor.reasoning.slices import WIDEST, Slices, union
from advisor.reasoning.support_sets import SupportSet, SupportSets

SAMPLE: Final = 5_000  # random patterns of facts that are more than `WIDEST`

Subset: TypeAlias = tuple[Fact, ...]


def are_few(facts: int) -> bool:
    """Tell whether every pattern of so many facts is tried."""
    return facts <= WIDEST


def subsets(facts: Sequence[Fact]) -> list[Subset]:
    """Return all subsets of a few facts, the smaller first."""
    return [chosen for size in range(len(facts) + 1) for chosen in combinations(facts, size)]


def sample(facts: Sequence[Fact], size: int, boundary: Iterable[SupportSet]) -> list[Subset]:
    """Return some subsets of many facts, the smaller first; always the same ones for the same facts.

    These are `size` random ones, and those with which something is likely to begin or cease to hold: no fact, each fact
    alone, all facts, and what each support set on the `boundary` has of these facts, whole and with one fact left out.
    """
    rng = random.Random(1)  # noqa: S311
    drawn = {tuple(fact for fact in facts if rng.random() < 0.5) for _ in range(size)}
    whole = {tuple(fact for fact in facts if fact in one) for one in boundary}
    less_one = {tuple(fact for fact in one if fact != left_out) for one in whole for left_out in one}
    chosen = {(), tuple(facts), *((fact,) for fact in facts), *whole, *less_one, *drawn}
    return sorted(chosen, key=lambda one: (len(one), one))


def boundary(support_sets: SupportSets, concluded: Iterable[Concluded]) -> list[SupportSet]:
    """Return the sets of facts with which one of these conclusions begins to hold; none if it has too many."""
    found: list[SupportSet] = []
    for one in concluded:
        try:
            found += support_sets.of(one)
        except AdvisorError:
            continue
    return found


class Patterns:
    """The patterns of one slice that are tried, those of fewer facts first.

    Each combines some of the facts that a yes reports with tests that some number passes: of age>=65 and age>=80 that
    is neither, age>=65 alone, or both, but never age>=80 alone.
    """

    def __init__(self, slices: Slices, slice_: int, boundary: Callable[[], Iterable[SupportSet]]) -> None:
        """Choose the patterns. The `boundary` is asked for only if the slice has to be sampled."""
        self.slice = slice_
        self.complete = are_few(slice_.bit_count())
        self._tests = union(slices.bits[test] for test in slices.knowledge.tests) & slice_
        self._passed = _passed(slices, slice_)
        plain = slices.facts(slice_ & ~self._tests)
        reported = subsets(plain) if self.complete else sample(plain, SAMPLE // len(self._passed), boundary())
        bits = [union(slices.bits[fact] for fact in chosen) for chosen in reported]
        patterns = (one | passed for one in bits for passed in self._passed)
        self.tried = sorted(patterns, key=lambda pattern: (pattern.bit_count(), pattern))

    def possible(self, pattern: int) -> bool:
        """Tell whether any answers show a pattern of this slice: nobody is under 18 and over 65."""
        return pattern & self._tests in self._passed


def _passed(slices: Slices, slice_: int) -> frozenset[int]:
    """Return each combination of the tests in a slice that some numbers pass; a number left out passes none."""
    together = {0}
    for finding in dict.fromkeys(test.id for test in slices.knowledge.tests):
        tests = [(test, slices.bits[test] & slice_) for test in slices.knowledge.tests if test.id == finding]
        passed = {
            union(bit for test, bit in tests if test.holds_for(number))
            for number in slices.knowledge.telling_numbers(finding)
        }
        together = {one | other for one in together for other in passed | {0}}
    return frozenset(together)
