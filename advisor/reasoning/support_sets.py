"""Ways: the sets of facts that can be reported from which something follows, worked out from the rules.

Sets of facts, and which of them says more than another; numbers are compared by what passes their tests. What is asked
of a person, and in which words, is for `advisor.explain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from advisor.diagnostics import AdvisorError
from advisor.model import facts
from advisor.model.knowledge import Knowledge, Rule

MOST: Final = 5_000  # to conclude one thing; they could double with every rule, and nobody reads that many


class Ways:
    """The sets of facts that can be reported from which something follows, none of them with a fact too many."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._reported = knowledge.reported_by
        self._concluding: dict[str, list[Rule]] = {}
        for rule in knowledge.rules:
            self._concluding.setdefault(rule.concludes, []).append(rule)
        self._ways: dict[str, list[frozenset[str]]] = {}

    def of(self, fact: str) -> list[frozenset[str]]:
        """Return the ways to a fact; there is no circle among rules."""
        if fact not in self._ways:
            found = [frozenset([fact])] if fact in self._reported else []
            for rule in self._concluding.get(fact, ()):
                for alternative in rule.alternatives:
                    found += self.together(rule, alternative)
            self._ways[fact] = _smallest(found)
        return self._ways[fact]

    def together(self, rule: Rule, premises: Sequence[str]) -> list[frozenset[str]]:
        """Return the ways in which all premises of a rule hold. Raises AdvisorError where they are too many."""
        joined = [frozenset[str]()]
        for premise in premises:
            joined = _smallest(one | other for one in joined for other in self.of(premise))
            if len(joined) > MOST:
                raise AdvisorError(f"rule {rule.id!r} can come about in more than {MOST:,} ways")
        return joined


def _smallest(sets: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Return those of the sets that contain no other of them."""
    kept: list[frozenset[str]] = []
    for one in sorted(set(sets), key=len):
        if not any(other <= one for other in kept):
            kept.append(one)
    return kept


class Numbers(msgspec.Struct, frozen=True):
    """For each finding with numeric tests among some facts: the telling numbers that pass them all."""

    passing: dict[str, frozenset[int]]

    @property
    def possible(self) -> bool:
        """Whether there is a number for each."""
        return all(self.passing.values())


def numbers_passing(knowledge: Knowledge, leaves: Iterable[str]) -> Numbers:
    """Return which numbers would do for the numeric tests among these facts."""
    tests = [fact for fact in map(facts.parse, leaves) if fact and fact.comparison]
    passing = {}
    for name in {test.name for test in tests}:
        asked = [test for test in tests if test.name == name]
        numbers = knowledge.telling_numbers(name)
        passing[name] = frozenset(number for number in numbers if all(test.holds_for(number) for test in asked))
    return Numbers(passing)


def lacking(knowledge: Knowledge, leaves: frozenset[str], reported: set[str]) -> frozenset[str]:
    """Return what of these facts would have to be reported as well.

    Where a number would have to be another, all its tests are: those that the present one passes may be lost. A test
    that the others contain is left out.
    """
    new = leaves - reported
    numbers = {fact.name for fact in map(facts.parse, new) if fact and fact.comparison}
    tests = {text for text in leaves if (fact := facts.parse(text)) and fact.comparison and fact.name in numbers}
    wanted = set(new | tests)
    for test in sorted(tests):
        if numbers_passing(knowledge, wanted - {test}) == numbers_passing(knowledge, wanted):
            wanted.discard(test)
    return frozenset(wanted)


def covers(knowledge: Knowledge, one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether whoever reports all of `other` reports all of `one` too."""
    ours, theirs = numbers_passing(knowledge, one).passing, numbers_passing(knowledge, other).passing
    plain = {text for text in one if (fact := facts.parse(text)) and not fact.comparison}
    return plain <= other and all(name in theirs and theirs[name] <= passing for name, passing in ours.items())
