"""Which patterns of answers are tried: every one if the facts are few, a fixed sample if they are many.

A pattern says which facts of a slice were reported (see `advisor.reasoning.slices`). Since n facts have up to 2**n
patterns, those of more than `WIDEST` facts are sampled, and nothing that was only sampled is called proved.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Final

from advisor.diagnostics import AdvisorError
from advisor.model.facts import Concluded, Fact
from advisor.reasoning import slices
from advisor.reasoning.slices import Slices, union
from advisor.reasoning.support_sets import SupportSet, SupportSets

WIDEST: Final = slices.WIDEST  # facts; the results for that many are still kept, so each pattern is evaluated once
SAMPLE: Final = 5_000  # random patterns of more facts

FactSet = tuple[Fact, ...]


def are_few(facts: int) -> bool:
    """Tell whether every pattern of so many facts is tried."""
    return facts <= WIDEST


def subsets(facts: Sequence[Fact]) -> list[FactSet]:
    """Return all subsets of some facts, the smaller first."""
    return [chosen for size in range(len(facts) + 1) for chosen in combinations(facts, size)]


def sample(facts: Sequence[Fact], telling: Iterable[SupportSet], size: int = SAMPLE) -> list[FactSet]:
    """Return some subsets of many facts, the smaller first; the same ones for the same facts.

    These are `size` random ones, and those with which something is likely to begin or cease to hold: no fact, each fact
    alone, all facts, and what each of the support sets `telling` has of these facts, whole and with one fact left out.
    """
    rng = random.Random(1)  # noqa: S311
    drawn = {tuple(fact for fact in facts if rng.random() < 0.5) for _ in range(size)}
    whole = {tuple(fact for fact in facts if fact in one) for one in telling}
    less_one = {tuple(fact for fact in one if fact != left_out) for one in whole for left_out in one}
    chosen = {(), tuple(facts), *((fact,) for fact in facts), *whole, *less_one, *drawn}
    return sorted(chosen, key=lambda one: (len(one), one))


def telling(support_sets: SupportSets, concluded: Iterable[Concluded]) -> list[SupportSet]:
    """Return the support sets of some conclusions, leaving out conclusions that have too many."""
    found: list[SupportSet] = []
    for one in concluded:
        try:
            found += support_sets.of(one)
        except AdvisorError:
            continue
    return found


class Patterns:
    """The patterns of one slice that are tried, those of fewer facts first."""

    def __init__(self, slices: Slices, slice_: int, telling: Callable[[], Iterable[SupportSet]]) -> None:
        """Choose them. `telling` is asked for support sets only where the slice has to be sampled."""
        self.slice = slice_
        self.complete = are_few(slice_.bit_count())
        self._tests = union(slices.bits[test] for test in slices.knowledge.tests) & slice_
        self._passed = frozenset(slices.patterns(self._tests))
        if self.complete:
            self.tried = list(slices.patterns(slice_))
        else:
            reported = sample(slices.facts(slice_ & ~self._tests), telling(), SAMPLE // len(self._passed))
            plain = {union(slices.bits[fact] for fact in facts) for facts in reported}
            sampled = {one | passed for one in plain for passed in self._passed}
            self.tried = sorted(sampled, key=lambda pattern: (pattern.bit_count(), pattern))

    def possible(self, pattern: int) -> bool:
        """Tell whether any answers show a pattern of this slice: nobody is under 18 and over 65."""
        return pattern & self._tests in self._passed
