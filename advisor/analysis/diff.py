"""What a change of rules means: for which answers two rule bases conclude differently, and through which rules.

Each conclusion is compared for every combination of the facts on which it depends in either rule base; each side
evaluates them with an engine of its own. A worked example: of these two rule bases

    cramps_at_night, age >= 65 -> supports:vitamin_k2        cramps_at_night, age >= 66 -> supports:vitamin_k2

vitamin K2 depends on cramps_at_night, age>=65 and age>=66. Tried are cramps at night and no cramps, each without an age
and with the ages 0, 65 and 66, one for each way to pass the two tests. They differ for cramps at night at 65.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, Final, Literal, TypeAlias

import msgspec

from advisor.analysis import patterns, record_changes
from advisor.analysis.patterns import FactSet
from advisor.analysis.record_changes import Rewording
from advisor.engine.durable import DurableEngine
from advisor.model.answers import Answers
from advisor.model.conditions import Alternative
from advisor.model.facts import Concluded, Conclusion, Fact, supports
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
    found = (_difference(one, *sides) for one in dict.fromkeys((*old.shown, *new.shown)))
    return Comparison(
        tuple(one for one in found if one),
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

    def dependencies(self, one: Concluded) -> frozenset[object]:
        """Return all that a conclusion depends on, without the names of rules: if equal, it cannot differ."""
        found: set[object] = {item.level for item in self.knowledge.care if one == Conclusion("care", item.id)}
        waiting, seen = _with_weight(one), set[Concluded]()
        while waiting:
            concluded = waiting.pop()
            if concluded in seen:
                continue
            seen.add(concluded)
            for rule in self._slices.concluding(concluded):
                found.add((rule.concludes, frozenset(map(frozenset, rule.alternatives))))
                waiting += rule.premises
        return frozenset(found)

    def facts(self, one: Concluded) -> FactSet:
        """Return the facts on which a conclusion depends and that can be reported."""
        return self._slices.facts(self._slices.of(self._rules(one)))

    def support_sets(self, one: Concluded) -> list[SupportSet]:
        """Return the smallest sets of facts that lead to a conclusion or add weight to it."""
        return patterns.telling(self._support_sets, _with_weight(one))

    def value(self, one: Concluded, answers: Answers) -> Any:
        """Return what becomes of a conclusion: its support, its level or True; None if it is not concluded."""
        if one not in self._tables:
            self._tables[one] = self._slices.table(self._rules(one), lambda advice: _value(advice, one))
        table = self._tables[one]
        return table[self._slices.case(answers) & table.slice]

    def firings(self, one: Concluded, answers: Answers) -> set[tuple[str, Alternative]]:
        """Return which rules that bear on a conclusion fire, and through which premises."""
        fired = self._slices.firings(self._rules(one), self._slices.case(answers))
        return {(firing.rule.id, firing.premises) for firing in fired}

    def _rules(self, one: Concluded) -> tuple[Rule, ...]:
        return self._slices.rules({concluded.kind for concluded in _with_weight(one)}, one.id)


def _with_weight(one: Concluded) -> list[Concluded]:
    """Return a conclusion, and for a nutrient what adds weight to it as well."""
    return [one, supports(one.id)] if one.kind == "suggested" else [one]


def _value(advice: Advice, one: Concluded) -> Any:
    if one.kind == "suggested":
        found = (nutrient for nutrient in advice.nutrients if nutrient.id == one.id)
        return next(({"support": nutrient.support, "matched": list(nutrient.matched)} for nutrient in found), None)
    if one.kind == "care":
        return next((item.level for item in advice.care.items if item.id == one.id), None)
    items = advice.advice if one.kind == "advice" else advice.cautions
    return True if any(item.id == one.id for item in items) else None


def _difference(one: Concluded, old: _Side, new: _Side) -> Difference | None:
    if old.dependencies(one) == new.dependencies(one):
        return None
    tried, complete = _answers_to_try(one, old, new)
    differing = 0
    witnesses: list[Witness] = []
    rules: dict[str, None] = {}
    for answers in tried:
        before, after = old.value(one, answers), new.value(one, answers)
        if before == after:
            continue
        differing += 1
        if len(witnesses) < MOST_SHOWN:
            witnesses.append(_witness(answers, before, after))
            changed = old.firings(one, answers) ^ new.firings(one, answers)
            rules |= dict.fromkeys(sorted(rule for rule, _ in changed))
    if not differing and complete:
        return None
    return Difference(one.id, kind_of(one), len(tried), complete, differing, tuple(witnesses), tuple(rules))


def _witness(answers: Answers, before: Any, after: Any) -> Witness:
    how: How = "gained" if before is None else "lost" if after is None else "changed"
    findings = {name: list(given) if isinstance(given, tuple) else given for name, given in answers.given.items()}
    return Witness(findings, how, before, after)


def _answers_to_try(one: Concluded, old: _Side, new: _Side) -> tuple[list[Answers], bool]:
    """Return the answers for which a conclusion could differ, the fewest first, and whether these are all.

    All are: every subset of the facts on which it depends on either side, with every way to answer the numbers that are
    tested among them.
    """
    facts = list(dict.fromkeys((*old.facts(one), *new.facts(one))))
    complete = patterns.are_few(len(facts))
    plain = [fact for fact in facts if not fact.is_test]
    if complete:
        reported = patterns.subsets(plain)
    else:
        reported = patterns.sample(plain, [*old.support_sets(one), *new.support_sets(one)])
    numbers = _numbers([fact for fact in facts if fact.is_test], old.knowledge, new.knowledge)
    # the finding that lists nutrients, if either side has one
    lists = next((f.id for side in (new, old) for f in side.knowledge.findings if f.kind == "nutrients"), "")
    tried = [_answers(chosen, given, lists) for chosen in reported for given in numbers]
    return sorted(tried, key=lambda answers: len(answers.given)), complete


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


def _answers(reported: Iterable[Fact], numbers: dict[str, int], lists: str) -> Answers:
    """Return answers that report these facts and numbers, with confirmed deficiencies under the finding `lists`."""
    given: dict[str, Answer] = dict(numbers)
    confirmed: list[str] = []
    for fact in reported:
        if fact.kind == "confirmed":
            confirmed.append(fact.id)
        else:
            given[fact.id] = True
    if confirmed:
        given[lists] = tuple(confirmed)
    return Answers("", given)
