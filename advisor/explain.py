"""Explanations: why something was concluded, why it was not and what would, and what another answer would change.

Functions of the answers and the rules; they print nothing. A conclusion is named by its id, or in full where two kinds
share one: `suggested:<nutrient>`, `advice:<id>`, `caution:<id>`, `care:<id>`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import msgspec

from advisor import facts
from advisor.advice import Advice, advise
from advisor.answers import Answers
from advisor.engine import Firing
from advisor.facts import Fact
from advisor.knowledge import Answer, Knowledge
from advisor.problems import AdvisorError, nearest, shown

if TYPE_CHECKING:
    from advisor import Advisor

MOST_WAYS: Final = 5_000  # to conclude one thing; they could double with every rule, and nobody reads that many

Kind: TypeAlias = Literal["nutrient", "advice", "caution", "care", "care_level"]
_PREFIXES: Final[dict[str, Kind]] = {"suggested": "nutrient", "advice": "advice", "caution": "caution", "care": "care"}


class Proof(msgspec.Struct, frozen=True):
    """Why a fact holds: it was reported, or a rule concludes it from facts that hold, or any of several proofs."""

    fact: str
    rule: str | None
    because: tuple[Proof, ...]  # of a rule: proofs of its premises; of `any`: proofs each of which is enough
    basis: Literal["reported", "stated", "interpreted", "any"]
    source: tuple[str, ...]  # passages


class Why(msgspec.Struct, frozen=True):
    """Why something was concluded."""

    id: str
    holds: Literal[True]
    proof: Proof
    supports: tuple[Proof, ...]  # for a nutrient: what adds weight to it


class Way(msgspec.Struct, frozen=True):
    """Further answers that, all together and none too many, would conclude something."""

    missing: tuple[str, ...]  # facts, in vocabulary order
    answered_no: tuple[str, ...]  # those findings among them that were answered otherwise
    rules: tuple[str, ...]  # that would then fire for it and do not now


class WhyNot(msgspec.Struct, frozen=True):
    """Why something was not concluded: every smallest set of further answers that would, the smaller first."""

    id: str
    holds: Literal[False]
    ways: tuple[Way, ...]


class Change(msgspec.Struct, frozen=True):
    """What becomes of one conclusion. Of a nutrient, `before` and `after` are its rank and support, or None."""

    id: str
    kind: Kind
    before: dict[str, int] | bool | str | None
    after: dict[str, int] | bool | str | None
    rules: tuple[str, ...]  # that explain it: they speak for it before and not after, or the other way round


class WhatIf(msgspec.Struct, frozen=True):
    """What other answers would change."""

    changes: tuple[Change, ...]


def conclusions(knowledge: Knowledge) -> dict[str, Kind]:
    """Return everything that can be concluded and shown, in full, in the order of the output."""
    found: dict[str, Kind] = {f"care:{item.id}": "care" for item in knowledge.care}
    found |= {f"suggested:{nutrient.id}": "nutrient" for nutrient in knowledge.nutrients}
    found |= {f"advice:{item.id}": "advice" for item in knowledge.advice}
    found |= {f"caution:{item.id}": "caution" for item in knowledge.cautions}
    return found


def resolve(knowledge: Knowledge, name: str) -> str:
    """Return a conclusion in full. Raises AdvisorError for an unknown name, or one that two kinds share."""
    known = conclusions(knowledge)
    if name in known:
        return name
    meant = [fact for fact in known if fact.partition(":")[2] == name]
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise AdvisorError(f"{shown(name)} can be {' or '.join(meant)}; write it in full")
    close = nearest(name, [fact.partition(":")[2] for fact in known])
    expected = ": it must be the id of a nutrient, advice, caution or care item"
    raise AdvisorError(f"there is no conclusion {shown(name)}{close or expected}")


def why(advising: Advisor, answers: Answers, name: str) -> Why | WhyNot:
    """Return why a conclusion holds; where it does not, why not. Raises AdvisorError for an unknown name."""
    fact = resolve(advising.knowledge, name)
    firings = advising.firings(answers)
    proofs = _Proofs(advising.knowledge, answers, firings)
    proof = proofs.of(fact)
    if proof is None:
        return why_not(advising, answers, fact)
    identifier = fact.partition(":")[2]
    return Why(identifier, True, proof, proofs.concluding(f"supports:{identifier}") if fact[:2] == "su" else ())


def reasoning(advising: Advisor, answers: Answers) -> tuple[Why, ...]:
    """Return why each thing that was concluded holds: care, nutrients by rank, advice, cautions."""
    advice = advising.advise(answers)
    named = [
        *(f"care:{item.id}" for item in advice.care.items),
        *(f"suggested:{nutrient.id}" for nutrient in advice.nutrients),
        *(f"advice:{item.id}" for item in advice.advice),
        *(f"caution:{item.id}" for item in advice.cautions),
    ]
    found = (why(advising, answers, name) for name in named)
    return tuple(item for item in found if isinstance(item, Why))


def why_not(advising: Advisor, answers: Answers, name: str) -> Why | WhyNot:
    """Return what would have to be answered for a conclusion to hold; where it holds, why.

    The ways are all there are, none of them with an answer that is not needed; ordered by size, then vocabulary. Raises
    AdvisorError for an unknown name, and for a conclusion with more than `MOST_WAYS` ways.
    """
    knowledge = advising.knowledge
    fact = resolve(knowledge, name)
    before = {firing.rule.id for firing in advising.firings(answers)}
    reported = set(answers.facts(knowledge.tests))
    enough = [leaves for leaves in _Ways(knowledge).of(fact) if _number_exists(knowledge, leaves)]
    if any(leaves <= reported for leaves in enough):
        return why(advising, answers, fact)
    order = _vocabulary_order(knowledge)
    shortest = {leaves - reported: leaves for leaves in sorted(enough, key=lambda leaves: sorted(leaves), reverse=True)}
    ways = []
    for missing in _smallest(shortest):
        ordered = sorted(missing, key=order.__getitem__)
        then = applied(knowledge, answers, shortest[missing])
        proof = _Proofs(knowledge, then, advising.firings(then)).of(fact)
        fired = dict.fromkeys(rule for rule in knowledge.rule if proof and rule in set(_rules_in(proof)) - before)
        denied = dict.fromkeys(knowledge.reported_by[f] for f in ordered if knowledge.reported_by[f] in answers.given)
        ways.append(Way(tuple(ordered), tuple(denied), tuple(fired)))
    ways.sort(key=lambda way: (len(way.missing), [order[fact] for fact in way.missing]))
    return WhyNot(fact.partition(":")[2], False, tuple(ways))


def what_if(advising: Advisor, answers: Answers, changed: Mapping[str, Answer | None]) -> WhatIf:
    """Return what would change if these findings were answered so (None: not at all): in the order of the output."""
    given = {name: answer for name, answer in {**answers.given, **changed}.items() if answer is not None}
    then = Answers(answers.case, {name: given[name] for name in advising.knowledge.finding if name in given})
    old, new = _State(advising, answers), _State(advising, then)
    changes = []

    def explaining(*about: str) -> tuple[str, ...]:
        """Return the rules that bear on one of these in one state only, or in both for other reasons."""
        found = set()
        for fact in about:
            before, after = old.speaking(fact), new.speaking(fact)
            found |= {rule for rule in {*before, *after} if before.get(rule) != after.get(rule)}
        return tuple(rule for rule in advising.knowledge.rule if rule in found)

    nutrients = [f"suggested:{nutrient}" for nutrient in advising.knowledge.nutrient]
    if old.advice.care.level != new.advice.care.level:
        care = explaining(*(f"care:{item.id}" for item in advising.knowledge.care))
        changes.append(Change("care_level", "care_level", old.advice.care.level, new.advice.care.level, care))
    for fact, kind in conclusions(advising.knowledge).items():
        before, after = old.standing(fact, kind), new.standing(fact, kind)
        if before != after:
            # where its place alone has changed, it is because of those that have more or less weight now
            rules = explaining(fact) or explaining(*nutrients)
            changes.append(Change(fact.partition(":")[2], kind, before, after, rules))
    return WhatIf(tuple(changes))


def applied(knowledge: Knowledge, answers: Answers, leaves: Iterable[str]) -> Answers:
    """Return the answers with these facts reported as well; a number becomes the smallest that passes their tests."""
    given: dict[str, Any] = dict(answers.given)
    wanted = [fact for fact in map(facts.parse, leaves) if fact]
    for fact in wanted:
        if fact.kind == "confirmed":
            finding = knowledge.reported_by[str(fact)]
            named = {*given.get(finding, ()), fact.name}
            given[finding] = tuple(nutrient for nutrient in knowledge.nutrient if nutrient in named)
        elif not fact.comparison:
            given[fact.name] = True
        else:
            tests = [other for other in wanted if other.comparison and other.name == fact.name]
            if fact.name not in given or not all(test.holds_for(given[fact.name]) for test in tests):
                given[fact.name] = _number(knowledge, tests)
    return Answers(answers.case, {name: given[name] for name in knowledge.finding if name in given})


def leaves_of(proof: Proof) -> Iterator[str]:
    """Yield the facts that were reported on which a proof rests."""
    if proof.basis == "reported":
        yield proof.fact
    for inner in proof.because:
        yield from leaves_of(inner)


class _Proofs:
    """The proofs of what holds in one case."""

    def __init__(self, knowledge: Knowledge, answers: Answers, firings: Iterable[Firing]) -> None:
        self._reported = answers.facts(knowledge.tests)
        self._firings: dict[str, list[Firing]] = {}
        for firing in firings:
            self._firings.setdefault(firing.rule.concludes, []).append(firing)
        self._made: dict[str, Proof | None] = {}

    def of(self, fact: str) -> Proof | None:
        """Return the proof of a fact, or None where it does not hold."""
        if fact not in self._made:
            proofs = list(self.concluding(fact))
            if fact in self._reported:
                proofs.insert(0, Proof(fact, None, (), "reported", ()))
            several = len(proofs) > 1
            self._made[fact] = Proof(fact, None, tuple(proofs), "any", ()) if several else next(iter(proofs), None)
        return self._made[fact]

    def concluding(self, fact: str) -> tuple[Proof, ...]:
        """Return a proof for each match of a rule that concludes the fact."""
        return tuple(
            Proof(
                fact,
                firing.rule.id,
                tuple(proof for premise in firing.because if (proof := self.of(premise))),
                firing.rule.basis,
                firing.rule.source,
            )
            for firing in self._firings.get(fact, ())
        )


class _Ways:
    """The sets of facts that can be reported from which something follows, none of them with a fact too many."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._ways: dict[str, list[frozenset[str]]] = {fact: [frozenset([fact])] for fact in knowledge.reported_by}
        for rule in knowledge.rules:  # premises come first
            found = list(self._ways.get(rule.concludes, ()))
            for alternative in rule.alternatives:
                joined = [frozenset[str]()]
                for premise in alternative:
                    joined = _smallest(one | other for one in joined for other in self._ways.get(premise, ()))
                    if len(joined) > MOST_WAYS:
                        raise AdvisorError(f"rule {rule.id!r} can come about in more than {MOST_WAYS:,} ways")
                found += joined
            self._ways[rule.concludes] = _smallest(found)

    def of(self, fact: str) -> list[frozenset[str]]:
        return self._ways.get(fact, [])


