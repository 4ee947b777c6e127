"""What a change of rules means: for which answers two rule bases conclude differently, and through which rules.

Each conclusion is compared for every combination of the facts on which it depends in either rule base; each side
evaluates them with an engine of its own. A worked example: of these two rule bases

    cramps_at_night, age >= 65 -> supports:vitamin_k2        cramps_at_night, age >= 66 -> supports:vitamin_k2

vitamin K2 depends on cramps_at_night, age>=65 and age>=66. Tried are cramps at night and no cramps, each without an age
and with the ages 0, 65 and 66, one for each way to pass the two tests. They differ for cramps at night at 65.

What findings imply belongs to what is compared: where one side alone says that cramps at night are cramps, then cramps
at night are tried for whatever depends on cramps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, Final, Literal, TypeAlias

import msgspec

from advisor.analysis import patterns, record_changes
from advisor.analysis.patterns import SAMPLE, Subset
from advisor.analysis.record_changes import Rewording
from advisor.engine.durable import DurableEngine
from advisor.model.answers import Answers
from advisor.model.conditions import Alternative
from advisor.model.facts import Concluded, Conclusion, Fact, reported, supports
from advisor.model.knowledge import Answer, Knowledge, Rule
from advisor.reasoning.advice import Advice
from advisor.reasoning.explain import kind_of
from advisor.reasoning.slices import Slices, Table
from advisor.reasoning.support_sets import SupportSet, SupportSets

MOST_SHOWN: Final = 5  # witnesses of one difference

How: TypeAlias = Literal["gained", "lost", "changed"]


class Witness(msgspec.Struct, frozen=True):
    """Answers for which two rule bases differ."""

    findings: dict[str, Any]
    how: How
    before: Any  # support and findings of a nutrient, level of a care item, True of others; None if not concluded
    after: Any


class Difference(msgspec.Struct, frozen=True):
    """One conclusion that differs. The names of the fields are the keys of the JSON."""

    id: str
    kind: str
    patterns: int  # tried
    complete: bool  # whether these are all there are
    differing: int  # 0 if none of those tried did, but not all could be tried
    cases: tuple[Witness, ...]  # the smallest of those tried
    rules: tuple[str, ...]  # that fire differently in those cases


class Comparison(msgspec.Struct, frozen=True):
    """Everything that differs between two rule bases. The names of the fields are the keys of the JSON."""

    differences: tuple[Difference, ...]
    vocabulary: tuple[str, ...]  # what can be asked or shown, and in which order, in sentences
    rules: tuple[str, ...]  # that are new, gone, or have another condition or conclusion, whether or not it matters
    rewordings: tuple[Rewording, ...]


def compare(old: Knowledge, new: Knowledge) -> Comparison:
    """Compare two rule bases. Raises EngineError if the rule engine cannot be used."""
    sides = _Side(old), _Side(new)
    found = (_difference(concluded, *sides) for concluded in dict.fromkeys((*old.shown, *new.shown)))
    return Comparison(
        tuple(difference for difference in found if difference),
        tuple(record_changes.vocabulary(old, new)),
        tuple(record_changes.rules(old, new)),
        tuple(record_changes.rewordings(old, new)),
    )


class _Side:
    """One rule base, and what it concludes."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._slices = Slices(knowledge, DurableEngine(knowledge.rules))
        self._support_sets = SupportSets(knowledge)
        self._tables: dict[Concluded, Table[Any]] = {}

    def dependencies(self, concluded: Concluded) -> frozenset[object]:
        """Return all that a conclusion depends on, without the names of rules: if equal, it cannot differ."""
        found: set[object] = {item.level for item in self.knowledge.care if concluded == Conclusion("care", item.id)}
        waiting, seen = _with_weight(concluded), set[Concluded]()
        while waiting:
            needed = waiting.pop()
            if needed in seen:
                continue
            seen.add(needed)
            if isinstance(needed, Fact):
                found.add((needed, self.implying(needed)))
            for rule in self._slices.concluding(needed):
                found.add((rule.concludes, frozenset(map(frozenset, rule.alternatives))))
                waiting += rule.premises
        return frozenset(found)

    def facts(self, concluded: Concluded) -> Subset:
        """Return the facts on which a conclusion depends and that can be reported."""
        return self._slices.facts(self._slices.of(self._rules(concluded)))

    def implying(self, fact: Fact) -> frozenset[Fact]:
        """Return the facts whose report implies this one."""
        plain = fact.kind == "finding" and not fact.is_test
        return frozenset(map(reported, self.knowledge.implied_by.get(fact.id, ()))) if plain else frozenset()

    def boundary(self, concluded: Concluded) -> list[SupportSet]:
        """Return the sets of facts with which a conclusion begins to hold or gains weight."""
        return patterns.boundary(self._support_sets, _with_weight(concluded))

    def value(self, concluded: Concluded, answers: Answers) -> Any:
        """Return what becomes of a conclusion: its support, its level or True; None if it is not concluded."""
        if concluded not in self._tables:
            self._tables[concluded] = self._slices.table(
                self._rules(concluded), lambda advice: _value(advice, concluded)
            )
        table = self._tables[concluded]
        return table[self._case(answers) & table.slice]

    def firings(self, concluded: Concluded, answers: Answers) -> set[tuple[str, Alternative]]:
        """Return which rules that bear on a conclusion fire, and through which premises."""
        fired = self._slices.firings(self._rules(concluded), self._case(answers))
        return {(firing.rule.id, firing.premises) for firing in fired}

    def _case(self, answers: Answers) -> int:
        """Return the facts that the answers report here; what this side does not ask says nothing."""
        known = {name: answer for name, answer in answers.given.items() if name in self.knowledge.finding}
        return self._slices.case(Answers("", known))

    def _rules(self, concluded: Concluded) -> tuple[Rule, ...]:
        return self._slices.rules({each.kind for each in _with_weight(concluded)}, concluded.id)


