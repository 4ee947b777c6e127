"""From the YAML of `rules/` to rules in firing order.

Only whether a rule can be understood is decided here, and in which order rules fire. Whether a rule is any good is for
`advisor.analysis`, whether the engine can hold it for `advisor.engine.limits`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, get_args

from advisor.diagnostics import Diagnostic, nearest, shown
from advisor.model.conditions import All
from advisor.model.facts import Concluded, Conclusion, ConclusionKind, Fact, FactKind, parse_fact, suggested
from advisor.model.knowledge import VERBS, Answer, Basis, Finding, Rule, Verb
from advisor.source import conditions
from advisor.source.fields import Record, root
from advisor.source.positioned import Document, Node
from advisor.source.symptom_file import check_findings

_KEYS: Final = ("id", "when", *VERBS, "because", "basis", "source", "examples")
_KINDS: Final[dict[Verb, ConclusionKind]] = {
    "support": "supports",
    "advise": "advice",
    "caution": "caution",
    "refer": "care",
}
_NOUNS: Final[dict[Verb, str]] = {"advise": "advice", "caution": "caution", "refer": "care item"}


class Names:
    """The names that rules may use: findings, nutrients, derived facts, guidance by verb, passages."""

    def __init__(
        self,
        findings: Mapping[str, Finding],
        nutrients: Sequence[str],
        derived: Sequence[str],
        targets: Mapping[Verb, Sequence[str]],
        passages: Sequence[str],
    ) -> None:
        self.findings = findings
        self.nutrients = tuple(nutrients)
        self.passages = passages
        self.targets: dict[Verb, Sequence[str]] = {"suggest": self.nutrients, "support": self.nutrients, **targets}
        self.numbers = [name for name, finding in findings.items() if finding.kind == "number"]
        yes_no = [name for name, finding in findings.items() if finding.kind == "yes_no"]
        self.facts: dict[FactKind, Sequence[str]] = {
            "finding": yes_no,
            "confirmed": self.nutrients,
            "derived": derived,
            "suggested": self.nutrients,
        }


def read_rules(documents: Iterable[Document], names: Names, problems: list[Diagnostic]) -> tuple[Rule, ...]:
    """Read all rules files, in the order given; what is wrong goes to `problems`."""
    rules: dict[str, Rule] = {}
    for document in documents:
        for record in root(document, problems, ("rules",)).records("rules", "rule", _KEYS):
            rule = _rule(record, names)
            first = rules.get(rule.id)
            if first and first.location.file != document.name:  # within one file `records` has told it
                record.fault(f"rule {rule.id!r} is defined twice (first at {first.location})", code="duplicate-id")
            if rule.id:
                rules.setdefault(rule.id, rule)
    return tuple(rules.values())


def in_firing_order(rules: Sequence[Rule], problems: list[Diagnostic]) -> tuple[Rule, ...]:
    """Put every rule after the rules that conclude its premises, otherwise keeping the order given.

    A circle of derivations has no such order; it becomes a problem at the first rule in it.
    """
    concluding: dict[Fact, list[str]] = {}
    for rule in rules:
        if isinstance(rule.concludes, Fact):
            concluding.setdefault(rule.concludes, []).append(rule.id)
    by_name = {rule.id: rule for rule in rules}
    needed = {rule.id: [name for fact in rule.premises for name in concluding.get(fact, ())] for rule in rules}
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
                message = f"circular derivation: {' needs '.join(circle)}"
                problems.append(Diagnostic(earliest.location, "circular", message))
                return tuple(rules)
            else:
                path.append(first)
    return tuple(ordered.values())


def _rule(record: Record, names: Names) -> Rule:
    name = record.identifier()
    when = record.node("when")
    concludes = _conclusion(record, names)
    basis = record.known("basis", get_args(Basis), "basis")
    return Rule(
        id=name,
        condition=conditions.read(when, record, lambda text, node: _premise(text, node, record, names))
        if when
        else All(()),
        concludes=concludes,
        rationale=record.text("because"),
        basis="stated" if basis == "stated" else "interpreted",
        source=record.all_known("source", names.passages, "passage"),
        examples=_examples(record, names),
        location=record.location,
    )


def _conclusion(record: Record, names: Names) -> Concluded:
    given: list[Verb] = [verb for verb in VERBS if verb in record]
    if len(given) != 1:
        found = f"has {' and '.join(given)}" if given else "has none"
        record.fault(f"{record.what} must conclude with exactly one of {', '.join(VERBS)}; it {found}")
        return Fact("derived", "")
    verb = given[0]
    if verb == "derive":
        return _derived(record, names)
    target = record.known(verb, names.targets[verb], _NOUNS.get(verb, "nutrient"))
    return suggested(target) if verb == "suggest" else Conclusion(_KINDS[verb], target)


def _derived(record: Record, names: Names) -> Fact:
    text, node = record.text("derive"), record.node("derive")
    fact = parse_fact(text)
    if text and node:
        in_full = ":" in text and fact is not None and not fact.is_test and fact.kind in ("finding", "derived")
        if fact is None or not in_full:
            message = f"{text!r} is not a fact in full, such as 'derived:low_intake' or 'finding:tingling'"
            record.fault(message, node)
        else:
            _check_fact(fact, text, node, record, names)
    return fact or Fact("derived", "")


def _premise(text: str, node: Node, record: Record, names: Names) -> Fact | None:
    fact = parse_fact(text)
    if fact is None:
        examples = "a finding, 'age >= 65', 'derived:…', 'suggested:…' or 'confirmed:…'"
        record.fault(f"{shown(text)} is not a condition; write {examples}", node)
        return None
    _check_fact(fact, text, node, record, names)
    return fact


def _check_fact(fact: Fact, text: str, node: Node, record: Record, names: Names) -> None:
    """Note a fault where the fact names nothing, or asks a finding what it does not answer."""
    finding = names.findings.get(fact.id) if fact.kind == "finding" else None
    if fact.is_test:
        known, noun = names.numbers, "number among the findings:"
        if finding and finding.kind == "number":
            low, high = finding.minimum or 0, finding.maximum or 0
            if not fact.holds_for(low) and not fact.holds_for(high):
                record.fault(f"{text!r} can never hold: {fact.id} is from {low} to {high}", node, "never-fires")
    else:
        known = list(names.facts[fact.kind])
        noun = {"finding": "finding", "derived": "derived fact"}.get(fact.kind, "nutrient")
        if finding and finding.kind != "yes_no":
            how = "compare it, such as 'age >= 65'" if finding.kind == "number" else "write 'confirmed:…' instead"
            record.fault(f"{fact.id!r} is not answered by yes or no; {how}", node)
            return
    if fact.id not in known:
        record.fault(f"unknown {noun} {fact.id!r}{nearest(fact.id, known)}", node, "unknown-name")


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