class _State:
    """What is concluded from some answers."""

    def __init__(self, advising: Advisor, answers: Answers) -> None:
        firings = advising.firings(answers)
        self.advice: Advice = advise(advising.knowledge, answers, firings)
        self._proofs = _Proofs(advising.knowledge, answers, firings)

    def standing(self, fact: str, kind: Kind) -> dict[str, int] | bool | None:
        """Return how a conclusion stands: rank and support of a nutrient, or whether it holds."""
        if kind != "nutrient":
            return self._proofs.of(fact) is not None
        found = (n for n in self.advice.nutrients if f"suggested:{n.id}" == fact)
        return next(({"rank": n.rank, "support": n.support} for n in found), None)

    def speaking(self, fact: str) -> dict[str, frozenset[str]]:
        """Return the rules that bear on a conclusion, each with what it goes back to."""
        proof = self._proofs.of(fact)
        if proof is None:
            return {}
        proofs = [proof, *self._proofs.concluding(f"supports:{fact.partition(':')[2]}")]
        bearing: dict[str, frozenset[str]] = {}
        while proofs:
            one = proofs.pop()
            if one.rule:
                bearing[one.rule] = bearing.get(one.rule, frozenset()).union(leaves_of(one))
            proofs += one.because
        return bearing


def _rules_in(proof: Proof) -> Iterator[str]:
    if proof.rule:
        yield proof.rule
    for inner in proof.because:
        yield from _rules_in(inner)


