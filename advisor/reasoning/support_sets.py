"""Support sets: the smallest sets of reported facts from which something follows, worked out from the rules.

A worked example. With these rules

    cramps_at_night                  -> finding:muscle_cramps
    muscle_cramps, poor_diet         -> suggested:vitamin_b6
    confirmed:vitamin_b6             -> suggested:vitamin_b6

the support sets of `suggested:vitamin_b6` are {cramps_at_night, poor_diet}, {muscle_cramps, poor_diet} and
{confirmed:vitamin_b6}: each premise is replaced by the support sets of what concludes it, and a set that contains
another is dropped. None of them has a fact too many, and every set of answers that suggests vitamin B6 contains one.
What is asked of a person, and in which words, is for `advisor.reasoning.explain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import msgspec

from advisor.diagnostics import AdvisorError
from advisor.model.facts import Concluded, Fact, reported
from advisor.model.knowledge import Knowledge, Rule

MOST: Final = 5_000  # of one conclusion; they could double with every rule, and nobody reads that many

SupportSet: TypeAlias = frozenset[Fact]


class SupportSets:
    """The support sets of every fact and conclusion of a rule base, each worked out when it is first asked for."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._reported = knowledge.reported_by
        self._concluding: dict[Concluded, list[Rule]] = {}
        for rule in knowledge.rules:
            self._concluding.setdefault(rule.concludes, []).append(rule)
        self._found: dict[Concluded, list[SupportSet]] = {}

    def of(self, wanted: Concluded) -> list[SupportSet]:
        """Return the support sets of a fact or conclusion. Raises AdvisorError where there are more than `MOST`."""
        if wanted not in self._found:
            found = [frozenset([wanted])] if isinstance(wanted, Fact) and wanted in self._reported else []
            for rule in self._concluding.get(wanted, ()):  # there is no circle among rules
                for alternative in rule.alternatives:
                    found += self.of_all(rule, alternative)
            self._found[wanted] = _smallest(found)
        return self._found[wanted]

    def of_all(self, rule: Rule, premises: Sequence[Fact]) -> list[SupportSet]:
        """Return the support sets of all premises of a rule together. Raises AdvisorError where they are too many."""
        joined: list[SupportSet] = [frozenset()]
        for premise in premises:
            joined = _smallest(one | other for one in joined for other in self.of(premise))
            if len(joined) > MOST:
                raise AdvisorError(f"rule {rule.id!r} can come about in more than {MOST:,} ways")
        return joined


def _smallest(sets: Iterable[SupportSet]) -> list[SupportSet]:
    """Return those of the sets that contain no other of them."""
    kept: list[SupportSet] = []
    for one in sorted(set(sets), key=len):
        if not any(other <= one for other in kept):
            kept.append(one)
    return kept


class Numbers(msgspec.Struct, frozen=True):
    """For each finding with tests of a number among some facts: the telling numbers that pass them all."""

    passing: dict[str, frozenset[int]]

    @property
    def possible(self) -> bool:
        """Whether there is a number for each."""
        return all(self.passing.values())


def numbers_passing(knowledge: Knowledge, facts: Iterable[Fact]) -> Numbers:
    """Return which numbers pass the tests among these facts."""
    tests = [fact for fact in facts if fact.is_test]
    passing = {}
    for name in {test.id for test in tests}:
        asked = [test for test in tests if test.id == name]
        numbers = knowledge.telling_numbers(name)
        passing[name] = frozenset(number for number in numbers if all(test.holds_for(number) for test in asked))
    return Numbers(passing)


def lacking(knowledge: Knowledge, wanted: SupportSet, already: set[Fact]) -> SupportSet:
    """Return what of these facts would have to be reported as well, without what others of them imply.

    Where a number would have to be another, all its tests are: those that the present one passes may be lost. A test
    that the others contain is left out.
    """
    new = wanted - already - _implied(knowledge, wanted)
    numbers = {fact.id for fact in new if fact.is_test}
    tests = {fact for fact in wanted if fact.is_test and fact.id in numbers}
    needed = set(new | tests)
    for test in sorted(tests):
        if numbers_passing(knowledge, needed - {test}) == numbers_passing(knowledge, needed):
            needed.discard(test)
    return frozenset(needed)


def _implied(knowledge: Knowledge, facts: Iterable[Fact]) -> set[Fact]:
    """Return what reporting these facts reports as well, because of what the words mean."""
    findings = [fact.id for fact in facts if fact.kind == "finding" and not fact.is_test]
    return {reported(name) for finding in findings for name in knowledge.implied[finding]}


def covers(knowledge: Knowledge, one: SupportSet, other: SupportSet) -> bool:
    """Tell whether whoever reports all of `other` reports all of `one` too."""
    ours, theirs = numbers_passing(knowledge, one).passing, numbers_passing(knowledge, other).passing
    plain = {fact for fact in one if not fact.is_test}
    return plain <= other | _implied(knowledge, other) and all(
        name in theirs and theirs[name] <= passing for name, passing in ours.items()
    )
