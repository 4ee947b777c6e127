"""Advice as text for a terminal, to be read at any width, by someone who may be worried.

Care comes first, then the nutrients with their reasons, then advice, cautions and the disclaimers. Returns something
rich can print; printing, width and colour are the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from advisor.advice import Advice, Suggestion
from advisor.knowledge import Knowledge
from advisor.render import words
from advisor.render.layout import bulleted

_CARE_STYLE = {"emergency": "bold red", "urgent": "bold red", "routine": "bold yellow", "none": "bold"}


def view(advice: Advice, knowledge: Knowledge, trace: bool = False) -> RenderableType:
    """Return the advice as a renderable; with `trace`, the steps that led to it come before the disclaimers."""
    parts: list[RenderableType] = [*_care(advice, knowledge), *_reported(advice, knowledge)]
    parts += _nutrients(advice, knowledge)
    helping = "What may help later, once you have been seen" if _pressing(advice) else "What may help meanwhile"
    parts += _section(helping, [item.text for item in advice.advice])
    parts += _section("Be careful", [item.text for item in advice.cautions])
    if trace:
        parts += _trace(advice, knowledge)
    parts += _section("Please remember", [item.text for item in advice.disclaimers])
    stamp = f"Knowledge {advice.knowledge.version}, {advice.knowledge.digest[:19]}"
    return Group(*parts, Text(), Text(stamp, style="dim"))


def _care(advice: Advice, knowledge: Knowledge) -> Iterator[RenderableType]:
    level = knowledge.care_level[advice.care.level]
    yield Text(level.heading.upper() if _pressing(advice) else level.heading, style=_CARE_STYLE[level.id])
    if level.text:
        yield _indented(Text(level.text))
    yield bulleted(item.text for item in advice.care.items if item.level == level.id)
    # A lesser reason under the heading of an emergency would contradict it
    yield from _section("Mention this as well", [item.text for item in advice.care.items if item.level != level.id])


def _pressing(advice: Advice) -> bool:
    return advice.care.level in ("emergency", "urgent")


def _reported(advice: Advice, knowledge: Knowledge) -> Iterator[RenderableType]:
    denying = (False, ())  # a list of no nutrients says no as well; an age of 0 does not
    answers = [
        (words.answer(knowledge, name, given), type(given) is not int and given in denying)
        for name, given in advice.answers.items()
    ]
    said = [answer for answer, denied in answers if not denied]
    denied = [answer for answer, denied in answers if denied]
    yield from _heading(f"What was reported ({advice.case})")
    yield _indented(Text(_sentence(said)))
    if denied:
        yield _indented(Text(f"Answered no: {'; '.join(denied)}."))


def _sentence(parts: list[str]) -> str:
    if not parts:
        return "Nothing was answered yes."
    joined = "; ".join(parts)
    return f"{joined[0].upper()}{joined[1:]}."


def _nutrients(advice: Advice, knowledge: Knowledge) -> Iterator[RenderableType]:
    subject = "Possible nutrients to discuss with a doctor"
    yield from _heading(f"{subject}: this can wait until you have been seen" if _pressing(advice) else subject)
    if not advice.nutrients:
        yield _indented(
            Text(
                "What was reported points to none of the nutrients in these rules. That does not mean that nothing is "
                "wrong: if something bothers you, talk to a doctor."
            )
        )
        return
    yield _indented(Text("In the order of how many of your answers speak for each. That is a count, not a likelihood."))
    statuses = {status.id: status.label for status in knowledge.evidence_statuses}
    reasons = {step.rule: words.reason(step.text, step.basis) for step in advice.trace}
    for nutrient in advice.nutrients:
        yield Text()
        answers = "1 answer" if nutrient.support == 1 else f"{nutrient.support} answers"
        yield Text.assemble((f"{nutrient.rank}. {nutrient.name}", "bold"), f" ({answers})")
        cautions = _cautions_about(nutrient, advice)
        matched = "; ".join(
            words.answer(knowledge, name, advice.answers[name], nutrient.id) for name in nutrient.matched
        )
        why = dict.fromkeys(reasons[rule] for rule in nutrient.rules)
        status = statuses[nutrient.evidence.status]
        yield _indented(Group(*cautions, *_fields(nutrient, matched, status, why)))


def _cautions_about(nutrient: Suggestion, advice: Advice) -> Iterator[Text]:
    """Yield the cautions that came up because this nutrient did, to be read before anything that speaks for it."""
    about = {step.rule for step in advice.trace if f"suggested:{nutrient.id}" in step.because}
    for caution in advice.cautions:
        if about.intersection(caution.rules):
            yield Text.assemble(("Careful: ", "bold yellow"), caution.text)


def _fields(nutrient: Suggestion, matched: str, status: str, why: Iterable[str]) -> Iterator[RenderableType]:
    foods = ", ".join(nutrient.foods) or "the article names none"
    yield _labelled("You reported", f"{matched}.")
    yield Text("Why", style="bold")
    yield bulleted(why)
    yield _labelled("Evidence", f"{status}. {nutrient.evidence.note}")
    yield _labelled("In the body", nutrient.function)
    yield _labelled("In food", f"{foods}.")
    yield _labelled("Ask your doctor", nutrient.ask_your_doctor)


def _trace(advice: Advice, knowledge: Knowledge) -> Iterator[RenderableType]:
    yield from _heading("How this was concluded, step by step")
    for step in advice.trace:
        premises = "; ".join(words.fact(knowledge, fact) for fact in step.because)
        yield Text()
        yield Text.assemble((f"{step.step}. ", "bold"), (step.rule, "bold"))
        yield _indented(
            Group(
                _labelled("From", premises),
                _labelled("Follows", words.conclusion(knowledge, step.concludes)),
                Text(words.reason(step.text, step.basis)),
                *(Text(f"[{name}] {words.passage(knowledge, name)}", style="dim") for name in step.source),
            )
        )


def _section(heading: str, texts: list[str]) -> Iterator[RenderableType]:
    if texts:
        yield from _heading(heading)
        yield bulleted(texts)


def _heading(text: str) -> Iterator[RenderableType]:
    yield Text()
    yield Text(text, style="bold underline")


def _labelled(label: str, text: str) -> Text:
    return Text.assemble((f"{label}: ", "bold"), text)


def _indented(renderable: RenderableType) -> Padding:
    return Padding(renderable, (0, 0, 0, 3))
