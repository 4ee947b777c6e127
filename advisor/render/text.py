"""Advice as text for a terminal, to be read at any width, by someone who may be worried.

Care comes first, then the nutrients with their reasons, then advice, cautions and the disclaimers. Returns something
rich can print; printing, width and colour are the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from advisor.advice import Advice, Suggestion
from advisor.knowledge import Knowledge
from advisor.render import words

_CARE_STYLE = {"emergency": "bold red", "urgent": "bold red", "routine": "bold yellow", "none": "bold"}


def view(advice: Advice, knowledge: Knowledge, trace: bool = False) -> RenderableType:
    """Return the advice as a renderable; with `trace`, the steps that led to it come before the disclaimers."""
    parts: list[RenderableType] = [*_care(advice, knowledge), *_reported(advice, knowledge)]
    parts += _nutrients(advice, knowledge)
    parts += _section("What may help meanwhile", [item.text for item in advice.advice])
    parts += _section("Be careful", [item.text for item in advice.cautions])
    if trace:
        parts += _trace(advice, knowledge)
    parts += _section("Please remember", [item.text for item in advice.disclaimers])
    stamp = f"Knowledge {advice.knowledge.version}, {advice.knowledge.digest[:19]}"
    return Group(*parts, Text(), Text(stamp, style="dim"))


def _care(advice: Advice, knowledge: Knowledge) -> Iterator[RenderableType]:
    level = advice.care.level
    heading = knowledge.heading[level]
    yield Text(heading.upper() if _pressing(advice) else heading, style=_CARE_STYLE[level])
    yield from _bullets(item.text for item in advice.care.items)


def _pressing(advice: Advice) -> bool:
    return advice.care.level in ("emergency", "urgent")


def _reported(advice: Advice, knowledge: Knowledge) -> Iterator[RenderableType]:
    said = [words.answer(knowledge, name, given) for name, given in advice.answers.items() if given is not False]
    denied = [words.answer(knowledge, name, given) for name, given in advice.answers.items() if given is False]
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
    statuses = {status.id: status.label for status in knowledge.evidence_statuses}
    reasons = {step.rule: step.text for step in advice.trace}
    for nutrient in advice.nutrients:
        yield Text()
        yield Text(f"{nutrient.rank}. {nutrient.name}", style="bold")
        why = dict.fromkeys(reasons[rule] for rule in nutrient.rules)
        matched = ", ".join(words.answer(knowledge, name, advice.answers[name]) for name in nutrient.matched)
        yield _indented(_fields(nutrient, matched, statuses[nutrient.evidence.status], why))


def _fields(nutrient: Suggestion, matched: str, status: str, why: Iterable[str]) -> RenderableType:
    foods = ", ".join(nutrient.foods) or "the article names none"
    lines: list[RenderableType] = [_labelled("You reported", f"{matched}.")]
    lines += [Text("Why", style="bold"), *_bullets(why)]
    lines += [
        _labelled("Evidence", f"{status}. {nutrient.evidence.note}"),
        _labelled("In the body", nutrient.function),
        _labelled("In food", f"{foods}."),
        _labelled("Ask your doctor", nutrient.ask_your_doctor),
    ]
    return Group(*lines)


def _trace(advice: Advice, knowledge: Knowledge) -> Iterator[RenderableType]:
    yield from _heading("How this was concluded, step by step")
    for step in advice.trace:
        premises = " and ".join(words.fact(knowledge, fact) for fact in step.because)
        yield Text()
        yield Text.assemble((f"{step.step}. ", "bold"), (step.rule, "bold"))
        yield _indented(
            Group(
                Text(f"Because of {premises}: {words.conclusion(knowledge, step.concludes)}."),
                Text(f"{step.text} ({words.BASES[step.basis]})"),
                *(Text(f"[{name}] {words.passage(knowledge, name)}", style="dim") for name in step.source),
            )
        )


def _section(heading: str, texts: list[str]) -> Iterator[RenderableType]:
    if texts:
        yield from _heading(heading)
        yield from _bullets(texts)


def _heading(text: str) -> Iterator[RenderableType]:
    yield Text()
    yield Text(text, style="bold underline")


def _labelled(label: str, text: str) -> Text:
    return Text.assemble((f"{label}: ", "bold"), text)


def _bullets(texts: Iterable[str]) -> Iterator[RenderableType]:
    for text in texts:
        grid = Table.grid(padding=(0, 1))
        grid.add_row(" -", Text(text))
        yield grid


def _indented(renderable: RenderableType) -> Padding:
    return Padding(renderable, (0, 0, 0, 3))
