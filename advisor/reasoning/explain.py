"""Explanations: why something was concluded, why it was not and what would, and what another answer would change.

Functions of the answers and the rules; they print nothing. A conclusion is named by its id, or in full where two kinds
share one: `suggested:<nutrient>`, `advice:<id>`, `caution:<id>`, `care:<id>`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import msgspec

from advisor.diagnostics import AdvisorError, nearest, shown
from advisor.engine.durable import Firing
from advisor.model import facts
from advisor.model.answers import Answers
from advisor.model.knowledge import Answer, Knowledge
from advisor.reasoning.advice import Advice, advise, leaves
from advisor.reasoning.support_sets import Ways, covers, lacking, numbers_passing

if TYPE_CHECKING:
    from advisor import Advisor


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


class Way(msgspec.Struct, frozen=True, omit_defaults=True):
    """Further answers that, all together and none too many, would conclude something."""

    missing: tuple[str, ...]  # facts, in vocabulary order
    answered_no: tuple[str, ...]  # those findings among them that were answered otherwise
    rules: tuple[str, ...]  # that would then fire for it and do not now
    contradicts: tuple[str, ...] = ()  # other findings that were answered no and could then not be


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
    proofs = _Proofs(advising.knowledge, answers, advising.firings(answers))
    proof = proofs.of(fact)
    if proof is None:
        return why_not(advising, answers, fact)
    supports = proofs.concluding(f"supports:{fact.partition(':')[2]}") if fact.startswith("suggested:") else ()
    return Why(_identifier(advising.knowledge, fact), True, proof, supports)


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


def loose_ends(advising: Advisor, answers: Answers) -> tuple[Proof, ...]:
    """Return the proofs of what was derived on the way and then led to nothing that is shown."""
    firings = advising.firings(answers)
    proofs = _Proofs(advising.knowledge, answers, firings)
    shown = [why.proof for why in reasoning(advising, answers)]
    shown += [proof for why in reasoning(advising, answers) for proof in why.supports]
    used = {rule for proof in shown for rule in _rules_in(proof)}
    ends = dict.fromkeys(f.rule.concludes for f in firings if f.rule.verb == "derive" and f.rule.id not in used)
    return tuple(proof for fact in ends if (proof := proofs.of(fact)))


def why_not(advising: Advisor, answers: Answers, name: str) -> Why | WhyNot:
    """Return what would have to be answered for a conclusion to hold; where it holds, why.

    The ways are all there are, none of them with an answer that is not needed; ordered by size, then vocabulary. Raises
    AdvisorError for an unknown name, and for a conclusion with more than `ways.MOST` ways.
    """
    knowledge = advising.knowledge
    fact = resolve(knowledge, name)
    reported = set(answers.facts(knowledge.tests))
    found = [leaves for leaves in Ways(knowledge).of(fact) if numbers_passing(knowledge, leaves).possible]
    if any(leaves <= reported for leaves in found):
        return why(advising, answers, fact)
    order = _vocabulary_order(knowledge)
    missing = {lacking(knowledge, leaves, reported) for leaves in found}
    smallest = [one for one in missing if not any(other != one and covers(knowledge, other, one) for other in missing)]
    ways = [_way(advising, answers, fact, sorted(one, key=order.__getitem__)) for one in smallest]
    ways.sort(key=lambda way: (len(way.missing), [order[fact] for fact in way.missing]))
    return WhyNot(_identifier(knowledge, fact), False, tuple(ways))


def what_if(advising: Advisor, answers: Answers, changed: Mapping[str, Answer | None]) -> WhatIf:
    """Return what would change if these findings were answered so (None: not at all): in the order of the output."""
    old, new = _State(advising, answers), _State(advising, altered(advising.knowledge, answers, changed))
    differing = {rule for rule in {*old.fired, *new.fired} if old.fired.get(rule) != new.fired.get(rule)}

    def explaining(*about: str) -> tuple[str, ...]:
        """Return the rules behind these conclusions, in one state or the other, that fire otherwise than before."""
        behind = {rule for fact in about for rule in (*old.behind(fact), *new.behind(fact))}
        return tuple(rule for rule in advising.knowledge.rule if rule in behind & differing)

    changes = []
    levels = old.advice.care.level, new.advice.care.level
    if levels[0] != levels[1]:
        care = explaining(*(f"care:{item.id}" for item in advising.knowledge.care))
        changes.append(Change("care_level", "care_level", *levels, care))
    for fact, kind in conclusions(advising.knowledge).items():
        before, after = old.standing(fact, kind), new.standing(fact, kind)
        if before != after:
            # where its place alone has changed, it is because of those that came before it and do not any more
            rules = explaining(fact) or explaining(*(old.preceding(fact) ^ new.preceding(fact)))
            changes.append(Change(_identifier(advising.knowledge, fact), kind, before, after, rules))
    return WhatIf(tuple(changes))


def altered(knowledge: Knowledge, answers: Answers, changed: Mapping[str, Answer | None]) -> Answers:
    """Return the answers with some of them given otherwise, or not at all (None)."""
    given = {name: answer for name, answer in {**answers.given, **changed}.items() if answer is not None}
    return Answers(answers.case, {name: given[name] for name in knowledge.finding if name in given})


def applied(knowledge: Knowledge, answers: Answers, reported: Iterable[str]) -> Answers:
    """Return the answers with these facts reported as well; a number becomes the smallest that passes their tests."""
    given: dict[str, Any] = dict(answers.given)
    wanted = [fact for fact in map(facts.parse, reported) if fact]
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
                given[fact.name] = min(numbers_passing(knowledge, map(str, tests)).passing[fact.name])
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


class _State:
    """What is concluded from some answers."""

    def __init__(self, advising: Advisor, answers: Answers) -> None:
        firings = advising.firings(answers)
        self.advice: Advice = advise(advising.knowledge, answers, firings)
        self._proofs = _Proofs(advising.knowledge, answers, firings)
        roots = leaves(answers.facts(advising.knowledge.tests), firings)
        # what made each rule fire, and what that goes back to
        self.fired: dict[str, frozenset[tuple[str, frozenset[str]]]] = {}
        for firing in firings:
            grounds = frozenset((fact, roots.get(fact, frozenset())) for fact in firing.because)
            self.fired[firing.rule.id] = self.fired.get(firing.rule.id, frozenset()) | grounds

    def standing(self, fact: str, kind: Kind) -> dict[str, int] | bool | None:
        """Return how a conclusion stands: rank and support of a nutrient, or whether it holds."""
        if kind != "nutrient":
            return self._proofs.of(fact) is not None
        found = (n for n in self.advice.nutrients if f"suggested:{n.id}" == fact)
        return next(({"rank": n.rank, "support": n.support} for n in found), None)

    def preceding(self, fact: str) -> set[str]:
        """Return the nutrients that come before one, all of them where it does not come up."""
        ranked = [f"suggested:{nutrient.id}" for nutrient in self.advice.nutrients]
        return set(ranked[: ranked.index(fact)] if fact in ranked else ranked)

    def behind(self, fact: str) -> set[str]:
        """Return the rules that a conclusion goes back to, and those that add weight to it."""
        proof = self._proofs.of(fact)
        if proof is None:
            return set()
        supports = self._proofs.concluding(f"supports:{fact.partition(':')[2]}")
        return {rule for one in (proof, *supports) for rule in _rules_in(one)}


def _way(advising: Advisor, answers: Answers, fact: str, missing: Sequence[str]) -> Way:
    knowledge = advising.knowledge
    then = applied(knowledge, answers, missing)
    before, after = advising.firings(answers), advising.firings(then)
    fired_before = {firing.rule.id for firing in before}
    proof = _Proofs(knowledge, then, after).of(fact)
    new = set(_rules_in(proof)) - fired_before if proof else set()
    asked = [knowledge.reported_by[one] for one in missing]
    otherwise: set[str] = set()
    for name in asked:  # what a no to another finding rules out
        parent = knowledge.finding[name].only_after
        if parent and answers.given.get(parent) is False:
            otherwise.add(parent)
    for firing in after:
        derived = firing.rule.concludes.partition(":")[2]
        if firing.rule.verb == "derive" and firing.rule.id not in fired_before and answers.given.get(derived) is False:
            otherwise.add(derived)
    return Way(
        tuple(missing),
        tuple(name for name in knowledge.finding if name in asked and name in answers.given),
        tuple(rule for rule in knowledge.rule if rule in new),
        tuple(name for name in knowledge.finding if name in otherwise and name not in asked),
    )


def _identifier(knowledge: Knowledge, fact: str) -> str:
    """Return the id of a conclusion, or its name in full where another kind has that id too."""
    name = fact.partition(":")[2]
    return name if sum(other.partition(":")[2] == name for other in conclusions(knowledge)) == 1 else fact


def _rules_in(proof: Proof) -> Iterator[str]:
    if proof.rule:
        yield proof.rule
    for inner in proof.because:
        yield from _rules_in(inner)


def _vocabulary_order(knowledge: Knowledge) -> dict[str, int]:
    """Return the place of each fact that can be reported: by finding; nutrients in their order, tests as in rules."""
    findings, nutrients = list(knowledge.finding), list(knowledge.nutrient)

    def key(fact: str) -> tuple[int, int]:
        name = fact.partition(":")[2]
        return findings.index(knowledge.reported_by[fact]), nutrients.index(name) if name in nutrients else 0

    return {fact: place for place, fact in enumerate(sorted(knowledge.reported_by, key=key))}
