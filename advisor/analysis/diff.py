"""What a change of rules means: on which answers two rule bases conclude differently, and through which rules.

Each conclusion is compared on every pattern of what it depends on in either rule base, each evaluated by its own rule
engine. What differs in words alone is told apart. No input or output.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec

from advisor.diagnostics import AdvisorError
from advisor.engine.durable import Engine
from advisor.model import facts
from advisor.model.answers import Answers
from advisor.model.facts import Fact
from advisor.model.knowledge import Answer, Knowledge, Rule, Verb
from advisor.reasoning.advice import Advice
from advisor.reasoning.explain import conclusions
from advisor.reasoning.slices import Slices, Table
from advisor.reasoning.support_sets import Ways

WIDEST: Final = 14  # facts that are tried in full
SAMPLE: Final = 5_000  # patterns tried of more
MOST_SHOWN: Final = 5  # symptom sets of a difference

How: TypeAlias = Literal["gained", "lost", "changed"]


class Case(msgspec.Struct, frozen=True):
    """Answers on which two rule bases differ."""

    findings: dict[str, Any]
    how: How
    before: Any  # support and findings of a nutrient, level of a care item, or True; None where it is not concluded
    after: Any


class Difference(msgspec.Struct, frozen=True):
    """One conclusion that differs."""

    id: str
    kind: str
    patterns: int  # tried
    complete: bool  # whether these are all there are
    differing: int  # 0 where none of those tried did, and not all could be
    cases: tuple[Case, ...]  # the smallest of those tried
    rules: tuple[str, ...]  # that fire otherwise in those


class Rewording(msgspec.Struct, frozen=True):
    """A record whose words or sources differ, and nothing that is concluded."""

    what: str  # such as `rule magnesium.cramps`
    fields: tuple[str, ...]


class Comparison(msgspec.Struct, frozen=True):
    """Everything that differs between two rule bases."""

    differences: tuple[Difference, ...]
    vocabulary: tuple[str, ...]  # what can be reported or concluded otherwise, or comes in another order, in sentences
    rules: tuple[str, ...]  # that are new, gone, or have other conditions or conclusions, whether or not it matters
    rewordings: tuple[Rewording, ...]


def compare(old: Knowledge, new: Knowledge) -> Comparison:
    """Compare two rule bases. Raises EngineError where the rule engine cannot be used."""
    sides = _Side(old), _Side(new)
    known = {**conclusions(old), **conclusions(new)}
    found = (_difference(fact, kind, *sides) for fact, kind in known.items())
    return Comparison(
        tuple(one for one in found if one),
        tuple(_vocabulary(old, new)),
        tuple(_rewritten(old, new)),
        tuple(_rewordings(old, new)),
    )


class _Side:
    """One rule base, asked what it concludes."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.slices = Slices(knowledge, Engine(knowledge.rules).fire)
        self._tables: dict[str, Table[Any]] = {}

    def rules(self, fact: str) -> tuple[Rule, ...]:
        """Return the rules that bear on a conclusion, with the derivations behind them."""
        kind, _, name = fact.partition(":")
        return self.slices.rules(_VERBS[kind], name)

    def behind(self, fact: str) -> frozenset[object]:
        """Return all that a conclusion depends on, whatever its rules are called: equal where it cannot differ."""
        name = fact.partition(":")[2]
        found: set[object] = {("level", item.level) for item in self.knowledge.care if fact == f"care:{item.id}"}
        waiting, seen = [fact, f"supports:{name}"], set[str]()
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            for rule in self.knowledge.rules:
                if rule.concludes == one:
                    found.add((rule.verb, rule.target, frozenset(map(frozenset, rule.alternatives))))
                    waiting += (premise for alternative in rule.alternatives for premise in alternative)
        return frozenset(found)

    def facts(self, fact: str) -> tuple[str, ...]:
        """Return what can be reported that bears on a conclusion."""
        return self.slices.facts(self.slices.of(self.rules(fact)))

    def value(self, fact: str, answers: Answers) -> Any:
        """Return what becomes of a conclusion: support, level or True; None where it is not concluded."""
        if fact not in self._tables:
            self._tables[fact] = self.slices.table(self.rules(fact), lambda advice: _value(advice, fact))
        table = self._tables[fact]
        return table[self.slices.case(answers) & table.slice]

    def ways(self, fact: str) -> list[frozenset[str]]:
        """Return the smallest sets of facts that lead to a conclusion or add weight to it; none where too many."""
        ways = Ways(self.knowledge)
        try:
            return [*ways.of(fact), *ways.of(f"supports:{fact.partition(':')[2]}")]
        except AdvisorError:
            return []

    def firing(self, fact: str, answers: Answers) -> set[tuple[str, tuple[str, ...]]]:
        """Return which rules that bear on a conclusion fire, and on what."""
        case = self.slices.case(answers)
        return {(firing.rule.id, firing.because) for firing in self.slices.firings(self.rules(fact), case)}


