"""From firings to advice: what to discuss with a doctor, why, and what to be careful about.

`Advice` is the contract `nutrient-advisor/advice/2`: its fields, in their order, are the keys of the JSON. Everything
is a function of the answers and the firings; no text is made up here, all of it comes from the knowledge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from advisor.engine.firings import Firing
from advisor.model.answers import Answers
from advisor.model.facts import Concluded, Conclusion, Fact
from advisor.model.knowledge import LEVELS, PRESSING, Answer, Basis, Guidance, Knowledge, Level


class KnowledgeStamp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which knowledge and rules the advice was made with."""

    version: str
    digest: str


class CareReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reason to seek care that a rule brought up."""

    id: str
    level: Level
    text: str
    rules: tuple[str, ...]


class WatchFor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sign that calls for help at once and was not reported."""

    id: str
    level: Level
    sign: str


class Care(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether to seek care, and how soon: the most pressing level among the items."""

    level: Level
    items: tuple[CareReason, ...]
    watch_for: tuple[WatchFor, ...]
    unanswered: tuple[str, ...]  # pressing warning signs that were answered neither yes nor no


class EvidenceNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How well the source supports the link, as a status and in words."""

    status: str
    note: str


class Suggestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A nutrient that may be worth discussing with a doctor."""

    id: str
    name: str
    rank: int  # 1 + how many nutrients have more support; equals share a rank
    support: int  # how many different reported findings speak for it
    matched: tuple[str, ...]  # those findings, reported or implied, in vocabulary order
    evidence: EvidenceNote
    function: str
    foods: tuple[str, ...]
    ask_your_doctor: str
    cautions: tuple[str, ...]  # those that came up and are about this nutrient
    rules: tuple[str, ...]


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece of advice or a caution that rules brought up."""

    id: str
    text: str
    rules: tuple[str, ...]


class Disclaimer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What always has to be said."""

    id: str
    text: str


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One firing, as a step of the explanation."""

    step: int  # from 1
    rule: str
    because: tuple[str, ...]  # facts
    concludes: str
    text: str
    basis: Basis
    source: tuple[str, ...]  # passages


class Advice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything the advisor has to say about one case."""

    schema: Literal["nutrient-advisor/advice/2"]
    case: str
    knowledge: KnowledgeStamp
    answers: dict[str, Answer]
    implied: tuple[str, ...]  # findings that follow from what the answers mean
    care: Care
    nutrients: tuple[Suggestion, ...]
    advice: tuple[Item, ...]
    cautions: tuple[Item, ...]
    disclaimers: tuple[Disclaimer, ...]
    trace: tuple[Step, ...]


def advise(knowledge: Knowledge, answers: Answers, firings: Sequence[Firing]) -> Advice:
    """Put together the advice for one case from its answers and all its firings, in firing order."""
    fired = _rules_by_conclusion(firings)
    return Advice(
        schema="nutrient-advisor/advice/2",
        case=answers.case,
        knowledge=KnowledgeStamp(knowledge.version, knowledge.digest),
        answers=dict(answers.given),  # of its own: a dict can be changed
        implied=answers.implied(knowledge),
        care=_care(knowledge, answers, fired),
        nutrients=_nutrients(knowledge, answers, firings),
        advice=_items(knowledge.advice, "advice", fired),
        cautions=_items(knowledge.cautions, "caution", fired),
        disclaimers=tuple(Disclaimer(item.id, item.text) for item in knowledge.disclaimers),
        trace=tuple(
            Step(
                step=number,
                rule=firing.rule.id,
                because=tuple(map(str, firing.premises)),
                concludes=str(firing.rule.concludes),
                text=firing.rule.rationale,
                basis=firing.rule.basis,
                source=firing.rule.source,
            )
            for number, firing in enumerate(firings, 1)
        ),
    )


def to_json(advice: Advice) -> bytes:
    """Return the advice as one line of JSON (UTF-8, no newline): the same bytes for the same answers, anywhere."""
    return msgspec.json.encode(advice)


def leaves(reported: Mapping[Fact, str], firings: Iterable[Firing]) -> dict[Fact, frozenset[str]]:
    """Return for each fact that holds the reported findings it goes back to.

    `reported` maps the facts reported to their findings. A fact both reported and derived goes back to both. That a
    nutrient was suggested is no further finding, so that fact goes back to nothing of its own. `firings` must come in
    firing order, premises first.
    """
    roots = {fact: frozenset([finding]) for fact, finding in reported.items()}
    for firing in firings:
        derived = firing.rule.concludes
        if isinstance(derived, Fact) and derived.kind != "suggested":
            roots[derived] = roots.get(derived, frozenset()).union(*(roots.get(fact, ()) for fact in firing.premises))
    return roots


def _nutrients(knowledge: Knowledge, answers: Answers, firings: Sequence[Firing]) -> tuple[Suggestion, ...]:
    suggested = {firing.rule.concludes.id for firing in firings if firing.rule.concludes.kind == "suggested"}
    if not suggested:
        return ()
    roots = leaves(answers.facts(knowledge), firings)
    matched: dict[str, set[str]] = {nutrient: set() for nutrient in suggested}
    rules: dict[str, dict[str, None]] = {nutrient: {} for nutrient in suggested}
    for firing in firings:
        concludes = firing.rule.concludes
        if concludes.kind in ("suggested", "supports") and concludes.id in suggested:
            matched[concludes.id].update(*(roots.get(fact, ()) for fact in firing.premises))
            rules[concludes.id][firing.rule.id] = None
    support = {nutrient: len(findings) for nutrient, findings in matched.items()}
    ordered = sorted((n for n in knowledge.nutrients if n.id in suggested), key=lambda n: -support[n.id])
    cautions = {firing.rule.concludes.id for firing in firings if firing.rule.concludes.kind == "caution"}
    return tuple(
        Suggestion(
            id=nutrient.id,
            name=nutrient.name,
            rank=1 + sum(other > support[nutrient.id] for other in support.values()),
            support=support[nutrient.id],
            matched=tuple(finding for finding in knowledge.finding if finding in matched[nutrient.id]),
            evidence=EvidenceNote(nutrient.evidence.status, nutrient.evidence.note),
            function=nutrient.function,
            foods=nutrient.foods,
            ask_your_doctor=nutrient.ask_your_doctor,
            cautions=tuple(item.id for item in knowledge.cautions_about[nutrient.id] if item.id in cautions),
            rules=tuple(rules[nutrient.id]),
        )
        for nutrient in ordered
    )


def _rules_by_conclusion(firings: Iterable[Firing]) -> dict[Concluded, tuple[str, ...]]:
    """Return for each conclusion the rules that fired for it, each once, in firing order."""
    fired: dict[Concluded, dict[str, None]] = {}
    for firing in firings:
        fired.setdefault(firing.rule.concludes, {})[firing.rule.id] = None
    return {conclusion: tuple(rules) for conclusion, rules in fired.items()}


def _care(knowledge: Knowledge, answers: Answers, fired: Mapping[Concluded, tuple[str, ...]]) -> Care:
    reasons = tuple(
        CareReason(item.id, item.level, item.text, rules)
        for item in knowledge.care
        if (rules := fired.get(Conclusion("care", item.id)))
    )
    come_up = {reason.id for reason in reasons}
    return Care(
        level=min((reason.level for reason in reasons), key=LEVELS.index, default="none"),
        items=reasons,
        watch_for=tuple(
            WatchFor(item.id, item.level, item.sign)
            for item in knowledge.care
            if item.level in PRESSING and item.id not in come_up
        ),
        unanswered=answers.unanswered(knowledge),
    )


def _items(
    guidance: Iterable[Guidance], kind: Literal["advice", "caution"], fired: Mapping[Concluded, tuple[str, ...]]
) -> tuple[Item, ...]:
    return tuple(
        Item(item.id, item.text, rules) for item in guidance if (rules := fired.get(Conclusion(kind, item.id)))
    )
