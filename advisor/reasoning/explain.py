"""Explanations: why something was concluded, why it was not and what would, and what another answer would change.

Functions of `Conclusions`; `Evaluation` offers them as its methods. They print nothing. A person names a conclusion by
its id, or in full where two kinds share one: `suggested:<nutrient>`, `advice:<id>`, `caution:<id>`, `care:<id>`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, ClassVar, Final, Literal, TypeAlias

import msgspec

from advisor.diagnostics import AdvisorError, Diagnostic, Location, nearest, shown
from advisor.model import facts
from advisor.model.answers import Answers
from advisor.model.facts import Concluded, Conclusion, Fact, supports
from advisor.model.knowledge import Answer, Knowledge
from advisor.reasoning.advice import leaves
from advisor.reasoning.conclusions import Conclusions
from advisor.reasoning.proofs import Proof, Proofs, rules_in
from advisor.reasoning.support_sets import SupportSet, covers, lacking, numbers_passing

Kind: TypeAlias = Literal["nutrient", "advice", "caution", "care", "care_level", "all_clear"]
_KINDS: Final[dict[str, Kind]] = {"suggested": "nutrient", "advice": "advice", "caution": "caution", "care": "care"}


class Why(msgspec.Struct, frozen=True):
    """Why something was concluded."""

    holds: ClassVar[Literal[True]] = True

    of: Concluded
    proof: Proof
    supports: tuple[Proof, ...]  # for a nutrient: what adds weight to it


class Way(msgspec.Struct, frozen=True):
    """Further answers that, all together and none too many, would conclude something."""

    missing: tuple[Fact, ...]  # in vocabulary order
    answered_no: tuple[str, ...]  # those findings among them that were answered otherwise
    rules: tuple[str, ...]  # that would then fire for it and do not now
    contradicts: tuple[str, ...] = ()  # other findings that were answered no and could then not be


class WhyNot(msgspec.Struct, frozen=True):
    """Why something was not concluded: every smallest set of further answers that would, the smaller first."""

    holds: ClassVar[Literal[False]] = False

    of: Concluded
    ways: tuple[Way, ...]


class Standing(msgspec.Struct, frozen=True):
    """Where a nutrient stands among those that came up."""

    rank: int
    support: int


class Change(msgspec.Struct, frozen=True):
    """What becomes of one conclusion, or else (then `of` is None) of the care level or the all-clear."""

    of: Concluded | None
    kind: Kind
    before: Standing | bool | str | None  # of a nutrient its standing, if it came up; of the rest whether it holds
    after: Standing | bool | str | None
    rules: tuple[str, ...]  # that explain it: they speak for it before and not after, or the other way round

    @property
    def id(self) -> str:
        """The id of what changes."""
        return self.of.id if self.of else self.kind


class WhatIf(msgspec.Struct, frozen=True):
    """What other answers would change."""

    changes: tuple[Change, ...]


def kind_of(concluded: Concluded) -> Kind:
    """Return as what a conclusion is shown."""
    return _KINDS[concluded.kind]


def resolve(knowledge: Knowledge, name: str) -> Concluded:
    """Return the conclusion that a person names. Raises AdvisorError if none, or more than one, has that name."""
    in_full = {str(one): one for one in knowledge.shown}
    if not isinstance(name, str):
        raise AdvisorError([Diagnostic(Location(), "unknown-name", f"{shown(name)} is not the id of a conclusion")])
    if name in in_full:
        return in_full[name]
    meant = [one for one in knowledge.shown if one.id == name]
    if len(meant) == 1:
        return meant[0]
    if meant:
        message = f"{shown(name)} can be {' or '.join(map(str, meant))}; write it in full"
    else:
        close = nearest(name, [one.id for one in knowledge.shown])
        expected = ": it must be the id of a nutrient, advice, caution or care item"
        message = f"there is no conclusion {shown(name)}{close or expected}"
    raise AdvisorError([Diagnostic(Location(), "unknown-name", message)])


def identifier(knowledge: Knowledge, concluded: Concluded) -> str:
    """Return the shortest name of a conclusion: its id, or in full where another kind has that id too."""
    shared = sum(one.id == concluded.id for one in knowledge.shown) > 1
    return str(concluded) if shared else concluded.id


def why(conclusions: Conclusions, wanted: Concluded) -> Why | WhyNot:
    """Return why a conclusion holds; where it does not, why not."""
    return _why(conclusions, wanted) or why_not(conclusions, wanted)


def _why(conclusions: Conclusions, wanted: Concluded) -> Why | None:
    proof = conclusions.proofs.of(wanted)
    return Why(wanted, proof, _weight(conclusions.proofs, wanted)) if proof else None


def reasoning(conclusions: Conclusions) -> tuple[Why, ...]:
    """Return why each thing that was concluded holds: care, nutrients by rank, advice, cautions."""
    advice = conclusions.advice
    concluded: list[Concluded] = [
        *(Conclusion("care", item.id) for item in advice.care.items),
        *(Fact("suggested", nutrient.id) for nutrient in advice.nutrients),
        *(Conclusion("advice", item.id) for item in advice.advice),
        *(Conclusion("caution", item.id) for item in advice.cautions),
    ]
    return tuple(found for one in concluded if (found := _why(conclusions, one)))


def loose_ends(conclusions: Conclusions, shown: Iterable[Why]) -> tuple[Proof, ...]:
    """Return the proofs of what was derived on the way and then led to nothing that is shown."""
    used = {rule for why in shown for proof in (why.proof, *why.supports) for rule in rules_in(proof)}
    derived = (firing.rule for firing in conclusions.firings if firing.rule.verb == "derive")
    ends = dict.fromkeys(rule.concludes for rule in derived if rule.id not in used)
    return tuple(proof for one in ends if (proof := conclusions.proofs.of(one)))


def why_not(conclusions: Conclusions, wanted: Concluded) -> Why | WhyNot:
    """Return what would have to be answered for a conclusion to hold; where it holds, why.

    The ways are all there are, none of them with an answer that is not needed; ordered by size, then vocabulary. Raises
    AdvisorError for a conclusion with more than `support_sets.MOST` of them.
    """
    if found := _why(conclusions, wanted):
        return found
    knowledge, reported = conclusions.knowledge, set(conclusions.reported)
    denied = {facts.reported(name) for name, answer in conclusions.answers.given.items() if answer is False}
    possible = [one for one in conclusions.support_sets.of(wanted) if numbers_passing(knowledge, one).possible]
    missing = {
        lacking(knowledge, said, reported) for one in possible for said in _said_otherwise(knowledge, one, denied)
    }

    def spares(one: SupportSet, other: SupportSet) -> bool:
        """Tell whether `one` asks for less than `other`, and for no other answer that was a no."""
        return one != other and covers(knowledge, one, other) and one & denied <= other & denied

    smallest = [one for one in missing if not any(spares(other, one) for other in missing)]
    order = _vocabulary_order(knowledge)
    ways = [_way(conclusions, wanted, sorted(one, key=order.__getitem__)) for one in smallest]
    ways.sort(key=lambda way: (len(way.missing), [order[fact] for fact in way.missing]))
    return WhyNot(wanted, tuple(ways))


def _said_otherwise(knowledge: Knowledge, wanted: SupportSet, denied: set[Fact]) -> Iterator[SupportSet]:
    """Yield a set of facts, and the same with facts that were denied replaced by others that imply them.

    An implied yes stands even against a no: whoever denied taking medicines and takes warfarin takes medicines.
    """
    choices = [
        (fact, *(map(facts.reported, knowledge.implied_by[fact.id]) if fact in denied else ())) for fact in wanted
    ]
    for chosen in product(*choices):
        yield frozenset(chosen)


def what_if(before: Conclusions, after: Conclusions) -> WhatIf:
    """Return what differs between two versions of a case, in the order of the output."""
    knowledge = before.knowledge
    old, new = _State(before), _State(after)
    differing = {rule for rule in {*old.fired, *new.fired} if old.fired.get(rule) != new.fired.get(rule)}

    def explaining(about: Iterable[Concluded]) -> tuple[str, ...]:
        """Return the rules behind these conclusions, in one state or the other, that fire otherwise than before."""
        behind = {rule for one in about for rule in (*old.behind(one), *new.behind(one))}
        return tuple(rule for rule in knowledge.rule if rule in behind & differing)

    changes = []
    levels = before.advice.care.level, after.advice.care.level
    if levels[0] != levels[1]:
        care = explaining(Conclusion("care", item.id) for item in knowledge.care)
        changes.append(Change(None, "care_level", *levels, care))
    elif before.all_clear != after.all_clear:  # no rule says so: it depends on what was answered
        changes.append(Change(None, "all_clear", before.all_clear, after.all_clear, ()))
    for one in knowledge.shown:
        standings = old.standing(one), new.standing(one)
        if standings[0] != standings[1]:
            # where its place alone has changed, it is because of those that came before it and do not any more
            rules = explaining([one]) or explaining(old.preceding(one) ^ new.preceding(one))
            changes.append(Change(one, kind_of(one), *standings, rules))
    return WhatIf(tuple(changes))


def altered(knowledge: Knowledge, answers: Answers, changed: Mapping[str, Answer | None]) -> Answers:
    """Return the answers with some of them given otherwise, or not at all (None)."""
    given = {name: answer for name, answer in {**answers.given, **changed}.items() if answer is not None}
    return Answers(answers.case, {name: given[name] for name in knowledge.finding if name in given})


def applied(knowledge: Knowledge, answers: Answers, reported: Sequence[Fact]) -> Answers:
    """Return the answers with these facts reported as well; a number becomes the smallest that passes their tests."""
    given: dict[str, Any] = dict(answers.given)
    for fact in reported:
        if fact.kind == "confirmed":
            finding = knowledge.reported_by[fact]
            named = {*given.get(finding, ()), fact.id}
            given[finding] = tuple(nutrient for nutrient in knowledge.nutrient if nutrient in named)
        elif not fact.is_test:
            given[fact.id] = True
        else:
            tests = [other for other in reported if other.is_test and other.id == fact.id]
            if fact.id not in given or not all(test.holds_for(given[fact.id]) for test in tests):
                given[fact.id] = min(numbers_passing(knowledge, tests).passing[fact.id])
    return altered(knowledge, answers, given)


class _State:
    """What is concluded in one conclusions, as far as a comparison asks."""

    def __init__(self, conclusions: Conclusions) -> None:
        self._conclusions = conclusions
        self._nutrients = {Fact("suggested", n.id): Standing(n.rank, n.support) for n in conclusions.advice.nutrients}
        roots = leaves(conclusions.reported, conclusions.firings)
        # what made each rule fire, and what that goes back to
        self.fired: dict[str, frozenset[tuple[Fact, frozenset[str]]]] = {}
        for firing in conclusions.firings:
            grounds = frozenset((fact, roots.get(fact, frozenset())) for fact in firing.premises)
            self.fired[firing.rule.id] = self.fired.get(firing.rule.id, frozenset()) | grounds

    def standing(self, one: Concluded) -> Standing | bool | None:
        """Return how a conclusion stands: rank and support of a nutrient, or whether it holds."""
        if isinstance(one, Fact):
            return self._nutrients.get(one)
        return self._conclusions.proofs.of(one) is not None

    def preceding(self, one: Concluded) -> set[Fact]:
        """Return the nutrients with more support than one, all of them where it does not come up."""
        own = self._nutrients.get(one) if isinstance(one, Fact) else None
        return {other for other, standing in self._nutrients.items() if own is None or standing.support > own.support}

    def behind(self, one: Concluded) -> set[str]:
        """Return the rules that a conclusion goes back to, and those that add weight to it."""
        proof = self._conclusions.proofs.of(one)
        if proof is None:
            return set()
        return {rule for each in (proof, *_weight(self._conclusions.proofs, one)) for rule in rules_in(each)}


def _weight(proofs: Proofs, one: Concluded) -> tuple[Proof, ...]:
    """Return the proofs of what adds weight to a nutrient; of anything else there is nothing."""
    return proofs.concluding(supports(one.id)) if one.kind == "suggested" else ()


def _way(conclusions: Conclusions, wanted: Concluded, missing: Sequence[Fact]) -> Way:
    knowledge, given = conclusions.knowledge, conclusions.answers.given
    then = applied(knowledge, conclusions.answers, missing)
    reported = then.facts(knowledge)
    fired_before = {firing.rule.id for firing in conclusions.firings}
    new = conclusions.closure.fire(reported)
    proof = Proofs(knowledge, then, new).of(wanted)
    firing_anew = set(rules_in(proof)) - fired_before if proof else set()
    asked = [_asked(knowledge, fact) for fact in missing]
    ruled_out: set[str] = set()  # answers of no that could not be, were these answers given
    for name in asked:
        parent = knowledge.finding[name].only_after
        ruled_out.update(implied for implied in knowledge.implied[name] if given.get(implied) is False)
        if parent and given.get(parent) is False:
            ruled_out.add(parent)
    for firing in new:
        derived = firing.rule.concludes.id
        if firing.rule.verb == "derive" and firing.rule.id not in fired_before and given.get(derived) is False:
            ruled_out.add(derived)
    return Way(
        missing=tuple(missing),
        answered_no=tuple(name for name in knowledge.finding if name in asked and name in given),
        rules=tuple(rule for rule in knowledge.rule if rule in firing_anew),
        contradicts=tuple(name for name in knowledge.finding if name in ruled_out and name not in asked),
    )


def _asked(knowledge: Knowledge, fact: Fact) -> str:
    """Return the finding whose answer reports a fact."""
    return knowledge.reported_by.get(fact, fact.id)  # a finding that no rule names may still imply one


def _vocabulary_order(knowledge: Knowledge) -> dict[Fact, int]:
    """Return the place of each fact that can be reported: by finding; nutrients in their order, tests as in rules."""
    findings, nutrients = list(knowledge.finding), list(knowledge.nutrient)

    def key(fact: Fact) -> tuple[int, int]:
        place = nutrients.index(fact.id) if fact.kind == "confirmed" else 0
        return findings.index(_asked(knowledge, fact)), place

    implying = (facts.reported(finding.id) for finding in knowledge.findings if finding.implies)
    reported = dict.fromkeys((*knowledge.reported_by, *implying))
    return {fact: place for place, fact in enumerate(sorted(reported, key=key))}
