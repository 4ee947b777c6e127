"""The nutrients as they can be looked up, whether they came up in a case or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from advisor.model.facts import Concluded, Fact, suggested, supports
from advisor.model.knowledge import Knowledge, Nutrient, Rule
from advisor.reasoning.advice import Disclaimer
from advisor.render import phrases
from advisor.render.citations import behind_disclaimers, cited
from advisor.render.layout import bulleted
from advisor.render.listings import Rows
from advisor.render.text import closing


class Caution(msgspec.Struct, frozen=True):
    """A caution about a nutrient."""

    id: str
    text: str


class EvidenceEntry(msgspec.Struct, frozen=True):
    """How good the evidence is: as a status, in two or three words, and in full."""

    status: str
    label: str
    note: str
    source: tuple[str, ...]


class Entry(msgspec.Struct, frozen=True):
    """Everything that is known of a nutrient. Its fields are the keys of `nutrients --format json`."""

    id: str
    name: str
    function: str
    foods: tuple[str, ...]
    evidence: EvidenceEntry
    signs: tuple[str, ...]  # findings that bring it up, some of them only together with others
    ask_your_doctor: str
    cautions: tuple[Caution, ...]
    rules: tuple[str, ...]  # that bring it up or add weight to it, with those that these build on
    source: tuple[str, ...]


def entry(knowledge: Knowledge, nutrient: Nutrient) -> Entry:
    """Return what is known of a nutrient."""
    labels = {status.id: status.label for status in knowledge.evidence_statuses}
    evidence, reported_by = nutrient.evidence, knowledge.reported_by
    bringing = _behind(knowledge, {suggested(nutrient.id)})
    signs = {reported_by[fact] for rule in bringing for fact in rule.premises if fact in reported_by}
    return Entry(
        id=nutrient.id,
        name=nutrient.name,
        function=nutrient.function,
        foods=nutrient.foods,
        evidence=EvidenceEntry(evidence.status, labels[evidence.status], evidence.note, evidence.source),
        signs=tuple(name for name in knowledge.finding if name in signs),
        ask_your_doctor=nutrient.ask_your_doctor,
        cautions=tuple(Caution(item.id, item.text) for item in knowledge.cautions_about[nutrient.id]),
        rules=tuple(rule.id for rule in _behind(knowledge, {suggested(nutrient.id), supports(nutrient.id)})),
        source=nutrient.source,
    )


def entries_view(entries: Sequence[Entry]) -> RenderableType:
    """Return a line on each nutrient."""
    rows = [(one.id, one.function, one.evidence.label) for one in entries]
    return Rows("Nutrients", ("Nutrient", "What it does", "Evidence"), rows)


def entry_view(knowledge: Knowledge, shown: Entry) -> RenderableType:
    """Return one nutrient in full, with its sources and what always has to be said of nutrients."""
    rules = [knowledge.rule[name] for name in shown.rules]
    parts: list[RenderableType] = [Text.assemble((shown.name, "bold"), f" ({shown.id})"), Text()]
    parts += [Text.assemble(("Careful: ", "bold yellow"), item.text) for item in shown.cautions]
    evidence = f"{shown.evidence.label}. {shown.evidence.note}"
    parts += [
        _labelled("What it does", shown.function),
        _labelled("In food", phrases.foods(shown.foods)),
        *_conditions(knowledge, "Comes up with", [rule for rule in rules if rule.verb == "suggest"]),
        *_conditions(knowledge, "More weight with", [rule for rule in rules if rule.verb == "support"]),
        _labelled("Evidence", phrases.capital(evidence)),
        _labelled("Ask your doctor", shown.ask_your_doctor),
        Text("Rules:", style="bold"),
        bulleted(shown.rules),
    ]
    disclaimers = [Disclaimer(item.id, item.text) for item in knowledge.disclaimers]
    stamp = f"Knowledge {knowledge.version}, {knowledge.digest[:19]}"
    return Group(*parts, *closing(disclaimers, cited(knowledge, _passages(knowledge, shown)), stamp))


def _conditions(knowledge: Knowledge, label: str, rules: Sequence[Rule]) -> list[RenderableType]:
    """Return when these rules fire. That the nutrient has come up, without which none adds weight, is not repeated."""
    alternatives = [alternative for rule in rules for alternative in rule.alternatives]
    said = [
        " and ".join(_premise(knowledge, fact) for fact in alternative if fact.kind != "suggested")
        for alternative in alternatives
    ]
    return [Text(f"{label}:", style="bold"), bulleted(said)] if said else []


def _premise(knowledge: Knowledge, fact: Fact) -> str:
    """Return a premise in words; what is derived, with what it is derived from."""
    said = phrases.fact(knowledge, fact)
    behind = [phrases.condition(knowledge, rule) for rule in knowledge.rules if rule.concludes == fact]
    return f"{said} ({'; or '.join(behind)})" if fact.kind == "derived" else said


def _passages(knowledge: Knowledge, shown: Entry) -> Iterable[str]:
    yield from (*shown.source, *shown.evidence.source)
    for name in shown.rules:
        yield from knowledge.rule[name].source
    for item in knowledge.cautions_about[shown.id]:
        yield from item.source
    yield from behind_disclaimers(knowledge)


def _behind(knowledge: Knowledge, concluded: set[Concluded]) -> list[Rule]:
    """Return the rules for some conclusions, and those that derive what they ask for, in firing order."""
    wanted, found = set(concluded), []
    for rule in reversed(knowledge.rules):  # premises stand before what follows from them
        if rule.concludes in wanted:
            found.append(rule)
            wanted.update(fact for fact in rule.premises if fact.kind == "derived")
    return found[::-1]


def _labelled(label: str, text: str) -> Text:
    return Text.assemble((f"{label}: ", "bold"), text)
