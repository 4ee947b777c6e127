"""What a person is shown of the advice, in words and in order, before it has a form: terminal, page or Markdown.

Every rendering takes its sentences from here, so that they all say the same: the care notice leads, and where care is
pressing the nutrients say that they can wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from advisor.model.facts import suggested
from advisor.model.knowledge import Knowledge, Level
from advisor.reasoning.advice import Advice, Suggestion
from advisor.reasoning.evaluation import Evaluation
from advisor.render import phrases

PRESSING: Final = ("emergency", "urgent")


class CareNotice(msgspec.Struct, frozen=True):
    """Whether to seek care."""

    level: Level
    pressing: bool
    heading: str
    text: str | None
    reasons: tuple[str, ...]
    others: tuple[str, ...]  # of a lesser level, which under this heading would contradict it


class NutrientCard(msgspec.Struct, frozen=True):
    """A nutrient to discuss."""

    rank: int
    name: str
    answers: str  # how many speak for it
    careful: tuple[str, ...]  # to be read before anything that speaks for it
    reported: str
    why: tuple[str, ...]
    evidence: str
    function: str
    foods: str
    ask: str


class AdviceView(msgspec.Struct, frozen=True):
    """Everything to be shown of one case."""

    case: str
    care: CareNotice
    reported: str
    denied: str  # empty where nothing was
    nutrients_heading: str
    nutrients_note: str
    nutrients: tuple[NutrientCard, ...]
    advice_heading: str
    advice: tuple[str, ...]
    cautions: tuple[str, ...]
    disclaimers: tuple[str, ...]
    stamp: str


def advice_view(evaluation: Evaluation) -> AdviceView:
    """Put the advice on one case into words."""
    advice, knowledge = evaluation.advice, evaluation.knowledge
    pressing = advice.care.level in PRESSING
    heading = "Possible nutrients to discuss with a doctor"
    note = "In the order of how many of your answers speak for each. That is a count, not a likelihood."
    if not advice.nutrients:
        note = (
            "What was reported points to none of the nutrients in these rules. That does not mean that nothing is "
            "wrong: if something bothers you, talk to a doctor."
        )
    said, denied = _answers(advice, knowledge)
    return AdviceView(
        case=advice.case,
        care=_care(advice, knowledge),
        reported=_sentence(said),
        denied=f"Answered no: {'; '.join(denied)}." if denied else "",
        nutrients_heading=f"{heading}: this can wait until you have been seen" if pressing else heading,
        nutrients_note=note,
        nutrients=tuple(_card(nutrient, evaluation) for nutrient in advice.nutrients),
        advice_heading="What may help later, once you have been seen" if pressing else "What may help meanwhile",
        advice=tuple(item.text for item in advice.advice),
        cautions=tuple(item.text for item in advice.cautions),
        disclaimers=tuple(item.text for item in advice.disclaimers),
        stamp=f"Knowledge {advice.knowledge.version}, {advice.knowledge.digest[:19]}",
    )


def _care(advice: Advice, knowledge: Knowledge) -> CareNotice:
    level = knowledge.care_level[advice.care.level]
    pressing = level.id in PRESSING
    return CareNotice(
        level=level.id,
        pressing=pressing,
        heading=level.heading,
        text=level.text,
        reasons=tuple(item.text for item in advice.care.items if item.level == level.id),
        others=tuple(item.text for item in advice.care.items if item.level != level.id),
    )


def _answers(advice: Advice, knowledge: Knowledge) -> tuple[list[str], list[str]]:
    said: list[str] = []
    denied: list[str] = []
    for name, given in advice.answers.items():
        # a list of no nutrients says no as well; an age of 0 does not
        no = type(given) is not int and given in (False, ())
        (denied if no else said).append(phrases.answer(knowledge, name, given))
    return said, denied


def _sentence(parts: list[str]) -> str:
    if not parts:
        return "Nothing was answered yes."
    joined = "; ".join(parts)
    return f"{joined[0].upper()}{joined[1:]}."


def _card(nutrient: Suggestion, evaluation: Evaluation) -> NutrientCard:
    advice, knowledge = evaluation.advice, evaluation.knowledge
    statuses = {status.id: status.label for status in knowledge.evidence_statuses}
    matched = (phrases.answer(knowledge, name, advice.answers[name], nutrient.id) for name in nutrient.matched)
    rules = (knowledge.rule[name] for name in nutrient.rules)
    return NutrientCard(
        rank=nutrient.rank,
        name=nutrient.name,
        answers="1 answer" if nutrient.support == 1 else f"{nutrient.support} answers",
        careful=tuple(_cautions_about(nutrient, evaluation)),
        reported=f"{'; '.join(matched)}.",
        why=tuple(dict.fromkeys(phrases.reason(rule.rationale, rule.basis) for rule in rules)),
        evidence=f"{statuses[nutrient.evidence.status]}. {nutrient.evidence.note}",
        function=nutrient.function,
        foods=f"{', '.join(nutrient.foods) or 'the article names none'}.",
        ask=nutrient.ask_your_doctor,
    )


def _cautions_about(nutrient: Suggestion, evaluation: Evaluation) -> Iterator[str]:
    """Yield the cautions that came up because this nutrient did."""
    fact = suggested(nutrient.id)
    about = {firing.rule.id for firing in evaluation.firings if fact in firing.premises}
    for caution in evaluation.advice.cautions:
        if about.intersection(caution.rules):
            yield caution.text