def _with_weight(concluded: Concluded) -> list[Concluded]:
    """Return a conclusion, and for a nutrient what adds weight to it as well."""
    return [concluded, supports(concluded.id)] if concluded.kind == "suggested" else [concluded]


def _value(advice: Advice, concluded: Concluded) -> Any:
    if concluded.kind == "suggested":
        found = (nutrient for nutrient in advice.nutrients if nutrient.id == concluded.id)
        return next(({"support": nutrient.support, "matched": list(nutrient.matched)} for nutrient in found), None)
    if concluded.kind == "care":
        return next((item.level for item in advice.care.items if item.id == concluded.id), None)
    items = advice.advice if concluded.kind == "advice" else advice.cautions
    return True if any(item.id == concluded.id for item in items) else None


def _difference(concluded: Concluded, old: _Side, new: _Side) -> Difference | None:
    if old.dependencies(concluded) == new.dependencies(concluded):
        return None
    tried, complete = _answers_to_try(concluded, old, new)
    differing = 0
    witnesses: list[Witness] = []
    rules: dict[str, None] = {}
    for answers in tried:
        before, after = old.value(concluded, answers), new.value(concluded, answers)
        if before == after:
            continue
        differing += 1
        if len(witnesses) < MOST_SHOWN:
            witnesses.append(_witness(answers, before, after))
            changed = old.firings(concluded, answers) ^ new.firings(concluded, answers)
            rules |= dict.fromkeys(sorted(rule for rule, _ in changed))
    if not differing and complete:
        return None
    return Difference(concluded.id, kind_of(concluded), len(tried), complete, differing, tuple(witnesses), tuple(rules))


def _witness(answers: Answers, before: Any, after: Any) -> Witness:
    how: How = "gained" if before is None else "lost" if after is None else "changed"
    findings = {name: list(given) if isinstance(given, tuple) else given for name, given in answers.given.items()}
    return Witness(findings, how, before, after)