def _smallest(sets: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Return those of the sets that contain no other of them."""
    kept: list[frozenset[str]] = []
    for one in sorted(set(sets), key=len):
        if not any(other <= one for other in kept):
            kept.append(one)
    return kept


def _number_exists(knowledge: Knowledge, leaves: Iterable[str]) -> bool:
    """Tell whether the numeric tests among the facts can all hold."""
    tests = [fact for fact in map(facts.parse, leaves) if fact and fact.comparison]
    return all(_number(knowledge, [t for t in tests if t.name == name]) is not None for name in {t.name for t in tests})


def _number(knowledge: Knowledge, tests: Sequence[Fact]) -> int | None:
    numbers = knowledge.telling_numbers(tests[0].name)
    return next((number for number in numbers if all(test.holds_for(number) for test in tests)), None)


def _vocabulary_order(knowledge: Knowledge) -> dict[str, int]:
    """Return the place of each fact that can be reported: by finding; nutrients in their order, tests as in rules."""
    findings, nutrients = list(knowledge.finding), list(knowledge.nutrient)

    def key(fact: str) -> tuple[int, int]:
        name = fact.partition(":")[2]
        return findings.index(knowledge.reported_by[fact]), nutrients.index(name) if name in nutrients else 0

    return {fact: place for place, fact in enumerate(sorted(knowledge.reported_by, key=key))}
