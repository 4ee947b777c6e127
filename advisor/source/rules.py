"""From the YAML of `rules/` to rules in firing order.

A condition is a fact, or `all:` or `any:` of conditions, nested as wanted; it is written out into alternatives, each a
list of facts that must all hold, because that is what the engine matches and what a trace can show. Whether rules are
any good is not judged here, only whether they can be understood and put in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Final, get_args

from advisor.diagnostics import Problem, nearest, shown
from advisor.engine.limits import CONDITIONS_IN_A_MATCH, MATCHES_SHARING_A_FACT
from advisor.model import facts
from advisor.model.knowledge import VERBS, Answer, Basis, Finding, Rule, Verb
from advisor.source.fields import Record, root
from advisor.source.positioned import Document, Node
from advisor.source.symptom_file import check_findings

_KEYS: Final = ("id", "when", *VERBS, "because", "basis", "source", "examples")


class Names:
    """The names that rules may use: findings, nutrients, derived facts, guidance by verb, passages."""

    def __init__(
        self,
        findings: Mapping[str, Finding],
        nutrients: Sequence[str],
        derived: Sequence[str],
        targets: Mapping[str, Sequence[str]],
        passages: Sequence[str],
    ) -> None:
        self.findings = findings
        self.nutrients = tuple(nutrients)
        self.passages = passages
        self.targets = {"suggest": self.nutrients, "support": self.nutrients, **targets}
        yes_no = [name for name, finding in findings.items() if finding.kind == "yes_no"]
        self.facts = {"finding": yes_no, "confirmed": self.nutrients, "derived": derived, "suggested": self.nutrients}


def read_rules(documents: Iterable[Document], names: Names, problems: list[Problem]) -> tuple[Rule, ...]:
    """Read all rules files, in the order given; what is wrong goes to `problems`."""
    rules: dict[str, Rule] = {}
    for document in documents:
        for record in root(document, problems, ("rules",)).records("rules", "rule", _KEYS):
            rule = _rule(record, names)
            first = rules[rule.id].origin if rule.id in rules else ""
            if first and first.rpartition(":")[0] != document.name:
                record.fault(f"rule {rule.id!r} is defined twice (first at {first})", code="duplicate-id")
            if rule.id:
                rules.setdefault(rule.id, rule)
    return tuple(rules.values())


def in_firing_order(rules: Sequence[Rule], problems: list[Problem]) -> tuple[Rule, ...]:
    """Put every rule after the rules that conclude its premises, otherwise keeping the order given.

    A circle of derivations has no such order; it becomes a problem at the first rule in it.
    """
    concluding: dict[str, list[str]] = {}
    for rule in rules:
        concluding.setdefault(rule.concludes, []).append(rule.id)
    by_name = {rule.id: rule for rule in rules}
    needed = {
        rule.id: [name for facts_ in rule.alternatives for fact in facts_ for name in concluding.get(fact, ())]
        for rule in rules
    }
    ordered: dict[str, Rule] = {}
    for rule in rules:
        path = [rule.id] if rule.id not in ordered else []
        while path:
            first = next((name for name in needed[path[-1]] if name not in ordered), None)
            if first is None:
                name = path.pop()
                ordered[name] = by_name[name]
            elif first in path:
                circle = [*path[path.index(first) :], first]
                earliest = next(rule for rule in rules if rule.id in circle)
                file, _, line = earliest.origin.rpartition(":")
                problems.append(Problem(file, int(line), f"circular derivation: {' needs '.join(circle)}", "circular"))
                return tuple(rules)
            else:
                path.append(first)
    return tuple(ordered.values())


def _rule(record: Record, names: Names) -> Rule:
    name = record.identifier()
    when = record.node("when")
    verb, target = _conclusion(record, names)
    basis = record.known("basis", get_args(Basis), "basis")
    return Rule(
        id=name,
        verb=verb,
        target=target,
        alternatives=_alternatives(when, record, names) if when else (),
        because=record.text("because"),
        basis="stated" if basis == "stated" else "interpreted",
        source=record.all_known("source", names.passages, "passage"),
        examples=_examples(record, names),
        origin=record.origin,
    )


def _conclusion(record: Record, names: Names) -> tuple[Verb, str]:
    given: list[Verb] = [verb for verb in VERBS if verb in record]
    if len(given) != 1:
        found = f"has {' and '.join(given)}" if given else "has none"
        record.fault(f"{record.what} must conclude with exactly one of {', '.join(VERBS)}; it {found}")
        return "derive", ""
    verb = given[0]
    if verb != "derive":
        nouns = {"advise": "advice", "caution": "caution", "refer": "care item"}
        return verb, record.known(verb, names.targets[verb], nouns.get(verb, "nutrient"))
    text = record.text("derive")
    if text:
        fact = facts.parse(text)
        if fact is None or ":" not in text or fact.comparison or fact.kind not in ("finding", "derived"):
            message = f"{text!r} is not a fact in full, such as 'derived:low_intake' or 'finding:cramps'"
            record.fault(message, record.node("derive"))
        else:
            _check_fact(fact, text, record.node("derive"), record, names)
            return verb, str(fact)
    return verb, ""


def _alternatives(node: Node, record: Record, names: Names) -> tuple[tuple[str, ...], ...]:
    """Write a condition out as alternatives, repeated facts and repeated alternatives dropped."""
    if isinstance(node.value, str):
        fact = facts.parse(node.value)
        if fact is None:
            examples = "a finding, 'age >= 65', 'derived:…', 'suggested:…' or 'confirmed:…'"
            record.fault(f"{shown(node.value)} is not a condition; write {examples}", node)
            return ()
        _check_fact(fact, node.value, node, record, names)
        return ((str(fact),),)
    if not isinstance(node.value, dict) or len(node.value) != 1 or not set(node.value) <= {"all", "any"}:
        record.fault("a condition is a fact, or 'all:' or 'any:' with a list of conditions", node)
        return ()
    ((how, inner),) = node.value.items()
    if not isinstance(inner.value, list) or not inner.value:
        record.fault(f"'{how}' needs a list of conditions", inner)
        return ()
    if len(inner.value) > MATCHES_SHARING_A_FACT:
        record.fault(f"'{how}' has more than {MATCHES_SHARING_A_FACT} conditions; split the rule", inner)
        return ()
    parts = [_alternatives(item, record, names) for item in inner.value]
    if how == "any":
        return tuple(dict.fromkeys(alternative for part in parts for alternative in part))
    if prod(map(len, parts)) > MATCHES_SHARING_A_FACT:
        message = f"written out, this condition has more than {MATCHES_SHARING_A_FACT} alternatives; split the rule"
        record.fault(message, inner)
        return ()
    joined: list[tuple[str, ...]] = [()]
    for part in parts:
        pairs = ((*left, *right) for left in joined for right in part)
        joined = list(dict.fromkeys(tuple(dict.fromkeys(alternative)) for alternative in pairs))
        if any(len(alternative) > CONDITIONS_IN_A_MATCH for alternative in joined):
            message = f"{record.what} joins more than {CONDITIONS_IN_A_MATCH} conditions; the engine holds no more"
            record.fault(f"{message}; derive a fact from some of them first", inner)
            return ()
    return tuple(joined)


def _check_fact(fact: facts.Fact, text: str, node: Node | None, record: Record, names: Names) -> None:
    known: Iterable[str] = names.facts[fact.kind]
    noun = {"finding": "finding", "derived": "derived fact"}.get(fact.kind, "nutrient")
    finding = names.findings.get(fact.name) if fact.kind == "finding" else None
    if fact.comparison:
        known = [name for name, item in names.findings.items() if item.kind == "number"]
        noun = "number among the findings:"
        low, high = (finding.minimum or 0, finding.maximum or 0) if finding else (0, 0)
        compare = facts.COMPARISONS[fact.comparison]
        if finding and finding.kind == "number" and not any(compare(n, fact.bound) for n in (low, high)):
            record.fault(f"{text!r} can never hold: {fact.name} is from {low} to {high}", node, "never-fires")
    elif finding and finding.kind != "yes_no":
        how = "compare it, such as 'age >= 65'" if finding.kind == "number" else "write 'confirmed:…' instead"
        record.fault(f"{fact.name!r} is not answered by yes or no; {how}", node)
        return
    if fact.name not in known:
        record.fault(f"unknown {noun} {fact.name!r}{nearest(fact.name, known)}", node, "unknown-name")


def _examples(record: Record, names: Names) -> tuple[dict[str, Answer], ...]:
    node = record.node("examples")
    if node is None:
        return ()
    if not isinstance(node.value, list) or not node.value:
        record.fault("'examples' needs at least one set of findings that fires the rule", node)
        return ()
    return tuple(
        check_findings(item, record.file, names.findings, names.nutrients, record.problems) for item in node.value
    )