_VERBS: Final[dict[str, tuple[Verb, ...]]] = {
    "suggested": ("suggest", "support"),
    "advice": ("advise",),
    "caution": ("caution",),
    "care": ("refer",),
}


def _value(advice: Advice, fact: str) -> Any:
    kind, _, name = fact.partition(":")
    if kind == "suggested":
        found = (n for n in advice.nutrients if n.id == name)
        return next(({"support": n.support, "matched": list(n.matched)} for n in found), None)
    if kind == "care":
        return next((item.level for item in advice.care.items if item.id == name), None)
    items = advice.advice if kind == "advice" else advice.cautions
    return True if any(item.id == name for item in items) else None


def _difference(fact: str, kind: str, old: _Side, new: _Side) -> Difference | None:
    if old.behind(fact) == new.behind(fact):
        return None
    reported = dict.fromkeys((*old.facts(fact), *new.facts(fact)))
    tried, complete = _answers(reported, [*old.ways(fact), *new.ways(fact)], old.knowledge, new.knowledge)
    differing = 0
    cases: list[Case] = []
    rules: dict[str, None] = {}
    for answers in tried:
        before, after = old.value(fact, answers), new.value(fact, answers)
        if before == after:
            continue
        differing += 1
        if len(cases) < MOST_SHOWN:
            how: How = "gained" if before is None else "lost" if after is None else "changed"
            findings = {name: list(a) if isinstance(a, tuple) else a for name, a in answers.given.items()}
            cases.append(Case(findings, how, before, after))
            rules |= dict.fromkeys(sorted(name for name, _ in old.firing(fact, answers) ^ new.firing(fact, answers)))
    if not differing and complete:
        return None
    return Difference(fact.partition(":")[2], kind, len(tried), complete, differing, tuple(cases), tuple(rules))


def _answers(
    reported: Mapping[str, None], ways: Sequence[frozenset[str]], old: Knowledge, new: Knowledge
) -> tuple[list[Answers], bool]:
    """Return all answers that can differ in these facts, those with fewer answers first; and whether these are all.

    Where they are too many, among those drawn are all `ways` to the conclusion, and each of them less one fact.
    """
    lists = [finding.id for side in (new, old) for finding in side.findings if finding.kind == "nutrients"]
    plain = [fact for fact in reported if not _test(fact)]
    numbers = {test.name for test in map(_test, reported) if test}
    choices = [_telling(name, [test for test in map(_test, reported) if test], old, new) for name in sorted(numbers)]
    complete = len(reported) <= WIDEST
    if complete:
        chosen = [c for size in range(len(plain) + 1) for c in itertools.combinations(plain, size)]
    else:
        rng = random.Random(1)  # noqa: S311
        drawn = {tuple(fact for fact in plain if rng.random() < 0.5) for _ in range(SAMPLE)}
        near = {tuple(fact for fact in plain if fact in way) for way in ways}
        near |= {tuple(fact for fact in one if fact != less) for one in near for less in one}
        chosen = sorted({(), tuple(plain), *((fact,) for fact in plain), *near, *drawn}, key=lambda c: (len(c), c))
    found = [
        _given(facts_, dict(zip(sorted(numbers), ages, strict=True)), lists)
        for facts_ in chosen
        for ages in itertools.product(*choices)
    ]
    return sorted(found, key=lambda answers: len(answers.given)), complete


