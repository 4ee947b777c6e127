"""What is said around the questions: the opening, help, why something is asked, care notices, the review of answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from advisor.model.answers import Answers
from advisor.model.knowledge import LEVELS, Answer, Knowledge, Rule
from advisor.reasoning.advice import CareReason
from advisor.reasoning.interview import Question
from advisor.render import phrases
from advisor.render.layout import bulleted, numbered

OPENING: Final = (
    "A few questions about how you feel, what you eat and how you live. Then you read which nutrients you might talk "
    "about with a doctor, and why. This is not medical advice and not a diagnosis. Your answers stay on this computer.",
    "If you feel very unwell, stop here: get medical help, or call your local emergency number.",
)
HELP_FIRST: Final = "Please get help first. Continue anyway?"

_REST_IS_NO: Final = "What you do not choose counts as no."
_REST_IS_OPEN: Final = "If you choose one or more, the others count as not answered. If none applies, say so."
_TELL_THEM: Final = "Tell them about this too:"
_WHY: Final = "Why we ask. Depending on your answers, these reasons may count:"
_WHY_PRESSING: Final = "Why we ask: this can be a sign that needs help at once."
_NO_REASON: Final = "With your other answers, this one changes nothing."
_UNGROUPED: Final = 3  # so many sentences need no headings
_GROUPS: Final = {"care": "Getting help", "caution": "Being careful", "advice": "Everyday steps"}


def opening(keys: str) -> RenderableType:
    """Return what a person reads before the first question; `keys` says how to answer."""
    first, *rest = OPENING
    return Group(Text(first), *(Text(f"\n{text}") for text in rest), Text(f"\n{keys}", style="dim"))


def left(number: int) -> str:
    """Return in words about how many questions come after one."""
    return f"(about {number} more)" if number else "(the last one)"


def note(question: Question) -> str:
    """Return what leaving an option out means, where there are options of which several can apply."""
    if question.kind != "checklist":
        return ""
    return _REST_IS_OPEN if question.pressing else _REST_IS_NO


def help_view(question: Question, option: int | None = None) -> RenderableType:
    """Return what the words of a question mean; of a checklist those of one option, or of all."""
    shown = question.options if option is None else question.options[option : option + 1]
    parts: list[RenderableType] = [Text(question.help)] if question.help else []
    if shown:
        meanings = (f"{choice.label}: {choice.help}" for choice in shown)
        parts.append(numbered(meanings) if option is None else bulleted(meanings))
    return Group(*parts)


def why_view(knowledge: Knowledge, question: Question, rules: Sequence[Rule]) -> RenderableType:
    """Return why something is asked: what the rules say that the answer bears on, by what they are about."""
    if not rules:
        warning = not set(knowledge.pressing_signs).isdisjoint(question.findings)
        return Text(_WHY_PRESSING if warning else _NO_REASON)
    grouped = _by_subject(knowledge, rules)
    sentences = list(dict.fromkeys(sentence for about in grouped.values() for sentence in about))
    if len(sentences) > _UNGROUPED and len(grouped) > 1:
        sentences = [f"{subject}: {' '.join(dict.fromkeys(about))}" for subject, about in grouped.items()]
    return Group(Text(_WHY), bulleted(sentences))


def _by_subject(knowledge: Knowledge, rules: Sequence[Rule]) -> dict[str, list[str]]:
    """Return what the rules say, by what they are about.

    A step in between is left out: what it leads to is among the rules, and says as much.
    """
    subjects = ["care", *knowledge.nutrient, "caution", "advice"]
    said: dict[str, list[str]] = {subject: [] for subject in subjects}
    for rule in rules:
        if rule.verb != "derive":
            concludes = rule.concludes
            subject = concludes.id if concludes.kind in ("suggested", "supports") else concludes.kind
            said[subject].append(rule.rationale)
    named = {**_GROUPS, **{nutrient.id: nutrient.name for nutrient in knowledge.nutrients}}
    return {named[subject]: sentences for subject, sentences in said.items() if sentences}


def notice_view(knowledge: Knowledge, new: Sequence[CareReason], pressing: Iterable[CareReason]) -> RenderableType:
    """Return a care notice, shown as soon as an answer calls for it.

    It speaks of what is `new`, in the words of the most pressing level of all that is `pressing`: under that, a lesser
    matter is only named.
    """
    level = knowledge.care_level[min((item.level for item in pressing), key=LEVELS.index)]
    labels = {item.id: item.label for item in knowledge.care}
    now = [item.text for item in new if item.level == level.id]
    lesser = [labels[item.id] for item in new if item.level != level.id]
    parts: list[RenderableType] = [Text(), Text(level.heading.upper(), style="bold red")]
    parts += [Text(level.text)] if level.text else []
    parts += [bulleted(now)] if now else []
    parts += [Text(_TELL_THEM), bulleted(lesser)] if lesser else []
    return Group(*parts)


class ReviewLine(msgspec.Struct, frozen=True):
    """One line of the review."""

    text: str
    finding: str  # what is asked when the line is chosen


class Review(msgspec.Struct, frozen=True):
    """The answers as they are read once more before the result: what matters, and what was answered no."""

    lines: tuple[ReviewLine, ...]
    denied: tuple[ReviewLine, ...]

    @property
    def rest(self) -> str:
        """The one line that stands for all that was answered no."""
        number = len(self.denied)
        said = "Everything else: no" if self.lines else "Everything: no"
        return f"{said} ({number} answer{'' if number == 1 else 's'}; choose this line to see {_them(number)})"


def _them(number: int) -> str:
    return "it" if number == 1 else "them"


def review(knowledge: Knowledge, given: Mapping[str, Answer | None]) -> Review:
    """Put all answers into lines, in vocabulary order.

    What holds because another answer implies it is listed with that answer, which is the one to change.
    """
    known = {name: answer for name, answer in given.items() if answer is not None}
    implied = Answers("", known).implied(knowledge)
    lines: list[ReviewLine] = []
    denied: list[ReviewLine] = []
    for name, finding in knowledge.finding.items():
        if name in implied:
            behind = [other for other in knowledge.implied_by[name] if known.get(other) is True]
            labels = "; ".join(phrases.lower_first(knowledge.finding[other].label) for other in behind)
            lines.append(ReviewLine(f"{finding.label}: yes, because of: {labels}", behind[0]))
        elif name in given:
            answer = given[name]
            no = answer is False or answer == ()
            (denied if no else lines).append(ReviewLine(f"{finding.label}: {_said(knowledge, answer)}", name))
    return Review(tuple(lines), tuple(denied))


def _said(knowledge: Knowledge, answer: Answer | None) -> str:
    if answer is None:
        return "don't know"
    if isinstance(answer, tuple):
        return ", ".join(phrases.lower_first(knowledge.nutrient[name].name) for name in answer) or "none"
    return phrases.YES_NO[answer] if isinstance(answer, bool) else str(answer)
