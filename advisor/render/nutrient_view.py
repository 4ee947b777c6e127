"""The nutrients of one case in words: a table of what points to which of them, and a card for each."""

from __future__ import annotations

from collections import Counter

import msgspec

from advisor.model.knowledge import Knowledge
from advisor.reasoning.advice import Advice, Item, Suggestion
from advisor.reasoning.evaluation import Evaluation
from advisor.render import phrases


class Row(msgspec.Struct, frozen=True):
    """A nutrient in the table."""

    place: str  # in the list; equals share one
    name: str
    marks: tuple[bool, ...]  # for each finding of the table, whether it points to this nutrient
    evidence: str  # in two or three words


class Overview(msgspec.Struct, frozen=True):
    """Which of the things reported point to which nutrient."""

    findings: tuple[str, ...]
    rows: tuple[Row, ...]


class CardCaution(msgspec.Struct, frozen=True):
    """A caution about the nutrient of a card."""

    id: str
    text: str
    first: bool  # whether it stands here for the first time


class NutrientCard(msgspec.Struct, frozen=True):
    """A nutrient to discuss."""

    id: str
    place: str
    name: str
    pointing: str  # how many things point to it
    cautions: tuple[CardCaution, ...]  # to be read before anything that speaks for it
    why: tuple[str, ...]
    evidence: str
    foods: str
    ask: str


def overview(evaluation: Evaluation) -> Overview:
    """Return the table of the nutrients that came up, in their order; findings are in vocabulary order."""
    advice, knowledge = evaluation.advice, evaluation.knowledge
    pointing = {name for nutrient in advice.nutrients for name in nutrient.matched}
    findings = [name for name in knowledge.finding if name in pointing]
    evidence = {status.id: status.label for status in knowledge.evidence_statuses}
    shared = shared_ranks(advice)
    return Overview(
        findings=tuple(phrases.capital(_said(name, advice, knowledge)) for name in findings),
        rows=tuple(
            Row(
                place=phrases.place(nutrient.rank, nutrient.rank in shared),
                name=nutrient.name,
                marks=tuple(name in nutrient.matched for name in findings),
                evidence=evidence[nutrient.evidence.status],
            )
            for nutrient in advice.nutrients
        ),
    )


def cards(evaluation: Evaluation, read: set[str]) -> tuple[NutrientCard, ...]:
    """Return a card for each nutrient that came up; the cautions in `read` stand somewhere before."""
    made = []
    read = set(read)
    for nutrient in evaluation.advice.nutrients:
        made.append(_card(nutrient, evaluation, read))
        read.update(nutrient.cautions)
    return tuple(made)


def on_cards_alone(advice: Advice, knowledge: Knowledge) -> set[str]:
    """Return the cautions that are read on the card of a nutrient and nowhere else."""
    carded = {name for nutrient in advice.nutrients for name in nutrient.cautions}
    return {item.id for item in knowledge.cautions if item.card_only and item.id in carded}


def order_note(advice: Advice) -> str:
    """Return what the order of the nutrients means, and what it does not."""
    if len(advice.nutrients) == 1:
        return "This does not say how likely it is to be the cause."
    said = ["Listed by how many of the things you reported point to each."]
    if shared_ranks(advice):
        said.append("An equals sign marks a shared place.")
    return " ".join([*said, "This does not say how likely any of them is to be the cause."])


def shared_ranks(advice: Advice) -> set[int]:
    """Return the ranks that several nutrients have."""
    ranks = Counter(nutrient.rank for nutrient in advice.nutrients)
    return {rank for rank, nutrients in ranks.items() if nutrients > 1}


def _said(finding: str, advice: Advice, knowledge: Knowledge) -> str:
    """Return a finding as it was reported; what is implied was not, and is a plain yes."""
    return phrases.answer(knowledge, finding, True if finding in advice.implied else advice.answers[finding])


def _card(nutrient: Suggestion, evaluation: Evaluation, read: set[str]) -> NutrientCard:
    advice, knowledge = evaluation.advice, evaluation.knowledge
    texts: dict[str, Item] = {item.id: item for item in advice.cautions}
    rules = (knowledge.rule[name] for name in nutrient.rules)
    return NutrientCard(
        id=nutrient.id,
        place=phrases.place(nutrient.rank, nutrient.rank in shared_ranks(advice)),
        name=nutrient.name,
        pointing=phrases.pointing(nutrient.support),
        cautions=tuple(CardCaution(name, texts[name].text, name not in read) for name in nutrient.cautions),
        why=tuple(dict.fromkeys(phrases.reason(rule.rationale, rule.basis) for rule in rules)),
        evidence=nutrient.evidence.note,
        foods=phrases.foods(nutrient.foods),
        ask=nutrient.ask_your_doctor,
    )
