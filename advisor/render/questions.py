"""Questions, explanations of them and the review of answers, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from advisor.model.knowledge import Answer, Knowledge, Rule
from advisor.reasoning.advice import CareReason
from advisor.reasoning.interview import Question
from advisor.render import phrases
from advisor.render.layout import bulleted, numbered

OPENING = (
    "A few questions about cramps, other signs, food and habits. Then you read which nutrients you might discuss with "
    "a doctor, and why. This is no diagnosis and no medical advice. Your answers stay on this computer. If you feel "
    "very unwell, do not go on here: get medical help, or call your local emergency number."
)
KEYS = "At any question: Enter for don't know, ? explains, w tells why it is asked, b goes back, q stops."


def opening() -> RenderableType:
    """Return what a person reads before the first question."""
    return Group(Text(OPENING), Text(), Text(KEYS, style="dim"))


def question_view(question: Question, left: int | None = None) -> RenderableType:
    """Return a question, with its options where it is a checklist. `left` is about how many come after it."""
    more = "" if left is None else f"  (about {left} more)" if left else "  (the last one)"
    parts: list[RenderableType] = [Text(), Text.assemble((question.text, "bold"), (more, "dim"))]
    if question.options:
        parts.append(numbered(option.label for option in question.options))
    return Group(*parts)


def prompt(question: Question) -> str:
    """Return what is to be typed."""
    if question.kind == "yes_no":
        return "y or n: "
    if question.kind == "number":
        return f"a number from {question.minimum} to {question.maximum}: "
    return "numbers, such as 1 3 (0: none): "


def help_view(question: Question) -> RenderableType:
    """Return what the words of a question mean."""
    parts: list[RenderableType] = [Text(question.help)] if question.help else []
    if question.options:
        parts.append(numbered(f"{option.label}: {option.help}" for option in question.options))
    return Group(*parts, Text(KEYS, style="dim"))


def why_view(rules: Sequence[Rule]) -> RenderableType:
    """Return the rules that an answer bears on: what they say, and their ids."""
    return Group(Text("Your answer matters to these rules:"), bulleted(f"{r.rationale} [{r.id}]" for r in rules))


def notice_view(heading: str, reasons: Iterable[CareReason]) -> RenderableType:
    """Return a care notice, shown as soon as an answer calls for it."""
    return Group(Text(), Text(heading.upper(), style="bold red"), bulleted(reason.text for reason in reasons))


def review_view(knowledge: Knowledge, given: Mapping[str, Answer | None]) -> RenderableType:
    """Return all answers, numbered, so that any can be changed."""
    lines = (f"{knowledge.finding[name].label}: {_said(knowledge, answer)}" for name, answer in given.items())
    then = Text("Enter shows the result. A number changes that answer.")
    return Group(Text(), Text("Your answers", style="bold"), numbered(lines), then)


def _said(knowledge: Knowledge, answer: Answer | None) -> str:
    if answer is None:
        return "don't know"
    if isinstance(answer, tuple):
        return ", ".join(knowledge.nutrient[name].name for name in answer) or "none"
    return phrases.YES_NO[answer] if isinstance(answer, bool) else str(answer)