def _answers_to_try(concluded: Concluded, old: _Side, new: _Side) -> tuple[list[Answers], bool]:
    """Return the answers for which a conclusion could differ, the fewest first, and whether these are all.

    All are: every subset of the facts on which it depends on either side, with every way to answer the numbers that are
    tested among them. A fact that others imply on both sides is not reported besides.
    """
    facts = list(dict.fromkeys((*old.facts(concluded), *new.facts(concluded))))
    facts += _implying_otherwise(facts, old, new)
    complete = patterns.are_few(len(facts))
    plain = [fact for fact in facts if not fact.is_test]
    numbers = _numbers([fact for fact in facts if fact.is_test], old.knowledge, new.knowledge)
    if complete:
        subsets = patterns.subsets(plain)
    else:
        subsets = patterns.sample(plain, SAMPLE // len(numbers), [*old.boundary(concluded), *new.boundary(concluded)])
    # the finding that lists nutrients, if either side has one
    lists = next((f.id for side in (new, old) for f in side.knowledge.findings if f.kind == "nutrients"), "")
    tried = [_answers(chosen, given, lists) for chosen in _without_repeats(subsets, old, new) for given in numbers]
    return sorted(tried, key=lambda answers: len(answers.given)), complete


def _implying_otherwise(facts: Sequence[Fact], old: _Side, new: _Side) -> list[Fact]:
    """Return what else bears on these facts: what implies one of them on one side alone.

    What implies the same ones on both sides is tried by reporting those.
    """
    other: dict[Fact, None] = {}
    for fact in facts:
        other |= dict.fromkeys(sorted(old.implying(fact) ^ new.implying(fact)))
    return [fact for fact in other if fact not in facts]


def _without_repeats(chosen: Iterable[Subset], old: _Side, new: _Side) -> Iterable[Subset]:
    """Return subsets without the facts that the others imply on both sides, each subset once."""
    behind: dict[Fact, list[frozenset[Fact]]] = {}

    def implied(fact: Fact, others: Subset) -> bool:
        if fact not in behind:
            sides = (side for side in (old, new) if fact.kind == "finding" and fact.id in side.knowledge.finding)
            behind[fact] = [side.implying(fact) for side in sides]
        return bool(behind[fact]) and not any(implying.isdisjoint(others) for implying in behind[fact])

    return dict.fromkeys(tuple(fact for fact in subset if not implied(fact, subset)) for subset in chosen)


def _numbers(tests: Sequence[Fact], old: Knowledge, new: Knowledge) -> list[dict[str, int]]:
    """Return every way to answer the findings that are tested: each unanswered, or with one of its telling numbers."""
    findings = sorted({test.id for test in tests})
    choices: list[list[int | None]] = []
    for name in findings:
        choices.append([None, *_telling_numbers(name, [test for test in tests if test.id == name], old, new)])
    return [
        {name: number for name, number in zip(findings, given, strict=True) if number is not None}
        for given in product(*choices)
    ]


def _telling_numbers(name: str, tests: Sequence[Fact], old: Knowledge, new: Knowledge) -> list[int]:
    """Return the smallest number for each way to pass the tests, among those that both sides accept as an answer."""
    asking = [side for side in (old, new) if name in side.finding]
    low = max(side.finding[name].minimum or 0 for side in asking)
    high = min(side.finding[name].maximum or 0 for side in asking)
    smallest: dict[tuple[bool, ...], int] = {}
    for number in sorted({number for side in asking for number in side.telling_numbers(name)}):
        if low <= number <= high:
            smallest.setdefault(tuple(test.holds_for(number) for test in tests), number)
    return list(smallest.values())


def _answers(facts: Iterable[Fact], numbers: dict[str, int], lists: str) -> Answers:
    """Return answers that report these facts and numbers, with confirmed deficiencies under the finding `lists`."""
    given: dict[str, Answer] = dict(numbers)
    confirmed: list[str] = []
    for fact in facts:
        if fact.kind == "confirmed":
            confirmed.append(fact.id)
        else:
            given[fact.id] = True
    if confirmed:
        given[lists] = tuple(confirmed)
    return Answers("", given)
