"""What the rules do: that each can fire and says something of its own, and that nothing known is left without use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from advisor.analysis.places import line
from advisor.analysis.report import Fault, Room
from advisor.diagnostics import AdvisorError
from advisor.engine import limits
from advisor.engine.durable import Engine
from advisor.model.answers import Answers
from advisor.model.knowledge import Knowledge, Rule
from advisor.reasoning.support_sets import Ways, covers, numbers_passing
from advisor.source.loader import Folders


def faults(knowledge: Knowledge, folders: Folders, engine: Engine) -> list[Fault]:
    """Return what is wrong with rules that can be loaded."""
    return [
        *_without_use(knowledge, folders),
        *(fault for rule in knowledge.rules for fault in _examples(knowledge, rule, engine)),
        *_ways(knowledge),
    ]


def room(knowledge: Knowledge) -> tuple[Room, ...]:
    """Return how much of each limit of the engine the rules use."""
    matches = [alternative for rule in knowledge.rules for alternative in rule.alternatives]
    sharing = Counter(fact for alternative in matches for fact in alternative)
    return (
        Room("conditions joined in one rule", max(map(len, matches), default=0), limits.CONDITIONS_IN_A_MATCH),
        Room("rules that share a condition", max(sharing.values(), default=0), limits.MATCHES_SHARING_A_FACT),
        Room("different conditions", len(sharing), limits.DISTINCT_FACTS),
        Room("rules, each alternative counted", len(matches), limits.MATCHES),
    )


def _without_use(knowledge: Knowledge, folders: Folders) -> Iterator[Fault]:
    used = {fact for rule in knowledge.rules for alternative in rule.alternatives for fact in alternative}
    concluded = {(rule.verb, rule.target) for rule in knowledge.rules}

    def fault(code: str, message: str, file: str, name: str) -> Fault:
        return Fault(code, message, folders.known[file].name, line(folders.known[file], name))

    for derived in knowledge.derived:
        if f"derived:{derived.id}" not in used:
            yield fault("unused-derived", f"no rule uses derived fact {derived.id!r}", "derived", derived.id)
        if ("derive", f"derived:{derived.id}") not in concluded:
            yield fault("underived", f"no rule derives {derived.id!r}", "derived", derived.id)
    for finding in knowledge.findings:
        if finding.id not in knowledge.reported_by.values():
            yield fault("unused-finding", f"no rule uses finding {finding.id!r}", "findings", finding.id)
    for nutrient in knowledge.nutrients:
        if ("suggest", nutrient.id) not in concluded:
            yield fault("unsuggested", f"no rule suggests {nutrient.id!r}", "nutrients", nutrient.id)
    kinds: tuple[tuple[str, str, Iterable[str]], ...] = (
        ("advise", "advice", (item.id for item in knowledge.advice)),
        ("caution", "caution", (item.id for item in knowledge.cautions)),
        ("refer", "care item", (item.id for item in knowledge.care)),
    )
    for verb, noun, names in kinds:
        for name in names:
            if not any(concluding == (verb, name) for concluding in concluded):
                yield fault("unused-guidance", f"no rule brings up {noun} {name!r}", "guidance", name)


def _examples(knowledge: Knowledge, rule: Rule, engine: Engine) -> Iterator[Fault]:
    fired: set[tuple[str, ...]] = set()
    for number, example in enumerate(rule.examples, 1):
        reported = Answers("", dict(example)).facts(knowledge.tests)
        matches = {firing.because for firing in engine.fire(reported) if firing.rule.id == rule.id}
        if not matches:
            yield _at(rule, "example", f"example {number} of rule {rule.id!r} does not fire it")
        fired |= matches
    for alternative in rule.alternatives:
        if fired and alternative not in fired:
            yield _at(rule, "no-example", f"no example of rule {rule.id!r} shows it with {' and '.join(alternative)}")


def _ways(knowledge: Knowledge) -> Iterator[Fault]:
    ways = Ways(knowledge)
    concluding: dict[str, list[tuple[Rule, list[frozenset[str]]]]] = {}
    for rule in knowledge.rules:
        found: list[frozenset[str]] = []
        for alternative in rule.alternatives:
            try:
                possible = [way for way in ways.together(rule, alternative) if numbers_passing(knowledge, way).possible]
            except AdvisorError as error:
                yield _at(rule, "too-many-ways", str(error))
                continue
            if not possible:
                dead = f" by {' and '.join(alternative)}" if len(rule.alternatives) > 1 else ""
                yield _at(rule, "never-fires", f"rule {rule.id!r} can never fire{dead}")
            found += possible
        concluding.setdefault(rule.concludes, []).append((rule, found))
    for several in concluding.values():
        yield from _subsumed(knowledge, several)


def _subsumed(knowledge: Knowledge, rules: Sequence[tuple[Rule, list[frozenset[str]]]]) -> Iterator[Fault]:
    """Yield rules that conclude nothing, weigh nothing and cite nothing beyond what another rule always does."""
    for place, (rule, ways) in enumerate(rules):
        for other_place, (other, weaker) in enumerate(rules):
            if rule is other or not ways or not set(rule.source) <= set(other.source):
                continue
            same = {frozenset(a) for a in rule.alternatives} == {frozenset(a) for a in other.alternatives}
            if same and place > other_place:
                yield _at(rule, "duplicate-rule", f"rule {rule.id!r} says the same as {other.id!r}")
                break
            if not same and all(any(_adds_nothing(knowledge, rule, way, less) for less in weaker) for way in ways):
                message = f"rule {rule.id!r} adds nothing to {other.id!r}, which fires with it and cites the same"
                yield _at(rule, "subsumed", message)
                break


def _adds_nothing(knowledge: Knowledge, rule: Rule, way: frozenset[str], weaker: frozenset[str]) -> bool:
    if rule.verb in ("suggest", "support") and _reported(knowledge, weaker) != _reported(knowledge, way):
        return False  # every finding more is weight
    return covers(knowledge, weaker, way)


def _reported(knowledge: Knowledge, way: frozenset[str]) -> set[str]:
    return {knowledge.reported_by[fact] for fact in way}


def _at(rule: Rule, code: str, message: str) -> Fault:
    file, _, number = rule.origin.rpartition(":")
    return Fault(code, message, file, int(number))
