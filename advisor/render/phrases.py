"""Facts, conclusions and answers in plain words, for every rendering alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from advisor.model.facts import Concluded, Conclusion, Fact
from advisor.model.knowledge import Answer, Basis, Knowledge, Rule

_COMPARISONS: Final = {">=": "{label} {bound} or more", "<=": "{label} {bound} or less",
                       ">": "{label} over {bound}", "<": "{label} under {bound}"}  # fmt: skip
YES_NO: Final = {True: "yes", False: "no"}
BASES: Final = {"stated": "the source says so", "interpreted": "our reading of the source"}
OUR_READING: Final = "“Our reading” marks what no source says in so many words: it is how we read them."


def fact(knowledge: Knowledge, said: Fact) -> str:
    """Return a fact in words: `finding:age>=65` is `age 65 or more`."""
    if said.kind == "finding":
        label = lower_first(knowledge.finding[said.id].label)
        return _COMPARISONS[said.comparison].format(label=label, bound=said.bound) if said.is_test else label
    if said.kind == "derived":
        return next((item.label for item in knowledge.derived if item.id == said.id), str(said))
    name = nutrient(knowledge, said.id)
    return f"{name} may be worth discussing" if said.kind == "suggested" else f"confirmed low {name}"


def guidance(knowledge: Knowledge, conclusion: Conclusion) -> str:
    """Return what a rule brings up: the text of advice or a caution, or the label of a reason to seek care.

    What such a reason tells a person to do is for the notice alone, where nothing contradicts it.
    """
    if conclusion.kind == "care":
        return next(item.label for item in knowledge.care if item.id == conclusion.id)
    items = knowledge.advice if conclusion.kind == "advice" else knowledge.cautions
    return next(item.text for item in items if item.id == conclusion.id)


def concluded(knowledge: Knowledge, what: Concluded) -> str:
    """Return what a rule concludes in words: `supports:calcium` is `more weight for calcium`."""
    if isinstance(what, Fact):
        return fact(knowledge, what)
    if what.kind == "supports":
        return f"more weight for {nutrient(knowledge, what.id)}"
    return f"{what.kind}: {guidance(knowledge, what)}"


def condition(knowledge: Knowledge, rule: Rule) -> str:
    """Return when a rule fires, in words: `a and b; or c`."""
    return "; or ".join(
        " and ".join(fact(knowledge, premise) for premise in alternative) for alternative in rule.alternatives
    )


def answer(knowledge: Knowledge, finding: str, given: Answer, only: str | None = None) -> str:
    """Return what was answered in words: `age 70`, `confirmed low calcium`, or the finding's label.

    Of a list of nutrients only the one in `only` is named, if given.
    """
    label = lower_first(knowledge.finding[finding].label)
    if isinstance(given, tuple):
        names = [nutrient(knowledge, name) for name in given if only in (None, name)]
        return f"confirmed low {joined(names)}" if names else label
    return label if isinstance(given, bool) else f"{label} {given}"


def reason(text: str, basis: Basis) -> str:
    """Return a rule's sentence, marked where it is our reading of the source."""
    return text if basis == "stated" else f"{text} (our reading)"


def passage(knowledge: Knowledge, name: str) -> str:
    """Return where a passage stands: the title of its source and the place in it."""
    source, item = knowledge.passage[name]
    return f"{source.title}: {lower_first(item.place)}"


def nutrient(knowledge: Knowledge, name: str) -> str:
    """Return a nutrient's name as it reads inside a sentence: `magnesium`, `vitamin D`."""
    return lower_first(knowledge.nutrient[name].name)


def place(rank: int, shared: bool) -> str:
    """Return a place in a list where equals share one: `1`, or `2 =`."""
    return f"{rank} =" if shared else str(rank)


def pointing(support: int) -> str:
    """Return how much speaks for a nutrient."""
    return "1 thing points to it" if support == 1 else f"{support} things point to it"


def foods(named: Sequence[str]) -> str:
    """Return the foods in which a nutrient is."""
    return ", ".join(named) or "the article used here names none"


def joined(parts: Sequence[str]) -> str:
    """Return parts as a person lists them: `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def labels(knowledge: Knowledge, findings: Iterable[str]) -> list[str]:
    """Return the labels of findings as they read in a list inside a line."""
    return [lower_first(knowledge.finding[name].label) for name in findings]


def lower_first(label: str) -> str:
    """Return a label as it reads inside a sentence; what is written with other capitals or a number stays as it is."""
    first = label.split(" ", 1)[0]
    kept = first[1:] != first[1:].lower() or any(character.isdigit() for character in first)
    return label if kept else label[:1].lower() + label[1:]


def capital(text: str) -> str:
    """Return a text as it begins a sentence."""
    return f"{text[:1].upper()}{text[1:]}"
