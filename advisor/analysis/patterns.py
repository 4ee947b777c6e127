"""Which patterns of answers are tried: every one if the facts are few, a fixed sample if they are many.

A pattern says which facts of a slice were reported (see `advisor.reasoning.slices`). Since n facts have up to 2**n
patterns, those of more than `WIDEST` facts are sampled, and nothing that was only sampled is called proved.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import Final, NamedTuple, TypeAlias

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
    """The patterns of one slice that are tried, those that the fewest answers show first.

    Each is one that some answers show. Where cramps at night imply cramps, that is neither, cramps alone, or both, but
    never cramps at night alone. Of age>=65 and age>=80 it is neither, age>=65 alone, or both, but never age>=80 alone.
    """

    def __init__(self, slices: Slices, slice_: int, boundary: Callable[[], Iterable[SupportSet]]) -> None:
        """Choose the patterns. The `boundary` is asked for only if the slice has to be sampled."""
        self.slice = slice_
        self.complete = are_few(slice_.bit_count())
        self._slices = slices
        self._numbers = list(_numbers(slices, slice_))
        plain = slices.facts(slice_ & ~union(number.tests for number in self._numbers))
        self._plain = [slices.bits[fact] for fact in plain]
        passed = [union(one) for one in product(*(number.passed for number in self._numbers))]
        reported = subsets(plain) if self.complete else sample(plain, SAMPLE // len(passed), boundary())
        closed = {self._closed(union(slices.bits[fact] for fact in chosen)) for chosen in reported}
        self.tried = sorted((one | more for one in closed for more in passed), key=self._size)

    def possible(self, pattern: int) -> bool:
        """Tell whether any answers show a pattern of this slice: nobody is under 18 and over 65."""
        return self._closed(pattern) == pattern and all(
            pattern & number.tests in number.passed for number in self._numbers
        )

    def more(self, pattern: int) -> Iterator[int]:
        """Yield what one further answer makes of a pattern: a yes with all that it implies, or a number."""
        yield from (self._closed(pattern | bit) for bit in self._plain if not pattern & bit)
        for number in self._numbers:
            if not pattern & number.tests:
                yield from (pattern | passed for passed in number.passed if passed)

    def fewer(self, pattern: int) -> Iterator[int]:
        """Yield the patterns that lack one fact of a pattern, or one number."""
        lacking = [pattern & ~bit for bit in (*self._plain, *(number.tests for number in self._numbers))]
        yield from (one for one in lacking if one != pattern and self.possible(one))

    def _closed(self, pattern: int) -> int:
        return self._slices.closed(pattern) & self.slice

    def _size(self, pattern: int) -> tuple[int, int]:
        """Return by what patterns are put in order: how many facts have to be reported, the rest being implied."""
        return (pattern & ~self._slices.implied(pattern)).bit_count(), pattern


class _Number(NamedTuple):
    """The tests of one number in a slice, and each combination of them that some number passes, or none at all."""

    tests: int
    passed: frozenset[int]


def _numbers(slices: Slices, slice_: int) -> Iterator[_Number]:
    for finding in dict.fromkeys(test.id for test in slices.knowledge.tests):
        tests = [(test, slices.bits[test] & slice_) for test in slices.knowledge.tests if test.id == finding]
        passed = {
            union(bit for test, bit in tests if test.holds_for(number))
            for number in slices.knowledge.telling_numbers(finding)
        }
        if together := union(bit for _, bit in tests):
            yield _Number(together, frozenset(passed | {0}))
