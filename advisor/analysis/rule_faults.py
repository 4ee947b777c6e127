"""What the rules do: each can fire and adds something of its own, and everything that is known has a use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from advisor.analysis import positions
from advisor.analysis.report import CapacityUsed
from advisor.diagnostics import AdvisorError, Diagnostic
from advisor.engine import limits
from advisor.engine.firings import Engine
from advisor.model.answers import Answers
from advisor.model.conditions import Alternative
from advisor.model.facts import Concluded, Conclusion, Fact, suggested
from advisor.model.knowledge import Knowledge, Rule
from advisor.reasoning.support_sets import SupportSet, SupportSets, covers, numbers_passing
from advisor.source.loader import Folders


def faults(knowledge: Knowledge, folders: Folders, engine: Engine) -> list[Diagnostic]:
    """Return what is wrong with rules that could be loaded."""
    return [
        *_without_use(knowledge, folders),
        *(fault for rule in knowledge.rules for fault in _examples(knowledge, rule, engine)),
        *_support(knowledge),
    ]


def capacity_used(knowledge: Knowledge) -> tuple[CapacityUsed, ...]:
    """Return how much of each limit of the engine the rules use."""
    matches = [alternative for rule in knowledge.rules for alternative in rule.alternatives]
    sharing = Counter(fact for alternative in matches for fact in alternative)
    return (
        CapacityUsed("conditions joined in one rule", max(map(len, matches), default=0), limits.CONDITIONS_IN_A_MATCH),
        CapacityUsed("rules that share a condition", max(sharing.values(), default=0), limits.MATCHES_SHARING_A_FACT),
        CapacityUsed("different conditions", len(sharing), limits.DISTINCT_FACTS),
        CapacityUsed("rules, each alternative counted", len(matches), limits.MATCHES),
    )


def _without_use(knowledge: Knowledge, folders: Folders) -> Iterator[Diagnostic]:
    """Yield what no rule asks for or concludes, and what is never shown."""
    asked = set(knowledge.premises)
    concluded = {rule.concludes for rule in knowledge.rules}

    def fault(code: str, message: str, key: str, name: str) -> Diagnostic:
        document = folders.known[key if key in folders.known else "guidance"]
        return Diagnostic(positions.of_record(document, key, name), code, message)

    for item in knowledge.derived:
        fact = Fact("derived", item.id)
        if fact not in asked:
            yield fault("unused-derived", f"no rule uses derived fact {item.id!r}", "derived", item.id)
        if fact not in concluded:
            yield fault("underived", f"no rule derives {item.id!r}", "derived", item.id)
    used = set(knowledge.reported_by.values())
    for finding in knowledge.findings:
        if used.isdisjoint((finding.id, *knowledge.implied[finding.id])):
            yield fault("unused-finding", f"no rule uses finding {finding.id!r}", "findings", finding.id)
    for nutrient in knowledge.nutrients:
        if suggested(nutrient.id) not in concluded:
            yield fault("unsuggested", f"no rule suggests {nutrient.id!r}", "nutrients", nutrient.id)
    for conclusion in knowledge.shown:
        if isinstance(conclusion, Conclusion) and conclusion not in concluded:
            noun = "care item" if conclusion.kind == "care" else conclusion.kind
            key = "cautions" if conclusion.kind == "caution" else conclusion.kind
            yield fault("unused-guidance", f"no rule brings up {noun} {conclusion.id!r}", key, conclusion.id)
    for caution in knowledge.cautions:
        for about in caution.about:
            if suggested(about) not in concluded:
                message = f"caution {caution.id!r} is about {about!r}, which no rule suggests"
                yield fault("unsuggested", message, "cautions", caution.id)
        if caution.card_only and not caution.about:
            message = f"caution {caution.id!r} stands on cards alone, but is about no nutrient, so it is never shown"
            yield fault("never-shown", message, "cautions", caution.id)
    for level in knowledge.care_levels:
        if level.id != "none" and (level.heading_unanswered or level.text_unanswered):
            message = f"what care level {level.id!r} says of unanswered signs is never shown; level 'none' says it"
            yield fault("never-shown", message, "care_levels", level.id)


def _examples(knowledge: Knowledge, rule: Rule, engine: Engine) -> Iterator[Diagnostic]:
    """Yield the examples that do not fire their rule, and the alternatives that no example fires."""
    fired: set[Alternative] = set()
    for number, example in enumerate(rule.examples, 1):
        reported = Answers("", dict(example)).facts(knowledge)
        matches = {firing.premises for firing in engine.fire(reported) if firing.rule.id == rule.id}
        if not matches:
            yield Diagnostic(rule.location, "example", f"example {number} of rule {rule.id!r} does not fire it")
        fired |= matches
    for alternative in rule.alternatives:
        if fired and alternative not in fired:
            message = f"no example of rule {rule.id!r} shows it with {_joined(alternative)}"
            yield Diagnostic(rule.location, "no-example", message)


class _Supported(NamedTuple):
    """A rule with the sets of reported facts that can fire it, each as small as possible."""

    rule: Rule
    sets: list[SupportSet]


def _support(knowledge: Knowledge) -> Iterator[Diagnostic]:
    """Yield the alternatives that no answers fire, and the rules that add nothing to another."""
    support_sets = SupportSets(knowledge)
    by_conclusion: dict[Concluded, list[_Supported]] = {}
    for rule in knowledge.rules:
        supported = _Supported(rule, [])
        for alternative in rule.alternatives:
            try:
                all_sets = support_sets.of_all(rule, alternative)
            except AdvisorError as error:
                yield Diagnostic(rule.location, "too-many-ways", str(error))
                continue
            possible = [one for one in all_sets if numbers_passing(knowledge, one).possible]
            if not possible:
                dead = f" by {_joined(alternative)}" if len(rule.alternatives) > 1 else ""
                yield Diagnostic(rule.location, "never-fires", f"rule {rule.id!r} can never fire{dead}")
            supported.sets.extend(possible)
        by_conclusion.setdefault(rule.concludes, []).append(supported)
    for rivals in by_conclusion.values():
        yield from _redundant(knowledge, rivals)


def _redundant(knowledge: Knowledge, rivals: Sequence[_Supported]) -> Iterator[Diagnostic]:
    """Yield the rules, among some with the same conclusion, that another rule makes superfluous.

    That rule fires whenever the superfluous one does, cites at least the same passages, and for a nutrient matches the
    same findings, since each finding more adds to the support.
    """
    for place, (rule, sets) in enumerate(rivals):
        for other_place, (other, other_sets) in enumerate(rivals):
            if rule is other or not sets or not set(rule.source) <= set(other.source):
                continue
            if _same_condition(rule, other):
                if place > other_place:
                    message = f"rule {rule.id!r} says the same as {other.id!r}"
                    yield Diagnostic(rule.location, "duplicate-rule", message)
                    break
            elif all(any(_adds_nothing(knowledge, rule, one, weaker) for weaker in other_sets) for one in sets):
                message = f"rule {rule.id!r} adds nothing to {other.id!r}, which fires with it and cites the same"
                yield Diagnostic(rule.location, "subsumed", message)
                break


def _same_condition(rule: Rule, other: Rule) -> bool:
    return set(map(frozenset, rule.alternatives)) == set(map(frozenset, other.alternatives))


def _adds_nothing(knowledge: Knowledge, rule: Rule, one: SupportSet, weaker: SupportSet) -> bool:
    """Tell whether whoever fires the rule by `one` fires the other by `weaker`, with no less support for a nutrient."""
    if rule.verb in ("suggest", "support") and _findings(knowledge, weaker) != _findings(knowledge, one):
        return False
    return covers(knowledge, weaker, one)


def _findings(knowledge: Knowledge, facts: Iterable[Fact]) -> set[str]:
    return {knowledge.reported_by[fact] for fact in facts}


def _joined(alternative: Alternative) -> str:
    return " and ".join(map(str, alternative))
