"""Facts, conclusions and answers in plain words, for every rendering alike."""

from __future__ import annotations

from typing import Final

from advisor.model.facts import Concluded, Conclusion, Fact
from advisor.model.knowledge import Answer, Basis, Knowledge, Rule

_COMPARISONS: Final = {">=": "{label} {bound} or more", "<=": "{label} {bound} or less",
                       ">": "{label} over {bound}", "<": "{label} under {bound}"}  # fmt: skip
YES_NO: Final = {True: "yes", False: "no"}
BASES: Final = {"stated": "the source says so", "interpreted": "our reading of the source"}


def fact(knowledge: Knowledge, said: Fact) -> str:
    """Return a fact in words: `finding:age>=65` is `age 65 or more`."""
    if said.kind == "finding":
        label = lower_first(knowledge.finding[said.id].label)
        return _COMPARISONS[said.comparison].format(label=label, bound=said.bound) if said.is_test else label
    if said.kind == "derived":
        return next((item.label for item in knowledge.derived if item.id == said.id), str(said))
    name = knowledge.nutrient[said.id].name
    return f"{name} suggested" if said.kind == "suggested" else f"a confirmed lack of {name}"


def guidance(knowledge: Knowledge, conclusion: Conclusion) -> str:
    """Return the text that a rule brings up: advice, a caution, a reason to seek care."""
    if conclusion.kind == "care":
        return next(item.text for item in knowledge.care if item.id == conclusion.id)
    items = knowledge.advice if conclusion.kind == "advice" else knowledge.cautions
    return next(item.text for item in items if item.id == conclusion.id)


def concluded(knowledge: Knowledge, what: Concluded) -> str:
    """Return what a rule concludes in words: `supports:calcium` is `more weight for Calcium`."""
    if isinstance(what, Fact):
        name = knowledge.nutrient[what.id].name if what.kind == "suggested" else ""
        return f"{name} may be worth discussing" if name else fact(knowledge, what)
    if what.kind == "supports":
        return f"more weight for {knowledge.nutrient[what.id].name}"
    return f"{what.kind}: {guidance(knowledge, what)}"


def condition(knowledge: Knowledge, rule: Rule) -> str:
    """Return when a rule fires, in words: `a and b; or c`."""
    return "; or ".join(
        " and ".join(fact(knowledge, premise) for premise in alternative) for alternative in rule.alternatives
    )


def answer(knowledge: Knowledge, finding: str, given: Answer, nutrient: str | None = None) -> str:
    """Return what was answered in words: `age 70`, or the finding's label; of a list only `nutrient`, if given."""
    label = lower_first(knowledge.finding[finding].label)
    if isinstance(given, tuple):
        names = [knowledge.nutrient[name].name for name in given if nutrient in (None, name)]
        return f"{label}: {', '.join(names)}" if names else label
    return label if isinstance(given, bool) else f"{label} {given}"


def reason(text: str, basis: Basis) -> str:
    """Return a rule's sentence, marked where it is our reading of the source."""
    return text if basis == "stated" else f"{text} (our reading)"


def passage(knowledge: Knowledge, name: str) -> str:
    """Return where a passage stands: the title of its source and the place in it."""
    source, item = knowledge.passage[name]
    return f"{source.title}: {lower_first(item.place)}"


def lower_first(label: str) -> str:
    """Return a label as it reads inside a sentence; abbreviations stay as they are."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def capital(text: str) -> str:
    """Return a text as it begins a sentence."""
    return f"{text[:1].upper()}{text[1:]}"