def _telling(name: str, tests: list[Fact], old: Knowledge, new: Knowledge) -> list[int | None]:
    """Return a number for each way to pass the tests, and None for no number."""
    tests = [test for test in tests if test.name == name]
    numbers = {n for side in (old, new) if name in side.finding for n in side.telling_numbers(name)}
    numbers |= {test.bound + step for test in tests for step in (-1, 0, 1)}
    limits = [
        (side.finding[name].minimum or 0, side.finding[name].maximum or 0)
        for side in (old, new)
        if name in side.finding
    ]
    low, high = max(low for low, _ in limits), min(high for _, high in limits)
    ways: dict[tuple[bool, ...], int] = {}
    for number in sorted(n for n in numbers if low <= n <= high):
        ways.setdefault(tuple(test.holds_for(number) for test in tests), number)
    return [None, *ways.values()]


def _given(reported: tuple[str, ...], numbers: dict[str, int | None], lists: Sequence[str]) -> Answers:
    given: dict[str, Answer] = {name: number for name, number in numbers.items() if number is not None}
    confirmed = []
    for fact in map(facts.parse, reported):
        if fact and fact.kind == "confirmed":
            confirmed.append(fact.name)
        elif fact:
            given[fact.name] = True
    if confirmed:
        given[lists[0]] = tuple(confirmed)
    return Answers("", given)


def _test(fact: str) -> Fact | None:
    parsed = facts.parse(fact)
    return parsed if parsed and parsed.comparison else None


def _rewordings(old: Knowledge, new: Knowledge) -> Iterator[Rewording]:
    """Yield the records of both that differ in what has no part in concluding anything."""
    for what in _RECORDS:
        before = {item.id: item for item in getattr(old, what)}
        after = {item.id: item for item in getattr(new, what)}
        for name in before.keys() & after.keys():
            one, other = msgspec.structs.asdict(before[name]), msgspec.structs.asdict(after[name])
            fields = tuple(field for field in one if field not in _MEANT and one[field] != other[field])
            if fields:
                yield Rewording(f"{_RECORDS[what]} {name}", fields)


def _vocabulary(old: Knowledge, new: Knowledge) -> Iterator[str]:
    """Yield what can be reported or shown in one of both only, or is answered otherwise, or has another order."""
    for what in ("findings", "nutrients", "advice", "cautions", "care"):
        before = {item.id: item for item in getattr(old, what)}
        after = {item.id: item for item in getattr(new, what)}
        yield from (f"{_RECORDS[what]} {name} is gone" for name in before if name not in after)
        yield from (f"{_RECORDS[what]} {name} is new" for name in after if name not in before)
        both = [name for name in before if name in after]
        if both != [name for name in after if name in before]:
            yield f"the order of the {_RECORDS[what]} records has changed, and with it that of the output"
        if what == "findings":
            for name in both:
                for field in ("kind", "minimum", "maximum", "only_after"):
                    one, other = getattr(before[name], field), getattr(after[name], field)
                    if one != other:
                        yield f"finding {name} has {field} {other} instead of {one}"


def _rewritten(old: Knowledge, new: Knowledge) -> Iterator[str]:
    """Yield the rules that are there in one rule base only, or with other conditions or conclusions."""
    for name in dict.fromkeys((*old.rule, *new.rule)):
        one, other = (
            (set(map(frozenset, rule.alternatives)), rule.verb, rule.target) if (rule := side.rule.get(name)) else None
            for side in (old, new)
        )
        if one != other:
            yield name


_RECORDS: Final = {
    "rules": "rule",
    "findings": "finding",
    "nutrients": "nutrient",
    "advice": "advice",
    "cautions": "caution",
    "care": "care item",
    "care_levels": "care level",
    "disclaimers": "disclaimer",
    "derived": "derived fact",
}
# what conclusions depend on, or where it stands: compared by meaning, or of no matter
_MEANT: Final = (
    "alternatives", "verb", "target", "origin", "examples", "level", "kind", "minimum", "maximum", "only_after",
)  # fmt: skip
