"""What a person is shown of the advice, in words and in order, before it has a form: terminal, page or Markdown.

Every rendering takes its sentences from here and keeps the order of the fields of `AdviceView`: care, what was
reported, what to be careful about, nutrients, what may help, disclaimers, sources. What would be empty is left out
where care is pressing: nothing is to stand between a person and the help they need.
"""

from __future__ import annotations

from typing import ClassVar, Final

import msgspec

from advisor.model.knowledge import Knowledge
from advisor.reasoning.advice import Advice, Disclaimer, Item
from advisor.reasoning.evaluation import Evaluation
from advisor.render import nutrient_view, phrases
from advisor.render.care_view import CareNotice, Labels, care_notice
from advisor.render.citations import Citation, behind_advice, cited
from advisor.render.nutrient_view import NutrientCard, Overview

# What the article calls the most effective steps, and so what leads; the rest follows in its own order
_LEADING: Final = ("balanced_diet", "hydrate", "stretch")
NOTHING: Final = "Nothing was answered."
NO_NUTRIENT: Final = (
    "What was reported points to none of the nutrients in these rules. That does not mean that nothing is wrong."
)


class AdviceView(msgspec.Struct, frozen=True):
    """Everything to be shown of one case, in the order in which it stands."""

    reported_heading: ClassVar = "What was reported"
    cautions_heading: ClassVar = "Be careful"
    overview_heading: ClassVar = "What points to which nutrient"
    disclaimers_heading: ClassVar = "Please remember"
    sources_heading: ClassVar = "Where this comes from"

    case: str
    care: CareNotice
    reported: tuple[Labels, ...]  # what was answered yes, what follows from it, what was answered no
    cautions: tuple[Item, ...]  # without those that stand on a card alone
    nutrients_heading: str  # empty where nothing is to be said of nutrients
    nutrients_note: str
    legend: str  # of the mark for our reading, where it stands among the nutrients
    overview: Overview
    nutrients: tuple[NutrientCard, ...]
    advice_heading: str
    advice: tuple[Item, ...]
    disclaimers: tuple[Disclaimer, ...]
    sources: tuple[Citation, ...]
    stamp: str


def advice_view(evaluation: Evaluation) -> AdviceView:
    """Put the advice on one case into words."""
    advice, knowledge = evaluation.advice, evaluation.knowledge
    care = care_notice(evaluation)
    on_cards = nutrient_view.on_cards_alone(advice, knowledge)
    cautions = tuple(item for item in advice.cautions if item.id not in on_cards)
    return AdviceView(
        case=advice.case,
        care=care,
        reported=_reported(advice, knowledge),
        cautions=cautions,
        nutrients_heading=_nutrients_heading(advice, care.pressing),
        nutrients_note=nutrient_view.order_note(advice) if advice.nutrients else NO_NUTRIENT,
        legend=_legend(advice, knowledge),
        overview=nutrient_view.overview(evaluation),
        nutrients=nutrient_view.cards(evaluation, {item.id for item in cautions}),
        advice_heading=f"Everyday things that may help{' later, once you have been seen' if care.pressing else ''}",
        advice=_leading_first(advice.advice),
        disclaimers=advice.disclaimers,
        sources=cited(knowledge, behind_advice(evaluation)),
        stamp=f"Knowledge {advice.knowledge.version}, {advice.knowledge.digest[:19]}",
    )


def _nutrients_heading(advice: Advice, pressing: bool) -> str:
    heading = "Possible nutrients to discuss with a doctor"
    if not pressing:
        return heading
    return f"{heading}: this can wait until you have been seen" if advice.nutrients else ""


def _legend(advice: Advice, knowledge: Knowledge) -> str:
    rules = (knowledge.rule[name] for nutrient in advice.nutrients for name in nutrient.rules)
    return phrases.OUR_READING if any(rule.basis == "interpreted" for rule in rules) else ""


def _leading_first(items: tuple[Item, ...]) -> tuple[Item, ...]:
    places = {name: place for place, name in enumerate(_LEADING)}
    return tuple(sorted(items, key=lambda item: places.get(item.id, len(places))))


def _reported(advice: Advice, knowledge: Knowledge) -> tuple[Labels, ...]:
    yes: list[str] = []
    no: list[str] = []
    for name, given in advice.answers.items():
        # a list of no nutrients says no as well; an age of 0 does not
        denied = type(given) is not int and given in (False, ())
        if not denied:
            yes.append(phrases.answer(knowledge, name, given))
        elif name not in advice.implied:  # what holds all the same is not listed under no
            no.append(phrases.answer(knowledge, name, given))
    said = (("Reported", yes), ("Follows from your answers", _implied(advice, knowledge)), ("Answered no", no))
    return tuple(Labels(heading, "; ".join(labels)) for heading, labels in said if labels)


def _implied(advice: Advice, knowledge: Knowledge) -> list[str]:
    said = []
    for name in advice.implied:
        label = phrases.lower_first(knowledge.finding[name].label)
        said.append(f"{label} (the answer was no)" if advice.answers.get(name) is False else label)
    return said
